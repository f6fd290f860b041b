package desk

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// reached tells those whom the pack names that a target of a ticket, or the time
// within which the next level accepts one, draws near or is over. What has been met,
// moved or paused meanwhile is told to nobody.
func (f *function) reached(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil {
		return err
	}
	id, template := d.AboutID, ""
	switch {
	case d.AboutKind == record.Tickets.Name && slices.Contains(desk.TargetLimits, d.Name):
		template = d.Name // "ticket.response"
	case d.AboutKind == record.Handovers.Name && d.Name == desk.HandoverLimit:
		h, err := work.Peek(ctx, u, record.Handovers, d.AboutID)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || !h.AcceptedAt.IsZero() || h.State != ticket.Handed && h.State != ticket.Passed {
			return err
		}
		id, template = h.TicketID, d.Name
	default:
		return nil
	}
	if l, ok, err := work.Find(ctx, u, record.Limits, d.Limit); err != nil || !ok || d.AboutKind == record.Tickets.Name && (l.State != deadline.Running || !l.EndAt.Equal(d.EndAt)) {
		return err
	}
	t, err := work.Load(ctx, u, record.Tickets, id)
	if closed(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.tell(ctx, u, t, template, d)
}

// tell writes to the offices, each once, and into the work log.
func (f *function) tell(ctx context.Context, u *work.Unit, t *ticket.Ticket, template string, d *events.DeadlineReached) error {
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return err
	}
	spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return err
	}
	stage := ".warned"
	if d.Stage == deadline.Due {
		stage = ".missed"
	}
	offices, unreached := notice.Offices(p, t.Service, told(spec, t, template, stage), u.Now())
	for _, o := range offices {
		_, err := notice.Queue(ctx, u, f.env, notice.Letter{
			Template: template + stage, Language: string(p.Languages[0]), About: deadline.Ref{Kind: record.Tickets.Name, ID: t.ID},
			Values: map[string]string{"number": t.Number, "service": titleOf(spec, t), "end": d.EndAt.In(zoneOf(p)).Format("2006-01-02 15:04")},
			To:     notice.To{Party: o.Party, Mailbox: o.Mailbox, Name: o.Name},
		})
		if err != nil {
			return err
		}
	}
	text := template + ": " + d.Stage
	for _, party := range unreached { // nobody knows where to write: somebody has to call
		obs.Count("okence_alarm_total", "alarm", "party_without_mailbox", "tenant", u.Tenant(), "party", party)
		text += "; not told, no mailbox in the pack: " + party
	}
	work.Save(u, record.Tickets, t)
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Note, From: t.State, Into: t.State, Hand: t.Hand, Text: text})
}

// told are the parties: of a target those of the pack, its custodian only where the
// ticket is theirs; of a hand-over the custodian that has not accepted it and, when
// its time is over, the operational lead too.
func told(spec desk.Specification, t *ticket.Ticket, template, stage string) []string {
	targets := spec.Terms.TargetsFor(t.Service)
	who := targets.Warned
	if stage == ".missed" {
		who = targets.Missed
	}
	if template == desk.HandoverLimit {
		who = []string{string(policy.Custodian)}
		if stage == ".missed" {
			who = append(who, string(policy.Supervisor))
		}
	}
	var out []string
	for _, id := range who {
		if id == string(policy.Custodian) {
			if t.Level < 2 || spec.Service.Custodian == "" {
				continue
			}
			id = spec.Service.Custodian
		}
		out = append(out, id)
	}
	return out
}

func titleOf(spec desk.Specification, t *ticket.Ticket) string {
	if spec.Service.Title != "" {
		return spec.Service.Title
	}
	if t.Service != "" {
		return t.Service
	}
	return "–"
}

func zoneOf(p *policy.Pack) *time.Location {
	if p.Zone != nil {
		return p.Zone
	}
	return time.UTC
}
