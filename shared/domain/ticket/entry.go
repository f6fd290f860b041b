package ticket

import (
	"errors"
	"time"
)

// EntryKind is what a line of the work log tells.
type EntryKind string

// Kinds of entries. Together they are the work log, the communication log and
// the workflow history (K12).
const (
	Note          EntryKind = "note"
	Time          EntryKind = "time"
	Status        EntryKind = "status"
	Assignment    EntryKind = "assignment"
	Communication EntryKind = "communication"
	HandingOver   EntryKind = "handover"
	Widened       EntryKind = "view"
	Linked        EntryKind = "link"
)

// Validate reports whether k is one of the kinds above.
func (k EntryKind) Validate() error {
	switch k {
	case Note, Time, Status, Assignment, Communication, HandingOver, Widened, Linked:
		return nil
	}
	return errors.New("ticket: unknown kind of entry")
}

// Entry is one line of a ticket's work log. It is the office's own unless it is
// marked visible: then the person sees it too.
type Entry struct {
	_         struct{}  `data:"owner=.ContactID class=case purpose=service"`
	ID        string    `json:"id" data:"technical"`
	TicketID  string    `json:"ticket_id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"` // the ticket's
	At        time.Time `json:"at" data:"technical"`
	Kind      EntryKind `json:"kind" data:"technical"`
	Visible   bool      `json:"visible,omitempty" data:"technical"`
	Level     int       `json:"level,omitempty" data:"technical"` // of support that wrote it
	Role      string    `json:"role" data:"technical"`            // of who wrote it

	From    State  `json:"from,omitempty" data:"technical"` // of a status
	Into    State  `json:"into,omitempty" data:"technical"`
	Hand    string `json:"hand,omitempty" data:"technical"` // of a hand-over
	Minutes int    `json:"minutes,omitempty" data:"technical"`
	Cost    int64  `json:"cost,omitempty" data:"technical"`
	Message string `json:"message,omitempty" data:"technical link"` // of a communication: the message that went out

	By   string `json:"by,omitempty" data:"personal activity"` // who wrote it (K18: Created-by, Worker)
	To   string `json:"to,omitempty" data:"personal address"`  // of a communication (K18: To)
	Text string `json:"text,omitempty" data:"personal content"`
}

// Numbering says which ticket has a number: its ID.
type Numbering struct {
	ID       string `json:"id" data:"technical"`
	TicketID string `json:"ticket_id" data:"technical"`
}

// AuditTicket says with which ticket the log of its changes ends (K12).
func (e *Entry) AuditTicket() string { return e.TicketID }

// AuditTicket says with which ticket the log of its changes ends (K12).
func (t *Ticket) AuditTicket() string { return t.ID }

// AuditTicket says with which ticket the log of its changes ends (K12).
func (h *Handover) AuditTicket() string { return h.TicketID }
