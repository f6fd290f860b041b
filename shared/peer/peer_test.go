package peer

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/fault"
)

const (
	one = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	two = "whsec_b2tlbmNlLXNlY29uZC1zZWNyZXQtb2YtYS1wZWVy"
)

var at = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func set(t *testing.T, text string) { t.Setenv("OKENCE_PEER_EKC_MDP_IT", text) }

func TestFind(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want fault.Kind
	}{
		"nothing is set":                    {"", fault.NotFound},
		"a peer that takes and sends":       {`{"url":"https://a.example.si/peers/x/ekc","secrets":["` + one + `"],"accepts":["org.okence.media.requested.v1"]}`, ""},
		"a peer on this machine, for tests": {`{"url":"http://127.0.0.1:9/peers/x/ekc","secrets":["` + one + `"]}`, ""},
		"a peer without a secret yet":       {`{"url":"https://a.example.si/"}`, ""},
		"a URL in the clear":                {`{"url":"http://a.example.si/","secrets":["` + one + `"]}`, fault.Unavailable},
		"a URL with a password":             {`{"url":"https://a:b@a.example.si/"}`, fault.Unavailable},
		"a secret that is none":             {`{"secrets":["hunter2"]}`, fault.Unavailable},
		"an unknown type":                   {`{"accepts":["org.okence.unknown.thing.v1"]}`, fault.Unavailable},
		"messages, which are channels'":     {`{"accepts":["org.okence.message.received.v1"]}`, fault.Unavailable},
		"an unknown key":                    {`{"secret":"x"}`, fault.Unavailable},
		"no JSON":                           {`x`, fault.Unavailable},
	} {
		set(t, c.text)
		p, err := Find("ekc", "mdp-it")
		if fault.Of(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && p.Name != "mdp-it" {
			t.Errorf("%s: called %q", name, p.Name)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "a:b")) {
			t.Errorf("%s: the error tells a secret: %v", name, err)
		}
	}
	if _, err := Find("ekc", "../x"); !fault.Is(err, fault.NotFound) {
		t.Error("a name that is none:", err)
	}
}

func TestAProofHoldsForItsBodyAndFiveMinutes(t *testing.T) {
	ours, theirs := &Peer{Secrets: []string{one}}, &Peer{Secrets: []string{two, one}} // theirs is rotating
	h := http.Header{}
	if err := ours.Sign(h, "e.1", []byte("{}"), at); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		p    *Peer
		body string
		at   time.Time
		ok   bool
	}{
		"at once":                    {theirs, "{}", at, true},
		"after five minutes":         {theirs, "{}", at.Add(5 * time.Minute), true},
		"a second later":             {theirs, "{}", at.Add(5*time.Minute + time.Second), false},
		"a second before its time":   {theirs, "{}", at.Add(-5*time.Minute - time.Second), false},
		"another body":               {theirs, "{ }", at, false},
		"a peer with another secret": {&Peer{Secrets: []string{two}}, "{}", at, false},
		"a peer without any":         {&Peer{}, "{}", at, false},
	} {
		if err := c.p.Verify(h, []byte(c.body), c.at); (err == nil) != c.ok || (err != nil && !fault.Is(err, fault.Unauthenticated)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (&Peer{}).Sign(h, "e1", nil, at); !fault.Is(err, fault.Unavailable) {
		t.Error("signed without a secret:", err)
	}
}
