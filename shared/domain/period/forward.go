package period

import (
	"fmt"
	"time"
)

// countForward computes the nominal last day, moves it by the pauses, then
// rolls it over.
func (t Term) countForward(r *Result, cal Calendar, pauses []Pause) error {
	loc := r.Start.Location()
	zero := DateOf(r.Start)
	nominal := t.nominal(r)
	end := func(days int) Date { last, _ := t.settle(cal, zero, nominal.AddDays(days)); return last }
	paused, err := r.pause(pauses, func(days int) time.Time { return end(days).AddDays(1).Start(loc) })
	if err != nil {
		return err
	}
	if len(pauses) > 0 {
		r.UnpausedDay = end(0)
	}
	r.UnrolledDay = nominal.AddDays(paused)
	last, rolled := t.settle(cal, zero, r.UnrolledDay)
	r.LastDay, r.End = last, last.AddDays(1).Start(loc)
	t.explainRoll(r, cal, rolled)
	return nil
}

// settle applies roll-over and the two working days to a last day. rolled is
// where art. 3(4) alone leads; last may be later by art. 3(5).
func (t Term) settle(cal Calendar, zero, day Date) (last, rolled Date) {
	if !t.Roll {
		return day, day
	}
	rolled = cal.NextWorkingDay(day)
	last = rolled
	if t.Regime != RegimeZUP && t.Unit == Day && t.Count >= 2 {
		first := cal.NextWorkingDay(zero.AddDays(1))
		if second := cal.NextWorkingDay(first.AddDays(1)); second.After(last) {
			last = second
		}
	}
	return last, rolled
}

func (t Term) explainRoll(r *Result, cal Calendar, rolled Date) {
	laws := t.Regime.cite()
	loc := r.Start.Location()
	after := func(d Date) time.Time { return d.AddDays(1).Start(loc) }
	if !t.Roll {
		r.step(t.Law, "no roll-over: the last day stands, be it a Saturday, Sunday or holiday", r.End)
		return
	}
	if rolled == r.UnrolledDay {
		r.step(laws.roll, r.UnrolledDay.long()+" is a working day: nothing moves", after(rolled))
	} else {
		for d := r.UnrolledDay; d.Before(rolled); d = d.AddDays(1) {
			if h, free := cal.WorkFree(d); free {
				r.step(h.Law, d.long()+" is a work-free day: "+h.Name, after(d))
			} else {
				r.step(laws.roll, d.long()+" is not a working day", after(d))
			}
		}
		r.step(laws.roll, "the period ends with the next working day, "+rolled.long(), after(rolled))
	}
	if r.LastDay.After(rolled) {
		r.step(laws.twoDays, "a period of two days or more holds at least two working days: it ends with "+r.LastDay.long(), r.End)
	}
	if year := r.LastDay.Year; year < FirstYear || year > LastYear {
		r.step(tableNote, fmt.Sprintf("holidays are known for %d to %d; for %d the nearest known law is assumed", FirstYear, LastYear, year), r.End)
	}
}
