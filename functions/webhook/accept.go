package webhook

import (
	"context"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// accept makes one item durable, once: sealed as an intake record, with the
// event that says so. Where inbound lives in the same process, it has turned
// the item into a message by the same commit, and the intake record is gone
// again. What can't be mapped waits as a dead letter beside its intake.
func (f *function) accept(ctx context.Context, tenant string, name channel.Name, at time.Time, item channel.Item) error {
	id, err := f.env.Work.Vault.Hash(ctx, tenant, "dedupe", name.String(), item.Dedupe)
	if err != nil {
		return err
	}
	scope := work.Scope{
		Tenant: tenant, Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: manifest.Use,
		Source: "/webhooks/" + tenant + "/" + name.String(), ID: id, At: at,
	}
	out, err := f.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
		id, err := u.NewID(ctx, "intake")
		if err != nil {
			return err
		}
		rec := &intake.Intake{
			ID: id, Day: intake.Day(at), Channel: name.Channel, Provider: name.Provider, ReceivedAt: at,
			Parked: item.Parked, KeepRaw: item.KeepRaw,
		}
		if item.Parked == "" {
			rec.Message = &item.Message
		}
		if item.Parked != "" || item.KeepRaw { // of a message that was mapped, its form says it all
			rec.Raw = item.Raw
		}
		work.Save(u, record.Intakes, rec)
		received := &events.MessageReceived{Intake: id, Channel: name.Channel, Provider: name.Provider, ReceivedAt: at}
		if item.Parked == "" {
			return u.Emit(ctx, id, received)
		}
		e, err := u.Event(ctx, id, received)
		if err != nil {
			return err
		}
		return u.Park(ctx, "inbound", e, 0, fault.New(fault.Poison, "%s", item.Parked))
	})
	outcome := "new"
	switch {
	case err != nil:
		outcome = "failed"
	case out.Duplicate:
		outcome = "duplicate"
	case item.Parked != "":
		outcome = "parked"
	}
	obs.Count("okence_webhook_items_total", "tenant", tenant, "account", name.String(), "outcome", outcome)
	return err
}
