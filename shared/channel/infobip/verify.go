package infobip

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

const maxBody = 1 << 20

// NewViber returns the provider viber/infobip. Its secret: username and password.
func NewViber() channel.Provider { return provider{message.Viber} }

// NewSMS returns the provider sms/infobip, for SMS and MMS. Its secret: username
// and password.
func NewSMS() channel.Provider { return provider{message.SMS} }

type provider struct{ channel message.Channel }

func (p provider) Name() channel.Name { return channel.Name{Channel: p.channel, Provider: "infobip"} }
func (provider) Limit() int64         { return maxBody }
func (provider) Needs() []string      { return []string{"username", "password"} }

// Verify checks Basic credentials (RFC 7617), strictly decoded: one user and
// password have one spelling.
func (provider) Verify(r channel.Request, s channel.Secret) error {
	given, err := channel.Once(r.Header, "Authorization")
	if err != nil {
		return err
	}
	scheme, code, _ := strings.Cut(given, " ")
	pair, err := base64.StdEncoding.Strict().DecodeString(code)
	if !strings.EqualFold(scheme, "Basic") || err != nil || strings.ContainsAny(code, "\r\n") {
		return fault.New(fault.Unauthenticated, "authorization is not Basic")
	}
	user, password := s.Text("username"), s.Text("password")
	// Sums of equal length tell neither how much of the text nor of its length fits.
	want, got := sha256.Sum256([]byte(user+":"+password)), sha256.Sum256(pair)
	if user == "" || password == "" || !hmac.Equal(got[:], want[:]) {
		return fault.New(fault.Unauthenticated, "user name or password do not match")
	}
	return nil
}

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	user, password := s.Text("username"), s.Text("password")
	if user == "" || password == "" || strings.Contains(user, ":") {
		return fault.New(fault.Invalid, "secret has no username and password that Basic can carry")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	r.Header.Set("Content-Type", "application/json")
	return nil
}
