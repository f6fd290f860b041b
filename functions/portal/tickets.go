package portal

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// ticketView is a ticket as it goes out (schema Ticket): to the first level
// whole, to a custodian by the minimised view, to a person their own.
type ticketView struct {
	ID             string             `json:"id"`
	Tenant         string             `json:"tenant"`
	Number         string             `json:"number"`
	Kind           ticket.Kind        `json:"kind"`
	State          ticket.State       `json:"state"`
	Class          conversation.Class `json:"class"`
	Service        string             `json:"service,omitempty"`
	Urgency        int                `json:"urgency"`
	Level          int                `json:"level"`
	Queue          string             `json:"queue,omitempty"`
	ReportAt       time.Time          `json:"report_at"`
	ChangedAt      time.Time          `json:"changed_at"`
	ResolvedAt     time.Time          `json:"resolved_at,omitzero"`
	ClosedAt       time.Time          `json:"closed_at,omitzero"`
	Origin         ticket.Origin      `json:"origin"`
	Owner          string             `json:"owner,omitempty"`
	ContactID      string             `json:"contact_id,omitempty"`
	TreatedID      string             `json:"treated_id,omitempty"`
	ConversationID string             `json:"conversation_id,omitempty"`
	Fields         map[string]string  `json:"fields,omitempty"`
	Flags          []string           `json:"flags,omitempty"`
	Links          []ticket.Link      `json:"links,omitempty"`
	Reopened       int                `json:"reopened,omitempty"`
	Minutes        int                `json:"minutes,omitempty"`
	Cost           int64              `json:"cost,omitempty"`
	Currency       string             `json:"currency,omitempty"`
	Handover       string             `json:"handover,omitempty"`
	Rule           string             `json:"rule,omitempty"`
	Targets        []targetView       `json:"targets,omitempty"`
	Peer           string             `json:"peer,omitempty"`
}

// brief is what everybody sees of a ticket: technical fields.
func brief(tenant string, t *ticket.Ticket) ticketView {
	return ticketView{
		ID: t.ID, Tenant: tenant, Number: t.Number, Kind: t.Kind, State: t.State, Class: t.Class, Service: t.Service, Urgency: t.Urgency,
		Level: t.Level, Queue: t.Queue, ReportAt: t.ReportAt.UTC(), ChangedAt: t.ChangedAt.UTC(), ResolvedAt: t.ResolvedAt, ClosedAt: t.ClosedAt,
		Origin: t.Origin, Rule: t.Rule, Handover: t.Hand, Reopened: t.Reopened, Flags: t.Flags,
	}
}

// clear adds what stands in the clear for the first level.
func clearView(tenant string, t *ticket.Ticket) ticketView {
	v := brief(tenant, t)
	v.Owner, v.ContactID, v.TreatedID, v.ConversationID, v.Links = t.OwnerID, t.ContactID, t.TreatedID, t.ConversationID, t.Links
	v.Minutes, v.Cost, v.Currency, v.Peer = t.Minutes, t.Cost, t.Currency, t.Peer
	return v
}

// viewTicket is a ticket as somebody in a role sees it at an instant. Seen are
// the names that a custodian's hand-over shows.
func viewTicket(tenant string, t *ticket.Ticket, role access.Role, seen []string) ticketView {
	switch role {
	case access.Custodian:
		v := brief(tenant, t)
		v.Owner, v.Fields = t.OwnerID, t.View(seen)
		return v
	case access.Subject:
		v := brief(tenant, t)
		v.Flags, v.Fields = nil, t.Values()
		return v
	}
	v := clearView(tenant, t)
	v.Fields = t.Values()
	return v
}

// ticketFor loads a ticket for whoever asks: a custodian one that is handed to
// them, a person their own. What is not theirs is not there.
func (f *function) ticketFor(ctx context.Context, u *work.Unit, c *call) (*ticket.Ticket, *ticket.Handover, error) {
	id, err := c.id()
	if err != nil {
		return nil, nil, err
	}
	head, err := work.Peek(ctx, u, record.Tickets, id)
	if err != nil {
		return nil, nil, err
	}
	h := new(ticket.Handover)
	switch c.who.Role {
	case access.Subject:
		if head.ContactID != c.who.Subject || head.Class != conversation.Servant {
			return nil, nil, newProblem("not_found", "")
		}
	case access.Custodian:
		if h, err = f.handed(ctx, u, c, head); err != nil {
			return nil, nil, err
		}
	default:
		if h, err = desk.Current(ctx, u, head); err != nil {
			return nil, nil, err
		}
	}
	t, err := work.Load(ctx, u, record.Tickets, id)
	return t, h, err
}

// handed is the hand-over by which a custodian may see a ticket. Whoever works
// on another queue learns nothing of it.
func (f *function) handed(ctx context.Context, u *work.Unit, c *call, t *ticket.Ticket) (*ticket.Handover, error) {
	h, err := desk.Current(ctx, u, t)
	if err != nil {
		return nil, err
	}
	q, _, err := work.Find(ctx, u, record.Queues, orNone(h.Queue))
	if err != nil {
		return nil, err
	}
	see, act := q.Admits(c.who.Subject, h, u.Now())
	if h.ID == "" || h.Peer != "" || !see {
		return nil, newProblem("not_found", "")
	}
	if c.r.Method == "POST" && !act {
		return nil, newProblem("not_handed", "somebody else has accepted it")
	}
	return h, nil
}

func orNone(queue string) string {
	if queue == "" {
		return "none"
	}
	return queue
}

func (f *function) getTicket(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	t, h, err := f.ticketFor(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	v := viewTicket(u.Tenant(), t, c.who.Role, h.Sees(u.Now()))
	desk.Hidden(v.Fields, t, h, u.Now())
	if c.who.Role != access.Subject {
		limits, err := desk.Targets(ctx, u, t)
		if err != nil {
			return answer{}, err
		}
		v.Targets = viewTargets(limits, u.Now())
	}
	return answer{body: v}, nil
}

// listTickets shows technical fields alone: a page opens nothing.
func (f *function) listTickets(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, err := f.ticketQuery(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if number := c.r.URL.Query().Get("number"); number != "" {
		return f.numbered(ctx, u, c, number)
	}
	if c.who.Role == access.Custodian {
		return f.listHanded(ctx, u, c)
	}
	page, next, err := f.pageOfTickets(ctx, u, c, q)
	if err != nil {
		return answer{}, err
	}
	service := c.r.URL.Query().Get("service")
	out := list[ticketView]{Items: make([]ticketView, 0, len(page)), Next: next}
	for _, t := range page {
		if service != "" && t.Service != service {
			continue
		}
		if v := clearView(u.Tenant(), t); c.who.Role != access.Subject {
			out.Items = append(out.Items, v)
		} else if t.Class == conversation.Servant && t.ContactID == c.who.Subject {
			out.Items = append(out.Items, brief(u.Tenant(), t))
		}
	}
	return answer{body: out}, nil
}

// pageOfTickets reads a page of one partition or, where the query names none, of
// all states together.
func (f *function) pageOfTickets(ctx context.Context, u *work.Unit, c *call, q store.Query) ([]*ticket.Ticket, string, error) {
	if q.Partition != "" {
		page, err := work.Scan(ctx, u, record.Tickets, q)
		return page.Items, page.Next, err
	}
	all := lanes[ticket.Ticket]{
		kind: record.Tickets, index: record.ByState, name: "tickets", desc: true,
		sort: func(t *ticket.Ticket) string { return record.Sortable(t.ReportAt) },
	}
	for _, s := range ticket.States {
		all.partitions = append(all.partitions, record.TicketsOfState+string(s))
	}
	return all.page(ctx, u, c, q.Limit)
}

func (f *function) ticketQuery(_ context.Context, _ *work.Unit, c *call) (store.Query, error) {
	params := c.r.URL.Query()
	q := store.Query{Desc: true}
	given := 0
	for name, in := range map[string][2]string{
		"state": {record.ByState, record.TicketsOfState}, "owner": {record.ByNode, record.TicketsOfOwner},
		"contact": {record.ByOwner, ""},
	} {
		v := params.Get(name)
		if v == "" {
			continue
		}
		if !idShape.MatchString(v) {
			return q, newProblem("invalid", name+" must be 1 to 128 letters, digits or . _ : -")
		}
		if name == "owner" && v == "me" {
			v = c.who.Subject
		}
		q.Index, q.Partition, given = in[0], in[1]+v, given+1
	}
	if given > 1 || (given > 0 && c.who.Role == access.Subject) {
		return q, newProblem("invalid", "a list is by at most one of state, owner and contact")
	}
	if c.who.Role == access.Subject {
		q.Index, q.Partition = record.ByOwner, c.who.Subject
	}
	if q.Index == record.ByOwner { // sorted by kind, then by id, which begins with when it was made
		q.From, q.To = record.Tickets.Name, record.Tickets.Name+"!"
	}
	var err error
	if q.Partition != "" {
		if q, _, err = c.cursor(q); err != nil {
			return q, err
		}
	}
	q.Limit, err = c.limit(maxLimit)
	return q, err
}

// numbered finds a ticket by its number.
func (f *function) numbered(ctx context.Context, u *work.Unit, c *call, number string) (answer, error) {
	out := list[ticketView]{Items: []ticketView{}}
	if !slices.Contains(firstLevel, c.who.Role) || !idShape.MatchString(number) {
		return answer{body: out}, nil
	}
	n, ok, err := work.Find(ctx, u, record.Numberings, strings.ToUpper(number))
	if err != nil || !ok {
		return answer{body: out}, err
	}
	t, err := work.Peek(ctx, u, record.Tickets, n.TicketID)
	if err == nil {
		out.Items = append(out.Items, clearView(u.Tenant(), t))
	}
	return answer{body: out}, err
}

// listHanded shows a custodian what is handed to their queues, the newest first.
func (f *function) listHanded(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "handover", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxHistory); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Handovers, q)
	if err != nil {
		return answer{}, err
	}
	out := list[ticketView]{Items: []ticketView{}, Next: page.Next}
	for _, h := range page.Items {
		roster, _, err := work.Find(ctx, u, record.Queues, orNone(h.Queue))
		if err != nil {
			return answer{}, err
		}
		if see, _ := roster.Admits(c.who.Subject, h, u.Now()); !see || h.Peer != "" {
			continue
		}
		t, err := work.Peek(ctx, u, record.Tickets, h.TicketID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return answer{}, err
		}
		v := brief(u.Tenant(), t)
		v.Owner = t.OwnerID
		out.Items = append(out.Items, v)
	}
	return answer{body: out}, nil
}

// ticketBody asks for a ticket (schema TicketRequest).
type ticketBody struct {
	Kind           ticket.Kind       `json:"kind"`
	ConversationID string            `json:"conversation_id"`
	ContactID      string            `json:"contact_id"`
	TreatedID      string            `json:"treated_id"`
	Service        string            `json:"service"`
	Urgency        int               `json:"urgency"`
	Fields         map[string]string `json:"fields"`
}

func (f *function) createTicket(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b ticketBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Kind == "" {
		b.Kind = ticket.ServiceRequest
	}
	t := &ticket.Ticket{Kind: b.Kind, Service: b.Service, Urgency: b.Urgency, TreatedID: b.TreatedID}
	for _, id := range []string{b.ConversationID, b.ContactID, b.TreatedID, b.Service} {
		if id != "" && !idShape.MatchString(id) {
			return answer{}, newProblem("invalid", "an id is malformed")
		}
	}
	if b.Kind.Validate() != nil || b.Urgency < 0 || b.Urgency > 4 {
		return answer{}, newProblem("invalid", "kind must be one of the published ones, urgency 1 to 4")
	}
	var err error
	switch c.who.Role {
	case access.Subject:
		err = f.asServant(ctx, u, c, t)
	case access.Custodian:
		t.Origin = ticket.FromCustodian
		err = f.reportedBy(ctx, u, t, b.ContactID)
	default:
		t.Origin = ticket.FromConversation
		if b.ConversationID != "" {
			err = f.from(ctx, u, t, b.ConversationID, b.ContactID)
		} else {
			err = f.reportedBy(ctx, u, t, b.ContactID)
		}
	}
	if err != nil {
		return answer{}, err
	}
	if err := f.store(ctx, u, t, b.Fields); err != nil {
		return answer{}, err
	}
	v := viewTicket(u.Tenant(), t, c.who.Role, nil)
	v.Fields = nil // the answer is kept for a repeated request: it holds nothing personal
	return answer{body: v}, nil
}

// store checks what the pack says of the service and its fields (K02, K09), and
// stores the ticket.
func (f *function) store(ctx context.Context, u *work.Unit, t *ticket.Ticket, fields map[string]string) error {
	spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return err
	}
	if t.Service != "" && !spec.Known {
		return newProblem("unknown_service", "")
	}
	if t.Service != "" && !spec.Serves(t) {
		return newProblem("not_for_class", "")
	}
	if err := t.Set(fields, spec.Kept(t)); err != nil {
		return fieldProblem(err)
	}
	if t.TreatedID == "" {
		t.TreatedID = t.ContactID
		if t.TreatedName+t.TreatedEmail+t.TreatedPhone == "" {
			t.TreatedID = ""
		}
	}
	if t.TreatedID != "" && t.TreatedID != t.ContactID {
		servant, err := u.There(ctx, work.Of(record.Servants, t.TreatedID))
		if err != nil {
			return err
		}
		if t.TreatedClass = t.Class; servant { // whose part of it goes by their status (K13)
			t.TreatedClass = conversation.Servant
		}
	}
	return desk.Open(ctx, u, f.env, t)
}

func fieldProblem(err error) error {
	var not *ticket.NotAllowed
	if errors.As(err, &not) {
		return newProblem("field_not_allowed", not.Error())
	}
	return err
}

// from takes person and class from the conversation (K02). Of several who write in
// it, it is who began it, or the one that is named.
func (f *function) from(ctx context.Context, u *work.Unit, t *ticket.Ticket, id, contactID string) error {
	conv, err := work.Load(ctx, u, record.Conversations, id)
	if err != nil {
		return err
	}
	t.ConversationID, t.ContactID, t.Class = conv.ID, conv.ContactID, conv.Class
	if contactID == "" || contactID == conv.ContactID {
		return nil
	}
	t.ContactID = contactID
	wrote, err := desk.Wrote(ctx, u, conv.ID, contactID)
	if err == nil && !wrote {
		return newProblem("invalid", "contact_id has written nothing in the conversation: leave it out, or leave out conversation_id")
	}
	return err
}

// reportedBy is for a ticket without a conversation: of a person that is known,
// or of somebody who gets a contact of their own.
func (f *function) reportedBy(ctx context.Context, u *work.Unit, t *ticket.Ticket, id string) error {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	t.Class = conversation.Class(terms.Classes.Default)
	if spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now()); err == nil && len(spec.Service.Classes) == 1 {
		t.Class = conversation.Class(spec.Service.Classes[0])
	}
	if id != "" {
		_, err := work.Load(ctx, u, record.Contacts, id)
		t.ContactID = id
		return err
	}
	if t.ContactID, err = u.NewID(ctx, "contact"); err == nil {
		work.Save(u, record.Contacts, &contact.Contact{ID: t.ContactID, CreatedAt: u.Now()})
	}
	return err
}

// asServant lets a public servant open a ticket in self-service, which is open to
// no other class (K02). A person who is known, and only as another, is refused.
func (f *function) asServant(ctx context.Context, u *work.Unit, c *call, t *ticket.Ticket) error {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	class, _ := terms.ClassFor(policy.SelfService, "")
	t.Origin, t.Class, t.ContactID = ticket.FromSelfService, conversation.Class(class), c.who.Subject
	_, known, err := work.Find(ctx, u, record.Contacts, t.ContactID)
	if err != nil {
		return err
	}
	if !known {
		work.Save(u, record.Contacts, &contact.Contact{ID: t.ContactID, CreatedAt: u.Now()})
		return nil
	}
	page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: t.ContactID, Limit: store.MaxPage})
	if err != nil {
		return err
	}
	servant := func(conv *conversation.Conversation) bool { return conv.Class == t.Class }
	if len(page.Items) > 0 && !slices.ContainsFunc(page.Items, servant) {
		e := u.Note(audit.Collect, t.ContactID, audit.Item{Kind: record.Tickets.Name, ID: "new"})
		e.Result, e.Reason = audit.Refused, "not_for_class"
		return newProblem("not_for_class", "")
	}
	return nil
}
