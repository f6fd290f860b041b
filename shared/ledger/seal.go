package ledger

import (
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

const (
	// batch is how many leaves go into one commit: with their places, tiles,
	// bundle, checkpoint and head they stay under store.MaxOps.
	batch = 80
	// attempts bounds how often a batch is tried again after a conflict.
	attempts = 12
)

// MergeDelay is how long an entry may wait until it is a leaf (contract.md:
// sealed within an hour at most).
const MergeDelay = time.Hour

// Sealed is what a run of Seal did.
type Sealed struct {
	Added  int           // leaves
	Size   int64         // of the tree now
	Waited time.Duration // of the entry that had waited longest
}

// Seal sequences the entries that wait. It may run several times at once and
// may be cut off anywhere: the next run goes on. An entry that can't be read
// stays where it is, is told of in the error, and holds up no other.
func (l *Log) Seal(ctx context.Context, tenant string) (Sealed, error) {
	var out Sealed
	st, err := l.begin(ctx, tenant)
	if err != nil {
		return out, err
	}
	out.Size = st.checkpoint.Size
	q := store.Query{Tenant: tenant, Index: record.ByState, Partition: "entry", Limit: batch}
	var damaged error
	for {
		page, err := l.Docs.Query(ctx, q)
		if err != nil {
			return out, err
		}
		entries, err := readEntries(page.Docs)
		damaged = errors.Join(damaged, err)
		if len(entries) > 0 {
			out.Waited = max(out.Waited, l.Now().Sub(entries[0].At))
			added, size, err := l.sequence(ctx, tenant, entries)
			out.Added += added
			if err != nil {
				return out, err
			}
			out.Size = size
			if err := l.settle(ctx, entries); err != nil {
				return out, err
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return out, damaged
		}
	}
}

// entry is a stored entry, its clear part read.
type entry struct {
	audit.Entry
	doc store.Doc
}

func readEntries(docs []store.Doc) (out []entry, damaged error) {
	for _, d := range docs {
		e, err := readEntry(d)
		if err != nil {
			damaged = errors.Join(damaged, err)
			continue
		}
		out = append(out, e)
	}
	return out, damaged
}

func readEntry(d store.Doc) (entry, error) {
	e := entry{doc: d}
	body, err := record.Unpack(d.Body)
	if err == nil {
		err = record.Entries.Join(&e.Entry, record.Plain{Schema: body.Schema, Clear: body.Clear})
	}
	switch {
	case err != nil:
	case d.Key.Kind != record.Entries.Name || e.ID != d.Key.ID || len(e.Commitment) != sha256.Size || len(e.Retention) > 64:
		err = fault.New(fault.Internal, "ledger: entry %s is not whole", d.Key.ID)
	}
	return e, err
}

// leaf is the leaf that stands for the entry.
func (e *entry) leaf() Leaf {
	return Leaf{Kind: EntryLeaf, At: e.At, Class: e.Retention, Entry: sha256.Sum256(e.doc.Body), Commitment: [32]byte(e.Commitment)}
}

// sequence appends the entries that have no place yet.
func (l *Log) sequence(ctx context.Context, tenant string, entries []entry) (added int, size int64, err error) {
	size, err = l.extend(ctx, tenant, func(g *growth) error {
		ids := make([]string, len(entries))
		for i := range entries {
			ids[i] = entries[i].ID
		}
		places, err := g.places(ctx, ids)
		if err != nil {
			return err
		}
		added = 0
		for i := range entries {
			if places[i].Exists() {
				continue
			}
			g.add(entries[i].leaf(), entries[i].ID)
			added++
		}
		return nil
	})
	return added, size, err
}

// growth is what one commit adds to a tree.
type growth struct {
	log    *Log
	tenant string
	*state
	edge *edge
	ops  []store.Op
}

func (g *growth) places(ctx context.Context, ids []string) ([]store.Doc, error) {
	return places(ctx, g.log.Tree, g.tenant, ids)
}

func places(ctx context.Context, tree store.Store, tenant string, ids []string) ([]store.Doc, error) {
	var out []store.Doc
	for chunk := range slices.Chunk(ids, store.MaxKeys) {
		keys := make([]store.Key, len(chunk))
		for i, id := range chunk {
			keys[i] = placeKey(tenant, id)
		}
		docs, err := tree.Get(ctx, keys...)
		if err != nil {
			return nil, err
		}
		out = append(out, docs...)
	}
	return out, nil
}

// add appends a leaf and, for an entry, its place.
func (g *growth) add(leaf Leaf, id string) {
	if id != "" {
		p := place{Generation: g.Generation, Index: g.edge.size}
		g.ops = append(g.ops, store.Op{Key: placeKey(g.tenant, id), Act: store.Put, Expect: store.Absent(), Body: []byte(p.String())})
	}
	g.edge.add(stored{leaf.Bytes(), id})
}

// extend reads the tree, lets fill add to it, and commits; on a conflict again,
// on fresh reads. A fill that adds nothing and makes no operation commits
// nothing. It returns the size of the tree.
func (l *Log) extend(ctx context.Context, tenant string, fill func(*growth) error) (int64, error) {
	for attempt := range attempts {
		size, err := l.tryExtend(ctx, tenant, fill)
		if !fault.Is(err, fault.Conflict) || ctx.Err() != nil {
			return size, err
		}
		time.Sleep(time.Duration(rand.Int64N(int64(time.Millisecond) << min(attempt, 6))))
	}
	return 0, fault.New(fault.Conflict, "ledger: the log of %s still grows under another's hands after %d attempts", tenant, attempts)
}

func (l *Log) tryExtend(ctx context.Context, tenant string, fill func(*growth) error) (int64, error) {
	st, err := l.begin(ctx, tenant)
	if err != nil {
		return 0, err
	}
	keys, at := edgeKeys(tenant, &st.identity, st.checkpoint.Size)
	var docs []store.Doc
	if len(keys) > 0 {
		if docs, err = l.Tree.Get(ctx, keys...); err != nil {
			return 0, err
		}
	}
	e, err := newEdge(tenant, st, at, docs)
	if err != nil {
		// The tree may have grown between the two reads: then the head is another.
		if now, again := open(ctx, l.Tree, tenant); again == nil && now.headVersion != st.headVersion {
			return 0, fault.New(fault.Conflict, "ledger: the log of %s grew meanwhile", tenant)
		}
		return 0, err
	}
	g := &growth{log: l, tenant: tenant, state: st, edge: e}
	if err := fill(g); err != nil || (e.size == e.from && len(g.ops) == 0) {
		return e.size, err
	}
	if e.size > e.from {
		if err := g.checkpointed(ctx); err != nil {
			return 0, err
		}
	}
	ops := append(g.ops, store.Op{Key: logKey(tenant), Act: store.Check, Expect: store.At(st.logVersion)})
	if err := l.Tree.Commit(ctx, ops...); err != nil {
		return 0, err
	}
	return e.size, nil
}

// checkpointed adds the tiles, the bundle, the head and the checkpoint.
func (g *growth) checkpointed(ctx context.Context) error {
	key, err := g.log.signer(ctx, g.tenant, &g.identity)
	if err != nil {
		return err
	}
	return g.signed(key)
}

func (g *growth) signed(key crypto.Signer) error {
	root, err := g.edge.root()
	if err != nil {
		return err
	}
	msg, err := sign(Checkpoint{Origin: g.Origin, Size: g.edge.size, Root: root}, key, g.log.Now())
	if err != nil {
		return err
	}
	g.ops = append(g.ops, g.edge.ops()...)
	g.ops = append(g.ops, checkpointOp(g.tenant, &g.identity, g.edge.size, msg),
		store.Op{Key: g.headKey(g.tenant), Act: store.Put, Expect: store.At(g.headVersion), Body: msg})
	return nil
}

// settle takes sequenced entries out of the index of those that wait. Their
// bytes stay as they are. What another sequencer did meanwhile is left alone;
// what is missed comes up again in the next run.
func (l *Log) settle(ctx context.Context, entries []entry) error {
	for range attempts {
		ops := make([]store.Op, len(entries))
		for i := range entries {
			e := &entries[i]
			index := slices.DeleteFunc(record.Entries.Entries(&e.Entry), func(x store.Entry) bool { return x.Index == record.ByState })
			ops[i] = store.Op{Key: e.doc.Key, Act: store.Put, Expect: store.At(e.doc.Version), Body: e.doc.Body, Index: index}
		}
		if len(ops) == 0 {
			return nil
		}
		err := l.Docs.Commit(ctx, ops...)
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		keys := make([]store.Key, len(entries))
		for i := range entries {
			keys[i] = entries[i].doc.Key
		}
		docs, err := l.Docs.Get(ctx, keys...)
		if err != nil {
			return err
		}
		var still []entry
		for i, d := range docs {
			if d.Version == entries[i].doc.Version {
				still = append(still, entries[i])
			}
		}
		entries = still
	}
	return nil
}

// place is where an entry's leaf stands, and what became of the entry.
type place struct {
	Generation int
	Index      int64
	Gone       gone
}

// gone says why an entry is no longer there.
type gone string

const (
	withheld gone = "withheld" // deleted after its retention
)

func (p place) String() string {
	s := fmt.Sprintf("%d/%d", p.Generation, p.Index)
	if p.Gone != "" {
		s += "/" + string(p.Gone)
	}
	return s
}

func parsePlace(b []byte) (place, error) {
	parts := strings.SplitN(string(b), "/", 3)
	bad := fault.New(fault.Internal, "ledger: a damaged place")
	if len(parts) < 2 {
		return place{}, bad
	}
	g, err := strconv.Atoi(parts[0])
	n, err2 := strconv.ParseInt(parts[1], 10, 64)
	p := place{Generation: g, Index: n}
	if len(parts) == 3 {
		p.Gone = gone(parts[2])
	}
	if err != nil || err2 != nil || p.String() != string(b) || (p.Gone != "" && p.Gone != withheld) {
		return place{}, bad
	}
	return p, nil
}
