package access

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func local(t *testing.T, now *time.Time) (*Local, *Verifier) {
	t.Helper()
	l, err := OpenLocal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(VerifierOptions{Local: l, LocalNow: func() time.Time { return *now }, Tenants: map[string]bool{"ekc": true}})
	if err != nil {
		t.Fatal(err)
	}
	return l, v
}

func refusalOf(err error) Refusal {
	var r Refusal
	if errors.As(err, &r) && fault.Is(err, fault.Unauthenticated) {
		return r
	}
	return ""
}

func TestLocalToken(t *testing.T) {
	ana := Identity{Subject: "ana-1", Name: "Ana Žagar", Tenant: "ekc", Role: Adviser}
	for name, c := range map[string]struct {
		id     Identity
		factor bool
		at     time.Duration // of the check, after the issue
		want   Refusal
	}{
		"a token of an adviser with a second factor is taken":  {ana, true, 0, ""},
		"in its last second it still is":                       {ana, true, LocalLife - time.Second, ""},
		"at the end of its life it is not":                     {ana, true, LocalLife, Expired},
		"before it was issued it is not":                       {ana, true, -time.Second, Premature},
		"an adviser without a second factor is refused":        {ana, false, 0, NoSecondFactor},
		"a producer needs no second factor":                    {Identity{Subject: "m", Tenant: "ekc", Role: Producer}, false, 0, ""},
		"a person about themselves needs none":                 {Identity{Subject: "p", Tenant: "ekc", Role: Subject}, false, 0, ""},
		"a tenant that this deployment does not serve: no":     {Identity{Subject: "a", Tenant: "other", Role: Adviser}, true, 0, WrongTenant},
		"an administrator without a second factor is refused":  {Identity{Subject: "a", Tenant: "ekc", Role: Administrator}, false, 0, NoSecondFactor},
		"a data protection officer without one is refused":     {Identity{Subject: "a", Tenant: "ekc", Role: DPO}, false, 0, NoSecondFactor},
		"an auditor with a second factor is taken, name empty": {Identity{Subject: "a", Tenant: "ekc", Role: Auditor}, true, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			now := noon.Add(c.at)
			l, v := local(t, &now)
			token, err := l.Issue(c.id, c.factor, noon)
			if err != nil {
				t.Fatal(err)
			}
			got, err := v.Verify(context.Background(), token)
			if refusalOf(err) != c.want || (c.want == "") != (err == nil) {
				t.Fatalf("refused by %v, want %q", err, c.want)
			}
			if c.want == "" && got != c.id {
				t.Errorf("speaks for %+v", got)
			}
		})
	}
}

func TestLocalTokenSpoiled(t *testing.T) {
	now := noon
	l, v := local(t, &now)
	good, err := l.Issue(Identity{Subject: "a", Tenant: "ekc", Role: Adviser}, true, noon)
	if err != nil {
		t.Fatal(err)
	}
	part := strings.Split(good, ".")
	mine := claims{RegisteredClaims: jwt.RegisteredClaims{
		Issuer: LocalIssuer, Audience: jwt.ClaimStrings{LocalAudience}, Subject: "a", IssuedAt: jwt.NewNumericDate(noon), ExpiresAt: jwt.NewNumericDate(noon.Add(time.Hour)),
	}, Tenant: "ekc", Role: Adviser, AMR: []string{"mfa"}}
	sign := func(m jwt.SigningMethod, key any, spoil func(*claims), head map[string]any) string {
		c := mine
		spoil(&c)
		token := jwt.NewWithClaims(m, c)
		for k, val := range head {
			token.Header[k] = val
		}
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	asIs := func(*claims) {}
	if _, err := v.Verify(context.Background(), sign(jwt.SigningMethodEdDSA, l.private, asIs, nil)); err != nil {
		t.Fatalf("the token that every case spoils is refused: %v", err)
	}
	_, stranger, _ := ed25519.GenerateKey(nil)
	for name, c := range map[string]struct {
		token string
		want  Refusal
	}{
		"nothing":                         {"", NoToken},
		"no token at all":                 {"abc", BadToken},
		"claims changed":                  {part[0] + "." + part[1][:len(part[1])-2] + "AA." + part[2], BadToken},
		"signature cut off":               {part[0] + "." + part[1] + ".", BadToken},
		"too long":                        {good + strings.Repeat("A", maxToken), BadToken},
		"a stranger's key":                {sign(jwt.SigningMethodEdDSA, stranger, asIs, nil), BadToken},
		"algorithm none":                  {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, asIs, nil), BadToken},
		"HMAC under the public key":       {sign(jwt.SigningMethodHS256, []byte(l.public), asIs, nil), BadToken},
		"something critical":              {sign(jwt.SigningMethodEdDSA, l.private, asIs, map[string]any{"crit": []string{"b64"}}), BadToken},
		"another issuer":                  {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Issuer = "https://id.example.org" }, nil), WrongIssuer},
		"no issuer":                       {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Issuer = "" }, nil), WrongIssuer},
		"another audience":                {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Audience = jwt.ClaimStrings{"shop"} }, nil), WrongAudience},
		"no end":                          {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.ExpiresAt = nil }, nil), BadToken},
		"nobody":                          {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Subject = "" }, nil), BadToken},
		"a role of our functions":         {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Role = Function }, nil), NoRole},
		"no role":                         {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Role = "" }, nil), NoRole},
		"a password and a PIN":            {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.AMR = []string{"pwd", "pin"} }, nil), NoSecondFactor},
		"no methods":                      {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.AMR = nil }, nil), NoSecondFactor},
		"no tenant":                       {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Tenant = "" }, nil), WrongTenant},
		"another tenant, in another case": {sign(jwt.SigningMethodEdDSA, l.private, func(c *claims) { c.Tenant = "EKC" }, nil), WrongTenant},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := v.Verify(context.Background(), c.token)
			if refusalOf(err) != c.want {
				t.Fatalf("refused by %v, want %q", err, c.want)
			}
			for _, secret := range []string{"shop", "id.example", "EKC", "b64"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells a claim: %v", err)
				}
			}
		})
	}
}

func TestSubjectThatIsAnAddressBecomesOpaque(t *testing.T) {
	got := opaque("https://id.example.org", "ana@example.org")
	if !opaqueShape.MatchString(got) || strings.Contains(got, "ana") {
		t.Errorf("%q may not stand in an event attribute", got)
	}
	if got == opaque("https://other.example.org", "ana@example.org") {
		t.Error("two issuers' people are told apart by nothing")
	}
}

func TestLocalKeyFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	token, err := IssueLocal(dir, Identity{Subject: "a", Tenant: "ekc", Role: Auditor}, true, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := OpenLocal(dir) // as serve does, after token made it
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(VerifierOptions{Local: l, Tenants: map[string]bool{"ekc": true}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(context.Background(), token); err != nil {
		t.Errorf("a token made by another process is refused: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, localFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(filepath.Join(dir, localFile), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenLocal(dir); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a key that others can read: %v", err)
	}
}

func TestIssueRefuses(t *testing.T) {
	now := noon
	l, _ := local(t, &now)
	for name, id := range map[string]Identity{
		"a role of our own functions": {Subject: "a", Tenant: "ekc", Role: Function},
		"no tenant":                   {Subject: "a", Role: Adviser},
		"a subject with an address":   {Subject: "a@b.si", Tenant: "ekc", Role: Adviser},
	} {
		if _, err := l.Issue(id, true, noon); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// issuer is an OIDC provider with a key of each kind.
type issuer struct {
	*httptest.Server
	rsa     *rsa.PrivateKey
	ec      *ecdsa.PrivateKey
	ed      ed25519.PrivateKey
	fetches int
	broken  bool
	keys    []map[string]any
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{}
	var err error
	if i.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if i.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	_, i.ed, _ = ed25519.GenerateKey(nil)
	b64 := base64.RawURLEncoding.EncodeToString
	point, err := i.ec.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	i.keys = []map[string]any{
		{"kty": "RSA", "kid": "r", "use": "sig", "n": b64(i.rsa.N.Bytes()), "e": b64(big.NewInt(int64(i.rsa.E)).Bytes())},
		{"kty": "EC", "kid": "e", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])},
		{"kty": "OKP", "kid": "d", "crv": "Ed25519", "alg": "EdDSA", "x": b64(i.ed.Public().(ed25519.PublicKey))},
		{"kty": "oct", "kid": "h", "k": "c2VjcmV0"},
	}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.fetches++
		switch {
		case i.broken:
			w.WriteHeader(http.StatusBadGateway)
		case r.URL.Path == "/.well-known/openid-configuration":
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
		default:
			_ = json.NewEncoder(w).Encode(map[string]any{"keys": i.keys})
		}
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) sign(t *testing.T, m jwt.SigningMethod, key crypto.PrivateKey, kid string, spoil func(*claims)) string {
	t.Helper()
	c := claims{RegisteredClaims: jwt.RegisteredClaims{
		Issuer: i.URL, Audience: jwt.ClaimStrings{"api"}, Subject: "sub|1",
		IssuedAt: jwt.NewNumericDate(time.Now()), ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}, Tenant: "ekc", Role: Supervisor, AMR: []string{"pwd", "hwk"}}
	if spoil != nil {
		spoil(&c)
	}
	token := jwt.NewWithClaims(m, c)
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExternalTokens(t *testing.T) {
	i := newIssuer(t)
	v, err := NewVerifier(VerifierOptions{Issuer: i.URL, Audience: "api", Tenants: map[string]bool{"ekc": true}})
	if err != nil {
		t.Fatal(err)
	}
	weak, _ := rsa.GenerateKey(rand.Reader, 2048)
	for name, c := range map[string]struct {
		token string
		want  Refusal
	}{
		"RS256 by key id":             {i.sign(t, jwt.SigningMethodRS256, i.rsa, "r", nil), ""},
		"ES256 by key id":             {i.sign(t, jwt.SigningMethodES256, i.ec, "e", nil), ""},
		"EdDSA by key id":             {i.sign(t, jwt.SigningMethodEdDSA, i.ed, "d", nil), ""},
		"the only key of its kind":    {i.sign(t, jwt.SigningMethodRS256, i.rsa, "", nil), ""},
		"another RSA key":             {i.sign(t, jwt.SigningMethodRS256, weak, "r", nil), BadToken},
		"an unknown key id":           {i.sign(t, jwt.SigningMethodRS256, i.rsa, "x", nil), BadToken},
		"the key of another kind":     {i.sign(t, jwt.SigningMethodRS256, i.rsa, "e", nil), BadToken},
		"RS384, which nobody asked":   {i.sign(t, jwt.SigningMethodRS384, i.rsa, "r", nil), BadToken},
		"HMAC under a published key":  {i.sign(t, jwt.SigningMethodHS256, []byte("secret"), "h", nil), BadToken},
		"expired on the wall clock":   {i.sign(t, jwt.SigningMethodES256, i.ec, "e", func(c *claims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Minute)) }), Expired},
		"expired within the leeway":   {i.sign(t, jwt.SigningMethodES256, i.ec, "e", func(c *claims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-5 * time.Second)) }), ""},
		"not valid yet":               {i.sign(t, jwt.SigningMethodES256, i.ec, "e", func(c *claims) { c.NotBefore = jwt.NewNumericDate(time.Now().Add(time.Hour)) }), Premature},
		"for another API":             {i.sign(t, jwt.SigningMethodES256, i.ec, "e", func(c *claims) { c.Audience = jwt.ClaimStrings{"shop"} }), WrongAudience},
		"of the development issuer":   {i.sign(t, jwt.SigningMethodEdDSA, i.ed, "d", func(c *claims) { c.Issuer = LocalIssuer }), WrongIssuer},
		"with a password only":        {i.sign(t, jwt.SigningMethodEdDSA, i.ed, "d", func(c *claims) { c.AMR = []string{"pwd"} }), NoSecondFactor},
		"for a tenant not served":     {i.sign(t, jwt.SigningMethodEdDSA, i.ed, "d", func(c *claims) { c.Tenant = "other" }), WrongTenant},
		"for two APIs, ours included": {i.sign(t, jwt.SigningMethodEdDSA, i.ed, "d", func(c *claims) { c.Audience = jwt.ClaimStrings{"shop", "api"} }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Verify(context.Background(), c.token)
			if refusalOf(err) != c.want || (c.want == "") != (err == nil) {
				t.Fatalf("refused by %v, want %q", err, c.want)
			}
			if c.want == "" && (got.Role != Supervisor || !strings.HasPrefix(got.Subject, "sub-")) {
				t.Errorf("speaks for %+v", got)
			}
		})
	}
	if i.fetches != 2 { // both documents once, whatever key ids came
		t.Errorf("%d fetches", i.fetches)
	}
}

func TestKeysThatCannotBeHad(t *testing.T) {
	i := newIssuer(t)
	i.broken = true
	v, err := NewVerifier(VerifierOptions{Issuer: i.URL, Audience: "api", Tenants: map[string]bool{"ekc": true}})
	if err != nil {
		t.Fatal(err)
	}
	token := i.sign(t, jwt.SigningMethodES256, i.ec, "e", nil)
	check := func(when string, want fault.Kind) {
		t.Helper()
		if _, err := v.Verify(context.Background(), token); fault.Of(err) != want {
			t.Errorf("%s: %v, want %q", when, err, want)
		}
	}
	check("while the issuer is down", fault.Unavailable)
	check("right after, without asking again", fault.Unavailable)
	i.broken = false
	v.keys.tried = time.Time{}
	check("once it is up", "")
	i.broken = true
	v.keys.tried, v.keys.fetched = time.Time{}, time.Now().Add(-keysFresh)
	check("with keys to be refreshed and the issuer down again", "")
	v.keys.tried, v.keys.fetched = time.Time{}, time.Now().Add(-keysStale)
	check("with keys a day old", fault.Unavailable)
	i.broken, i.keys = false, i.keys[:1]
	v.keys.tried = time.Time{}
	if _, err := v.Verify(context.Background(), token); refusalOf(err) != BadToken {
		t.Errorf("by a key that the issuer has withdrawn: %v", err)
	}
}

func TestVerifierRefusesSettings(t *testing.T) {
	for name, o := range map[string]VerifierOptions{
		"no issuer":                     {},
		"an issuer in the clear":        {Issuer: "http://id.example.org", Audience: "api"},
		"an issuer with a user":         {Issuer: "https://a:b@id.example.org", Audience: "api"},
		"no audience":                   {Issuer: "https://id.example.org"},
		"the development issuer's name": {Issuer: LocalIssuer, Audience: "api"},
	} {
		if _, err := NewVerifier(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWeakKeysAreNoKeys(t *testing.T) {
	b64 := base64.RawURLEncoding.EncodeToString
	short := make([]byte, 128)
	short[0], short[127] = 0x80, 1
	off := make([]byte, 32)
	for name, k := range map[string]jwk{
		"RSA of 1024 bits":            {Type: "RSA", N: b64(short), E: "AQAB"},
		"a point off the curve":       {Type: "EC", Curve: "P-256", X: b64(off), Y: b64(off)},
		"a curve that is not taken":   {Type: "EC", Curve: "P-384", X: b64(off), Y: b64(off)},
		"an Ed25519 key cut short":    {Type: "OKP", Curve: "Ed25519", X: b64(off[:31])},
		"a key for encryption":        {Type: "OKP", Curve: "Ed25519", X: b64(off), Use: "enc"},
		"a key of another algorithm":  {Type: "OKP", Curve: "Ed25519", X: b64(off), Alg: "RS256"},
		"a number that is no base64":  {Type: "RSA", N: "*", E: "AQAB"},
		"an exponent beyond measure":  {Type: "RSA", N: b64(append([]byte{0x80}, make([]byte, 255)...)), E: b64(make([]byte, 9))},
		"a secret, published by slip": {Type: "oct"},
	} {
		if alg, key := k.public(); key != nil {
			t.Errorf("%s is taken for %s", name, alg)
		}
	}
}
