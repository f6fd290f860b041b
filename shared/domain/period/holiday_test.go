package period_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

func calendar(t testing.TB, j period.Jurisdiction, overrides ...period.Override) period.Calendar {
	t.Helper()
	cal, err := period.NewCalendar(j, overrides...)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func date(t testing.TB, s string) period.Date {
	t.Helper()
	d, err := period.ParseDate(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d
}

// easterSundays are the published dates, so that the computed feasts are held
// against something that was not computed here.
var easterSundays = []string{
	"2010-04-04", "2011-04-24", "2012-04-08", "2013-03-31", "2014-04-20", "2015-04-05", "2016-03-27", "2017-04-16",
	"2018-04-01", "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09", "2024-03-31", "2025-04-20",
	"2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21", "2031-04-13", "2032-03-28", "2033-04-17",
	"2034-04-09", "2035-03-25", "2036-04-13", "2037-04-05", "2038-04-25", "2039-04-10", "2040-04-01",
}

// expected is what B4 says, written out a second time, in another way than the
// table: month-day texts for one year.
func expected(t *testing.T, j period.Jurisdiction, year int) (free, stateButWorked []string) {
	sunday := date(t, easterSundays[year-period.FirstYear])
	feast := func(n int) string { return sunday.AddDays(n).String()[5:] }
	if j == period.SI {
		free = []string{"01-01", "02-08", feast(0), feast(1), "04-27", "05-01", "05-02", feast(49), "06-25", "08-15", "10-31", "11-01", "12-25", "12-26"}
		if year <= 2012 || year >= 2017 {
			free = append(free, "01-02")
		}
		if year == 2023 {
			free = append(free, "08-14")
		}
		stateButWorked = []string{"08-17", "09-15", "11-23"}
		for day, since := range map[string]int{"06-08": 2011, "09-23": 2020, "10-25": 2015} {
			if year >= since {
				stateButWorked = append(stateButWorked, day)
			}
		}
		return free, stateButWorked
	}
	free = []string{"01-01", "01-06", feast(-2), feast(1), "05-01", "07-05", "08-29", "11-01", "12-24", "12-25", "12-26"}
	if year != 2026 {
		free = append(free, "05-08", "09-15")
	}
	if year == 2018 {
		free = append(free, "10-30")
	}
	if year <= 2023 {
		free = append(free, "09-01")
	} else {
		stateButWorked = append(stateButWorked, "09-01")
	}
	if year <= 2024 {
		free = append(free, "11-17")
	} else {
		stateButWorked = append(stateButWorked, "11-17")
	}
	if year >= 2021 {
		stateButWorked = append(stateButWorked, "10-28")
	}
	return free, stateButWorked
}

func TestHolidaysOfEveryYear(t *testing.T) { // B4
	for _, j := range period.Jurisdictions() {
		cal := calendar(t, j)
		for year := period.FirstYear; year <= period.LastYear; year++ {
			wantFree, wantWorked := expected(t, j, year)
			var free, worked []string
			for _, h := range cal.Holidays(year) {
				if h.Name == "" || h.Law == "" {
					t.Errorf("%s %s: a holiday without name or law", j, h.Date)
				}
				if h.WorkFree {
					free = append(free, h.Date.String()[5:])
				} else if h.StateHoliday {
					worked = append(worked, h.Date.String()[5:])
				}
			}
			for _, list := range [][]string{wantFree, wantWorked, free, worked} {
				slices.Sort(list)
			}
			if !slices.Equal(free, wantFree) {
				t.Errorf("%s %d work-free:\n got %v\nwant %v", j, year, free, wantFree)
			}
			if !slices.Equal(worked, wantWorked) {
				t.Errorf("%s %d worked state holidays:\n got %v\nwant %v", j, year, worked, wantWorked)
			}
		}
	}
}

func TestEveryDayIsWorkedOrFreeAsListed(t *testing.T) { // B4: the day lookup agrees with the yearly list
	for _, j := range period.Jurisdictions() {
		cal := calendar(t, j)
		for d := period.NewDate(period.FirstYear, time.January, 1); d.Year <= period.LastYear; d = d.AddDays(1) {
			free, _ := expected(t, j, d.Year)
			holiday := slices.Contains(free, d.String()[5:])
			if _, got := cal.WorkFree(d); got != holiday {
				t.Fatalf("%s %s: WorkFree = %v, want %v", j, d, got, holiday)
			}
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if got := cal.IsWorkingDay(d); got != (!holiday && !weekend) {
				t.Fatalf("%s %s: IsWorkingDay = %v", j, d, got)
			}
		}
	}
}

func TestDaysNamedInTheRules(t *testing.T) { // B4, one by one
	tests := []struct {
		name    string
		j       period.Jurisdiction
		day     string
		working bool
	}{
		{"2 January 2012 is still free in Slovenia", period.SI, "2012-01-02", false},
		{"2 January 2013 is worked in Slovenia", period.SI, "2013-01-02", true},
		{"2 January 2014 is worked in Slovenia", period.SI, "2014-01-02", true},
		{"2 January 2015 is worked in Slovenia", period.SI, "2015-01-02", true},
		{"2 January 2017 is free again in Slovenia", period.SI, "2017-01-02", false},
		{"14 August 2023 is the day of solidarity", period.SI, "2023-08-14", false},
		{"14 August 2024 is worked", period.SI, "2024-08-14", true},
		{"Good Friday is worked in Slovenia", period.SI, "2026-04-03", true},
		{"Easter Monday is free in Slovenia", period.SI, "2026-04-06", false},
		{"Whit Monday is worked in Slovenia", period.SI, "2026-05-25", true},
		{"24 December is worked in Slovenia", period.SI, "2026-12-24", true},
		{"23 November is a worked state holiday in Slovenia", period.SI, "2026-11-23", true},
		{"15 September is a worked state holiday in Slovenia", period.SI, "2026-09-15", true},
		{"23 September is a worked state holiday in Slovenia", period.SI, "2026-09-23", true},
		{"8 June is a worked state holiday in Slovenia", period.SI, "2026-06-08", true},
		{"Good Friday is free in Slovakia", period.SK, "2026-04-03", false},
		{"6 January 2026 is free in Slovakia, the proposal failed", period.SK, "2026-01-06", false},
		{"8 May 2025 is free in Slovakia", period.SK, "2025-05-08", false},
		{"8 May 2026 is worked in Slovakia", period.SK, "2026-05-08", true},
		{"8 May 2028 is free again in Slovakia", period.SK, "2028-05-08", false},
		{"15 September 2026 is worked in Slovakia", period.SK, "2026-09-15", true},
		{"15 September 2027 is free again in Slovakia", period.SK, "2027-09-15", false},
		{"1 September 2023 is free in Slovakia", period.SK, "2023-09-01", false},
		{"1 September 2025 is worked in Slovakia", period.SK, "2025-09-01", true},
		{"17 November 2023 is free in Slovakia", period.SK, "2023-11-17", false},
		{"17 November 2025 is worked in Slovakia", period.SK, "2025-11-17", true},
		{"30 October 2018 is a one-off in Slovakia", period.SK, "2018-10-30", false},
		{"30 October 2019 is worked in Slovakia", period.SK, "2019-10-30", true},
		{"28 October 2021 is worked in Slovakia", period.SK, "2021-10-28", true},
		{"24 December is free in Slovakia", period.SK, "2026-12-24", false},
		{"27 April is worked in Slovakia", period.SK, "2026-04-27", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := calendar(t, tt.j).IsWorkingDay(date(t, tt.day)); got != tt.working {
				t.Errorf("IsWorkingDay(%s) = %v, want %v", tt.day, got, tt.working)
			}
		})
	}
}

func TestDaysWithoutRestKeepTheirNameIn2026(t *testing.T) { // B4: neither flag, but still named
	for _, day := range []string{"2026-05-08", "2026-09-15"} {
		list := calendar(t, period.SK).Holidays(2026)
		i := slices.IndexFunc(list, func(h period.Holiday) bool { return h.Date.String() == day })
		if i < 0 || list[i].WorkFree || list[i].StateHoliday || !strings.Contains(list[i].Law, "261/2025") {
			t.Errorf("%s is not listed as a day that lost its rest", day)
		}
	}
}

// The exceptions of the computus (1954, 1981, 2049, 2076) lie outside the
// checked years, but not outside what may be asked.
func TestEasterInItsExceptions(t *testing.T) {
	for _, day := range []string{"1954-04-18", "1981-04-19", "2000-04-23", "2049-04-18", "2076-04-19", "2100-03-28"} {
		sunday := date(t, day)
		if h, free := calendar(t, period.SI).WorkFree(sunday); !free || h.Name != "velikonočna nedelja" {
			t.Errorf("%s is not Easter Sunday", day)
		}
	}
}

func TestOverrides(t *testing.T) {
	bridge := period.Override{Date: date(t, "2026-06-26"), WorkFree: true, Name: "collective leave", Law: "order of the head"}
	worked := period.Override{Date: date(t, "2027-05-08"), WorkFree: false, Name: "working 8 May", Law: "Act 1/2027"}
	cal := calendar(t, period.SK, worked, bridge)
	if cal.IsWorkingDay(bridge.Date) {
		t.Error("an added day is still worked")
	}
	if _, free := cal.WorkFree(worked.Date); free {
		t.Error("a removed day is still free")
	}
	if _, free := calendar(t, period.SK).WorkFree(worked.Date); !free {
		t.Error("an override leaks into another calendar")
	}
	if got := cal.NextWorkingDay(bridge.Date); got != date(t, "2026-06-29") {
		t.Errorf("next working day after the bridge = %s", got)
	}
	list := cal.Holidays(2027)
	i := slices.IndexFunc(list, func(h period.Holiday) bool { return h.Date == worked.Date })
	if i < 0 || list[i].WorkFree || list[i].Law != "Act 1/2027" || list[i].Name != "Deň víťazstva nad fašizmom" {
		t.Errorf("a removed day keeps its name and takes the new law: %+v", list)
	}
	if n := len(list); n != len(calendar(t, period.SK).Holidays(2027)) {
		t.Errorf("a removed day is listed twice: %d days", n)
	}
	if !slices.ContainsFunc(cal.Holidays(2026), func(h period.Holiday) bool { return h.Date == bridge.Date && h.WorkFree }) {
		t.Error("an added day is missing from the list")
	}
	unlawful := map[string][]period.Override{
		"no date":           {{WorkFree: true, Name: "x", Law: "y"}},
		"no name":           {{Date: bridge.Date, Law: "y"}},
		"no law":            {{Date: bridge.Date, Name: "x"}},
		"two for one date":  {bridge, bridge},
		"two that conflict": {bridge, {Date: bridge.Date, Name: "x", Law: "y"}},
	}
	for name, overrides := range unlawful {
		if _, err := period.NewCalendar(period.SI, overrides...); !errors.Is(err, period.ErrOverride) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := period.NewCalendar("HR"); !errors.Is(err, period.ErrJurisdiction) {
		t.Errorf("unknown jurisdiction: %v", err)
	}
}
