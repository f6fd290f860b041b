package period

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrOverride says that an override has no date, no name or no source, or
// that two overrides speak of one date.
var ErrOverride = errors.New("period: override without date, name or law, or two for one date")

// Override adds or removes a work-free day on one date, over whatever the
// table says: a day on which the body does not work (ZUP art. 101), or a
// change of the law after this software was built. A policy pack passes it.
type Override struct {
	Date     Date   `json:"date"`
	WorkFree bool   `json:"work_free"`
	Name     string `json:"name"`
	Law      string `json:"law"`
}

// Calendar answers which days are worked in one jurisdiction. It is an
// immutable value: copy and share it freely. The zero Calendar is not valid;
// take one from [NewCalendar].
type Calendar struct {
	jurisdiction Jurisdiction
	overrides    []Override // sorted by date, never changed after NewCalendar
}

// NewCalendar returns the calendar of a jurisdiction with overrides on top.
// Errors: [ErrJurisdiction], [ErrOverride].
func NewCalendar(j Jurisdiction, overrides ...Override) (Calendar, error) {
	if err := j.Validate(); err != nil {
		return Calendar{}, err
	}
	sorted := slices.Clone(overrides)
	slices.SortFunc(sorted, func(a, b Override) int { return a.Date.Compare(b.Date) })
	for i, o := range sorted {
		if o.Date.IsZero() || o.Name == "" || o.Law == "" {
			return Calendar{}, fmt.Errorf("%w: override of %s", ErrOverride, o.Date)
		}
		if i > 0 && sorted[i-1].Date == o.Date {
			return Calendar{}, fmt.Errorf("%w: %s", ErrOverride, o.Date)
		}
	}
	return Calendar{j, sorted}, nil
}

// Jurisdiction returns whose calendar it is.
func (c Calendar) Jurisdiction() Jurisdiction { return c.jurisdiction }

// Location returns the zone in which the calendar's days begin and end.
func (c Calendar) Location() *time.Location { return c.jurisdiction.Location() }

// Holidays returns the named days of a year in order of date, with the
// overrides applied: an added day stands beside what the table has, a removed
// one keeps its name and state-holiday flag and loses its rest.
func (c Calendar) Holidays(year int) []Holiday {
	var list []Holiday
	for _, e := range c.jurisdiction.law() {
		h, ok := e.in(year)
		if !ok {
			continue
		}
		if o, ok := c.override(h.Date); ok && !o.WorkFree {
			h.WorkFree, h.Law = false, o.Law
		}
		list = append(list, h)
	}
	for _, o := range c.overrides {
		if o.Date.Year == year && o.WorkFree {
			list = append(list, o.holiday())
		}
	}
	slices.SortStableFunc(list, func(a, b Holiday) int { return a.Date.Compare(b.Date) })
	return list
}

// WorkFree returns the holiday that makes date a work-free day, false if none
// does. Saturdays and Sundays are not holidays; see [Calendar.IsWorkingDay].
func (c Calendar) WorkFree(date Date) (Holiday, bool) {
	if o, ok := c.override(date); ok {
		return o.holiday(), o.WorkFree
	}
	for _, e := range c.jurisdiction.law() {
		if !e.workFree {
			continue
		}
		if h, ok := e.on(date); ok {
			return h, true
		}
	}
	return Holiday{}, false
}

// IsWorkingDay reports whether date is a working day: all days but holidays,
// Saturdays and Sundays (Regulation 1182/71, art. 2(2)).
func (c Calendar) IsWorkingDay(date Date) bool {
	if weekend(date) {
		return false
	}
	_, free := c.WorkFree(date)
	return !free
}

// NextWorkingDay returns date itself when it is a working day, or else the
// first one after it.
func (c Calendar) NextWorkingDay(date Date) Date {
	for !c.IsWorkingDay(date) {
		date = date.AddDays(1)
	}
	return date
}

func (c Calendar) override(date Date) (Override, bool) {
	i, ok := slices.BinarySearchFunc(c.overrides, date, func(o Override, d Date) int { return o.Date.Compare(d) })
	if !ok {
		return Override{}, false
	}
	return c.overrides[i], true
}

func (o Override) holiday() Holiday {
	return Holiday{Date: o.Date, Name: o.Name, Law: o.Law, WorkFree: o.WorkFree}
}

func weekend(date Date) bool {
	day := date.Weekday()
	return day == time.Saturday || day == time.Sunday
}
