package message_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	. "github.com/okence/okence/shared/domain/message"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func queued() *Message {
	m := &Message{}
	m.Enqueue(noon)
	return m
}

func TestClaim(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Message)
		at     time.Time
		claims bool
		state  State
		code   string
	}{
		"at once":                            {func(*Message) {}, noon, true, Sending, ""},
		"a moment before it is due":          {func(m *Message) { m.Postpone("x", noon.Add(time.Hour)) }, noon.Add(time.Hour - 1), false, Queued, "x"},
		"when it is due":                     {func(m *Message) { m.Postpone("x", noon.Add(time.Hour)) }, noon.Add(time.Hour), true, Sending, ""},
		"while another call is under way":    {func(m *Message) { m.Claim("b", noon) }, noon.Add(CallLife - 1), false, Sending, ""},
		"when that call is lost":             {func(m *Message) { m.Claim("b", noon) }, noon.Add(CallLife), false, Unknown, CodeLost},
		"a moment before it is given up":     {func(*Message) {}, noon.Add(GiveUp - 1), true, Sending, ""},
		"when it is given up":                {func(*Message) {}, noon.Add(GiveUp), false, Failed, CodeExpired},
		"of a message that is sent":          {func(m *Message) { m.State = Sent }, noon, false, Sent, ""},
		"of one that nobody knows":           {func(m *Message) { m.State = Unknown }, noon.Add(GiveUp), false, Unknown, ""},
		"of one that came in":                {func(m *Message) { m.Direction = In }, noon, false, Queued, ""},
		"of one that staff sent by themself": {func(m *Message) { m.Delivery = nil }, noon, false, Queued, ""},
	} {
		m := queued()
		c.change(m)
		if got := m.Claim("a", c.at); got != c.claims || m.State != c.state || m.Code != c.code {
			t.Errorf("%s: %v, %s %q", name, got, m.State, m.Code)
		}
	}
}

func TestSettle(t *testing.T) {
	next := noon.Add(time.Minute)
	for name, c := range map[string]struct {
		before  func(*Message)
		attempt string
		end     State
		want    State
	}{
		"it was sent":                                     {nil, "a", Sent, Sent},
		"nobody knows":                                    {nil, "a", Unknown, Unknown},
		"it was not taken":                                {nil, "a", Queued, Queued},
		"it was not taken, says another call":             {nil, "b", Queued, Sending},
		"it was given up for lost, and was not taken":     {func(m *Message) { m.Claim("z", noon.Add(CallLife)) }, "a", Queued, Queued},
		"it was given up for lost, and was sent":          {func(m *Message) { m.Claim("z", noon.Add(CallLife)) }, "a", Sent, Sent},
		"the provider told it was read":                   {func(m *Message) { m.Advance(Read, "", noon) }, "a", Sent, Read},
		"the provider told it was sent, we heard nothing": {func(m *Message) { m.Advance(Sent, "", noon) }, "a", Unknown, Sent},
		"the provider told it was sent, and refuses it":   {func(m *Message) { m.Advance(Sent, "", noon) }, "a", Queued, Sent},
	} {
		m := queued()
		m.Claim("a", noon)
		if c.before != nil {
			c.before(m)
		}
		m.Settle(c.attempt, c.end, "code", noon, next)
		at, due := m.Due()
		if m.State != c.want || (c.want == Queued) != (due && at.Equal(next)) {
			t.Errorf("%s: %s, due %v at %v", name, m.State, due, at)
		}
	}
}

// TestStatesGoForward: whatever is told in whatever order, only a call that is
// known to have done nothing takes a message back.
func TestStatesGoForward(t *testing.T) {
	order := map[State]int{}
	for i, s := range []State{Queued, Sending, Unknown, Sent, Delayed, Failed, Delivered, Read} {
		order[s] = i
		if s.Validate() != nil || (s.Reported() == nil) == (s == Sending || s == Unknown) {
			t.Errorf("%s: validate %v, reported %v", s, s.Validate(), s.Reported())
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		m := queued()
		m.Claim("a", noon)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			before := m.State
			s := rapid.SampledFrom([]State{Queued, Sending, Unknown, Sent, Delayed, Failed, Delivered, Read}).Draw(t, "state")
			if rapid.Bool().Draw(t, "told") {
				m.Advance(s, "", noon)
			} else if s != Queued && s != Sending {
				m.Settle("a", s, "", noon, noon)
			}
			if order[m.State] < order[before] {
				t.Fatalf("from %s back to %s", before, m.State)
			}
		}
	})
}

func TestPaces(t *testing.T) {
	p := &Pace{}
	if !p.Try(noon) {
		t.Error("a pace that never rested holds back")
	}
	p.Rest("12", noon, time.Minute)
	if p.Try(noon.Add(time.Minute-1)) || !p.Try(noon.Add(time.Minute)) || p.Try(noon.Add(time.Minute+1)) {
		t.Error("after a rest exactly one goes")
	}
	if !p.Try(noon.Add(time.Minute + CallLife)) {
		t.Error("a trial that is lost holds back for ever")
	}
	for n, want := range map[int]time.Duration{0: 15 * time.Second, 1: 15 * time.Second, 2: 30 * time.Second, 8: 32 * time.Minute, 9: time.Hour, 1000: time.Hour} {
		if Backoff(n) != want {
			t.Errorf("backoff %d is %v", n, Backoff(n))
		}
	}
	for n, want := range map[int]time.Duration{1: 15 * time.Minute, 2: 30 * time.Minute, 5: 4 * time.Hour, 6: 6 * time.Hour, 99: 6 * time.Hour} {
		if Pause(n) != want {
			t.Errorf("pause %d is %v", n, Pause(n))
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for text, want := range map[string]string{
		"Pozdravljeni, kje dobim potrdilo o vlogi?":               "sl",
		"Vlogo sem oddala v ponedeljek, številke pa še nimam.":    "sl",
		"Dobrý deň, kde nájdem svoju žiadosť?":                    "sk",
		"Hello, where can I find my application? Thank you.":      "en",
		"I have not received an answer to the letter of 12 March": "en",
		"12345":  "",
		"":       "",
		"👍":      "",
		"Zdravo": "",
	} {
		if got := LanguageOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
