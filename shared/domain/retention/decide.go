package retention

import (
	"fmt"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

// Rule is a row of a pack's retention schedule, ready to be applied.
type Rule struct {
	ID      string // in the pack
	Store   string
	Of      string // class of person; Anyone for all
	Class   string // retention class
	Trigger string
	Act     string
	Term    period.Term
	AtOnce  bool // no period: as soon as the trigger has come
	Clause  string
}

// Anyone is the class of person of a rule for all (policy.Anyone).
const Anyone = "anyone"

// End is the first instant at which data that run since the given instant are
// out of their retention. The anniversary of 29 February is 28 February; a
// period ends at local midnight after it (rules B2.8).
func (r *Rule) End(cal period.Calendar, since time.Time) (time.Time, error) {
	if r.AtOnce {
		return since.UTC(), nil
	}
	res, err := r.Term.From(cal, since)
	if err != nil {
		return time.Time{}, err
	}
	return res.End.UTC(), nil
}

// Cause is what stands in the way of an action that is due. The set is closed
// (A7: blocks before any action).
type Cause string

const (
	ByHold        Cause = "hold"        // a legal hold or claim (P15)
	ByRequest     Cause = "request"     // an open data-subject request
	ByRestriction Cause = "restriction" // art. 18 GDPR (P17, K22e)
	ByStatute     Cause = "statute"     // a longer term that the controller named (L08)
	ByArchive     Cause = "archive"     // public archival material that the archive has not answered for, or not taken over (ZVDAGA)
)

// Causes is the closed set.
var Causes = []Cause{ByHold, ByRequest, ByRestriction, ByStatute, ByArchive}

// Temporary reports whether c ends by a person's act or with a matter, so that
// what it keeps is waited for; a statutory term is a named exception instead.
func (c Cause) Temporary() bool {
	return c == ByHold || c == ByRequest || c == ByRestriction || c == ByArchive
}

// Validate reports whether c is one of the set.
func (c Cause) Validate() error {
	for _, known := range Causes {
		if c == known {
			return nil
		}
	}
	return fmt.Errorf("retention: unknown cause")
}

// Blocked is one thing that stands in the way.
type Blocked struct {
	Cause  Cause     `json:"cause"`
	Ref    string    `json:"ref,omitempty"`    // id of the hold or request
	Clause string    `json:"clause,omitempty"` // the article or clause
	Until  time.Time `json:"until,omitzero"`   // when it ends by itself
}

// Verdict is the decision for one person in one record.
type Verdict struct {
	Act     string    // "": nothing is due
	DueAt   time.Time // the first instant out of retention; zero if it does not run
	Blocks  []Blocked // with Act: what holds it back
	Warning string    // what does not hold it back and is told: "open_ticket"
	Rule    string
	Clause  string
}

// Free reports whether the action is to be done now.
func (v Verdict) Free() bool { return v.Act != "" && len(v.Blocks) == 0 }

// Facts are what is known beside the record itself.
type Facts struct {
	Guard      *Guard    // of the person; nil: nothing
	Restricted bool      // art. 18 GDPR
	Holds      []Active  // those in force for the tenant
	Servant    *Servant  // status; nil: never reported
	Case       string    // id of the ticket that the record belongs to
	Number     string    // of that ticket: a hold may name it by either
	Also       []Blocked // that stands in the way of this record alone: a controller's statutory term
	OpenTicket bool      // it is not closed: warns, and does not extend the term (A8)
	Now        time.Time // UTC
}

// Decide applies a rule to one person's part of a record.
func Decide(r *Rule, cal period.Calendar, l Life, f Facts) (Verdict, error) {
	v := Verdict{Rule: r.ID, Clause: r.Clause}
	since := l.Since
	if r.Trigger == InactiveSince {
		since = time.Time{}
		if f.Servant != nil {
			since = f.Servant.InactiveSince()
		}
	}
	if since.IsZero() {
		return v, nil
	}
	end, err := r.End(cal, since)
	if err != nil {
		return v, err
	}
	v.DueAt = end
	if f.Now.Before(end) {
		return v, nil
	}
	v.Act = r.Act
	v.Blocks = Blocks(l, f)
	if f.OpenTicket {
		v.Warning = "open_ticket"
	}
	return v, nil
}

// Blocks lists what stands in the way of any action on a person's part of a
// record, whatever its rule.
func Blocks(l Life, f Facts) []Blocked {
	var out []Blocked
	for _, h := range f.Holds {
		if h.Covers(l.Subject, f.Case, l.Since, f.Now) || f.Number != "" && h.Covers(l.Subject, f.Number, l.Since, f.Now) {
			out = append(out, Blocked{Cause: ByHold, Ref: h.ID, Clause: "GDPR art. 17(3)(e)", Until: h.ExpiresAt})
		}
	}
	if f.Restricted {
		out = append(out, Blocked{Cause: ByRestriction, Clause: "GDPR art. 18(2)"})
	}
	if f.Guard != nil {
		out = append(out, f.Guard.Blocks(l.Class, f.Now)...)
	}
	return append(out, f.Also...)
}
