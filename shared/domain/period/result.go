package period

import (
	"errors"
	"slices"
	"time"
)

// ErrNoLimit says that the earliest of no limits was asked for.
var ErrNoLimit = errors.New("period: the earliest of no limits")

// Result is a limit with its reasons; its JSON form is the line that
// `okence due` prints. Instants are in the local zone of the jurisdiction,
// RFC 3339 with offset; fields that a kind of limit does not use are omitted.
//
//   - Days, months, years: LastDay is the last day, End the local midnight
//     after it (exclusive).
//   - Hours: End is the instant of expiry, LastDay is absent.
//   - Notices counted backward: LastDay is the last permitted day, End the
//     midnight after it; counted in hours, End is the last permitted instant.
//   - Retention: LastDay is the last day of retention, End the first instant
//     out of it. A maximum: End is the instant before which data must be gone.
//   - Opening hours: End is the next open instant, LastDay is absent.
type Result struct {
	CaseID       string       `json:"case_id,omitempty"` // set by the caller, never interpreted
	Jurisdiction Jurisdiction `json:"jurisdiction"`
	Rule         Rule         `json:"rule,omitempty"` // absent for a term of a pack
	Start        time.Time    `json:"start"`
	End          time.Time    `json:"end"`
	LastDay      Date         `json:"last_day,omitzero"`
	UnrolledDay  Date         `json:"unrolled_day,omitzero"` // the last day before roll-over
	UnpausedDay  Date         `json:"unpaused_day,omitzero"` // LastDay as it was without pauses; absent when there were none
	Steps        []Step       `json:"steps"`
}

// Step is one reason: the article or clause, what it did in words, and the
// instant that stood after it.
type Step struct {
	Law  string    `json:"law"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Expired reports whether the limit has run out at t. End is exclusive, so it
// has at End itself.
func (r Result) Expired(t time.Time) bool { return !t.Before(r.End) }

func (r *Result) step(law, text string, at time.Time) {
	r.Steps = append(r.Steps, Step{law, text, at})
}

// EarliestOf returns the limit that ends first, the first of the list when
// several end together, with one step more that names the rejected ends. So a
// Slovak request is due at the earliest of SK_DSAR_30D and DSAR_1M, and data
// obtained indirectly are told by the earliest of ART14_1M, first contact and
// disclosure (GDPR art. 14(3)), the latter two made by [Fixed]. law names the
// provision that says so. The results given are not changed. Error:
// [ErrNoLimit].
func EarliestOf(law string, limits ...Result) (Result, error) {
	if len(limits) == 0 {
		return Result{}, ErrNoLimit
	}
	first := slices.MinFunc(limits, func(a, b Result) int { return a.End.Compare(b.End) })
	text := "earliest of"
	for i, r := range limits {
		if i > 0 {
			text += ","
		}
		text += " " + r.label() + " " + r.End.Format(time.RFC3339)
	}
	first.Steps = slices.Clone(first.Steps)
	first.step(law, text+": "+first.label()+" counts", first.End)
	return first, nil
}

func (r Result) label() string {
	if r.Rule != "" {
		return string(r.Rule)
	}
	if len(r.Steps) > 0 {
		return r.Steps[0].Law
	}
	return "limit"
}

// Fixed returns a limit that stands at a known instant, such as the first
// communication with the person, for use in [EarliestOf].
func Fixed(cal Calendar, start, end time.Time, law, text string) Result {
	loc := cal.Location()
	r := Result{Jurisdiction: cal.Jurisdiction(), Start: start.In(loc), End: end.In(loc)}
	r.step(law, text, r.End)
	return r
}
