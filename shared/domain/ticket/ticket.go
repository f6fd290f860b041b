package ticket

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/target"
)

// MaxLinks bounds what hangs on one ticket.
const MaxLinks = 40

// Ticket is one matter. Owner of its personal data is the person who reported
// it, and for the treated fields the person it is about, where that is another.
type Ticket struct {
	_      struct{}           `data:"owner=.ContactID class=case purpose=service"`
	ID     string             `json:"id" data:"technical"`
	Number string             `json:"number" data:"technical"`
	Kind   Kind               `json:"kind" data:"technical"`
	State  State              `json:"state" data:"technical"`
	Class  conversation.Class `json:"class" data:"technical"` // of person: what may be kept, seen, and for how long
	Origin Origin             `json:"origin" data:"technical"`

	Service string `json:"service,omitempty" data:"technical"` // of the pack; "" while nobody has said
	Urgency int    `json:"urgency" data:"technical"`           // 1 is the most urgent, 4 the least

	ContactID      string `json:"contact_id" data:"technical"`                     // who reported it
	TreatedID      string `json:"treated_id,omitempty" data:"technical"`           // whom it is about, where that is another
	ConversationID string `json:"conversation_id,omitempty" data:"technical link"` // where it began

	// TreatedClass is the class of the treated person, where that is another than
	// the reporter: each one's part has a term of its own (K13, K14).
	TreatedClass conversation.Class `json:"treated_class,omitempty" data:"technical"`

	ReportAt   time.Time `json:"report_at" data:"technical"` // REPORTDATE: retention runs from it (K14)
	ChangedAt  time.Time `json:"changed_at" data:"technical"`
	BegunAt    time.Time `json:"begun_at,omitzero" data:"technical"` // when somebody first took it up: the response
	ResolvedAt time.Time `json:"resolved_at,omitzero" data:"technical"`
	ClosedAt   time.Time `json:"closed_at,omitzero" data:"technical"`

	// Rests are the times in which its targets stood still: while the person had
	// to answer, and while it was over, before it was reopened.
	Rests []target.Pause `json:"rests,omitempty" data:"technical"`

	OwnerID string `json:"owner_id,omitempty" data:"technical link"` // who works on it: an opaque id; "" is nobody
	Level   int    `json:"level" data:"technical"`                   // of support that has it, from 1
	Queue   string `json:"queue,omitempty" data:"technical"`         // of that level, beyond the first
	Hand    string `json:"hand,omitempty" data:"technical"`          // the hand-over that is open
	Hands   int    `json:"hands,omitempty" data:"technical"`         // how many there were

	Rule string `json:"rule,omitempty" data:"technical"` // of the pack, that opened it automatically

	// Peer and PeerTicket name the matter at the organisation that handed it to
	// us.
	Peer       string `json:"peer,omitempty" data:"technical"`
	PeerTicket string `json:"peer_ticket,omitempty" data:"technical link"`

	Links    []Link   `json:"links,omitempty" data:"technical link"`
	Reopened int      `json:"reopened,omitempty" data:"technical"`
	Entries  int      `json:"entries,omitempty" data:"technical"` // of the work log
	Minutes  int      `json:"minutes,omitempty" data:"technical"` // spent
	Cost     int64    `json:"cost,omitempty" data:"technical"`    // in hundredths of Currency (K17: labour cost)
	Currency string   `json:"currency,omitempty" data:"technical"`
	Flags    []string `json:"flags,omitempty" data:"technical"` // kinds of identifiers that the person volunteered (K09)

	Name      string `json:"name,omitempty" data:"personal identity"`
	Email     string `json:"email,omitempty" data:"personal address"`
	Phone     string `json:"phone,omitempty" data:"personal address"`
	Employer  string `json:"employer,omitempty" data:"personal identity"`
	Address   string `json:"address,omitempty" data:"personal address"`
	TaxNumber string `json:"tax_number,omitempty" data:"personal identifier"`
	EMSO      string `json:"emso,omitempty" data:"personal identifier"`
	Device    string `json:"device,omitempty" data:"personal content"`
	Subject   string `json:"subject,omitempty" data:"personal content"`
	Details   string `json:"details,omitempty" data:"personal content"`

	TreatedName  string `json:"treated_name,omitempty" data:"personal identity owner=.TreatedID"`
	TreatedEmail string `json:"treated_email,omitempty" data:"personal address owner=.TreatedID"`
	TreatedPhone string `json:"treated_phone,omitempty" data:"personal address owner=.TreatedID"`
}

// Validate refuses what no ticket may be.
func (t *Ticket) Validate() error {
	switch {
	case t.Kind.Validate() != nil:
		return t.Kind.Validate()
	case t.State.Validate() != nil:
		return t.State.Validate()
	case t.Class.Validate() != nil:
		return t.Class.Validate()
	case t.Urgency < 1 || t.Urgency > 4:
		return errors.New("ticket: urgency is 1 to 4")
	case t.TreatedClass != "" && t.TreatedClass.Validate() != nil:
		return t.TreatedClass.Validate()
	case t.ContactID == "":
		return errors.New("ticket: nobody reported it")
	}
	return nil
}

// The reasons for which a change is refused.
var (
	ErrState     = errors.New("the ticket's state does not allow it")
	ErrSelf      = errors.New("a ticket can't be linked to itself")
	ErrLinked    = errors.New("the two are linked so already, or have too many links")
	ErrNotHanded = errors.New("the ticket is not with the next level")
	ErrLastLevel = errors.New("there is no further level of support for this service")
	ErrNoService = errors.New("the ticket has no service: nobody knows who is next")
)

// Become changes the state at an instant. It says how the state was before.
func (t *Ticket) Become(to State, now time.Time) (from State, err error) {
	from = t.State
	if !from.May(to) {
		return from, ErrState
	}
	t.turn(to, now)
	switch to {
	case Resolved:
		t.ResolvedAt = now
	case Closed, Cancelled:
		t.ClosedAt = now
	case InProgress:
		if from == Resolved || from == Closed { // reopened
			t.Reopened++
			t.ResolvedAt, t.ClosedAt = time.Time{}, time.Time{}
			t.Links = slices.DeleteFunc(t.Links, func(l Link) bool { return l.Kind == DuplicateOf })
		}
	}
	t.ChangedAt = now
	return from, nil
}

// maxRests bounds the times in which targets stand still; beyond, they run.
const maxRests = 100

// turn sets the state, and notes what it means for the targets.
func (t *Ticket) turn(to State, now time.Time) {
	from := t.State
	if from == New && to != New && t.BegunAt.IsZero() {
		t.BegunAt = now
	}
	if n := len(t.Rests); n > 0 && t.Rests[n-1].End.IsZero() {
		t.Rests[n-1].End = now
	}
	switch over := t.over(); {
	case len(t.Rests) >= maxRests:
	case to == Waiting:
		t.Rests = append(t.Rests, target.Pause{Start: now})
	case !from.Open() && to.Open() && !over.IsZero():
		t.Rests = append(t.Rests, target.Pause{Start: over, End: now})
	}
	t.State = to
}

// over is when a ticket that is over became so.
func (t *Ticket) over() time.Time {
	if !t.ResolvedAt.IsZero() {
		return t.ResolvedAt
	}
	return t.ClosedAt
}

// Assign gives the ticket to somebody, or with "" to nobody. Whoever takes a new
// one has begun.
func (t *Ticket) Assign(person string, now time.Time) error {
	if !t.State.Open() {
		return ErrState
	}
	if t.State == New && person != "" {
		t.turn(InProgress, now)
	}
	t.OwnerID, t.ChangedAt = person, now
	return nil
}

// Join draws a link between two tickets, on both. A duplicate is closed: what
// is done is done on the other.
func Join(a, b *Ticket, kind LinkKind, now time.Time) error {
	switch {
	case a.ID == b.ID:
		return ErrSelf
	case slices.Contains(a.Links, Link{kind, b.ID}), len(a.Links) >= MaxLinks, len(b.Links) >= MaxLinks:
		return ErrLinked
	case kind == DuplicateOf && (!a.State.Open() || a.Hand != ""):
		return ErrState
	case kind == Duplicated:
		return Join(b, a, DuplicateOf, now)
	}
	a.Links = append(a.Links, Link{kind, b.ID})
	b.Links = append(b.Links, Link{kind.Counterpart(), a.ID})
	a.ChangedAt, b.ChangedAt = now, now
	if kind == DuplicateOf {
		a.turn(Closed, now)
		a.ClosedAt = now
	}
	return nil
}

// Spend adds time at a price an hour, in hundredths of the currency.
func (t *Ticket) Spend(minutes int, hour int64, currency string) (cost int64, err error) {
	if minutes < 1 || minutes > 24*60 {
		return 0, fmt.Errorf("ticket: time spent is 1 to %d minutes", 24*60)
	}
	t.Minutes += minutes
	cost = Cost(minutes, hour)
	t.Cost, t.Currency = t.Cost+cost, currency
	return cost, nil
}
