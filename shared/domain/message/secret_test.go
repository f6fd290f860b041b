package message_test

import (
	"testing"
	"time"

	. "github.com/okence/okence/shared/domain/message"
)

func TestASecretIsThereUntilTheMessageIsSent(t *testing.T) {
	fresh := func() *Message {
		m := queued()
		m.Text, m.Secrets = "Koda je "+Mask("code")+".", map[string]string{"code": Mask("link") + "12345678", "link": "x"}
		return m
	}
	if got := fresh().Revealed(); got != "Koda je "+Mask("link")+"12345678." {
		t.Errorf("a value is searched again: %q", got)
	}
	for name, c := range map[string]struct {
		step func(*Message)
		kept bool
	}{
		"while it waits":                {func(*Message) {}, true},
		"while the call is under way":   {func(m *Message) { m.Claim("a", noon) }, true},
		"when the provider took none":   {func(m *Message) { m.Claim("a", noon); m.Settle("a", Queued, "busy", noon, noon) }, true},
		"once it is sent":               {func(m *Message) { m.Claim("a", noon); m.Settle("a", Sent, "", noon, time.Time{}) }, false},
		"once it has failed":            {func(m *Message) { m.Claim("a", noon); m.Settle("a", Failed, "x", noon, time.Time{}) }, false},
		"once nobody knows":             {func(m *Message) { m.Claim("a", noon); m.Claim("b", noon.Add(CallLife)) }, false},
		"once it is given up":           {func(m *Message) { m.Claim("a", noon.Add(GiveUp)) }, false},
		"when the provider was quicker": {func(m *Message) { m.Claim("a", noon); m.Advance(Delivered, "", noon) }, false},
	} {
		m := fresh()
		c.step(m)
		if (len(m.Secrets) > 0) != c.kept {
			t.Errorf("%s: %s, secrets %v", name, m.State, m.Secrets)
		}
	}
}
