package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// TestALogThroughAYear runs the function as its schedules do: entries are
// sequenced within the hour, an alarm tells when that fails, and what is out of
// its term goes.
func TestALogThroughAYear(t *testing.T) {
	w := worktest.New(t)
	tree := memory.New()
	env := &host.Env{
		Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}, Log: obs.Discard(),
		Ledger: &ledger.Log{Docs: w.Docs, Tree: tree, Vault: w.Env.Vault, Now: w.Clock.Now},
	}
	f, err := New(env)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(); err != nil {
		t.Fatal(err)
	}
	tick := func(name string) {
		t.Helper()
		w.Clock.Add(time.Second)
		if d, err := f.Deliver(t.Context(), env, host.Tick(name, "ekc", w.Clock.Now()), 1); err != nil || d != host.Done {
			t.Fatal(d, err)
		}
	}
	note := func() {
		t.Helper()
		s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.Actor{ID: "a", Role: access.Adviser}, Use: access.Service}
		if _, err := w.Run(t.Context(), s, func(_ context.Context, u *work.Unit) error {
			u.Note(audit.View, "ana")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	verify := func() *ledger.Report {
		t.Helper()
		r, err := ledger.Verify(t.Context(), w.Docs, tree, "ekc", ledger.Options{})
		if err != nil || !r.OK() {
			t.Fatal(r, err)
		}
		return r
	}
	alarms := func() uint64 { return obs.Value("okence_alarm_total", "alarm", "ledger_merge_delay", "tenant", "ekc") }

	before := alarms()
	note()
	w.Clock.Add(ledger.MergeDelay - time.Second) // the tick adds one: exactly an hour
	tick(events.LedgerSealDueType)
	if alarms() != before {
		t.Fatal("an alarm within the hour")
	}
	note()
	w.Clock.Add(ledger.MergeDelay)
	tick(events.LedgerSealDueType)
	if alarms() != before+1 {
		t.Fatal("no alarm after an hour")
	}
	if r := verify(); r.Entries != 2 || r.Pending != 0 {
		t.Fatalf("%+v", r)
	}
	tick(events.LedgerSweepDueType)
	if r := verify(); r.Entries != 2 {
		t.Fatalf("%+v", r)
	}
	w.Clock.Add(400 * 24 * time.Hour)
	tick(events.LedgerSweepDueType)
	if r := verify(); r.Entries != 0 || r.Withheld[audit.PlatformLog].Count != 2 {
		t.Fatalf("%+v", r)
	}
}

// TestTheLogIsOneForAllAgreements: an agreement's shorter term for channel data
// does not shorten the log of what was done with them, to the second; and no
// built-in agreement asks for a log term of its own, which the one log could not
// keep.
func TestTheLogIsOneForAllAgreements(t *testing.T) {
	at := time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC)
	for _, name := range policy.Builtin().Packs() {
		p, ok := policy.Builtin().Pack(name)
		if !ok {
			t.Fatal(name)
		}
		for _, id := range p.Agreements() {
			a, _ := p.Agreement(id)
			general, err := ledger.TermOf(p.At(at))
			if err != nil {
				t.Fatal(err)
			}
			own, err := ledger.TermOf(a.At(at))
			if err != nil {
				t.Fatal(err)
			}
			for _, class := range audit.Classes {
				want, _, err1 := general(class, at)
				got, _, err2 := own(class, at)
				if err1 != nil || err2 != nil || !got.Equal(want) {
					t.Errorf("%s/%s: %s ends at %v, the tenant's at %v (%v, %v)", name, id, class, got, want, err1, err2)
				}
				if class == audit.PlatformLog && name == "ekc" && !want.Equal(time.Date(2027, 11, 10, 23, 0, 0, 0, time.UTC)) {
					t.Errorf("the platform's log ends at %v", want)
				}
			}
		}
	}
}
