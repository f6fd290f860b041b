package retention

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// OfferState is where an offer of archival material stands.
type OfferState string

const (
	OfferMade     OfferState = "offered"     // the archive has until AnswerBy
	OfferSilent   OfferState = "unanswered"  // it let that time pass
	OfferDeclined OfferState = "declined"    // it wants none
	OfferAccepted OfferState = "accepted"    // it wants some, which wait to be handed over
	OfferHanded   OfferState = "handed_over" // they were, against a receipt
)

// OfferStates is the closed set.
var OfferStates = []OfferState{OfferMade, OfferSilent, OfferDeclined, OfferAccepted, OfferHanded}

// Validate reports whether s is one of the set.
func (s OfferState) Validate() error {
	if !slices.Contains(OfferStates, s) {
		return fmt.Errorf("retention: unknown state of an offer")
	}
	return nil
}

// Offered is one case in an offer: what the archive chooses by, and nothing that
// the person or an adviser wrote.
type Offered struct {
	ID       string    `json:"id"`
	Number   string    `json:"number"`
	Kind     string    `json:"kind"`  // of ticket
	Class    string    `json:"class"` // of person
	Service  string    `json:"service,omitempty"`
	ReportAt time.Time `json:"report_at"` // UTC
	Wanted   bool      `json:"wanted,omitempty"`
}

// Offer is public archival material that is about to be made anonymous or
// deleted and is offered to the archive first, where the pack says so (ZVDAGA;
// rules K23, A8). It holds no personal data.
type Offer struct {
	ID       string     `json:"id" data:"technical"`
	Archive  string     `json:"archive" data:"technical"` // party id of the pack
	Clause   string     `json:"clause" data:"technical"`
	State    OfferState `json:"state" data:"technical"`
	MadeAt   time.Time  `json:"made_at" data:"technical"`
	AnswerBy time.Time  `json:"answer_by" data:"technical"` // UTC, exclusive: from then on silence is no
	Items    []Offered  `json:"items" data:"technical"`

	AnsweredBy string    `json:"answered_by,omitempty" data:"technical"` // opaque id of the officer who noted it
	AnsweredAt time.Time `json:"answered_at,omitzero" data:"technical"`
	Reference  string    `json:"reference,omitempty" data:"technical"` // of the archive's letter: a code
	Taken      Taken     `json:"taken,omitzero" data:"technical"`      // how far what is wanted was taken
	HandedBy   string    `json:"handed_by,omitempty" data:"technical"`
	HandedAt   time.Time `json:"handed_at,omitzero" data:"technical"`
	Receipt    string    `json:"receipt,omitempty" data:"technical"` // the archive's number of accession: a code
}

// MaxOffered is how many cases one offer lists.
const MaxOffered = 40

// OfferLimit is the name of the limit by which the archive answers.
const OfferLimit = "archive.answer"

// The reasons for which a step of an offer is refused.
var (
	ErrOfferState = errors.New("the offer is not in a state for that")
	ErrNotOffered = errors.New("what is wanted is not in the offer")
	ErrNotHanded  = errors.New("not all that is wanted has been taken, or the digest is another")
)

// Add puts a case into an offer. It reports whether there was room.
func (o *Offer) Add(it Offered) bool {
	if len(o.Items) >= MaxOffered {
		return false
	}
	o.Items = append(o.Items, it)
	return true
}

// Answer notes which cases the archive wants; none: it declines. After its time
// an answer is too late: what was offered may have gone.
func (o *Offer) Answer(wanted []string, reference, by string, now time.Time) error {
	if o.State != OfferMade || !now.Before(o.AnswerBy) {
		return ErrOfferState
	}
	for _, id := range wanted {
		if !slices.ContainsFunc(o.Items, func(it Offered) bool { return it.ID == id }) {
			return ErrNotOffered
		}
	}
	o.State = OfferDeclined
	for i := range o.Items {
		if slices.Contains(wanted, o.Items[i].ID) {
			o.Items[i].Wanted, o.State = true, OfferAccepted
		}
	}
	o.AnsweredBy, o.AnsweredAt, o.Reference = by, now.UTC(), reference
	return nil
}

// Lapse notes that the time to answer has passed in silence. It reports whether
// that changed anything.
func (o *Offer) Lapse(now time.Time) bool {
	if o.State != OfferMade || now.Before(o.AnswerBy) {
		return false
	}
	o.State = OfferSilent
	return true
}

// Wanted lists the cases that the archive wants, in the order of the offer.
func (o *Offer) Wanted() (ids []string) {
	for _, it := range o.Items {
		if it.Wanted {
			ids = append(ids, it.ID)
		}
	}
	return ids
}

// Hand notes that the archive has what it wanted: digest is what it has computed
// over all that was taken.
func (o *Offer) Hand(receipt, digest, by string, now time.Time) error {
	switch {
	case o.State != OfferAccepted:
		return ErrOfferState
	case !o.Taken.All || digest != o.Taken.Digest:
		return ErrNotHanded
	}
	o.State, o.HandedBy, o.HandedAt, o.Receipt = OfferHanded, by, now.UTC(), receipt
	return nil
}

// Free reports whether a case of the offer may be made anonymous or deleted at an
// instant: the archive does not want it, did not answer in time, or has it.
func (o *Offer) Free(id string, now time.Time) bool {
	switch o.State {
	case OfferMade:
		return !now.Before(o.AnswerBy)
	case OfferAccepted:
		return !slices.Contains(o.Wanted(), id)
	}
	return true
}

// Offering is where a case was offered. Its ID is the case's.
type Offering struct {
	ID      string `json:"id" data:"technical"`
	OfferID string `json:"offer_id" data:"technical"`
}
