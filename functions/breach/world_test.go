package breach

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is functions/breach for the tenant ekc over drivers in memory, and what
// it emits.
type world struct {
	*worktest.World
	t   testing.TB
	env *host.Env
	fn  *host.Function
	n   int

	mu  sync.Mutex
	out []events.Event
}

func newWorld(t testing.TB) *world {
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{Work: w.Env, Tenants: map[string]bool{"ekc": true}, Policy: policy.Builtin(), Log: obs.Discard()}
	w.env.Secrets = func(_ string, n channel.Name) ([]channel.Secret, error) {
		if n.Provider != "postmark" {
			return nil, nil
		}
		return []channel.Secret{{"server_token": "t", "from": "ekc@gov.si"}}, nil
	}
	w.Published = func(_ context.Context, _ string, es []events.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.out = append(w.out, es...)
	}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.fn = fn
	return w
}

// take returns what was emitted, and forgets it.
func (w *world) take() []events.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.out
	w.out = nil
	return out
}

// event makes an event from outside at the clock's instant.
func (w *world) event(d events.Data) events.Event {
	w.t.Helper()
	w.n++
	e, err := events.New("theirs-1", d)
	if err != nil {
		w.t.Fatal(err)
	}
	e.ID, e.Source, e.Tenant, e.Time, e.Actor = fmt.Sprint("e", w.n), "/test", "ekc", w.Clock.Now(), "sender-1"
	return e
}

func (w *world) deliver(e events.Event) {
	w.t.Helper()
	if got, err := w.fn.Deliver(context.Background(), w.env, e, 1); err != nil || got == host.Buried {
		w.do(func(ctx context.Context, u *work.Unit) error {
			page, err := work.Scan(ctx, u, work.DeadLetters, store.Query{Index: record.ByState, Partition: "deadletter.waiting"})
			for _, d := range page.Items {
				w.t.Log(d.Kind, d.Reason)
			}
			return err
		})
		w.t.Fatalf("%s: %s, %v", e.Type, got, err)
	}
}

// do runs a unit as an officer's.
func (w *world) do(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.Actor{ID: "officer-1", Role: access.Officer}, Use: access.Incident, Source: "/test", ID: fmt.Sprint("u", w.n)}
	if _, err := w.Run(context.Background(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) load(id string) *breach.Case {
	w.t.Helper()
	var c *breach.Case
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		c, err = work.Load(ctx, u, record.Breaches, id)
		return err
	})
	return c
}

func (w *world) limit(id, name string) *deadline.Limit {
	w.t.Helper()
	var l *deadline.Limit
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		l, err = work.Load(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: "breach", ID: id}, name))
		return err
	})
	return l
}

// reach moves the clock to an instant and tells what the limits of a case have
// reached, as functions/deadline does.
func (w *world) reach(id string, at time.Time) {
	w.t.Helper()
	w.Clock.Add(at.Sub(w.Clock.Now()))
	c := w.load(id)
	clocks, err := breachfile.Clocks(w.env.Policy, c)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range clocks {
		var reached []deadline.Stage
		var l *deadline.Limit
		w.do(func(ctx context.Context, u *work.Unit) error {
			var ok bool
			if l, ok, err = work.Find(ctx, u, record.Limits, deadline.ID(breachfile.Ref(c), k.Name)); err != nil || !ok {
				return err
			}
			if reached = l.Reach(u.Now()); len(reached) > 0 {
				work.Save(u, record.Limits, l)
			}
			return nil
		})
		for _, s := range reached {
			w.deliver(w.event(&events.DeadlineReached{Limit: l.ID, AboutKind: l.About.Kind, AboutID: id, Name: l.Name, Stage: s.Name, StageAt: s.At, EndAt: l.EndAt}))
		}
	}
}
