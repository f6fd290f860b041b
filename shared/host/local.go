package host

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/local"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

const (
	// backlog is how many events may wait to be published in the background;
	// more stay in the outbox for relay.
	backlog = 1 << 14
	// publishers is how many events are handled at once in the background.
	publishers = 16
)

// Local is all functions in one process. An event goes from one to the next
// within the same commit where both allow it, and otherwise in the background,
// right after the commit. Whatever a crash, a failure or a full backlog leaves,
// stands in the outbox and is relay's.
type Local struct {
	Env       *Env
	Functions []*Function

	bus    bus.Bus
	inline map[string]*work.Consumer
	queue  chan outgoing
	clear  *clearer
	tasks  sync.WaitGroup
	stop   context.CancelFunc // of the publishers

	run   string               // names this process, for Settle
	fired int                  // events sent by Settle
	ran   map[string]time.Time // by schedule, the period for which Settle ran it last

	mu      sync.Mutex
	pending int           // events taken over and not yet done with
	idle    chan struct{} // closed while pending is 0
	closed  bool
}

type outgoing struct {
	tenant string
	event  events.Event
}

// NewLocal wires functions that share one Env, and starts publishing. Nothing
// runs by itself yet: see Run, Settle and Advance.
func NewLocal(env *Env, functions []*Function) (*Local, error) {
	return newLocal(env, functions, backlog)
}

func newLocal(env *Env, functions []*Function, backlog int) (*Local, error) {
	l := &Local{
		Env: env, Functions: functions, inline: map[string]*work.Consumer{},
		queue: make(chan outgoing, backlog), idle: make(chan struct{}), run: newRun(), ran: map[string]time.Time{},
	}
	close(l.idle)
	receivers := map[string][]bus.Receiver{}
	for _, f := range functions {
		if err := f.Check(); err != nil {
			return nil, err
		}
		for _, c := range f.Manifest.Consumes {
			receivers[c.Type] = append(receivers[c.Type], f.receiver(env))
			l.inline[c.Type] = f.Consumer(c.Type)
			if len(receivers[c.Type]) > 1 { // the event must go to all of them
				l.inline[c.Type] = nil
			}
		}
	}
	l.bus = local.New(receivers, publishers)
	env.Bus, env.Work.Published = l.bus, l.take
	env.Work.Inline = func(eventType string) *work.Consumer { return l.inline[eventType] }
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	l.clear = newClearer(env, l.done)
	for range publishers {
		l.tasks.Go(func() { l.publish(ctx) })
	}
	return l, nil
}

// receiver delivers to f within the process.
func (f *Function) receiver(env *Env) bus.Receiver {
	return func(ctx context.Context, e events.Event) error {
		_, err := f.Deliver(ctx, env, e, 1)
		return err
	}
}

// take is told of each commit's events. It never waits: it runs before the
// commit's request is answered.
func (l *Local) take(_ context.Context, tenant string, es []events.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range es {
		if l.closed || len(l.queue) == cap(l.queue) {
			obs.Count("okence_left_to_relay_total", "tenant", tenant)
			continue
		}
		if l.pending == 0 {
			l.idle = make(chan struct{})
		}
		l.pending++
		l.queue <- outgoing{tenant, e} // has room: only take fills it
	}
}

// done is told that n events are done with.
func (l *Local) done(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending -= n
	if l.pending == 0 && n > 0 {
		close(l.idle)
	}
}

// publish hands events on until the queue is closed.
func (l *Local) publish(ctx context.Context) {
	for o := range l.queue {
		if ctx.Err() != nil { // stopping, and out of patience
			l.done(1)
			continue
		}
		if err := l.bus.Publish(ctx, o.event); err != nil {
			obs.Count("okence_publish_failures_total", "tenant", o.tenant)
			l.done(1)
			continue
		}
		l.clear.sent <- o
	}
}

// Run keeps the schedules of all manifests by the wall clock until ctx ends:
// each at once, for what a stop left, and then at every multiple of its period.
func (l *Local) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, f := range l.Functions {
		for _, s := range f.Manifest.Schedules {
			wg.Go(func() {
				for {
					now := l.Env.Work.Now()
					_ = l.tick(ctx, f, s, now.Truncate(s.Every), "") // Deliver logs; the next one tries again
					select {
					case <-ctx.Done():
						return
					case <-time.After(s.Every - now.Sub(now.Truncate(s.Every))):
					}
				}
			})
		}
	}
	wg.Wait()
}

// tick delivers a schedule's event to every tenant. The end of its id tells it
// from others of the same instant.
func (l *Local) tick(ctx context.Context, f *Function, s Schedule, at time.Time, end string) error {
	var all []error
	for tenant := range l.Env.Tenants {
		e := Tick(s.Type, tenant, at)
		e.ID += end
		if _, err := f.Deliver(ctx, l.Env, e, 1); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// Idle waits until no event is under way in the background.
func (l *Local) Idle(ctx context.Context) error {
	l.mu.Lock()
	idle := l.idle
	l.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "events are still under way").Because(ctx.Err())
	}
}

// Handler is what all functions serve over HTTP together, with GET /healthz,
// /readyz and /metrics. Events from outside come in by the portal's route, so
// there is no receiver.
func (l *Local) Handler() http.Handler {
	mux := http.NewServeMux()
	l.Env.health(mux)
	mux.HandleFunc("GET /metrics", metrics)
	for _, f := range l.Functions {
		if f.Routes == nil {
			continue
		}
		limited := f.limited()
		for _, route := range f.Manifest.Routes {
			mux.Handle(route, limited)
		}
	}
	return guarded(mux, l.Env.Log)
}

// Timeout is the longest that a route of any function may take.
func (l *Local) Timeout() time.Duration {
	var longest time.Duration
	for _, f := range l.Functions {
		longest = max(longest, f.Manifest.Timeout)
	}
	return longest
}

// Close stops publishing: what is under way may finish within the settings'
// grace; what is left stays in the outbox. The Env is the caller's to close,
// after it.
func (l *Local) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), l.Env.Settings.Grace)
	defer cancel()
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.closed = true
	close(l.queue)
	l.mu.Unlock()
	_ = l.Idle(ctx)
	l.stop()
	l.tasks.Wait()
	l.clear.close()
	_ = l.bus.Close()
}
