package channeltest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// SendCase is a Sender over HTTP under test.
type SendCase struct {
	Sender channel.Sender
	Secret channel.Secret
	To     message.Party
	Line   string

	// Accept answers a call as the provider documents it, and fails the test
	// where the call is not as documented.
	Accept func(t testing.TB, r *http.Request, body []byte) (status int, answer string)
	// ID is the provider's id in that answer.
	ID string
	// Refusals are the provider's documented errors.
	Refusals []Refusal
	// Repeats is set where a call without an answer may simply be repeated.
	Repeats bool
	// Limit is the greatest number of characters; 0 where there is none.
	Limit int
	// Mail can carry files.
	Mail bool
}

// Refusal is an error as a provider answers it, and what it means.
type Refusal struct {
	Name   string
	Status int
	Body   string
	Class  channel.Class
	Code   string
}

// Refuse makes a Refusal.
func Refuse(name string, status int, body string, class channel.Class, code string) Refusal {
	return Refusal{name, status, body, class, code}
}

// Out is a message as functions/delivery would give it.
func (c SendCase) Out() channel.Outgoing {
	return channel.Outgoing{
		ID: "0abc123ours", Line: c.Line, To: c.To, Text: "Dober dan, vlogo smo prejeli.", Subject: "Re: Vloga", From: "Kontaktni center",
		MessageID: "<0abc123ours@ekc.example.si>", ReplyTo: "ekc+0conv.mac@ekc.example.si", Thread: []string{"<1@a>", "<2@a>"},
		Chat: "77", Answers: "answered-1", At: At,
	}
}

// RunSend checks what holds for every Sender over HTTP.
func RunSend(t *testing.T, c SendCase) {
	const wait = 150 * time.Millisecond
	lost := channel.Lost
	if c.Repeats {
		lost = channel.Retry
	}
	fake := func(t *testing.T) *Fake {
		return NewFake(t, func(r *http.Request, body []byte) (int, string) { return c.Accept(t, r, body) })
	}
	t.Run("a message is taken under the provider's id", func(t *testing.T) {
		f := fake(t)
		sent, err := c.Sender.Send(t.Context(), f.Client(5*time.Second), c.Secret, c.Out())
		if err != nil || sent.ProviderID != c.ID || f.Taken() != 1 {
			t.Fatalf("%+v, %v, %d calls", sent, err, f.Taken())
		}
		if n, ok := c.Sender.(channel.Named); ok && sent.ProviderID != n.SendID(c.Out()) {
			t.Errorf("it is %q, and was to be %q", sent.ProviderID, n.SendID(c.Out()))
		}
	})
	html := "<html>bad gateway</html>"
	for _, x := range []struct {
		name  string
		do    Reaction
		class channel.Class
	}{
		{"it is taken and never answered", Reaction{Mood: Mute}, lost},
		{"it is taken and the line breaks", Reaction{Mood: Drops}, lost},
		{"it is taken and the answer never ends", Reaction{Mood: Drips}, lost},
		{"it is taken and the answer is cut JSON", Reaction{Mood: Garbles}, lost},
		{"a gateway says 500", Reaction{Mood: Refuses, Status: 500, Body: html}, lost},
		{"a gateway says 502", Reaction{Mood: Refuses, Status: 502, Body: html}, lost},
		{"a gateway says 504", Reaction{Mood: Refuses, Status: 504, Body: html}, lost},
		{"a gateway says 503", Reaction{Mood: Refuses, Status: 503, Body: html, Header: http.Header{"Retry-After": {"9"}}}, channel.Retry},
		{"too many requests", Reaction{Mood: Refuses, Status: 429, Body: html, Header: http.Header{"Retry-After": {"9"}}}, channel.Throttled},
		{"unauthorised", Reaction{Mood: Refuses, Status: 401, Body: html}, channel.Blocked},
		{"sent elsewhere", Reaction{Mood: Refuses, Status: 302, Header: http.Header{"Location": {"https://evil.example/"}}}, channel.Blocked},
		{"a bad request that says nothing", Reaction{Mood: Refuses, Status: 400, Body: html}, channel.Final},
	} {
		t.Run(x.name, func(t *testing.T) {
			if c.Repeats && (x.do.Mood == Garbles || x.do.Mood == Drips) {
				t.Skip("any 2xx takes it")
			}
			f := fake(t)
			f.Plan(x.do)
			e := c.fails(t, f.Client(wait), c.Out())
			if e.Class != x.class {
				t.Errorf("class %s (%s), want %s", e.Class, e.Code, x.class)
			}
			if x.do.Header.Get("Retry-After") != "" && e.After != 9*time.Second {
				t.Errorf("after %v, want 9s", e.After)
			}
			if n := len(f.Calls()); n != 1 {
				t.Errorf("%d calls, want exactly one", n)
			}
		})
	}
	for _, x := range c.Refusals {
		t.Run(x.Name, func(t *testing.T) {
			f := fake(t)
			f.Plan(Reaction{Mood: Refuses, Status: x.Status, Body: x.Body})
			if e := c.fails(t, f.Client(5*time.Second), c.Out()); e.Class != x.Class || e.Code != x.Code {
				t.Errorf("%s %s, want %s %s", e.Class, e.Code, x.Class, x.Code)
			}
		})
	}
	t.Run("a server that isn't there took nothing", func(t *testing.T) {
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		client := &http.Client{Transport: detour{strings.TrimPrefix(gone.URL, "http://")}}
		if e := c.fails(t, client, c.Out()); e.Class != channel.Retry {
			t.Errorf("%s %s", e.Class, e.Code)
		}
	})
	t.Run("what can't be sent makes no call", func(t *testing.T) {
		f := fake(t)
		for name, change := range map[string]func(*channel.Outgoing){
			"nobody to send to": func(o *channel.Outgoing) { o.To = message.Party{} },
			"nothing to say":    func(o *channel.Outgoing) { o.Text = " \n" },
			"a file":            func(o *channel.Outgoing) { o.Files = []channel.File{{Name: "a"}} },
			"too long a text":   func(o *channel.Outgoing) { o.Text = strings.Repeat("č", c.Limit+1) },
		} {
			if c.Mail && name != "nobody to send to" {
				continue
			}
			out := c.Out()
			change(&out)
			if e := c.fails(t, f.Client(5*time.Second), out); e.Class != channel.Final {
				t.Errorf("%s: %s %s", name, e.Class, e.Code)
			}
		}
		if len(f.Calls()) > 0 {
			t.Error("a call was made")
		}
	})
}

func (c SendCase) fails(t testing.TB, do channel.Doer, out channel.Outgoing) *channel.SendError {
	t.Helper()
	sent, err := c.Sender.Send(t.Context(), do, c.Secret, out)
	var e *channel.SendError
	if !errors.As(err, &e) || e.Class.Validate() != nil || sent.ProviderID != "" {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	if strings.Contains(e.Error(), c.To.Address) && c.To.Address != "" {
		t.Error("the error tells the address")
	}
	return e
}
