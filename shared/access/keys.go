package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/okence/okence/shared/fault"
)

// algorithms are the signatures that are taken from an external issuer: OIDC's
// default, and the two newer ones. Never an HMAC, never "none".
var algorithms = []string{"RS256", "ES256", "EdDSA"}

const (
	keysFresh   = 10 * time.Minute // keys are fetched anew after that
	keysStale   = 24 * time.Hour   // and used so long where the issuer can't be reached
	keysRest    = 30 * time.Second // between two fetches, whatever key ids strangers invent
	fetchTime   = 5 * time.Second
	maxDocument = 1 << 20 // bytes of a discovery document or key set
	minRSA      = 2048    // bits (RFC 7518, 3.3)
)

// keySet is an issuer's keys, found through its discovery document (OpenID
// Connect Discovery 1.0, section 4). Times are wall times.
type keySet struct {
	issuer string
	client *http.Client

	fetching sync.Mutex // held while a fetch runs
	tried    time.Time  // last attempt

	mu      sync.Mutex
	keys    []publicKey
	fetched time.Time // last success
}

type publicKey struct {
	id  string
	alg string
	key any
}

func newKeySet(issuer string) *keySet {
	return &keySet{issuer: issuer, client: &http.Client{Timeout: fetchTime, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the issuer says where its keys are, nobody else
	}}}
}

// trusted reports whether an address may tell us keys: https, or a loopback
// server in tests.
func trusted(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.RawQuery != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && ip != nil && ip.IsLoopback()
}

// find returns the key of an id and algorithm. BadToken: the issuer has none;
// fault.Unavailable: its keys can't be had. One fetch runs at a time; who needs
// no fetch does not wait for it.
func (s *keySet) find(ctx context.Context, id, alg string) (any, error) {
	if key, age := s.lookup(id, alg); key != nil && age < keysFresh {
		return key, nil
	}
	s.fetching.Lock()
	defer s.fetching.Unlock()
	key, age := s.lookup(id, alg) // another may have fetched meanwhile
	if key != nil && age < keysFresh {
		return key, nil
	}
	var err error
	if time.Since(s.tried) >= keysRest {
		s.tried = time.Now()
		err = s.refresh(ctx)
		key, age = s.lookup(id, alg)
	}
	switch {
	case key != nil && age < keysStale:
		return key, nil
	case err != nil:
		return nil, err
	case age >= keysStale:
		return nil, fault.New(fault.Unavailable, "access: the issuer's keys can't be had")
	}
	return nil, refuse(BadToken)
}

// lookup finds a key that is loaded, and tells how old the set is. A token
// without a key id takes the only key of its algorithm.
func (s *keySet) lookup(id, alg string) (found any, age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	age = time.Since(s.fetched)
	for _, k := range s.keys {
		if k.alg != alg || (id != "" && k.id != id) {
			continue
		}
		if found != nil {
			return nil, age
		}
		found = k.key
	}
	return found, age
}

func (s *keySet) refresh(ctx context.Context) error {
	var about struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := s.get(ctx, strings.TrimRight(s.issuer, "/")+"/.well-known/openid-configuration", &about); err != nil {
		return err
	}
	if about.Issuer != s.issuer { // Discovery 1.0, 4.3
		return fault.New(fault.Unavailable, "access: the discovery document is another issuer's")
	}
	if base, _, _ := strings.Cut(about.Keys, "?"); !trusted(base) {
		return fault.New(fault.Unavailable, "access: the issuer's keys are not behind https")
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := s.get(ctx, about.Keys, &set); err != nil {
		return err
	}
	var keys []publicKey
	for _, k := range set.Keys {
		if alg, key := k.public(); key != nil {
			keys = append(keys, publicKey{id: k.ID, alg: alg, key: key})
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys, s.fetched = keys, time.Now()
	return nil
}

func (s *keySet) get(ctx context.Context, address string, into any) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime) // others wait for it too
	defer cancel()
	failed := fault.New(fault.Unavailable, "access: the issuer can't be reached, or makes no sense")
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return failed
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return failed.Because(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxDocument+1))
	if err != nil || answer.StatusCode != http.StatusOK || len(body) > maxDocument || json.Unmarshal(body, into) != nil {
		return failed
	}
	return nil
}

// jwk is a JSON Web Key (RFC 7517, RFC 8037) as far as signatures need it.
type jwk struct {
	Type  string `json:"kty"`
	ID    string `json:"kid"`
	Use   string `json:"use"`
	Alg   string `json:"alg"`
	Curve string `json:"crv"`
	N     string `json:"n"`
	E     string `json:"e"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

// public returns the key and the one algorithm that it is for, or nil: a key
// for something else, or a weak one.
func (k jwk) public() (string, any) {
	alg, key := k.parse()
	if key == nil || (k.Use != "" && k.Use != "sig") || (k.Alg != "" && k.Alg != alg) {
		return "", nil
	}
	return alg, key
}

func (k jwk) parse() (string, any) {
	switch {
	case k.Type == "RSA":
		n, e := number(k.N), number(k.E)
		if n == nil || e == nil || n.BitLen() < minRSA || n.BitLen() > 8192 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return "", nil
		}
		return "RS256", &rsa.PublicKey{N: n, E: int(e.Int64())}
	case k.Type == "EC" && k.Curve == "P-256":
		x, y := octets(k.X), octets(k.Y)
		if len(x) != 32 || len(y) != 32 {
			return "", nil
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
		if err != nil {
			return "", nil
		}
		return "ES256", key
	case k.Type == "OKP" && k.Curve == "Ed25519":
		if x := octets(k.X); len(x) == ed25519.PublicKeySize {
			return "EdDSA", ed25519.PublicKey(x)
		}
	}
	return "", nil
}

func octets(text string) []byte {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

func number(text string) *big.Int {
	b := octets(text)
	if len(b) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(b)
}
