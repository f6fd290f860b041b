package ledger_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/store/storetest"
)

// tamper writes past every rule, as an operator with the database could.
func (w *world) tamper(t testing.TB, s store.Store, kind, id string, change func([]byte) []byte) {
	t.Helper()
	k := store.Key{Tenant: tenant, Kind: kind, ID: id}
	docs, err := s.Get(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if !docs[0].Exists() {
		t.Fatal("nothing at", k)
	}
	op := store.Op{Key: k, Act: store.Delete}
	if b := change(append([]byte(nil), docs[0].Body...)); b != nil {
		op = store.Op{Key: k, Act: store.Put, Body: b, Index: w.indexOf(t, docs[0])}
	}
	if err := s.Commit(t.Context(), op); err != nil {
		t.Fatal(err)
	}
}

// indexOf keeps a document where its index has it.
func (w *world) indexOf(t testing.TB, d store.Doc) []store.Entry {
	t.Helper()
	switch d.Key.Kind {
	case "entry":
		e := new(audit.Entry)
		body, err := record.Unpack(d.Body)
		if err == nil {
			err = record.Entries.Join(e, record.Plain{Schema: body.Schema, Clear: body.Clear})
		}
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(record.Entries.Entries(e), func(x store.Entry) bool { return x.Index == record.ByState })
	case "checkpoint":
		gen, size, _ := strings.Cut(d.Key.ID, "/")
		return []store.Entry{{Index: "size", Partition: gen, Sort: size}}
	}
	return nil
}

// everything is every document of the tree store that counts, and of the entries.
func (w *world) everything(t testing.TB) (out []target) {
	t.Helper()
	for _, d := range w.entries(t) {
		out = append(out, target{w.Docs, d})
	}
	st, n := w.log, w.checkpoint0(t)
	keys := []store.Key{{Tenant: tenant, Kind: "head", ID: "1"}}
	for level := 0; n>>(8*level) > 0; level++ {
		for i := int64(0); i<<(8*(level+1)) < n; i++ {
			width := int(min(n>>(8*level)-i*256, 256))
			if width <= 0 {
				continue
			}
			tile := ledger.Tile{Level: level, N: i, Width: width}.Path()
			keys = append(keys, store.Key{Tenant: tenant, Kind: "tile", ID: "1/" + tile})
			if level == 0 {
				keys = append(keys, store.Key{Tenant: tenant, Kind: "leaves", ID: "1" + tile[1:]})
			}
		}
	}
	for _, d := range w.entries(t) {
		keys = append(keys, store.Key{Tenant: tenant, Kind: "place", ID: d.Key.ID})
	}
	for chunk := range slices.Chunk(keys, store.MaxKeys) {
		docs, err := st.Tree.Get(t.Context(), chunk...)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			if !d.Exists() {
				t.Fatal("nothing at", d.Key)
			}
			out = append(out, target{w.tree, d})
		}
	}
	page, err := st.Tree.Query(t.Context(), store.Query{Tenant: tenant, Index: "size", Partition: "1", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range page.Docs {
		out = append(out, target{w.tree, d})
	}
	return out
}

type target struct {
	in store.Store
	store.Doc
}

func (w *world) put(t testing.TB, x target, body []byte, index []store.Entry) {
	t.Helper()
	if err := x.in.Commit(t.Context(), store.Op{Key: x.Key, Act: store.Put, Body: body, Index: index}); err != nil {
		t.Fatal(err)
	}
}

// found verifies and reports whether that fails, with a place.
func (w *world) found(t testing.TB, o ledger.Options) (bool, string) {
	t.Helper()
	r, err := ledger.Verify(t.Context(), w.Docs, w.tree, tenant, o)
	if err != nil {
		return true, err.Error()
	}
	if r.OK() {
		return false, ""
	}
	return true, r.Faults[0].String()
}

func TestAnyByteThatIsFlippedIsFound(t *testing.T) {
	w := newWorld(t)
	w.note(t, 1)
	w.seal(t)
	w.note(t, 1, func(e *audit.Entry) { e.Retention = audit.LoginLog })
	w.seal(t)
	w.clean(t)
	flips := 0
	for _, x := range w.everything(t) {
		index := w.indexOf(t, x.Doc)
		for i := range x.Body {
			mask := byte(1) << (i % 8)
			b := slices.Clone(x.Body)
			b[i] ^= mask
			w.put(t, x, b, index)
			ok, _ := w.found(t, ledger.Options{})
			if !ok {
				t.Errorf("%s: bit %#x of byte %d was flipped, and nothing was found", x.Key, mask, i)
			}
			flips++
		}
		w.put(t, x, x.Body, index)
	}
	w.clean(t)
	t.Log(flips, "flips")
}

func TestRandomFlipsInALargeLogAreFoundAndNamed(t *testing.T) {
	w := newWorld(t)
	w.fill(t, 600)
	all := w.everything(t)
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		x := all[r.IntN(len(all))]
		b := slices.Clone(x.Body)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		index := w.indexOf(t, x.Doc)
		w.put(t, x, b, index)
		if ok, text := w.found(t, ledger.Options{}); !ok {
			t.Errorf("%s: nothing was found", x.Key)
		} else if x.Key.Kind == "entry" && !strings.Contains(text, x.Key.ID) {
			t.Errorf("%s was changed, and told was %s", x.Key, text)
		}
		w.put(t, x, x.Body, index)
	}
	w.clean(t)
}

func TestWhatOperatorsMightDo(t *testing.T) {
	first := func(w *world) []store.Doc { return w.entries(t) }
	cases := []struct {
		name string
		do   func(w *world)
		kind ledger.FaultKind
		leaf int64
	}{
		{"an entry is deleted", func(w *world) { w.tamper(t, w.Docs, "entry", first(w)[4].Key.ID, gone) }, ledger.Removed, 4},
		{"an entry is deleted and its place says it was withheld", func(w *world) {
			id := first(w)[4].Key.ID
			w.tamper(t, w.Docs, "entry", id, gone)
			w.tamper(t, w.tree, "place", id, func([]byte) []byte { return []byte("1/4/withheld") })
		}, ledger.Removed, 4},
		{"two entries are swapped", func(w *world) {
			a, b := first(w)[2], first(w)[6]
			w.tamper(t, w.Docs, "entry", a.Key.ID, func([]byte) []byte { return b.Body })
			w.tamper(t, w.Docs, "entry", b.Key.ID, func([]byte) []byte { return a.Body })
		}, ledger.Changed, 2},
		{"two leaves are swapped", func(w *world) {
			w.tamper(t, w.tree, "leaves", "1/000.p/10", func(b []byte) []byte {
				n := len(b) / 10
				out := slices.Clone(b)
				copy(out[2*n:], b[6*n:7*n])
				copy(out[6*n:], b[2*n:3*n])
				return out
			})
		}, ledger.Changed, 2},
		{"a leaf and its tile are changed alike", func(w *world) {
			w.tamper(t, w.tree, "leaves", "1/000.p/10", func(b []byte) []byte { b[2+10] ^= 1; return b })
			w.tamper(t, w.tree, "tile", "1/0/000.p/10", func(b []byte) []byte {
				docs, _ := w.tree.Get(t.Context(), store.Key{Tenant: tenant, Kind: "leaves", ID: "1/000.p/10"})
				n := int(docs[0].Body[1])
				h := tlog.RecordHash(docs[0].Body[2 : 2+n])
				copy(b, h[:])
				return b
			})
		}, ledger.Changed, 0},
		{"the bundle is cut", func(w *world) {
			w.tamper(t, w.tree, "leaves", "1/000.p/10", func(b []byte) []byte { return b[:len(b)/2] })
		}, ledger.Changed, 0},
		{"a tile is deleted", func(w *world) { w.tamper(t, w.tree, "tile", "1/0/000.p/10", gone) }, ledger.Removed, 0},
		{"the newest stored checkpoint is deleted", func(w *world) { w.tamper(t, w.tree, "checkpoint", "1/000000000010", gone) }, ledger.Removed, -1},
		{"the head is taken back to an older checkpoint", func(w *world) {
			docs, _ := w.tree.Get(t.Context(), store.Key{Tenant: tenant, Kind: "checkpoint", ID: "1/000000000006"})
			w.tamper(t, w.tree, "head", "1", func([]byte) []byte { return docs[0].Body })
		}, ledger.Removed, 0},
		{"an entry is put in under a new id, long after", func(w *world) {
			w.insert(t, first(w)[3], "new", "")
		}, ledger.Changed, -1},
		{"an entry is put in with the place of another", func(w *world) {
			w.insert(t, first(w)[3], "new", "1/3")
		}, ledger.Inserted, 3},
		{"an entry is hidden from the sequencer", func(w *world) {
			w.note(t, 1)
			docs := first(w)
			d := docs[len(docs)-1]
			w.tamper(t, w.Docs, "entry", d.Key.ID, func(b []byte) []byte { return b })
			w.Clock.Add(2 * time.Hour)
			w.note(t, 1)
			w.seal(t)
		}, ledger.PassedOver, -1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.note(t, 6)
			w.seal(t)
			w.Clock.Add(2 * time.Hour)
			w.note(t, 4)
			w.seal(t)
			w.clean(t)
			c.do(w)
			r := w.verify(t, ledger.Options{})
			if !slices.ContainsFunc(r.Faults, func(f ledger.Fault) bool { return f.Kind == c.kind && f.Leaf == c.leaf }) {
				t.Fatalf("%v", r.Faults)
			}
		})
	}
}

func gone([]byte) []byte { return nil }

// insert stores a copy of an entry under another id.
func (w *world) insert(t testing.TB, d store.Doc, id, place string) {
	t.Helper()
	index := w.indexOf(t, d)
	d.Key.ID = id
	w.put(t, target{w.Docs, d}, d.Body, index)
	if place != "" {
		if err := w.tree.Commit(t.Context(), store.Op{Key: store.Key{Tenant: tenant, Kind: "place", ID: id}, Act: store.Put, Body: []byte(place)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABackDatedEntryIsNamed(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.Clock.Add(2 * time.Hour)
	w.note(t, 1)
	w.seal(t)
	w.clean(t)
	w.Clock.Add(-90 * time.Minute) // whoever writes it sets his clock back
	w.note(t, 1)
	w.Clock.Add(90 * time.Minute)
	w.seal(t)
	r := w.verify(t, ledger.Options{})
	if len(r.Faults) != 1 || r.Faults[0].Kind != ledger.BackDated || r.Faults[0].Leaf != 4 || r.Faults[0].Entry == "" {
		t.Fatal(r.Faults)
	}
}

func TestRollbackTruncationAndForksNeedACheckpointHeldOutside(t *testing.T) {
	w := newWorld(t)
	w.note(t, 20)
	w.seal(t)
	backup := w.copyTree(t)
	entries := w.entries(t)
	w.note(t, 5)
	w.seal(t)
	outside := w.checkpoint(t)
	if r := w.verify(t, ledger.Options{Outside: outside}); !r.OK() {
		t.Fatal(r.Faults)
	}

	// Back to the backup, the younger entries gone too: agrees with itself.
	for _, d := range w.entries(t)[len(entries):] {
		w.tamper(t, w.Docs, "entry", d.Key.ID, gone)
	}
	w.useTree(backup)
	w.clean(t)
	r := w.verify(t, ledger.Options{Outside: outside})
	if r.OK() || r.Faults[0].Kind != ledger.RolledBack || r.Faults[0].Leaf != 20 {
		t.Fatal(r.Faults)
	}

	// And on from there: a fork.
	w.note(t, 9)
	w.seal(t)
	w.clean(t)
	if err := w.tree.Commit(t.Context(), store.Op{Key: store.Key{Tenant: tenant, Kind: "checkpoint", ID: "1/000000000025"}, Act: store.Put, Body: outside,
		Index: []store.Entry{{Index: "size", Partition: "1", Sort: "000000000025"}}}); err != nil {
		t.Fatal(err)
	}
	if r = w.verify(t, ledger.Options{}); r.OK() || r.Faults[0].Kind != ledger.Changed || r.Faults[0].Leaf != 20 {
		t.Fatal("its own older checkpoint is of another log:", r.Faults)
	}
	r = w.verify(t, ledger.Options{Outside: outside})
	if r.OK() || r.Faults[0].Kind != ledger.Forked {
		t.Fatal(r.Faults)
	}
	tiles, err := ledger.VerifyTiles(t.Context(), w.log.Source(tenant), ledger.Options{Keys: w.keys(t), Outside: outside})
	if err != nil || tiles.OK() || tiles.Faults[0].Kind != ledger.Forked {
		t.Fatal(tiles, err)
	}
}

func (w *world) fill(t testing.TB, n int) {
	t.Helper()
	for n > 0 {
		w.note(t, min(n, 40))
		w.seal(t)
		n -= 40
	}
}

// copyTree copies the tree store, as a backup would.
func (w *world) copyTree(t testing.TB) store.Store {
	t.Helper()
	to := memory.New()
	all := []target{}
	for _, x := range w.everything(t) {
		if x.in == store.Store(w.tree) {
			all = append(all, x)
		}
	}
	docs, err := w.tree.Get(t.Context(), store.Key{Tenant: tenant, Kind: "log", ID: "current"})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range append(all, target{w.tree, docs[0]}) {
		if err := to.Commit(t.Context(), store.Op{Key: x.Key, Act: store.Put, Body: x.Body, Index: w.indexOf(t, x.Doc)}); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func (w *world) useTree(s store.Store) {
	w.tree = storetest.Faulty(s)
	w.log.Tree = w.tree
}

// The last letter of base64 has bits that decode to nothing.
func TestASpareBitOfBase64IsFound(t *testing.T) {
	w := newWorld(t)
	w.note(t, 1)
	w.seal(t)
	for _, name := range []string{"head", "checkpoint"} {
		id := map[string]string{"head": "1", "checkpoint": "1/000000000001"}[name]
		w.tamper(t, w.tree, name, id, func(b []byte) []byte {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			i := bytes.Index(b, []byte("=\n\u2014")) - 1 // of the first signature
			b[i] = alphabet[strings.IndexByte(alphabet, b[i])^1]
			return b
		})
		if ok, _ := w.found(t, ledger.Options{}); !ok {
			t.Error(name)
		}
	}
}
