package vault

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"slices"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Key seals and opens for one owner.
type Key struct {
	id   string // 26 characters
	aead cipher.AEAD
}

// ID is the key's id: a keyed hash of its owner, safe to store in the clear.
func (k *Key) ID() string { return k.id }

// Place is where a sealed part belongs. All of it is authenticated: a part
// copied to another person, record, field or schema doesn't open.
type Place struct {
	Tenant  string
	Subject string
	Kind    string
	ID      string
	Field   string
	Schema  int
}

func (p Place) bytes(keyID string) []byte {
	b := make([]byte, 0, 160)
	for _, s := range [...]string{p.Tenant, p.Subject, p.Kind, p.ID, p.Field, keyID} {
		b = append(b, byte(len(s)>>8), byte(len(s)))
		b = append(b, s...)
	}
	return append(b, byte(p.Schema>>8), byte(p.Schema))
}

const (
	sealVersion = 1
	idLen       = 26
	overhead    = 1 + idLen + 12 + 16
)

// Seal returns version, key id, nonce, ciphertext and tag: overhead of 55 bytes.
func (k *Key) Seal(p Place, plaintext []byte) []byte {
	out := make([]byte, 1+idLen, overhead+len(plaintext))
	out[0] = sealVersion
	copy(out[1:], k.id)
	return k.aead.Seal(out, nil, plaintext, p.bytes(k.id))
}

// Open returns what Seal sealed at the same place. fault.Internal: damaged, or
// moved from elsewhere.
func (k *Key) Open(p Place, sealed []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != sealVersion || string(sealed[1:1+idLen]) != k.id {
		return nil, fault.New(fault.Internal, "vault: %s/%s field %s is damaged or sealed by another key", p.Kind, p.ID, p.Field)
	}
	plain, err := k.aead.Open(nil, nil, sealed[1+idLen:], p.bytes(k.id))
	if err != nil {
		return nil, fault.New(fault.Internal, "vault: %s/%s field %s doesn't open: it was changed or moved", p.Kind, p.ID, p.Field)
	}
	return plain, nil
}

// KeyID returns the id of the key that made a sealed part, or "".
func KeyID(sealed []byte) string {
	if len(sealed) < overhead || sealed[0] != sealVersion {
		return ""
	}
	return string(sealed[1 : 1+idLen])
}

// Keys returns the keys of owners, in their order, creating those that are
// missing: when it returns nil they are durable. One read of the key store for
// what is not cached, and one commit for what is new. fault.Gone: an owner's key
// has been destroyed.
func (v *Vault) Keys(ctx context.Context, tenant string, owners ...Owner) ([]*Key, error) {
	return v.find(ctx, tenant, owners, true)
}

// Existing is Keys without creating: a key that never was is fault.Gone too.
func (v *Vault) Existing(ctx context.Context, tenant string, owners ...Owner) ([]*Key, error) {
	return v.find(ctx, tenant, owners, false)
}

func (v *Vault) find(ctx context.Context, tenant string, owners []Owner, create bool) ([]*Key, error) {
	t, err := v.tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make([]*Key, len(owners))
	var missing []store.Key
	var at []int
	v.mu.Lock()
	for i, o := range owners {
		id := t.hash("key", o.Subject, o.Class)
		if c, ok := v.cache[tenant+"/"+id]; ok && v.now().Before(c.until) {
			out[i] = c.key
			continue
		}
		missing = append(missing, store.Key{Tenant: tenant, Kind: kindKey, ID: id})
		at = append(at, i)
	}
	v.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	docs, err := v.keys.Get(ctx, missing...)
	if err != nil {
		return nil, err
	}
	var ops []store.Op
	fresh := map[string]*Key{}
	for j, d := range docs {
		o, id := owners[at[j]], missing[j].ID
		if k, ok := fresh[id]; ok { // the same owner twice in one call
			out[at[j]] = k
			continue
		}
		var key *Key
		switch {
		case d.Exists():
			key, err = t.unwrap(tenant, id, d.Body)
		case create:
			var op store.Op
			key, op, err = t.create(v, tenant, id, o)
			ops = append(ops, op)
		default:
			err = fault.New(fault.Gone, "vault: no key %s", id)
		}
		if err != nil {
			return nil, err
		}
		fresh[id], out[at[j]] = key, key
	}
	for batch := range slices.Chunk(ops, store.MaxOps) {
		err := v.keys.Commit(ctx, batch...)
		if fault.Is(err, fault.Conflict) { // made by another at the same time: use that one
			return v.find(ctx, tenant, owners, create)
		}
		if err != nil {
			return nil, err
		}
	}
	v.remember(tenant, fresh)
	return out, nil
}

func (v *Vault) remember(tenant string, keys map[string]*Key) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.cache)+len(keys) > maxCached {
		clear(v.cache) // rare, cheap to rebuild, and simpler than an LRU
	}
	for id, k := range keys {
		v.cache[tenant+"/"+id] = cached{key: k, until: v.now().Add(Lifetime)}
	}
}

func (t *tenantKey) create(v *Vault, tenant, id string, o Owner) (*Key, store.Op, error) {
	raw := make([]byte, 32)
	rand.Read(raw)
	aead, err := newGCM(raw)
	if err != nil {
		return nil, store.Op{}, err
	}
	body, err := json.Marshal(wrappedKey{
		V: 1, Subject: o.Subject, Class: o.Class, CreatedAt: v.now().UTC(),
		Wrapped: t.wrap.Seal(nil, nil, raw, wrapPlace(tenant, id)),
	})
	if err != nil {
		return nil, store.Op{}, err
	}
	op := store.Op{
		Key: store.Key{Tenant: tenant, Kind: kindKey, ID: id}, Act: store.Put, Expect: store.Absent(), Body: body,
		Index: []store.Entry{{Index: indexSubject, Partition: o.Subject, Sort: o.Class}},
	}
	return &Key{id: id, aead: aead}, op, nil
}

func (t *tenantKey) unwrap(tenant, id string, body []byte) (*Key, error) {
	var w wrappedKey
	if err := json.Unmarshal(body, &w); err != nil || w.V != 1 {
		return nil, fault.New(fault.Internal, "vault: key %s is damaged or from a newer version", id)
	}
	if w.DestroyedAt != nil {
		return nil, fault.New(fault.Gone, "vault: key %s has been destroyed", id)
	}
	raw, err := t.wrap.Open(nil, nil, w.Wrapped, wrapPlace(tenant, id))
	if err != nil {
		return nil, fault.New(fault.Internal, "vault: key %s doesn't unwrap: it was changed or moved", id)
	}
	aead, err := newGCM(raw)
	if err != nil {
		return nil, err
	}
	return &Key{id: id, aead: aead}, nil
}

func wrapPlace(tenant, id string) []byte { return []byte("okence key " + tenant + "/" + id) }

// Destroy destroys the keys of owners for good. It is idempotent, also for an
// owner that never had a key: none can be made afterwards. Call it after the
// commit that decided it.
func (v *Vault) Destroy(ctx context.Context, tenant string, owners ...Owner) error {
	t, err := v.tenant(ctx, tenant)
	if err != nil {
		return err
	}
	for _, o := range owners {
		id := t.hash("key", o.Subject, o.Class)
		if err := v.destroy(ctx, tenant, id, o); err != nil {
			return err
		}
	}
	return nil
}

// Retire is Destroy for keys of past periods: an owner that never had a key
// gets no tombstone, since nothing will ask for one any more.
func (v *Vault) Retire(ctx context.Context, tenant string, owners ...Owner) error {
	t, err := v.tenant(ctx, tenant)
	if err != nil {
		return err
	}
	keys := make([]store.Key, len(owners))
	for i, o := range owners {
		keys[i] = store.Key{Tenant: tenant, Kind: kindKey, ID: t.hash("key", o.Subject, o.Class)}
	}
	docs, err := v.keys.Get(ctx, keys...)
	if err != nil {
		return err
	}
	for i, d := range docs {
		if !d.Exists() {
			continue
		}
		if err := v.destroy(ctx, tenant, keys[i].ID, owners[i]); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) destroy(ctx context.Context, tenant, id string, o Owner) error {
	at := store.Key{Tenant: tenant, Kind: kindKey, ID: id}
	for {
		docs, err := v.keys.Get(ctx, at)
		if err != nil {
			return err
		}
		w := wrappedKey{V: 1, Subject: o.Subject, Class: o.Class, CreatedAt: v.now().UTC()}
		if docs[0].Exists() {
			if err := json.Unmarshal(docs[0].Body, &w); err != nil {
				return fault.New(fault.Internal, "vault: key %s is damaged", id)
			}
		}
		if w.DestroyedAt == nil {
			now := v.now().UTC()
			w.Wrapped, w.DestroyedAt = nil, &now
			body, err := json.Marshal(w)
			if err != nil {
				return err
			}
			err = v.keys.Commit(ctx, store.Op{Key: at, Act: store.Put, Expect: store.At(docs[0].Version), Body: body})
			if fault.Is(err, fault.Conflict) {
				continue
			}
			if err != nil {
				return err
			}
		}
		v.mu.Lock()
		delete(v.cache, tenant+"/"+id)
		v.mu.Unlock()
		return nil
	}
}

// Owners lists the owners of a subject's living keys. It reads an index, which
// may lag: call it again after it reports none, before saying that all are gone.
func (v *Vault) Owners(ctx context.Context, tenant, subject string) ([]Owner, error) {
	var out []Owner
	q := store.Query{Tenant: tenant, Index: indexSubject, Partition: subject}
	for {
		page, err := v.keys.Query(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, d := range page.Docs {
			var w wrappedKey
			if err := json.Unmarshal(d.Body, &w); err != nil {
				return nil, fault.New(fault.Internal, "vault: key %s is damaged", d.Key.ID)
			}
			if w.DestroyedAt == nil {
				out = append(out, Owner{Subject: w.Subject, Class: w.Class})
			}
		}
		if page.Next == "" {
			return out, nil
		}
		q.Token = page.Next
	}
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func encode(b []byte) string { return base32Lower.EncodeToString(b) }
