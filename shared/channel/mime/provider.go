package mime

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

// maxMail is the greatest mail in bytes: 25 MB of files in base64, as the large
// providers let through.
const maxMail = 35 << 20

var name = channel.Name{Channel: message.Email, Provider: "mime"}

// New returns the provider email/mime. Its secret: username and password.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxMail }
func (provider) Needs() []string    { return []string{"username", "password"} }

// Verify checks the Basic credentials, over hashes, so that its time tells
// neither what is right nor how long it is.
func (provider) Verify(r channel.Request, s channel.Secret) error {
	given, err := channel.Once(r.Header, "Authorization")
	if err != nil {
		return err
	}
	scheme, b64, _ := strings.Cut(given, " ")
	pair, err := base64.StdEncoding.Strict().DecodeString(b64)
	user, password, ok := strings.Cut(string(pair), ":")
	if err != nil || !ok || !strings.EqualFold(scheme, "Basic") {
		return fault.New(fault.Unauthenticated, "credentials are not Basic")
	}
	rightUser, rightPassword := same(user, s.Text("username")), same(password, s.Text("password"))
	if !s.Has("username", "password") || !rightUser || !rightPassword {
		return fault.New(fault.Unauthenticated, "credentials do not match")
	}
	return nil
}

func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return hmac.Equal(x[:], y[:])
}

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	user, password := s.Text("username"), s.Text("password")
	if user == "" || password == "" || strings.Contains(user, ":") {
		return fault.New(fault.Invalid, "secret has no username and password for Basic")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	r.Header.Set("Content-Type", "message/rfc822")
	return nil
}

func (provider) Parse(r channel.Request) channel.Parsed {
	if len(r.Body) == 0 {
		return channel.Parsed{}
	}
	return channel.Parsed{Items: Read(name, r.Body)}
}

// OpenPart decodes the transfer encoding of leaf n and nothing else.
func (provider) OpenPart(raw []byte, n int) ([]byte, error) { return Open(raw, n) }

// Open returns the bytes of leaf n (Media.Part, from 1) of a raw message, its
// transfer encoding undone and its character set untouched. It walks the whole
// message: time linear to it.
func Open(raw []byte, n int) ([]byte, error) {
	m, code := walk(raw)
	if code != "" {
		return nil, fault.New(fault.Poison, "mail can't be read: %s", code)
	}
	if n < 1 || n > len(m.leaves) {
		return nil, fault.New(fault.NotFound, "mail has no part %d", n)
	}
	return m.leaves[n-1].bytes(), nil
}
