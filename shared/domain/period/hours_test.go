package period_test

import (
	"errors"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

func service(t testing.TB, week period.Week) period.ServiceHours {
	t.Helper()
	hours, err := period.NewServiceHours(week, calendar(t, period.SI))
	if err != nil {
		t.Fatal(err)
	}
	return hours
}

// always is round the clock every day, night is 01:00 to 02:30 and 02:30 to
// 05:00 on Sundays, the day on which clocks change.
var (
	ekc    = period.Weekdays(8*60, 22*60)
	always = period.Week{{{0, 1440}}, {{0, 1440}}, {{0, 1440}}, {{0, 1440}}, {{0, 1440}}, {{0, 1440}}, {{0, 1440}}}
	night  = period.Week{{{60, 150}, {150, 300}}}
)

func TestAddWorking(t *testing.T) {
	tests := []struct {
		name  string
		week  period.Week
		start string
		add   time.Duration
		want  string
	}{
		{"within the day", ekc, "2026-04-23T10:00:00+02:00", 2 * time.Hour, "2026-04-23T12:00:00+02:00"},
		{"nothing to add, closed", ekc, "2026-04-25T10:00:00+02:00", 0, "2026-04-25T10:00:00+02:00"},
		{"from before opening", ekc, "2026-04-23T05:00:00+02:00", time.Hour, "2026-04-23T09:00:00+02:00"},
		{"used up at closing", ekc, "2026-04-23T20:00:00+02:00", 2 * time.Hour, "2026-04-23T22:00:00+02:00"},
		{"a nanosecond more goes to the next day", ekc, "2026-04-23T20:00:00+02:00", 2*time.Hour + 1, "2026-04-24T08:00:00.000000001+02:00"},
		{"from the moment of closing", ekc, "2026-04-23T22:00:00+02:00", time.Hour, "2026-04-24T09:00:00+02:00"},
		{"over the weekend and 27 April", ekc, "2026-04-24T21:00:00+02:00", 2 * time.Hour, "2026-04-28T09:00:00+02:00"},
		{"from a holiday at noon", ekc, "2026-04-27T12:00:00+02:00", time.Hour, "2026-04-28T09:00:00+02:00"},
		{"over Christmas 2026", ekc, "2026-12-24T21:00:00+01:00", 2 * time.Hour, "2026-12-28T09:00:00+01:00"},
		{"two weeks of 14 hours, one holiday", ekc, "2026-04-20T08:00:00+02:00", 9 * 14 * time.Hour, "2026-05-04T22:00:00+02:00"},
		{"over the weekend of the spring change", ekc, "2026-03-27T21:00:00+01:00", 2 * time.Hour, "2026-03-30T09:00:00+02:00"},
		{"over the weekend of the autumn change", ekc, "2026-10-23T21:00:00+02:00", 2 * time.Hour, "2026-10-26T09:00:00+01:00"},
		{"round the clock over the spring change", always, "2026-03-29T01:30:00+01:00", time.Hour, "2026-03-29T03:30:00+02:00"},
		{"round the clock over the autumn change", always, "2026-10-25T02:30:00+02:00", time.Hour, "2026-10-25T02:30:00+01:00"},
		{"round the clock over midnight", always, "2026-03-24T23:00:00+01:00", 2 * time.Hour, "2026-03-25T01:00:00+01:00"},
		{"round the clock but not on 27 April", always, "2026-04-26T23:00:00+02:00", 2 * time.Hour, "2026-04-28T01:00:00+02:00"},
		{"a night of the spring change has three hours", night, "2026-03-29T00:00:00+01:00", 3 * time.Hour, "2026-03-29T05:00:00+02:00"},
		{"a night of the autumn change has five", night, "2026-10-25T00:00:00+02:00", 5 * time.Hour, "2026-10-25T05:00:00+01:00"},
		{"a start in UTC", ekc, "2026-04-23T19:30:00Z", time.Hour, "2026-04-24T08:30:00+02:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hours, start := service(t, tt.week), instant(t, tt.start)
			got, err := hours.AddWorking(start, tt.add)
			if err != nil {
				t.Fatal(err)
			}
			if got.Format(time.RFC3339Nano) != tt.want {
				t.Errorf("got %s, want %s", got.Format(time.RFC3339Nano), tt.want)
			}
			if back := hours.WorkingBetween(start, got); back != tt.add {
				t.Errorf("working time between is %s, want %s", back, tt.add)
			}
		})
	}
	hours := service(t, ekc)
	for _, d := range []time.Duration{-1, 1 << 62} {
		if _, err := hours.AddWorking(time.Now(), d); !errors.Is(err, period.ErrWorkingTime) {
			t.Errorf("%s: error %v", d, err)
		}
	}
}

func TestWorkingBetween(t *testing.T) {
	tests := []struct {
		name string
		week period.Week
		a, b string
		want time.Duration
	}{
		{"an evening and a morning", ekc, "2026-04-22T21:00:00+02:00", "2026-04-23T09:00:00+02:00", 2 * time.Hour},
		{"a weekend", ekc, "2026-04-25T00:00:00+02:00", "2026-04-27T00:00:00+02:00", 0},
		{"a holiday", ekc, "2026-04-27T00:00:00+02:00", "2026-04-28T00:00:00+02:00", 0},
		{"a week with a holiday", ekc, "2026-04-27T00:00:00+02:00", "2026-05-04T00:00:00+02:00", 3 * 14 * time.Hour},
		{"the same instant", ekc, "2026-04-23T12:00:00+02:00", "2026-04-23T12:00:00+02:00", 0},
		{"backward", ekc, "2026-04-23T12:00:00+02:00", "2026-04-23T10:00:00+02:00", 0},
		{"backward over days", ekc, "2026-04-23T12:00:00+02:00", "2026-04-20T10:00:00+02:00", 0},
		{"up to closing, exclusive", ekc, "2026-04-23T21:59:59+02:00", "2026-04-23T23:00:00+02:00", time.Second},
		{"the spring day round the clock", always, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23 * time.Hour},
		{"the autumn day round the clock", always, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25 * time.Hour},
		{"the spring night", night, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 3 * time.Hour},
		{"the autumn night, the doubled hour once", night, "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 5 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := service(t, tt.week).WorkingBetween(instant(t, tt.a), instant(t, tt.b)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestIsOpenAtTheClockChanges(t *testing.T) {
	missing := period.Week{{{135, 165}}} // 02:15 to 02:45, which the spring Sunday does not have
	into := period.Week{{{60, 150}}}     // 01:00 to 02:30
	from := period.Week{{{150, 240}}}    // 02:30 to 04:00
	doubled := period.Week{{{135, 165}}} // 02:15 to 02:45, twice in autumn
	later := period.Week{{{180, 240}}}   // 03:00 to 04:00
	tests := []struct {
		name string
		week period.Week
		at   string
		open bool
	}{
		{"a span in the missing hour is never open", missing, "2026-03-29T03:00:00+02:00", false},
		{"nor does it open at the change", missing, "2026-03-29T01:00:00+01:00", false},
		{"a span from the end of the doubled hour opens after its second end", later, "2026-10-25T02:30:00+01:00", false},
		{"and then it is open", later, "2026-10-25T03:00:00+01:00", true},
		{"a span into the missing hour closes at the change", into, "2026-03-29T01:59:59+01:00", true},
		{"and is closed at the change", into, "2026-03-29T03:00:00+02:00", false},
		{"a span from the missing hour opens at the change", from, "2026-03-29T03:00:00+02:00", true},
		{"and not before", from, "2026-03-29T01:59:59+01:00", false},
		{"a span in the doubled hour opens at its first start", doubled, "2026-10-25T02:15:00+02:00", true},
		{"not a second before", doubled, "2026-10-25T02:14:59+02:00", false},
		{"stays open over the change", doubled, "2026-10-25T02:00:00+01:00", true},
		{"until its second end", doubled, "2026-10-25T02:44:59+01:00", true},
		{"exclusive", doubled, "2026-10-25T02:45:00+01:00", false},
		{"the first instant of service", ekc, "2026-04-23T08:00:00+02:00", true},
		{"the instant before", ekc, "2026-04-23T07:59:59.999999999+02:00", false},
		{"the last instant of service", ekc, "2026-04-23T21:59:59.999999999+02:00", true},
		{"the end is closed", ekc, "2026-04-23T22:00:00+02:00", false},
		{"a Saturday", ekc, "2026-04-25T12:00:00+02:00", false},
		{"a work-free Monday", ekc, "2026-04-27T12:00:00+02:00", false},
		{"24:00 is the next day's", always, "2026-04-27T00:00:00+02:00", false},
		{"midnight of a worked day", always, "2026-04-28T00:00:00+02:00", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hours, at := service(t, tt.week), instant(t, tt.at)
			if got := hours.IsOpen(at); got != tt.open {
				t.Errorf("IsOpen = %v, want %v", got, tt.open)
			}
			next, err := hours.NextOpening(at)
			if err != nil || next.Equal(at) != tt.open || !hours.IsOpen(next) {
				t.Errorf("next opening %s, %v", next, err)
			}
		})
	}
}

func TestUnlawfulWeeks(t *testing.T) {
	tests := map[string]period.Week{
		"never open":        {},
		"empty span":        {{{480, 480}}},
		"ends before start": {{{960, 480}}},
		"before midnight":   {{{-1, 480}}},
		"past midnight":     {{{480, 1441}}},
		"overlap":           {{{480, 720}, {700, 960}}},
		"out of order":      {{{720, 960}, {480, 600}}},
	}
	for name, week := range tests {
		if _, err := period.NewServiceHours(week, calendar(t, period.SI)); !errors.Is(err, period.ErrWeek) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := period.NewServiceHours(ekc, period.Calendar{}); !errors.Is(err, period.ErrJurisdiction) {
		t.Errorf("the zero calendar: %v", err)
	}
	week := period.Weekdays(480, 960)
	hours := service(t, week)
	week[time.Monday][0] = period.Span{From: 0, To: 1}
	if !hours.IsOpen(instant(t, "2026-04-20T12:00:00+02:00")) {
		t.Error("the caller's week is shared, not copied")
	}
}

func TestNeverOpens(t *testing.T) {
	var closed []period.Override
	for d := date(t, "2026-01-01"); d.Year < 2037; d = d.AddDays(1) {
		closed = append(closed, period.Override{Date: d, WorkFree: true, Name: "closed", Law: "decree"})
	}
	hours, err := period.NewServiceHours(ekc, calendar(t, period.SI, closed...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hours.NextOpening(instant(t, "2026-01-01T00:00:00+01:00")); !errors.Is(err, period.ErrNeverOpens) {
		t.Errorf("error %v", err)
	}
}

func TestClock(t *testing.T) {
	for text, want := range map[string]period.Clock{"00:00": 0, "08:00": 480, "22:30": 1350, "24:00": 1440} {
		got, err := period.ParseClock(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %d, %s, %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "8:00", "08:60", "24:01", "25:00", "08.00", "08:00:00", "-1:00"} {
		if _, err := period.ParseClock(text); !errors.Is(err, period.ErrWeek) {
			t.Errorf("%q is read as a time", text)
		}
	}
}
