package peer

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Queue puts an event about subject, an opaque id, on its way to a peer, within
// the unit: it goes when the unit commits, and not otherwise. Data may hold
// content. Who of ours acted is not told. It returns the id of the sending.
// fault.NotFound: there is no such peer, or it takes nothing.
func Queue(ctx context.Context, u *work.Unit, env *host.Env, name, subject string, data events.Data) (string, error) {
	p, err := Find(u.Tenant(), name)
	if err != nil {
		return "", err
	}
	if p.URL == "" || !env.Tenants[u.Tenant()] {
		return "", fault.New(fault.NotFound, "peer: it takes no events")
	}
	e, err := u.Event(ctx, subject, data)
	if err != nil {
		return "", err
	}
	e.Actor, e.TraceParent = "", ""
	body, err := cloudevent.Marshal(e)
	if err != nil {
		return "", err
	}
	id, err := u.NewID(ctx, "sending")
	if err != nil {
		return "", err
	}
	s := exchange.New(id, name, u.Now())
	s.EventID, s.Type, s.Body = e.ID, e.Type, string(body)
	work.Save(u, record.Sendings, s)
	return id, u.Emit(ctx, id, &events.SendingRequested{SendingID: id})
}
