package vonage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	window  = 5 * time.Minute // either side of iat (channels.md 6.3)
	maxBody = 1 << 20
)

var name = channel.Name{Channel: message.WhatsApp, Provider: "vonage"}

// New returns the provider whatsapp/vonage. Its secret: signature_secret, and
// api_key where one endpoint serves several accounts.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }
func (provider) Needs() []string    { return []string{"signature_secret"} }

// claims is what Vonage says in the token beside the registered claims.
type claims struct {
	jwt.RegisteredClaims
	Payload     string `json:"payload_hash"`
	APIKey      string `json:"api_key,omitempty"`
	Application string `json:"application_id,omitempty"`
}

// Verify returns fault.Unavailable for a callback without any proof, so that
// Vonage sends it again signed (package comment).
func (provider) Verify(r channel.Request, s channel.Secret) error {
	if len(r.Header.Values("Authorization")) == 0 {
		return fault.New(fault.Unavailable, "callback is not signed; it has to be sent again")
	}
	given, err := channel.Once(r.Header, "Authorization")
	if err != nil {
		return err
	}
	scheme, token, _ := strings.Cut(given, " ")
	if !strings.EqualFold(scheme, "Bearer") || s.Text("signature_secret") == "" {
		return fault.New(fault.Unauthenticated, "no bearer token, or no secret for one")
	}
	c, ok := read(token, s.Text("signature_secret"), r.At)
	if !ok {
		return fault.New(fault.Unauthenticated, "token is not signed with the secret, or not for now")
	}
	want := sha256.Sum256(r.Body)
	got, err := hex.DecodeString(c.Payload)
	if err != nil || !hmac.Equal(got, want[:]) {
		return fault.New(fault.Unauthenticated, "body is not the one of payload_hash")
	}
	if c.IssuedAt == nil || r.At.Sub(c.IssuedAt.Time).Abs() > window {
		return fault.New(fault.Unauthenticated, "token was not issued just now")
	}
	if key := s.Text("api_key"); key != "" && c.APIKey != key {
		return fault.New(fault.Unauthenticated, "token is of another account")
	}
	return nil
}

// read checks the signature of a token, its algorithm, and exp and nbf where it
// has them.
func read(token, secret string, at time.Time) (c claims, ok bool) {
	p := jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256"}),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return at }),
	)
	_, err := p.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(secret), nil })
	return c, err == nil
}

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if s.Text("signature_secret") == "" {
		return fault.New(fault.Invalid, "secret has no signature_secret")
	}
	hash := sha256.Sum256(r.Body)
	jti := sha256.Sum256([]byte(r.At.UTC().Format(time.RFC3339Nano) + hex.EncodeToString(hash[:])))
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:   "Vonage",
			IssuedAt: jwt.NewNumericDate(r.At),
			ID:       hex.EncodeToString(jti[:16]),
		},
		Payload:     hex.EncodeToString(hash[:]),
		APIKey:      s.Text("api_key"),
		Application: s.Text("application_id"),
	})
	text, err := token.SignedString([]byte(s.Text("signature_secret")))
	if err != nil {
		return fault.New(fault.Internal, "token can't be signed")
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Bearer "+text)
	r.Header.Set("Content-Type", "application/json")
	return nil
}
