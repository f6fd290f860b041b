package portal

import (
	"context"
	"errors"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// changeTicket is a change of a ticket that answers with its technical fields.
func changeTicket[B any](apply func(*function, context.Context, *work.Unit, *call, *ticket.Ticket, B) error) func(*function, context.Context, *work.Unit, *call) (answer, error) {
	return func(f *function, ctx context.Context, u *work.Unit, c *call) (answer, error) {
		var b B
		if err := decode(c.body, &b); err != nil {
			return answer{}, err
		}
		t, _, err := f.ticketFor(ctx, u, c)
		if err != nil {
			return answer{}, err
		}
		if err := apply(f, ctx, u, c, t, b); err != nil {
			return answer{}, ticketProblem(err)
		}
		work.Save(u, record.Tickets, t)
		if err := desk.Settle(ctx, u, f.env, t); err != nil {
			return answer{}, err
		}
		if c.who.Role == access.Custodian || c.who.Role == access.Subject {
			return answer{body: brief(u.Tenant(), t)}, nil
		}
		return answer{body: clearView(u.Tenant(), t)}, nil
	}
}

// ticketProblem names the problem for a refusal of the ticket rules.
func ticketProblem(err error) error {
	for rule, name := range map[error]string{
		ticket.ErrState: "ticket_state", ticket.ErrSelf: "link_self", ticket.ErrLinked: "already_linked", ticket.ErrNotHanded: "not_handed",
		ticket.ErrLastLevel: "last_level", ticket.ErrNoService: "no_service", ticket.ErrSeen: "already_seen", ticket.ErrNotAsked: "not_asked",
		desk.ErrFieldForbidden: "field_not_allowed",
	} {
		if errors.Is(err, rule) {
			return newProblem(name, "")
		}
	}
	return fieldProblem(err)
}

type assignmentBody struct {
	Person string `json:"person"`
}

func (f *function) assignTicket(ctx context.Context, u *work.Unit, c *call, t *ticket.Ticket, b assignmentBody) error {
	if b.Person == "me" {
		b.Person = c.who.Subject
	}
	if b.Person != "" && !idShape.MatchString(b.Person) {
		return newProblem("invalid", "person must be an id, me, or nothing")
	}
	if t.State == ticket.Escalated {
		return ticket.ErrState // who works on it is the next level's to say
	}
	from := t.State
	if err := t.Assign(b.Person, u.Now()); err != nil {
		return err
	}
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Assignment, From: from, Into: t.State, Text: b.Person})
}

type stateBody struct {
	State    ticket.State `json:"state"`
	Reason   string       `json:"reason"`
	Solution string       `json:"solution"` // as the person is told it
}

// moveTicket changes the state. To escalated and back leads only the way of a
// hand-over.
func (f *function) moveTicket(ctx context.Context, u *work.Unit, _ *call, t *ticket.Ticket, b stateBody) error {
	if b.State.Validate() != nil || len(b.Reason)+len(b.Solution) > maxText || (b.Solution != "" && b.State != ticket.Resolved) {
		return newProblem("invalid", "state must be one of the published ones; a solution goes with resolved")
	}
	if b.State == ticket.Escalated || t.State == ticket.Escalated {
		return ticket.ErrState
	}
	from, err := t.Become(b.State, u.Now())
	if err != nil {
		return err
	}
	if err := desk.Moved(ctx, u, t, from, b.Reason); err != nil {
		return err
	}
	if err := desk.Await(ctx, u, t); err != nil {
		return err
	}
	if b.State == ticket.Resolved {
		return desk.Solved(ctx, u, f.env, t, b.Solution)
	}
	return nil
}

type fieldsBody struct {
	Service *string           `json:"service"`
	Urgency int               `json:"urgency"`
	Fields  map[string]string `json:"fields"`
}

// editTicket changes fields, the service or the urgency. What the new service
// does not let us keep has to go first (K09).
func (f *function) editTicket(ctx context.Context, u *work.Unit, _ *call, t *ticket.Ticket, b fieldsBody) error {
	if t.State == ticket.Escalated && b.Service != nil {
		return ticket.ErrState
	}
	if b.Service != nil {
		t.Service = *b.Service
	}
	spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
	switch {
	case err != nil:
		return err
	case b.Urgency < 0 || b.Urgency > 4:
		return newProblem("invalid", "urgency is 1 to 4")
	case t.Service != "" && !spec.Known:
		return newProblem("unknown_service", "")
	case t.Service != "" && !spec.Serves(t):
		return newProblem("not_for_class", "")
	}
	values := t.Values()
	for name, v := range b.Fields {
		values[name] = v
	}
	if err := t.Set(values, spec.Kept(t)); err != nil {
		return err
	}
	if b.Urgency > 0 {
		t.Urgency = b.Urgency
	}
	if t.TreatedID == "" && t.TreatedName+t.TreatedEmail+t.TreatedPhone != "" {
		t.TreatedID = t.ContactID
	}
	t.ChangedAt = u.Now()
	if err := desk.Concern(ctx, u, t); err != nil {
		return err
	}
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Status, From: t.State, Into: t.State, Text: "fields"})
}

type linkBody struct {
	Kind   ticket.LinkKind `json:"kind"`
	Ticket string          `json:"ticket"`
}

func (f *function) linkTicket(ctx context.Context, u *work.Unit, _ *call, t *ticket.Ticket, b linkBody) error {
	if b.Kind.Validate() != nil || !idShape.MatchString(b.Ticket) {
		return newProblem("invalid", "kind must be one of the published ones, ticket an id")
	}
	other := t
	if b.Ticket != t.ID {
		var err error
		if other, err = work.Load(ctx, u, record.Tickets, b.Ticket); err != nil {
			return err
		}
	}
	if err := ticket.Join(t, other, b.Kind, u.Now()); err != nil {
		return err
	}
	work.Save(u, record.Tickets, other)
	if err := desk.Settle(ctx, u, f.env, other); err != nil {
		return err
	}
	if err := desk.Log(ctx, u, other, &ticket.Entry{Kind: ticket.Linked, Text: string(b.Kind.Counterpart()) + " " + t.Number}); err != nil {
		return err
	}
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Linked, Text: string(b.Kind) + " " + other.Number})
}

const maxText = 10_000 // bytes of a text that somebody writes into a ticket

type worklogBody struct {
	Text    string `json:"text"`
	Visible bool   `json:"visible"`
	Minutes int    `json:"minutes"` // spent
}

// writeWorklog adds a line: the office's own unless it is marked visible. A
// person's own is, and a custodian's text is kept as it is written. Time spent
// is priced by the pack (S05).
func (f *function) writeWorklog(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b worklogBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	t, _, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if (b.Text == "" && b.Minutes == 0) || len(b.Text) > maxText || b.Minutes < 0 {
		return answer{}, newProblem("invalid", "a line has a text of at most 10000 bytes, or minutes")
	}
	e := &ticket.Entry{Kind: ticket.Note, Text: b.Text, Visible: b.Visible}
	if c.who.Role == access.Subject {
		e.Visible, b.Minutes = true, 0
	}
	if b.Minutes > 0 {
		spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
		if err != nil {
			return answer{}, err
		}
		price := spec.Terms.Operations.Labour
		if e.Cost, err = t.Spend(b.Minutes, int64(price.Hour), price.Currency); err != nil {
			return answer{}, newProblem("invalid", "minutes must be 1 to 1440")
		}
		e.Minutes = b.Minutes
		if b.Text == "" {
			e.Kind = ticket.Time
		}
	}
	if err := desk.Log(ctx, u, t, e); err != nil {
		return answer{}, err
	}
	work.Save(u, record.Tickets, t)
	if c.who.Role == access.Subject {
		if err := desk.Resume(ctx, u, f.env, t); err != nil {
			return answer{}, err
		}
	}
	v := viewEntry(e)
	v.Text, v.By, v.To = "", "", "" // the answer is kept for a repeated request: it holds nothing personal
	return answer{body: v}, nil
}

// entryView is a line of the work log as it goes out (schema WorklogEntry).
type entryView struct {
	ID      string           `json:"id"`
	At      time.Time        `json:"at"`
	Kind    ticket.EntryKind `json:"kind"`
	Visible bool             `json:"visible"`
	Level   int              `json:"level"`
	Role    string           `json:"role"`
	By      string           `json:"by,omitempty"`
	From    ticket.State     `json:"from,omitempty"`
	Into    ticket.State     `json:"into,omitempty"`
	Text    string           `json:"text,omitempty"`
	To      string           `json:"to,omitempty"`
	Message string           `json:"message,omitempty"`
	Minutes int              `json:"minutes,omitempty"`
	Cost    int64            `json:"cost,omitempty"`
}

func viewEntry(e *ticket.Entry) entryView {
	return entryView{
		ID: e.ID, At: e.At.UTC(), Kind: e.Kind, Visible: e.Visible, Level: e.Level, Role: e.Role, By: e.By, From: e.From, Into: e.Into,
		Text: e.Text, To: e.To, Message: e.Message, Minutes: e.Minutes, Cost: e.Cost,
	}
}

// readWorklog shows the work log: to the first level whole; to a custodian what
// their level wrote and what is visible, masked; to a person what is visible,
// without who wrote it.
func (f *function) readWorklog(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	t, h, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	q, _, err := c.cursor(store.Query{Index: record.ByWorkLog, Partition: t.ID})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxHistory); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.WorkLogs, q)
	if err != nil {
		return answer{}, err
	}
	var ids []string
	for _, e := range page.Items {
		switch c.who.Role {
		case access.Subject:
			if !e.Visible {
				continue
			}
		case access.Custodian:
			if !e.Visible && e.Level < 2 && e.Hand != h.ID {
				continue
			}
		}
		ids = append(ids, e.ID)
	}
	opened, withheld, err := open(ctx, u, record.WorkLogs, ids)
	if err != nil {
		return answer{}, err
	}
	out := list[entryView]{Items: make([]entryView, 0, len(opened)), Withheld: withheld, Next: page.Next}
	for _, e := range opened {
		v := viewEntry(e)
		switch c.who.Role {
		case access.Subject:
			v.By, v.Minutes, v.Cost = "", 0, 0
		case access.Custodian:
			v.To, v.Text = "", t.Masked(v.Text, h.Sees(u.Now()))
		}
		out.Items = append(out.Items, v)
	}
	return answer{body: out}, nil
}
