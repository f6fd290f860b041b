// Package notice is what is known of a letter that was sent because a rule asks
// for it: from which template and version, about what, to whom, and whether it
// was confirmed. The text itself is the message; how its sending went is that
// message's state, which is the proof.
//
// Pure: values in, values out, no clock and no I/O.
package notice

import (
	"time"

	"github.com/okence/okence/shared/domain/deadline"
)

// Kind is the kind of record of a notice, as limits name it.
const Kind = "notice"

// Confirm names the limit within which a notice is to be confirmed.
const Confirm = "notice.confirm"

// Answer is how a notice was confirmed by an answer that came in.
const Answer = "answer"

// Notice is one letter to one recipient.
type Notice struct {
	_  struct{} `data:"owner=.ContactID class=channel purpose=service"`
	ID string   `json:"id" data:"technical"`

	Template string `json:"template" data:"technical"`
	Version  string `json:"version" data:"technical"` // of the template's text
	Language string `json:"language" data:"technical"`

	About deadline.Ref `json:"about" data:"technical"`
	Party string       `json:"party,omitempty" data:"technical"` // an organisation's id in the pack; none for a person

	ContactID      string    `json:"contact_id" data:"technical"`
	ConversationID string    `json:"conversation_id" data:"technical"`
	MessageID      string    `json:"message_id" data:"technical"`
	SHA256         string    `json:"sha256" data:"technical"`             // hex, of subject, a newline, and text
	Files          []string  `json:"files,omitempty" data:"technical"`    // hex SHA-256 of each, in order
	Withheld       bool      `json:"withheld,omitempty" data:"technical"` // a bare notice went out in its place: the address was not known to be the person's
	QueuedAt       time.Time `json:"queued_at" data:"technical"`          // UTC

	ConfirmBy   time.Time `json:"confirm_by,omitzero" data:"technical"` // UTC; zero: no confirmation is asked for
	ConfirmedAt time.Time `json:"confirmed_at,omitzero" data:"technical"`
	ConfirmedBy string    `json:"confirmed_by,omitempty" data:"technical"` // opaque id of who recorded it; "" for an answer that came in
	How         string    `json:"how,omitempty" data:"technical"`          // a code: "answer", "phone" ...

	// Next is the notice that went to the next contact when nobody confirmed
	// this one; After is the one that it follows.
	Next  string `json:"next,omitempty" data:"technical"`
	After string `json:"after,omitempty" data:"technical"`

	// Otherwise are those who are told in turn when nobody confirms.
	Otherwise []Recipient `json:"otherwise,omitempty" data:"personal address parties"`
}

// Recipient is an office of an organisation, as the pack gives it.
type Recipient struct {
	Party   string `json:"party"`          // id in the pack
	Mailbox string `json:"mailbox"`        // mail address
	Name    string `json:"name,omitempty"` // of the office
}

// Confirmed reports whether somebody confirmed n.
func (n *Notice) Confirmed() bool { return !n.ConfirmedAt.IsZero() }

// ConfirmedWith notes a confirmation. It reports whether it is the first.
func (n *Notice) ConfirmedWith(by, how string, at time.Time) bool {
	if n.Confirmed() {
		return false
	}
	n.ConfirmedAt, n.ConfirmedBy, n.How = at.UTC(), by, how
	return true
}

// Escalates says whom to tell now that the time to confirm is over, and who
// remains after that. False: it is confirmed, told already, or nobody is left.
func (n *Notice) Escalates(now time.Time) (to Recipient, rest []Recipient, ok bool) {
	if n.Confirmed() || n.Next != "" || n.ConfirmBy.IsZero() || now.Before(n.ConfirmBy) || len(n.Otherwise) == 0 {
		return Recipient{}, nil, false
	}
	return n.Otherwise[0], n.Otherwise[1:], true
}

// Patience is how long n waited for its confirmation; whoever is told next gets
// as long.
func (n *Notice) Patience() time.Duration { return n.ConfirmBy.Sub(n.QueuedAt) }
