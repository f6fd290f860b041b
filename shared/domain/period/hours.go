package period

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrWeek says that a weekly schedule is empty, or that its spans overlap,
	// are out of order or leave the day.
	ErrWeek = errors.New("period: weekly schedule without a lawful span")
	// ErrNeverOpens says that no opening lies within ten years.
	ErrNeverOpens = errors.New("period: no opening within ten years")
	// ErrWorkingTime says that a working time is negative or too long to end.
	ErrWorkingTime = errors.New("period: working time is negative or never used up")
)

// Clock is a time of the day on a wall clock in minutes after midnight; 1440
// is the end of the day.
type Clock int

const endOfDay Clock = 24 * 60

// ParseClock reads "08:00"; "24:00" is the end of the day. The error is
// [ErrWeek].
func ParseClock(s string) (Clock, error) {
	if s == "24:00" {
		return endOfDay, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, fmt.Errorf("%w: a time is not of the form 08:00", ErrWeek)
	}
	return Clock(t.Hour()*60 + t.Minute()), nil
}

// String returns "08:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Span is a time of service within a day, open at From, closed at To.
type Span struct {
	From, To Clock
}

// Week is the weekly schedule, indexed by time.Weekday (Sunday is 0); the
// spans of a day stand in order and don't overlap. A service over midnight is
// two spans, one to 24:00 and one from 00:00.
type Week [7][]Span

// Weekdays is Monday to Friday from one time to another.
func Weekdays(from, to Clock) Week {
	var w Week
	for day := time.Monday; day <= time.Friday; day++ {
		w[day] = []Span{{from, to}}
	}
	return w
}

// Validate returns an error that wraps [ErrWeek] for a schedule that never
// opens or whose spans are not lawful.
func (w Week) Validate() error {
	open := false
	for day, spans := range w {
		last := Clock(-1)
		for _, s := range spans {
			if s.From < 0 || s.To > endOfDay || s.From >= s.To || s.From < last {
				return fmt.Errorf("%w: %s", ErrWeek, time.Weekday(day))
			}
			last, open = s.To, true
		}
	}
	if !open {
		return ErrWeek
	}
	return nil
}

// ServiceHours are the hours of a service: a weekly schedule, closed on the
// work-free days of a calendar. It is an immutable value. All its times are
// exact across both clock changes: a span that holds the missing hour is an
// hour shorter, one that holds the doubled hour an hour longer; a boundary
// inside the missing hour is the moment of the change, one inside the doubled
// hour opens at its first and closes at its second occurrence.
type ServiceHours struct {
	week Week
	cal  Calendar
}

// NewServiceHours returns the hours of a schedule. Errors: [ErrWeek],
// [ErrJurisdiction].
func NewServiceHours(week Week, cal Calendar) (ServiceHours, error) {
	if err := week.Validate(); err != nil {
		return ServiceHours{}, err
	}
	if err := cal.jurisdiction.Validate(); err != nil {
		return ServiceHours{}, err
	}
	for day, spans := range week {
		week[day] = append([]Span(nil), spans...)
	}
	return ServiceHours{week, cal}, nil
}

// opening is a span of one day as instants.
type opening struct {
	start, end time.Time
}

// on returns the openings of a date, in order and apart; none on a work-free
// day. A span that lies in the missing hour is none, and of two that meet in
// the doubled hour the first keeps it.
func (s ServiceHours) on(date Date) []opening {
	spans := s.week[date.Weekday()]
	if len(spans) == 0 {
		return nil
	}
	if _, free := s.cal.WorkFree(date); free {
		return nil
	}
	list := make([]opening, 0, len(spans))
	for _, span := range spans {
		o := opening{wall(date, span.From, s.cal.Location(), false), wall(date, span.To, s.cal.Location(), true)}
		if n := len(list); n > 0 && o.start.Before(list[n-1].end) {
			o.start = list[n-1].end
		}
		if o.start.Before(o.end) {
			list = append(list, o)
		}
	}
	return list
}

// wall returns the instant at which a wall clock shows c on a date: the
// moment of the change when it never does, the first or the second one when
// it does twice.
func wall(date Date, c Clock, loc *time.Location, second bool) time.Time {
	midnight := date.Start(loc)
	before := midnight.Add(time.Duration(c) * time.Minute)
	_, change := midnight.ZoneBounds()
	if change.IsZero() || change.After(date.AddDays(1).Start(loc)) {
		return before
	}
	_, old := midnight.Zone()
	_, new := change.Zone()
	after := before.Add(time.Duration(old-new) * time.Second)
	early, late := before.Before(change), !after.Before(change)
	switch {
	case early && late && second:
		return after
	case early:
		return before
	case late:
		return after
	default:
		return change
	}
}

// IsOpen reports whether the service is open at t; the end of a span is
// closed already.
func (s ServiceHours) IsOpen(t time.Time) bool {
	for _, o := range s.on(DateOf(t.In(s.cal.Location()))) {
		if !t.Before(o.start) && t.Before(o.end) {
			return true
		}
	}
	return false
}

// NextOpening returns t itself when the service is open, or else the start of
// the next opening, in the local zone. Error: [ErrNeverOpens], possible only
// when overrides close every day for ten years.
func (s ServiceHours) NextOpening(t time.Time) (time.Time, error) {
	t = t.In(s.cal.Location())
	first := DateOf(t)
	for n := range 3660 {
		for _, o := range s.on(first.AddDays(n)) {
			if t.Before(o.start) {
				return o.start, nil
			}
			if t.Before(o.end) {
				return t, nil
			}
		}
	}
	return time.Time{}, ErrNeverOpens
}

// WorkingBetween returns how long the service is open from a (inclusive) to b
// (exclusive), in elapsed time; 0 when b is not after a.
func (s ServiceHours) WorkingBetween(a, b time.Time) time.Duration {
	loc := s.cal.Location()
	var sum time.Duration
	last := DateOf(b.In(loc))
	for d := DateOf(a.In(loc)); !d.After(last); d = d.AddDays(1) {
		for _, o := range s.on(d) {
			start, end := o.start, o.end
			if start.Before(a) {
				start = a
			}
			if end.After(b) {
				end = b
			}
			if start.Before(end) {
				sum += end.Sub(start)
			}
		}
	}
	return sum
}

// AddWorking returns the earliest instant, in the local zone, by which d of
// open time has passed since start: a target of eight working hours set at
// 21:00 on a Friday falls on Monday. A target used up at the moment of closing
// ends there, not at the next opening; d = 0 is start itself. Error:
// [ErrWorkingTime] for a negative d or one that a century does not hold.
func (s ServiceHours) AddWorking(start time.Time, d time.Duration) (time.Time, error) {
	start = start.In(s.cal.Location())
	if d == 0 {
		return start, nil
	}
	if d < 0 {
		return time.Time{}, ErrWorkingTime
	}
	first := DateOf(start)
	for n := range 36_600 {
		for _, o := range s.on(first.AddDays(n)) {
			if o.start.Before(start) {
				o.start = start
			}
			if open := o.end.Sub(o.start); open >= d {
				return o.start.Add(d), nil
			} else if open > 0 {
				d -= open
			}
		}
	}
	return time.Time{}, ErrWorkingTime
}

// explainOpening fills the next opening and why it is not earlier.
func (s ServiceHours) explainOpening(r *Result, law string) error {
	opens, err := s.NextOpening(r.Start)
	if err != nil {
		return err
	}
	r.End = opens
	if opens.Equal(r.Start) {
		r.step(law, "open at "+r.Start.Format("15:04 on Monday 2 January 2006"), opens)
		return nil
	}
	first, last := DateOf(r.Start), DateOf(opens)
	for d := first; !d.After(last); d = d.AddDays(1) {
		if h, free := s.cal.WorkFree(d); free {
			r.step(h.Law, d.long()+" is a work-free day: "+h.Name, d.Start(s.cal.Location()))
		} else if len(s.week[d.Weekday()]) == 0 {
			r.step(law, d.long()+" has no service hours", d.Start(s.cal.Location()))
		} else if d == first {
			r.step(law, "closed at "+r.Start.Format("15:04 on Monday 2 January 2006"), r.Start)
		}
	}
	r.step(law, "opens at "+opens.Format("15:04 on Monday 2 January 2006"), opens)
	return nil
}
