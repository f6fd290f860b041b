package period_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

func TestTermsOfPacks(t *testing.T) {
	tests := []struct {
		name    string
		term    period.Term
		start   string
		lastDay string
		end     string
	}{
		{"days that roll", period.Days(8).Rolled(), "2026-04-16T10:00:00+02:00", "2026-04-24", "2026-04-25T00:00:00+02:00"},
		{"days that roll over 1 May", period.Days(15).Rolled(), "2026-04-16T10:00:00+02:00", "2026-05-04", "2026-05-05T00:00:00+02:00"},
		{"days that don't", period.Days(15), "2026-04-16T10:00:00+02:00", "2026-05-01", "2026-05-02T00:00:00+02:00"},
		{"art. 3(5): two days from Friday hold two working days", period.Days(2).Rolled(), "2026-06-12T10:00:00+02:00", "2026-06-16", "2026-06-17T00:00:00+02:00"},
		{"art. 3(5): three days from Friday too", period.Days(3).Rolled(), "2026-06-12T10:00:00+02:00", "2026-06-16", "2026-06-17T00:00:00+02:00"},
		{"art. 3(5): four days from Friday need no more", period.Days(4).Rolled(), "2026-06-12T10:00:00+02:00", "2026-06-16", "2026-06-17T00:00:00+02:00"},
		{"art. 3(5): one day from Friday is Monday", period.Days(1).Rolled(), "2026-06-12T10:00:00+02:00", "2026-06-15", "2026-06-16T00:00:00+02:00"},
		{"art. 3(5) is not in ZUP", period.Days(2).Rolled().By(period.RegimeZUP), "2026-06-12T10:00:00+02:00", "2026-06-15", "2026-06-16T00:00:00+02:00"},
		{"art. 3(5) does not concern terms that don't roll", period.Days(2), "2026-06-12T10:00:00+02:00", "2026-06-14", "2026-06-15T00:00:00+02:00"},
		{"an extension is counted in one step", period.Months(1).Extended(2), "2026-01-31T10:00:00+01:00", "2026-04-30", "2026-05-01T00:00:00+02:00"},
		{"years of a leap day", period.Years(1), "2024-02-29T10:00:00+01:00", "2025-02-28", "2025-03-01T00:00:00+01:00"},
		{"four years of a leap day meet the next", period.Years(4), "2024-02-29T10:00:00+01:00", "2028-02-29", "2028-03-01T00:00:00+01:00"},
		{"hours", period.Hours(6), "2026-03-29T00:30:00+01:00", "", "2026-03-29T07:30:00+02:00"},
		{"hours from the next full one", period.Hours(6).FromFullHour(), "2026-03-29T00:30:00+01:00", "", "2026-03-29T08:00:00+02:00"},
		{"at least one day before", period.Before(1, period.Day), "2026-01-01T10:00:00+01:00", "2025-12-31", "2026-01-01T00:00:00+01:00"},
		{"at least 24 hours before, over the spring change", period.Before(24, period.Hour), "2026-03-30T01:30:00+02:00", "2026-03-29", "2026-03-29T00:30:00+01:00"},
		{"older than 30 days", period.OlderThan(30, period.Day), "2026-01-01T10:00:00+01:00", "2026-01-31", "2026-02-01T00:00:00+01:00"},
		{"A8, K16: at most six months is gone before the anniversary", period.AtMost(6, period.Month), "2026-01-15T10:00:00+01:00", "2026-07-14", "2026-07-15T00:00:00+02:00"},
		{"A8, K16: at most six months of 31 August", period.AtMost(6, period.Month), "2025-08-31T10:00:00+02:00", "2026-02-27", "2026-02-28T00:00:00+01:00"},
		{"at most one year of a leap day", period.AtMost(1, period.Year), "2024-02-29T10:00:00+01:00", "2025-02-27", "2025-02-28T00:00:00+01:00"},
		{"at most one day is gone with the same day", period.AtMost(1, period.Day), "2026-01-15T10:00:00+01:00", "2026-01-15", "2026-01-16T00:00:00+01:00"},
		{"three years from the end of the year", period.YearsAfter(3), "2026-01-15T10:00:00+01:00", "2029-12-31", "2030-01-01T00:00:00+01:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := tt.term.Under("agreement 1").From(calendar(t, period.SI), instant(t, tt.start))
			if err != nil {
				t.Fatal(err)
			}
			if got := dayOrNone(r.LastDay); got != tt.lastDay {
				t.Errorf("last day %s, want %s", got, tt.lastDay)
			}
			if got := r.End.Format(time.RFC3339); got != tt.end {
				t.Errorf("end %s, want %s", got, tt.end)
			}
			if r.Steps[0].Law != "agreement 1" {
				t.Errorf("the first step cites %q", r.Steps[0].Law)
			}
		})
	}
}

func TestUnlawfulTerms(t *testing.T) {
	tests := []struct {
		name string
		term period.Term
	}{
		{"the zero term", period.Term{}},
		{"no days at all", period.Days(0)},
		{"a negative count", period.Months(-1)},
		{"more than a century of hours", period.Hours(876_001)},
		{"more than a century of days", period.Days(36_501)},
		{"more than a century of months", period.Months(1_201)},
		{"more than a century of years", period.Years(101)},
		{"months counted backward", period.Before(3, period.Month)},
		{"retention in hours", period.OlderThan(3, period.Hour)},
		{"a maximum in hours", period.AtMost(3, period.Hour)},
		{"forward hours", period.Term{Kind: period.Forward, Count: 1, Unit: period.Hour}},
		{"elapsed days", period.Term{Kind: period.Elapsed, Count: 1, Unit: period.Day}},
		{"a log term in months", period.Term{Kind: period.LogTerm, Count: 1, Unit: period.Month}},
		{"an unknown kind", period.Term{Kind: "about", Count: 1, Unit: period.Day}},
		{"an unknown unit", period.Term{Kind: period.Forward, Count: 1, Unit: "week"}},
		{"an unknown regime", period.Days(1).By("canon")},
		{"hours that roll", period.Hours(72).Rolled()},
		{"retention that rolls", period.OlderThan(1, period.Year).Rolled()},
		{"a notice that rolls", period.Before(3, period.Day).Rolled()},
		{"days from the full hour", period.Days(3).FromFullHour()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := tt.term.From(calendar(t, period.SI), time.Now()); !errors.Is(err, period.ErrTerm) {
				t.Errorf("error %v", err)
			}
		})
	}
	for _, term := range []period.Term{period.Hours(876_000), period.Days(36_500).Rolled(), period.Months(1_200), period.OlderThan(100, period.Year), period.YearsAfter(100)} {
		start := time.Date(2200, 12, 30, 0, 0, 0, 0, time.UTC)
		if r, err := term.From(calendar(t, period.SI), start); err != nil || !r.End.After(start) {
			t.Errorf("the longest %s from the latest start: %v %v", term.Unit, r.End, err)
		}
	}
}

func TestPauses(t *testing.T) { // B2.10
	// A request of Monday 2 March 2026: unpaused due Thursday 2 April.
	const start = "2026-03-02T10:00:00+01:00"
	at := func(s string) time.Time { return instant(t, s) }
	tests := []struct {
		name     string
		pauses   []period.Pause
		lastDay  string
		unrolled string
	}{
		{"five whole days, Tuesday 7 April", []period.Pause{{From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-15T09:00:00+01:00")}}, "2026-04-07", "2026-04-07"},
		{"a second less is four days, which roll from Easter Monday", []period.Pause{{From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-15T08:59:59+01:00")}}, "2026-04-07", "2026-04-06"},
		{"one whole day", []period.Pause{{From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-11T09:00:00+01:00")}}, "2026-04-03", "2026-04-03"},
		{"a second short of a day is none", []period.Pause{{From: at("2026-03-10T09:00:30+01:00"), To: at("2026-03-11T09:00:29+01:00")}}, "2026-04-02", "2026-04-02"},
		{"a nanosecond short of a day is none", []period.Pause{{From: at("2026-03-10T09:00:30.000000001+01:00"), To: at("2026-03-11T09:00:30+01:00")}}, "2026-04-02", "2026-04-02"},
		{"two hours over midnight are none", []period.Pause{{From: at("2026-03-10T23:00:00+01:00"), To: at("2026-03-11T01:00:00+01:00")}}, "2026-04-02", "2026-04-02"},
		{"an answer at the same instant is none", []period.Pause{{From: at(start), To: at(start)}}, "2026-04-02", "2026-04-02"},
		{"a day over the spring change is a whole one with 23 hours", []period.Pause{{From: at("2026-03-28T12:00:00+01:00"), To: at("2026-03-29T12:00:00+02:00")}}, "2026-04-03", "2026-04-03"},
		{"overlapping pauses count once", []period.Pause{
			{From: at("2026-03-12T09:00:00+01:00"), To: at("2026-03-15T09:00:00+01:00")},
			{From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-14T09:00:00+01:00")}}, "2026-04-07", "2026-04-07"},
		{"one pause within another counts once", []period.Pause{
			{From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-15T09:00:00+01:00")},
			{From: at("2026-03-11T09:00:00+01:00"), To: at("2026-03-12T09:00:00+01:00")}}, "2026-04-07", "2026-04-07"},
		{"separate pauses add up", []period.Pause{
			{From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-12T09:00:00+01:00")},
			{From: at("2026-03-20T09:00:00+01:00"), To: at("2026-03-26T09:00:00+01:00")}}, "2026-04-10", "2026-04-10"},
		{"a pause on the last day still counts", []period.Pause{{From: at("2026-04-02T23:59:59+02:00"), To: at("2026-04-03T23:59:59+02:00")}}, "2026-04-03", "2026-04-03"},
		{"a pause after the end revives nothing", []period.Pause{{From: at("2026-04-03T00:00:00+02:00"), To: at("2026-04-13T00:00:00+02:00")}}, "2026-04-02", "2026-04-02"},
		{"a pause within the time gained by another counts", []period.Pause{
			{From: at("2026-04-01T09:00:00+02:00"), To: at("2026-04-02T09:00:00+02:00")},
			{From: at("2026-04-03T09:00:00+02:00"), To: at("2026-04-08T09:00:00+02:00")}}, "2026-04-08", "2026-04-08"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := compute(t, period.SI, period.RuleDSAR1M, start, tt.pauses...)
			if r.LastDay.String() != tt.lastDay || r.UnrolledDay.String() != tt.unrolled {
				t.Errorf("last day %s (%s unrolled), want %s (%s)", r.LastDay, r.UnrolledDay, tt.lastDay, tt.unrolled)
			}
			if r.UnpausedDay.String() != "2026-04-02" {
				t.Errorf("unpaused day %s", r.UnpausedDay)
			}
			cited := false
			for _, s := range r.Steps {
				cited = cited || s.Law == "EDPB Guidelines 01/2022 section 5.3"
			}
			if !cited {
				t.Errorf("no step names the pause: %+v", r.Steps)
			}
		})
	}
	if r := compute(t, period.SI, period.RuleDSAR1M, start); !r.UnpausedDay.IsZero() {
		t.Errorf("unpaused day %s without a pause", r.UnpausedDay)
	}
	refused := map[string]period.Pause{
		"a pause that ends before it begins": {From: at("2026-03-10T09:00:00+01:00"), To: at("2026-03-10T08:59:59+01:00")},
		"a pause that is not closed":         {From: at("2026-03-10T09:00:00+01:00")},
		"a pause before receipt":             {From: at("2026-03-02T09:59:59+01:00"), To: at("2026-03-10T09:00:00+01:00")},
	}
	for name, p := range refused {
		if _, err := period.Compute(period.SI, period.RuleDSAR1M, at(start), period.Options{Pauses: []period.Pause{p}}); !errors.Is(err, period.ErrPause) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestEarliestOf(t *testing.T) {
	request := func(start string) period.Result {
		r, err := period.EarliestOf("Smernica 3.3", compute(t, period.SK, period.RuleSKDSAR30D, start), compute(t, period.SK, period.RuleDSAR1M, start))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	tests := []struct {
		name, start, lastDay string
		rule                 period.Rule
	}{
		{"B2.9: in July thirty days come first", "2026-07-01T10:00:00+02:00", "2026-07-31", period.RuleSKDSAR30D},
		{"B2.9: at the end of January the month comes first", "2025-01-31T10:00:00+01:00", "2025-02-28", period.RuleDSAR1M},
		{"B2.9: in April both end together and thirty days are named", "2026-04-15T10:00:00+02:00", "2026-05-15", period.RuleSKDSAR30D},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request(tt.start)
			if r.LastDay.String() != tt.lastDay || r.Rule != tt.rule {
				t.Errorf("%s by %s, want %s by %s", r.LastDay, r.Rule, tt.lastDay, tt.rule)
			}
			last := r.Steps[len(r.Steps)-1]
			for _, part := range []string{"SK_DSAR_30D", "DSAR_1M", string(tt.rule) + " counts"} {
				if !strings.Contains(last.Text, part) {
					t.Errorf("the last step %q does not name %s", last.Text, part)
				}
			}
		})
	}
	t.Run("P07: the first communication comes before the month", func(t *testing.T) {
		obtained, contact := instant(t, "2026-05-04T10:00:00+02:00"), instant(t, "2026-05-20T15:00:00Z")
		month := compute(t, period.SK, period.RuleART14OneMonth, "2026-05-04T10:00:00+02:00")
		steps := len(month.Steps)
		r, err := period.EarliestOf("GDPR art. 14(3)", month,
			period.Fixed(calendar(t, period.SK), obtained, contact, "GDPR art. 14(3)(b)", "first communication with the person"))
		if err != nil || !r.End.Equal(contact) || r.End.Format("-07:00") != "+02:00" || r.Steps[0].Law != "GDPR art. 14(3)(b)" {
			t.Errorf("%+v %v", r, err)
		}
		if len(month.Steps) != steps {
			t.Error("the limit given was changed")
		}
	})
	t.Run("a second answer leaves the first alone", func(t *testing.T) {
		limit := compute(t, period.SK, period.RuleSKDSAR30D, "2026-07-01T10:00:00+02:00")
		limit.Steps = append(make([]period.Step, 0, 20), limit.Steps...)
		first, err := period.EarliestOf("first law", limit)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := period.EarliestOf("second law", limit); err != nil {
			t.Fatal(err)
		}
		if got := first.Steps[len(first.Steps)-1].Law; got != "first law" {
			t.Errorf("the first answer now cites the %s", got)
		}
	})
	if _, err := period.EarliestOf("law"); !errors.Is(err, period.ErrNoLimit) {
		t.Errorf("earliest of nothing: %v", err)
	}
}

func TestDates(t *testing.T) {
	for _, tt := range []struct {
		start  string
		months int
		want   string
		clamp  bool
	}{
		{"2026-01-31", 1, "2026-02-28", true},
		{"2024-01-31", 1, "2024-02-29", true},
		{"2026-01-28", 1, "2026-02-28", false},
		{"2026-12-31", 2, "2027-02-28", true},
		{"2026-03-31", -1, "2026-02-28", true},
		{"2026-01-15", -1, "2025-12-15", false},
		{"2026-11-30", 1, "2026-12-30", false},
		{"2020-02-29", 60, "2025-02-28", true},
		{"2020-02-29", 48, "2024-02-29", false},
		{"2096-02-29", 48, "2100-02-28", true},
	} {
		if got, clamped := date(t, tt.start).AddMonths(tt.months); got.String() != tt.want || clamped != tt.clamp {
			t.Errorf("%s + %d months = %s (clamped %v), want %s", tt.start, tt.months, got, clamped, tt.want)
		}
	}
	if n := date(t, "2026-03-28").DaysUntil(date(t, "2026-03-30")); n != 2 {
		t.Errorf("days over the spring change: %d", n)
	}
	for _, text := range []string{"", "2026-02-30", "2026-2-3", "26-02-03", "2026-02-03T00:00:00Z", "0000-00-00"} {
		if _, err := period.ParseDate(text); !errors.Is(err, period.ErrDate) {
			t.Errorf("%q is read as a date", text)
		}
	}
}
