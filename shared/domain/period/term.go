package period

import (
	"errors"
	"fmt"
)

// ErrTerm says that a term is not one of the closed set of kinds, units and
// lengths.
var ErrTerm = errors.New("period: unlawful term")

// Kind says which way a term counts.
type Kind string

const (
	// Elapsed counts hours as elapsed time from the instant.
	Elapsed Kind = "elapsed"
	// Forward counts days, months or years from the day after the event.
	Forward Kind = "forward"
	// Backward is a notice: at least so many days or hours before.
	Backward Kind = "backward"
	// Retention ends when a thing is older than so many days, months, years.
	Retention Kind = "retention"
	// Maximum ends before a thing can be older than that by any reading.
	Maximum Kind = "maximum"
	// LogTerm counts whole years from the end of the calendar year.
	LogTerm Kind = "log_term"
)

// Unit is a unit of the calendar or the clock.
type Unit string

const (
	Hour  Unit = "hour"
	Day   Unit = "day"
	Month Unit = "month"
	Year  Unit = "year"
)

// Regime names the law by which a term is counted; it decides the articles
// cited in the steps, and nothing else.
type Regime string

const (
	// RegimeEU is Regulation 1182/71, for acts of the Union; the default.
	RegimeEU Regime = "eu"
	// RegimeZUP is the Slovenian General Administrative Procedure Act.
	RegimeZUP Regime = "zup"
	// RegimeContract is a contract or terms of use: counted as in Regulation
	// 1182/71 by convention.
	RegimeContract Regime = "contract"
)

// Term is the rule of a limit as data, so that a policy pack can hold one.
// Build it with the constructors ([Hours], [Days], [Months], [Years],
// [Before], [OlderThan], [AtMost], [YearsAfter]) and the methods that return
// a changed copy.
type Term struct {
	Kind     Kind   `json:"kind"`
	Count    int    `json:"count"`
	Unit     Unit   `json:"unit"`
	Roll     bool   `json:"roll,omitempty"`      // Forward only: move to the next working day
	FullHour bool   `json:"full_hour,omitempty"` // Elapsed only: start at the next full hour
	Regime   Regime `json:"regime,omitempty"`    // empty is RegimeEU
	Law      string `json:"law"`                 // the article or clause that sets the length
}

// Hours is n elapsed hours from the instant of the event.
func Hours(n int) Term { return Term{Kind: Elapsed, Count: n, Unit: Hour} }

// Days is n calendar days, the day of the event not counted.
func Days(n int) Term { return Term{Kind: Forward, Count: n, Unit: Day} }

// Months is n months to the same day number, clamped to the month's end.
func Months(n int) Term { return Term{Kind: Forward, Count: n, Unit: Month} }

// Years is n years to the same date, 29 February clamped to the 28th.
func Years(n int) Term { return Term{Kind: Forward, Count: n, Unit: Year} }

// Before is a notice at least n days or hours before the start, which is the
// effective date or the start of the work announced.
func Before(n int, unit Unit) Term { return Term{Kind: Backward, Count: n, Unit: unit} }

// OlderThan is a retention term: it ends with the first instant at which the
// thing is older than n units, the midnight after the anniversary.
func OlderThan(n int, unit Unit) Term { return Term{Kind: Retention, Count: n, Unit: unit} }

// AtMost is a hard maximum: data must be gone before End. End is the midnight
// that begins the anniversary, a day before [OlderThan]: counted by hours or
// by days, nothing is then ever kept longer than n units. A sweep that runs
// only now and then must purge whatever reaches End before its next run.
func AtMost(n int, unit Unit) Term { return Term{Kind: Maximum, Count: n, Unit: unit} }

// YearsAfter is n whole years from the end of the calendar year of the entry,
// the term of the Slovenian processing log (ZVOP-2 art. 22).
func YearsAfter(n int) Term { return Term{Kind: LogTerm, Count: n, Unit: Year} }

// Under names the article or clause that sets the length.
func (t Term) Under(law string) Term { t.Law = law; return t }

// By sets the regime that is cited for the counting.
func (t Term) By(regime Regime) Term { t.Regime = regime; return t }

// Rolled lets the last day move to the next working day.
func (t Term) Rolled() Term { t.Roll = true; return t }

// FromFullHour starts the hours at the next full hour, also when the event
// falls on the hour exactly (Regulation 1182/71, art. 3(1)).
func (t Term) FromFullHour() Term { t.FullHour = true; return t }

// Extended lengthens the term by n of its own units, still counted from the
// start in one step: one month extended by two is three months from receipt.
func (t Term) Extended(n int) Term { t.Count += n; return t }

// longest is the greatest count per unit; about a century each, so that no
// arithmetic can overflow.
var longest = map[Unit]int{Hour: 876_000, Day: 36_500, Month: 1_200, Year: 100}

// Validate returns an error that wraps [ErrTerm] and says what is wrong:
// a count below one or above a century, a unit that the kind does not count
// in, roll-over of anything but a forward term, full hours of anything but
// hours.
func (t Term) Validate() error {
	limit, known := longest[t.Unit]
	if !known {
		return fmt.Errorf("%w: unit is not hour, day, month or year", ErrTerm)
	}
	if t.Count < 1 || t.Count > limit {
		return fmt.Errorf("%w: count %d is not within 1 to %d", ErrTerm, t.Count, limit)
	}
	var fits bool
	switch t.Kind {
	case Elapsed:
		fits = t.Unit == Hour
	case Forward, Retention, Maximum:
		fits = t.Unit != Hour
	case Backward:
		fits = t.Unit == Hour || t.Unit == Day
	case LogTerm:
		fits = t.Unit == Year
	default:
		return fmt.Errorf("%w: kind is not of the closed set", ErrTerm)
	}
	if !fits {
		return fmt.Errorf("%w: kind %s does not count in units of a %s", ErrTerm, t.Kind, t.Unit)
	}
	if t.Roll && t.Kind != Forward {
		return fmt.Errorf("%w: only a forward term rolls over", ErrTerm)
	}
	if t.FullHour && t.Kind != Elapsed {
		return fmt.Errorf("%w: only hours start at the full hour", ErrTerm)
	}
	switch t.Regime {
	case "", RegimeEU, RegimeZUP, RegimeContract:
		return nil
	default:
		return fmt.Errorf("%w: regime is not of the closed set", ErrTerm)
	}
}

// length returns "3 months", "1 day".
func (t Term) length() string {
	if t.Count == 1 {
		return "1 " + string(t.Unit)
	}
	return fmt.Sprintf("%d %ss", t.Count, t.Unit)
}
