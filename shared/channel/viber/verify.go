package viber

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	signature = "X-Viber-Content-Signature"
	maxBody   = 1 << 20
)

var name = channel.Name{Channel: message.Viber, Provider: "viber"}

// New returns the provider viber/viber. Its secret: auth_token, the bot's.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }
func (provider) Needs() []string    { return []string{"auth_token"} }

func (provider) Verify(r channel.Request, s channel.Secret) error {
	given, err := channel.Once(r.Header, signature)
	if err != nil {
		return err
	}
	mac, err := hex.DecodeString(given)
	if err != nil || len(mac) != sha256.Size {
		return fault.New(fault.Unauthenticated, "signature is not 64 hex digits")
	}
	if s.Text("auth_token") == "" || !hmac.Equal(mac, sum(s, r.Body)) {
		return fault.New(fault.Unauthenticated, "signature does not match")
	}
	return nil
}

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if s.Text("auth_token") == "" {
		return fault.New(fault.Invalid, "secret has no auth_token")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(signature, hex.EncodeToString(sum(s, r.Body)))
	r.Header.Set("Content-Type", "application/json")
	return nil
}

func sum(s channel.Secret, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(s.Text("auth_token")))
	h.Write(body)
	return h.Sum(nil)
}
