// Package contact is a person as the contact centre knows one: by the addresses
// they wrote from. Unknown senders get a contact at once; whether two contacts
// are one person is for an adviser to say, as an edge that can be taken back.
package contact

import (
	"errors"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/message"
)

// Contact is a data subject. Its key seals everything that is theirs.
type Contact struct {
	_         struct{}  `data:"owner=.ID class=channel purpose=service"`
	ID        string    `json:"id" data:"technical"`
	CreatedAt time.Time `json:"created_at" data:"technical"`

	// Into is the contact that this one was merged into, Merge the edge, and
	// Parts those that were merged into this one.
	Into  string   `json:"into,omitempty" data:"technical"`
	Merge string   `json:"merge,omitempty" data:"technical"`
	Parts []string `json:"parts,omitempty" data:"technical"`

	// Party is the organisation whose mailbox this is, by its id in the pack; ""
	// for a person.
	Party string `json:"party,omitempty" data:"technical"`

	// Greeted is when the first answer went out, by channel: it goes once (K25).
	Greeted map[message.Channel]time.Time `json:"greeted,omitempty" data:"technical"`

	// AwayAt is when they were last told that nobody is there: once a day.
	AwayAt time.Time `json:"away_at,omitzero" data:"technical"`

	// Waits are the tickets that wait for what they say.
	Waits []string `json:"waits,omitempty" data:"technical"`

	Name      string    `json:"name,omitempty" data:"personal identity"`
	Addresses []Address `json:"addresses,omitempty" data:"personal address"`
}

// Address is where a contact wrote from, or was found to be reachable.
type Address struct {
	Scheme  message.Scheme  `json:"scheme"`
	Address string          `json:"address"`
	Channel message.Channel `json:"channel"` // where it was first seen
	SeenAt  time.Time       `json:"seen_at"` // when it was first seen

	// VerifiedAt is when somebody (VerifiedBy, an opaque id) last made sure that
	// it is the person's, and How by what means.
	VerifiedAt time.Time `json:"verified_at,omitzero"`
	VerifiedBy string    `json:"verified_by,omitempty"`
	How        string    `json:"how,omitempty"`
}

// maxWaits bounds the tickets of one person that wait.
const maxWaits = 20

// Await notes that a ticket waits for what the person says. It reports whether that
// changed anything.
func (c *Contact) Await(ticket string) bool {
	if slices.Contains(c.Waits, ticket) || len(c.Waits) >= maxWaits {
		return false
	}
	c.Waits = append(c.Waits, ticket)
	return true
}

// Reach adds an address, unless it is known. It reports whether it did.
func (c *Contact) Reach(a Address) bool {
	for _, known := range c.Addresses {
		if known.Scheme == a.Scheme && known.Address == a.Address {
			return false
		}
	}
	c.Addresses = append(c.Addresses, a)
	return true
}

// Greet notes the first answer on a channel. It reports whether there was none
// before.
func (c *Contact) Greet(ch message.Channel, at time.Time) bool {
	if _, done := c.Greeted[ch]; done {
		return false
	}
	if c.Greeted == nil {
		c.Greeted = map[message.Channel]time.Time{}
	}
	c.Greeted[ch] = at
	return true
}

// Lookup finds a contact by address. Its ID is the tenant's keyed hash of the
// address, so the address stands nowhere; being a document with a key of its
// own, it is unique and always fresh.
type Lookup struct {
	ID        string `json:"id" data:"technical"`
	ContactID string `json:"contact_id" data:"technical"`

	// Open names the newest conversation on each account, by its route
	// (channel/provider/line hash). It may be closed or idle by now.
	Open map[string]string `json:"open,omitempty" data:"technical"`
}

// Restriction stands for a person whose data is restricted (art. 18 GDPR). Its
// ID is the contact's. No document: not restricted.
type Restriction struct {
	_       struct{}  `data:"owner=.ID class=channel purpose=service"`
	ID      string    `json:"id" data:"technical"`
	SinceAt time.Time `json:"since_at" data:"technical"`
	Ground  string    `json:"ground" data:"technical"` // P17: accuracy, unlawful, claims, objection

	RequestID string `json:"request_id,omitempty" data:"technical"` // in which it was granted

	// An officer's decision to lift it: the person is told first (art. 18(3)).
	LiftAt     time.Time `json:"lift_at,omitzero" data:"technical"` // of the decision
	LiftBy     string    `json:"lift_by,omitempty" data:"technical"`
	LiftReason string    `json:"lift_reason,omitempty" data:"personal content"` // as the person was told
	LiftLetter string    `json:"lift_letter,omitempty" data:"technical"`        // the message; empty: by post
	LiftUntil  time.Time `json:"lift_until,omitzero" data:"technical"`          // when it is lifted at the latest
}

// ErrLifting refuses a second decision to lift a restriction.
var ErrLifting = errors.New("the restriction is being lifted already")

// Lift notes the decision to lift r: letter is the message that tells the person,
// "" where it goes by post, and until how long it is waited for.
func (r *Restriction) Lift(by, reason, letter string, until, now time.Time) error {
	if !r.LiftAt.IsZero() {
		return ErrLifting
	}
	r.LiftAt, r.LiftBy, r.LiftReason, r.LiftLetter, r.LiftUntil = now, by, reason, letter, until
	return nil
}

// Ends reports whether r ends now: its lifting is decided, and the letter has left
// or never will (over), or was waited for long enough. One by post is waited for
// until the end: nobody knows when it left.
func (r *Restriction) Ends(over bool, now time.Time) bool {
	return !r.LiftAt.IsZero() && (over && r.LiftLetter != "" || !now.Before(r.LiftUntil))
}
