package desk

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// HandoverLimit is the name of the limit within which the next level accepts or
// returns; it is about the hand-over.
const HandoverLimit = "ticket.handover"

// Current is the hand-over that is open, or one that says nothing.
func Current(ctx context.Context, u *work.Unit, t *ticket.Ticket) (*ticket.Handover, error) {
	if t.Hand == "" {
		return new(ticket.Handover), nil
	}
	return work.Load(ctx, u, record.Handovers, t.Hand)
}

// HandOver passes a ticket to a level, 0 the next, with what the specification
// permits (K03): to the custodian's queue, or to the organisation's own system.
// The disclosure and the change stand in the log; its clock starts; the person is
// told.
func HandOver(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, level int) (*ticket.Handover, error) {
	spec, err := For(env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return nil, err
	}
	if level == 0 {
		level = t.Level + 1
	}
	open, err := Current(ctx, u, t)
	if err != nil {
		return nil, err
	}
	h := &ticket.Handover{
		Level: level, Service: t.Service, Queue: queueOf(spec, level), Party: spec.Service.Custodian, Peer: spec.Service.Peer,
		Fields: spec.Shown(t), By: u.Actor().ID,
	}
	if t.Peer != "" {
		inherit(h, open)
	}
	if h.ID, err = u.NewID(ctx, "handover"); err != nil {
		return nil, err
	}
	from, err := t.HandOn(h, open, max(spec.Service.Levels, 1), u.Now())
	if err != nil {
		return nil, err
	}
	if open.ID != "" {
		work.Save(u, record.Handovers, open)
		if err := endClock(ctx, u, open); err != nil {
			return nil, err
		}
	}
	end, err := acceptBy(u, spec)
	if err != nil {
		return nil, err
	}
	startClock(u, spec, h, end)
	work.Save(u, record.Handovers, h)
	work.Save(u, record.Tickets, t)
	if err := Settle(ctx, u, env, t); err != nil {
		return nil, err
	}
	if err := Log(ctx, u, t, &ticket.Entry{Kind: ticket.HandingOver, From: from, Into: t.State, Hand: h.ID}); err != nil {
		return nil, err
	}
	return h, disclose(ctx, u, env, t, h, h.Fields)
}

// queueOf is the queue of a level: the specification's, with the level behind it
// beyond the second.
func queueOf(s Specification, level int) string {
	q := s.Service.Queue
	if level > 2 {
		q += "-L" + string(rune('0'+level))
	}
	return q
}

// acceptBy is until when the next level accepts or returns what it is handed now:
// working time of the service hours (ekc 5). Zero: the terms give it no time.
func acceptBy(u *work.Unit, s Specification) (time.Time, error) {
	accept, ok := s.Terms.Escalation.Accept.Elapsed()
	if !ok || accept == 0 {
		return time.Time{}, nil
	}
	hours, err := s.Terms.Open("service")
	if err != nil {
		return u.Now().Add(accept), nil
	}
	end, err := hours.AddWorking(u.Now(), accept)
	if err != nil {
		return end, fault.New(fault.Internal, "desk: service hours without an end")
	}
	return end, nil
}

// startClock lets the hand-over's own limit run until its end, with warnings at
// shares of it; the zero time starts none.
func startClock(u *work.Unit, s Specification, h *ticket.Handover, end time.Time) {
	if end.IsZero() {
		return
	}
	h.AnswerBy = end.UTC()
	l := deadline.New(deadline.Ref{Kind: record.Handovers.Name, ID: h.ID}, HandoverLimit, u.Now(), end, s.Terms.Escalation.Warn...)
	l.Party, l.Rule = h.Party, "K03"
	work.Save(u, record.Limits, l)
}

// endClock says that the next level has answered.
func endClock(ctx context.Context, u *work.Unit, h *ticket.Handover) error {
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Handovers.Name, ID: h.ID}, HandoverLimit))
	if err != nil || !ok {
		return err
	}
	if l.Meet(u.Now()) {
		work.Save(u, record.Limits, l)
	}
	return nil
}

// disclose shows a level fields of the person: it stands in the log, and in the
// disclosure register where the level is another organisation's (P16). What its own
// system sees goes there in the same commit.
func disclose(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, h *ticket.Handover, fields []string) error {
	e := u.NoteTicket(audit.Disclose, t.ContactID, t.ID, audit.Item{Kind: record.Tickets.Name, ID: t.ID, Fields: fields})
	e.Recipient = h.Queue
	if h.Party != "" {
		e.Recipient = h.Party + "/" + h.Queue
	}
	if h.Peer != "" {
		return Send(ctx, u, env, t, h)
	}
	if h.Party == "" || t.ContactID == "" {
		return nil
	}
	return dossier.Disclose(ctx, u, Line(t, h.Party, register.Escalation)[0])
}

// Line is what the disclosure register says of a ticket that went to a party; of a
// ticket of nobody it says nothing.
func Line(t *ticket.Ticket, party, ground string) []*register.Disclosure {
	if t.ContactID == "" {
		return peer.Nobody
	}
	return []*register.Disclosure{{ContactID: t.ContactID, Recipient: party, Ground: ground, About: []string{record.Tickets.Name + "/" + t.ID}}}
}

// Answer is what the next level does with a ticket.
type Answer struct {
	How   events.EscalationAnswer
	Text  string // reason, or solution
	Field string // asked for

	Widening string // the asker's id of what is asked for; "" makes one
}

// Take applies an answer of the next level to the ticket and its hand-over.
func Take(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, h *ticket.Handover, a Answer) error {
	before, by := t.State, u.Actor().ID
	kind := ticket.HandingOver
	var err error
	switch a.How {
	case events.EscalationAccepted:
		err = t.Accept(h, by, u.Now())
	case events.EscalationReturned:
		err = t.Return(h, a.Text, by, u.Now())
	case events.EscalationResolved:
		err = t.Solve(h, a.Text, by, u.Now())
	case events.EscalationAsked:
		kind = ticket.Widened
		err = ask(ctx, u, env, t, h, a)
	}
	if err != nil {
		return err
	}
	work.Save(u, record.Handovers, h)
	work.Save(u, record.Tickets, t)
	if a.How != events.EscalationAsked {
		if err := endClock(ctx, u, h); err != nil {
			return err
		}
		if err := Settle(ctx, u, env, t); err != nil {
			return err
		}
	}
	text := a.Text
	if a.Field != "" {
		text = a.Field + ": " + text
	}
	return Log(ctx, u, t, &ticket.Entry{Kind: kind, From: before, Into: t.State, Hand: h.ID, Text: text})
}

// ErrFieldForbidden says that the specification lets nobody keep the field, so
// nobody can be shown it.
var ErrFieldForbidden = fault.New(fault.Invalid, "the technical specification does not allow this field")

// ask notes what is asked for. Of a matter that another organisation handed to us
// that decides which fields can be.
func ask(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, h *ticket.Handover, a Answer) error {
	spec, err := For(env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return err
	}
	may := spec.Kept(t)
	if t.Peer != "" {
		may = ticket.Names
	}
	if !slices.Contains(may, a.Field) {
		return ErrFieldForbidden
	}
	return note(ctx, u, h, a)
}

func note(ctx context.Context, u *work.Unit, h *ticket.Handover, a Answer) (err error) {
	if a.Widening == "" {
		if a.Widening, err = u.NewID(ctx, "widening"); err != nil {
			return err
		}
	}
	return h.Ask(a.Widening, a.Field, a.Text, u.Actor().ID, u.Now())
}

// Decision is on a field that the next level asked for.
type Decision struct {
	Widening string
	Grant    bool
	Hours    int    // at most; 0 is the pack's time
	Reason   string // of a refusal
}

// Decide shows the level a field that it asked for, for the time of the pack, or
// for less; or refuses it. Another organisation is told either.
func Decide(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, h *ticket.Handover, d Decision) error {
	field, text, err := decide(env, u, t, h, d)
	if err != nil {
		return err
	}
	work.Save(u, record.Handovers, h)
	work.Save(u, record.Tickets, t)
	if d.Grant {
		err = disclose(ctx, u, env, t, h, []string{field})
	} else if h.Peer != "" {
		err = Send(ctx, u, env, t, h)
	}
	if err != nil {
		return err
	}
	return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Widened, Hand: h.ID, Text: field + text})
}

func decide(env *host.Env, u *work.Unit, t *ticket.Ticket, h *ticket.Handover, d Decision) (field, text string, err error) {
	by := u.Actor().ID
	if !d.Grant {
		field, err = h.Refuse(d.Widening, by, ticket.ByDecision, d.Reason, u.Now())
		return field, " refused", err
	}
	spec, err := For(env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return "", "", err
	}
	longest := spec.Terms.Escalation.View.Longest()
	if asked := time.Duration(d.Hours) * time.Hour; d.Hours > 0 && asked < longest {
		longest = asked
	}
	field, err = h.Grant(d.Widening, by, u.Now(), u.Now().Add(longest))
	return field, "", err
}
