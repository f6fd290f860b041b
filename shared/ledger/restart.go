package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// Restart begins a new log where the tree store was lost or taken back, so that
// going on would fork: newest is the newest signed checkpoint of the old log
// that was held outside, and key its verifier key. The new log's first leaf
// names the old origin, size and root, and how much of it is still here. Then
// Seal sequences anew the stored entries that the tree store does not have.
// fault.Conflict: the old log is not behind newest, it can simply go on.
func (l *Log) Restart(ctx context.Context, tenant string, newest []byte, key string) error {
	old, err := ParseCheckpoint(newest, Keys{Log: key}, false)
	if err != nil {
		return err
	}
	generation, here, logVersion := 1, int64(0), ""
	var retired []store.Op
	st, err := open(ctx, l.Tree, tenant)
	switch {
	case fault.Is(err, fault.NotFound):
	case err != nil:
		return err
	default:
		generation, logVersion, here = st.Generation, st.logVersion, st.checkpoint.Size
		if st.Origin == old.Origin && here >= old.Size {
			return fault.New(fault.Conflict, "ledger: the log of %s is not behind that checkpoint: it goes on", tenant)
		}
		body, err := json.Marshal(st.identity)
		if err != nil {
			return err
		}
		retired = append(retired, once(store.Key{Tenant: tenant, Kind: kindLog, ID: fmt.Sprint(generation)}, body),
			store.Op{Key: st.headKey(tenant), Act: store.Check, Expect: store.At(st.headVersion)})
	}
	if g := generationOf(l.origin(tenant), old.Origin); g > generation {
		generation = g
	}
	id, signer, err := l.newIdentity(ctx, tenant, generation+1)
	if err != nil {
		return err
	}
	ops, msg, err := l.empty(tenant, id, signer)
	if err != nil {
		return err
	}
	body, err := json.Marshal(id)
	if err != nil {
		return err
	}
	ops = append(append(ops, retired...), store.Op{Key: logKey(tenant), Act: store.Put, Expect: store.At(logVersion), Body: body})
	first := &growth{log: l, tenant: tenant, state: &state{identity: *id, note: msg}, edge: &edge{tenant: tenant, id: id, tiles: map[int][]byte{}, added: map[int]struct{}{}}}
	first.add(statementLeaf(l.Now(), audit.PlatformLog, Statement{Verb: StatesContinues, Origin: old.Origin, Size: old.Size, Root: old.Root.String(), Here: here}), "")
	if err := first.signed(signer); err != nil {
		return err
	}
	// The head of the empty tree is not needed: one commit, one head.
	ops = slices.DeleteFunc(ops, func(o store.Op) bool { return o.Key == id.headKey(tenant) })
	if err := l.Tree.Commit(ctx, append(ops, first.ops...)...); err != nil {
		return err
	}
	return l.again(ctx, tenant)
}

// generationOf reads the generation from a log's name.
func generationOf(origin, old string) int {
	var g int
	if _, err := fmt.Sscanf(old, origin+"/%d", &g); err != nil || g < 2 {
		return 1
	}
	return g
}

// again puts the entries that have no place back among those that wait. It may
// be cut off and repeated: Again.
func (l *Log) again(ctx context.Context, tenant string) error {
	for _, class := range audit.Classes {
		q := store.Query{Tenant: tenant, Index: record.ByClass, Partition: string(class), Limit: batch}
		err := l.each(ctx, q, func(entries []entry, at []store.Doc) error {
			var ops []store.Op
			for i, e := range entries {
				if !at[i].Exists() {
					ops = append(ops, store.Op{Key: e.doc.Key, Act: store.Put, Expect: store.At(e.doc.Version), Body: e.doc.Body, Index: record.Entries.Entries(&e.Entry)})
				}
			}
			if len(ops) == 0 {
				return nil
			}
			return l.Docs.Commit(ctx, ops...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Again puts stored entries that the tree does not have, and that do not wait,
// back among those that wait: what a Restart that was cut off left to do.
func (l *Log) Again(ctx context.Context, tenant string) error { return l.again(ctx, tenant) }

// each goes through an index of entries, with their places.
func (l *Log) each(ctx context.Context, q store.Query, do func([]entry, []store.Doc) error) error {
	var damaged error
	for {
		page, err := l.Docs.Query(ctx, q)
		if err != nil {
			return err
		}
		entries, err := readEntries(page.Docs)
		damaged = errors.Join(damaged, err)
		ids := make([]string, len(entries))
		for i := range entries {
			ids[i] = entries[i].ID
		}
		at, err := places(ctx, l.Tree, q.Tenant, ids)
		if err != nil {
			return err
		}
		if err := do(entries, at); err != nil {
			return err
		}
		if q.Token = page.Next; q.Token == "" {
			return damaged
		}
	}
}

// Declare states in the log which leaves have no stored entry any more because
// the data were restored from a backup. Verify then counts them as lost, by the
// log's own word, instead of naming each. It returns how many it declared, and
// may be repeated.
func (l *Log) Declare(ctx context.Context, tenant string) (int64, error) {
	r, err := Verify(ctx, l.Docs, l.Tree, tenant, Options{})
	if err != nil {
		return 0, err
	}
	var declared int64
	for _, g := range append([]*Report{r}, r.Earlier...) {
		for class, missing := range g.unexplained {
			for chunk := range slices.Chunk(missing, 512) { // the text of a statement stays under 64 KiB
				_, err := l.extend(ctx, tenant, func(x *growth) error {
					x.add(statementLeaf(l.Now(), class, Statement{Verb: StatesLost, Log: g.generation, Leaves: chunk}), "")
					return nil
				})
				if err != nil {
					return declared, err
				}
				declared += ranges(chunk).count()
			}
		}
	}
	return declared, nil
}
