package work

import (
	"context"
	"errors"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
)

// Bury sets an event aside that a function can't handle: a dead letter and the
// event's done mark, in one commit. Burying it again changes nothing. The
// reason is the error's text, which holds no content.
func (env *Env) Bury(ctx context.Context, function string, e events.Event, tries int, cause error) error {
	s := Scope{
		Tenant: e.Tenant, Function: function, Actor: access.FunctionActor(function), Use: access.Operation,
		Source: e.Source, ID: e.ID, At: e.Time, TraceParent: e.TraceParent,
	}
	_, err := env.Run(ctx, s, func(ctx context.Context, u *Unit) error {
		return u.Park(ctx, function, e, tries, cause)
	})
	return err
}

// Park sets an event for a function aside from within a unit: what the edge
// can't map waits as a dead letter beside its sealed intake.
func (u *Unit) Park(ctx context.Context, function string, e events.Event, tries int, cause error) error {
	id, err := u.Hash(ctx, "deadletter", function, e.Source, e.ID)
	if err != nil {
		return err
	}
	if _, _, err := Find(ctx, u, DeadLetters, id); err != nil { // redriven before, and back
		return err
	}
	kind, reason := fault.Of(cause), "internal"
	var f *fault.Error
	if errors.As(cause, &f) {
		reason = f.Text
	}
	Save(u, DeadLetters, &DeadLetter{ID: id, Function: function, Event: e, Kind: kind, Reason: reason, At: u.now, Attempts: tries})
	return nil
}

// Redrive sends a dead letter on its way again: its event goes to the outbox as
// it was, and the function's done mark goes. fault.NotFound: no such dead
// letter; fault.Invalid: it has been redriven already.
func Redrive(ctx context.Context, u *Unit, id string) (*DeadLetter, error) {
	d, err := Load(ctx, u, DeadLetters, id)
	if err != nil {
		return nil, err
	}
	if !d.Redriven.IsZero() {
		return nil, fault.New(fault.Invalid, "dead letter %s has been redriven already", id)
	}
	mark, err := u.Hash(ctx, "mark", d.Function, d.Event.Source, d.Event.ID)
	if err != nil {
		return nil, err
	}
	if err := Delete(ctx, u, marks, mark); err != nil {
		return nil, err
	}
	d.Redriven = u.now
	Save(u, DeadLetters, d)
	u.Forward(d.Event)
	return d, nil
}
