package dsar

import (
	"slices"
	"time"
)

// Case is who answers, as the receiver sees it (K20; S12 and L06 for processors).
type Case string

// Cases.
const (
	Ours        Case = "ours"         // joint data, and we are competent
	Theirs      Case = "theirs"       // joint data, another joint controller is competent
	Unclear     Case = "unclear"      // joint data, and it is unclear who is
	NotJoint    Case = "not_joint"    // not jointly controlled: another controller's own
	AsProcessor Case = "as_processor" // we process for a controller, who answers
)

// Validate reports whether c is one of the set.
func (c Case) Validate() error { return oneOf("case", c, Ours, Theirs, Unclear, NotJoint, AsProcessor) }

// HandoverState is how far two controllers have come.
type HandoverState string

// States of a hand-over.
const (
	Sent     HandoverState = "sent"     // on its way; ReceiptAt says when it arrived
	Accepted HandoverState = "accepted" // the other has confirmed
	Disputed HandoverState = "disputed" // a meeting settles it; so does unclear competence begin
	Agreed   HandoverState = "agreed"   // both have named the same party
)

// Validate reports whether s is one of the set.
func (s HandoverState) Validate() error {
	return oneOf("hand-over state", s, Sent, Accepted, Disputed, Agreed)
}

// Handover is a request, or some of its items, passed between two controllers.
// Each side keeps one; the sender's id names it on both.
type Handover struct {
	ID     string        `json:"id"`
	Case   Case          `json:"case"`
	Party  string        `json:"party"`            // the other side: party id of the pack
	Other  string        `json:"other,omitempty"`  // the other side's id of the request, once known
	Keys   []Key         `json:"keys"`             // what is passed on
	Reason string        `json:"reason,omitempty"` // key of a text, or clause: told to the person
	At     time.Time     `json:"at"`
	State  HandoverState `json:"state"`

	ReceiptAt  time.Time `json:"receipt_at,omitzero"`  // when the other side had it
	AnswerAt   time.Time `json:"answer_at,omitzero"`   // accepted, disputed or agreed
	MeetingBy  time.Time `json:"meeting_by,omitzero"`  // of the tracked task
	Our        string    `json:"our,omitempty"`        // who is competent, in our view
	Their      string    `json:"their,omitempty"`      // and in theirs
	AnsweredAt time.Time `json:"answered_at,omitzero"` // the other side gave the person the final answer
}

// Origin is the hand-over that brought a request to us.
type Origin = Handover

// Rules say who answers, as the pack has it.
type Rules struct {
	Us         string // our party id
	Controller string // party id, where we are processor for the data; else ""
	Found      Case   // what a person found: NotJoint, Theirs or Unclear; "" leaves it to the table
	Party      string // whom Found names
	Reason     string // of Found
	// Competent is the pack's table: "" where it says nothing.
	Competent func(Key) string
}

// Route decides who answers what is Asked, and returns what is to be handed
// over: one hand-over for each other party and case. id makes their ids.
func (r *Request) Route(rules Rules, id func() string, now time.Time) []Handover {
	var out []Handover
	pass := func(i *Item, c Case, party, reason string) {
		at := slices.IndexFunc(out, func(h Handover) bool { return h.Case == c && h.Party == party })
		if at < 0 {
			h := Handover{ID: id(), Case: c, Party: party, Reason: reason, At: now, State: Sent}
			if c == Unclear {
				h.State = Disputed
			}
			out, at = append(out, h), len(out)
		}
		out[at].Keys = append(out[at].Keys, i.Key)
		i.By, i.Handover, i.State = party, out[at].ID, InDispute
		if c == NotJoint || c == AsProcessor {
			i.State, i.Closed = Transferred, true
		}
	}
	for n := range r.Items {
		i := &r.Items[n]
		if i.State != Asked {
			continue
		}
		by := rules.Competent(i.Key)
		switch {
		case rules.Controller != "":
			pass(i, AsProcessor, rules.Controller, "processor")
		case rules.Found != "" && rules.Found != Ours:
			pass(i, rules.Found, rules.Party, rules.Reason)
		case rules.Found == Ours || by == rules.Us || by == Granter:
			i.By = rules.Us
		case by == "" && rules.Party != "":
			pass(i, Unclear, rules.Party, "unclear")
		case by == "":
			i.By = rules.Us // nobody else is there
		default:
			pass(i, Theirs, by, "competence")
		}
	}
	r.Handovers = append(r.Handovers, out...)
	r.settle(now)
	return out
}

// Granter stands in a pack for whoever grants the right (K22 f).
const Granter = "granter"

// handover returns ours or the origin by id, or nil.
func (r *Request) handover(id string) *Handover {
	for i := range r.Handovers {
		if r.Handovers[i].ID == id {
			return &r.Handovers[i]
		}
	}
	if r.Origin != nil && r.Origin.ID == id {
		return r.Origin
	}
	return nil
}

// Handover is the hand-over of an id, or nil.
func (r *Request) Handover(id string) *Handover { return r.handover(id) }

// Arrive takes a request handed over by another controller: its items wait until
// we accept, unless it is ours alone (not joint data, or we are the controller
// of data that a processor holds).
func (r *Request) Arrive(h Handover, now time.Time) {
	h.ReceiptAt = now
	switch h.Case {
	case NotJoint, AsProcessor:
		h.State, h.AnswerAt = Accepted, now
	default:
		for n := range r.Items {
			r.Items[n].State, r.Items[n].Handover = InDispute, h.ID
		}
		if h.Case == Unclear {
			h.State = Disputed
		}
	}
	r.Origin = &h
	r.settle(now)
}

// Accept says that we answer what was handed to us (K20 3a).
func (r *Request) Accept(us string, now time.Time) error {
	h := r.Origin
	switch {
	case h == nil:
		return ErrNoHandover
	case h.State != Sent && h.State != Disputed:
		return ErrTwice
	}
	h.State, h.AnswerAt, h.Our = Accepted, now, us
	r.move(h, us, us, now)
	return nil
}

// Dispute says that we do not answer it: a meeting is to settle who does, by an
// instant.
func (r *Request) Dispute(our string, by, now time.Time) error {
	h := r.Origin
	switch {
	case h == nil:
		return ErrNoHandover
	case h.State != Sent:
		return ErrTwice
	}
	h.State, h.AnswerAt, h.Our, h.MeetingBy = Disputed, now, our, by
	r.settle(now)
	return nil
}

// Hear takes the other side's word on a hand-over of ours. other is its id of
// the request. It reports whether that was news.
func (r *Request) Hear(id string, s HandoverState, other string, meeting, now time.Time) (bool, error) {
	h := r.handover(id)
	switch {
	case h == nil:
		return false, ErrNoHandover
	case h.State == s || h.State == Accepted || h.State == Agreed:
		return false, nil
	}
	h.State, h.AnswerAt, h.MeetingBy = s, now, meeting
	if other != "" {
		h.Other = other
	}
	if s == Accepted {
		h.Their = h.Party
		r.move(h, h.Party, "", now)
	}
	r.settle(now)
	return true, nil
}

// Nominate is one side's word on who is competent: ours, or where by is the other
// party, theirs. It reports whether both now name the same: then that is settled,
// and the items go there.
func (r *Request) Nominate(id, us, by, competent string, now time.Time) (bool, error) {
	h := r.handover(id)
	switch {
	case h == nil:
		return false, ErrNoHandover
	case h.State != Disputed:
		return false, ErrState
	case competent != us && competent != h.Party:
		return false, ErrGround
	case by == us:
		h.Our = competent
	default:
		h.Their = competent
	}
	if h.Our != h.Their {
		return false, nil
	}
	h.State, h.AnswerAt = Agreed, now
	r.move(h, competent, us, now)
	return true, nil
}

// move gives the items of a hand-over to a party: to us to decide, or to the
// other. What came to us from the other and goes back is closed with us.
func (r *Request) move(h *Handover, to, us string, now time.Time) {
	for n := range r.Items {
		i := &r.Items[n]
		if i.Handover != h.ID || i.State != InDispute {
			continue
		}
		i.By = to
		if to == us {
			i.State, i.Handover = Asked, ""
		} else {
			i.State, i.Closed = Transferred, r.Origin == h
		}
	}
	r.settle(now)
}

// AnsweredElsewhere notes that the competent controller gave the final answer
// (K20 3c). It reports whether that was news.
func (r *Request) AnsweredElsewhere(id string, at, now time.Time) (bool, error) {
	h := r.handover(id)
	if h == nil {
		return false, ErrNoHandover
	}
	if !h.AnsweredAt.IsZero() {
		return false, nil
	}
	h.AnsweredAt = at
	for n := range r.Items {
		if i := &r.Items[n]; i.Handover == id && i.State == Transferred {
			i.Closed = true
		}
	}
	r.settle(now)
	return true, nil
}
