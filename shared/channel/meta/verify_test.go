package meta

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/fault"
)

// The vector: a body that Meta signed, its secret, and the header that came
// with it (testdata/SOURCES.md).
const (
	vectorSecret    = "1222e786b144d0e85b9f365372d93676"
	vectorSignature = "sha256=54edfa1d7259e0eb13c677cc7d73d1b5c86cfa12433d19156e058ab9251bc441"
)

var secret = channel.Secret{"app_secret": vectorSecret, "verify_token": "okence-verify"}

func vector(t testing.TB) channel.Request {
	t.Helper()
	body, err := os.ReadFile("testdata/signed.json")
	if err != nil {
		t.Fatal(err)
	}
	return channel.Request{Method: http.MethodPost, Header: http.Header{signature: {vectorSignature}}, Body: body}
}

func TestWhatMetaSignedIsAccepted(t *testing.T) {
	if err := New().Verify(vector(t), secret); err != nil {
		t.Fatal(err)
	}
}

func TestSignWritesWhatMetaWrites(t *testing.T) {
	r := channel.Request{Body: vector(t).Body}
	if err := New().Sign(&r, secret); err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get(signature); got != vectorSignature {
		t.Fatalf("got %s", got)
	}
}

func TestVerifyRefuses(t *testing.T) {
	cases := map[string]struct {
		values []string
		secret channel.Secret
		ok     bool
	}{
		"hex digits in upper case are the same digits": {[]string{"sha256=" + strings.ToUpper(vectorSignature[7:])}, secret, true},
		"no header":                        {nil, secret, false},
		"an empty header":                  {[]string{""}, secret, false},
		"the header twice, both right":     {[]string{vectorSignature, vectorSignature}, secret, false},
		"no scheme":                        {[]string{vectorSignature[7:]}, secret, false},
		"another scheme":                   {[]string{"sha1=" + vectorSignature[7:]}, secret, false},
		"a scheme without digits":          {[]string{"sha256="}, secret, false},
		"one digit too few":                {[]string{vectorSignature[:len(vectorSignature)-1]}, secret, false},
		"one byte too few":                 {[]string{vectorSignature[:len(vectorSignature)-2]}, secret, false},
		"one byte too many":                {[]string{vectorSignature + "00"}, secret, false},
		"a digit that is none":             {[]string{vectorSignature[:len(vectorSignature)-1] + "g"}, secret, false},
		"another secret":                   {[]string{vectorSignature}, channel.Secret{"app_secret": "1222e786b144d0e85b9f365372d93677"}, false},
		"an empty secret":                  {[]string{vectorSignature}, channel.Secret{"app_secret": ""}, false},
		"no secret":                        {[]string{vectorSignature}, nil, false},
		"a signature under the empty key":  {[]string{"sha256=" + emptyKey(t)}, channel.Secret{}, false},
		"spaces around it are not trimmed": {[]string{" " + vectorSignature}, secret, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := vector(t)
			r.Header = http.Header{signature: c.values}
			err := New().Verify(r, c.secret)
			if c.ok && err != nil {
				t.Fatal(err)
			}
			if !c.ok && fault.Of(err) != fault.Unauthenticated {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func emptyKey(t *testing.T) string {
	r := channel.Request{Body: vector(t).Body}
	return hexOf(sum(channel.Secret{}, r.Body))
}

func TestWhatHoldsForEveryProvider(t *testing.T) {
	channeltest.Run(t, channeltest.Case{
		Provider: New(),
		Secret:   secret,
		Other:    channel.Secret{"app_secret": "another"},
		Proof:    signature,
		Bodies:   []string{string(vector(t).Body), echo(t)},
	})
}

func TestEveryChangedByteOfTheHeaderIsRefused(t *testing.T) {
	r := vector(t)
	for i := range vectorSignature {
		for c := range 256 {
			changed := []byte(vectorSignature)
			if changed[i] = byte(c); strings.EqualFold(string(changed), vectorSignature) {
				if i >= len(scheme) || string(changed) == vectorSignature {
					continue
				}
			}
			r.Header = http.Header{signature: {string(changed)}}
			if New().Verify(r, secret) == nil {
				t.Fatalf("byte %d as %d accepted", i, c)
			}
		}
	}
}

func TestHandshake(t *testing.T) {
	const good = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=okence-verify"
	cases := map[string]struct {
		method, query string
		secret        channel.Secret
		is            bool
		status        int
		body          string
	}{
		"Meta's call is answered with the challenge":  {"GET", good, secret, true, 200, "1158201444"},
		"another token is refused":                    {"GET", strings.Replace(good, "okence", "other", 1), secret, true, 403, ""},
		"a token that only begins right is refused":   {"GET", good + "x", secret, true, 403, ""},
		"no token is refused":                         {"GET", "hub.mode=subscribe&hub.challenge=1", secret, true, 403, ""},
		"two challenges are refused":                  {"GET", good + "&hub.challenge=2", secret, true, 403, ""},
		"two tokens are refused":                      {"GET", good + "&hub.verify_token=okence-verify", secret, true, 403, ""},
		"an account without a token refuses":          {"GET", good, channel.Secret{"app_secret": "x"}, true, 403, ""},
		"an empty token doesn't match an absent one":  {"GET", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=", channel.Secret{}, true, 403, ""},
		"another mode is refused":                     {"GET", strings.Replace(good, "subscribe", "unsubscribe", 1), secret, true, 403, ""},
		"markup in the challenge is refused":          {"GET", strings.Replace(good, "1158201444", "%3Cscript%3E", 1), secret, true, 403, ""},
		"a line end in the challenge is refused":      {"GET", strings.Replace(good, "1158201444", "1%0d%0aA", 1), secret, true, 403, ""},
		"a challenge of 1,024 bytes is sent back":     {"GET", strings.Replace(good, "1158201444", strings.Repeat("7", 1024), 1), secret, true, 200, strings.Repeat("7", 1024)},
		"a challenge of 1,025 bytes is refused":       {"GET", strings.Replace(good, "1158201444", strings.Repeat("7", 1025), 1), secret, true, 403, ""},
		"a POST is no handshake":                      {"POST", good, secret, false, 0, ""},
		"a GET without a mode is no handshake":        {"GET", "hub.challenge=1", secret, false, 0, ""},
		"percent signs of the query are decoded once": {"GET", strings.Replace(good, "okence-verify", "okence%2Dverify", 1), secret, true, 200, "1158201444"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := channel.Request{Method: c.method, URL: &url.URL{RawQuery: c.query}}
			a, is := New().(channel.Handshaker).Handshake(r, c.secret)
			if is != c.is || a.Status != c.status || string(a.Body) != c.body {
				t.Fatalf("got %v, %d, %q", is, a.Status, a.Body)
			}
		})
	}
}
