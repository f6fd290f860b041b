package peer

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/exchange"
	register "github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Nobody says that content which goes to a peer is about no person whom we know.
var Nobody = []*dossier.Disclosure{}

// Queue puts an event about subject, an opaque id, on its way to a peer, within
// the unit: it goes when the unit commits, and not otherwise. Data may hold
// content; lines say whose, and go into the disclosure register in the same commit
// (P16, art. 15(1)(c) GDPR), or Nobody. Who of ours acted is not told. It returns
// the id of the sending. fault.NotFound: there is no such peer, or it takes
// nothing; fault.Internal: content without a word on whose it is.
func Queue(ctx context.Context, u *work.Unit, env *host.Env, name, subject string, data events.Data, lines []*dossier.Disclosure) (string, error) {
	if lines == nil && personal(data) {
		return "", fault.New(fault.Internal, "peer: %T goes out with content, and nobody says whose it is", data)
	}
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
	for _, l := range lines {
		if l.Recipient == "" {
			l.Recipient = name
		}
		if err := register.Disclose(ctx, u, l); err != nil {
			return "", err
		}
	}
	return id, u.Emit(ctx, id, &events.SendingRequested{SendingID: id})
}

// personal reports whether an event is one that brings content: which of its
// fields do is known by what the other side seals (events.WithContent).
func personal(data events.Data) bool {
	_, is := data.(events.WithContent)
	return is
}
