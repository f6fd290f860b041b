package period

import (
	"errors"
	"fmt"
	"time"
)

// ErrStart says that a start lies outside the years 1900 to 2200.
var ErrStart = errors.New("period: start is outside the years 1900 to 2200")

// From computes the limit of a term that starts at an instant, for the
// holidays and the zone of cal. Pauses are allowed for forward terms only.
// Errors: [ErrTerm], [ErrStart], [ErrPause], [ErrJurisdiction].
func (t Term) From(cal Calendar, start time.Time, pauses ...Pause) (Result, error) {
	if err := t.Validate(); err != nil {
		return Result{}, err
	}
	r, err := begin(cal, start)
	if err != nil {
		return Result{}, err
	}
	if len(pauses) > 0 && t.Kind != Forward {
		return Result{}, fmt.Errorf("%w: only a forward term can pause", ErrPause)
	}
	switch t.Kind {
	case Elapsed:
		t.elapse(&r)
	case Backward:
		t.countBack(&r)
	case Retention:
		t.retain(&r)
	case Maximum:
		t.keepAtMost(&r)
	case LogTerm:
		t.keepLog(&r)
	default:
		return r, t.countForward(&r, cal, pauses)
	}
	return r, nil
}

func begin(cal Calendar, start time.Time) (Result, error) {
	if err := cal.jurisdiction.Validate(); err != nil {
		return Result{}, err
	}
	local := start.In(cal.Location())
	if local.Year() < 1900 || local.Year() > 2200 {
		return Result{}, ErrStart
	}
	return Result{Jurisdiction: cal.jurisdiction, Start: local}, nil
}

// elapse adds hours as elapsed time; an offset change in between is named.
func (t Term) elapse(r *Result) {
	laws := t.Regime.cite()
	from := r.Start
	r.step(t.Law, t.length()+" from the event", from)
	if t.FullHour {
		from = from.Truncate(time.Hour).Add(time.Hour)
		r.step(laws.dayZero, "the hour of the event is not counted: the period runs from the next full hour", from)
	}
	r.End = from.Add(time.Duration(t.Count) * time.Hour)
	r.step(laws.inside, t.length()+" of elapsed time; holidays, Sundays and Saturdays count, nothing rolls over", r.End)
	r.nameClockChange(from)
}

func (r *Result) nameClockChange(from time.Time) {
	_, before := from.Zone()
	_, after := r.End.Zone()
	if before != after {
		r.step(summerTime, fmt.Sprintf("the clock changed from %s to %s in between; elapsed hours are counted, not the clock's", from.Format("-07:00"), r.End.Format("-07:00")), r.End)
	}
}

// countBack subtracts: the date minus N days, or the instant minus N hours.
func (t Term) countBack(r *Result) {
	laws := t.Regime.cite()
	loc := r.Start.Location()
	if t.Unit == Hour {
		r.End = r.Start.Add(-time.Duration(t.Count) * time.Hour)
		r.LastDay = DateOf(r.End)
		r.step(t.Law, "notice at least "+t.length()+" before the start: the latest instant", r.End)
		r.nameClockChange(r.Start)
	} else {
		effective := DateOf(r.Start)
		r.LastDay = effective.AddDays(-t.Count)
		r.UnrolledDay = r.LastDay
		r.End = r.LastDay.AddDays(1).Start(loc)
		r.step(t.Law, "at least "+t.length()+" before the effective date "+effective.long()+": last permitted day "+r.LastDay.long(), r.End)
	}
	r.step(laws.backward, "a period counted backward never rolls over", r.End)
}

// retain ends with the first instant at which the thing is older than N.
func (t Term) retain(r *Result) {
	r.UnrolledDay = t.nominal(r)
	r.LastDay = r.UnrolledDay
	r.End = r.LastDay.AddDays(1).Start(r.Start.Location())
	r.step(t.Law, "older than "+t.length()+" from the day after the anniversary; retention never rolls over", r.End)
}

// keepAtMost ends before the anniversary begins.
func (t Term) keepAtMost(r *Result) {
	r.UnrolledDay = t.nominal(r)
	r.LastDay = r.UnrolledDay.AddDays(-1)
	r.End = r.UnrolledDay.Start(r.Start.Location())
	r.step(t.Law, "kept at most "+t.length()+": purged before "+r.UnrolledDay.long()+" begins, so that no reading finds it older", r.End)
}

// keepLog ends with the local calendar year of the entry plus N years.
func (t Term) keepLog(r *Result) {
	year := r.Start.Year()
	r.LastDay = Date{year + t.Count, time.December, 31}
	r.UnrolledDay = r.LastDay
	r.End = r.LastDay.AddDays(1).Start(r.Start.Location())
	r.step(t.Law, fmt.Sprintf("entry of the calendar year %d, kept %s from its end; the first instant out of the term", year, t.length()), r.End)
}

// nominal returns the last day before any roll-over and writes the steps that
// lead there: length, day 0, same date, clamping.
func (t Term) nominal(r *Result) Date {
	laws := t.Regime.cite()
	loc := r.Start.Location()
	zero := DateOf(r.Start)
	r.step(t.Law, t.length()+" from the event", r.Start)
	r.step(laws.dayZero, zero.long()+" ("+loc.String()+") is the day of the event and is not counted", zero.AddDays(1).Start(loc))
	if t.Unit == Day {
		last := zero.AddDays(t.Count)
		r.step(laws.days, t.length()+" end with "+last.long(), last.AddDays(1).Start(loc))
		return last
	}
	months := t.Count
	if t.Unit == Year {
		months *= 12
	}
	last, clamped := zero.AddMonths(months)
	after := last.AddDays(1).Start(loc)
	if clamped {
		r.step(laws.clamp, fmt.Sprintf("there is no %d %s %d: the period ends with the last day of that month, %s", zero.Day, last.Month, last.Year, last.long()), after)
	} else {
		r.step(laws.months, "the period ends with the same date, "+last.long(), after)
	}
	return last
}
