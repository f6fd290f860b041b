package desk

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// ViewLimit is the name of the limit at whose end something that another
// organisation showed us for a time goes; it is about the hand-over. It asks
// nobody for anything.
const ViewLimit = "ticket.view" + deadline.EndSuffix

// Send sends what the level sees to its own system, and what was refused of what
// it asked for: all of it, whenever it changes. Each
// sending stands in the disclosure register.
func Send(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, h *ticket.Handover) error {
	h.Revision++
	content := &events.TicketHandover{
		Number: t.Number, Kind: string(t.Kind), Service: t.Service, Class: string(t.Class), Urgency: t.Urgency,
		ReportedAt: t.ReportAt, AnswerBy: h.AnswerBy, Fields: []events.TicketField{}, Revision: h.Revision,
	}
	for _, o := range t.Outgoing(h, u.Now()) {
		content.Fields = append(content.Fields, events.TicketField{Name: o.Name, Value: o.Value, Until: o.Until.UTC(), Widening: o.Widening})
	}
	for _, w := range h.Widenings {
		if w.Cause != "" {
			content.Refused = append(content.Refused, events.TicketRefusal{
				Name: w.Field, Cause: events.RefusalCause(w.Cause), Text: h.Reasons[w.ID+ticket.RefusalSuffix], Widening: w.ID,
			})
		}
	}
	_, err := peer.Queue(ctx, u, env, h.Peer, t.ID, &events.TicketEscalationRequested{TicketID: t.ID, Handover: h.ID, Level: h.Level, Content: content}, Line(t, h.Party, register.Escalation))
	return err
}

// Reachable says whether the organisation that has the next level of a service can
// be sent a ticket, and can answer; nil also where the level is ours. The error,
// fault.Unavailable, says which setting is missing.
func Reachable(u *work.Unit, s Specification) error {
	if s.Service.Peer == "" {
		return nil
	}
	variable := peer.Variable(u.Tenant(), s.Service.Peer)
	p, err := peer.Find(u.Tenant(), s.Service.Peer)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.Unavailable, "%s is not set: the organisation that has the next level", variable)
	case err != nil:
		return err
	case p.URL == "":
		return fault.New(fault.Unavailable, "%s has no url: where tickets go", variable)
	case len(p.Secrets) == 0:
		return fault.New(fault.Unavailable, "%s has no secrets: to sign with", variable)
	case !p.MaySend(events.TicketEscalationAnsweredType):
		return fault.New(fault.Unavailable, "%s does not accept %s: nobody could answer", variable, events.TicketEscalationAnsweredType)
	}
	return nil
}

// Forbid answers another organisation that asked for a field which the
// specification lets nobody keep: it is noted, refused and told.
func Forbid(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, h *ticket.Handover, a Answer) error {
	if a.Widening == "" {
		var err error
		if a.Widening, err = u.NewID(ctx, "widening"); err != nil {
			return err
		}
	}
	if err := note(ctx, u, h, a); err != nil {
		return err
	}
	field, err := h.Refuse(a.Widening, u.Actor().ID, ticket.BySpecification, "", u.Now())
	if err != nil {
		return err
	}
	work.Save(u, record.Handovers, h)
	work.Save(u, record.Tickets, t)
	if err := Log(ctx, u, t, &ticket.Entry{Kind: ticket.Widened, Hand: h.ID, Text: field + " refused: specification"}); err != nil {
		return err
	}
	return Send(ctx, u, env, t, h)
}

// Receive is a hand-over of another organisation's matter to us: a new one of it,
// with its clock; or what is shown of the present one, which may have changed.
// What is not shown any more goes, and what is shown for a time goes at its end.
// It reports whether anything was new: an older revision changes nothing.
func Receive(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, hand string, c *events.TicketHandover) (taken bool, err error) {
	open, err := Current(ctx, u, t)
	if err != nil {
		return false, err
	}
	if open.ID != "" && hand == open.PeerHand {
		if c.Revision < open.Revision || (c.Revision == open.Revision && c.Revision > 0) {
			return false, nil
		}
		return true, learn(ctx, u, t, open, c, ticket.Widened, t.State)
	}
	spec, err := For(env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return false, err
	}
	from := t.State
	if !t.State.Open() {
		if from, err = t.Become(ticket.InProgress, u.Now()); err != nil {
			return false, fault.New(fault.Poison, "desk: %s", err)
		}
	}
	h := &ticket.Handover{Level: 2, Service: t.Service, Queue: c.Service, By: u.Actor().ID, PeerHand: hand}
	if spec.Service.Queue != "" {
		h.Queue = spec.Service.Queue
	}
	if h.ID, err = u.NewID(ctx, "handover"); err != nil {
		return false, err
	}
	t.Level = 1
	if _, err := t.HandOn(h, open, 9, u.Now()); err != nil {
		return false, fault.New(fault.Poison, "desk: %s", err)
	}
	if open.ID != "" {
		work.Save(u, record.Handovers, open)
		if err := endClock(ctx, u, open); err != nil {
			return false, err
		}
	}
	end := c.AnswerBy
	if !end.After(u.Now()) { // none, or over already: by our own terms
		if end, err = acceptBy(u, spec); err != nil {
			return false, err
		}
	}
	startClock(u, spec, h, end)
	if err := learn(ctx, u, t, h, c, ticket.HandingOver, from); err != nil {
		return false, err
	}
	return true, Settle(ctx, u, env, t)
}

// learn brings a ticket and its hand-over in line with what is shown.
func learn(ctx context.Context, u *work.Unit, t *ticket.Ticket, h *ticket.Handover, c *events.TicketHandover, kind ticket.EntryKind, from ticket.State) error {
	values, view := map[string]string{}, ticket.Shown{}
	for name := range t.Values() {
		values[name] = ""
	}
	for _, f := range c.Fields {
		switch {
		case f.Until.IsZero():
			values[f.Name] = f.Value
			view.Fields = append(view.Fields, f.Name)
		default:
			view.Granted = append(view.Granted, ticket.ShownField{Field: f.Name, Widening: f.Widening, Until: f.Until.UTC()})
			if u.Now().Before(f.Until) {
				values[f.Name] = f.Value
			}
		}
	}
	for _, r := range c.Refused {
		view.Refused = append(view.Refused, ticket.RefusedView{Field: r.Name, Widening: r.Widening, Cause: ticket.Cause(r.Cause), Reason: r.Text})
	}
	if err := t.Set(values, ticket.Names); err != nil {
		return fault.New(fault.Poison, "desk: %s", err)
	}
	before := refused(h)
	h.Learn(view, u.Actor().ID, u.Now())
	h.Revision = c.Revision
	work.Save(u, record.Handovers, h)
	work.Save(u, record.Tickets, t)
	if err := viewEnds(ctx, u, h); err != nil {
		return err
	}
	var text []string
	for field := range maps.Keys(refused(h)) {
		if !before[field] {
			text = append(text, field+" refused")
		}
	}
	slices.Sort(text)
	return Log(ctx, u, t, &ticket.Entry{Kind: kind, Hand: h.ID, From: from, Into: t.State, Text: strings.Join(text, ", ")})
}

func refused(h *ticket.Handover) map[string]bool {
	out := map[string]bool{}
	for _, w := range h.Widenings {
		if w.Cause != "" {
			out[w.Field] = true
		}
	}
	return out
}

// viewEnds lets the limit of what is shown for a time run to the next end, or
// withdraws it.
func viewEnds(ctx context.Context, u *work.Unit, h *ticket.Handover) error {
	about := deadline.Ref{Kind: record.Handovers.Name, ID: h.ID}
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(about, ViewLimit))
	if err != nil {
		return err
	}
	end, more := h.Expires(u.Now())
	switch {
	case !ok && !more:
		return nil
	case !ok:
		l = deadline.New(about, ViewLimit, u.Now(), end)
		l.Party, l.Rule = h.Party, "K03"
	case !more:
		l.Withdraw(u.Now())
	case !l.Move(u.Now(), end):
		l.Reopen(u.Now(), end)
	}
	work.Save(u, record.Limits, l)
	return nil
}

// ViewEnded erases what a hand-over showed for a time which is over.
func ViewEnded(ctx context.Context, u *work.Unit, t *ticket.Ticket, h *ticket.Handover) error {
	present, err := Current(ctx, u, t)
	if err != nil {
		return err
	}
	gone := t.Hide(h, present, u.Now())
	if err := viewEnds(ctx, u, h); err != nil || len(gone) == 0 {
		return err
	}
	work.Save(u, record.Tickets, t)
	return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Widened, Hand: h.ID, From: t.State, Into: t.State, Text: strings.Join(gone, ", ") + " ended"})
}

// Hidden takes out of values what was shown to us for a time that is over: also in
// the moment before it is erased.
func Hidden(values map[string]string, t *ticket.Ticket, h *ticket.Handover, now time.Time) {
	if t.Peer == "" {
		return
	}
	for _, name := range h.Expired(now) {
		delete(values, name)
	}
}

// inherit lets a further level of ours see of another organisation's matter what
// the level before it saw, and no third organisation: the agreement is between
// the two.
func inherit(h, open *ticket.Handover) {
	h.Peer = ""
	h.Fields, h.PeerHand, h.Revision = slices.Clone(open.Fields), open.PeerHand, open.Revision
	h.Widenings, h.Reasons = slices.Clone(open.Widenings), maps.Clone(open.Reasons)
	delete(h.Reasons, "")
}
