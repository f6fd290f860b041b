package target_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/domain/target"
)

func hours(t testing.TB, week period.Week) period.ServiceHours {
	t.Helper()
	cal, err := period.NewCalendar(period.SI)
	if err != nil {
		t.Fatal(err)
	}
	h, err := period.NewServiceHours(week, cal)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var (
	ekc    = period.Weekdays(8*60, 22*60)
	allDay = []period.Span{{From: 0, To: 1440}}
	always = period.Week{allDay, allDay, allDay, allDay, allDay, allDay, allDay}
)

func at(t testing.TB, s string) time.Time {
	t.Helper()
	got, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestTargets: Ljubljana is at +01:00 in winter and +02:00 in summer; 27 April is
// a holiday (a Monday in 2026), as are 1 and 2 May, 24 December is none.
func TestTargets(t *testing.T) {
	type pause [2]string
	for _, c := range []struct {
		name   string
		week   period.Week
		start  string
		length time.Duration
		pauses []pause
		want   string // end; "" while a pause lasts
	}{
		{"within one day", ekc, "2026-04-23T10:00:00+02:00", 4 * time.Hour, nil, "2026-04-23T14:00:00+02:00"},
		{"asked at 21:50, two hours", ekc, "2026-04-23T21:50:00+02:00", 2 * time.Hour, nil, "2026-04-24T09:50:00+02:00"},
		{"asked at night counts from opening", ekc, "2026-04-23T23:00:00+02:00", 2 * time.Hour, nil, "2026-04-24T10:00:00+02:00"},
		{"over a weekend and a holiday", ekc, "2026-04-24T21:00:00+02:00", 2 * time.Hour, nil, "2026-04-28T09:00:00+02:00"},
		{"over Christmas", ekc, "2026-12-24T21:00:00+01:00", 2 * time.Hour, nil, "2026-12-28T09:00:00+01:00"},
		{"the weekend of the spring change", ekc, "2026-03-27T21:00:00+01:00", 2 * time.Hour, nil, "2026-03-30T09:00:00+02:00"},
		{"the weekend of the autumn change", ekc, "2026-10-23T21:00:00+02:00", 2 * time.Hour, nil, "2026-10-26T09:00:00+01:00"},
		{"round the clock through the missing hour", always, "2026-03-29T01:30:00+01:00", time.Hour, nil, "2026-03-29T03:30:00+02:00"},
		{"round the clock through the doubled hour", always, "2026-10-25T02:30:00+02:00", time.Hour, nil, "2026-10-25T02:30:00+01:00"},
		{"a pause in working time moves the end by as much", ekc, "2026-04-23T10:00:00+02:00", 4 * time.Hour, []pause{{"2026-04-23T11:00:00+02:00", "2026-04-23T12:30:00+02:00"}}, "2026-04-23T15:30:00+02:00"},
		{"a pause outside service hours moves nothing", ekc, "2026-04-23T21:00:00+02:00", 2 * time.Hour, []pause{{"2026-04-23T22:30:00+02:00", "2026-04-24T07:00:00+02:00"}}, "2026-04-24T09:00:00+02:00"},
		{"a pause over a weekend moves it by its open hours", ekc, "2026-04-24T20:00:00+02:00", 4 * time.Hour, []pause{{"2026-04-24T21:00:00+02:00", "2026-04-28T10:00:00+02:00"}}, "2026-04-28T13:00:00+02:00"},
		{"a pause through the missing hour", always, "2026-03-29T01:00:00+01:00", 2 * time.Hour, []pause{{"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}}, "2026-03-29T05:00:00+02:00"},
		{"a pause through the doubled hour", always, "2026-10-25T02:00:00+02:00", 2 * time.Hour, []pause{{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"}}, "2026-10-25T04:00:00+01:00"},
		{"two pauses", ekc, "2026-04-23T08:00:00+02:00", 3 * time.Hour, []pause{{"2026-04-23T09:00:00+02:00", "2026-04-23T10:00:00+02:00"}, {"2026-04-23T11:00:00+02:00", "2026-04-23T13:00:00+02:00"}}, "2026-04-23T14:00:00+02:00"},
		{"a pause after the end changes nothing", ekc, "2026-04-23T08:00:00+02:00", time.Hour, []pause{{"2026-04-23T10:00:00+02:00", "2026-04-23T11:00:00+02:00"}}, "2026-04-23T09:00:00+02:00"},
		{"a pause that begins at the end changes nothing", ekc, "2026-04-23T08:00:00+02:00", time.Hour, []pause{{"2026-04-23T09:00:00+02:00", ""}}, "2026-04-23T09:00:00+02:00"},
		{"a pause that begins a second before the end keeps it open", ekc, "2026-04-23T08:00:00+02:00", time.Hour, []pause{{"2026-04-23T08:59:59+02:00", ""}}, ""},
		{"and leaves one second after it", ekc, "2026-04-23T08:00:00+02:00", time.Hour, []pause{{"2026-04-23T08:59:59+02:00", "2026-04-24T08:00:00+02:00"}}, "2026-04-24T08:00:01+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tg := target.Target{Start: at(t, c.start), Length: c.length, Hours: hours(t, c.week)}
			for _, p := range c.pauses {
				q := target.Pause{Start: at(t, p[0])}
				if p[1] != "" {
					q.End = at(t, p[1])
				}
				tg.Pauses = append(tg.Pauses, q)
			}
			got, ok, err := tg.End()
			if err != nil || ok != (c.want != "") || ok && !got.Equal(at(t, c.want)) {
				t.Fatalf("%s %t %v, want %q", got, ok, err, c.want)
			}
			if !ok {
				return
			}
			if used, err := tg.Used(got); err != nil || used != c.length {
				t.Errorf("at its end %s have passed: %v", used, err)
			}
			if used, err := tg.Used(got.Add(-time.Second)); err != nil || used != c.length-time.Second {
				t.Errorf("a second before, %s: %v", used, err)
			}
		})
	}
}

func TestWarningsStandAtSharesOfWorkingTime(t *testing.T) {
	tg := target.Target{Start: at(t, "2026-04-24T20:00:00+02:00"), Length: 4 * time.Hour, Hours: hours(t, ekc)}
	l, err := tg.Limit(deadline.Ref{Kind: "ticket", ID: "t"}, "ticket.resolution", 0.5, 0.75)
	if err != nil {
		t.Fatal(err)
	}
	want := []deadline.Stage{{Name: "warn_50", At: at(t, "2026-04-24T22:00:00+02:00").UTC()}, {Name: "warn_75", At: at(t, "2026-04-28T09:00:00+02:00").UTC()}, {Name: "due", At: at(t, "2026-04-28T10:00:00+02:00").UTC()}}
	for i, s := range want {
		if i >= len(l.Stages) || l.Stages[i] != s {
			t.Fatalf("%+v", l.Stages)
		}
	}
	// The person must answer from Friday 21:00 to Tuesday 12:00.
	pauseAt, now := at(t, "2026-04-24T21:00:00+02:00"), at(t, "2026-04-28T12:00:00+02:00")
	l.Reach(pauseAt)
	l.Pause(pauseAt)
	tg.Pauses = []target.Pause{{Start: pauseAt}}
	if err := tg.Resume(l, now, 0.5, 0.75); !errors.Is(err, target.ErrPauses) || l.State != deadline.Paused {
		t.Errorf("a pause that lasts: %v", err)
	}
	tg.Pauses[0].End = now
	if err := tg.Resume(l, now, 0.5, 0.75); err != nil {
		t.Fatal(err)
	}
	if end := at(t, "2026-04-28T15:00:00+02:00"); !l.EndAt.Equal(end) || l.State != deadline.Running || !l.UnpausedAt.Equal(at(t, "2026-04-28T10:00:00+02:00")) {
		t.Errorf("%+v", l)
	}
	if next, ok := l.Next(); !ok || next.Name != "warn_50" || !next.At.Equal(at(t, "2026-04-28T13:00:00+02:00")) {
		t.Errorf("%+v", next)
	}
}

func TestPausesThatAreNotInOrderAreRefused(t *testing.T) {
	start := at(t, "2026-04-23T08:00:00+02:00")
	h := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	for name, pauses := range map[string][]target.Pause{
		"one before the start":        {{h(-1), h(1)}},
		"two that overlap":            {{h(1), h(3)}, {h(2), h(4)}},
		"one that ends before":        {{h(2), h(1)}},
		"an open one that isn't last": {{h(1), time.Time{}}, {h(2), h(3)}},
	} {
		tg := target.Target{Start: start, Length: 10 * time.Hour, Hours: hours(t, ekc), Pauses: pauses}
		if _, _, err := tg.End(); !errors.Is(err, target.ErrPauses) {
			t.Errorf("%s: End: %v", name, err)
		}
		if _, err := tg.Used(h(9)); !errors.Is(err, target.ErrPauses) {
			t.Errorf("%s: Used: %v", name, err)
		}
	}
}

// TestAPauseNeverShortensATarget: whatever the pauses, the end is as late as
// without them or later, and exactly the length has passed at it.
func TestAPauseNeverShortensATarget(t *testing.T) {
	h := hours(t, ekc)
	rapid.Check(t, func(rt *rapid.T) {
		from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(rt, "start")) * time.Minute)
		tg := target.Target{Start: from, Length: time.Duration(rapid.IntRange(0, 40*60).Draw(rt, "length")) * time.Minute, Hours: h}
		plain, _, err := tg.End()
		if err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(rt, "pauses") {
			start := from.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(rt, "until")) * time.Minute)
			end := start.Add(time.Duration(rapid.IntRange(0, 3*24*60).Draw(rt, "lasts")) * time.Minute)
			tg.Pauses, from = append(tg.Pauses, target.Pause{Start: start, End: end}), end
		}
		got, ok, err := tg.End()
		if err != nil || !ok || got.Before(plain) {
			rt.Fatalf("%s %t %v, without pauses %s", got, ok, err, plain)
		}
		if used, err := tg.Used(got); err != nil || used != tg.Length {
			rt.Fatalf("%s of %s at the end: %v", used, tg.Length, err)
		}
	})
}
