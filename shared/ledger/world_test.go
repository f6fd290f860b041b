package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

const tenant = "ekc"

// world is a log over real units of work.
type world struct {
	*worktest.World
	log  *ledger.Log
	tree *storetest.Fault
	runs int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{World: worktest.New(t), tree: storetest.Faulty(memory.New())}
	w.log = &ledger.Log{Docs: w.Docs, Tree: w.tree, Vault: w.Env.Vault, Now: w.Clock.Now}
	return w
}

var (
	clerk   = access.Actor{ID: "adviser-7", Name: "Maja Novak", Role: access.Adviser, From: "192.0.2.7", Case: "Z-1"}
	officer = access.Actor{ID: "officer-1", Name: "Rok Zajc", Role: access.Officer, From: "192.0.2.8"}
)

// note makes n entries about ana, a second apart.
func (w *world) note(t testing.TB, n int, change ...func(*audit.Entry)) {
	t.Helper()
	for range n {
		w.runs++
		w.Clock.Add(time.Second)
		s := work.Scope{Tenant: tenant, Function: "test", Actor: clerk, Use: access.Service, Source: "/test", ID: fmt.Sprint(w.runs)}
		_, err := w.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
			e := u.Note(audit.View, "ana", audit.Item{Kind: "message", ID: fmt.Sprint("m", w.runs)})
			for _, c := range change {
				c(e)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) seal(t testing.TB) ledger.Sealed {
	t.Helper()
	s, err := w.log.Seal(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) verify(t testing.TB, o ledger.Options) *ledger.Report {
	t.Helper()
	r, err := ledger.Verify(t.Context(), w.Docs, w.tree, tenant, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) clean(t testing.TB) *ledger.Report {
	t.Helper()
	r := w.verify(t, ledger.Options{})
	for _, f := range r.Faults {
		t.Error(f)
	}
	return r
}

func (w *world) checkpoint(t testing.TB) []byte {
	t.Helper()
	b, err := w.log.Source(tenant).Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// entries are the stored entries in order of time.
func (w *world) entries(t testing.TB) []store.Doc {
	t.Helper()
	var out []store.Doc
	for _, c := range audit.Classes {
		q := store.Query{Tenant: tenant, Index: record.ByClass, Partition: string(c), Limit: store.MaxPage}
		for {
			page, err := w.Docs.Query(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, page.Docs...)
			if q.Token = page.Next; q.Token == "" {
				break
			}
		}
	}
	return out
}
