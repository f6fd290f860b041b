package escalation

import (
	"context"
	"errors"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// answered follows what the next level said. Our own custodian's answer has been
// applied by the portal: the person is told, or the organisation that handed the
// matter to us. Another organisation's is applied here.
func (f *function) answered(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.TicketEscalationAnswered](e)
	if err != nil {
		return err
	}
	t, err := work.Load(ctx, u, record.Tickets, d.TicketID)
	if err != nil {
		return err
	}
	work.Save(u, record.Tickets, t)
	if name := peerOf(e); name != "" {
		if applied, err := f.apply(ctx, u, t, name, d); err != nil || !applied {
			return err
		}
	} else if t.Peer != "" {
		return f.back(ctx, u, t, d)
	}
	switch d.Answer {
	case events.EscalationReturned:
		return desk.Tell(ctx, u, f.env, t, desk.ToldReturned)
	case events.EscalationResolved:
		h, err := f.of(ctx, u, t, d)
		if err != nil {
			return err
		}
		return desk.Solved(ctx, u, f.env, t, h.Reasons[""])
	}
	return nil
}

// apply takes another organisation's answer: only from the one that has it, and of
// the hand-over that it names. An answer to one that has ended came late: it changes
// nothing, and is counted.
func (f *function) apply(ctx context.Context, u *work.Unit, t *ticket.Ticket, name string, d *events.TicketEscalationAnswered) (applied bool, err error) {
	h, err := desk.Current(ctx, u, t)
	if err != nil {
		return false, err
	}
	if d.Handover != "" && d.Handover != h.ID {
		if h, err = work.Load(ctx, u, record.Handovers, d.Handover); err != nil && !fault.Is(err, fault.NotFound) {
			return false, err
		}
		if err == nil && h.TicketID == t.ID && h.Peer == name {
			obs.Count("okence_late_answers_total", "tenant", u.Tenant(), "peer", name)
			f.env.Log.Info("a peer's answer came after its hand-over had ended", "tenant", u.Tenant(), "peer", name, "handover", h.ID)
			return false, forget(ctx, u, d.Intake)
		}
		return false, fault.New(fault.Poison, "escalation: the answer names no hand-over of this matter to this peer")
	}
	if h.Peer != name {
		return false, fault.New(fault.Poison, "escalation: the matter is not with this peer")
	}
	var c events.TicketAnswer
	if d.Intake != "" {
		if err := content(ctx, u, d.Intake, &c); err != nil {
			return false, err
		}
	}
	a := desk.Answer{How: d.Answer, Text: c.Text, Field: c.Field, Widening: d.Widening}
	switch err = desk.Take(ctx, u, f.env, t, h, a); {
	case errors.Is(err, desk.ErrFieldForbidden):
		err = desk.Forbid(ctx, u, f.env, t, h, a)
	case errors.Is(err, ticket.ErrSeen): // they see it, or have asked: they are told again
		err = desk.Send(ctx, u, f.env, t, h)
		work.Save(u, record.Handovers, h)
	}
	if err != nil && fault.Of(err) == fault.Internal {
		return false, fault.New(fault.Poison, "escalation: %s", err)
	}
	return err == nil, err
}

// forget lets go of what an event brought that came too late.
func forget(ctx context.Context, u *work.Unit, intake string) error {
	if intake == "" {
		return nil
	}
	return work.Delete(ctx, u, record.Intakes, intake)
}

// of is the hand-over that an answer is about: the one that it names, else the last.
func (f *function) of(ctx context.Context, u *work.Unit, t *ticket.Ticket, d *events.TicketEscalationAnswered) (*ticket.Handover, error) {
	if d.Handover == "" {
		return f.last(ctx, u, t)
	}
	return work.Load(ctx, u, record.Handovers, d.Handover)
}

// back sends our answer to the organisation that handed the matter to us. What it
// says is in the hand-over that the answer ended, or in the widening.
func (f *function) back(ctx context.Context, u *work.Unit, t *ticket.Ticket, d *events.TicketEscalationAnswered) error {
	h, err := f.of(ctx, u, t, d)
	if err != nil {
		return err
	}
	c := &events.TicketAnswer{Text: h.Reasons[""]}
	if d.Answer == events.EscalationAsked {
		for _, w := range h.Widenings {
			if w.ID == d.Widening {
				c.Field, c.Text = w.Field, h.Reasons[w.ID]
			}
		}
	}
	_, err = peer.Queue(ctx, u, f.env, t.Peer, t.PeerTicket, &events.TicketEscalationAnswered{
		TicketID: t.PeerTicket, Handover: h.PeerHand, Answer: d.Answer, Widening: d.Widening, Content: c,
	}, desk.Line(t, t.Peer, register.Answer))
	return err
}
