package inbound

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// sends is a world whose accounts can send, and that keeps what is asked for.
func sends(t *testing.T) (*world, *[]string) {
	w := newWorld(t)
	w.env.Secrets = func(_ string, n channel.Name) ([]channel.Secret, error) {
		return map[string][]channel.Secret{
			"whatsapp/meta": {{"app_secret": "x"}, {"app_secret": "x", "access_token": "t"}},
			"sms/twilio":    {{"account_sid": "AC", "auth_token": "t", "url": "https://a.example/"}},
			"email/mime":    {{"smtp_host": "mail.example.si", "from": "ekc@gov.si"}},
		}[n.String()], nil
	}
	var asked []string
	w.Env.Published = func(_ context.Context, _ string, es []events.Event) {
		for _, e := range es {
			if e.Type == events.ReplyRequestedType {
				asked = append(asked, e.Subject)
			}
		}
	}
	return w, &asked
}

func TestTheFirstAnswer(t *testing.T) {
	w, asked := sends(t)
	e := w.event(said("wamid.1", "Kje dobim potrdilo?"), nil)
	w.deliver(e)
	w.deliver(e)
	if len(*asked) != 1 {
		t.Fatalf("asked for %d answers, want one", len(*asked))
	}
	m, in := load(w, record.Messages, (*asked)[0]), w.message("wamid.1")
	terms, _ := w.env.Terms("ekc")
	for _, part := range []string{conversation.Reference(in.ConversationID), terms.Requests.Notices.Version, "spletne strani Ministrstva", "računalnik", "prekličete"} {
		if part == "" || !strings.Contains(m.Text, part) {
			t.Errorf("the answer lacks %q: %s", part, m.Text)
		}
	}
	if m.Direction != message.Out || m.State != message.Queued || !m.Automatic || m.ConversationID != in.ConversationID || m.ContactID != in.ContactID ||
		m.Recipients[0].Address != "+38641123456" || m.ReplyTo != "wamid.1" || strings.Contains(m.Text, "{") || m.Delivery == nil {
		t.Errorf("%+v", m)
	}
	if c := w.conversationOf("wamid.1"); c.Messages != 2 || !c.HeardAt.Equal(worktest.Start) {
		t.Errorf("%+v", c)
	}
	w.Clock.Add(91 * 24 * time.Hour) // a Monday again: another conversation, the same person and channel
	w.receive(said("wamid.2", "Spet jaz"))
	if len(*asked) != 1 {
		t.Error("a second first answer")
	}
	w.receive(said("sms-1", "Kje?", func(in *message.Inbound) { in.Channel, in.Provider = message.SMS, "twilio" }))
	if len(*asked) != 2 {
		t.Error("no first answer on the second channel")
	}
}

func TestWhoGetsNoFirstAnswer(t *testing.T) {
	for name, in := range map[string]message.Inbound{
		"a machine":                      mail("<1@a>", "Odsoten", func(in *message.Inbound) { in.Automatic = true }),
		"one of our own mailboxes":       mail("<1@a>", "Zanka", func(in *message.Inbound) { in.Sender.Address = "EKC@gov.si" }),
		"nobody who could be answered":   said("1", "x", func(in *message.Inbound) { in.Sender = message.Party{} }),
		"a copy of what staff wrote":     said("1", "x", func(in *message.Inbound) { in.Direction, in.Recipients = message.Out, []message.Party{in.Sender} }),
		"a reaction":                     said("1", "", func(in *message.Inbound) { in.Kind, in.Target, in.Reaction = message.Reaction, "0", "👍" }),
		"a press of a button":            said("1", "", func(in *message.Inbound) { in.Kind, in.Control = message.Control, "subscribed" }),
		"a channel that can't send":      said("1", "x", func(in *message.Inbound) { in.Channel, in.Provider = message.Viber, "viber" }),
		"a mail whose sender is no mail": mail("<1@a>", "x", func(in *message.Inbound) { in.Sender = message.Party{Scheme: message.ID, Address: "x"} }),
	} {
		t.Run(name, func(t *testing.T) {
			w, asked := sends(t)
			w.receive(in)
			if len(*asked) != 0 {
				t.Error("it got one")
			}
		})
	}
	t.Run("who could not be answered gets it once that is possible", func(t *testing.T) {
		w, asked := sends(t)
		find := w.env.Secrets
		w.env.Secrets = func(string, channel.Name) ([]channel.Secret, error) { return nil, nil }
		w.receive(said("1", "x"))
		w.env.Secrets = find
		w.receive(said("2", "y"))
		if len(*asked) != 1 {
			t.Errorf("asked for %d", len(*asked))
		}
	})
}

func TestTheFirstAnswerByMailStaysInItsThread(t *testing.T) {
	w, asked := sends(t)
	w.receive(mail("<3@a>", "Hello, where is my application?", func(in *message.Inbound) {
		in.ReplyTo, in.References = "<2@a>", []string{"<1@a>", "<0@a>"}
	}))
	m := load(w, record.Messages, (*asked)[0])
	if m.Subject != "Re: Vloga" || !slices.Equal(m.Thread, []string{"<0@a>", "<1@a>", "<2@a>", "<3@a>"}) || !strings.HasPrefix(m.Text, "Automatic answer") {
		t.Errorf("%q %q %q", m.Subject, m.Thread, m.Text)
	}
}

func TestChain(t *testing.T) {
	many := make([]string, 50)
	for i := range many { // the likeliest, and so the newest, first
		many[i] = "<" + string(rune('A'+i)) + "@x>"
	}
	it := item{Inbound: message.Inbound{ProviderID: "uuid-of-postmark", Aliases: []string{"<own@x>"}, ReplyTo: "uuid", References: append([]string{"<new@x>"}, many...)}}
	got := it.chain()
	if len(got) != maxChain || got[len(got)-1] != "<own@x>" || got[len(got)-2] != "<new@x>" || got[0] != many[49] {
		t.Errorf("%d: %q", len(got), got)
	}
	if s := reply("RE: x"); s != "RE: x" {
		t.Error(s)
	}
}

func TestAFirstAnswerInEachLanguageOfThePack(t *testing.T) {
	terms, err := newWorld(t).env.Terms("ekc")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []policy.Language{"sl", "sk", "en"} {
		if text, _, ok := terms.Text(firstAnswer, l); !ok || strings.Contains(fill(text, terms, l, "c1"), "{") {
			t.Errorf("%s: %q", l, text)
		}
	}
}

// TestStoreCallsOfAGreetedMessage: who has had the first answer costs nothing more.
func TestStoreCallsOfAGreetedMessage(t *testing.T) {
	w, _ := sends(t)
	w.receive(said("1", "Kje?"))
	e := w.event(said("2", "še nekaj"), nil)
	before := w.Docs.Count()
	w.deliver(e)
	after := w.Docs.Count()
	if reads, commits := after.Get-before.Get+after.Query-before.Query, after.Commit-before.Commit; reads > 3 || commits > 1 {
		t.Errorf("%d reads and %d commits, want at most 3 and 1", reads, commits)
	}
}

// ours stores a message that we are sending, in a state.
func ours(w *world, id string, s message.State) {
	w.run("ours "+id, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "ana" + id, CreatedAt: u.Now()})
		m := &message.Message{ID: id, ContactID: "ana" + id, ConversationID: "c", Channel: message.WhatsApp, Provider: "meta", Kind: message.Said, Text: "x"}
		m.Enqueue(u.Now())
		m.State = s
		work.Save(u, record.Messages, m)
		return nil
	})
}

func TestAStatusThatBringsBackOurIDTellsWhatBecameOfASend(t *testing.T) {
	id := "0abcdefg0123456789abcdef"
	status := func(id, provider string) message.Inbound {
		return said("s1", "", func(in *message.Inbound) {
			in.Kind, in.Target, in.Provider = message.Report, "wamid.late", provider
			in.Status = &message.Status{State: message.Delivered, Ours: id}
		})
	}
	w := newWorld(t)
	ours(w, id, message.Unknown)
	w.receive(status(id, "meta"))
	m := load(w, record.Messages, id)
	if m.State != message.Delivered || m.ProviderID != "wamid.late" {
		t.Errorf("%s %q", m.State, m.ProviderID)
	}
	w.run("", func(ctx context.Context, u *work.Unit) error {
		found, err := locate.Messages(ctx, u, "wamid.late")
		if !slices.Equal(found, []string{id}) {
			t.Errorf("found %v", found)
		}
		return err
	})
	for name, in := range map[string]message.Inbound{
		"of another account":     status(id, "twilio"),
		"with an id of nobody's": status("0zzzzzzz0123456789abcdef", "meta"),
		"with an id that is not": status("../../x y", "meta"),
	} {
		w := newWorld(t)
		ours(w, id, message.Unknown)
		w.receive(in)
		if m := load(w, record.Messages, id); m.State != message.Unknown || m.ProviderID != "" {
			t.Errorf("a status %s was believed: %s", name, m.State)
		}
	}
}

func TestAStatusNeverNamesWhatAPersonSent(t *testing.T) {
	w := newWorld(t)
	w.receive(said("wamid.1", "Kje?"))
	in := w.message("wamid.1")
	w.receive(said("s1", "", func(x *message.Inbound) {
		x.Kind, x.Target, x.Status = message.Report, "wamid.other", &message.Status{State: message.Failed, Ours: in.ID}
	}))
	if got := load(w, record.Messages, in.ID); got.ProviderID != "wamid.1" || got.State != "" {
		t.Errorf("%q %s", got.ProviderID, got.State)
	}
	w.run("", func(ctx context.Context, u *work.Unit) error {
		found, err := locate.Messages(ctx, u, "wamid.other")
		if len(found) != 0 {
			t.Errorf("it is found as %v", found)
		}
		return err
	})
}

func TestACopyOfOurOwnMessageIsNone(t *testing.T) {
	w := newWorld(t)
	ours(w, "0abcdefg0123456789abcdef", message.Sent)
	w.run("alias", func(ctx context.Context, u *work.Unit) error {
		id, err := locate.MessageID(ctx, u, message.WhatsApp, "wamid.echo")
		work.Save(u, record.Aliases, &message.Alias{ID: id, MessageIDs: []string{"0abcdefg0123456789abcdef"}})
		return err
	})
	echo := said("wamid.echo", "x", func(in *message.Inbound) { in.Direction, in.Recipients = message.Out, []message.Party{in.Sender} })
	w.receive(echo)
	page, err := w.Docs.Query(t.Context(), store.Query{Tenant: "ekc", Index: record.ByTime, Partition: "conversation"})
	if err != nil || len(page.Docs) != 0 {
		t.Errorf("the copy opened a conversation: %v", err)
	}
	echo.ProviderID = "wamid.staff" // what staff wrote elsewhere is a message
	w.receive(echo)
	w.message("wamid.staff")
}

func TestWhenAPersonWasHeard(t *testing.T) {
	w := newWorld(t)
	w.Clock.Add(time.Hour)
	w.receive(said("1", "Kje?"))
	if c := w.conversationOf("1"); !c.HeardAt.Equal(worktest.Start) {
		t.Errorf("heard at %v, want the provider's time", c.HeardAt)
	}
	w.receive(said("2", "Kje?", func(in *message.Inbound) { in.SentAt = w.Clock.Now().Add(time.Hour) }))
	if c := w.conversationOf("2"); !c.HeardAt.Equal(w.Clock.Now()) {
		t.Errorf("heard at %v: a time to come keeps a window open", c.HeardAt)
	}
	w.receive(said("c1", "Kje?", func(in *message.Inbound) { in.Channel, in.Provider, in.Thread = message.LiveChat, "chatwoot", "77" }))
	if c := w.conversationOf("c1"); c.Thread != "77" {
		t.Errorf("the chat is %q", c.Thread)
	}
}
