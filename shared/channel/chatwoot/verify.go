package chatwoot

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	headerSign = "X-Chatwoot-Signature"
	headerTime = "X-Chatwoot-Timestamp"
	headerID   = "X-Chatwoot-Delivery"

	scheme  = "sha256="
	keyName = "webhook_secret"
	maxBody = 1 << 20

	// Window is how far the signed time may be from ours, on either side
	// (pull request 13573: reject after five minutes).
	Window = 5 * time.Minute
)

var name = channel.Name{Channel: message.LiveChat, Provider: "chatwoot"}

// New returns the provider livechat/chatwoot. Its secret: webhook_secret.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }
func (provider) Needs() []string    { return []string{keyName} }

func (provider) Verify(r channel.Request, s channel.Secret) error {
	given, err := channel.Once(r.Header, headerSign)
	if err != nil {
		return err
	}
	stamp, err := channel.Once(r.Header, headerTime)
	if err != nil {
		return err
	}
	digits, ok := strings.CutPrefix(given, scheme)
	mac, err := hex.DecodeString(digits)
	if !ok || err != nil || len(mac) != sha256.Size {
		return fault.New(fault.Unauthenticated, "signature is not sha256 and 64 hex digits")
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || stamp != strconv.FormatInt(seconds, 10) {
		return fault.New(fault.Unauthenticated, "timestamp is not in Unix seconds")
	}
	if age := r.At.Sub(time.Unix(seconds, 0)); age > Window || age < -Window {
		return fault.New(fault.Unauthenticated, "timestamp is outside the window")
	}
	if s.Text(keyName) == "" || !hmac.Equal(mac, sum(s, stamp, r.Body)) {
		return fault.New(fault.Unauthenticated, "signature does not match")
	}
	return nil
}

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if s.Text(keyName) == "" {
		return fault.New(fault.Invalid, "secret has no webhook_secret")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	stamp := strconv.FormatInt(r.At.Unix(), 10)
	r.Header.Set(headerTime, stamp)
	r.Header.Set(headerSign, scheme+hex.EncodeToString(sum(s, stamp, r.Body)))
	if r.Header.Get(headerID) == "" {
		r.Header.Set(headerID, strings.TrimPrefix(channel.Digest(r.Body), "sha256:"))
	}
	r.Header.Set("Content-Type", "application/json")
	return nil
}

func sum(s channel.Secret, stamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(s.Text(keyName)))
	h.Write([]byte(stamp + "."))
	h.Write(body)
	return h.Sum(nil)
}
