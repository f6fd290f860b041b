package escalation

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// requested hands a ticket on. What can't be, since it has gone on meanwhile, is
// a dead letter with its reason.
func (f *function) requested(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.TicketEscalationRequested](e)
	if err != nil {
		return err
	}
	if d.Intake != "" {
		return f.received(ctx, u, e, d)
	}
	if peerOf(e) != "" { // another organisation hands on its own matters, not ours
		return fault.New(fault.Poison, "escalation: a peer's event without content")
	}
	t, err := work.Load(ctx, u, record.Tickets, d.TicketID)
	if err != nil {
		return err
	}
	if d.Level != 0 && d.Level <= t.Level && t.State == ticket.Escalated {
		return nil // it is there already
	}
	h, err := desk.HandOver(ctx, u, f.env, t, d.Level)
	if err != nil {
		if fault.Of(err) == fault.Internal { // a rule's refusal
			return fault.New(fault.Poison, "escalation: %s", err)
		}
		return err
	}
	if e.Actor != "" {
		h.By = e.Actor
	}
	return desk.Tell(ctx, u, f.env, t, desk.ToldEscalated)
}

// received makes a ticket of ours of what another organisation handed to us, and
// hands it to our custodians. The same matter again, at the same or a further
// level, brings what they may see now.
func (f *function) received(ctx context.Context, u *work.Unit, e events.Event, d *events.TicketEscalationRequested) error {
	peer := peerOf(e)
	if peer == "" {
		return fault.New(fault.Poison, "escalation: content from nobody")
	}
	var c events.TicketHandover
	if err := content(ctx, u, d.Intake, &c); err != nil {
		return err
	}
	id, err := u.Hash(ctx, "peer ticket", peer, d.TicketID)
	if err != nil {
		return err
	}
	known, ok, err := work.Find(ctx, u, record.Numberings, id)
	if err != nil {
		return err
	}
	if ok {
		t, err := work.Load(ctx, u, record.Tickets, known.TicketID)
		if err != nil {
			return err
		}
		work.Save(u, record.Tickets, t)
		taken, err := desk.Receive(ctx, u, f.env, t, d.Handover, &c)
		if err == nil && !taken {
			obs.Count("okence_late_handovers_total", "tenant", u.Tenant(), "peer", peer)
		}
		return err
	}
	t := &ticket.Ticket{
		Kind: ticket.Kind(c.Kind), Class: conversation.Class(c.Class), Origin: ticket.FromPeer, Service: c.Service, Urgency: c.Urgency,
		Peer: peer, PeerTicket: d.TicketID,
	}
	if t.Service == "" {
		return fault.New(fault.Poison, "escalation: a matter without a service")
	}
	if t.ContactID, err = u.NewID(ctx, "contact"); err != nil {
		return err
	}
	person := &contact.Contact{ID: t.ContactID, CreatedAt: u.Now()}
	for _, field := range c.Fields {
		if field.Name == "name" && field.Until.IsZero() {
			person.Name = field.Value
		}
	}
	work.Save(u, record.Contacts, person)
	if err := desk.Open(ctx, u, f.env, t); err != nil {
		return err
	}
	work.Save(u, record.Numberings, &ticket.Numbering{ID: id, TicketID: t.ID})
	_, err = desk.Receive(ctx, u, f.env, t, d.Handover, &c)
	return err
}
