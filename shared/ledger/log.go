package ledger

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// Log is the processing logs of the tenants of a deployment. It is safe for
// many goroutines and for several processes at once.
type Log struct {
	Docs  store.Store // where units of work put entries
	Tree  store.Store // a store of its own, outside the backups of Docs
	Vault *vault.Vault
	Now   func() time.Time // the system's clock

	// Origin names a tenant's log in its checkpoints; nil is "okence.org/" and
	// the tenant.
	Origin func(tenant string) string

	// Signer is a tenant's Ed25519 key where a KMS holds it. nil: a key of the
	// log's own, sealed under the tenant's vault key of owner "~ledger".
	Signer func(ctx context.Context, tenant string) (crypto.Signer, error)
}

// The kinds of document in the tree store. All but the identity, the head and
// what witnesses saw (witness.go) are written once; a partial tile goes when a wider one holds what it held.
// <g> is the generation of the log: 1, and one more for each Restart.
const (
	kindLog        = "log"        // "current": identity, JSON
	kindHead       = "head"       // "<g>": the newest signed checkpoint
	kindTile       = "tile"       // "<g>/" and Tile.Path: hashes
	kindLeaves     = "leaves"     // "<g>/" and a path like that of a level 0 tile: a bundle
	kindCheckpoint = "checkpoint" // "<g>/" and the size in 12 digits: a signed checkpoint
	kindPlace      = "place"      // entry id: "<g>/<leaf number>", and after it why the entry is gone

	indexSize = "size" // checkpoints by size; partition "<g>"
)

// identity says which log it is.
type identity struct {
	V          int       `json:"v"`
	Generation int       `json:"generation"`
	Origin     string    `json:"origin"`
	Key        string    `json:"key"`            // verifier key
	Seed       []byte    `json:"seed,omitempty"` // sealed; absent where a KMS holds the key
	CreatedAt  time.Time `json:"created_at"`
}

const (
	identityVersion = 1
	maxGeneration   = 1000
)

func (id *identity) at(tenant, kind, rest string) store.Key {
	return store.Key{Tenant: tenant, Kind: kind, ID: fmt.Sprintf("%d%s", id.Generation, rest)}
}

func (id *identity) headKey(tenant string) store.Key { return id.at(tenant, kindHead, "") }

func (id *identity) tileKey(tenant string, t Tile) store.Key {
	return id.at(tenant, kindTile, "/"+t.Path())
}

func (id *identity) leavesKey(tenant string, n int64, width int) store.Key {
	return id.at(tenant, kindLeaves, "/"+numbered(n, width))
}

func (id *identity) checkpointKey(tenant string, size int64) store.Key {
	return id.at(tenant, kindCheckpoint, fmt.Sprintf("/%012d", size))
}

func logKey(tenant string) store.Key {
	return store.Key{Tenant: tenant, Kind: kindLog, ID: "current"}
}

func placeKey(tenant, entry string) store.Key {
	return store.Key{Tenant: tenant, Kind: kindPlace, ID: entry}
}

func (l *Log) origin(tenant string) string {
	if l.Origin != nil {
		return l.Origin(tenant)
	}
	return "okence.org/" + tenant
}

// state is a tenant's log as it was read: what a batch is added to.
type state struct {
	identity
	logVersion  string
	headVersion string
	checkpoint  Checkpoint
	note        []byte
}

// open reads a tenant's log. fault.NotFound: there is none yet.
func open(ctx context.Context, tree store.Store, tenant string) (*state, error) {
	docs, err := tree.Get(ctx, logKey(tenant))
	if err != nil {
		return nil, err
	}
	if !docs[0].Exists() {
		return nil, fault.New(fault.NotFound, "ledger: tenant %s has no log yet", tenant)
	}
	st := &state{logVersion: docs[0].Version}
	if err := json.Unmarshal(docs[0].Body, &st.identity); err != nil || st.V != identityVersion {
		return nil, fault.New(fault.Internal, "ledger: the identity of the log of %s is damaged or from a newer version", tenant)
	}
	if docs, err = tree.Get(ctx, st.headKey(tenant)); err != nil {
		return nil, err
	}
	if !docs[0].Exists() {
		return nil, fault.New(fault.Internal, "ledger: the log of %s has lost its newest checkpoint", tenant)
	}
	st.headVersion, st.note = docs[0].Version, docs[0].Body
	st.checkpoint, err = ParseCheckpoint(st.note, Keys{Log: st.Key}, true)
	return st, err
}

// begin opens a tenant's log, or makes it: an empty tree with its checkpoint.
func (l *Log) begin(ctx context.Context, tenant string) (*state, error) {
	for {
		st, err := open(ctx, l.Tree, tenant)
		if !fault.Is(err, fault.NotFound) {
			return st, err
		}
		id, key, err := l.newIdentity(ctx, tenant, 1)
		if err != nil {
			return nil, err
		}
		ops, _, err := l.empty(tenant, id, key)
		if err != nil {
			return nil, err
		}
		body, err := json.Marshal(id)
		if err != nil {
			return nil, err
		}
		ops = append(ops, store.Op{Key: logKey(tenant), Act: store.Put, Expect: store.Absent(), Body: body})
		if err := l.Tree.Commit(ctx, ops...); err != nil && !fault.Is(err, fault.Conflict) {
			return nil, err // a conflict: another sequencer was first
		}
	}
}

// empty is the state of a log without leaves, signed.
func (l *Log) empty(tenant string, id *identity, key crypto.Signer) ([]store.Op, []byte, error) {
	root, err := tlog.TreeHash(0, nil)
	if err != nil {
		return nil, nil, err
	}
	msg, err := sign(Checkpoint{Origin: id.Origin, Root: root}, key, l.Now())
	if err != nil {
		return nil, nil, err
	}
	return []store.Op{
		{Key: id.headKey(tenant), Act: store.Put, Expect: store.Absent(), Body: msg},
		checkpointOp(tenant, id, 0, msg),
	}, msg, nil
}

func checkpointOp(tenant string, id *identity, size int64, msg []byte) store.Op {
	at := id.checkpointKey(tenant, size)
	return store.Op{Key: at, Act: store.Put, Expect: store.Absent(), Body: msg,
		Index: []store.Entry{{Index: indexSize, Partition: fmt.Sprint(id.Generation), Sort: fmt.Sprintf("%012d", size)}}}
}

// signingOwner seals the seed of a tenant's signing key.
var signingOwner = vault.Owner{Subject: "~ledger", Class: "signing"}

func seedPlace(tenant string, generation int) vault.Place {
	return vault.Place{Tenant: tenant, Subject: signingOwner.Subject, Kind: kindLog, ID: fmt.Sprint(generation), Field: "seed", Schema: identityVersion}
}

// newIdentity makes a log's identity and finds or makes its key. A crash before
// it is stored costs a key that nobody used.
func (l *Log) newIdentity(ctx context.Context, tenant string, generation int) (*identity, crypto.Signer, error) {
	id := &identity{V: identityVersion, Generation: generation, Origin: l.origin(tenant), CreatedAt: l.Now().UTC()}
	if generation > 1 {
		id.Origin = fmt.Sprintf("%s/%d", id.Origin, generation)
	}
	var key crypto.Signer
	if l.Signer != nil {
		var err error
		if key, err = l.Signer(ctx, tenant); err != nil {
			return nil, nil, err
		}
	} else {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		keys, err := l.Vault.Keys(ctx, tenant, signingOwner)
		if err != nil {
			return nil, nil, err
		}
		id.Seed, key = keys[0].Seal(seedPlace(tenant, generation), private.Seed()), private
	}
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, nil, fault.New(fault.Invalid, "ledger: the signing key is not Ed25519")
	}
	var err error
	if id.Key, err = note.NewEd25519VerifierKey(id.Origin, pub); err != nil {
		return nil, nil, fault.New(fault.Invalid, "ledger: %q can't name a log", id.Origin)
	}
	return id, key, nil
}

// signer opens the signing key of a log.
func (l *Log) signer(ctx context.Context, tenant string, id *identity) (crypto.Signer, error) {
	if l.Signer != nil {
		return l.Signer(ctx, tenant)
	}
	keys, err := l.Vault.Existing(ctx, tenant, signingOwner)
	if err != nil {
		return nil, err
	}
	seed, err := keys[0].Open(seedPlace(tenant, id.Generation), id.Seed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fault.New(fault.Internal, "ledger: the signing key of %s doesn't open", tenant)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// PublicKey is the verifier key of a tenant's log (C2SP signed-note), to be held
// outside by whoever verifies. fault.NotFound: there is no log yet.
func (l *Log) PublicKey(ctx context.Context, tenant string) (string, error) {
	return StoreSource{l.Tree, tenant}.Key(ctx)
}

// Source reads a tenant's published tree from the tree store.
func (l *Log) Source(tenant string) StoreSource { return StoreSource{l.Tree, tenant} }

// StoreSource is the TileSource of a tenant's newest log in a tree store.
type StoreSource struct {
	Tree   store.Store
	Tenant string
}

// Key is the log's verifier key.
func (s StoreSource) Key(ctx context.Context) (string, error) {
	st, err := open(ctx, s.Tree, s.Tenant)
	if err != nil {
		return "", err
	}
	return st.Key, nil
}

// Checkpoint implements TileSource: with the cosignatures of the witnesses who
// have seen it.
func (s StoreSource) Checkpoint(ctx context.Context) ([]byte, error) {
	st, err := open(ctx, s.Tree, s.Tenant)
	if err != nil {
		return nil, err
	}
	docs, err := s.Tree.Get(ctx, st.witnessedKey(s.Tenant))
	if err != nil {
		return nil, err
	}
	all, err := parseSeen(docs[0].Body)
	return withCosignatures(st.note, st.checkpoint.Size, all), err
}

// Tile implements TileSource. A narrower tile than the newest is a beginning of
// it, so every width that ever had a checkpoint is still there.
func (s StoreSource) Tile(ctx context.Context, t Tile) ([]byte, error) {
	for size := int64(-1); ; {
		st, err := open(ctx, s.Tree, s.Tenant)
		if err != nil {
			return nil, err
		}
		data, err := st.tile(ctx, s.Tree, s.Tenant, t)
		if !fault.Is(err, fault.Internal) || st.checkpoint.Size == size {
			return data, err
		}
		size = st.checkpoint.Size // the tile may have grown between the two reads
	}
}

func (st *state) tile(ctx context.Context, tree store.Store, tenant string, t Tile) ([]byte, error) {
	w := widthAt(st.checkpoint.Size, t.Level, t.N)
	if t.Width < 1 || w < t.Width {
		return nil, fault.New(fault.NotFound, "no such tile")
	}
	docs, err := tree.Get(ctx, st.tileKey(tenant, Tile{t.Level, t.N, w}))
	if err != nil {
		return nil, err
	}
	if len(docs[0].Body) != w*tlog.HashSize {
		return nil, fault.New(fault.Internal, "ledger: tile %s of %s is missing or damaged", t.Path(), tenant)
	}
	return docs[0].Body[:t.Width*tlog.HashSize], nil
}
