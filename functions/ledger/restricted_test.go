package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// TestTheLogOfARestrictedPerson: where the processing is declared under ZVOP-2
// art. 22, entries about a person are kept until two years after a restriction
// ended; elsewhere the log's own term holds.
func TestTheLogOfARestrictedPerson(t *testing.T) {
	for _, c := range []struct {
		name, tenant string
		own          string // when what is about others goes
		kept         bool
	}{
		{"declared: two years from the end of the year, and two from the end of the restriction", "laboss", "2029-01-01T00:00:00+01:00", true},
		{"not declared: one year, restricted or not", "ekc", "2027-11-03T00:00:00+01:00", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := worktest.New(t)
			tree := memory.New()
			env := &host.Env{
				Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{c.tenant: true}, Log: obs.Discard(),
				Ledger: &ledger.Log{Docs: w.Docs, Tree: tree, Vault: w.Env.Vault, Now: w.Clock.Now},
			}
			f, err := New(env)
			if err == nil {
				err = f.Check()
			}
			if err != nil {
				t.Fatal(err)
			}
			at := func(instant string) int {
				t.Helper()
				to, err := time.Parse(time.RFC3339, instant)
				if err != nil {
					t.Fatal(err)
				}
				w.Clock.Add(to.Sub(w.Clock.Now()))
				for _, name := range []string{events.LedgerSealDueType, events.LedgerSweepDueType} {
					if d, err := f.Deliver(t.Context(), env, host.Tick(name, c.tenant, w.Clock.Now()), 1); err != nil || d != host.Done {
						t.Fatal(d, err)
					}
				}
				r, err := ledger.Verify(t.Context(), w.Docs, tree, c.tenant, ledger.Options{})
				if err != nil || !r.OK() {
					t.Fatal(r, err)
				}
				return int(r.Entries)
			}
			do := func(fn func(context.Context, *work.Unit) error) {
				t.Helper()
				s := work.Scope{Tenant: c.tenant, Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake}
				if _, err := w.Run(t.Context(), s, fn); err != nil {
					t.Fatal(err)
				}
			}
			for _, person := range []string{"ana", "bor"} {
				do(func(_ context.Context, u *work.Unit) error { u.Note(audit.View, person); return nil })
			}
			do(func(_ context.Context, u *work.Unit) error {
				work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", SinceAt: u.Now(), Ground: "accuracy"})
				return nil
			})
			if n := at("2026-11-02T12:00:00+01:00"); n != 2 {
				t.Fatal(n)
			}
			left := map[bool]int{true: 1, false: 0}[c.kept]
			if n := at(c.own); n != left {
				t.Fatalf("out of its own term, restricted: %d entries", n)
			}
			if !c.kept {
				return
			}
			ended := "2030-02-28T09:00:00+01:00" // the second anniversary is in a leap year
			at("2030-02-28T08:59:59+01:00")
			do(func(ctx context.Context, u *work.Unit) error { return work.Delete(ctx, u, record.Restrictions, "ana") })
			if n := at(ended); n != 1 {
				t.Fatal("it ended, and its two years have not")
			}
			if n := at("2032-02-28T23:59:59+01:00"); n != 1 {
				t.Fatal("a second before two years")
			}
			if n := at("2032-02-29T00:00:00+01:00"); n != 0 {
				t.Fatal("two years after the end")
			}
			do(func(ctx context.Context, u *work.Unit) error {
				if _, ok, err := work.Find(ctx, u, record.Restrained, "ana"); err != nil || ok {
					t.Error("it is remembered longer than the log", err)
				}
				return nil
			})
		})
	}
}
