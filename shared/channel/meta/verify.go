package meta

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	signature = "X-Hub-Signature-256"
	scheme    = "sha256="

	maxBody      = 3 << 20 // Cloud API: payloads of up to 3 MB
	maxChallenge = 1024    // bytes; ten digits in practice
)

var name = channel.Name{Channel: message.WhatsApp, Provider: "meta"}

// New returns the provider whatsapp/meta. Its secret: app_secret signs, and
// verify_token is what the handshake must show.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }

// Needs is app_secret alone: an account whose endpoint has long been verified
// needs no verify_token, and without one every handshake is refused.
func (provider) Needs() []string { return []string{"app_secret"} }

func (provider) Verify(r channel.Request, s channel.Secret) error {
	given, err := channel.Once(r.Header, signature)
	if err != nil {
		return err
	}
	digits, ok := strings.CutPrefix(given, scheme)
	mac, err := hex.DecodeString(digits)
	if !ok || err != nil || len(mac) != sha256.Size {
		return fault.New(fault.Unauthenticated, "signature is not sha256 and 64 hex digits")
	}
	if !s.Has("app_secret") || !hmac.Equal(mac, sum(s, r.Body)) {
		return fault.New(fault.Unauthenticated, "signature does not match")
	}
	return nil
}

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if !s.Has("app_secret") {
		return fault.New(fault.Invalid, "secret has no app_secret")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(signature, scheme+hex.EncodeToString(sum(s, r.Body)))
	r.Header.Set("Content-Type", "application/json")
	return nil
}

func sum(s channel.Secret, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(s.Text("app_secret")))
	h.Write(body)
	return h.Sum(nil)
}

// Handshake answers the challenge if the token is ours.
func (provider) Handshake(r channel.Request, s channel.Secret) (channel.Answer, bool) {
	if r.Method != http.MethodGet || r.URL == nil {
		return channel.Answer{}, false
	}
	q := r.URL.Query()
	if !q.Has("hub.mode") {
		return channel.Answer{}, false
	}
	mode, token, challenge := q["hub.mode"], q["hub.verify_token"], q["hub.challenge"]
	if len(mode) != 1 || mode[0] != "subscribe" || len(token) != 1 || len(challenge) != 1 ||
		!s.Has("verify_token") || !same(token[0], s.Text("verify_token")) || !plain(challenge[0]) {
		return channel.Answer{Status: http.StatusForbidden}, true
	}
	return channel.Answer{
		Status:      http.StatusOK,
		ContentType: "text/plain; charset=utf-8",
		Body:        []byte(challenge[0]),
	}, true
}

// same compares in a time that tells neither the text nor its length.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return hmac.Equal(x[:], y[:])
}

// plain allows what can't become markup in any browser: the challenge goes back
// to whoever asked.
func plain(challenge string) bool {
	if challenge == "" || len(challenge) > maxChallenge {
		return false
	}
	for i := range len(challenge) {
		c := challenge[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("-._~+/=:", rune(c)) {
			return false
		}
	}
	return true
}

// DevelopmentSecret implements channel.Developer: both sides of the handshake
// are wanted too.
func (provider) DevelopmentSecret(string) (channel.Secret, error) {
	return channel.Secret{"app_secret": rand.Text(), "verify_token": rand.Text()}, nil
}
