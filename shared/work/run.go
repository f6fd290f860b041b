package work

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
)

// ErrOtherRequest is the answer to an idempotency key that was used before for
// a request with another Print.
var ErrOtherRequest error = fault.New(fault.Invalid, "this idempotency key was used for another request")

// Outcome is how a unit ended without an error.
type Outcome struct {
	Duplicate bool            // it had been done before; nothing changed
	Answer    json.RawMessage // what the unit, now or then, answered
}

const (
	// attempts bounds how often a unit runs again after a conflict.
	attempts = 24
	// alone is the attempt from which a unit runs with no other retry of its
	// tenant beside it in this process, so that a crowd on one record passes
	// one by one.
	alone = 2
	// RelayAfter is how old an event in the outbox is before relay takes it
	// for left behind.
	RelayAfter = 30 * time.Second
)

// Run does fn as one unit of work: all of its effects or none, and once for
// each Source and ID of its scope. On a conflict fn runs again on fresh reads,
// so it must have no effect but through its unit. A panic in fn is
// fault.Internal and names an id to look for in the log, never what was said.
//
// An error of kind fault.Unavailable may hide a commit that took place; doing
// the same again finds that out by the mark.
func (env *Env) Run(ctx context.Context, s Scope, fn func(context.Context, *Unit) error) (Outcome, error) {
	if !access.May(s.Actor.Role, s.Use) {
		return Outcome{}, fault.New(fault.Forbidden, "role %s may not act for purpose %s", s.Actor.Role, s.Use)
	}
	inline := env.Inline != nil
	for attempt := range attempts {
		out, err := env.try(ctx, s, fn, attempt, inline)
		if inline && (fault.Is(err, fault.TooLarge) || fault.Is(err, fault.Invalid)) {
			// Together they may be more than one commit holds. Apart, the
			// emitting unit stands, and what can't be done is a dead letter.
			inline = false
			out, err = env.try(ctx, s, fn, attempt, inline)
		}
		if !fault.Is(err, fault.Conflict) || ctx.Err() != nil {
			return out, err
		}
		time.Sleep(time.Duration(rand.Int64N(int64(200*time.Microsecond) << min(attempt, 5))))
	}
	return Outcome{}, fault.New(fault.Conflict, "work: still in conflict after %d attempts", attempts)
}

func (env *Env) try(ctx context.Context, s Scope, fn func(context.Context, *Unit) error, attempt int, inline bool) (Outcome, error) {
	if attempt >= alone {
		lane := env.lane(s.Tenant)
		lane.Lock()
		defer lane.Unlock()
	}
	u := newUnit(env, s, env.Now().UTC(), nil)
	if s.ID != "" {
		id, err := u.Hash(ctx, "mark", s.Function, s.Source, s.ID)
		if err != nil {
			return Outcome{}, err
		}
		u.mark = marks.Key(s.Tenant, id)
		if attempt > 0 { // the conflict may be the mark itself
			if err := u.Fetch(ctx); err != nil {
				return u.repeated(err)
			}
		}
	}
	if err := guard(ctx, u, fn); err != nil {
		return u.repeated(err)
	}
	if inline {
		if err := u.inline(ctx); err != nil {
			return u.repeated(err)
		}
	}
	emitted, err := u.commit(ctx)
	if err != nil {
		return u.repeated(err)
	}
	if len(emitted) > 0 && env.Published != nil {
		env.Published(ctx, s.Tenant, emitted)
	}
	return Outcome{Answer: u.answer}, nil
}

// repeated tells a duplicate from an error.
func (u *Unit) repeated(err error) (Outcome, error) {
	if !errors.Is(err, errDuplicate) {
		return Outcome{}, err
	}
	m, err := Peek(context.Background(), u, marks, u.mark.ID) // read already
	if err != nil {
		return Outcome{}, err
	}
	if m.Print != u.scope.Print {
		return Outcome{}, ErrOtherRequest
	}
	return Outcome{Duplicate: true, Answer: m.Answer}, nil
}

// guard turns a panic into an error that can be found again: the text goes to
// nobody, the place of the panic to the log.
func guard(ctx context.Context, u *Unit, fn func(context.Context, *Unit) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Panic{ID: randomID(), Function: u.scope.Function, Type: fmt.Sprintf("%T", p), Stack: debug.Stack()}
			err = fault.New(fault.Internal, "panic in %s", u.scope.Function).Because(err)
		}
	}()
	return fn(ctx, u)
}

// Panic is a panic in a handler. Its text holds no value of the panic, which
// may quote content; Stack holds places in the code only.
type Panic struct {
	ID       string
	Function string
	Type     string
	Stack    []byte
}

// Error names the panic's id.
func (p *Panic) Error() string { return "panic " + p.ID + " of type " + p.Type }

// inline runs the consumers that live in this process within the same unit.
// One that fails leaves nothing behind but its event in the outbox, to be
// delivered the long way.
func (u *Unit) inline(ctx context.Context) error {
	waiting := u.emitted
	u.emitted = nil
	for _, e := range waiting {
		c := u.env.Inline(e.Type)
		if c == nil || c.Use != u.scope.Use {
			u.emitted = append(u.emitted, e)
			continue
		}
		scope := Scope{
			Tenant: u.scope.Tenant, Function: c.Function, Actor: access.FunctionActor(c.Function), Use: c.Use,
			Source: e.Source, ID: e.ID, At: e.Time, TraceParent: e.TraceParent,
		}
		child := newUnit(u.env, scope, u.now, u)
		err := guard(ctx, child, func(ctx context.Context, child *Unit) error {
			if err := c.Handle(ctx, child, e); err != nil {
				return err
			}
			return child.settle(ctx)
		})
		if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Unavailable) {
			return err // the whole unit would fail alike
		}
		if err != nil {
			u.emitted = append(u.emitted, e)
			continue
		}
		u.adopt(child)
	}
	return nil
}

// adopt takes over what an inline unit did.
func (u *Unit) adopt(child *Unit) {
	for _, s := range child.order {
		if old := u.slots[s.key]; old != nil {
			*old = *s
			continue
		}
		u.slots[s.key] = s
		u.order = append(u.order, s)
	}
	u.emitted = append(u.emitted, child.emitted...)
}
