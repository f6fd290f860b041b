package notice

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/deadline"
	domain "github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{events.DeadlineReachedType: f.reached}}, nil
}

// reached deals with a notice whose time to confirm is over.
func (f *function) reached(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil || d.AboutKind != domain.Kind || d.Name != domain.Confirm || d.Stage != deadline.Due {
		return err
	}
	n, err := work.Load(ctx, u, record.Notices, d.AboutID)
	if fault.Is(err, fault.NotFound) {
		return nil // deleted meanwhile, with its conversation
	}
	if err != nil || n.Confirmed() || n.Next != "" {
		return err
	}
	if at, ok, err := notice.Answered(ctx, u, n); err != nil {
		return err
	} else if ok {
		return notice.Confirm(ctx, u, n, "", domain.Answer, at)
	}
	told, err := notice.Escalate(ctx, u, f.env, n)
	if err == nil && !told {
		obs.Count("okence_alarm_total", "alarm", "notice_unconfirmed", "tenant", u.Tenant())
		f.env.Log.Error("nobody confirmed a notice, and nobody is left to be told", "tenant", u.Tenant(), "kind", n.About.Kind)
	}
	return err
}
