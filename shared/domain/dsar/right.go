package dsar

import (
	"errors"
	"fmt"
	"slices"
)

// Right is what a person may ask for (GDPR arts. 7(3), 13 to 22; K22 a to h). The
// values are those of a policy pack's competence table.
type Right string

// Rights.
const (
	Information   Right = "information"   // arts. 13, 14; K22 a
	Access        Right = "access"        // art. 15; b
	Rectification Right = "rectification" // art. 16; c
	Erasure       Right = "erasure"       // art. 17; d
	Restriction   Right = "restriction"   // art. 18; e
	NotifyOthers  Right = "notify_others" // art. 19; f
	Objection     Right = "objection"     // art. 21; g
	NoAutomation  Right = "no_automation" // art. 22; h
	Portability   Right = "portability"   // art. 20
	Withdrawal    Right = "withdrawal"    // art. 7(3)
)

// Rights are all of them.
var Rights = []Right{Information, Access, Rectification, Erasure, Restriction, NotifyOthers, Objection, NoAutomation, Portability, Withdrawal}

// Validate reports whether r is one of the set.
func (r Right) Validate() error { return oneOf("right", r, Rights...) }

// Scope is what data a right is asked over.
type Scope string

// Scopes: the person's data, and the processing log about the person (K23).
const (
	Data       Scope = "data"
	AuditTrail Scope = "audit_trail"
)

// Validate reports whether s is one of the two.
func (s Scope) Validate() error { return oneOf("scope", s, Data, AuditTrail) }

// Outcome is how an item was decided.
type Outcome string

// Outcomes. Limited: granted as far as the pack's method reaches.
const (
	Granted Outcome = "granted"
	Limited Outcome = "limited"
	Refused Outcome = "refused"
)

// Validate reports whether o is one of the three.
func (o Outcome) Validate() error { return oneOf("outcome", o, Granted, Limited, Refused) }

// Result is what became of a granted item when it was carried out.
type Result string

// Results.
const (
	Done       Result = "done"
	Partly     Result = "partly"     // something stays: the answer says what, why and until when
	Waiting    Result = "waiting"    // of an erasure: the rest goes once a hold, another request or a restriction has ended
	Nothing    Result = "nothing"    // there was nothing to do
	Impossible Result = "impossible" // it could not be done: the officer decides anew
)

// Validate reports whether r is one of the five.
func (r Result) Validate() error {
	return oneOf("result", r, Done, Partly, Waiting, Nothing, Impossible)
}

// The reasons for which a step is refused.
var (
	ErrState       = errors.New("the request is not in a state that allows this")
	ErrItem        = errors.New("the request does not ask for this right over this scope")
	ErrDecided     = errors.New("this right has been decided")
	ErrNotOurs     = errors.New("another controller answers this right")
	ErrUnproved    = errors.New("nobody has proved yet to be the person concerned")
	ErrBothRoles   = errors.New("whoever advised in a case can't decide it, and the other way round")
	ErrReason      = errors.New("a refusal or extension needs a reason")
	ErrGround      = errors.New("the ground is none of those that the terms list")
	ErrByTerms     = errors.New("the terms do not let this right be granted over this scope")
	ErrTooLate     = errors.New("the limit for this step has passed")
	ErrTwice       = errors.New("this has been done already")
	ErrAuthority   = errors.New("a representative acts with proof of authority only")
	ErrOwnReview   = errors.New("a review is for another person than the one reviewed")
	ErrNoHandover  = errors.New("there is no such hand-over")
	ErrTooMany     = errors.New("too many attempts or claims in one request")
	ErrNeedsPerson = errors.New("only a named person can take this step")
)

func oneOf[T ~string](what string, v T, set ...T) error {
	if slices.Contains(set, v) {
		return nil
	}
	return fmt.Errorf("dsar: unknown %s", what)
}
