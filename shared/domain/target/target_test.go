package target_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/domain/target"
)

func hours(t testing.TB, week period.Week) period.ServiceHours {
	t.Helper()
	return hoursOf(t, period.SI, week)
}

func hoursOf(t testing.TB, country period.Jurisdiction, week period.Week) period.ServiceHours {
	t.Helper()
	cal, err := period.NewCalendar(country)
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
	start := at(t, "2026-04-24T20:00:00+02:00")
	tg := target.Target{Start: start, Length: 4 * time.Hour, Hours: hours(t, ekc)}
	l, err := target.Open(tg, deadline.Ref{Kind: "ticket", ID: "t"}, "ticket.resolution", start, start, 0.5, 0.75)
	if err != nil {
		t.Fatal(err)
	}
	want := []deadline.Stage{{Name: "warn_50", At: at(t, "2026-04-24T22:00:00+02:00").UTC()}, {Name: "warn_75", At: at(t, "2026-04-28T09:00:00+02:00").UTC()}, {Name: "due", At: at(t, "2026-04-28T10:00:00+02:00").UTC()}}
	if !slices.Equal(l.Stages, want) {
		t.Fatalf("%+v", l.Stages)
	}
	// The person must answer from Friday 21:00 to Tuesday 12:00.
	pauseAt, now := at(t, "2026-04-24T21:00:00+02:00"), at(t, "2026-04-28T12:00:00+02:00")
	settle := func(now time.Time, f target.Fact, want bool) {
		t.Helper()
		for _, want := range []bool{want, false} {
			if changed, err := target.Settle(l, tg, f, now, 0.5, 0.75); changed != want || err != nil {
				t.Fatalf("changed %t, %v: %+v", changed, err, l)
			}
		}
	}
	l.Reach(pauseAt)
	tg.Pauses = []target.Pause{{Start: pauseAt}}
	settle(pauseAt, target.Fact{}, true)
	if l.State != deadline.Paused || !l.PausedAt.Equal(pauseAt) {
		t.Errorf("%+v", l)
	}
	tg.Pauses[0].End = now
	settle(now, target.Fact{}, true)
	if end := at(t, "2026-04-28T15:00:00+02:00"); !l.EndAt.Equal(end) || l.State != deadline.Running || !l.UnpausedAt.Equal(at(t, "2026-04-28T10:00:00+02:00")) {
		t.Errorf("%+v", l)
	}
	if next, ok := l.Next(); !ok || next.Name != "warn_50" || !next.At.Equal(at(t, "2026-04-28T13:00:00+02:00")) {
		t.Errorf("%+v", next)
	}
	solved := now.Add(time.Hour)
	settle(solved, target.Fact{DoneAt: solved}, true)
	if l.State != deadline.Met || l.Late || !l.EndedAt.Equal(solved) {
		t.Errorf("%+v", l)
	}
	again := solved.Add(24 * time.Hour)
	tg.Pauses = append(tg.Pauses, target.Pause{Start: solved, End: again})
	settle(again, target.Fact{}, true)
	if end := at(t, "2026-04-29T15:00:00+02:00"); l.State != deadline.Running || !l.EndAt.Equal(end) || !l.EndedAt.IsZero() {
		t.Errorf("the time that was left runs on when it is reopened: %+v", l)
	}
	tg.Length = time.Hour // more urgent: the end lies in the past, and is told
	settle(again, target.Fact{}, true)
	if next, ok := l.Next(); !ok || next.Name != deadline.Due || !l.Overdue(again) {
		t.Errorf("%+v", l)
	}
	tg.Pauses = append(tg.Pauses, target.Pause{Start: again})
	settle(again, target.Fact{}, false)
	late := again.Add(time.Minute)
	settle(late, target.Fact{DoneAt: late}, true)
	if !l.Late {
		t.Errorf("waiting for the person does not make up for what was late: %+v", l)
	}
}

func TestATargetThatBeginsWhileThePersonMustAnswerRests(t *testing.T) {
	start := at(t, "2026-04-23T10:00:00+02:00")
	tg := target.Target{Start: start, Length: 4 * time.Hour, Hours: hours(t, ekc), Pauses: []target.Pause{{Start: start.Add(time.Hour)}}}
	now := start.Add(3 * time.Hour)
	l, err := target.Open(tg, deadline.Ref{Kind: "ticket", ID: "t"}, "x", start, now, 0.5)
	if err != nil || l.State != deadline.Paused {
		t.Fatalf("%+v %v", l, err)
	}
	tg.Pauses[0].End = now
	if changed, err := target.Settle(l, tg, target.Fact{}, now, 0.5); err != nil || !changed || !l.EndAt.Equal(start.Add(6*time.Hour)) {
		t.Errorf("%+v %v", l, err)
	}
	if changed, err := target.Settle(l, tg, target.Fact{Dropped: true}, now); err != nil || !changed || l.State != deadline.Withdrawn {
		t.Errorf("%+v %v", l, err)
	}
	tg.Pauses = append(tg.Pauses, target.Pause{Start: now}) // asked for again, while the person must answer
	if changed, err := target.Settle(l, tg, target.Fact{}, now); err != nil || !changed || l.State != deadline.Paused {
		t.Errorf("%+v %v", l, err)
	}
}

func TestDaysOfATargetGoByTheCalendar(t *testing.T) {
	cal, err := period.NewCalendar(period.SI)
	if err != nil {
		t.Fatal(err)
	}
	start := at(t, "2026-04-23T10:00:00+02:00")
	for _, c := range []struct {
		name   string
		pauses []target.Pause
		want   string
	}{
		{"seven days", nil, "2026-05-01T00:00:00+02:00"},
		{"two whole days of pause", []target.Pause{{Start: start.Add(24 * time.Hour), End: start.Add(72 * time.Hour)}}, "2026-05-03T00:00:00+02:00"},
		{"a pause of an hour", []target.Pause{{Start: start.Add(24 * time.Hour), End: start.Add(25 * time.Hour)}}, "2026-05-01T00:00:00+02:00"},
		{"a pause that lasts", []target.Pause{{Start: start.Add(24 * time.Hour)}}, ""},
		{"a pause that lasts, after the end", []target.Pause{{Start: at(t, "2026-05-01T00:00:00+02:00")}}, "2026-05-01T00:00:00+02:00"},
		{"a pause that lasts, from a second before the end", []target.Pause{{Start: at(t, "2026-04-30T23:59:59+02:00")}}, ""},
	} {
		end, ok, err := target.Days{Start: start, Term: period.Days(7), Calendar: cal, Pauses: c.pauses}.End()
		if err != nil || ok != (c.want != "") || ok && !end.Equal(at(t, c.want)) {
			t.Errorf("%s: %s %t %v", c.name, end, ok, err)
		}
	}
	days := target.Days{Start: start, Term: period.Days(7), Calendar: cal}
	l, err := target.Open(days, deadline.Ref{Kind: "ticket", ID: "t"}, "x", start, start, 0.5)
	if err != nil || len(l.Stages) != 2 || !l.Stages[0].At.After(start) || !l.Stages[0].At.Before(l.EndAt) {
		t.Errorf("%+v %v", l, err)
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

// TestTargetsOfSlovakia: in 2026 Good Friday and Easter Monday are days of rest,
// 8 May, 15 September and 17 November are not (Acts 241/1993 and 261/2025; rules
// B4). In Slovenia Good Friday is a working day, Easter Monday none.
func TestTargetsOfSlovakia(t *testing.T) {
	for _, c := range []struct{ name, start, sk, si string }{
		{"over Easter", "2026-04-02T21:00:00+02:00", "2026-04-07T09:00:00+02:00", "2026-04-03T09:00:00+02:00"},
		{"over 8 May of 2026", "2026-05-07T21:00:00+02:00", "2026-05-08T09:00:00+02:00", "2026-05-08T09:00:00+02:00"},
		{"over 29 August of 2025, a Friday", "2025-08-28T21:00:00+02:00", "2025-09-01T09:00:00+02:00", "2025-08-29T09:00:00+02:00"},
		{"over 17 November of 2026", "2026-11-16T21:00:00+01:00", "2026-11-17T09:00:00+01:00", "2026-11-17T09:00:00+01:00"},
		{"over Christmas, 24 December off", "2026-12-23T21:00:00+01:00", "2026-12-28T09:00:00+01:00", "2026-12-24T09:00:00+01:00"},
		{"over the spring change", "2026-03-27T21:00:00+01:00", "2026-03-30T09:00:00+02:00", "2026-03-30T09:00:00+02:00"},
		{"over the autumn change", "2026-10-23T21:00:00+02:00", "2026-10-26T09:00:00+01:00", "2026-10-26T09:00:00+01:00"},
	} {
		for country, want := range map[period.Jurisdiction]string{period.SK: c.sk, period.SI: c.si} {
			end, ok, err := target.Target{Start: at(t, c.start), Length: 2 * time.Hour, Hours: hoursOf(t, country, ekc)}.End()
			if err != nil || !ok || !end.Equal(at(t, want)) {
				t.Errorf("%s in %s: %s %t %v, want %s", c.name, country, end, ok, err, want)
			}
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
