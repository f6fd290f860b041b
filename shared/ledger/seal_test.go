package ledger_test

import (
	"context"
	"sync"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
)

func TestEntriesBecomeLeavesInOrder(t *testing.T) {
	w := newWorld(t)
	for _, n := range []int{0, 1, 79, 80, 81, 15, 0, 200, 256, 3} {
		w.note(t, n)
		before := w.checkpoint0(t)
		s := w.seal(t)
		if s.Added != n || s.Size != before+int64(n) {
			t.Fatalf("%d entries: %+v after %d", n, s, before)
		}
		if r := w.clean(t); r.Size != s.Size || r.Entries != s.Size || r.Pending != 0 {
			t.Fatalf("%+v", r)
		}
		if r, err := ledger.VerifyTiles(t.Context(), w.log.Source(tenant), ledger.Options{Keys: w.keys(t)}); err != nil || !r.OK() || r.Size != s.Size {
			t.Fatalf("%+v, %v", r, err)
		}
	}
}

func TestWhatWaitsIsNamed(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.seal(t)
	w.note(t, 30)
	if r := w.clean(t); r.Pending != 30 || len(r.Waiting) != 20 || r.Entries != 3 {
		t.Fatalf("%+v", r)
	}
}

func TestANoteCostsNoCommitOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.note(t, 1)
	w.Docs.Reset()
	w.note(t, 1)
	if c := w.Docs.Count(); c.Commit != 1 || c.Get != 0 || c.Query != 0 {
		t.Fatalf("%+v", c)
	}
}

func TestACrashAtAnyCallLosesAndDoublesNothing(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for _, which := range []string{"tree", "docs"} {
			for nth := 1; ; nth++ {
				w := newWorld(t)
				w.note(t, 10)
				w.seal(t)
				w.note(t, 85)
				target := w.tree
				if which == "docs" {
					target = w.Docs
				}
				target.Reset()
				target.Fail(storetest.Plan{Nth: nth, Moment: moment})
				_, err := w.log.Seal(t.Context(), tenant)
				failed := target.Failed()
				target.Reset()
				if failed == 0 {
					if err != nil {
						t.Fatal(err)
					}
					if nth < 5 {
						t.Fatalf("%s had only %d calls", which, nth-1)
					}
					break
				}
				if err == nil {
					t.Fatalf("%s %s %d: no error", which, moment, nth)
				}
				r := w.clean(t) // in between, too, nothing is wrong
				if r.Entries+r.Pending != 95 {
					t.Fatalf("%s %s %d: %d and %d", which, moment, nth, r.Entries, r.Pending)
				}
				w.seal(t)
				if r := w.clean(t); r.Entries != 95 || r.Size != 95 || r.Pending != 0 {
					t.Fatalf("%s %s %d: %+v", which, moment, nth, r)
				}
			}
		}
	}
}

func TestSequencersAtOnceDoNotFork(t *testing.T) {
	w := newWorld(t)
	w.seal(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 12 {
				if _, err := w.log.Seal(context.Background(), tenant); err != nil && !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			}
		})
	}
	var seen [][]byte
	for range 40 {
		w.note(t, 10)
		seen = append(seen, w.checkpoint(t))
	}
	wg.Wait()
	w.seal(t)
	if r := w.clean(t); r.Size != 400 || r.Entries != 400 {
		t.Fatalf("%+v", r)
	}
	for i, c := range seen { // every checkpoint that anyone saw is of this one log
		if r := w.verify(t, ledger.Options{Outside: c}); !r.OK() {
			t.Fatal(i, r.Faults)
		}
	}
}

func TestADamagedTreeIsNotBuiltUpon(t *testing.T) {
	w := newWorld(t)
	w.note(t, 5)
	w.seal(t)
	w.tamper(t, w.tree, "tile", "1/0/000.p/5", func(b []byte) []byte { b[40] ^= 1; return b })
	w.note(t, 1)
	if _, err := w.log.Seal(t.Context(), tenant); !fault.Is(err, fault.Internal) {
		t.Fatal(err)
	}
	if r, err := ledger.VerifyTiles(t.Context(), w.log.Source(tenant), ledger.Options{Keys: w.keys(t)}); err != nil || r.OK() {
		t.Fatal(r, err)
	}
}

func (w *world) keys(t testing.TB) ledger.Keys {
	t.Helper()
	k, err := w.log.PublicKey(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Keys{Log: k}
}

// checkpoint0 is the size of the log, 0 where there is none.
func (w *world) checkpoint0(t testing.TB) int64 {
	t.Helper()
	msg, err := w.log.Source(tenant).Checkpoint(t.Context())
	if fault.Is(err, fault.NotFound) {
		return 0
	}
	c, err := ledger.ParseCheckpoint(msg, w.keys(t), true)
	if err != nil {
		t.Fatal(err)
	}
	return c.Size
}

func TestALogThatGrowsMeanwhileVerifies(t *testing.T) {
	w := newWorld(t)
	w.fill(t, 240)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := w.log.Seal(context.Background(), tenant); err != nil {
				t.Error(err)
			}
		}
	})
	for range 12 {
		w.note(t, 3)
		w.clean(t)
		if r, err := ledger.VerifyTiles(t.Context(), w.log.Source(tenant), ledger.Options{Keys: w.keys(t)}); err != nil || !r.OK() {
			t.Error(r, err)
		}
		p, err := ledger.NewProver(t.Context(), w.tree, tenant)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Leaf(t.Context(), p.Checkpoint().Size-1); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	wg.Wait()
}

// interposed does something right before the first commit that it passes on.
type interposed struct {
	store.Store
	once func()
}

func (i *interposed) Commit(ctx context.Context, ops ...store.Op) error {
	if do := i.once; do != nil {
		i.once = nil
		do()
	}
	return i.Store.Commit(ctx, ops...)
}

func TestASequencerWithAStaleHeadStartsAgain(t *testing.T) {
	a, b := newWorld(t), newWorld(t) // two data stores: neither knows the other's entries
	b.log.Tree, b.log.Vault, b.tree = a.tree, a.log.Vault, a.tree
	b.runs = 1000
	a.seal(t)
	a.note(t, 1)
	b.note(t, 2)
	var seen []byte
	a.log.Tree = &interposed{a.tree, func() {
		b.seal(t)
		seen = b.checkpoint(t)
	}}
	if s := a.seal(t); s.Size != 3 {
		t.Fatal(s)
	}
	r, err := ledger.VerifyTiles(t.Context(), a.log.Source(tenant), ledger.Options{Keys: a.keys(t), Outside: seen})
	if err != nil || !r.OK() || r.Size != 3 {
		t.Fatal(r, err)
	}
}
