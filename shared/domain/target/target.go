// Package target is a response or resolution target (K01, S05): so many hours of
// the service's opening hours from the report on (Target), or so many days by the
// calendar (Days), which stand still while the person must answer. Settle brings
// the deadline.Limit of one in line with what has happened, with warnings before
// and at the end.
//
// Pure: values in, values out, no clock and no I/O.
package target

import (
	"errors"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/period"
)

// Pause is a time in which the person had to answer. End is zero while it lasts.
type Pause struct {
	Start time.Time `json:"start"`        // UTC, inclusive
	End   time.Time `json:"end,omitzero"` // UTC, exclusive
}

// Target is a length of working time from an instant on.
type Target struct {
	Start  time.Time
	Length time.Duration // of open time
	Hours  period.ServiceHours
	Pauses []Pause // rising and apart; only the last may be open
}

// ErrPauses says that pauses overlap, or lie before the start, or that one but
// the last has no end.
var ErrPauses = errors.New("target: pauses must be rising, apart and ended, but for the last")

// Used is how much of the length has passed at an instant: open time without the
// pauses. It never exceeds the length.
func (t Target) Used(now time.Time) (time.Duration, error) {
	used, from := time.Duration(0), t.Start
	for i, p := range t.Pauses {
		if p.Start.Before(from) || p.End.IsZero() && i < len(t.Pauses)-1 || !p.End.IsZero() && p.End.Before(p.Start) {
			return 0, ErrPauses
		}
		if !now.After(p.Start) {
			break
		}
		used += t.Hours.WorkingBetween(from, p.Start)
		if p.End.IsZero() || now.Before(p.End) {
			return min(used, t.Length), nil
		}
		from = p.End
	}
	return min(used+t.Hours.WorkingBetween(from, now), t.Length), nil
}

// End is when the length has passed, UTC, by the pauses that are known. ok is false
// while a pause lasts: there is no end then, unless the length had passed before.
func (t Target) End() (end time.Time, ok bool, err error) {
	return t.at(t.Length)
}

// At is when a share of the length (0 to 1) has passed: a warning.
func (t Target) At(share float64) (at time.Time, ok bool, err error) {
	return t.at(time.Duration(float64(t.Length) * share))
}

// at is when a length of open time outside the pauses has passed.
func (t Target) at(length time.Duration) (time.Time, bool, error) {
	left, from := length, t.Start
	for i, p := range t.Pauses {
		if p.Start.Before(from) || p.End.IsZero() && i < len(t.Pauses)-1 || !p.End.IsZero() && p.End.Before(p.Start) {
			return time.Time{}, false, ErrPauses
		}
		end, err := t.Hours.AddWorking(from, left)
		if err != nil {
			return time.Time{}, false, err
		}
		if !end.After(p.Start) {
			return end.UTC(), true, nil
		}
		if p.End.IsZero() {
			return time.Time{}, false, nil
		}
		left, from = left-t.Hours.WorkingBetween(from, p.Start), p.End
	}
	end, err := t.Hours.AddWorking(from, left)
	return end.UTC(), err == nil, err
}

// rests reports whether a pause lasts, and is the target up to its beginning.
func (t Target) rests() (Course, bool) {
	n := len(t.Pauses)
	if n == 0 || !t.Pauses[n-1].End.IsZero() {
		return t, false
	}
	t.Pauses = t.Pauses[: n-1 : n-1]
	return t, true
}

// stages are the warnings at shares of the working time, not of the time by the
// clock.
func (t Target) stages(_ time.Time, warn []float64) ([]deadline.Stage, error) {
	var out []deadline.Stage
	for _, share := range warn {
		at, _, err := t.At(share)
		if err != nil {
			return nil, err
		}
		out = append(out, deadline.Stage{Name: deadline.Warning(share), At: at})
	}
	return out, nil
}
