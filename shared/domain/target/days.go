package target

import (
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/period"
)

// Days is a length by the calendar from an instant on, such as the seven days of
// saopnet 8.2 (S05). Whole days of a pause move its end (rules B2.10).
type Days struct {
	Start    time.Time
	Term     period.Term
	Calendar period.Calendar
	Pauses   []Pause // as Target's
}

// End implements Course: local midnight after the last day, UTC.
func (d Days) End() (time.Time, bool, error) {
	closed, open := d.rests()
	end, err := closed.(Days).end()
	if err != nil || !open {
		return end, err == nil, err
	}
	return end, !end.After(d.Pauses[len(d.Pauses)-1].Start), nil
}

func (d Days) end() (time.Time, error) {
	pauses := make([]period.Pause, len(d.Pauses))
	for i, p := range d.Pauses {
		if p.End.IsZero() {
			return time.Time{}, ErrPauses
		}
		pauses[i] = period.Pause{From: p.Start, To: p.End, Law: "pause while the person must answer"}
	}
	r, err := d.Term.From(d.Calendar, d.Start, pauses...)
	return r.End.UTC(), err
}

func (d Days) rests() (Course, bool) {
	n := len(d.Pauses)
	if n == 0 || !d.Pauses[n-1].End.IsZero() {
		return d, false
	}
	d.Pauses = d.Pauses[: n-1 : n-1]
	return d, true
}

// stages are the warnings at shares of the time between.
func (d Days) stages(end time.Time, warn []float64) ([]deadline.Stage, error) {
	all := deadline.New(deadline.Ref{}, "", d.Start, end, warn...).Stages
	return all[:len(all)-1], nil
}
