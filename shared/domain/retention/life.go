package retention

import "time"

// Life is what one record says of itself and of one person in it.
type Life struct {
	Store   string    // policy.System: platform, desk, product
	Of      string    // class of person
	Class   string    // retention class
	Subject string    // whose data; "" of what names nobody
	Since   time.Time // the instant its period runs from, UTC; zero: it has not come

	// ByStatus: found by what the person is now, not by Since (K13). It has no
	// entry in the index.
	ByStatus bool

	// Services are those that it is about: an agreement that covers one may have a
	// term of its own. "" is no service, whose terms are the general ones, and so
	// are those of a record that names none.
	Services []string
}

// Anonymous owns what has been anonymised: no person, and no person's key.
const Anonymous = "~anonymous"

// Part names a record that goes with another one.
type Part struct{ Kind, ID string }

// Acts: what a rule asks for, a pack's actions (policy.Action), and Empty, which
// only an erasure on request knows.
const (
	Anonymise   = "anonymise"
	Delete      = "delete"
	ReturnErase = "return_erase" // given back first, then erased (L08)
	Empty       = "empty"        // its files go, the record stays: a copy that was handed over, in the file of a request
)

// Triggers that need more than a record's own date (policy.Trigger).
const (
	InactiveSince = "inactive_since" // of the servant, continuously (K13)
)

// Servant is the status of a public servant, as the register of staff reports it
// (K13). Its ID is the person's. Status INACTIVE stands in for the end of
// employment; the source's event carries the instant from which it holds.
type Servant struct {
	ID          string    `json:"id" data:"technical"`
	Active      bool      `json:"active" data:"technical"`
	EffectiveAt time.Time `json:"effective_at" data:"technical"` // of Active, UTC
}

// Report takes a status in. Reports come in any order: the one with the latest
// effective instant holds, and of two at one instant the one that says active,
// which keeps data longer. A repeated "inactive" does not move the date from
// which the person has been inactive without a break; reactivation does away
// with it. It reports whether anything changed.
func (s *Servant) Report(active bool, effective time.Time) bool {
	effective = effective.UTC()
	switch {
	case s.EffectiveAt.IsZero():
	case effective.Before(s.EffectiveAt):
		if active || s.Active {
			return false // an older fact: what came later holds
		}
		// Both inactive, and the older report tells of an earlier day. Whether
		// the person was active in between is not known: the later day keeps
		// data longer, and stands.
		return false
	case effective.Equal(s.EffectiveAt):
		if s.Active || !active {
			return false
		}
	case !active && !s.Active:
		return false // still inactive: the period goes on
	}
	s.Active, s.EffectiveAt = active, effective
	return true
}

// InactiveSince is the instant since which the servant has been inactive
// without a break; zero while active, or unknown.
func (s *Servant) InactiveSince() time.Time {
	if s.Active {
		return time.Time{}
	}
	return s.EffectiveAt
}
