package vonage

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The vector of Vonage's Python library (testdata/SOURCES.md).
const (
	published = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJPbmxpbmUgSldUIEJ1aWxkZXIiLCJpYXQiOjE2OTc2MzQ2ODAsImV4cCI6MzMyNTQ1NDA4MjgsImF1ZCI6IiIsInN1YiI6IiJ9.88vJc3I2HhuqEDixHXVhc9R30tA6U_HQHZTC29y6CGM"
	secret    = "qwertyuiopasdfghjklzxcvbnm123456"
)

func TestPublishedToken(t *testing.T) {
	now := time.Unix(1697634680, 0)
	for name, c := range map[string]struct {
		token, secret string
		at            time.Time
		ok            bool
	}{
		"good: as published":               {published, secret, now, true},
		"good: the second before it ends":  {published, secret, time.Unix(33254540827, 0), true},
		"fail: the second of its end":      {published, secret, time.Unix(33254540828, 0), false},
		"fail: another secret":             {published, "asdf", now, false},
		"fail: no secret":                  {published, "", now, false},
		"fail: no token":                   {"asdf", secret, now, false},
		"fail: loose bits at the end":      {published[:len(published)-1] + "N", secret, now, false},
		"fail: without its signature":      {published[:len(published)-43], secret, now, false},
		"fail: one part more":              {published + ".x", secret, now, false},
		"fail: none in place of HS256":     {unsigned(t), secret, now, false},
		"fail: HS512 in place of HS256":    {signed(t, jwt.SigningMethodHS512), secret, now, false},
		"good: HS256 by the same function": {signed(t, jwt.SigningMethodHS256), secret, now, true},
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := read(c.token, c.secret, c.at); ok != c.ok {
				t.Errorf("got %v", ok)
			}
		})
	}
	c, _ := read(published, secret, now)
	if c.Issuer != "Online JWT Builder" || c.IssuedAt.Unix() != 1697634680 {
		t.Errorf("read %+v", c)
	}
}

func signed(t *testing.T, m jwt.SigningMethod) string {
	s, err := jwt.NewWithClaims(m, claims{}).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func unsigned(t *testing.T) string {
	s, err := jwt.NewWithClaims(jwt.SigningMethodNone, claims{}).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
