package escalation

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
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
		if err := f.apply(ctx, u, t, name, d); err != nil {
			return err
		}
	} else if t.Peer != "" {
		return f.back(ctx, u, t, d)
	}
	switch d.Answer {
	case events.EscalationReturned:
		return desk.Tell(ctx, u, f.env, t, desk.ToldReturned)
	case events.EscalationResolved:
		h, err := f.last(ctx, u, t)
		if err != nil {
			return err
		}
		return desk.Solved(ctx, u, f.env, t, h.Reasons[""])
	}
	return nil
}

// apply takes another organisation's answer: only from the one that has it.
func (f *function) apply(ctx context.Context, u *work.Unit, t *ticket.Ticket, name string, d *events.TicketEscalationAnswered) error {
	h, err := desk.Current(ctx, u, t)
	if err != nil {
		return err
	}
	if h.Peer != name {
		return fault.New(fault.Poison, "escalation: the matter is not with this peer")
	}
	var c events.TicketAnswer
	if d.Intake != "" {
		if err := content(ctx, u, d.Intake, &c); err != nil {
			return err
		}
	}
	err = desk.Take(ctx, u, f.env, t, h, desk.Answer{How: d.Answer, Text: c.Text, Field: c.Field})
	if err != nil && fault.Of(err) == fault.Internal {
		return fault.New(fault.Poison, "escalation: %s", err)
	}
	return err
}

// back sends our answer to the organisation that handed the matter to us. What
// it says is in the hand-over that the answer ended, or in the widening.
func (f *function) back(ctx context.Context, u *work.Unit, t *ticket.Ticket, d *events.TicketEscalationAnswered) error {
	h, err := f.last(ctx, u, t)
	if err != nil {
		return err
	}
	c := &events.TicketAnswer{Text: h.Reasons[""]}
	if n := len(h.Widenings); d.Answer == events.EscalationAsked && n > 0 {
		c.Field, c.Text = h.Widenings[n-1].Field, h.Reasons[h.Widenings[n-1].ID]
	}
	_, err = peer.Queue(ctx, u, f.env, t.Peer, t.PeerTicket, &events.TicketEscalationAnswered{TicketID: t.PeerTicket, Answer: d.Answer, Content: c}, desk.Line(t, t.Peer, register.Answer))
	return err
}
