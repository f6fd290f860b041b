package period_test

import (
	"flag"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/period"
)

// Property tests draw instants of 2010 to 2040, every second one close to a
// clock change, a year's end or a month's end, where mistakes live. doc.go
// says how to run a million.

// init raises the sample over rapid's hundred; -rapid.checks still wins, since
// the command line is read later.
func init() {
	if err := flag.Set("rapid.checks", "2000"); err != nil {
		panic(err)
	}
}

var (
	firstSecond = time.Date(period.FirstYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastSecond  = time.Date(period.LastYear, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
)

func drawInstant(t *rapid.T) time.Time {
	at := time.Unix(rapid.Int64Range(firstSecond, lastSecond).Draw(t, "second"), rapid.SampledFrom([]int64{0, 1, 999_999_999}).Draw(t, "nanosecond")).UTC()
	near := rapid.Int64Range(-3*3600, 3*3600).Draw(t, "near")
	switch rapid.SampledFrom([]string{"anywhere", "anywhere", "anywhere", "change", "month", "year"}).Draw(t, "where") {
	case "change":
		month := rapid.SampledFrom([]time.Month{time.March, time.October}).Draw(t, "change month")
		last := time.Date(at.Year(), month, 31, 1, 0, 0, 0, time.UTC)
		at = last.Add(-time.Duration(last.Weekday()) * 24 * time.Hour).Add(time.Duration(near) * time.Second)
	case "month":
		at = time.Date(at.Year(), at.Month()+1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(near) * time.Second)
	case "year":
		at = time.Date(at.Year(), 12, 31, 23, 0, 0, 0, time.UTC).Add(time.Duration(near) * time.Second)
	}
	return at
}

func drawLater(t *rapid.T, at time.Time) time.Time {
	scale := rapid.SampledFrom([]time.Duration{1, time.Second, time.Minute, time.Hour, 24 * time.Hour, 31 * 24 * time.Hour}).Draw(t, "scale")
	return at.Add(time.Duration(rapid.Int64Range(0, 60).Draw(t, "later")) * scale)
}

func drawJurisdiction(t *rapid.T) period.Jurisdiction {
	return rapid.SampledFrom(period.Jurisdictions()).Draw(t, "jurisdiction")
}

func drawDefinition(t *rapid.T) period.Definition {
	return rapid.SampledFrom(period.Definitions()).Draw(t, "rule")
}

func drawTerm(t *rapid.T) period.Term {
	n := rapid.IntRange(1, 40).Draw(t, "count")
	unit := rapid.SampledFrom([]period.Unit{period.Day, period.Month, period.Year}).Draw(t, "unit")
	term := period.Term{Count: n, Unit: unit, Law: "test", Regime: rapid.SampledFrom([]period.Regime{"", period.RegimeZUP, period.RegimeContract}).Draw(t, "regime")}
	switch rapid.SampledFrom([]string{"hours", "full hours", "forward", "rolled", "retention", "maximum", "log"}).Draw(t, "term") {
	case "hours":
		term.Kind, term.Unit = period.Elapsed, period.Hour
	case "full hours":
		term.Kind, term.Unit, term.FullHour = period.Elapsed, period.Hour, true
	case "forward":
		term.Kind = period.Forward
	case "rolled":
		term.Kind, term.Roll = period.Forward, true
	case "retention":
		term.Kind = period.Retention
	case "maximum":
		term.Kind = period.Maximum
	case "log":
		term.Kind, term.Unit = period.LogTerm, period.Year
	}
	return term
}

func due(t *rapid.T, j period.Jurisdiction, rule period.Rule, start time.Time) period.Result {
	r, err := period.Compute(j, rule, start, period.Options{})
	if err != nil {
		t.Fatalf("%s %s %s: %v", j, rule, start, err)
	}
	return r
}

func TestPropertyNoForwardLimitEndsBeforeItStarts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		def, start := drawDefinition(t), drawInstant(t)
		r := due(t, drawJurisdiction(t), def.Rule, start)
		switch {
		case def.Term.Kind == period.Backward:
			if def.Term.Unit == period.Hour && !r.End.Before(start) || r.LastDay.After(period.DateOf(r.Start)) {
				t.Fatalf("a notice after its event: %+v", r)
			}
		case def.Term.Kind == "":
			if r.End.Before(start) {
				t.Fatalf("opens before it is asked: %+v", r)
			}
		case !r.End.After(start):
			t.Fatalf("ends before it starts: %+v", r)
		}
	})
}

func TestPropertyLaterStartNeverEndsEarlier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		def, j, a := drawDefinition(t), drawJurisdiction(t), drawInstant(t)
		b := drawLater(t, a)
		first, second := due(t, j, def.Rule, a), due(t, j, def.Rule, b)
		if second.End.Before(first.End) || second.LastDay.Before(first.LastDay) || second.UnrolledDay.Before(first.UnrolledDay) {
			t.Fatalf("%s: start %s ends %s, later start %s ends %s", def.Rule, a, first.End, b, second.End)
		}
	})
}

func TestPropertyTermsOfPacksAreForwardAndMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		term, a := drawTerm(t), drawInstant(t)
		cal, err := period.NewCalendar(drawJurisdiction(t))
		if err != nil {
			t.Fatal(err)
		}
		b := drawLater(t, a)
		first, err := term.From(cal, a)
		if err != nil {
			t.Fatal(err)
		}
		second, err := term.From(cal, b)
		if err != nil {
			t.Fatal(err)
		}
		if !first.End.After(a) {
			t.Fatalf("%+v ends before it starts: %+v", term, first)
		}
		if second.End.Before(first.End) {
			t.Fatalf("%+v: start %s ends %s, later start %s ends %s", term, a, first.End, b, second.End)
		}
	})
}

func TestPropertyHoursAreExact(t *testing.T) { // B2.6
	rapid.Check(t, func(t *rapid.T) {
		start, n := drawInstant(t), rapid.IntRange(1, 500).Draw(t, "hours")
		cal, err := period.NewCalendar(drawJurisdiction(t))
		if err != nil {
			t.Fatal(err)
		}
		r, err := period.Hours(n).From(cal, start)
		if err != nil || r.End.Sub(start) != time.Duration(n)*time.Hour {
			t.Fatalf("%d hours last %s (%v)", n, r.End.Sub(start), err)
		}
		full, err := period.Hours(n).FromFullHour().From(cal, start)
		if err != nil {
			t.Fatal(err)
		}
		if wait := full.End.Sub(r.End); wait <= 0 || wait > time.Hour || full.End.Unix()%3600 != 0 || full.End.Nanosecond() != 0 {
			t.Fatalf("full hours end %s, elapsed ones %s", full.End, r.End)
		}
		back, err := period.Before(n, period.Hour).From(cal, start)
		if err != nil || start.Sub(back.End) != time.Duration(n)*time.Hour {
			t.Fatalf("%d hours before is %s (%v)", n, start.Sub(back.End), err)
		}
	})
}

// TestPropertyMonthsAgainstTheText holds rolled months against the words of
// art. 3(2)(c) and 3(4), found by walking day by day.
func TestPropertyMonthsAgainstTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start, n := drawInstant(t), rapid.IntRange(1, 60).Draw(t, "months")
		j := drawJurisdiction(t)
		cal, err := period.NewCalendar(j)
		if err != nil {
			t.Fatal(err)
		}
		r, err := period.Months(n).Rolled().From(cal, start)
		if err != nil {
			t.Fatal(err)
		}
		local := start.In(j.Location())
		day := time.Date(local.Year(), local.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
		for month := day.Month(); day.Day() < local.Day() && day.Add(24*time.Hour).Month() == month; {
			day = day.Add(24 * time.Hour)
		}
		if got := r.UnrolledDay; got != period.DateOf(day) {
			t.Fatalf("%s + %d months is %s, want %s", local, n, got, period.DateOf(day))
		}
		for d := r.UnrolledDay; d.Before(r.LastDay); d = d.AddDays(1) {
			if cal.IsWorkingDay(d) {
				t.Fatalf("rolled over the working day %s", d)
			}
		}
		if !cal.IsWorkingDay(r.LastDay) {
			t.Fatalf("ends on %s, which is not worked", r.LastDay)
		}
		last := r.End.Add(-1)
		if period.DateOf(last) != r.LastDay || period.DateOf(r.End) == r.LastDay || r.End.Format("15:04:05.999") != "00:00:00" {
			t.Fatalf("end %s is not the midnight after %s", r.End, r.LastDay)
		}
	})
}

func TestPropertyPausesOnlyLengthen(t *testing.T) { // B2.10
	rapid.Check(t, func(t *rapid.T) {
		j, a := drawJurisdiction(t), drawInstant(t)
		b := drawLater(t, a)
		from := b.Add(time.Duration(rapid.Int64Range(0, 40*24*3600).Draw(t, "from")) * time.Second)
		to := from.Add(time.Duration(rapid.Int64Range(0, 40*24*3600).Draw(t, "paused")) * time.Second)
		opts := period.Options{Pauses: []period.Pause{{From: from, To: to}}}
		first, err := period.Compute(j, period.RuleDSAR1M, a, opts)
		if err != nil {
			t.Fatal(err)
		}
		second, err := period.Compute(j, period.RuleDSAR1M, b, opts)
		if err != nil {
			t.Fatal(err)
		}
		plain := due(t, j, period.RuleDSAR1M, a)
		if first.UnpausedDay != plain.LastDay || first.End.Before(plain.End) {
			t.Fatalf("paused %+v, plain %+v", first, plain)
		}
		if moved, whole := plain.UnrolledDay.DaysUntil(first.UnrolledDay), int(to.Sub(from).Hours()/24); moved > whole+1 {
			t.Fatalf("moved by %d days for %s", moved, to.Sub(from))
		}
		if second.End.Before(first.End) {
			t.Fatalf("start %s ends %s, later start %s ends %s", a, first.End, b, second.End)
		}
	})
}

func drawWeek(t *rapid.T) period.Week {
	return rapid.SampledFrom([]period.Week{ekc, always, night, period.Weekdays(8*60, 16*60),
		{{{0, 135}, {165, 180}}, {{420, 700}, {700, 1440}}, {}, {{0, 1}}, {{1439, 1440}}, {}, {{600, 601}}}}).Draw(t, "week")
}

func TestPropertyWorkingTimeAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cal, err := period.NewCalendar(drawJurisdiction(t))
		if err != nil {
			t.Fatal(err)
		}
		hours, err := period.NewServiceHours(drawWeek(t), cal)
		if err != nil {
			t.Fatal(err)
		}
		a := drawInstant(t)
		b := a.Add(time.Duration(rapid.Int64Range(0, 4*24*3600).Draw(t, "ab")) * time.Second)
		c := b.Add(time.Duration(rapid.Int64Range(0, 4*24*3600).Draw(t, "bc")) * time.Second)
		ab, bc, ac := hours.WorkingBetween(a, b), hours.WorkingBetween(b, c), hours.WorkingBetween(a, c)
		if ab+bc != ac || ab < 0 || ab > b.Sub(a) {
			t.Fatalf("%s + %s is not %s", ab, bc, ac)
		}
		d := time.Duration(rapid.Int64Range(1, 3*3600).Draw(t, "add")) * time.Second
		end, err := hours.AddWorking(a, d)
		if err != nil {
			t.Fatal(err)
		}
		if got := hours.WorkingBetween(a, end); got != d {
			t.Fatalf("%s + %s of work is %s, which holds %s", a, d, end, got)
		}
		if hours.WorkingBetween(a, end.Add(-1)) == d {
			t.Fatalf("%s is not the earliest end of %s", end, d)
		}
		next, err := hours.NextOpening(a)
		if err != nil || !hours.IsOpen(next) || hours.WorkingBetween(a, next) != 0 || hours.IsOpen(a) != next.Equal(a) {
			t.Fatalf("next opening of %s is %s (%v)", a, next, err)
		}
	})
}

// TestWorkingTimeByTheMinute counts open minutes one by one over both clock
// changes and New Year, against the arithmetic.
func TestWorkingTimeByTheMinute(t *testing.T) {
	for _, week := range []period.Week{ekc, always, night} {
		hours := service(t, week)
		for _, day := range []string{"2026-03-28", "2026-10-24", "2026-12-31", "2027-03-27"} {
			a := date(t, day).Start(period.SI.Location())
			b := date(t, day).AddDays(3).Start(period.SI.Location())
			var sum time.Duration
			for at := a; at.Before(b); at = at.Add(time.Minute) {
				if hours.IsOpen(at) {
					sum += time.Minute
				}
			}
			if got := hours.WorkingBetween(a, b); got != sum {
				t.Errorf("from %s: %s, minute by minute %s", day, got, sum)
			}
		}
	}
}
