package host

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

// door is a function whose route emits an event per call.
func door(env *Env) *Function {
	f := &Function{Manifest: Manifest{
		Name: "door", Use: access.Operation, Timeout: time.Second, Routes: []string{"POST /door/{id}"}, Emits: []string{events.MediaRequestedType},
	}}
	f.Routes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := emit(r.Context(), env, r.PathValue("id"), "m1"); err != nil {
			WriteProblem(w, err)
		}
	})
	return f
}

// emit commits a unit that emits one event for each message.
func emit(ctx context.Context, env *Env, id string, messages ...string) error {
	scope := work.Scope{Tenant: "ekc", Function: "door", Actor: access.FunctionActor("door"), Use: access.Operation, Source: "/door", ID: id}
	_, err := env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
		for _, m := range messages {
			if err := u.Emit(ctx, m, &events.MediaRequested{MessageID: m}); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// relay is as much of the relay function as Local needs to be whole.
func relay(env *Env) work.Handler {
	return func(ctx context.Context, _ *work.Unit, e events.Event) error {
		_, err := env.Work.Relay(ctx, e.Tenant, func(ctx context.Context, e events.Event) error { return env.Bus.Publish(ctx, e) })
		return err
	}
}

// clock is a manual clock.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// house is a Local of door and keeper on a manual clock.
func house(t testing.TB, do work.Handler) (*Local, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)}
	env := openEnv(t, c.now)
	k := keeper(do)
	k.Handlers[events.RelayDueType] = relay(env)
	l, err := NewLocal(env, []*Function{door(env), k})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l, c
}

func settle(t testing.TB, l *Local) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := l.Settle(ctx); err != nil {
		t.Fatal(err)
	}
}

// outbox is how many events wait in the outbox, whenever they are due.
func outbox(t testing.TB, env *Env, c *clock) int {
	t.Helper()
	n := 0
	far := &work.Env{Store: env.Work.Store, Vault: env.Work.Vault, Blobs: env.Work.Blobs, Now: func() time.Time { return c.now().Add(1000 * time.Hour) }}
	_, err := far.Relay(t.Context(), "ekc", func(context.Context, events.Event) error { n++; return errors.New("only counting") })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEventsGoFromFunctionToFunctionInTheBackground(t *testing.T) {
	var got atomic.Int32
	l, c := house(t, func(context.Context, *work.Unit, events.Event) error { got.Add(1); return nil })
	for i := range 250 {
		w := httptest.NewRecorder()
		l.Handler().ServeHTTP(w, httptest.NewRequest("POST", "/door/"+string(rune('a'+i%26))+string(rune('a'+i/26)), nil))
		if w.Code != 200 {
			t.Fatalf("answered %d: %s", w.Code, w.Body)
		}
	}
	settle(t, l)
	if got.Load() != 250 {
		t.Errorf("%d events handled, want 250", got.Load())
	}
	if n := outbox(t, l.Env, c); n != 0 {
		t.Errorf("%d events are still in the outbox", n)
	}
}

func TestFailedEventWaitsInTheOutboxForRelay(t *testing.T) {
	var calls atomic.Int32
	l, c := house(t, func(context.Context, *work.Unit, events.Event) error {
		if calls.Add(1) < 3 {
			return fault.New(fault.Unavailable, "as it was told to")
		}
		return nil
	})
	if err := emit(t.Context(), l.Env, "a", "m1"); err != nil {
		t.Fatal(err)
	}
	settle(t, l)
	if n := calls.Load(); n != 1 {
		t.Fatalf("%d calls at once", n)
	}
	c.move(work.RelayAfter - time.Second)
	settle(t, l)
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls a second before it is due", n)
	}
	c.move(2 * time.Second)
	settle(t, l) // fails again and rests
	c.move(work.Backoff(1) + time.Second)
	settle(t, l)
	if n := calls.Load(); n != 3 {
		t.Errorf("%d calls in the end", n)
	}
	if n := outbox(t, l.Env, c); n != 0 {
		t.Errorf("%d events are still in the outbox", n)
	}
}

func TestFullBacklogIsLeftToRelay(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)}
	env := openEnv(t, c.now)
	var got atomic.Int32
	release := make(chan struct{})
	k := keeper(func(context.Context, *work.Unit, events.Event) error { <-release; got.Add(1); return nil })
	k.Handlers[events.RelayDueType] = relay(env)
	l, err := newLocal(env, []*Function{k}, 3)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	before := obs.Value("okence_left_to_relay_total", "tenant", "ekc")
	for i := range 30 { // 16 are under way, 3 wait
		if err := emit(t.Context(), env, fmt.Sprint("e", i), "m1"); err != nil {
			t.Fatal(err)
		}
	}
	if left := obs.Value("okence_left_to_relay_total", "tenant", "ekc") - before; left < 30-publishers-3 {
		t.Errorf("%d events left to relay", left)
	}
	close(release)
	c.move(work.RelayAfter + time.Second)
	settle(t, l)
	if got.Load() != 30 {
		t.Errorf("%d events handled in the end, want 30", got.Load())
	}
	if n := outbox(t, env, c); n != 0 {
		t.Errorf("%d events are still in the outbox", n)
	}
}

func TestInlineConsumerRunsInTheSameCommit(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)}
	env := openEnv(t, c.now)
	var got atomic.Int32
	k := keeper(func(context.Context, *work.Unit, events.Event) error { got.Add(1); return nil })
	k.Manifest.Consumes[1].Inline = true
	l, err := NewLocal(env, []*Function{door(env), k})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := emit(t.Context(), env, "a", "m1"); err != nil {
		t.Fatal(err)
	}
	if got.Load() != 1 {
		t.Errorf("handled %d times before the commit's answer", got.Load())
	}
	if n := outbox(t, env, c); n != 0 {
		t.Errorf("%d events in the outbox", n)
	}
}

func TestEventOfTwoConsumersIsNotRunInline(t *testing.T) {
	env := openEnv(t, nil)
	var got atomic.Int32
	one := keeper(func(context.Context, *work.Unit, events.Event) error { got.Add(1); return nil })
	one.Manifest.Consumes[1].Inline = true
	two := keeper(one.Handlers[events.MediaRequestedType])
	two.Manifest.Name = "other"
	l, err := NewLocal(env, []*Function{two, one})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := emit(t.Context(), env, "a", "m1"); err != nil {
		t.Fatal(err)
	}
	settle(t, l)
	if got.Load() != 2+2 { // and each one's schedule
		t.Errorf("handled %d times, want by both", got.Load())
	}
}

func TestSettleFiresEachScheduleOncePerInstant(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)}
	env := openEnv(t, c.now)
	var at []time.Time
	l, err := NewLocal(env, []*Function{keeper(func(_ context.Context, _ *work.Unit, e events.Event) error {
		d, err := events.As[events.RelayDue](e)
		at = append(at, d.Now)
		return err
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	settle(t, l)
	c.move(90 * time.Second)
	settle(t, l)
	if len(at) != 2 || !at[1].Equal(c.now()) {
		t.Errorf("fired at %v", at)
	}
}

func TestRunFiresAtOnceAndStopsWithItsContext(t *testing.T) {
	env := openEnv(t, nil)
	fired := make(chan struct{}, 10)
	l, err := NewLocal(env, []*Function{keeper(func(context.Context, *work.Unit, events.Event) error { fired <- struct{}{}; return nil })})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() { l.Run(ctx); close(over) }()
	<-fired
	cancel()
	<-over
}

func TestCloseFinishesWhatIsUnderWayAndLeavesNoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	env := openEnv(t, nil)
	var got atomic.Int32
	l, err := NewLocal(env, []*Function{keeper(func(context.Context, *work.Unit, events.Event) error {
		time.Sleep(5 * time.Millisecond)
		got.Add(1)
		return nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c"} {
		if err := emit(t.Context(), env, id, "m1", "m2", "m3"); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	l.Close()
	if got.Load() != 9 {
		t.Errorf("%d events handled before Close returned, want 9", got.Load())
	}
	if err := emit(t.Context(), env, "late", "m1"); err != nil {
		t.Errorf("a commit after Close: %v", err)
	}
	env.Close()
	goleak.VerifyNone(t, before)
}

func TestCloseDoesNotWaitForeverForAStuckHandler(t *testing.T) {
	env := openEnv(t, nil, func(s *Settings) { s.Grace = 50 * time.Millisecond })
	entered := make(chan struct{})
	l, err := NewLocal(env, []*Function{keeper(func(ctx context.Context, _ *work.Unit, _ events.Event) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	})})
	if err != nil {
		t.Fatal(err)
	}
	if err := emit(t.Context(), env, "a", "m1"); err != nil {
		t.Fatal(err)
	}
	<-entered
	began := time.Now()
	l.Close()
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("Close took %s", d)
	}
}

func TestFunctionThatIsNotItsManifestIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*Function)
		ok   bool
	}{
		{"a whole one is fine", func(*Function) {}, true},
		{"a handler is missing", func(f *Function) { delete(f.Handlers, events.RelayDueType) }, false},
		{"a handler is too much", func(f *Function) { f.Handlers[events.MessageReceivedType] = fine }, false},
		{"routes that the manifest does not know", func(f *Function) { f.Routes = http.NotFoundHandler() }, false},
		{"routes that the function does not have", func(f *Function) { f.Manifest.Routes = []string{"GET /x"} }, false},
		{"a required setting is missing", func(f *Function) {
			f.Manifest.Settings = []Setting{{Name: "OKENCE_TEST_MISSING", Required: true, Text: "x"}}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := keeper(fine)
			c.edit(f)
			if err := f.Check(); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
