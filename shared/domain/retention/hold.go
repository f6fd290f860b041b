package retention

import (
	"errors"
	"slices"
	"time"
)

// Scope says what a hold keeps. What is given must all fit: persons and a time
// keep what these persons have of that time. At least one must be given.
type Scope struct {
	Subjects []string  `json:"subjects,omitempty"` // ids of persons
	Cases    []string  `json:"cases,omitempty"`    // ids of tickets
	From     time.Time `json:"from,omitzero"`      // of the date from which retention runs, UTC
	To       time.Time `json:"to,omitzero"`        // exclusive
}

// Empty reports whether nothing is given.
func (s Scope) Empty() bool {
	return len(s.Subjects) == 0 && len(s.Cases) == 0 && s.From.IsZero() && s.To.IsZero()
}

// Bounds of a hold.
const (
	MaxScope = 200                  // persons and cases in one hold
	MaxHolds = 200                  // in force at once for a tenant
	MaxHold  = 366 * 24 * time.Hour // until it must be set anew, by two persons
	AskedFor = 72 * time.Hour       // what is asked for holds so long, until the second person has decided
)

// HoldState is where a hold stands.
type HoldState string

const (
	HoldAsked   HoldState = "asked"   // by one person: holds for AskedFor, since what is gone does not come back
	HoldSet     HoldState = "set"     // confirmed by another
	HoldLifting HoldState = "lifting" // one person asked for its end: it still holds
	HoldLifted  HoldState = "lifted"  // another one agreed
)

// Hold is a matter for which data are kept beyond their term (P15: claims; L08).
// Two persons set it and two lift it; it ends by itself, visibly, at ExpiresAt.
type Hold struct {
	ID        string    `json:"id" data:"technical"`
	Matter    string    `json:"matter" data:"technical"` // reference of the file: a code, no words about a person
	Scope     Scope     `json:"scope" data:"technical"`
	State     HoldState `json:"state" data:"technical"`
	AskedBy   string    `json:"asked_by" data:"technical"` // opaque ids of officers
	AskedAt   time.Time `json:"asked_at" data:"technical"`
	SetBy     string    `json:"set_by,omitempty" data:"technical"`
	SetAt     time.Time `json:"set_at,omitzero" data:"technical"`
	LiftBy    string    `json:"lift_by,omitempty" data:"technical"` // who asked for its end
	LiftAt    time.Time `json:"lift_at,omitzero" data:"technical"`
	LiftedBy  string    `json:"lifted_by,omitempty" data:"technical"`
	LiftedAt  time.Time `json:"lifted_at,omitzero" data:"technical"`
	ExpiresAt time.Time `json:"expires_at" data:"technical"`
}

// The reasons for which a step of a hold is refused.
var (
	ErrSameEyes  = errors.New("another person than the one who asked must decide")
	ErrHoldState = errors.New("the hold is not in a state for that")
	ErrHoldSpan  = errors.New("a hold ends within 366 days, and not in the past")
	ErrNoScope   = errors.New("a hold names persons, cases or a time, and at most 200 of them")
	ErrHoldCount = errors.New("too many holds are in force at once")
)

// Ask begins a hold.
func Ask(id, matter string, s Scope, expires time.Time, by string, now time.Time) (*Hold, error) {
	switch {
	case s.Empty() || len(s.Subjects)+len(s.Cases) > MaxScope || !s.To.IsZero() && !s.From.Before(s.To):
		return nil, ErrNoScope
	case !expires.After(now) || expires.Sub(now) > MaxHold:
		return nil, ErrHoldSpan
	}
	return &Hold{ID: id, Matter: matter, Scope: s, State: HoldAsked, AskedBy: by, AskedAt: now, ExpiresAt: expires.UTC()}, nil
}

// Set confirms it, by another person.
func (h *Hold) Set(by string, now time.Time) error {
	switch {
	case h.State != HoldAsked || !h.InForce(now):
		return ErrHoldState
	case by == h.AskedBy:
		return ErrSameEyes
	}
	h.State, h.SetBy, h.SetAt = HoldSet, by, now
	return nil
}

// AskLift asks for the end of a hold. It goes on until somebody else agrees.
func (h *Hold) AskLift(by string, now time.Time) error {
	if h.State != HoldSet && h.State != HoldAsked || !h.InForce(now) {
		return ErrHoldState
	}
	h.State, h.LiftBy, h.LiftAt = HoldLifting, by, now
	return nil
}

// Lift ends it, by another person than the one who asked for that.
func (h *Hold) Lift(by string, now time.Time) error {
	switch {
	case h.State != HoldLifting || !h.InForce(now):
		return ErrHoldState
	case by == h.LiftBy:
		return ErrSameEyes
	}
	h.State, h.LiftedBy, h.LiftedAt = HoldLifted, by, now
	return nil
}

// EndsAt is when the hold ends by itself: what is only asked for ends soon.
func (h *Hold) EndsAt() time.Time {
	if h.SetAt.IsZero() {
		if soon := h.AskedAt.Add(AskedFor); soon.Before(h.ExpiresAt) {
			return soon
		}
	}
	return h.ExpiresAt
}

// InForce reports whether the hold keeps data at an instant.
func (h *Hold) InForce(now time.Time) bool { return h.State != HoldLifted && now.Before(h.EndsAt()) }

// Active is a hold as decisions see it.
type Active struct {
	ID        string    `json:"id"`
	Scope     Scope     `json:"scope"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Covers reports whether the hold keeps a person's part of a record whose
// retention runs since the given instant. What has no date is kept for its
// person or case, and not for a time alone.
func (a Active) Covers(subject, ticket string, since, now time.Time) bool {
	s := a.Scope
	if !now.Before(a.ExpiresAt) {
		return false
	}
	if len(s.Subjects) > 0 && !slices.Contains(s.Subjects, subject) {
		return false
	}
	if len(s.Cases) > 0 && !slices.Contains(s.Cases, ticket) {
		return false
	}
	if since.IsZero() {
		return len(s.Subjects)+len(s.Cases) > 0
	}
	return (s.From.IsZero() || !since.Before(s.From)) && (s.To.IsZero() || since.Before(s.To))
}

// HoldList is what is in force for a tenant, in one record (ID HoldListID): every
// unit of work that erases reads it, so that none erases past a hold that was
// set meanwhile.
type HoldList struct {
	ID    string   `json:"id" data:"technical"`
	Holds []Active `json:"holds,omitempty" data:"technical"`
}

// HoldListID is the one id of a HoldList.
const HoldListID = "all"

// Update takes over how a hold stands now, and lets go of what has ended.
func (s *HoldList) Update(h *Hold, now time.Time) error {
	s.ID = HoldListID
	s.Holds = slices.DeleteFunc(s.Holds, func(a Active) bool { return a.ID == h.ID || !now.Before(a.ExpiresAt) })
	if !h.InForce(now) {
		return nil
	}
	if len(s.Holds) >= MaxHolds {
		return ErrHoldCount
	}
	s.Holds = append(s.Holds, Active{ID: h.ID, Scope: h.Scope, ExpiresAt: h.EndsAt()})
	return nil
}
