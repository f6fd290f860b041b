package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/fault"
)

// Identity is whom a token speaks for.
type Identity struct {
	Subject string // opaque, of the characters that event attributes allow
	Name    string // as the issuer writes it; for the processing log alone
	Tenant  string
	Role    Role
}

// Refusal is why a token is not taken. The set is closed; each is a stable
// problem type of the HTTP API, and none tells what a claim held.
type Refusal string

const (
	NoToken        Refusal = "missing_token"
	BadToken       Refusal = "invalid_token" // malformed, of another algorithm, or not signed by the issuer
	Expired        Refusal = "expired_token"
	Premature      Refusal = "premature_token" // not valid yet
	WrongIssuer    Refusal = "wrong_issuer"
	WrongAudience  Refusal = "wrong_audience"
	WrongTenant    Refusal = "wrong_tenant" // none that this deployment serves
	NoRole         Refusal = "unknown_role"
	NoSecondFactor Refusal = "second_factor_missing"
)

// Refusals is the closed set.
var Refusals = []Refusal{NoToken, BadToken, Expired, Premature, WrongIssuer, WrongAudience, WrongTenant, NoRole, NoSecondFactor}

// Error is the refusal's name.
func (r Refusal) Error() string { return string(r) }

func refuse(r Refusal) error {
	return fault.New(fault.Unauthenticated, "access: the token is refused").Because(r)
}

// claims are those of an access token that Okence reads: the registered ones of
// RFC 7519 (iss, aud, sub, exp, nbf, iat, jti), amr of RFC 8176, and two of our
// own that the identity provider is set up to add.
type claims struct {
	jwt.RegisteredClaims
	Name   string   `json:"name,omitempty"`
	Tenant string   `json:"okence_tenant"`
	Role   Role     `json:"okence_role"`
	AMR    []string `json:"amr,omitempty"`
}

// secondFactors are the authentication methods of RFC 8176, section 2, that
// prove more than something known (K28): several factors or channels, one-time
// passwords, keys in hardware or software, smart cards, a call or text message
// to a known number. Passwords, PINs and questions are not among them, nor is
// what an issuer infers (place, risk).
var secondFactors = []string{"mfa", "mca", "otp", "hwk", "swk", "pop", "sc", "sms", "tel", "fpt", "face", "iris"}

const (
	// maxToken bounds a token in bytes: what common servers take in a header.
	maxToken = 8 << 10
	// leeway is how far an external issuer's clock may be off.
	leeway = 30 * time.Second
	// maxName bounds what the log keeps of a name, in bytes.
	maxName = 200
)

// VerifierOptions say which tokens are taken.
type VerifierOptions struct {
	// Issuer is the OIDC issuer, a https URL as its tokens write it. Empty:
	// no external tokens.
	Issuer string
	// Audience is what the issuer calls this API.
	Audience string
	// Tenants are those that this deployment serves.
	Tenants map[string]bool
	// Local, where it is set, is the development issuer, whose tokens are
	// taken too: `okence serve` alone sets it.
	Local *Local
	// LocalNow is the clock of local tokens: the system's, which may be a
	// manual one (contract.md, token). Nil is the wall clock. External tokens
	// go by the wall clock always.
	LocalNow func() time.Time
}

// Verifier checks bearer tokens. It is safe for many goroutines.
type Verifier struct {
	options VerifierOptions
	keys    *keySet // of the external issuer; nil without one
}

// NewVerifier returns a verifier. fault.Invalid: an issuer or audience that
// can't be one, or no issuer at all.
func NewVerifier(o VerifierOptions) (*Verifier, error) {
	v := &Verifier{options: o}
	if o.Issuer == "" && o.Local == nil {
		return nil, fault.New(fault.Invalid, "access: OKENCE_ISSUER names no issuer: nobody could call this API")
	}
	if o.Issuer != "" {
		if o.Audience == "" {
			return nil, fault.New(fault.Invalid, "access: OKENCE_AUDIENCE is missing: what does the issuer call this API?")
		}
		if o.Issuer == LocalIssuer || !trusted(o.Issuer) {
			return nil, fault.New(fault.Invalid, "access: OKENCE_ISSUER must be a https URL")
		}
		v.keys = newKeySet(o.Issuer)
	}
	if v.options.LocalNow == nil {
		v.options.LocalNow = time.Now
	}
	return v, nil
}

// Verify proves a token and returns whom it speaks for. An error of kind
// fault.Unauthenticated wraps a Refusal; fault.Unavailable: the issuer's keys
// can't be had at present.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	if token == "" {
		return Identity{}, refuse(NoToken)
	}
	if len(token) > maxToken {
		return Identity{}, refuse(BadToken)
	}
	var unproven claims
	head, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(token, &unproven)
	if err != nil || head.Header["crit"] != nil { // RFC 7515, 4.1.11: nothing critical is understood
		return Identity{}, refuse(BadToken)
	}
	var c claims
	switch {
	case unproven.Issuer == LocalIssuer && v.options.Local != nil:
		err = v.parse(token, &c, LocalIssuer, LocalAudience, v.options.LocalNow, 0, []string{"EdDSA"}, v.options.Local.public)
	case v.keys != nil && unproven.Issuer == v.options.Issuer:
		kid, _ := head.Header["kid"].(string)
		key, kerr := v.keys.find(ctx, kid, head.Method.Alg())
		if kerr != nil {
			return Identity{}, kerr
		}
		err = v.parse(token, &c, v.options.Issuer, v.options.Audience, time.Now, leeway, algorithms, key)
	default:
		return Identity{}, refuse(WrongIssuer)
	}
	if err != nil {
		return Identity{}, refuse(why(err))
	}
	return v.identify(&c)
}

func (v *Verifier) parse(token string, c *claims, issuer, audience string, now func() time.Time, leeway time.Duration, algs []string, key any) error {
	p := jwt.NewParser(jwt.WithStrictDecoding(), jwt.WithValidMethods(algs), jwt.WithIssuer(issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(now))
	_, err := p.ParseWithClaims(token, c, func(*jwt.Token) (any, error) { return key, nil })
	return err
}

// why is the refusal for an error of the parser, which proves the signature
// before it looks at claims.
func why(err error) Refusal {
	for _, known := range []struct {
		err error
		is  Refusal
	}{
		{jwt.ErrTokenInvalidIssuer, WrongIssuer},
		{jwt.ErrTokenInvalidAudience, WrongAudience},
		{jwt.ErrTokenExpired, Expired},
		{jwt.ErrTokenNotValidYet, Premature},
		{jwt.ErrTokenUsedBeforeIssued, Premature},
	} {
		if errors.Is(err, known.err) {
			return known.is
		}
	}
	return BadToken
}

// identify checks what a proven token claims.
func (v *Verifier) identify(c *claims) (Identity, error) {
	switch {
	case c.Subject == "" || len(c.Subject) > 255: // OIDC Core, section 2
		return Identity{}, refuse(BadToken)
	case c.Role.Validate() != nil:
		return Identity{}, refuse(NoRole)
	case !v.options.Tenants[c.Tenant]:
		return Identity{}, refuse(WrongTenant)
	case c.Role.NeedsSecondFactor() && !slices.ContainsFunc(c.AMR, func(m string) bool { return slices.Contains(secondFactors, m) }):
		return Identity{}, refuse(NoSecondFactor)
	}
	return Identity{Subject: opaque(c.Issuer, c.Subject), Name: strings.ToValidUTF8(c.Name[:min(len(c.Name), maxName)], ""), Tenant: c.Tenant, Role: c.Role}, nil
}

var opaqueShape = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)

// opaque is a subject as it may stand in event attributes. An issuer that names
// people by something else, a mail address say, gets a digest in its place.
func opaque(issuer, subject string) string {
	if opaqueShape.MatchString(subject) {
		return subject
	}
	sum := sha256.Sum256([]byte(issuer + "\x00" + subject))
	return "sub-" + hex.EncodeToString(sum[:16])
}
