package retention

import (
	"context"

	"github.com/kelseyhightower/envconfig"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// settings are the function's own.
type settings struct {
	Cap   int `envconfig:"retention_cap" default:"500000"`
	Brake int `envconfig:"retention_brake" default:"5"`
	Free  int `envconfig:"retention_free" default:"5000"`
}

// maxOpen is how many sweeps are carried on at once; the next schedule takes the
// others.
const maxOpen = 30

type function struct {
	env    *host.Env
	eraser *erasure.Eraser
	scale  retention.Scale
}

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	var s settings
	if err := envconfig.Process("okence", &s); err != nil {
		return nil, fault.New(fault.Invalid, "settings: OKENCE_RETENTION_*: whole numbers")
	}
	if s.Cap < 1 || s.Brake < 1 || s.Free < 0 {
		return nil, fault.New(fault.Invalid, "settings: OKENCE_RETENTION_CAP and OKENCE_RETENTION_BRAKE are at least 1, OKENCE_RETENTION_FREE at least 0")
	}
	f := &function{env: env, eraser: erasure.New(env.Work, env.Ledger.Tree, "retention", access.Retention),
		scale: retention.Scale{Cap: s.Cap, Least: s.Free, Factor: s.Brake}}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.RetentionSweepDueType:    f.due,
		events.RetentionSweepMovedType:  f.moved,
		events.ServantStatusChangedType: f.servant,
		events.ContractEndedType:        f.ended,
		events.DeadlineReachedType:      f.reached,
	}}, nil
}

// due begins a sweep, or carries on one that was cut off. One that waits for an
// administrator is not joined by another: its plan would be planned again.
func (f *function) due(ctx context.Context, u *work.Unit, _ events.Event) error {
	if err := f.expire(ctx, u.Tenant()); err != nil {
		return err
	}
	open, err := work.Scan(ctx, u, record.Sweeps, store.Query{Index: record.ByState, Partition: "sweep", Limit: maxOpen})
	if err != nil {
		return err
	}
	busy := false
	for _, s := range open.Items {
		busy = busy || s.Contract == ""
		if s.State == retention.Braked {
			obs.Count("okence_alarm_total", "alarm", "sweep_braked", "tenant", u.Tenant())
			f.env.Log.Error("a retention sweep is far larger than usual and waits to be released: POST /v1/sweeps/{id}/release", "tenant", u.Tenant(), "id", s.ID)
			continue
		}
		if err := u.Emit(ctx, s.ID, &events.RetentionSweepMoved{SweepID: s.ID, Round: s.Round}); err != nil {
			return err
		}
	}
	if busy {
		return nil
	}
	id, err := u.NewID(ctx, "sweep")
	if err != nil {
		return err
	}
	s := &retention.Sweep{ID: id, State: retention.Planning, AsOf: u.Now(), StartedAt: u.Now(), By: u.Actor().ID}
	if err := f.plan(ctx, u, s); err != nil || s.Planned == 0 && s.State != retention.Planning {
		return err // nothing is due, and nothing tells of it
	}
	return f.onward(ctx, u, s)
}

// moved does the next piece of a sweep.
func (f *function) moved(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.RetentionSweepMoved](e)
	if err != nil {
		return err
	}
	s, err := work.Load(ctx, u, record.Sweeps, d.SweepID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || s.Round != d.Round { // done by another
		return err
	}
	switch s.State {
	case retention.Planning:
		err = f.plan(ctx, u, s)
	case retention.Running:
		err = f.run(ctx, u, s)
	case retention.Certify:
		err = f.certify(ctx, u, s)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return f.onward(ctx, u, s)
}

// onward saves a sweep and asks for its next piece.
func (f *function) onward(ctx context.Context, u *work.Unit, s *retention.Sweep) error {
	s.Round++
	work.Save(u, record.Sweeps, s)
	if !s.Active() {
		return nil
	}
	return u.Emit(ctx, s.ID, &events.RetentionSweepMoved{SweepID: s.ID, Round: s.Round})
}

// servant notes the status of a public servant (K13). It comes in any order.
func (f *function) servant(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.ServantStatusChanged](e)
	if err != nil {
		return err
	}
	s, _, err := work.Find(ctx, u, record.Servants, d.ContactID)
	if err != nil {
		return err
	}
	if s.ID = d.ContactID; s.Report(d.Status == "active", d.EffectiveAt) {
		work.Save(u, record.Servants, s)
	}
	return nil
}
