package period

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrPause says that a pause ends before it begins, begins before the event,
// or concerns a term that can't pause.
var ErrPause = errors.New("period: unlawful pause")

// Pause is a time during which a period does not run, such as doubt about a
// person's identity between the question and the answer (EDPB Guidelines
// 01/2022, section 5.3; whether it pauses at all is policy). For a pause that
// is still open, To is now.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Law  string    `json:"law,omitempty"` // empty is the EDPB section
}

// days counts the whole days in loc, from one time of the day to the same
// time: a pause of two hours over midnight is none. So the end never moves
// further than any reading allows.
func (p Pause) days(loc *time.Location) int {
	from, to := p.From.In(loc), p.To.In(loc)
	n := DateOf(from).DaysUntil(DateOf(to))
	if n > 0 && clock(to) < clock(from) {
		n--
	}
	return n
}

// clock is what a wall clock shows, as a length since 00:00.
func clock(t time.Time) time.Duration {
	h, m, s := t.Clock()
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second + time.Duration(t.Nanosecond())
}

// pause adds up whole days paused and writes a step for each. endAfter gives
// the end after so many days: a pause that begins when the period is over
// can't revive it and is named as ignored. Overlapping pauses count once.
func (r *Result) pause(pauses []Pause, endAfter func(days int) time.Time) (int, error) {
	loc := r.Start.Location()
	sorted := slices.Clone(pauses)
	slices.SortStableFunc(sorted, func(a, b Pause) int { return a.From.Compare(b.From) })
	total := 0
	for i, p := range merge(sorted) {
		if p.To.Before(p.From) {
			return 0, fmt.Errorf("%w: pause %d ends before it begins", ErrPause, i+1)
		}
		if p.From.Before(r.Start) {
			return 0, fmt.Errorf("%w: pause %d begins before the event", ErrPause, i+1)
		}
		law := p.Law
		if law == "" {
			law = edpbPause
		}
		if !p.From.Before(endAfter(total)) {
			r.step(law, "a pause that begins after the end changes nothing", p.From.In(loc))
			continue
		}
		total += p.days(loc)
		r.step(law, fmt.Sprintf("paused from %s to %s: the end moves by whole days, %d in all", p.From.In(loc).Format(time.RFC3339), p.To.In(loc).Format(time.RFC3339), total), endAfter(total))
	}
	return total, nil
}

// merge joins pauses, sorted by From, that overlap or touch. One that ends
// before it begins stays alone, for the caller to refuse.
func merge(sorted []Pause) []Pause {
	var merged []Pause
	for _, p := range sorted {
		if n := len(merged); n > 0 && !p.To.Before(p.From) && !p.From.After(merged[n-1].To) {
			if p.To.After(merged[n-1].To) {
				merged[n-1].To = p.To
			}
			continue
		}
		merged = append(merged, p)
	}
	return merged
}
