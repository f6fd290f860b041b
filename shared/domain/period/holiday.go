package period

import "time"

// The years that the holiday table was checked for. Outside of them the
// nearest known law is assumed.
const (
	FirstYear = 2010
	LastYear  = 2040
)

// Holiday is one named day of one year. Two flags, because they differ: a
// state holiday may be an ordinary working day (23 November in Slovenia,
// 1 September in Slovakia since 2024), and a work-free day need not be a
// state holiday (Easter Monday). Only WorkFree moves limits and closes desks.
type Holiday struct {
	Date         Date   `json:"date"`
	Name         string `json:"name"` // in the language of the law
	Law          string `json:"law"`  // article, with the amendment that gave it this form
	StateHoliday bool   `json:"state_holiday"`
	WorkFree     bool   `json:"work_free"`
}

// entry is one row of the dated table: a day of the year, or a number of days
// from Easter Sunday, for the years from..to (0 is open), both inclusive.
type entry struct {
	month    time.Month
	day      int
	movable  bool
	easter   int
	from, to int
	name     string
	law      string
	state    bool
	workFree bool
}

// in returns the holiday that the row makes in a year, if any.
func (e entry) in(year int) (Holiday, bool) {
	if (e.from != 0 && year < e.from) || (e.to != 0 && year > e.to) {
		return Holiday{}, false
	}
	date := Date{year, e.month, e.day}
	if e.movable {
		date = easter(year).AddDays(e.easter)
	}
	return Holiday{date, e.name, e.law, e.state, e.workFree}, true
}

// on is in for one date, quick to say no.
func (e entry) on(date Date) (Holiday, bool) {
	if !e.movable && (e.month != date.Month || e.day != date.Day) {
		return Holiday{}, false
	}
	if e.movable && (date.Month < time.March || date.Month > time.June) {
		return Holiday{}, false
	}
	h, ok := e.in(date.Year)
	return h, ok && h.Date == date
}

// law returns the table of a jurisdiction.
func (j Jurisdiction) law() []entry {
	if j == SK {
		return slovakHolidays
	}
	return slovenianHolidays
}
