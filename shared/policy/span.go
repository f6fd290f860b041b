package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Unit is the unit of a [Span]. "m" is a month, as lawyers write; a minute is
// "min".
type Unit string

// Units, from short to long.
const (
	Minute Unit = "min" // elapsed
	Hour   Unit = "h"   // elapsed
	Day    Unit = "d"   // calendar
	Month  Unit = "m"   // calendar
	Year   Unit = "y"   // calendar
)

var units = []Unit{Minute, Hour, Day, Month, Year}

// Validate reports whether u is one of the units above.
func (u Unit) Validate() error { return inSet("unit", u, units) }

// Span is a length as a clause writes it: "24h", "30d", "6m", "5y", "10min".
// It keeps its unit, because 24 hours and one day, or 30 days and one month,
// are different limits (Regulation 1182/71 art. 3; rules B2). Computing an end
// from a start is the work of domain/period, not of this type. "0h" means at
// once; the zero Span means that none is given.
type Span struct {
	N    int
	Unit Unit
}

const maxSpan = 100_000

// ParseSpan reads the form that [Span.String] writes.
func ParseSpan(s string) (Span, error) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	u := Unit(s[len(digits):])
	n, err := strconv.Atoi(digits)
	if err != nil || u.Validate() != nil || n < 0 || n > maxSpan || digits != strconv.Itoa(n) {
		return Span{}, fmt.Errorf("span %q: want a whole number and a unit, such as 10min, 24h, 30d, 6m, 5y", s)
	}
	return Span{n, u}, nil
}

// String is the form that [ParseSpan] reads; empty for the zero Span.
func (s Span) String() string {
	if s.IsZero() {
		return ""
	}
	return strconv.Itoa(s.N) + string(s.Unit)
}

// IsZero reports whether no span is given. "0h" is given.
func (s Span) IsZero() bool { return s.Unit == "" }

// MarshalText implements [encoding.TextMarshaler].
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (s *Span) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSpan(string(text))
	return err
}

// Elapsed is the exact duration of a span in minutes or hours; ok is false for
// calendar units, whose length depends on where they start.
func (s Span) Elapsed() (d time.Duration, ok bool) {
	switch s.Unit {
	case Minute:
		return time.Duration(s.N) * time.Minute, true
	case Hour:
		return time.Duration(s.N) * time.Hour, true
	}
	return 0, false
}

// Shortest and Longest bound the span over every possible start, in hours of
// the European time zones: a day has 23 to 25 hours, a month 28 to 31 days, a
// year 365 or 366.
func (s Span) Shortest() time.Duration { return s.bound(-1, shortDays) }

// Longest is the upper bound; see [Span.Shortest].
func (s Span) Longest() time.Duration { return s.bound(+1, longDays) }

func (s Span) bound(clockChange int, days func(months int) int) time.Duration {
	if d, ok := s.Elapsed(); ok {
		return d
	}
	n := s.days(days)
	if n == 0 {
		return 0
	}
	return time.Duration(24*n+clockChange) * time.Hour
}

// shortDays and longDays count the days of the shortest and the longest run of
// that many whole months anywhere in the calendar from 1901 to 2099.
func shortDays(months int) int {
	// From 1 February of a common year: 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334.
	part := [12]int{0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334}
	years := months / 12
	return 365*years + years/4 + part[months%12]
}

func longDays(months int) int {
	// July and August, December and January are 62; the year is at most 366.
	part := [12]int{0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337}
	years := months / 12
	return 365*years + (years+3)/4 + part[months%12]
}

// Exceeds reports whether s is longer than limit for at least one start: 30
// days exceed one month (from 1 February), 3 days exceed 72 hours (in autumn).
func (s Span) Exceeds(limit Span) bool {
	if x, y, ok := sameScale(s, limit); ok {
		return x > y
	}
	if s.calendar() && limit.calendar() {
		return s.days(longDays) > limit.days(shortDays)
	}
	return s.Longest() > limit.Shortest()
}

func (s Span) calendar() bool { return s.Unit == Day || s.Unit == Month || s.Unit == Year }

// days counts a calendar span in days, with count for months.
func (s Span) days(count func(months int) int) int {
	switch s.Unit {
	case Month:
		return count(s.N)
	case Year:
		return count(12 * s.N)
	}
	return s.N
}

// Below reports whether s is shorter than floor for at least one start.
func (s Span) Below(floor Span) bool { return floor.Exceeds(s) }

// sameScale compares without bounds what the calendar keeps in proportion:
// hours and minutes, months and years, days.
func sameScale(a, b Span) (x, y int, ok bool) {
	scale := func(s Span) (family string, n int) {
		switch s.Unit {
		case Minute:
			return "clock", s.N
		case Hour:
			return "clock", 60 * s.N
		case Day:
			return "day", s.N
		case Year:
			return "month", 12 * s.N
		}
		return "month", s.N
	}
	fa, x := scale(a)
	fb, y := scale(b)
	return x, y, fa == fb
}
