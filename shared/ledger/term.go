package ledger

import (
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/policy"
)

// early is how long before a maximum its entries go, so that a sweep that fails
// can be repeated in time (K16: at most six months; purged before the limit, not
// the day after).
const early = 24 * time.Hour

// TermOf is what a pack says about the log: its log of each class, in its own
// country's calendar. A log without a period of its own never ends by time.
func TermOf(t *policy.Terms) (Term, error) {
	cal, err := t.Calendar()
	if err != nil {
		return nil, err
	}
	return func(class audit.Class, at time.Time) (time.Time, bool, error) {
		l := t.LogFor(policy.RetentionClass(class))
		if l.Trigger != policy.TicketEnd && l.Period.IsZero() {
			return time.Time{}, false, nil // the pack does not know such a log: kept
		}
		term, ends, err := l.Term()
		if err != nil || !ends {
			return time.Time{}, false, err
		}
		r, err := term.From(cal, at)
		if err != nil {
			return time.Time{}, false, err
		}
		if l.Bound == policy.Before {
			r.End = r.End.Add(-early)
		}
		return r.End.UTC(), true, nil
	}, nil
}
