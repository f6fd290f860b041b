package deadline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

type world struct {
	*worktest.World
	t   *testing.T
	env *host.Env
	fn  *host.Function

	mu   sync.Mutex
	told []string // limit and stage, as committed
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t}
	w.Published = func(_ context.Context, _ string, es []events.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, e := range es {
			d, err := events.As[events.DeadlineReached](e)
			if err != nil {
				t.Error(err)
				continue
			}
			w.told = append(w.told, d.AboutID+" "+d.Stage+" "+d.StageAt.Format("02T15:04:05"))
		}
	}
	w.env = &host.Env{Work: w.Env, Tenants: map[string]bool{"ekc": true}, Log: obs.Discard()}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.fn = fn
	return w
}

// open saves a limit that runs from now.
func (w *world) open(id string, life time.Duration, warn ...float64) {
	w.t.Helper()
	now := w.Clock.Now()
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Limits, deadline.New(deadline.Ref{Kind: "ticket", ID: id}, "ticket.response", now, now.Add(life), warn...))
		return nil
	})
}

func (w *world) do(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	if _, err := w.Run(w.t.Context(), own("ekc"), fn); err != nil {
		w.t.Fatal(err)
	}
}

// tick is one of the scheduler; the same instant may come more than once, under
// another id.
func (w *world) tick(id string) error {
	e := host.Tick(events.DeadlineDueType, "ekc", w.Clock.Now())
	e.ID += id
	_, err := w.fn.Deliver(w.t.Context(), w.env, e, 1)
	return err
}

func (w *world) want(what string, want ...string) {
	w.t.Helper()
	slices.Sort(w.told)
	slices.Sort(want)
	if !slices.Equal(w.told, want) {
		w.t.Errorf("%s: told %q, want %q", what, w.told, want)
	}
	w.told = nil
}

func TestEachStageIsToldAtItsInstantAndOnce(t *testing.T) {
	w := newWorld(t)
	w.open("a", 4*time.Hour, 0.5) // from 09:00
	w.open("b", 100*time.Hour)
	step := func(d time.Duration, what string, want ...string) {
		w.Clock.Add(d)
		for _, id := range []string{"", "", ":again"} {
			if err := w.tick(id); err != nil {
				t.Fatal(err)
			}
		}
		w.want(what, want...)
	}
	step(2*time.Hour-time.Second, "a second before the warning")
	step(time.Second, "at the warning", "a warn_50 02T11:00:00")
	step(2*time.Hour-time.Second, "a second before the end")
	step(time.Second, "at the end", "a due 02T13:00:00")
	step(time.Hour, "an hour later")
}

func TestAWeekWithoutTicksLosesNothing(t *testing.T) {
	w := newWorld(t)
	var want []string
	for n := range 150 { // 450 stages: more than four commits hold
		id := fmt.Sprintf("t%03d", n)
		w.open(id, 3*time.Hour, 0.5, 0.9)
		want = append(want, id+" warn_50 02T10:30:00", id+" warn_90 02T11:42:00", id+" due 02T12:00:00")
	}
	w.Clock.Add(7 * 24 * time.Hour)
	if err := w.tick(""); err != nil {
		t.Fatal(err)
	}
	w.want("after a week", want...)
}

func TestTwoTicksAtOnceTellNothingTwice(t *testing.T) {
	w := newWorld(t)
	var want []string
	for n := range 60 {
		id := fmt.Sprintf("t%03d", n)
		w.open(id, time.Hour)
		want = append(want, id+" due 02T10:00:00")
	}
	w.Clock.Add(time.Hour)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for err := error(fault.New(fault.Conflict, "not yet")); err != nil; err = w.tick(fmt.Sprint(":", n)) {
				if fault.Permanent(err) {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	w.want("by four at once", want...)
}

// TestACrashAtAnyCallLosesNothingAndTellsNothingTwice lets each call to the
// store fail in turn, before and after it was applied.
func TestACrashAtAnyCallLosesNothingAndTellsNothingTwice(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for n := 1; n < 40; n++ {
			w := newWorld(t)
			for id := range 40 {
				w.open(fmt.Sprintf("t%02d", id), time.Hour)
			}
			w.Clock.Add(time.Hour)
			w.Docs.Reset()
			w.Docs.Fail(storetest.Plan{Nth: n, Moment: moment})
			failed := w.tick("") != nil
			w.Docs.Reset()
			if err := w.tick(":later"); err != nil {
				t.Fatal(err)
			}
			if got := w.outbox(); got != 40 {
				t.Fatalf("call %d, %s: %d events wait to be published, want 40", n, moment, got)
			}
			if !failed {
				break
			}
		}
	}
}

// outbox counts the different events that wait to be published.
func (w *world) outbox() int {
	w.Clock.Add(work.RelayAfter)
	seen := map[string]bool{}
	if _, err := w.Relay(w.t.Context(), "ekc", func(_ context.Context, e events.Event) error {
		d, err := events.As[events.DeadlineReached](e)
		if seen[d.Limit+d.Stage] {
			w.t.Errorf("%s %s is told twice", d.Limit, d.Stage)
		}
		seen[d.Limit+d.Stage] = true
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return len(seen)
}

func TestALimitThatWasMetTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.open("a", time.Hour)
	w.do(func(ctx context.Context, u *work.Unit) error {
		l, err := work.Load(ctx, u, record.Limits, "ticket.a.ticket.response")
		l.Meet(u.Now())
		work.Save(u, record.Limits, l)
		return err
	})
	w.Clock.Add(time.Hour)
	if err := w.tick(""); err != nil {
		t.Fatal(err)
	}
	w.want("of a limit that was met")
}

func TestTheNextInstantIsTheNextStage(t *testing.T) {
	w := newWorld(t)
	at := func(from time.Time) time.Time {
		got, err := w.fn.NextDue(t.Context(), "ekc", from)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if !at(time.Time{}).IsZero() {
		t.Error("without a limit nothing falls due")
	}
	w.open("a", 4*time.Hour, 0.5)
	w.open("b", 3*time.Hour)
	for from, want := range map[time.Duration]time.Duration{0: 2 * time.Hour, 2 * time.Hour: 2 * time.Hour, 2*time.Hour + 1: 3 * time.Hour} {
		if got := at(worktest.Start.Add(from)); !got.Equal(worktest.Start.Add(want)) {
			t.Errorf("from %s on: %s", from, got)
		}
	}
}

func TestAnOverdueLimitIsLoud(t *testing.T) {
	w := newWorld(t)
	alarm := []string{"alarm", "deadline_overdue", "tenant", "ekc", "limit", "ticket.response"}
	before := obs.Value("okence_alarm_total", alarm...)
	for _, stage := range []string{"warn_50", deadline.Due} {
		now := w.Clock.Now()
		e, err := events.New("a", &events.DeadlineReached{
			Limit: "ticket.a.ticket.response", AboutKind: "ticket", AboutID: "a", Name: "ticket.response", Stage: stage, StageAt: now, EndAt: now,
		})
		if err != nil {
			t.Fatal(err)
		}
		e.ID, e.Source, e.Tenant, e.Time = stage, "/functions/deadline", "ekc", now
		if _, err := w.fn.Deliver(t.Context(), w.env, e, 1); err != nil {
			t.Fatal(err)
		}
	}
	if obs.Value("okence_alarm_total", alarm...) != before+1 {
		t.Error("the end raises one alarm, a warning none")
	}
	w.open("b", time.Hour)
	w.Clock.Add(time.Hour)
	if err := w.tick(""); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	obs.WriteMetrics(&text)
	if !strings.Contains(text.String(), `okence_deadlines_overdue{tenant="ekc"} 1`) {
		t.Error("the gauge does not show the overdue limit")
	}
	if access.Opens(manifest.Use, record.ForService) {
		t.Error("this function opens nothing personal")
	}
}
