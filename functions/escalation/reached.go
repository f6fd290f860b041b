package escalation

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// reached follows a hand-over that nobody has accepted: a line in the work log
// and an alarm at each warning; at the end, the next level where there is one.
// Where there is none it stays, overdue and loud, with the ticket made urgent.
func (f *function) reached(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil {
		return err
	}
	if d.AboutKind != record.Handovers.Name || d.Name != desk.HandoverLimit && d.Name != desk.ViewLimit {
		return nil
	}
	h, err := work.Load(ctx, u, record.Handovers, d.AboutID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if d.Name == desk.ViewLimit {
		return f.viewEnded(ctx, u, h, d)
	}
	if h.State != ticket.Handed {
		return nil // accepted meanwhile
	}
	t, err := work.Load(ctx, u, record.Tickets, h.TicketID)
	if err != nil {
		return err
	}
	obs.Count("okence_alarm_total", "alarm", "handover_waits", "tenant", u.Tenant(), "queue", h.Queue, "stage", d.Stage)
	work.Save(u, record.Tickets, t)
	if err := desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.HandingOver, Hand: h.ID, From: t.State, Into: t.State, Text: "not accepted: " + d.Stage}); err != nil {
		return err
	}
	if d.Stage != deadline.Due {
		return nil
	}
	spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return err
	}
	if t.Level < spec.Service.Levels && h.Peer == "" {
		_, err := desk.HandOver(ctx, u, f.env, t, 0)
		return err
	}
	t.Urgency = 1
	return desk.Settle(ctx, u, f.env, t)
}

// viewEnded erases what another organisation showed us for a time that is over.
func (f *function) viewEnded(ctx context.Context, u *work.Unit, h *ticket.Handover, d *events.DeadlineReached) error {
	if d.Stage != deadline.Due {
		return nil
	}
	t, err := work.Load(ctx, u, record.Tickets, h.TicketID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return desk.ViewEnded(ctx, u, t, h)
}

// last is the newest hand-over of a ticket, open or ended.
func (f *function) last(ctx context.Context, u *work.Unit, t *ticket.Ticket) (*ticket.Handover, error) {
	if t.Hand != "" {
		return work.Load(ctx, u, record.Handovers, t.Hand)
	}
	page, err := work.Scan(ctx, u, record.Handovers, store.Query{Index: record.ByHandover, Partition: t.ID, Desc: true, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 {
		return nil, fault.New(fault.NotFound, "no hand-over of ticket %s", t.ID)
	}
	return work.Load(ctx, u, record.Handovers, page.Items[0].ID)
}
