package escalation

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
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
	values := map[string]string{}
	for _, field := range c.Fields {
		values[field.Name] = field.Value
	}
	if ok {
		return f.again(ctx, u, known.TicketID, values)
	}
	t := &ticket.Ticket{
		Kind: ticket.Kind(c.Kind), Class: conversation.Class(c.Class), Origin: ticket.FromPeer, Service: c.Service, Urgency: c.Urgency,
		Peer: peer, PeerTicket: d.TicketID,
	}
	if t.ContactID, err = u.NewID(ctx, "contact"); err != nil {
		return err
	}
	work.Save(u, record.Contacts, &contact.Contact{ID: t.ContactID, CreatedAt: u.Now(), Name: values["name"]})
	if err := desk.Open(ctx, u, f.env, t); err != nil {
		return err
	}
	if err := t.Set(values, ticket.Names); err != nil {
		return fault.New(fault.Poison, "escalation: %s", err)
	}
	work.Save(u, record.Numberings, &ticket.Numbering{ID: id, TicketID: t.ID})
	h := &ticket.Handover{Level: 2, Service: t.Service, Queue: c.Service, Fields: ticket.Names, By: u.Actor().ID, AnswerBy: c.AnswerBy}
	if spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now()); err == nil && spec.Service.Queue != "" {
		h.Queue = spec.Service.Queue
	}
	if h.ID, err = u.NewID(ctx, "handover"); err != nil {
		return err
	}
	if t.Service == "" {
		return fault.New(fault.Poison, "escalation: a matter without a service")
	}
	if _, err := t.HandOn(h, new(ticket.Handover), 9, u.Now()); err != nil {
		return fault.New(fault.Poison, "escalation: %s", err)
	}
	work.Save(u, record.Handovers, h)
	if err := desk.Settle(ctx, u, f.env, t); err != nil {
		return err
	}
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.HandingOver, Hand: h.ID, From: ticket.New, Into: t.State})
}

// again takes in what the other organisation shows of a matter that we know:
// what is not shown any more goes. One that we gave back is handed anew.
func (f *function) again(ctx context.Context, u *work.Unit, id string, values map[string]string) error {
	t, err := work.Load(ctx, u, record.Tickets, id)
	if err != nil {
		return err
	}
	for name := range t.Values() {
		if _, still := values[name]; !still {
			values[name] = ""
		}
	}
	if err := t.Set(values, ticket.Names); err != nil {
		return fault.New(fault.Poison, "escalation: %s", err)
	}
	work.Save(u, record.Tickets, t)
	if t.Hand != "" {
		return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Widened, Hand: t.Hand})
	}
	from := t.State
	if !t.State.Open() {
		if from, err = t.Become(ticket.InProgress, u.Now()); err != nil {
			return fault.New(fault.Poison, "escalation: %s", err)
		}
	}
	h := &ticket.Handover{Level: 2, Service: t.Service, Queue: t.Service, Fields: ticket.Names, By: u.Actor().ID}
	if spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now()); err == nil && spec.Service.Queue != "" {
		h.Queue = spec.Service.Queue
	}
	if h.ID, err = u.NewID(ctx, "handover"); err != nil {
		return err
	}
	t.Level = 1
	if _, err := t.HandOn(h, new(ticket.Handover), 9, u.Now()); err != nil {
		return fault.New(fault.Poison, "escalation: %s", err)
	}
	work.Save(u, record.Handovers, h)
	if err := desk.Settle(ctx, u, f.env, t); err != nil {
		return err
	}
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.HandingOver, Hand: h.ID, From: from, Into: t.State})
}
