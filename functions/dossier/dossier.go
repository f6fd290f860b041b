package dossier

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.DsarGrantedType:      f.granted,
		events.DossierReviewedType:  f.reviewed,
		events.DossierDueType:       f.due,
		events.CircularSteppedType:  f.circularStepped,
		events.ConsentWithdrawnType: f.consentWithdrawn,
	}}, nil
}

// step carries out one right. done is false where it waits for a person.
type step func(*function, context.Context, *work.Unit, *dsar.Request, *dsar.Item) (res dsar.Result, done bool, err error)

// steps by right, over the person's data.
var steps = map[dsar.Right]step{
	dsar.Access:        (*function).access,
	dsar.Portability:   (*function).portability,
	dsar.Rectification: (*function).rectify,
	dsar.Erasure:       (*function).erase,
	dsar.Restriction:   (*function).restrict,
	dsar.Objection:     (*function).object,
	dsar.Withdrawal:    (*function).withdraw,
	dsar.NotifyOthers:  (*function).notifyOthers,
	dsar.Information:   (*function).nothing,
	dsar.NoAutomation:  (*function).nothing, // none are made
}

// granted handles dsar.granted.
func (f *function) granted(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarGranted](e)
	if err != nil {
		return err
	}
	r, err := work.Load(ctx, u, record.Requests, d.Request)
	if err != nil {
		return err
	}
	i := r.Item(dsar.Key{Right: d.Right, Scope: d.Scope})
	if i == nil || i.State != dsar.ToDo || i.Decision == nil {
		return nil // carried out before, or decided anew
	}
	if _, err := dossier.Still(ctx, u, r); err != nil { // a merge may have been taken back since (K04)
		return err
	}
	if len(r.Covered()) == 0 {
		return f.carriedOut(ctx, u, i, r.ID, dsar.Impossible) // nobody has proved to be the person
	}
	do := steps[d.Right]
	if d.Scope == dsar.AuditTrail && d.Right != dsar.Access {
		do = (*function).ofTheLog
	}
	res, done, err := do(f, ctx, u, r, i)
	if err != nil || !done {
		return err
	}
	return f.carriedOut(ctx, u, i, r.ID, res)
}

func (f *function) carriedOut(ctx context.Context, u *work.Unit, i *dsar.Item, request string, res dsar.Result) error {
	return u.Emit(ctx, request, &events.DsarCarriedOut{Request: request, Right: i.Right, Scope: i.Scope, Outcome: res})
}

// ofTheLog: nothing in the processing log is ever changed or erased (K23 c, d);
// what else may be granted over it leaves it as it is.
func (f *function) ofTheLog(_ context.Context, _ *work.Unit, _ *dsar.Request, i *dsar.Item) (dsar.Result, bool, error) {
	if i.Right == dsar.Rectification || i.Right == dsar.Erasure {
		return dsar.Impossible, true, nil
	}
	return dsar.Nothing, true, nil
}

func (f *function) nothing(context.Context, *work.Unit, *dsar.Request, *dsar.Item) (dsar.Result, bool, error) {
	return dsar.Nothing, true, nil
}
