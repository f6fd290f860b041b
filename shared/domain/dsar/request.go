package dsar

import (
	"slices"
	"time"
)

// State is where a request stands. It follows from its parts (settle).
type State string

// States.
const (
	Suggested State = "suggested" // recognised in a message: an adviser confirms or refuses
	Review    State = "review"    // an adviser said that it is none: an officer looks again
	Dismissed State = "dismissed" // it is none, twice looked at: closed
	Verifying State = "verifying" // who asks is being checked
	Settling  State = "settling"  // who answers is being settled with another controller
	Open      State = "open"      // an officer decides
	Carrying  State = "carrying"  // decided: what was granted is being carried out
	Elsewhere State = "elsewhere" // another controller answers, and has not yet
	Answered  State = "answered"  // closed: the person has the final answer
	Forwarded State = "forwarded" // closed with us: not jointly controlled, or the controller answers
)

// Validate reports whether s is one of the set.
func (s State) Validate() error {
	return oneOf("state", s, Suggested, Review, Dismissed, Verifying, Settling, Open, Carrying, Elsewhere, Answered, Forwarded)
}

// Closed reports whether nothing is left to do.
func (s State) Closed() bool { return s == Dismissed || s == Answered || s == Forwarded }

// Request is one data-subject request. It may use several rights. Its file is
// sealed apart from the person's other data, and an erasure never reaches it (A8).
type Request struct {
	_         struct{}  `data:"owner=.ContactID class=request purpose=proof"`
	ID        string    `json:"id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"` // whose file it is: the person concerned, as far as known at receipt
	State     State     `json:"state" data:"technical"`
	ClosedAt  time.Time `json:"closed_at,omitzero" data:"technical"` // retention of the file runs from here

	ReceivedAt  time.Time    `json:"received_at" data:"technical"` // the earliest of Receipts: limits run from it
	Receipts    []Receipt    `json:"receipts" data:"technical"`
	Recognition *Recognition `json:"recognition,omitempty" data:"technical"`
	Language    string       `json:"language,omitempty" data:"technical"` // sl, sk, en: of letters
	Service     string       `json:"service,omitempty" data:"technical"`  // e-service of the pack that it is about
	Class       string       `json:"class,omitempty" data:"technical"`    // class of person, where known
	Found       Case         `json:"found,omitempty" data:"technical"`    // who answers, as a person found; empty: by the pack
	FoundParty  string       `json:"found_party,omitempty" data:"technical"`
	Marketing   bool         `json:"marketing,omitempty" data:"technical"` // it asks that direct marketing end, and nothing else

	Items     []Item     `json:"items" data:"technical"`
	Handovers []Handover `json:"handovers,omitempty" data:"technical"`
	Origin    *Origin    `json:"origin,omitempty" data:"technical"` // another controller handed it to us
	Identity  Identity   `json:"identity" data:"technical"`
	Clock     Clock      `json:"clock" data:"technical"`

	Advice     []Advice    `json:"advice,omitempty" data:"technical"`
	Complaints []Complaint `json:"complaints,omitempty" data:"technical"`
	ByPost     []Letter    `json:"by_post,omitempty" data:"technical"` // letters for an officer to print: no other address is known

	Name           string            `json:"name,omitempty" data:"personal identity"`     // as the requester wrote it
	Address        string            `json:"address,omitempty" data:"personal address"`   // where the requester wants the answer
	Text           string            `json:"text,omitempty" data:"personal content"`      // what was asked, in the requester's words
	Statement      string            `json:"statement,omitempty" data:"personal content"` // supplementary statement to rectify (P12)
	Representative *Representative   `json:"representative,omitempty" data:"personal identity"`
	Words          map[string]string `json:"words,omitempty" data:"personal content"` // reasons, advice and complaints in words, by WordsOf
	Claims         []Claim           `json:"claims,omitempty" data:"personal address"`
}

// Key names an item of a request.
type Key struct {
	Right Right `json:"right"`
	Scope Scope `json:"scope"`
}

// String is "access" over the data, "access.audit_trail" over the log.
func (k Key) String() string {
	if k.Scope == AuditTrail {
		return string(k.Right) + "." + string(k.Scope)
	}
	return string(k.Right)
}

// ItemState is where one item stands.
type ItemState string

// Item states.
const (
	Asked       ItemState = "asked"       // ours to decide
	InDispute   ItemState = "in_dispute"  // handed over, not accepted; or unclear: being settled
	Transferred ItemState = "transferred" // another controller answers it
	ToDo        ItemState = "to_do"       // granted or limited: to be carried out
	Final       ItemState = "final"       // carried out or refused
)

// Item is one right over one scope.
type Item struct {
	Key
	State     ItemState `json:"state"`
	By        string    `json:"by,omitempty"`       // party id of whoever is competent
	Handover  string    `json:"handover,omitempty"` // while InDispute or Transferred
	Closed    bool      `json:"closed,omitempty"`   // of a transferred item: the other has answered, or need not tell us
	Decision  *Decision `json:"decision,omitempty"`
	Result    Result    `json:"result,omitempty"`
	CarriedAt time.Time `json:"carried_at,omitzero"`
	Erasing   *Erasing  `json:"erasing,omitempty"` // of a granted erasure of the data
}

// Item returns the item of a key, or nil.
func (r *Request) Item(k Key) *Item {
	for i := range r.Items {
		if r.Items[i].Key == k {
			return &r.Items[i]
		}
	}
	return nil
}

// Ask adds items that are not asked for yet.
func (r *Request) Ask(keys ...Key) {
	for _, k := range keys {
		if k.Scope == "" {
			k.Scope = Data
		}
		if r.Item(k) == nil {
			r.Items = append(r.Items, Item{Key: k, State: Asked})
		}
	}
}

// settle makes State follow from the parts.
func (r *Request) settle(now time.Time) {
	was := r.State
	r.State = r.state()
	switch {
	case r.State.Closed() && !was.Closed():
		r.ClosedAt = now
	case !r.State.Closed():
		r.ClosedAt = time.Time{}
	}
}

func (r *Request) state() State {
	if c := r.Recognition; c != nil {
		switch {
		case c.Verdict == "":
			return Suggested
		case c.Verdict == NoRequest && c.ReviewedBy == "":
			return Review
		case c.Verdict == NoRequest:
			return Dismissed
		}
	}
	count := map[ItemState]int{}
	waiting := 0
	for _, i := range r.Items {
		count[i.State]++
		if i.State == Transferred && !i.Closed {
			waiting++
		}
	}
	switch {
	case count[InDispute] > 0:
		return Settling
	case count[Asked] > 0 && r.Identity.Pending():
		return Verifying
	case count[Asked] > 0:
		return Open
	case count[ToDo] > 0:
		return Carrying
	case waiting > 0:
		return Elsewhere
	case count[Transferred] > 0 && count[Final] == 0 && r.forwarded():
		return Forwarded
	}
	return Answered
}

// forwarded reports whether everything went to somebody who answers alone.
func (r *Request) forwarded() bool {
	return !slices.ContainsFunc(r.Items, func(i Item) bool {
		h := r.handover(i.Handover)
		return h == nil || (h.Case != NotJoint && h.Case != AsProcessor)
	})
}

// Letter is one that goes by post.
type Letter struct {
	Template string    `json:"template"`
	At       time.Time `json:"at"`
}

// Post notes a letter that is to go by post.
func (r *Request) Post(template string, at time.Time) {
	r.ByPost = append(r.ByPost, Letter{template, at})
}
