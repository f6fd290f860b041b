package ledger

import (
	"context"
	"sync"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.LedgerSealDueType:  f.seal,
		events.LedgerSweepDueType: f.sweep,
	}}, nil
}

// seal sequences what waits.
func (f *function) seal(ctx context.Context, u *work.Unit, _ events.Event) error {
	s, err := f.env.Ledger.Seal(ctx, u.Tenant())
	if s.Added > 0 {
		obs.Observe("okence_ledger_wait_seconds", s.Waited.Seconds(), "tenant", u.Tenant())
	}
	if s.Waited > ledger.MergeDelay {
		obs.Count("okence_alarm_total", "alarm", "ledger_merge_delay", "tenant", u.Tenant())
		f.env.Log.Error("entries of the processing log waited longer than an hour to be sequenced", "tenant", u.Tenant(), "duration", s.Waited.String())
	}
	if err == nil {
		f.cosign(ctx, u.Tenant())
	}
	return err
}

// cosign has the witnesses see the newest checkpoint. One that fails holds up
// neither the log nor the others: it is asked again with the next run.
func (f *function) cosign(ctx context.Context, tenant string) {
	var wg sync.WaitGroup
	for _, w := range f.env.Settings.LedgerWitnesses {
		wg.Go(func() {
			_, err := f.env.Ledger.Cosign(ctx, tenant, w)
			switch {
			case err == nil || fault.Is(err, fault.NotFound): // no log yet
				return
			case fault.Is(err, fault.Internal):
				obs.Count("okence_alarm_total", "alarm", "ledger_witness_disagrees", "tenant", tenant)
			default:
				obs.Count("okence_ledger_witness_failures_total", "tenant", tenant)
			}
			f.env.Log.Error("a witness did not cosign the processing log", "tenant", tenant, "error", err.Error())
		})
	}
	wg.Wait()
}

// sweep deletes what is out of its retention by the tenant's pack.
func (f *function) sweep(ctx context.Context, u *work.Unit, _ events.Event) error {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	term, err := ledger.TermOf(terms)
	if err != nil {
		return err
	}
	kept, err := erasure.Kept(ctx, u)
	if err != nil {
		return err
	}
	restricted, err := erasure.KeptForRestriction(ctx, u, terms)
	if err != nil {
		return err
	}
	kept = append(kept, restricted...)
	_, err = f.env.Ledger.Sweep(ctx, u.Tenant(), term, kept)
	return err
}
