package dsar

import (
	"slices"
	"time"
)

// Decision on one item, by a named officer.
type Decision struct {
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason,omitempty"` // key of a text of the pack; words in Request.Words
	Ground  string    `json:"ground,omitempty"` // of the pack's list for the right: of erasure, restriction, or a refusal
	Clause  string    `json:"clause,omitempty"` // of the pack
}

// Advice of the data protection officer in this case.
type Advice struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Item string    `json:"item,omitempty"` // Key.String; empty: the case as a whole
}

// Complaint to the supervisory authority (GDPR art. 77; K24).
type Complaint struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"` // when it reached us
	EnteredBy   string    `json:"entered_by"`
	ForwardedAt time.Time `json:"forwarded_at,omitzero"` // with the file
	LetterID    string    `json:"letter_id,omitempty"`
}

// Choice is what a decision is held against.
type Choice struct {
	Terms   Outcome  // of the pack for this right and scope; "" where it says nothing
	Grounds []string // the pack's list, where the outcome needs a ground from it
}

// Decide takes an officer's decision on one item. A grant waits for proof of
// identity, unless the request only ends direct marketing (P11); where the terms
// limit a right, a grant is limited.
func (r *Request) Decide(k Key, d Decision, c Choice) error {
	i := r.Item(k)
	switch {
	case d.By == "":
		return ErrNeedsPerson
	case i == nil:
		return ErrItem
	case i.State == InDispute || i.State == Transferred:
		return ErrNotOurs
	case i.State != Asked || i.Decision != nil && i.Result != Impossible:
		return ErrDecided
	case r.State == Suggested || r.State == Review || r.State.Closed():
		return ErrState
	case r.advised(d.By):
		return ErrBothRoles
	case d.Outcome == Refused && d.Reason == "":
		return ErrReason
	case d.Outcome != Refused && !r.represented():
		return ErrAuthority
	case d.Outcome != Refused && r.Identity.Pending():
		return ErrUnproved
	case d.Outcome != Refused && c.Terms == Refused:
		return ErrByTerms
	case len(c.Grounds) > 0 && !slices.Contains(c.Grounds, d.Ground):
		return ErrGround
	}
	if d.Outcome == Granted && c.Terms == Limited {
		d.Outcome = Limited
	}
	i.Decision, i.Result, i.State = &d, "", ToDo
	if d.Outcome == Refused {
		i.State = Final
	}
	r.settle(d.At)
	return nil
}

// CarriedOut takes what became of a granted item. It reports whether that was
// news. One that proved impossible is for the officer to decide anew.
func (r *Request) CarriedOut(k Key, res Result, now time.Time) (bool, error) {
	i := r.Item(k)
	switch {
	case i == nil:
		return false, ErrItem
	case i.State != ToDo || res == Waiting && (i.Erasing == nil || i.Result == Waiting):
		return false, nil
	}
	i.Result, i.CarriedAt, i.State = res, now, Final
	switch res {
	case Impossible:
		i.State, i.Erasing = Asked, nil
	case Waiting:
		i.State = ToDo
	}
	r.settle(now)
	return true, nil
}

// Advise records that the data protection officer advised.
func (r *Request) Advise(a Advice) error {
	switch {
	case r.State.Closed():
		return ErrState
	case r.decided(a.By):
		return ErrBothRoles
	}
	r.Advice = append(r.Advice, a)
	return nil
}

func (r *Request) advised(by string) bool {
	return slices.ContainsFunc(r.Advice, func(a Advice) bool { return a.By == by })
}

// decided reports whether somebody took a decision in this case.
func (r *Request) decided(by string) bool {
	return r.Clock.Extension != nil && r.Clock.Extension.By == by ||
		slices.ContainsFunc(r.Items, func(i Item) bool { return i.Decision != nil && i.Decision.By == by })
}

// Complain registers a complaint to the authority about an answer, or about its
// absence. It is forwarded with the file, whatever we think of it.
func (r *Request) Complain(c Complaint) error {
	if r.State == Suggested || r.State == Review {
		return ErrState
	}
	r.Complaints = append(r.Complaints, c)
	return nil
}

// WordsOf names what stands in Words: of a decision by its item, "extension",
// "advice.N", "complaint.ID".
func WordsOf(what, which string) string {
	if which == "" {
		return what
	}
	return what + "." + which
}

// Say keeps words under a name.
func (r *Request) Say(name, words string) {
	if words == "" {
		return
	}
	if r.Words == nil {
		r.Words = map[string]string{}
	}
	r.Words[name] = words
}
