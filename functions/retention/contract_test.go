package retention

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// contract stores a contract with an item of each named class of person, whose
// ids are the classes'.
func (w *world) contract(id string, of ...string) {
	w.t.Helper()
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contracts, &collection.Contract{ID: id, Controller: "lab", BeganAt: day("2026-01-01T00:00:00Z")})
		for _, class := range of {
			work.Save(u, record.Collections, &collection.Item{ID: class, ContractID: id, Subject: "s-" + class, Of: class, EnteredAt: day("2026-01-02T00:00:00Z"), Name: "NEEDLE"})
		}
		return nil
	})
}

// say delivers an event to the function.
func (w *world) say(about string, d events.Data) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error { return u.Emit(ctx, about, d) })
	if err := w.local.Idle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) edit(id string, do func(*collection.Contract) error) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		k, err := work.Load(ctx, u, record.Contracts, id)
		if err == nil {
			err = do(k)
			work.Save(u, record.Contracts, k)
		}
		return err
	})
}

func (w *world) limit(id string) (l *deadline.Limit) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		l, _, err = work.Find(ctx, u, record.Limits, deadline.ID(collection.About(id), collection.ReturnLimit))
		return err
	})
	return l
}

// reach does as functions/deadline: what of the limit is reached now is told, once.
func (w *world) reach(id string) (alarms uint64) {
	w.t.Helper()
	count := func() uint64 {
		return obs.Value("okence_alarm_total", "alarm", "contract_return", "tenant", w.tenant)
	}
	before := count()
	var told []*events.DeadlineReached
	w.do(func(ctx context.Context, u *work.Unit) error {
		told = nil
		l, err := work.Load(ctx, u, record.Limits, deadline.ID(collection.About(id), collection.ReturnLimit))
		if err != nil {
			return err
		}
		for _, s := range l.Reach(u.Now()) {
			told = append(told, &events.DeadlineReached{Limit: l.ID, Name: l.Name, AboutKind: l.About.Kind, AboutID: l.About.ID, Stage: s.Name, StageAt: s.At, EndAt: l.EndAt})
		}
		work.Save(u, record.Limits, l)
		return nil
	})
	for _, d := range told {
		w.say(d.AboutID, d)
	}
	return count() - before
}

// TestTheLimitOfAReturn: by the terms of each party, from the end of the contract
// on, through its own end to the second; an event that comes twice starts one.
func TestTheLimitOfAReturn(t *testing.T) {
	for name, c := range map[string]struct{ tenant, ended, end string }{
		"thirty days (laboss A)":            {"laboss", "2026-12-01T12:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		"thirty days over the short day":    {"laboss", "2027-03-10T23:30:00+01:00", "2027-04-10T00:00:00+02:00"},
		"thirty days over the leap day":     {"laboss", "2028-02-01T00:00:00+01:00", "2028-03-03T00:00:00+01:00"},
		"at once (saopnet 14.39 and 14.41)": {"saopnet", "2026-12-01T12:00:00+01:00", "2026-12-01T12:00:00+01:00"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.tenant)
			w.contract("k1", "patient")
			said := &events.ContractEnded{ContractID: "k1", EndedAt: day(c.ended).UTC()}
			w.say("k1", said)
			w.say("k1", said)
			l := w.limit("k1")
			if !l.StartAt.Equal(day(c.ended)) || !l.EndAt.Equal(day(c.end)) || l.Rule != "L08" || l.Law == "" {
				t.Fatalf("%+v", l)
			}
			w.at(day(c.end).Add(-time.Second))
			if n := w.reach("k1"); n != 0 || w.limit("k1").Overdue(w.Clock.Now()) {
				t.Fatal("an alarm a second before its end")
			}
			w.at(day(c.end))
			if n := w.reach("k1"); n != 1 || !w.limit("k1").Overdue(w.Clock.Now()) {
				t.Fatalf("%d alarms at its end", n)
			}
			if w.reach("k1") != 0 || w.there("collected", "patient") != 1 {
				t.Fatal("it is told once; what was not taken back is not destroyed by a limit")
			}
			w.edit("k1", func(k *collection.Contract) error { return k.Return("controller", "00", w.Clock.Now()) })
			w.at(day(c.end).Add(24 * time.Hour))
			if l = w.limit("k1"); w.there("collected", "patient") != 0 || l.State != deadline.Met || !l.Late {
				t.Fatalf("returned, late, and then destroyed: %+v", l)
			}
		})
	}
}

// TestAnEndThatCannotBe is a dead letter, and starts no limit.
func TestAnEndThatCannotBe(t *testing.T) {
	w := newWorld(t, "laboss")
	w.contract("k1", "patient")
	w.do(func(ctx context.Context, u *work.Unit) error {
		return u.Emit(ctx, "k1", &events.ContractEnded{ContractID: "k1", EndedAt: day("2025-12-31T23:59:59Z")})
	})
	_ = w.local.Idle(t.Context())
	if l := w.limit("k1"); l.ID != "" {
		t.Fatalf("%+v", l)
	}
	w.say("k1", &events.ContractEnded{ContractID: "k1", EndedAt: day("2027-01-31T23:00:00Z"), Erasure: true})
	w.at(day("2027-01-31T22:59:59Z"))
	if w.there("collected", "patient") != 1 {
		t.Fatal("a second before the contract ends")
	}
	w.at(day("2027-01-31T23:00:00Z"))
	if l := w.limit("k1"); w.there("collected", "patient") != 0 || l.State != deadline.Met || l.Late {
		t.Fatalf("erasure alone was asked for: %+v", l)
	}
}

// TestWhatTheLawKeepsPastAContract: what the controller names stays to the second
// that it names, by class of person or one by one, and the rest goes at once; the
// limit is met when all but that has gone.
func TestWhatTheLawKeepsPastAContract(t *testing.T) {
	w := newWorld(t, "laboss")
	w.contract("k1", "patient", "user", "partner")
	w.say("k1", &events.ContractEnded{ContractID: "k1", EndedAt: day("2026-12-01T11:00:00Z"), Erasure: true})
	byClass, byItem := day("2036-12-01T00:00:00+01:00"), day("2031-06-01T00:00:00+02:00")
	w.edit("k1", func(k *collection.Contract) error {
		if err := k.Keep(collection.Statutory{Of: "patient", Law: "ZZPPZ 14", Until: byClass, By: "officer"}, w.Clock.Now()); err != nil {
			return err
		}
		return k.Keep(collection.Statutory{Items: []string{"partner"}, Law: "ZDDPO-2 86", Until: byItem, By: "officer"}, w.Clock.Now())
	})
	contract := func() (k *collection.Contract) {
		w.do(func(ctx context.Context, u *work.Unit) (err error) {
			k, err = work.Load(ctx, u, record.Contracts, "k1")
			return err
		})
		return k
	}
	w.at(day("2026-12-02T11:00:00Z"))
	if k := contract(); w.there("collected", "user") != 0 || w.there("collected", "patient", "partner") != 2 || k.Kept != 2 || k.DestroyedAt.IsZero() || w.limit("k1").State != deadline.Met {
		t.Fatalf("%+v", k)
	}
	for _, c := range []struct {
		until time.Time
		gone  string
		left  int
	}{{byItem, "partner", 1}, {byClass, "patient", 0}} {
		w.at(c.until.Add(-time.Second))
		if w.there("collected", c.gone) != 1 {
			t.Fatal(c.gone, "a second before the end that the controller named")
		}
		w.at(c.until)
		if k := contract(); w.there("collected", c.gone) != 0 || k.Kept != c.left {
			t.Fatalf("%s: its term is over: %+v", c.gone, k)
		}
	}
}

// TestASweepOfARunningContractTouchesNothing: also where it is asked for by name,
// and while a contract that has ended waits for its controller to take the data.
func TestASweepOfARunningContractTouchesNothing(t *testing.T) {
	w := newWorld(t, "laboss")
	w.contract("k1", "patient", "user")
	sweep := func(id string) {
		w.do(func(_ context.Context, u *work.Unit) error {
			work.Save(u, record.Sweeps, &retention.Sweep{ID: id, State: retention.Planning, AsOf: u.Now(), StartedAt: u.Now(), By: "admin", Contract: "k1"})
			return nil
		})
		w.change(id, func(*retention.Sweep) error { return nil })
		if w.there("collected", "patient", "user") != 2 {
			t.Fatal(id, "data are gone that nobody has taken back")
		}
		for _, s := range w.sweeps() {
			if s.Planned != 0 {
				t.Fatal(id, "they are planned to go")
			}
		}
	}
	sweep("running")
	w.say("k1", &events.ContractEnded{ContractID: "k1", EndedAt: w.Clock.Now()})
	w.Clock.Add(time.Hour)
	sweep("ended")
}
