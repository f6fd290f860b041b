package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	signature = "X-Twilio-Signature"
	formType  = "application/x-www-form-urlencoded"
	bodyHash  = "bodySHA256"
	maxBody   = 1 << 20
)

// account is what the three providers share: who they are and how they sign.
type account struct{ channel message.Channel }

func (a account) Name() channel.Name { return channel.Name{Channel: a.channel, Provider: "twilio"} }
func (account) Limit() int64         { return maxBody }
func (account) Needs() []string      { return []string{"auth_token", "url"} }

func (account) Verify(r channel.Request, s channel.Secret) error {
	given, err := channel.Once(r.Header, signature)
	if err != nil {
		return err
	}
	mac, err := base64.StdEncoding.Strict().DecodeString(given)
	if err != nil || len(mac) != sha1.Size {
		return fault.New(fault.Unauthenticated, "signature is not the base64 of 20 bytes")
	}
	if s.Text("auth_token") == "" || s.Text("url") == "" {
		return fault.New(fault.Unauthenticated, "secret has no auth_token and url")
	}
	link, ok := signedURL(r, s)
	if !ok {
		return fault.New(fault.Unauthenticated, "query is not the one of the secret's url")
	}
	tail, err := signedBody(r, link)
	if err != nil {
		return err
	}
	good := false
	for _, u := range ports(link) {
		good = hmac.Equal(mac, sum(s, u+tail)) || good
	}
	if !good {
		return fault.New(fault.Unauthenticated, "signature does not match")
	}
	return nil
}

func (account) Sign(r *channel.Request, s channel.Secret) error {
	if s.Text("auth_token") == "" || s.Text("url") == "" {
		return fault.New(fault.Invalid, "secret has no auth_token and url")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if b := strings.TrimLeft(string(r.Body[:min(len(r.Body), 64)]), " \t\r\n"); strings.HasPrefix(b, "{") || strings.HasPrefix(b, "[") {
		r.Header.Set("Content-Type", "application/json")
		_, own, _ := strings.Cut(s.Text("url"), "?")
		u := url.URL{Path: "/"}
		if r.URL != nil {
			u = *r.URL
		}
		if u.RawQuery == "" {
			u.RawQuery = own
		}
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		hash := sha256.Sum256(r.Body)
		u.RawQuery += bodyHash + "=" + hex.EncodeToString(hash[:])
		r.URL = &u
	} else {
		r.Header.Set("Content-Type", formType)
	}
	link, ok := signedURL(*r, s)
	if !ok {
		return fault.New(fault.Invalid, "query is not the one of the secret's url")
	}
	tail, err := signedBody(*r, link)
	if err != nil {
		return fault.New(fault.Invalid, "body is not a form as Twilio writes it")
	}
	r.Header.Set(signature, base64.StdEncoding.EncodeToString(sum(s, link+tail)))
	return nil
}

func sum(s channel.Secret, text string) []byte {
	h := hmac.New(sha1.New, []byte(s.Text("auth_token")))
	h.Write([]byte(text))
	return h.Sum(nil)
}

// signedURL is the secret's url with what the request adds to its query, and
// without a fragment. A query that isn't the secret's is refused: it would be
// read without having been signed.
func signedURL(r channel.Request, s channel.Secret) (link string, ok bool) {
	link, _, _ = strings.Cut(s.Text("url"), "#")
	query := ""
	if r.URL != nil {
		query = r.URL.RawQuery
	}
	page, own, has := strings.Cut(link, "?")
	switch {
	case query == "":
		return link, true
	case !has || own == "" || query == own || strings.HasPrefix(query, own+"&"):
		return page + "?" + query, true
	}
	return "", false
}

// signedBody is what follows the URL in the signed string: the parameters of a
// form, or nothing where the URL holds the body's hash.
func signedBody(r channel.Request, link string) (string, error) {
	_, query, _ := strings.Cut(link, "?")
	values, err := url.ParseQuery(query)
	if hashes := values[bodyHash]; err == nil && len(hashes) > 0 {
		want := sha256.Sum256(r.Body)
		got, err := hex.DecodeString(hashes[0])
		if err != nil || len(hashes) != 1 || !hmac.Equal(got, want[:]) {
			return "", fault.New(fault.Unauthenticated, "body is not the one of %s", bodyHash)
		}
		return "", nil
	}
	if len(r.Body) == 0 {
		return "", nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != formType {
		return "", fault.New(fault.Unauthenticated, "body is neither a form nor covered by %s", bodyHash)
	}
	f, ok := parseForm(string(r.Body))
	if !ok {
		return "", fault.New(fault.Unauthenticated, "body is not a form as Twilio writes it")
	}
	return f.signed(), nil
}

// signed is every parameter as it goes into the signature.
func (f form) signed() string {
	names := make([]string, 0, len(f))
	for n := range f {
		names = append(names, n)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, n := range names {
		values := slices.Clone(f[n])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			b.WriteString(n)
			b.WriteString(v)
		}
	}
	return b.String()
}

// ports are the spellings of link that Twilio may have signed: as it is, and
// with the port left out or, where there is none, written out.
func ports(link string) []string {
	scheme, rest, ok := strings.Cut(link, "://")
	if !ok {
		return []string{link}
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host, tail := rest[:end], rest[end:]
	user := strings.LastIndexByte(host, '@') + 1
	if i := strings.LastIndexByte(host, ':'); i >= user && !strings.Contains(host[i:], "]") {
		return []string{link, scheme + "://" + host[:i] + tail}
	}
	port := ":443"
	if scheme == "http" {
		port = ":80"
	}
	return []string{link, scheme + "://" + host + port + tail}
}
