package announcement

import (
	"slices"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// as is an announcement in a state, that ends by itself in an hour.
func as(s State) *Announcement {
	return &Announcement{ID: "a", Kind: Maintenance, State: s, At: start, EndsAt: start.Add(time.Hour)}
}

func TestEachStepIsTakenFromItsStatesAlone(t *testing.T) {
	steps := map[string]struct {
		do   func(*Announcement) bool
		from []State
		to   State
	}{
		"release":  {func(a *Announcement) bool { return a.Release("u", start) }, []State{Drafted}, Announced},
		"withdraw": {func(a *Announcement) bool { _, ok := a.Withdraw("u", "r", start); return ok }, []State{Drafted, Announced}, Withdrawn},
		"close":    {func(a *Announcement) bool { return a.Close("u", start) }, []State{Announced}, Over},
	}
	for name, step := range steps {
		for _, s := range []State{Drafted, Announced, Withdrawn, Over} {
			a := as(s)
			want := slices.Contains(step.from, s)
			if got := step.do(a); got != want || want && a.State != step.to || !want && a.State != s {
				t.Errorf("%s of one that is %s: %v, %s", name, s, got, a.State)
			}
		}
	}
}

func TestItIsOverAtItsEndAndNotBefore(t *testing.T) {
	a := as(Announced)
	if s := a.StateAt(a.EndsAt.Add(-time.Second)); s != Announced {
		t.Error("a second before its end:", s)
	}
	if s := a.StateAt(a.EndsAt); s != Over {
		t.Error("at its end:", s)
	}
	if _, ok := a.Withdraw("u", "r", a.EndsAt); ok || a.Close("u", a.EndsAt) {
		t.Error("what is over is neither withdrawn nor closed")
	}
	if s := as(Drafted).StateAt(start.Add(2 * time.Hour)); s != Drafted {
		t.Error("a draft is never over:", s)
	}
	a.EndsAt = time.Time{}
	if s := a.StateAt(start.Add(1000 * time.Hour)); s != Announced {
		t.Error("without an end it lasts until somebody says so:", s)
	}
}

func TestOnlyWhoWasToldHearsOfAWithdrawal(t *testing.T) {
	if told, _ := as(Drafted).Withdraw("u", "r", start); told {
		t.Error("nobody knew of a draft")
	}
	a := as(Announced)
	if told, _ := a.Withdraw("u", "because", start); !told || a.Reason != "because" || a.EndedBy != "u" || !a.EndedAt.Equal(start) {
		t.Errorf("%+v", a)
	}
}

func TestWhoHasNoMailboxIsMissingUntilTold(t *testing.T) {
	a := as(Announced)
	a.Unreached = []string{"x", "y"}
	for _, c := range []struct {
		name, party string
		ok          bool
		left        []string
	}{
		{"a party that had a letter", "z", false, []string{"x", "y"}},
		{"the first", "x", true, []string{"y"}},
		{"the first again", "x", false, []string{"y"}},
		{"the second", "y", true, nil},
	} {
		if ok := a.Tell(c.party, "phone", "u", start); ok != c.ok || !slices.Equal(a.Missing(), c.left) {
			t.Errorf("%s: %v, missing %v", c.name, ok, a.Missing())
		}
	}
}

func TestSetsAreClosed(t *testing.T) {
	if Kind("party").Validate() == nil || Kind("").Validate() == nil || Terms.Validate() != nil || ForceMajeure.Validate() != nil || Maintenance.Validate() != nil {
		t.Error("kinds")
	}
	if State("gone").Validate() == nil || Over.Validate() != nil || Drafted.Validate() != nil || Withdrawn.Validate() != nil || Announced.Validate() != nil {
		t.Error("states")
	}
}
