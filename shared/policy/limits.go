package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

// This file hands the spans of a pack to domain/period, which computes ends.

// Term is the span as a limit that counts forward: elapsed hours, or calendar
// days, months, years. It fails for minutes, for "0h" and for the zero Span:
// at once is no limit.
func (s Span) Term() (period.Term, error) {
	count, unit, err := s.counted()
	if err != nil {
		return period.Term{}, err
	}
	switch unit {
	case period.Hour:
		return period.Hours(count), nil
	case period.Day:
		return period.Days(count), nil
	case period.Month:
		return period.Months(count), nil
	}
	return period.Years(count), nil
}

// Notice is the span as a notice: at least so long before an effective date.
func (s Span) Notice() (period.Term, error) {
	count, unit, err := s.counted()
	return period.Before(count, unit), err
}

var periodUnits = map[Unit]period.Unit{Hour: period.Hour, Day: period.Day, Month: period.Month, Year: period.Year}

func (s Span) counted() (int, period.Unit, error) {
	unit, ok := periodUnits[s.Unit]
	if !ok || s.N == 0 {
		return 0, "", fmt.Errorf("span %q is not counted by the calendar", s.String())
	}
	return s.N, unit, nil
}

// Term is the rule's period as a retention limit: after the whole period, or
// before a maximum. AtOnce is true where the action follows the trigger
// immediately, and the term is then empty.
func (r Retention) Term() (term period.Term, atOnce bool, err error) {
	if !r.Period.IsZero() && r.Period.N == 0 {
		return period.Term{}, true, nil
	}
	term, err = r.Period.retention(r.Bound)
	return term, false, err
}

// Term is the log's period as a retention limit. Ends is false for a log that
// ends with the record it is about.
func (l Log) Term() (term period.Term, ends bool, err error) {
	switch {
	case l.Trigger == TicketEnd:
		return period.Term{}, false, nil
	case l.Trigger == EndOfYear && l.Period.Unit == Year && l.Bound == After:
		return period.YearsAfter(l.Period.N), true, nil
	case l.Trigger == EndOfYear:
		return period.Term{}, true, fmt.Errorf("log term of %s from the end of the year: want whole years, bound after", l.Period)
	}
	term, err = l.Period.retention(l.Bound)
	return term, true, err
}

// RestrictedTerm is how long entries about a person are kept once a restriction
// of that person's data has ended. bound is false where no log of the pack is
// kept under the statute, or the statute says nothing of it.
func (t *Terms) RestrictedTerm() (term period.Term, bound bool, err error) {
	if t.LogStatute.Restricted.IsZero() || len(t.StatutoryLogs()) == 0 {
		return period.Term{}, false, nil
	}
	term, err = t.LogStatute.Restricted.retention(After)
	return term, true, err
}

// StatutoryLogs lists the retention classes of the logs of processings that are
// declared under the statute (ZVOP-2 art. 22; rules A8).
func (t *Terms) StatutoryLogs() []RetentionClass {
	var out []RetentionClass
	for _, id := range sortedKeys(t.Logs) {
		if l := t.Logs[id]; t.Processings[l.Processing].LogLaw() {
			out = append(out, l.Class)
		}
	}
	return out
}

func (s Span) retention(b Bound) (period.Term, error) {
	count, unit, err := s.counted()
	switch {
	case err != nil:
		return period.Term{}, err
	case unit == period.Hour:
		return period.Term{}, fmt.Errorf("retention of %s: want days, months or years", s)
	case b == Before:
		return period.AtMost(count, unit), nil
	}
	return period.OlderThan(count, unit), nil
}

// Calendar is the working days of the pack's country, with the pack's own.
func (t *Terms) Calendar() (period.Calendar, error) {
	overrides := make([]period.Override, 0, len(t.Holidays))
	for _, d := range sortedKeys(t.Holidays) {
		date, err := period.ParseDate(d)
		if err != nil {
			return period.Calendar{}, err
		}
		h := t.Holidays[d]
		overrides = append(overrides, period.Override{Date: date, WorkFree: h.WorkFree, Name: h.Name, Law: h.Law})
	}
	return period.NewCalendar(period.Jurisdiction(t.country), overrides...)
}

// Holiday adds a day off, or takes one away, over the table of the law.
type Holiday struct {
	Name     string `json:"name"`
	WorkFree bool   `json:"work_free,omitempty"`
	Law      string `json:"law"`
}

// Open is the named hours ("service") on the pack's calendar.
func (t *Terms) Open(name string) (period.ServiceHours, error) {
	h, ok := t.Hours[name]
	if !ok {
		return period.ServiceHours{}, fmt.Errorf("no hours %q", name)
	}
	from, err := period.ParseClock(string(h.From))
	if err != nil {
		return period.ServiceHours{}, err
	}
	to, err := period.ParseClock(string(h.To))
	if err != nil {
		return period.ServiceHours{}, err
	}
	var week period.Week
	for _, d := range h.Days {
		if i := slices.Index(weekdays, d); i >= 0 {
			week[i] = []period.Span{{From: from, To: to}}
		}
	}
	cal, err := t.Calendar()
	if err != nil {
		return period.ServiceHours{}, err
	}
	return period.NewServiceHours(week, cal)
}

// weekdays are indexed as [time.Weekday].
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Cite is the clause behind a value and the law under it, for use beside a
// computed date: "ekc sec. 7.14; GDPR art. 33(1)". Empty where there is none.
func (p *Pack) Cite(path string, at time.Time) string { return cite(p.Explain(path, at)) }

// Cite is as [Pack.Cite], under the agreement.
func (a *Agreement) Cite(path string, at time.Time) string { return cite(a.Explain(path, at)) }

func cite(e Explanation, err error) string {
	if err != nil {
		return ""
	}
	var clauses []string
	for _, s := range slices.Backward(e.Via) {
		if !slices.Contains(clauses, s.Clause) {
			clauses = append(clauses, s.Clause)
		}
	}
	return strings.Join(clauses, "; ")
}
