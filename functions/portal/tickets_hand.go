package portal

import (
	"context"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

type escalationBody struct {
	Level  int    `json:"level"`
	Reason string `json:"reason"`
}

// escalate asks for a ticket to be handed on (functions/escalation does it). What
// can be told at once that stands in the way, is.
func (f *function) escalate(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b escalationBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Level != 0 && (b.Level < 2 || b.Level > 9) || len(b.Reason) > maxText {
		return answer{}, newProblem("invalid", "level is 2 to 9, or left out for the next")
	}
	t, _, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return answer{}, err
	}
	level := b.Level
	if level == 0 {
		level = t.Level + 1
	}
	switch {
	case t.Service == "":
		return answer{}, ticketProblem(ticket.ErrNoService)
	case level <= t.Level || level > spec.Service.Levels:
		return answer{}, ticketProblem(ticket.ErrLastLevel)
	case t.State != ticket.Escalated && !t.State.May(ticket.Escalated):
		return answer{}, ticketProblem(ticket.ErrState)
	}
	if t.Peer == "" { // of another organisation's matter a further level is ours
		if err := desk.Reachable(u, spec); err != nil {
			return answer{}, newProblem("peer_not_set", err.Error())
		}
	}
	if b.Reason != "" {
		if err := desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Note, Text: b.Reason}); err != nil {
			return answer{}, err
		}
		work.Save(u, record.Tickets, t)
	}
	e, err := u.Event(ctx, t.ID, &events.TicketEscalationRequested{TicketID: t.ID, Level: level})
	if err != nil {
		return answer{}, err
	}
	u.Forward(e)
	return answer{body: takenView{EventID: e.ID, StatusURL: "/v1/tickets/" + t.ID}}, nil
}

type answerBody struct {
	Answer events.EscalationAnswer `json:"answer"`
	Text   string                  `json:"text"`
	Field  string                  `json:"field"`
}

// answerEscalation is the next level's answer: accepted, returned with a reason,
// resolved with a solution, or asked for one more field with a reason.
func (f *function) answerEscalation(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b answerBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	t, h, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if b.Answer.Validate() != nil || len(b.Text) > maxText || (b.Answer != events.EscalationAccepted && b.Text == "") {
		return answer{}, newProblem("invalid", "an answer is accepted, or asked, returned or resolved with a text")
	}
	if (b.Answer == events.EscalationAsked) != (b.Field != "") || (b.Field != "" && !idShape.MatchString(b.Field)) {
		return answer{}, newProblem("invalid", "a field is named where it is asked for, and nowhere else")
	}
	said := &events.TicketEscalationAnswered{TicketID: t.ID, Handover: h.ID, Answer: b.Answer}
	if b.Answer == events.EscalationAsked {
		if said.Widening, err = u.NewID(ctx, "widening"); err != nil {
			return answer{}, err
		}
	}
	if err := desk.Take(ctx, u, f.env, t, h, desk.Answer{How: b.Answer, Text: b.Text, Field: b.Field, Widening: said.Widening}); err != nil {
		return answer{}, ticketProblem(err)
	}
	if err := u.Emit(ctx, t.ID, said); err != nil {
		return answer{}, err
	}
	v := viewEscalation(h, u.Now())
	v.Reasons = nil // the answer is kept for a repeated request: it holds nothing personal
	return answer{body: v}, nil
}

type grantBody struct {
	Widening string `json:"widening"`
	Grant    bool   `json:"grant"`
	Hours    int    `json:"hours"`
	Reason   string `json:"reason"`
}

// grantView decides on a field that the next level asked for. What is granted
// expires by itself, at the latest after the pack's time.
func (f *function) grantView(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b grantBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	t, h, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.Widening) || b.Hours < 0 || b.Hours > 24*30 {
		return answer{}, newProblem("invalid", "widening must be an id, hours at most 720")
	}
	switch {
	case len(b.Reason) > maxText || b.Grant && b.Reason != "":
		return answer{}, newProblem("invalid", "reason is that of a refusal, of at most 10000 bytes")
	case t.Peer != "":
		return answer{}, newProblem("peer_decides", "the organisation that handed the matter to us decides what is seen of it")
	case h.ID == "":
		return answer{}, ticketProblem(ticket.ErrNotHanded)
	}
	if err := desk.Decide(ctx, u, f.env, t, h, desk.Decision{Widening: b.Widening, Grant: b.Grant, Hours: b.Hours, Reason: b.Reason}); err != nil {
		return answer{}, ticketProblem(err)
	}
	v := viewEscalation(h, u.Now())
	v.Reasons = nil
	return answer{body: v}, nil
}

// escalationView is a hand-over as it goes out (schema Escalation). Reasons are by
// widening; "" is that of the return, or the solution.
type escalationView struct {
	ID         string            `json:"id"`
	TicketID   string            `json:"ticket_id"`
	Level      int               `json:"level"`
	Queue      string            `json:"queue"`
	Party      string            `json:"party,omitempty"`
	Peer       string            `json:"peer,omitempty"`
	State      ticket.HandState  `json:"state"`
	At         time.Time         `json:"at"`
	AnswerBy   time.Time         `json:"answer_by,omitzero"`
	AcceptedBy string            `json:"accepted_by,omitempty"`
	AcceptedAt time.Time         `json:"accepted_at,omitzero"`
	EndedAt    time.Time         `json:"ended_at,omitzero"`
	Fields     []string          `json:"fields"`
	Sees       []string          `json:"sees"`
	Widenings  []ticket.Widening `json:"widenings,omitempty"`
	Reasons    map[string]string `json:"reasons,omitempty"`
}

func viewEscalation(h *ticket.Handover, now time.Time) escalationView {
	return escalationView{
		ID: h.ID, TicketID: h.TicketID, Level: h.Level, Queue: h.Queue, Party: h.Party, Peer: h.Peer, State: h.State, At: h.At.UTC(),
		AnswerBy: h.AnswerBy, AcceptedBy: h.AcceptedBy, AcceptedAt: h.AcceptedAt, EndedAt: h.EndedAt, Fields: h.Fields, Sees: h.Sees(now),
		Widenings: h.Widenings, Reasons: h.Reasons,
	}
}

// listEscalations shows the hand-overs of a ticket, the oldest first; to a
// custodian the one that they have.
func (f *function) listEscalations(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	t, h, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	out := list[escalationView]{Items: []escalationView{}}
	if c.who.Role == access.Custodian {
		out.Items = append(out.Items, viewEscalation(h, u.Now()))
		return answer{body: out}, nil
	}
	page, err := work.Scan(ctx, u, record.Handovers, store.Query{Index: record.ByHandover, Partition: t.ID, Limit: maxHistory})
	if err != nil {
		return answer{}, err
	}
	opened, withheld, err := open(ctx, u, record.Handovers, idsOf(record.Handovers, page.Items))
	if err != nil {
		return answer{}, err
	}
	out.Withheld = withheld
	for _, h := range opened {
		out.Items = append(out.Items, viewEscalation(h, u.Now()))
	}
	return answer{body: out}, nil
}

// queueView is a queue's roster as it goes out (schema Queue).
type queueView struct {
	ID      string          `json:"id"`
	Members []ticket.Member `json:"members"`
}

func (f *function) getQueue(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.queue()
	if err != nil {
		return answer{}, err
	}
	q, _, err := work.Find(ctx, u, record.Queues, id)
	if err != nil {
		return answer{}, err
	}
	v := queueView{ID: id, Members: []ticket.Member{}}
	if len(q.Members) > 0 {
		v.Members = q.Members
	}
	return answer{body: v}, nil
}

type rosterBody struct {
	Members []ticket.Member `json:"members"`
}

// staffQueue says who works on a queue, who is away and who stands in.
func (f *function) staffQueue(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.queue()
	if err != nil {
		return answer{}, err
	}
	var b rosterBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	for _, m := range b.Members {
		if !idShape.MatchString(m.Person) || (m.Substitute != "" && !idShape.MatchString(m.Substitute)) {
			return answer{}, newProblem("invalid", "person and substitute must be ids")
		}
	}
	if _, _, err := work.Find(ctx, u, record.Queues, id); err != nil {
		return answer{}, err
	}
	q := &ticket.Queue{ID: id, Members: b.Members}
	if q.Validate() != nil {
		return answer{}, newProblem("invalid", "each member is named once; an absence has a beginning, an end and a substitute")
	}
	work.Save(u, record.Queues, q)
	u.Note(audit.Manage, "", audit.Item{Kind: record.Queues.Name, ID: id})
	if b.Members == nil {
		b.Members = []ticket.Member{}
	}
	return answer{body: queueView{ID: id, Members: b.Members}}, nil
}

// queue is the queue in the path.
func (c *call) queue() (string, error) {
	id := c.r.PathValue("queue")
	if !idShape.MatchString(id) {
		return "", newProblem("not_found", "")
	}
	return id, nil
}
