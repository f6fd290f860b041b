package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash"
	"sync"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Lifetime is how long an unwrapped key may stay in a process. Five minutes:
// long enough that a busy function calls KMS about once, short enough that a
// destroyed key is soon dead everywhere.
const Lifetime = 5 * time.Minute

// maxCached bounds the cache: about 1 KiB a key, so 20 MiB.
const maxCached = 20_000

// Owner is whose key it is. Subject is an opaque person's id, or begins with
// "~" where the tenant itself owns the key ("~intake"). Class is the retention
// class, or the period of a tenant's own key ("2026-11-23").
type Owner struct {
	Subject string
	Class   string
}

// Personal reports whether the owner is a data subject, not the tenant.
func (o Owner) Personal() bool { return len(o.Subject) > 0 && o.Subject[0] != '~' }

// Vault hands out keys. It is safe for many goroutines.
type Vault struct {
	kms  KMS
	keys store.Store
	now  func() time.Time // wall time: the lifetime of a cached key is about the process, not about the law

	mu      sync.Mutex
	tenants map[string]*tenantKey
	cache   map[string]cached // by tenant and key id
}

type cached struct {
	key   *Key
	until time.Time
}

type tenantKey struct {
	wrap  cipher.AEAD // wraps data keys
	blind []byte      // HMAC key of blind indexes and ids
	macs  sync.Pool   // of hash.Hash: HMACs under blind, to be reset
	until time.Time
}

// New returns a vault over a KMS and the store that holds the wrapped keys.
func New(kms KMS, keys store.Store) *Vault {
	return &Vault{kms: kms, keys: keys, now: time.Now, tenants: map[string]*tenantKey{}, cache: map[string]cached{}}
}

const (
	kindTenant = "tenantkey"
	kindKey    = "key"

	// indexSubject finds all keys of a subject.
	indexSubject = "subject"
)

// wrappedTenant is the stored tenant key: Wrapped holds 64 bytes under KMS, the
// first half wraps data keys, the second derives blind indexes. The second must
// never change while an index made with it is in use.
type wrappedTenant struct {
	V         int       `json:"v"`
	Wrapped   []byte    `json:"wrapped"`
	CreatedAt time.Time `json:"created_at"`
}

// wrappedKey is a stored data key. A destroyed one keeps no key bytes.
type wrappedKey struct {
	V           int        `json:"v"`
	Subject     string     `json:"subject"`
	Class       string     `json:"class"`
	Wrapped     []byte     `json:"wrapped,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	DestroyedAt *time.Time `json:"destroyed_at,omitempty"`
}

// tenant returns the tenant's key, unwrapping or creating it: one KMS call.
func (v *Vault) tenant(ctx context.Context, tenant string) (*tenantKey, error) {
	v.mu.Lock()
	t := v.tenants[tenant]
	v.mu.Unlock()
	if t != nil && v.now().Before(t.until) {
		return t, nil
	}
	at := store.Key{Tenant: tenant, Kind: kindTenant, ID: "1"}
	docs, err := v.keys.Get(ctx, at)
	if err != nil {
		return nil, err
	}
	kc := Context{Tenant: tenant, Purpose: "tenant"}
	var plain []byte
	if !docs[0].Exists() {
		plain = make([]byte, 64)
		rand.Read(plain)
		wrapped, err := v.kms.Wrap(ctx, kc, plain)
		if err != nil {
			return nil, rootless(err)
		}
		body, err := json.Marshal(wrappedTenant{V: 1, Wrapped: wrapped, CreatedAt: v.now().UTC()})
		if err != nil {
			return nil, err
		}
		err = v.keys.Commit(ctx, store.Op{Key: at, Act: store.Put, Expect: store.Absent(), Body: body})
		if fault.Is(err, fault.Conflict) { // another process was first; its key is the key
			return v.tenant(ctx, tenant)
		}
		if err != nil {
			return nil, err
		}
	} else {
		var w wrappedTenant
		if err := json.Unmarshal(docs[0].Body, &w); err != nil || w.V != 1 {
			return nil, fault.New(fault.Internal, "vault: tenant key of %s is damaged or from a newer version", tenant)
		}
		if plain, err = v.kms.Unwrap(ctx, kc, w.Wrapped); err != nil {
			return nil, rootless(err)
		}
		if len(plain) != 64 {
			return nil, fault.New(fault.Internal, "vault: tenant key of %s has the wrong length", tenant)
		}
	}
	aead, err := newGCM(plain[:32])
	if err != nil {
		return nil, err
	}
	t = &tenantKey{wrap: aead, blind: plain[32:], until: v.now().Add(Lifetime)}
	t.macs.New = func() any { return hmac.New(sha256.New, t.blind) }
	v.mu.Lock()
	v.tenants[tenant] = t
	v.mu.Unlock()
	return t, nil
}

// rootless is why a tenant has no key. A root key that is disabled or to be
// deleted may be a mistake that is undone: until then nothing is set aside, and
// a provider is told to try again, so Forbidden becomes Unavailable.
func rootless(err error) error {
	if fault.Is(err, fault.Forbidden) {
		return fault.New(fault.Unavailable, "vault: the tenant's root key can't be used").Because(err)
	}
	return err
}

// Hash returns the tenant's keyed hash of parts under a label, as 26 characters
// of lower-case base32 (128 bits). It makes ids, blind indexes and done marks:
// the same input always gives the same output, and nobody without the tenant's
// key can test a guess.
func (v *Vault) Hash(ctx context.Context, tenant, label string, parts ...string) (string, error) {
	t, err := v.tenant(ctx, tenant)
	if err != nil {
		return "", err
	}
	return t.hash(label, parts...), nil
}

// Derive returns 32 bytes of the tenant's own for a purpose that needs a raw
// key, such as the MAC in a plus-address.
func (v *Vault) Derive(ctx context.Context, tenant, label string) ([]byte, error) {
	t, err := v.tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, t.blind, nil, "okence derive "+label, 32)
}

func (t *tenantKey) hash(label string, parts ...string) string {
	m := t.macs.Get().(hash.Hash)
	defer t.macs.Put(m)
	m.Reset()
	var room [128]byte
	write := func(s string) { // length first, so that no two lists of parts collide
		m.Write(append(binary.LittleEndian.AppendUint64(room[:0], uint64(len(s))), s...))
	}
	write(label)
	for _, p := range parts {
		write(p)
	}
	return encode(m.Sum(room[:0])[:16])
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fault.New(fault.Internal, "vault: bad key").Because(err)
	}
	// The random nonce is the module's own, so that this also runs under
	// GODEBUG=fips140=only (local-cloud.md 5).
	return cipher.NewGCMWithRandomNonce(block)
}
