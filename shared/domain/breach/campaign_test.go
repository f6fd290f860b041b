package breach

import (
	"errors"
	"testing"
	"time"
)

func TestACampaignKeepsToItsPaceAndEnds(t *testing.T) {
	at := time.Date(2026, time.November, 23, 9, 0, 59, 0, time.UTC)
	c := &Campaign{State: Sending, Total: 5, PerMinute: 2}
	step := func(reached bool) { c.Step("p", reached, at) }
	if n := c.Allowance(at, 8); n != 2 {
		t.Fatalf("%d in the first minute, want its share", n)
	}
	step(true)
	step(false)
	if n := c.Allowance(at, 8); n != 0 {
		t.Errorf("%d more in the same minute", n)
	}
	at = at.Add(time.Second)
	if n := c.Allowance(at, 1); n != 1 {
		t.Errorf("%d in the next minute, want a batch of one", n)
	}
	step(true)
	step(true)
	at = at.Add(time.Minute)
	if n := c.Allowance(at, 8); n != 1 {
		t.Errorf("%d, and one person is left", n)
	}
	step(true)
	if c.State != Complete || c.Queued != 4 || c.Unreached != 1 || len(c.Unanswered) != 1 || c.Allowance(at.Add(time.Hour), 8) != 0 {
		t.Errorf("%+v", c)
	}
}

func TestAChannelThatMayBeCompromisedIsAvoided(t *testing.T) {
	for _, tc := range []struct {
		name        string
		used, avoid []string
		want        string
	}{
		{"the newest that is theirs", []string{"sms", "email"}, nil, "sms"},
		{"not the one that was breached", []string{"sms", "email"}, []string{"sms"}, "email"},
		{"a call carries no message", []string{"voice", "viber"}, nil, "viber"},
		{"none is left", []string{"voice", "email"}, []string{"email"}, ""},
	} {
		if got, ok := Channel(tc.used, tc.avoid); got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

func TestAnOfficerSuspendsACampaignAndLetsItGoOn(t *testing.T) {
	at := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	of, c := newCase(t), &Campaign{ID: "c", NoticeID: "n", State: Sending, Total: 20, PerMinute: 5}
	if err := c.Steer(of, Suspended, dpo, "wrong day", at); !errors.Is(err, ErrOfficer) || c.State != Sending {
		t.Fatalf("the data protection officer decided: %v", err)
	}
	for _, s := range []struct {
		to     CampaignState
		reason string
		err    error
		left   int
	}{
		{Suspended, "", ErrReason, 5},
		{Complete, "enough", ErrUnknown, 5},
		{Suspended, "wrong day", nil, 0},
		{Suspended, "wrong day", nil, 0},
		{Sending, "mended", nil, 5},
	} {
		if err := c.Steer(of, s.to, officer, s.reason, at); !errors.Is(err, s.err) || c.Allowance(at, 8) != s.left {
			t.Errorf("to %s for %q: %v, and %d may be told", s.to, s.reason, err, c.Allowance(at, 8))
		}
	}
	c.State = Complete
	if err := c.Steer(of, Sending, officer, "again", at); !errors.Is(err, ErrUnknown) {
		t.Errorf("a complete campaign: %v", err)
	}
}
