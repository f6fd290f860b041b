package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is a tenant whose delivery function is fed by hand, with providers on
// this machine.
type world struct {
	*worktest.World
	t       testing.TB
	env     *host.Env
	fn      *host.Function
	fake    *channeltest.Fake
	secrets map[string]channel.Secret
	n       int
}

const took = `{"messages":[{"id":"wamid.sent"}],"status":0,"message_token":5741311803571721087,"id":4711}`

func newWorld(t testing.TB, wait time.Duration) *world {
	t.Helper()
	w := &world{World: worktest.New(t), t: t, secrets: map[string]channel.Secret{
		"whatsapp/meta": {"access_token": "t"}, "viber/viber": {"auth_token": "t"},
		"livechat/chatwoot": {"api_access_token": "t", "account_id": "1", "base_url": "https://chat.example.si"},
		"sms/infobip":       {"api_key": "k", "base_url": "https://x.api.infobip.com"},
	}}
	w.fake = channeltest.NewFake(t, func(*http.Request, []byte) (int, string) { return 200, took })
	w.env = &host.Env{
		Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}, Log: obs.Discard(),
		Settings: host.Settings{SendTo: w.fake.Addr()},
		Secrets: func(_ string, n channel.Name) ([]channel.Secret, error) {
			if s := w.secrets[n.String()]; s != nil {
				return []channel.Secret{s}, nil
			}
			return nil, nil
		},
	}
	w.start(wait)
	w.save("contact", func(u *work.Unit) {
		work.Save(u, record.Contacts, &contact.Contact{ID: "ana", CreatedAt: u.Now(), Name: "Ana Horvat"})
	})
	return w
}

// start is the function as a new process has it.
func (w *world) start(wait time.Duration) {
	f := &function{env: w.env, http: client(w.fake.Addr()), peers: client(""), callTime: wait, pause: time.Microsecond}
	w.fn = &host.Function{Manifest: manifest, NextDue: f.next, Handlers: map[string]work.Handler{
		events.ReplyRequestedType: f.requested, events.SendingRequestedType: f.exchange, events.DeliveryDueType: f.due,
	}}
}

func (w *world) run(id string, fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake, Source: "/test", ID: id}
	if _, err := w.Run(context.Background(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) save(id string, fn func(*work.Unit)) {
	w.t.Helper()
	w.run(id, func(_ context.Context, u *work.Unit) error { fn(u); return nil })
}

// queue stores a message to Ana that waits to be sent, in a conversation of its own.
func (w *world) queue(id string, ch message.Channel, provider string, change ...func(*message.Message, *conversation.Conversation)) {
	w.t.Helper()
	c := &conversation.Conversation{
		ID: "c" + id, ContactID: "ana", Channel: ch, Provider: provider, Line: "106540352242922", Class: conversation.Other, State: conversation.Open,
		OpenedAt: w.Clock.Now(), LastAt: w.Clock.Now(), HeardAt: w.Clock.Now(), Thread: "77",
	}
	m := &message.Message{
		ID: id, ConversationID: c.ID, ContactID: "ana", Channel: ch, Provider: provider, Kind: message.Said, ReceivedAt: w.Clock.Now(),
		Recipients: []message.Party{{Scheme: message.Tel, Address: "+38641123456"}}, Text: "Vlogo smo prejeli.",
	}
	m.Enqueue(w.Clock.Now())
	for _, f := range change {
		f(m, c)
	}
	w.save("queue "+id, func(u *work.Unit) {
		work.Save(u, record.Conversations, c)
		work.Save(u, record.Messages, m)
	})
}

func (w *world) event(d events.Data) events.Event {
	w.n++
	e, err := events.New("x", d)
	if err != nil {
		w.t.Fatal(err)
	}
	e.ID, e.Source, e.Tenant, e.Time = fmt.Sprint("e", w.n), "/test", "ekc", w.Clock.Now()
	return e
}

// ask delivers reply.requested once, as a new event.
func (w *world) ask(id string) error {
	_, err := w.fn.Deliver(context.Background(), w.env, w.event(&events.ReplyRequested{MessageID: id}), 1)
	return err
}

// tick is the schedule at the clock's instant, and what it asks for.
func (w *world) tick() {
	w.t.Helper()
	var asked []events.Event
	w.Env.Published = func(_ context.Context, _ string, es []events.Event) { asked = append(asked, es...) }
	_, err := w.fn.Deliver(context.Background(), w.env, w.event(&events.DeliveryDue{Now: w.Clock.Now()}), 1)
	w.Env.Published = nil
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range asked {
		if _, err := w.fn.Deliver(context.Background(), w.env, e, 1); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) message(id string) (m *message.Message) {
	w.t.Helper()
	w.run("", func(ctx context.Context, u *work.Unit) (err error) {
		m, err = work.Load(ctx, u, record.Messages, id)
		return err
	})
	return m
}

// found is which messages are found by a provider's id.
func (w *world) found(providerID string) (ids []string) {
	w.run("", func(ctx context.Context, u *work.Unit) (err error) {
		ids, err = locate.Messages(ctx, u, providerID)
		return err
	})
	return ids
}

func TestAMessageGoesOutOnce(t *testing.T) {
	w := newWorld(t, time.Second)
	w.queue("m1", message.WhatsApp, "meta")
	for range 3 {
		if err := w.ask("m1"); err != nil {
			t.Fatal(err)
		}
	}
	m := w.message("m1")
	if m.State != message.Sent || m.ProviderID != "wamid.sent" || !m.SentAt.Equal(w.Clock.Now()) || m.Delivery.Tries != 1 || w.fake.Taken() != 1 {
		t.Fatalf("%+v, %d taken", m, w.fake.Taken())
	}
	if got := w.found("wamid.sent"); !slices.Equal(got, []string{"m1"}) {
		t.Errorf("found %v by the provider's id", got)
	}
	if _, due := m.Due(); due {
		t.Error("it is still due")
	}
}

func TestFiftyAtOnceAreOneCall(t *testing.T) {
	w := newWorld(t, 5*time.Second)
	w.queue("m1", message.WhatsApp, "meta")
	var es []events.Event
	for range 50 {
		es = append(es, w.event(&events.ReplyRequested{MessageID: "m1"}))
	}
	var wg sync.WaitGroup
	for _, e := range es {
		wg.Go(func() { _, _ = w.fn.Deliver(context.Background(), w.env, e, 1) })
	}
	wg.Wait()
	if n := len(w.fake.Calls()); n != 1 || w.message("m1").State != message.Sent {
		t.Fatalf("%d calls, state %s", n, w.message("m1").State)
	}
}

func TestStatusesBeforeTheAnswerCount(t *testing.T) {
	w := newWorld(t, time.Second)
	w.queue("m1", message.WhatsApp, "meta")
	w.run("early", func(ctx context.Context, u *work.Unit) error {
		id, err := locate.MessageID(ctx, u, message.WhatsApp, "wamid.sent")
		work.Save(u, record.Waitings, &message.Waiting{ID: id, SinceAt: u.Now(), States: []message.WaitingState{
			{State: message.Read, At: u.Now()}, {State: message.Sent, At: u.Now()},
		}})
		return err
	})
	if err := w.ask("m1"); err != nil {
		t.Fatal(err)
	}
	if m := w.message("m1"); m.State != message.Read {
		t.Errorf("state %s, want read", m.State)
	}
}

func TestHowCallsEnd(t *testing.T) {
	graph := func(code string) channeltest.Reaction {
		return channeltest.Reaction{Mood: channeltest.Refuses, Status: 400, Body: `{"error":{"code":` + code + `}}`}
	}
	for _, c := range []struct {
		name  string
		do    channeltest.Reaction
		state message.State
		code  string
		wait  time.Duration // until it is due again
	}{
		{"it is taken", channeltest.Reaction{Mood: channeltest.Takes}, message.Sent, "", 0},
		{"it is taken and never answered", channeltest.Reaction{Mood: channeltest.Mute}, message.Unknown, "no_answer", 0},
		{"it is taken and the line breaks", channeltest.Reaction{Mood: channeltest.Drops}, message.Unknown, "no_answer", 0},
		{"it is taken and half answered", channeltest.Reaction{Mood: channeltest.Drips}, message.Unknown, "answer_cut", 0},
		{"it is taken and the answer is no JSON", channeltest.Reaction{Mood: channeltest.Garbles}, message.Unknown, "http_200", 0},
		{"a gateway fails", channeltest.Reaction{Mood: channeltest.Refuses, Status: 502}, message.Unknown, "http_502", 0},
		{"not now", channeltest.Reaction{Mood: channeltest.Refuses, Status: 503}, message.Queued, "http_503", 15 * time.Second},
		{"not now, and it says when", channeltest.Reaction{Mood: channeltest.Refuses, Status: 429, Header: http.Header{"Retry-After": {"90"}}}, message.Queued, "http_429", 90 * time.Second},
		{"too much for this person", graph("131056"), message.Queued, "131056", 15 * time.Second},
		{"the window is closed after all", graph("131047"), message.Failed, message.CodeWindow, 0},
		{"this person can't have it", graph("131026"), message.Failed, "131026", 0},
		{"the account is refused", graph("190"), message.Queued, "190", 15 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, 200*time.Millisecond)
			w.queue("m1", message.WhatsApp, "meta")
			w.fake.Plan(c.do)
			if err := w.ask("m1"); err != nil {
				t.Fatal(err)
			}
			m := w.message("m1")
			at, due := m.Due()
			if m.State != c.state || m.Code != c.code || due != (c.wait > 0) || due && !at.Equal(w.Clock.Now().Add(c.wait)) {
				t.Fatalf("%s %q, due %v at %v", m.State, m.Code, due, at.Sub(w.Clock.Now()))
			}
			next, err := w.fn.NextDue(t.Context(), "ekc", w.Clock.Now())
			if err != nil || !next.Equal(at) { // zero, where nothing is due
				t.Errorf("a clock that is moved by hand stops next at %s, want %s (%v)", next, at, err)
			}
			if c.wait == 0 {
				w.Clock.Add(48 * time.Hour)
				w.tick()
				if n := len(w.fake.Calls()); n != 1 {
					t.Errorf("%d calls", n)
				}
				return
			}
			w.Clock.Add(c.wait - time.Second)
			w.tick()
			if n := len(w.fake.Calls()); n != 1 {
				t.Errorf("tried a second early: %d calls", n)
			}
			w.Clock.Add(time.Second)
			w.tick()
			if m := w.message("m1"); m.State != message.Sent || len(w.fake.Calls()) != 2 || m.Delivery.Tries != 2 {
				t.Errorf("state %s after %d calls", m.State, len(w.fake.Calls()))
			}
		})
	}
}

func TestARefusedAccountIsPausedAndTriedByOne(t *testing.T) {
	w := newWorld(t, time.Second)
	for i := range 5 {
		w.queue(fmt.Sprint("m", i), message.Viber, "viber", func(m *message.Message, _ *conversation.Conversation) {
			m.Recipients[0].Address = fmt.Sprint("person ", i)
		})
	}
	alarms := obs.Value("okence_alarm_total", "alarm", "account_refused", "tenant", "ekc", "account", "viber/viber")
	refuse := channeltest.Reaction{Mood: channeltest.Refuses, Status: 200, Body: `{"status":2,"status_message":"invalidAuthToken"}`}
	w.fake.Plan(refuse, refuse)
	for i := range 5 {
		if err := w.ask(fmt.Sprint("m", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.fake.Calls()); n != 1 {
		t.Fatalf("%d calls through a refused account, want 1", n)
	}
	w.Clock.Add(15 * time.Minute)
	w.tick()
	if n := len(w.fake.Calls()); n != 2 {
		t.Fatalf("%d calls after the pause, want one trial", n-1)
	}
	w.Clock.Add(30 * time.Minute) // the pause has doubled
	w.tick()
	w.Clock.Add(message.CallLife)
	w.tick()
	for i := range 5 {
		if m := w.message(fmt.Sprint("m", i)); m.State != message.Sent {
			t.Errorf("m%d is %s", i, m.State)
		}
	}
	if n := len(w.fake.Calls()); n != 7 {
		t.Errorf("%d calls, want 2 refused and 5 taken", n)
	}
	if got := obs.Value("okence_alarm_total", "alarm", "account_refused", "tenant", "ekc", "account", "viber/viber") - alarms; got != 2 {
		t.Errorf("%d alarms, want 2", got)
	}
}

func TestOnePersonsLimitHoldsBackThatPersonAlone(t *testing.T) {
	w := newWorld(t, time.Second)
	w.fake.Plan(channeltest.Reaction{Mood: channeltest.Refuses, Status: 400, Body: `{"error":{"code":131056}}`})
	w.queue("m1", message.WhatsApp, "meta")
	w.queue("m2", message.WhatsApp, "meta")
	w.queue("m3", message.WhatsApp, "meta", func(m *message.Message, _ *conversation.Conversation) { m.Recipients[0].Address = "+38631000000" })
	for _, id := range []string{"m1", "m2", "m3"} {
		if err := w.ask(id); err != nil {
			t.Fatal(err)
		}
	}
	if w.message("m2").State != message.Queued || w.message("m3").State != message.Sent || len(w.fake.Calls()) != 2 {
		t.Errorf("m2 %s, m3 %s, %d calls", w.message("m2").State, w.message("m3").State, len(w.fake.Calls()))
	}
}

func TestTheWindowOfADay(t *testing.T) {
	for _, c := range []struct {
		name  string
		ago   time.Duration
		other time.Duration // since the person wrote in another conversation; 0: never
		want  message.State
	}{
		{"a second within", 24*time.Hour - time.Second, 0, message.Sent},
		{"when it has passed", 24 * time.Hour, 0, message.Failed},
		{"long passed, but the person wrote elsewhere on this line", 90 * 24 * time.Hour, time.Hour, message.Sent},
		{"passed there as well", 90 * 24 * time.Hour, 24 * time.Hour, message.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, time.Second)
			heard := func(ago time.Duration) func(*message.Message, *conversation.Conversation) {
				return func(_ *message.Message, conv *conversation.Conversation) { conv.HeardAt = w.Clock.Now().Add(-ago) }
			}
			w.queue("m1", message.WhatsApp, "meta", heard(c.ago))
			if c.other > 0 {
				w.queue("m2", message.WhatsApp, "meta", heard(c.other))
			}
			if err := w.ask("m1"); err != nil {
				t.Fatal(err)
			}
			if m := w.message("m1"); m.State != c.want || c.want == message.Failed && (m.Code != message.CodeWindow || len(w.fake.Calls()) > 0) {
				t.Errorf("%s %s", m.State, m.Code)
			}
		})
	}
	w := newWorld(t, time.Second)
	w.queue("m1", message.WhatsApp, "meta", func(_ *message.Message, c *conversation.Conversation) { c.HeardAt = time.Time{} })
	w.queue("m2", message.WhatsApp, "meta", func(_ *message.Message, c *conversation.Conversation) { c.Line = "another of our numbers" })
	if err := w.ask("m1"); err != nil || w.message("m1").State != message.Failed {
		t.Error("a message to another of our lines opened the window", err)
	}
	w = newWorld(t, time.Second) // other channels have none
	w.queue("m1", message.Viber, "viber", func(_ *message.Message, c *conversation.Conversation) { c.HeardAt = time.Time{} })
	if err := w.ask("m1"); err != nil || w.message("m1").State != message.Sent {
		t.Error(err, w.message("m1").State)
	}
}

func TestWhatWaitsAndWhatNeverGoes(t *testing.T) {
	t.Run("an account without a secret to send with waits for one", func(t *testing.T) {
		w := newWorld(t, time.Second)
		secret := w.secrets["whatsapp/meta"]
		w.secrets["whatsapp/meta"] = channel.Secret{"app_secret": "receives only"}
		w.queue("m1", message.WhatsApp, "meta")
		if next, err := w.fn.NextDue(t.Context(), "ekc", w.Clock.Now().Add(-time.Hour)); err != nil || !next.Equal(w.Clock.Now()) {
			t.Fatal(next, err)
		}
		if err := w.ask("m1"); err != nil || w.message("m1").Code != message.CodeNoSecret {
			t.Fatal(err, w.message("m1").Code)
		}
		if next, err := w.fn.NextDue(t.Context(), "ekc", time.Time{}); err != nil || !next.IsZero() {
			t.Error("a clock that is moved by hand stops for it:", next, err)
		}
		w.secrets["whatsapp/meta"] = secret
		w.Clock.Add(noSecret)
		w.tick()
		if m := w.message("m1"); m.State != message.Sent {
			t.Error(m.State)
		}
	})
	t.Run("a restricted person's message waits", func(t *testing.T) {
		w := newWorld(t, time.Second)
		w.queue("m1", message.WhatsApp, "meta")
		w.save("restrict", func(u *work.Unit) {
			work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", SinceAt: u.Now(), Ground: "accuracy"})
		})
		if err := w.ask("m1"); err != nil || len(w.fake.Calls()) > 0 {
			t.Fatal(err, len(w.fake.Calls()))
		}
		if m := w.message("m1"); m.State != message.Queued || m.Code != message.CodeHeld || m.Text == "" {
			t.Errorf("%+v", m)
		}
	})
	t.Run("a letter about their own request goes to a restricted person", func(t *testing.T) {
		w := newWorld(t, time.Second)
		w.queue("m1", message.WhatsApp, "meta", func(m *message.Message, _ *conversation.Conversation) { m.Delivery.Rights = true })
		w.save("restrict", func(u *work.Unit) {
			work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", SinceAt: u.Now(), Ground: "accuracy"})
		})
		if err := w.ask("m1"); err != nil {
			t.Fatal(err)
		}
		if m := w.message("m1"); m.State != message.Sent || len(w.fake.Calls()) != 1 {
			t.Errorf("%s %s after %d calls", m.State, m.Code, len(w.fake.Calls()))
		}
	})
	t.Run("what is days old is given up", func(t *testing.T) {
		w := newWorld(t, time.Second)
		w.queue("m1", message.Viber, "viber")
		w.Clock.Add(message.GiveUp)
		w.tick()
		if m := w.message("m1"); m.State != message.Failed || m.Code != message.CodeExpired || len(w.fake.Calls()) > 0 {
			t.Errorf("%s %s", m.State, m.Code)
		}
	})
	for name, c := range map[string]struct {
		change func(*message.Message, *conversation.Conversation)
		code   string
	}{
		"nobody to send to":          {func(m *message.Message, _ *conversation.Conversation) { m.Recipients = nil }, message.CodeAddress},
		"a channel that can't send":  {func(m *message.Message, _ *conversation.Conversation) { m.Channel = message.Voice }, message.CodeChannel},
		"too long a text":            {func(m *message.Message, _ *conversation.Conversation) { m.Text = strings.Repeat("a", 4097) }, "too_long"},
		"a provider that nobody has": {func(m *message.Message, _ *conversation.Conversation) { m.Provider = "gone" }, message.CodeChannel},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, time.Second)
			w.queue("m1", message.WhatsApp, "meta", c.change)
			if err := w.ask("m1"); err != nil {
				t.Fatal(err)
			}
			if m := w.message("m1"); m.State != message.Failed || m.Code != c.code || len(w.fake.Calls()) > 0 {
				t.Errorf("%s %s after %d calls", m.State, m.Code, len(w.fake.Calls()))
			}
		})
	}
	t.Run("a message deleted meanwhile", func(t *testing.T) {
		w := newWorld(t, time.Second)
		if err := w.ask("gone"); err != nil {
			t.Error(err)
		}
	})
}

func TestPartsOfAnSMSAreCounted(t *testing.T) {
	w := newWorld(t, time.Second)
	w.fake.Accept = func(*http.Request, []byte) (int, string) {
		return 200, `{"messages":[{"messageId":"m1","status":{"groupId":1,"id":26}}]}`
	}
	w.queue("m1", message.SMS, "infobip", func(m *message.Message, _ *conversation.Conversation) { m.Text = strings.Repeat("č", 71) })
	if err := w.ask("m1"); err != nil {
		t.Fatal(err)
	}
	if m := w.message("m1"); m.Delivery.Parts != 2 || m.State != message.Sent || !slices.Equal(w.found("m1"), []string{"m1"}) {
		t.Errorf("%+v", m.Delivery)
	}
}

func TestAProvidersCopyOfOurOwnMessageGoes(t *testing.T) {
	w := newWorld(t, time.Second)
	w.queue("m1", message.LiveChat, "chatwoot")
	w.run("copy", func(ctx context.Context, u *work.Unit) error {
		id, err := locate.MessageID(ctx, u, message.LiveChat, "4711")
		work.Save(u, record.Messages, &message.Message{ID: id, ConversationID: "cm1", ContactID: "ana", Channel: message.LiveChat, Provider: "chatwoot",
			Kind: message.Said, Direction: message.Out, ReceivedAt: u.Now(), Text: "Vlogo smo prejeli."})
		return err
	})
	if err := w.ask("m1"); err != nil {
		t.Fatal(err)
	}
	if got := w.found("4711"); !slices.Equal(got, []string{"m1"}) {
		t.Errorf("found %v, want our own alone", got)
	}
}

func TestAMailNamesItsConversationAndThread(t *testing.T) {
	w := newWorld(t, time.Second)
	s := channeltest.NewMailServer(t)
	w.secrets["email/mime"] = channel.Secret{"smtp_host": s.Host, "smtp_port": s.Port, "smtp_tls": "none", "from": "ekc@gov.si"}
	change := func(m *message.Message, c *conversation.Conversation) {
		m.Recipients = []message.Party{{Scheme: message.Mailto, Address: "ana@example.si"}}
		m.Subject, m.Thread, c.Line = "Re: Vloga", []string{"<1@a>"}, "ekc@gov.si"
	}
	w.queue("m1", message.Email, "mime", change)
	w.queue("m2", message.Email, "mime", change)
	if err := w.ask("m1"); err != nil {
		t.Fatal(err)
	}
	mails := s.Mails()
	if len(mails) != 1 || !strings.Contains(mails[0].Data, "Message-ID: <m1@gov.si>\r\n") || !strings.Contains(mails[0].Data, "References: <1@a>\r\n") {
		t.Fatal(mails)
	}
	_, after, _ := strings.Cut(mails[0].Data, "\r\nReply-To: <")
	address, _, _ := strings.Cut(after, ">")
	w.run("", func(ctx context.Context, u *work.Unit) error {
		key, err := u.Derive(ctx, conversation.PlusLabel)
		if id, ok := conversation.FromPlusAddress(key, address); !ok || id != "cm1" {
			t.Errorf("Reply-To %q leads to %q", address, id)
		}
		return err
	})
	s.Answer(".", "close") // taken, and no answer
	if err := w.ask("m2"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(48 * time.Hour)
	w.tick()
	if m := w.message("m2"); m.State != message.Unknown || len(s.Mails()) != 2 || !slices.Equal(w.found("<m2@gov.si>"), []string{"m2"}) {
		t.Errorf("%s with %d mails; an answer to it must find it", m.State, len(s.Mails()))
	}
}

// A claim whose commit took place and was not answered is ours: the call has not
// begun, so it need not end as unknown.
func TestAClaimThatNobodyConfirmedIsUsed(t *testing.T) {
	w := newWorld(t, time.Second)
	w.queue("m1", message.WhatsApp, "meta")
	w.Docs.Reset()
	w.Docs.Fail(storetest.Plan{Nth: 1, Method: storetest.Commit, Moment: storetest.After})
	if err := w.ask("m1"); err != nil || w.message("m1").State != message.Sent || w.fake.Taken() != 1 {
		t.Fatal(err, w.message("m1").State, w.fake.Taken())
	}
}

// What is known of a call is noted although the event's time is over.
func TestTheEndOfACallIsNotedAfterTheEventsTime(t *testing.T) {
	w := newWorld(t, time.Second)
	w.queue("m1", message.WhatsApp, "meta")
	ctx, cancel := context.WithCancel(t.Context())
	w.fake.Accept = func(*http.Request, []byte) (int, string) { cancel(); return 200, took }
	w.fake.Plan(channeltest.Reaction{Mood: channeltest.Mute})
	_, _ = w.fn.Deliver(ctx, w.env, w.event(&events.ReplyRequested{MessageID: "m1"}), 1)
	if m := w.message("m1"); m.State != message.Unknown {
		t.Errorf("%s, want unknown at once", m.State)
	}
}

// settle lets a week pass, tick by tick, as a process that has come back does.
func (w *world) settle() {
	w.t.Helper()
	for _, d := range []time.Duration{0, time.Minute, message.CallLife, 10 * time.Minute, time.Hour, 6 * time.Hour, message.GiveUp} {
		w.Clock.Add(d)
		w.tick()
	}
}

// TestDyingAtEveryStep fails every single store call once, before and after it
// took effect, as a process that dies there; then another process goes on.
func TestDyingAtEveryStep(t *testing.T) {
	for n := 1; ; n++ {
		failed := false
		for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
			w := newWorld(t, time.Second)
			w.queue("m1", message.WhatsApp, "meta")
			w.Docs.Reset()
			for i := range 60 { // from the nth call on, nothing works: the process is dead
				w.Docs.Fail(storetest.Plan{Nth: n + i, Moment: moment})
			}
			_ = w.ask("m1")
			failed = failed || w.Docs.Failed() > 0
			w.Docs.Reset()
			w.Restart()
			w.start(time.Second)
			if err := w.ask("m1"); err != nil { // the event comes again
				t.Fatal(err)
			}
			w.settle()
			m := w.message("m1")
			switch {
			case w.fake.Taken() > 1:
				t.Errorf("call %d, %s: sent %d times", n, moment, w.fake.Taken())
			case m.State == message.Sent && w.fake.Taken() == 1, m.State == message.Unknown:
			default:
				t.Errorf("call %d, %s: %s %s with %d taken", n, moment, m.State, m.Code, w.fake.Taken())
			}
		}
		if !failed {
			if n < 4 {
				t.Fatalf("only %d store calls: the test tests nothing", n-1)
			}
			return
		}
	}
}

// TestAThousandMisbehavingServers sends through providers that refuse, break,
// fall silent and lie, with a store that fails and a process that dies: no
// message is sent twice, none is lost, and no state tells a lie.
func TestAThousandMisbehavingServers(t *testing.T) {
	runs := 1000
	if testing.Short() {
		runs = 100
	}
	var wg sync.WaitGroup
	seeds := make(chan uint64)
	for range 8 {
		wg.Go(func() {
			for seed := range seeds {
				misbehave(t, seed)
			}
		})
	}
	for seed := range uint64(runs) {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
}

func misbehave(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	w := newWorld(t, 60*time.Millisecond)
	accounts := []channel.Name{{Channel: message.WhatsApp, Provider: "meta"}, {Channel: message.Viber, Provider: "viber"}}
	name := accounts[r.IntN(len(accounts))]
	w.queue("m1", name.Channel, name.Provider)
	moods := []channeltest.Reaction{
		{Mood: channeltest.Takes}, {Mood: channeltest.Drops}, {Mood: channeltest.Garbles}, {Mood: channeltest.Refuses, Status: 503},
		{Mood: channeltest.Refuses, Status: 429}, {Mood: channeltest.Refuses, Status: 502}, {Mood: channeltest.Refuses, Status: 500, Body: "<html>"},
		{Mood: channeltest.Refuses, Status: 401}, {Mood: channeltest.Refuses, Status: 200, Body: `{"status":12}`},
	}
	if seed%20 == 0 {
		moods = append(moods, channeltest.Reaction{Mood: channeltest.Mute}, channeltest.Reaction{Mood: channeltest.Drips})
	}
	for range r.IntN(4) {
		w.fake.Plan(moods[r.IntN(len(moods))])
	}
	w.Docs.Reset()
	for range r.IntN(3) {
		moment := storetest.Before
		if r.IntN(2) == 0 {
			moment = storetest.After
		}
		w.Docs.Fail(storetest.Plan{Nth: 1 + r.IntN(12), Moment: moment})
	}
	for range 1 + r.IntN(3) {
		_ = w.ask("m1")
		if r.IntN(2) == 0 {
			w.Restart()
			w.start(60 * time.Millisecond)
		}
	}
	w.Docs.Reset()
	w.settle()
	m, taken := w.message("m1"), w.fake.Taken()
	switch {
	case taken > 1:
		t.Errorf("seed %d: sent %d times", seed, taken)
	case m.State == message.Sent && taken != 1, m.State == message.Failed && taken != 0:
		t.Errorf("seed %d: %s %s with %d taken", seed, m.State, m.Code, taken)
	case m.State == message.Queued, m.State == message.Sending:
		t.Errorf("seed %d: still %s after a week", seed, m.State)
	}
}

func TestTheTickCostsWhatIsDue(t *testing.T) {
	w := newWorld(t, time.Second)
	for i := range 30 {
		w.queue(fmt.Sprint("later", i), message.Viber, "viber", func(m *message.Message, _ *conversation.Conversation) {
			m.Delivery.DueAt = w.Clock.Now().Add(time.Hour)
		})
	}
	w.Docs.Reset()
	w.tick()
	if c := w.Docs.Count(); c.Docs > 2 || c.Query != 2 {
		t.Errorf("%+v for nothing that is due", c)
	}
	if len(w.fake.Calls()) > 0 {
		t.Error("something was sent early")
	}
}

func TestOnlyOurOwnEventsAreTaken(t *testing.T) {
	w := newWorld(t, time.Second)
	e := w.event(&events.ReplyRequested{MessageID: "m1"})
	e.Data = []byte(`{"message_id":"m1","text":"x"}`)
	if _, err := w.fn.Deliver(t.Context(), w.env, e, 1); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, err := New(w.env); err != nil {
		t.Error(err)
	}
}
