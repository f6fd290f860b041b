package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/store/sqlite/rawbench"
	"github.com/okence/okence/shared/vault"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// recorder is a store that counts what it is asked, and keeps the last commit.
type recorder struct {
	store.Store
	mu                          sync.Mutex
	reads, docs, commits, wrote int
	last                        []store.Op
}

// Get is store.Store's.
func (r *recorder) Get(ctx context.Context, keys ...store.Key) ([]store.Doc, error) {
	r.mu.Lock()
	r.reads++
	r.docs += len(keys)
	r.mu.Unlock()
	return r.Store.Get(ctx, keys...)
}

// Query is store.Store's.
func (r *recorder) Query(ctx context.Context, q store.Query) (store.Page, error) {
	page, err := r.Store.Query(ctx, q)
	r.mu.Lock()
	r.reads++
	r.docs += len(page.Docs)
	r.mu.Unlock()
	return page, err
}

// Commit is store.Store's.
func (r *recorder) Commit(ctx context.Context, ops ...store.Op) error {
	kept := slices.Clone(ops)
	for i := range kept {
		kept[i].Body = slices.Clone(kept[i].Body)
	}
	r.mu.Lock()
	r.commits++
	r.wrote += len(ops)
	r.last = kept
	r.mu.Unlock()
	return r.Store.Commit(ctx, ops...)
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads, r.docs, r.commits, r.wrote = 0, 0, 0, 0
}

// countedKMS counts the calls of a KMS.
type countedKMS struct {
	vault.KMS
	mu    sync.Mutex
	calls int
}

// Wrap is vault.KMS's.
func (k *countedKMS) Wrap(ctx context.Context, c vault.Context, plain []byte) ([]byte, error) {
	k.count()
	return k.KMS.Wrap(ctx, c, plain)
}

// Unwrap is vault.KMS's.
func (k *countedKMS) Unwrap(ctx context.Context, c vault.Context, wrapped []byte) ([]byte, error) {
	k.count()
	return k.KMS.Unwrap(ctx, c, wrapped)
}

func (k *countedKMS) count() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls++
}

// calls counts what a message of a known person asks of the store, of the keys
// and of the KMS, through the real route, and keeps what one wrote.
func (b *bench) calls() error {
	const warm, counted = 4, 200
	s, err := b.start()
	if err != nil {
		return err
	}
	defer s.stop()
	docs := &recorder{Store: s.env.Work.Store}
	keyStore, err := sqlite.Open(filepath.Join(s.env.Settings.Keys, "keys.db"), sqlite.Options{})
	if err != nil {
		return err
	}
	defer keyStore.Close()
	keys := &recorder{Store: keyStore}
	root, err := vaultfile.Open(s.env.Settings.Keys)
	if err != nil {
		return err
	}
	kms := &countedKMS{KMS: root}
	s.env.Work.Store, s.env.Work.Vault = docs, vault.New(kms, keys)

	post := s.sender(0)
	defer post.close()
	var before []store.Op
	for i := range warm + counted {
		if i == warm {
			docs.reset()
			keys.reset()
			kms.calls = 0
		}
		before = docs.last
		if status, err := post.send(fmt.Sprintf("wamid.calls.%d", i), time.Now()); err != nil || status != 200 {
			return fmt.Errorf("a message was answered %d: %w", status, err)
		}
	}
	b.typical = compare(before, docs.last)
	each := func(n int) float64 { return float64(n) / counted }
	b.add(
		figure{Name: "store reads per message", Value: each(docs.reads), Unit: "calls"}.atMost(4),
		figure{Name: "store commits per message, webhook and inbound in one process", Value: each(docs.commits), Unit: "calls"}.atMost(1),
		figure{Name: "documents read per message", Value: each(docs.docs), Unit: "documents"},
		figure{Name: "operations committed per message", Value: each(docs.wrote), Unit: "operations"},
		figure{Name: "key store calls per message of a known person", Value: each(keys.reads + keys.commits), Unit: "calls"},
		figure{Name: "KMS calls per message after the first", Value: each(kms.calls), Unit: "calls"}.atMost(0),
	)
	return nil
}

// transaction is what one message writes: a row for each document put and each
// index entry that it changes.
type transaction struct {
	ops    []store.Op
	rows   []row
	shared map[string]bool // ids that the message before wrote or held too
}

// row is a row as plain SQLite is given it.
type row struct {
	body    []byte
	ordered bool   // its key follows that of the message before
	place   string // begins its key: what lies elsewhere in the real tables lies elsewhere here
}

// rawKey is the length of rawbench's keys, but for the place.
var rawKey = len(rawbench.Ordered(0, 0, 0))

// compare finds the rows of a commit, and which of their keys lie in order, by
// the commit of the message before. To the advantage of plain SQLite it leaves
// out checks and removals, and takes what is replaced for an ordered insert.
func compare(before, now []store.Op) transaction {
	t := transaction{ops: now, shared: map[string]bool{}}
	for _, op := range now {
		t.shared[op.Key.ID] = slices.ContainsFunc(before, func(old store.Op) bool { return old.Key == op.Key })
	}
	for i, op := range now {
		if op.Act != store.Put {
			continue
		}
		old := store.Op{}
		if i < len(before) && before[i].Key.Kind == op.Key.Kind {
			old = before[i]
		}
		t.row("", op.Key.String(), old.Key.String(), len(op.Body))
		for j, e := range op.Index {
			key, was := e.Index+"/"+e.Partition+"/"+e.Sort, ""
			if j < len(old.Index) {
				was = old.Index[j].Index + "/" + old.Index[j].Partition + "/" + old.Index[j].Sort
			}
			if key == was && op.Key == old.Key {
				continue // it stays as it is
			}
			t.row(e.Index+"/", key+"/"+op.Key.String(), was+"/"+old.Key.String(), 0)
		}
	}
	return t
}

// row adds a row of the length that the real one has. Two keys that share all
// but their last characters, as times and ids in time order do, are in order;
// keyed hashes share the kind alone.
func (t *transaction) row(place, key, before string, body int) {
	shared := 0
	for shared < min(len(key), len(before)) && key[shared] == before[shared] {
		shared++
	}
	id := strings.LastIndexByte(key[:shared], '/') + 1
	t.rows = append(t.rows, row{
		body:    make([]byte, max(len(key)+body-rawKey-len(place), 0)),
		ordered: shared-id >= 4,
		place:   place,
	})
}

// raw lets writers write such transactions to plain SQLite (rawbench).
func (t *transaction) raw(dir string, writers int, d time.Duration) (perSecond float64, cpu time.Duration, err error) {
	bodies := make([][]byte, len(t.rows))
	for i, r := range t.rows {
		bodies[i] = r.body
	}
	return rawbench.RunKeys(dir, writers, bodies, d, func(writer, number, i int) string {
		if t.rows[i].ordered {
			return t.rows[i].place + rawbench.Ordered(writer, number, i)
		}
		return t.rows[i].place + rawbench.Random(writer, number, i)
	})
}

// more is what n further messages of another conversation would have written:
// the same under ids of their own.
func (t *transaction) more(n int) []store.Op {
	var out []store.Op
	talk := map[string]string{} // what the messages of a conversation share
	for i := range n {
		names := maps.Clone(talk)
		for _, op := range t.ops {
			if id := op.Key.ID; names[id] == "" {
				names[id] = another(id)
				if t.shared[id] {
					talk[id] = names[id]
				}
			}
		}
		for _, op := range t.ops {
			if op.Act != store.Put || i > 0 && t.shared[op.Key.ID] {
				continue
			}
			op.Key.ID, op.Expect = names[op.Key.ID], store.Any()
			op.Index = slices.Clone(op.Index)
			for j := range op.Index {
				if other := names[op.Index[j].Partition]; other != "" {
					op.Index[j].Partition = other
				}
			}
			out = append(out, op)
		}
	}
	return out
}

// made counts the ids of another.
var made atomic.Int64

// another is an id that begins like the old one, with its time if it has one,
// and goes on by a running number: keys in order make filling a store quick, and
// a start reads none of them.
func another(id string) string {
	number := fmt.Sprintf("%026d", made.Add(1)) // as long as a keyed hash
	return id[:max(len(id)-len(number), 0)] + number
}
