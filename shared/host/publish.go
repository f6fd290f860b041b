package host

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

// publish sends a commit's events on before the request is answered: where a
// function runs on demand, nothing runs between requests. What fails stays in
// the outbox for relay; the commit stands in any case.
func (env *Env) publish(ctx context.Context, tenant string, es []events.Event) {
	ids := make([]string, len(es))
	for i, e := range es {
		ids[i] = work.OutboxID(e)
	}
	err := env.Bus.Publish(ctx, es...)
	if err == nil {
		err = env.Work.Sent(ctx, tenant, ids...)
	}
	if err != nil {
		obs.Count("okence_publish_failures_total", "tenant", tenant)
		env.Log.Warn("events wait in the outbox for relay", "tenant", tenant, "count", len(es), "kind", string(fault.Of(err)), "error", err.Error())
	}
}
