package period

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// ErrDate says that a text is not a date of the form 2006-01-02.
var ErrDate = errors.New("period: not a date of the form YYYY-MM-DD")

// Date is a day of the Gregorian calendar without a time or a zone. The zero
// Date is no day; in JSON a Date is "2006-01-02".
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate returns the date of the three numbers; day and month overflow as in
// [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the date that a calendar in t's own location shows at t.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2006-01-02". The error is [ErrDate] and never repeats the
// text.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, ErrDate
	}
	return DateOf(t), nil
}

// IsZero reports whether d is no day at all.
func (d Date) IsZero() bool { return d == Date{} }

// Start returns the first instant of d in loc. In both zones used here clocks
// change at 02:00 or 03:00, so midnight exists and is unique.
func (d Date) Start(loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, loc)
}

// AddDays returns the date n calendar days later; n may be negative.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// AddMonths returns the date n months later by Regulation 1182/71, art.
// 3(2)(c): the same day number, or the last day of the month where that
// number is missing, which clamped reports.
func (d Date) AddMonths(n int) (last Date, clamped bool) {
	index := d.Year*12 + int(d.Month) - 1 + n
	year, month := index/12, time.Month(index%12+1)
	length := NewDate(year, month+1, 0).Day
	if d.Day > length {
		return Date{year, month, length}, true
	}
	return Date{year, month, d.Day}, false
}

// DaysUntil returns the number of calendar days from d to e, negative when e
// is earlier.
func (d Date) DaysUntil(e Date) int {
	return int(e.Start(time.UTC).Sub(d.Start(time.UTC)) / (24 * time.Hour))
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.Start(time.UTC).Weekday() }

// Compare returns -1, 0 or 1 as d is before, the same as or after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// String returns "2006-01-02".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// long returns "Saturday 28 February 2026", the form used in steps.
func (d Date) long() string { return d.Start(time.UTC).Format("Monday 2 January 2006") }

// MarshalText writes "2006-01-02".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "2006-01-02"; anything else is [ErrDate].
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// easter returns Easter Sunday of a Gregorian year (the anonymous algorithm
// published in Nature in 1876).
func easter(year int) Date {
	golden, century, rest := year%19, year/100, year%100
	leaps, centuryRest := century/4, century%4
	correction := (century - (century+8)/25 + 1) / 3
	epact := (19*golden + century - leaps - correction + 15) % 30
	weekday := (32 + 2*centuryRest + 2*(rest/4) - epact - rest%4) % 7
	shift := (golden + 11*epact + 22*weekday) / 451
	n := epact + weekday - 7*shift + 114
	return Date{year, time.Month(n / 31), n%31 + 1}
}
