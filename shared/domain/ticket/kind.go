package ticket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is a module of the desk (K12).
type Kind string

// Kinds.
const (
	ServiceRequest Kind = "service_request"
	Incident       Kind = "incident"
	Change         Kind = "change"
	WorkOrder      Kind = "work_order"
	Activity       Kind = "activity"
)

var prefixes = map[Kind]string{ServiceRequest: "SR", Incident: "IN", Change: "CH", WorkOrder: "WO", Activity: "AC"}

// Validate reports whether k is one of the kinds above.
func (k Kind) Validate() error {
	if prefixes[k] == "" {
		return errors.New("ticket: unknown kind")
	}
	return nil
}

// Number is what people call a ticket: kind, local year of its report, and seven
// characters without those that are mistaken for others (Crockford's base 32),
// from eight bytes that are different for each ticket: "SR-2026-7K2M9QX". Two of
// a million in a year may meet; whoever stores it takes the next bytes then.
func Number(k Kind, year int, bytes [8]byte) string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	n := binary.BigEndian.Uint64(bytes[:])
	var s [7]byte
	for i := range s {
		s[i] = digits[n&31]
		n >>= 5
	}
	return fmt.Sprintf("%s-%d-%s", prefixes[k], year, s[:])
}

// State is where a ticket stands.
type State string

// States.
const (
	New        State = "new"         // nobody has begun
	InProgress State = "in_progress" // somebody works on it
	Waiting    State = "waiting"     // the person must answer; targets rest
	Escalated  State = "escalated"   // with the next level
	Resolved   State = "resolved"    // the person has been told the solution
	Closed     State = "closed"
	Cancelled  State = "cancelled"
)

// States are all of them.
var States = []State{New, InProgress, Waiting, Escalated, Resolved, Closed, Cancelled}

// next says what a state may become. Closed and resolved tickets are reopened
// into work; a cancelled one is over.
var next = map[State][]State{
	New:        {InProgress, Waiting, Escalated, Resolved, Cancelled},
	InProgress: {Waiting, Escalated, Resolved, Cancelled},
	Waiting:    {InProgress, Escalated, Resolved, Cancelled},
	Escalated:  {InProgress, Resolved, Cancelled},
	Resolved:   {Closed, InProgress},
	Closed:     {InProgress},
	Cancelled:  {},
}

// Validate reports whether s is one of the states above.
func (s State) Validate() error {
	if _, ok := next[s]; !ok {
		return errors.New("ticket: unknown state")
	}
	return nil
}

// Open reports whether a ticket in this state asks for work.
func (s State) Open() bool { return s != Resolved && s != Closed && s != Cancelled }

// May reports whether s can become to.
func (s State) May(to State) bool { return slices.Contains(next[s], to) }

// Origin is how a ticket came to be.
type Origin string

// Origins.
const (
	FromConversation Origin = "conversation" // an adviser opened it
	FromSelfService  Origin = "selfservice"  // a public servant did (K02)
	FromCustodian    Origin = "custodian"
	FromPolicy       Origin = "policy" // automatically
	FromPeer         Origin = "peer"   // another organisation handed it to us
)

// LinkKind is how two tickets belong together.
type LinkKind string

// Links. Each is told to both: the other side stands under the counterpart.
const (
	Related     LinkKind = "related"
	Parent      LinkKind = "parent"
	Child       LinkKind = "child"
	Causes      LinkKind = "causes"
	CausedBy    LinkKind = "caused_by"
	DuplicateOf LinkKind = "duplicate_of"
	Duplicated  LinkKind = "duplicated_by"
)

var counterparts = map[LinkKind]LinkKind{
	Related: Related, Parent: Child, Child: Parent, Causes: CausedBy, CausedBy: Causes, DuplicateOf: Duplicated, Duplicated: DuplicateOf,
}

// Validate reports whether k is one of the links above.
func (k LinkKind) Validate() error {
	if counterparts[k] == "" {
		return errors.New("ticket: unknown link")
	}
	return nil
}

// Counterpart is the same link as the other ticket sees it.
func (k LinkKind) Counterpart() LinkKind { return counterparts[k] }

// Link is to another ticket.
type Link struct {
	Kind   LinkKind `json:"kind"`
	Ticket string   `json:"ticket"`
}

// Cost is the price of time spent, in hundredths of the currency: minutes at a
// price an hour, rounded half up (S05).
func Cost(minutes int, hour int64) int64 { return (int64(minutes)*hour + 30) / 60 }

func join(names []string) string { return strings.Join(names, ", ") }
