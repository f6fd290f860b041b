package host

import (
	"context"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

// Function is a deployable: its manifest, what it does with events, and the
// HTTP routes it serves, if any.
type Function struct {
	Manifest Manifest
	Handlers map[string]work.Handler // by event type, one for each that it consumes
	Routes   http.Handler            // nil where the manifest lists none

	// NextDue tells a manual clock when, from an instant on (zero: of all that
	// waits), something next falls due for the function in a tenant; zero:
	// nothing does. Nil where the function's schedules are enough.
	NextDue func(ctx context.Context, tenant string, from time.Time) (time.Time, error)
}

// Delivered is how the delivery of an event ended, when it need not be repeated.
type Delivered string

const (
	Done      Delivered = "done"
	Duplicate Delivered = "duplicate" // it had been done before
	Buried    Delivered = "buried"    // it can't succeed: a dead letter now
)

// Deliver hands one event to the function and commits what it does. An error
// means: deliver it again. fault.Invalid alone means that it is no event of
// ours, malformed or of a type that this function does not handle; such a thing
// is refused and leaves no trace but a count.
func (f *Function) Deliver(ctx context.Context, env *Env, e events.Event, tries int) (Delivered, error) {
	d, err := f.deliver(ctx, env, e, tries)
	outcome := string(d)
	if err != nil {
		outcome = string(fault.Of(err))
	}
	obs.Count("okence_events_total", "function", f.Manifest.Name, "outcome", outcome)
	return d, err
}

func (f *Function) deliver(ctx context.Context, env *Env, e events.Event, tries int) (Delivered, error) {
	handle := f.Handlers[e.Type]
	if handle == nil {
		return "", fault.New(fault.Invalid, "function %s does not handle this type of event", f.Manifest.Name)
	}
	d, err := events.Decode(e)
	if err != nil {
		return "", err
	}
	if c, ok := d.(events.WithContent); ok {
		if content, err := c.TakeContent(); err != nil || content != nil {
			return "", fault.New(fault.Invalid, "event %s: content is sealed where it comes in, and never travels", e.Type)
		}
	}
	if !env.Tenants[e.Tenant] {
		return "", fault.New(fault.Invalid, "event %s: unknown tenant", e.Type)
	}
	ctx, cancel := context.WithTimeout(ctx, f.Manifest.Timeout)
	defer cancel()
	scope := work.Scope{
		Tenant: e.Tenant, Function: f.Manifest.Name, Actor: access.FunctionActor(f.Manifest.Name), Use: f.Manifest.Use,
		Source: e.Source, ID: e.ID, At: e.Time, TraceParent: e.TraceParent,
	}
	began := time.Now()
	out, err := env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error { return handle(ctx, u, e) })
	obs.Observe("okence_event_seconds", time.Since(began).Seconds(), "function", f.Manifest.Name)
	switch {
	case err == nil && out.Duplicate:
		return Duplicate, nil
	case err == nil:
		return Done, nil
	}
	log := env.Log.With("function", f.Manifest.Name, "type", e.Type, "event", e.ID, "tenant", e.Tenant, "kind", string(fault.Of(err)))
	var p *work.Panic
	if errors.As(err, &p) {
		log.Error("a handler panicked", "panic", p.ID, "stack", string(p.Stack))
	}
	if !fault.Permanent(err) {
		log.Warn("an event will be delivered again", "error", err.Error(), "attempt", tries)
		return "", err
	}
	log.Error("an event can't be handled: it is a dead letter now", "error", err.Error())
	if err := env.Work.Bury(ctx, f.Manifest.Name, e, tries, err); err != nil {
		return "", err
	}
	return Buried, nil
}

// Check refuses a function that is not what its manifest says.
func (f *Function) Check() error {
	name := f.Manifest.Name
	for _, c := range f.Manifest.Consumes {
		if f.Handlers[c.Type] == nil {
			return fault.New(fault.Internal, "function %s has no handler for %s", name, c.Type)
		}
	}
	if len(f.Handlers) != len(f.Manifest.Consumes) {
		return fault.New(fault.Internal, "function %s handles a type that its manifest does not consume", name)
	}
	if (f.Routes == nil) != (len(f.Manifest.Routes) == 0) {
		return fault.New(fault.Internal, "function %s: its routes are not those of its manifest", name)
	}
	for _, s := range f.Manifest.Settings {
		if s.Required && os.Getenv(s.Name) == "" {
			return fault.New(fault.Invalid, "settings: %s is missing: %s", s.Name, s.Text)
		}
	}
	return nil
}

// Consumer returns the function's handler of an event type for running inside
// the unit that emits it, or nil where the manifest does not allow that.
func (f *Function) Consumer(eventType string) *work.Consumer {
	for _, c := range f.Manifest.Consumes {
		if c.Type == eventType && c.Inline {
			return &work.Consumer{Function: f.Manifest.Name, Use: f.Manifest.Use, Handle: f.Handlers[eventType]}
		}
	}
	return nil
}
