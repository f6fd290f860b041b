package collection

import (
	"errors"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
)

// Contract binds a processor's collections to one controller.
type Contract struct {
	ID         string    `json:"id" data:"technical"`
	Controller string    `json:"controller" data:"technical"`        // party id of the pack, or an opaque one
	Service    string    `json:"service,omitempty" data:"technical"` // of the pack, whose agreement says until when data go back
	BeganAt    time.Time `json:"began_at" data:"technical"`
	EndedAt    time.Time `json:"ended_at,omitzero" data:"technical"` // notice has run out: return, then destroy
	EndedBy    string    `json:"ended_by,omitempty" data:"technical"`
	Erasure    bool      `json:"erasure,omitempty" data:"technical"`     // the controller chose erasure alone (L08)
	ReturnedAt time.Time `json:"returned_at,omitzero" data:"technical"`  // the export was handed over
	ReturnedTo string    `json:"returned_to,omitempty" data:"technical"` // opaque id of who took it
	SHA256     string    `json:"sha256,omitempty" data:"technical"`      // of what was returned, hex

	Statutory []Statutory `json:"statutory,omitempty" data:"technical"` // what stays longer by law
	Taken     Taken       `json:"taken,omitzero" data:"technical"`      // how far the return has come

	// What is left once all that may go has gone: Kept items under a statutory
	// term. SweepID is the sweep whose certificate tells of it.
	DestroyedAt time.Time `json:"destroyed_at,omitzero" data:"technical"`
	SweepID     string    `json:"sweep_id,omitempty" data:"technical"`
	Kept        int       `json:"kept,omitempty" data:"technical"`
}

// Statutory is data that the controller names as under a longer term of the law
// (L08): all of a class of person, or single items. Law is a code, no words
// about anybody.
type Statutory struct {
	Of    string    `json:"of,omitempty"`
	Items []string  `json:"items,omitempty"`
	Law   string    `json:"law"`
	Until time.Time `json:"until"` // exclusive, UTC
	By    string    `json:"by"`    // opaque id of who recorded it
	At    time.Time `json:"at"`
}

// Taken is how far the controller has taken its data.
type Taken = retention.Taken

// ReturnLimit is the name of the limit by which data are returned and copies
// destroyed.
const ReturnLimit = "contract.return"

// About is what limits of a contract are about.
func About(id string) deadline.Ref { return deadline.Ref{Kind: "collectioncontract", ID: id} }

// MaxStatutory bounds what a contract names, and MaxNamed the items of each.
const (
	MaxStatutory = 20
	MaxNamed     = 100
)

// The reasons for which a step of a contract is refused.
var (
	ErrNotEnded   = errors.New("the contract has not ended")
	ErrEnded      = errors.New("the contract has ended already")
	ErrBegins     = errors.New("a contract does not end before it begins")
	ErrNotTaken   = errors.New("not all data have been taken, or others than the digest says")
	ErrReturned   = errors.New("the data have been returned already")
	ErrDestroyed  = errors.New("the data have been destroyed")
	ErrStatutory  = errors.New("name a class of person or at most 100 items, a law, and an end after now")
	ErrTooManyLaw = errors.New("a contract names 20 statutory terms at most")
)

// End says from when the contract has ended. It may be said ahead, and changed
// until that instant has come. Erasure: the controller wants nothing back.
func (c *Contract) End(at time.Time, erasure bool, by string, now time.Time) error {
	switch {
	case at.IsZero() || at.Before(c.BeganAt):
		return ErrBegins
	case !c.EndedAt.IsZero() && !now.Before(c.EndedAt) && !at.Equal(c.EndedAt):
		return ErrEnded
	case !c.DestroyedAt.IsZero():
		return ErrDestroyed
	}
	c.EndedAt, c.EndedBy, c.Erasure = at.UTC(), by, c.Erasure || erasure
	return nil
}

// Keep names data that stay longer by law.
func (c *Contract) Keep(s Statutory, now time.Time) error {
	switch {
	case !c.DestroyedAt.IsZero():
		return ErrDestroyed
	case (s.Of == "") == (len(s.Items) == 0) || len(s.Items) > MaxNamed || s.Law == "" || !s.Until.After(now):
		return ErrStatutory
	case len(c.Statutory) >= MaxStatutory:
		return ErrTooManyLaw
	}
	s.Until, s.At = s.Until.UTC(), now.UTC()
	c.Statutory = append(c.Statutory, s)
	return nil
}

// Keeps lists the statutory terms that keep an item at an instant.
func (c *Contract) Keeps(i *Item, now time.Time) []retention.Blocked {
	var out []retention.Blocked
	for _, s := range c.Statutory {
		if now.Before(s.Until) && (s.Of == i.Of || slices.Contains(s.Items, i.ID)) {
			out = append(out, retention.Blocked{Cause: retention.ByStatute, Ref: c.ID, Clause: s.Law, Until: s.Until})
		}
	}
	return out
}

// Take notes that the page at a place was given out, and what follows it.
func (c *Contract) Take(place, next string, lines [][]byte) { c.Taken.Take(place, next, lines) }

// Receipt notes that the controller has all its data: digest is what it has
// computed over them.
func (c *Contract) Receipt(to, digest string, at time.Time) error {
	switch {
	case !c.ReturnedAt.IsZero():
		return ErrReturned
	case !c.DestroyedAt.IsZero():
		return ErrDestroyed
	case !c.Taken.All || digest != c.Taken.Digest:
		return ErrNotTaken
	}
	return c.Return(to, digest, at)
}

// Return notes that the controller has its data back.
func (c *Contract) Return(to, sum string, at time.Time) error {
	if c.EndedAt.IsZero() || at.Before(c.EndedAt) {
		return ErrNotEnded
	}
	c.ReturnedTo, c.SHA256, c.ReturnedAt = to, sum, at.UTC()
	return nil
}

// MayDestroy reports whether what the contract holds may go: it was returned, or
// the controller asked for erasure alone.
func (c *Contract) MayDestroy() bool {
	return !c.EndedAt.IsZero() && (c.Erasure || !c.ReturnedAt.IsZero())
}

// DueAt is when a sweep has to look at the contract next; zero: never. Before
// all that may go has gone, that is its end; then, the first end of a statutory
// term under which items are left.
func (c *Contract) DueAt() time.Time {
	switch {
	case !c.MayDestroy():
		return time.Time{}
	case c.DestroyedAt.IsZero():
		return c.EndedAt
	case c.Kept == 0:
		return time.Time{}
	}
	var first time.Time
	for _, s := range c.Statutory {
		if s.Until.After(c.DestroyedAt) && (first.IsZero() || s.Until.Before(first)) {
			first = s.Until
		}
	}
	return first
}

// Conclude notes what a sweep has left: kept items stand under a statutory term,
// others under something else that holds them, and then the data are not
// destroyed yet.
func (c *Contract) Conclude(sweep string, kept, others int, now time.Time) (destroyed bool) {
	if others > 0 {
		return false
	}
	c.DestroyedAt, c.SweepID, c.Kept = now.UTC(), sweep, kept
	return true
}
