package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// chained is a function for tests whose limits create the next one: each told
// end opens a limit of a week, until there were as many as its links.
type chained struct {
	mu    sync.Mutex
	links int
	at    []string // stage, the clock's instant, the stage's own
}

func (c *chained) function(env *host.Env) *host.Function {
	return &host.Function{
		Manifest: host.Manifest{Name: "chained", Use: access.Operation, Timeout: time.Minute, Consumes: []host.Consumed{{Type: events.DeadlineReachedType}}},
		Handlers: map[string]work.Handler{events.DeadlineReachedType: func(ctx context.Context, u *work.Unit, e events.Event) error {
			d, err := events.As[events.DeadlineReached](e)
			if err != nil || d.AboutKind != "chain" {
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.at = append(c.at, fmt.Sprint(d.Stage, " ", u.Now().Format(time.RFC3339), " ", d.StageAt.Format(time.RFC3339)))
			if d.Stage == deadline.Due && len(c.at) < 2*c.links {
				work.Save(u, record.Limits, deadline.New(deadline.Ref{Kind: "chain", ID: fmt.Sprint("c", len(c.at))}, "chain.next", d.EndAt, d.EndAt.Add(7*24*time.Hour), 0.5))
			}
			return nil
		}},
	}
}

// TestAManualClockStepsThroughAYear: each stage of each limit is told at its own
// instant, also where one leads to the next, and the year takes seconds.
func TestAManualClockStepsThroughAYear(t *testing.T) {
	w := serve(t)
	c := &chained{links: 52}
	fns, err := functions(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.local.Close()
	if w.local, err = host.NewLocal(w.env, append(fns, c.function(w.env))); err != nil {
		t.Fatal(err)
	}
	scope := work.Scope{Tenant: "ekc", Function: "chained", Actor: access.FunctionActor("chained"), Use: access.Operation}
	if _, err := w.env.Work.Run(t.Context(), scope, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Limits, deadline.New(deadline.Ref{Kind: "chain", ID: "c0"}, "chain.next", start, start.Add(7*24*time.Hour), 0.5))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := w.local.Advance(t.Context(), start.AddDate(1, 0, 0), w.clock.set); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	if len(c.at) != 2*c.links {
		t.Fatalf("%d stages were told in a year of %d weekly limits: %v", len(c.at), c.links, c.at)
	}
	for _, at := range c.at {
		if f := strings.Fields(at); f[1] != f[2] {
			t.Errorf("told late: %s", at)
		}
	}
	if !w.clock.Now().Equal(start.AddDate(1, 0, 0)) {
		t.Errorf("the clock stands at %s", w.clock.Now())
	}
	if took > 20*time.Second {
		t.Errorf("a year took %s", took)
	}
	t.Logf("a year with %d stages took %s", len(c.at), took.Round(time.Millisecond))
	if err := w.local.Advance(t.Context(), start, w.clock.set); err != host.ErrBackward {
		t.Errorf("backward: %v", err)
	}
}

func TestWhatFallsDueNowIsDoneNowHoweverOftenItIsAsked(t *testing.T) {
	w := serve(t)
	for n := range 3 { // the same instant each time
		scope := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Operation}
		if _, err := w.env.Work.Run(t.Context(), scope, func(_ context.Context, u *work.Unit) error {
			work.Save(u, record.Limits, deadline.New(deadline.Ref{Kind: "chain", ID: fmt.Sprint("x", n)}, "chain.next", start.Add(-time.Hour), start, 0.5))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := w.local.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		at, err := w.local.Functions[deadlineAt(t, w)].NextDue(t.Context(), "ekc", time.Time{})
		if err != nil || !at.IsZero() {
			t.Fatalf("round %d left something due at %s: %v", n, at, err)
		}
	}
	r, err := http.Post(w.base+"/dev/clock", "application/json", strings.NewReader(`{"now": "2000-01-01T00:00:00Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusConflict {
		t.Errorf("backward is answered %d", r.StatusCode)
	}
	r2, err := http.Get(w.base + "/dev/clock")
	if err != nil {
		t.Fatal(err)
	}
	defer r2.Body.Close()
	var a clockAnswer
	if err := json.NewDecoder(r2.Body).Decode(&a); err != nil || !a.Now.Equal(start) {
		t.Errorf("the clock stands at %+v, %v", a, err)
	}
}

func deadlineAt(t *testing.T, w *world) int {
	t.Helper()
	for i, f := range w.local.Functions {
		if f.Manifest.Name == "deadline" {
			return i
		}
	}
	t.Fatal("no function deadline")
	return 0
}
