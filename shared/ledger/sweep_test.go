package ledger_test

import (
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work/worktest"
)

func terms(t testing.TB, tenant string, at time.Time) ledger.Term {
	t.Helper()
	p, err := policy.Builtin().ForTenant(tenant)
	if err != nil {
		t.Fatal(err)
	}
	term, err := ledger.TermOf(p.At(at))
	if err != nil {
		t.Fatal(err)
	}
	return term
}

func date(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestTermsByPack(t *testing.T) {
	at := date(t, "2026-11-02T10:00:00+01:00")
	for _, c := range []struct {
		name, pack string
		class      audit.Class
		end        string // "": does not end by time
	}{
		{"the platform's audit trail is kept one year, to the end of the day (K15)", "ekc", audit.PlatformLog, "2027-11-03T00:00:00+01:00"},
		{"service-desk log-ins go before six months are full (K16)", "ekc", audit.LoginLog, "2027-05-01T00:00:00+02:00"},
		{"the desk's change audit ends with its ticket", "ekc", audit.DeskLog, ""},
		{"a declared processing log is kept two years from the end of the year (ZVOP-2 22)", "laboss", audit.PlatformLog, "2029-01-01T00:00:00+01:00"},
	} {
		end, ends, err := terms(t, c.pack, at)(c.class, at)
		switch {
		case err != nil:
			t.Error(c.name, err)
		case ends != (c.end != ""):
			t.Errorf("%s: ends %v at %s", c.name, ends, end)
		case ends && !end.Equal(date(t, c.end)):
			t.Errorf("%s: %s", c.name, end)
		}
	}
}

func TestRetentionToTheSecond(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.note(t, 2, func(e *audit.Entry) { e.Retention = audit.LoginLog })
	w.note(t, 2, func(e *audit.Entry) { e.Retention, e.Ticket = audit.DeskLog, "T-1" })
	w.seal(t)
	term := terms(t, "ekc", w.Clock.Now())
	sweep := func(at string) ledger.Swept {
		t.Helper()
		w.Clock.Add(date(t, at).Sub(w.Clock.Now()))
		s, err := w.log.Sweep(t.Context(), tenant, term, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.clean(t)
		return s
	}
	if s := sweep("2027-04-30T23:59:59+02:00"); s.Deleted != 0 {
		t.Fatal(s)
	}
	if s := sweep("2027-05-01T00:00:00+02:00"); s.Deleted != 2 || s.Keys != 1 {
		t.Fatal("log-ins:", s)
	}
	if s := sweep("2027-11-02T23:59:59+01:00"); s.Deleted != 0 {
		t.Fatal(s)
	}
	keys := func() []vault.Owner {
		owners, err := w.Vault.Owners(t.Context(), tenant, "~log")
		if err != nil {
			t.Fatal(err)
		}
		return owners
	}
	if len(keys()) != 2 {
		t.Fatal(keys())
	}
	if s := sweep("2027-11-03T00:00:00+01:00"); s.Deleted != 3 || s.Keys != 1 {
		t.Fatal("platform:", s)
	}
	if len(w.entries(t)) != 2 { // those of the ticket
		t.Fatal(len(w.entries(t)))
	}
	if s, err := w.log.End(t.Context(), tenant, "T-1", nil); err != nil || s.Deleted != 2 {
		t.Fatal(s, err)
	}
	if len(keys()) != 0 {
		t.Fatal("keys are left:", keys())
	}
	if _, err := w.Vault.Existing(t.Context(), tenant, vault.Owner{Subject: "~log", Class: "log.2026-11"}); !fault.Is(err, fault.Gone) {
		t.Fatal(err)
	}
	r := w.clean(t)
	p, l, d := r.Withheld[audit.PlatformLog], r.Withheld[audit.LoginLog], r.Withheld[audit.DeskLog]
	if p == nil || p.Count != 3 || !p.Until.Equal(date(t, "2027-11-03T00:00:00+01:00")) || l.Count != 2 || d.Count != 2 || r.Entries != 0 || r.Size != 10 {
		t.Fatalf("%+v", r)
	}
	if s := sweep("2028-01-01T00:00:00+01:00"); s != (ledger.Swept{}) {
		t.Fatal("done twice:", s)
	}
}

func TestAHoldKeepsEntriesAndTheirKey(t *testing.T) {
	w := newWorld(t)
	w.note(t, 2)
	w.note(t, 1, func(e *audit.Entry) { e.Subject = "bor" })
	w.seal(t)
	w.Clock.Add(400 * 24 * time.Hour)
	term := terms(t, "ekc", w.Clock.Now())
	s, err := w.log.Sweep(t.Context(), tenant, term, ledger.Kept{{Subjects: []string{"bor"}}})
	if err != nil || s.Deleted != 2 || s.Held != 1 || s.Keys != 0 {
		t.Fatal(s, err)
	}
	if r := w.clean(t); r.Entries != 1 || r.Withheld[audit.PlatformLog].Count != 2 {
		t.Fatalf("%+v", r)
	}
	// Its removal is not excused by the statement about the others.
	held := w.entries(t)[0]
	w.tamper(t, w.Docs, "entry", held.Key.ID, gone)
	if r := w.verify(t, ledger.Options{}); len(r.Faults) != 1 || r.Faults[0].Kind != ledger.Removed || r.Faults[0].Entry != held.Key.ID {
		t.Fatal(r.Faults)
	}
	w.put(t, target{w.Docs, held}, held.Body, w.indexOf(t, held))
	if s, err = w.log.Sweep(t.Context(), tenant, term, nil); err != nil || s.Deleted != 1 || s.Keys != 1 {
		t.Fatal("the hold has ended:", s, err)
	}
	w.clean(t)
}

func TestASweepThatIsCutOffAnywhereGoesOn(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for _, which := range []string{"tree", "docs"} {
			for nth := 1; ; nth++ {
				w := newWorld(t)
				w.note(t, 70)
				w.seal(t)
				w.Clock.Add(400 * 24 * time.Hour)
				term := terms(t, "ekc", w.Clock.Now())
				target := w.tree
				if which == "docs" {
					target = w.Docs
				}
				target.Reset()
				target.Fail(storetest.Plan{Nth: nth, Moment: moment})
				_, err := w.log.Sweep(t.Context(), tenant, term, nil)
				failed := target.Failed()
				target.Reset()
				if failed == 0 {
					break
				}
				if err == nil {
					t.Fatalf("%s %s %d: no error", which, moment, nth)
				}
				w.clean(t)
				if _, err := w.log.Sweep(t.Context(), tenant, term, nil); err != nil {
					t.Fatal(err)
				}
				r := w.clean(t)
				if r.Entries != 0 || r.Withheld[audit.PlatformLog].Count != 70 || r.Size != 72 {
					t.Fatalf("%s %s %d: %+v", which, moment, nth, r)
				}
			}
		}
	}
}

func TestRectificationAndErasureOfTheLogAreRefusedWithTheReason(t *testing.T) {
	for right, refused := range map[string]bool{"rectification": true, "erasure": true, "access": false, "restriction": false, "objection": false} {
		err := ledger.Refuse(right)
		if (err != nil) != refused || (refused && !fault.Is(err, fault.Forbidden)) {
			t.Errorf("%s: %v", right, err)
		}
	}
}

func TestARestoredBackupOfTheDataIsDeclared(t *testing.T) {
	w := newWorld(t)
	w.note(t, 4)
	w.seal(t)
	w.note(t, 3)
	w.seal(t)
	for _, d := range w.entries(t)[4:] { // the backup is older
		w.tamper(t, w.Docs, "entry", d.Key.ID, gone)
	}
	if r := w.verify(t, ledger.Options{}); r.FaultCount != 3 {
		t.Fatal(r.Faults)
	}
	if n, err := w.log.Declare(t.Context(), tenant); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	r := w.clean(t)
	if r.Lost != 3 || len(r.Statements) != 1 {
		t.Fatalf("%+v", r)
	}
	if n, err := w.log.Declare(t.Context(), tenant); err != nil || n != 0 {
		t.Fatal(n, err)
	}
	w.note(t, 1)
	w.seal(t)
	w.clean(t)
}

func TestALogWhoseTreeWasTakenBackStartsAnew(t *testing.T) {
	w := newWorld(t)
	w.note(t, 20)
	w.seal(t)
	backup := w.copyTree(t)
	w.note(t, 5)
	w.seal(t)
	outside, key := w.checkpoint(t), w.keys(t)
	if err := w.log.Restart(t.Context(), tenant, outside, key.Log); !fault.Is(err, fault.Conflict) {
		t.Fatal("it is whole:", err)
	}
	w.useTree(backup)
	if err := w.log.Restart(t.Context(), tenant, outside, key.Log); err != nil {
		t.Fatal(err)
	}
	w.note(t, 2)
	w.seal(t)
	r := w.clean(t)
	if r.Origin != "okence.org/ekc/2" || r.Size != 8 || len(r.Earlier) != 1 || r.Earlier[0].Size != 20 || !r.OK() || len(r.Statements) != 1 || r.Entries+r.Earlier[0].Entries != 27 {
		t.Fatalf("%+v", r)
	}
	t.Log(r.Statements[0])
	// A checkpoint of the part that is still here holds; the lost one is named.
	if r = w.verify(t, ledger.Options{Outside: outside}); r.OK() || r.Earlier[0].Faults[0].Kind != ledger.RolledBack {
		t.Fatalf("%+v", r)
	}

	// The tree is lost altogether.
	w.useTree(newStore())
	if err := w.log.Restart(t.Context(), tenant, outside, key.Log); err != nil {
		t.Fatal(err)
	}
	w.seal(t)
	if r = w.clean(t); r.Size != 28 || r.Entries != 27 || len(r.Earlier) != 0 {
		t.Fatalf("%+v", r)
	}
}

func TestAKeyOutlivesItsMonthByADay(t *testing.T) {
	w := newWorld(t)
	w.note(t, 1)
	w.seal(t)
	at := func(s string) ledger.Swept {
		t.Helper()
		w.Clock.Add(date(t, s).Sub(w.Clock.Now()))
		out, err := w.log.Sweep(t.Context(), tenant, func(audit.Class, time.Time) (time.Time, bool, error) {
			return worktest.Start.AddDate(0, 0, 3), true, nil
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if s := at("2026-11-30T23:59:59Z"); s.Deleted != 1 || s.Keys != 0 {
		t.Fatal(s)
	}
	if s := at("2026-12-01T23:59:59Z"); s.Keys != 0 {
		t.Fatal(s)
	}
	if s := at("2026-12-02T00:00:00Z"); s.Keys != 1 {
		t.Fatal(s)
	}
}
