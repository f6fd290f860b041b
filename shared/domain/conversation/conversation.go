// Package conversation says what a conversation is (design.md 9): one contact
// on one channel account, until it is closed or idle; a reply reopens its own.
// Merging two is an edge that an adviser draws and can take back: no message
// moves, and each part keeps its class of person, its retention and its access
// (K02, K04, A8).
package conversation

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"time"

	"github.com/okence/okence/shared/domain/message"
)

// State of a conversation.
type State string

const (
	Open   State = "open"
	Closed State = "closed"
)

// Validate reports whether s is one of the set.
func (s State) Validate() error {
	switch s {
	case Open, Closed:
		return nil
	}
	return fmt.Errorf("conversation: unknown state")
}

// Class is the class of person (K02): which line was contacted decides it, and
// with it the legal basis and the retention path.
type Class string

const (
	Servant Class = "servant" // public servant, art. 6(1)(b)
	Other   Class = "other"   // citizen, foreigner, business: consent (K07)
	Partner Class = "partner" // an organisation that we write to: a custodian, another controller
)

// Validate reports whether c is one of the set.
func (c Class) Validate() error {
	switch c {
	case Servant, Other, Partner:
		return nil
	}
	return fmt.Errorf("conversation: unknown class of person")
}

// Conversation is the head of a conversation; its messages point to it.
type Conversation struct {
	_         struct{}        `data:"owner=.ContactID class=channel purpose=service"`
	ID        string          `json:"id" data:"technical"`
	ContactID string          `json:"contact_id" data:"technical"`
	Channel   message.Channel `json:"channel" data:"technical"`
	Provider  string          `json:"provider" data:"technical"`
	Line      string          `json:"line,omitempty" data:"technical"` // ours: number, mailbox or bot that was contacted
	Class     Class           `json:"class" data:"technical"`
	State     State           `json:"state" data:"technical"`
	OpenedAt  time.Time       `json:"opened_at" data:"technical"`
	LastAt    time.Time       `json:"last_at" data:"technical"`           // receipt of the newest message
	HeardAt   time.Time       `json:"heard_at,omitzero" data:"technical"` // when the person last said something, by the provider's time
	ClosedAt  time.Time       `json:"closed_at,omitzero" data:"technical"`
	Messages  int             `json:"messages" data:"technical"`

	// Into is the conversation that this one was merged into, Merge the edge,
	// and Parts those that were merged into this one.
	Into  string   `json:"into,omitempty" data:"technical"`
	Merge string   `json:"merge,omitempty" data:"technical"`
	Parts []string `json:"parts,omitempty" data:"technical"`

	// Matters are the tickets that are about it, and of which service each is.
	Matters []Matter `json:"matters,omitempty" data:"technical"`

	Subject string `json:"subject,omitempty" data:"personal content"`   // of the first mail
	Thread  string `json:"thread,omitempty" data:"personal identifier"` // the provider's own conversation id, where what we send must name it
}

// Continues reports whether a message received at the instant at, that answers
// nothing in particular, still belongs to c. Idle is the pack's: how long a
// conversation may rest.
func (c *Conversation) Continues(at time.Time, idle time.Duration) bool {
	return c.State == Open && at.Sub(c.LastAt) < idle
}

// Hear notes that the person said something at the instant at.
func (c *Conversation) Hear(at time.Time) {
	if at.After(c.HeardAt) {
		c.HeardAt = at
	}
}

// Answer notes a message of ours.
func (c *Conversation) Answer(at time.Time) {
	if at.After(c.LastAt) {
		c.LastAt = at
	}
	c.Messages++
}

// Reference is what a person may quote to say which conversation is meant:
// eight characters in two groups. It opens nothing and finds nothing by itself.
func Reference(id string) string {
	sum := sha256.Sum256([]byte("reference " + id))
	s := base32.HexEncoding.EncodeToString(sum[:5])
	return s[:4] + "-" + s[4:]
}

// Receive notes one more message at the instant at, and reopens c if it was
// closed: only a reply to it, or a message while it is open, gets here.
func (c *Conversation) Receive(at time.Time) {
	if c.State == Closed {
		c.State, c.ClosedAt = Open, time.Time{}
	}
	if at.After(c.LastAt) {
		c.LastAt = at
	}
	c.Messages++
}
