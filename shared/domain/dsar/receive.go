package dsar

import (
	"slices"
	"time"
)

// Way is how a request came in (K24).
type Way string

// Ways.
const (
	Portal   Way = "portal"    // the person's own form
	InPerson Way = "in_person" // stated on record
	Paper    Way = "paper"
	Message  Way = "message" // on one of the six channels
	Peer     Way = "peer"    // handed over by another controller
	Late     Way = "late"    // fed in late: it had reached an official address before
)

// Validate reports whether w is one of the set.
func (w Way) Validate() error { return oneOf("way", w, Portal, InPerson, Paper, Message, Peer, Late) }

// Receipt is one arrival of the request at an official address. The earliest
// counts, whoever entered it and however late (EDPB 01/2022, 5.3).
type Receipt struct {
	At        time.Time `json:"at"`
	Way       Way       `json:"way"`
	Address   string    `json:"address,omitempty"` // official address of ours, or office, where it arrived
	MessageID string    `json:"message_id,omitempty"`
	EnteredBy string    `json:"entered_by,omitempty"` // opaque id; empty: the system
	EnteredAt time.Time `json:"entered_at"`
}

// Receive adds an arrival and reports whether it is now the earliest: limits are
// then counted anew. A receipt after its entry is taken as its entry.
func (r *Request) Receive(in Receipt) bool {
	if in.At.After(in.EnteredAt) {
		in.At = in.EnteredAt
	}
	in.At = in.At.UTC()
	if slices.ContainsFunc(r.Receipts, func(o Receipt) bool { return o.At.Equal(in.At) && o.Way == in.Way && o.MessageID == in.MessageID }) {
		return false
	}
	r.Receipts = append(r.Receipts, in)
	slices.SortStableFunc(r.Receipts, func(a, b Receipt) int { return a.At.Compare(b.At) })
	first := r.Receipts[0].At
	if !r.ReceivedAt.IsZero() && !first.Before(r.ReceivedAt) {
		return false
	}
	r.ReceivedAt = first
	return true
}

// Verdict is an adviser's answer to a recognised request.
type Verdict string

// Verdicts.
const (
	IsRequest Verdict = "request"
	NoRequest Verdict = "no_request"
)

// Validate reports whether v is one of the two.
func (v Verdict) Validate() error { return oneOf("verdict", v, IsRequest, NoRequest) }

// Recognition is that a request was found in a message by rule, and what people
// made of it. The clock runs from the message's receipt all the while.
type Recognition struct {
	MessageID  string    `json:"message_id"`
	Confidence int       `json:"confidence"` // percent
	Verdict    Verdict   `json:"verdict,omitempty"`
	By         string    `json:"by,omitempty"`
	At         time.Time `json:"at,omitzero"`
	ReviewedBy string    `json:"reviewed_by,omitempty"`
	ReviewedAt time.Time `json:"reviewed_at,omitzero"`
}

// Judge is the adviser's verdict, with the rights as the adviser reads them. A
// "no request" goes to review.
func (r *Request) Judge(v Verdict, by string, now time.Time, keys ...Key) error {
	if r.State != Suggested || r.Recognition == nil {
		return ErrState
	}
	r.Recognition.Verdict, r.Recognition.By, r.Recognition.At = v, by, now
	if v == IsRequest && len(keys) > 0 {
		r.Items = nil
		r.Ask(keys...)
	}
	r.settle(now)
	return nil
}

// Look is the review of an adviser's "no request" by somebody else.
func (r *Request) Look(v Verdict, by string, now time.Time) error {
	switch {
	case r.State != Review:
		return ErrState
	case by == r.Recognition.By:
		return ErrOwnReview
	}
	r.Recognition.ReviewedBy, r.Recognition.ReviewedAt, r.Recognition.Verdict = by, now, v
	r.settle(now)
	return nil
}

// Representative acts for the person: a lawyer, a parent, a guardian.
type Representative struct {
	Name      string    `json:"name"`
	Authority string    `json:"authority"` // what was shown: "power of attorney of …", a court's decision
	CheckedBy string    `json:"checked_by,omitempty"`
	CheckedAt time.Time `json:"checked_at,omitzero"`
}

// CheckAuthority notes that a named person saw the proof of authority. The proof
// itself is not copied into the file.
func (r *Request) CheckAuthority(by string, now time.Time) error {
	if r.Representative == nil || r.Representative.Authority == "" {
		return ErrAuthority
	}
	r.Representative.CheckedBy, r.Representative.CheckedAt = by, now
	r.prove(now)
	r.settle(now)
	return nil
}

// represented reports whether whoever acts may act.
func (r *Request) represented() bool {
	return r.Representative == nil || r.Representative.CheckedBy != ""
}
