package deadline_test

import (
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
)

var (
	start = time.Date(2026, 3, 27, 8, 0, 0, 0, time.UTC)
	end   = start.Add(72 * time.Hour)
	about = deadline.Ref{Kind: "breach", ID: "b1"}
)

func limit() *deadline.Limit { return deadline.New(about, "breach.authority", start, end, 0.5, 0.9) }

func names(ss []deadline.Stage) (out string) {
	for _, s := range ss {
		out += s.Name + " "
	}
	return out
}

func TestAStageIsReachedAtItsInstantAndOnce(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Time
		want string
	}{
		"a second before the first warning":   {start.Add(36*time.Hour - time.Second), ""},
		"at the first warning":                {start.Add(36 * time.Hour), "warn_50 "},
		"a second before the end":             {end.Add(-time.Second), "warn_50 warn_90 "},
		"at the end":                          {end, "warn_50 warn_90 due "},
		"a week later, when nobody had asked": {end.Add(7 * 24 * time.Hour), "warn_50 warn_90 due "},
	} {
		t.Run(name, func(t *testing.T) {
			l := limit()
			if got := names(l.Reach(c.at)); got != c.want {
				t.Errorf("reached %q, want %q", got, c.want)
			}
			if got := l.Reach(c.at); len(got) != 0 {
				t.Errorf("told twice: %v", got)
			}
		})
	}
}

func TestMeetingALimitSaysWhetherItWasLate(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Time
		late bool
	}{
		"a second before the end": {end.Add(-time.Second), false},
		"at the end":              {end, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := limit()
			if !l.Meet(c.at) || l.Late != c.late || l.State != deadline.Met || l.Overdue(end) {
				t.Errorf("met: %+v", l)
			}
			if l.Meet(end) || l.Withdraw(end) || l.Pause(end) || len(l.Reach(end)) != 0 {
				t.Error("an ended limit went on")
			}
		})
	}
	if l := limit(); l.Overdue(end.Add(-time.Second)) || !l.Overdue(end) {
		t.Error("overdue from its end on, not before")
	}
}

func TestAPausedLimitReachesNothingAndKeepsItsFirstEnd(t *testing.T) {
	l := limit()
	l.Reach(start.Add(40 * time.Hour))
	if !l.Pause(start.Add(40*time.Hour)) || len(l.Reach(end.Add(time.Hour))) != 0 || l.Overdue(end) {
		t.Fatal("a paused limit ran")
	}
	now, later := end.Add(time.Hour), end.Add(41*time.Hour)
	if !l.Resume(now, later, 0.5, 0.9) || !l.EndAt.Equal(later) || !l.UnpausedAt.Equal(end) {
		t.Fatalf("resumed: %+v", l)
	}
	if got := names(l.Reach(later)); got != "warn_90 due " {
		t.Errorf("after the pause it told %q", got)
	}
}

func TestMovingALimitNeverWarnsOfThePastAndNeverLosesTheEnd(t *testing.T) {
	l := limit()
	if !l.Move(end, start.Add(24*time.Hour), 0.5) || names(l.Reach(end)) != "due " {
		t.Errorf("moved: %+v", l)
	}
	if l.Move(end, l.EndAt) {
		t.Error("the same end is no move")
	}
}
