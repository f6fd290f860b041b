package inbound

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is a tenant whose inbound function is fed by hand.
type world struct {
	*worktest.World
	t   *testing.T
	env *host.Env
	fn  *host.Function
	n   int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{
		Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}, Log: obs.Discard(),
		Secrets: func(string, channel.Name) ([]channel.Secret, error) { return nil, nil },
	}
	var err error
	if w.fn, err = New(w.env); err != nil {
		t.Fatal(err)
	}
	return w
}

// run does something as our own code.
func (w *world) run(id string, fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake, Source: "/test", ID: id}
	if _, err := w.Run(w.t.Context(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// event seals an item at the edge and returns the event that says so.
func (w *world) event(in message.Inbound, raw []byte) events.Event {
	w.t.Helper()
	w.n++
	var e events.Event
	w.run(fmt.Sprint("edge", w.n), func(ctx context.Context, u *work.Unit) error {
		id, err := u.NewID(ctx, "intake")
		if err != nil {
			return err
		}
		work.Save(u, record.Intakes, &intake.Intake{
			ID: id, Day: intake.Day(u.Now()), Channel: in.Channel, Provider: in.Provider, ReceivedAt: u.Now(), Message: &in, Raw: raw, KeepRaw: raw != nil,
		})
		e, err = u.Event(ctx, id, &events.MessageReceived{Intake: id, Channel: in.Channel, Provider: in.Provider, ReceivedAt: u.Now()})
		return err
	})
	return e
}

func (w *world) deliver(e events.Event) {
	w.t.Helper()
	d, err := w.fn.Deliver(w.t.Context(), w.env, e, 1)
	if err != nil || d == host.Buried {
		w.t.Fatal(d, err)
	}
}

func (w *world) receive(in message.Inbound) {
	w.t.Helper()
	w.deliver(w.event(in, nil))
}

// message finds a message by its provider id.
func (w *world) message(providerID string) *message.Message {
	w.t.Helper()
	all := w.messages(providerID)
	if len(all) != 1 {
		w.t.Fatalf("%d messages of that provider id, want 1", len(all))
	}
	return all[0]
}

func (w *world) messages(providerID string) []*message.Message {
	w.t.Helper()
	var out []*message.Message
	w.run("", func(ctx context.Context, u *work.Unit) error {
		ids, err := locate.Messages(ctx, u, providerID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			m, err := work.Load(ctx, u, record.Messages, id)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	return out
}

func load[T any](w *world, k *record.Kind[T], id string) *T {
	w.t.Helper()
	var out *T
	w.run("", func(ctx context.Context, u *work.Unit) (err error) {
		out, err = work.Load(ctx, u, k, id)
		return err
	})
	return out
}

func (w *world) conversationOf(providerID string) *conversation.Conversation {
	return load(w, record.Conversations, w.message(providerID).ConversationID)
}

// said is one valid message on WhatsApp; cases change one thing.
func said(id, text string, change ...func(*message.Inbound)) message.Inbound {
	in := message.Inbound{
		Channel: message.WhatsApp, Provider: "meta", ProviderID: id, Kind: message.Said, Direction: message.In,
		Sender: message.Party{Scheme: message.Tel, Address: "+38641123456", Name: "Ana Horvat"}, Line: "106540352242922",
		Text: text, SentAt: worktest.Start,
	}
	for _, c := range change {
		c(&in)
	}
	return in
}

func from(address string) func(*message.Inbound) {
	return func(in *message.Inbound) { in.Sender = message.Party{Scheme: message.Tel, Address: address} }
}

func mail(id, text string, change ...func(*message.Inbound)) message.Inbound {
	in := said(id, text)
	in.Channel, in.Provider, in.Line, in.Subject = message.Email, "mime", "", "Vloga"
	in.Sender = message.Party{Scheme: message.Mailto, Address: "ana@example.si", Name: "Ana Horvat"}
	in.Recipients = []message.Party{{Scheme: message.Mailto, Address: "ekc@gov.si"}}
	for _, c := range change {
		c(&in)
	}
	return in
}

func TestTheFirstMessageMakesContactAndConversation(t *testing.T) {
	w := newWorld(t)
	w.receive(said("wamid.1", "Kje dobim potrdilo?"))
	m := w.message("wamid.1")
	if m.Text != "Kje dobim potrdilo?" || m.Sender.Name != "Ana Horvat" || !m.ReceivedAt.Equal(worktest.Start) || m.Direction != message.In {
		t.Fatalf("%+v", m)
	}
	c := load(w, record.Contacts, m.ContactID)
	if c.Name != "Ana Horvat" || len(c.Addresses) != 1 || c.Addresses[0].Address != "+38641123456" {
		t.Fatalf("%+v", c)
	}
	conv := load(w, record.Conversations, m.ConversationID)
	if conv.ContactID != c.ID || conv.Messages != 1 || conv.State != conversation.Open || conv.Class != conversation.Other {
		t.Fatalf("%+v", conv)
	}
	page, err := w.Docs.Query(t.Context(), store.Query{Tenant: "ekc", Index: record.ByState, Partition: "intake"})
	if err != nil || len(page.Docs) != 0 {
		t.Fatal("the intake record is still there", err)
	}
}

func TestWhatBelongsToOneConversation(t *testing.T) {
	idle := 24 * time.Hour // ekc pack
	tests := []struct {
		name string
		wait time.Duration
		next message.Inbound
		same bool
	}{
		{"the next message of the same sender", time.Minute, said("2", "še nekaj"), true},
		{"one second before it is idle", idle - time.Second, said("2", "še nekaj"), true},
		{"once it is idle", idle, said("2", "še nekaj"), false},
		{"a reply to it, however late", 300 * 24 * time.Hour, said("2", "hvala", func(in *message.Inbound) { in.ReplyTo = "1" }), true},
		{"another sender", time.Minute, said("2", "dan", from("+38641000000")), false},
		{"another sender who claims to reply", time.Minute, said("2", "dan", from("+38641000000"), func(in *message.Inbound) { in.ReplyTo = "1" }), false},
		{"another of our lines", time.Minute, said("2", "še", func(in *message.Inbound) { in.Line = "other" }), false},
		{"another channel", time.Minute, said("2", "še", func(in *message.Inbound) { in.Channel, in.Provider = message.SMS, "twilio" }), false},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.receive(said("1", "Kje?"))
			w.Clock.Add(c.wait)
			w.receive(c.next)
			if got := w.message("1").ConversationID == w.message("2").ConversationID; got != c.same {
				t.Errorf("same conversation: %v, want %v", got, c.same)
			}
		})
	}
}

func TestIdleTimeIsThePacks(t *testing.T) {
	p, _ := policy.Builtin().ForTenant("ekc")
	if got := idle(p.At(worktest.Start), message.WhatsApp); got != 24*time.Hour {
		t.Fatalf("the tests above assume 24h, the pack says %v", got)
	}
}

func TestAPhoneNumberIsOneContactOnEveryChannel(t *testing.T) {
	w := newWorld(t)
	w.receive(said("1", "Kje?"))
	w.receive(said("2", "Kje?", func(in *message.Inbound) { in.Channel, in.Provider = message.SMS, "twilio" }))
	w.receive(said("3", "Kje?", func(in *message.Inbound) {
		in.Channel, in.Provider = message.Viber, "viber"
		in.Sender = message.Party{Scheme: message.ID, Address: "+38641123456"} // an id that only looks like a number
	}))
	if w.message("1").ContactID != w.message("2").ContactID {
		t.Error("two contacts for one number")
	}
	if w.message("1").ContactID == w.message("3").ContactID {
		t.Error("a provider's own id was taken for a number")
	}
}

func TestASecondIdOfAKnownSenderLeadsToTheSameContact(t *testing.T) {
	w := newWorld(t)
	w.receive(said("1", "Kje?", func(in *message.Inbound) { in.Sender.UserID = "SI.123" }))
	w.receive(said("2", "Kje?", func(in *message.Inbound) { // later, by the user id alone
		in.Sender = message.Party{Scheme: message.ID, Address: "SI.123"}
	}))
	if w.message("1").ContactID != w.message("2").ContactID {
		t.Error("two contacts for one person")
	}
}

func TestClassOfPersonFollowsTheLine(t *testing.T) {
	w := newWorld(t)
	terms, _ := w.env.Terms("ekc")
	want := map[string]conversation.Class{}
	for _, l := range terms.Lines {
		if l.Channel == policy.Email {
			want[l.Account[0]] = conversation.Class(l.Class)
		}
	}
	if len(want) == 0 {
		t.Fatal("the pack has no mail lines to test by")
	}
	for address, class := range want {
		id := "<" + address + ">"
		w.receive(mail(id, "Pozdravljeni", func(in *message.Inbound) {
			in.Recipients = []message.Party{{Scheme: message.Mailto, Address: "nekdo@example.si"}, {Scheme: message.Mailto, Address: strings.ToUpper(address)}}
		}))
		if got := w.conversationOf(id).Class; got != class {
			t.Errorf("%s: class %s, want %s (K02)", address, got, class)
		}
	}
}

func TestMailThreads(t *testing.T) {
	w := newWorld(t)
	w.receive(mail("<1@a>", "prvo"))
	w.Clock.Add(100 * 24 * time.Hour)
	w.receive(mail("<2@a>", "drugo", func(in *message.Inbound) { in.References = []string{"<unknown@a>", "<1@a>"} }))
	w.receive(mail("<3@b>", "sodelavec", func(in *message.Inbound) {
		in.Sender = message.Party{Scheme: message.Mailto, Address: "bor@example.si"}
		in.ReplyTo = "<2@a>"
	}))
	first, third := w.message("<1@a>"), w.message("<3@b>")
	if w.message("<2@a>").ConversationID != first.ConversationID || third.ConversationID != first.ConversationID {
		t.Fatal("the thread was torn")
	}
	if third.ContactID == first.ContactID {
		t.Fatal("another sender's mail must stay that person's own")
	}
	var address, forged string
	w.run("", func(ctx context.Context, u *work.Unit) error {
		key, err := u.Derive(ctx, conversation.PlusLabel)
		address = conversation.PlusAddress(key, "ekc@gov.si", first.ConversationID)
		forged = conversation.PlusAddress([]byte("guess"), "ekc@gov.si", first.ConversationID)
		return err
	})
	w.Clock.Add(100 * 24 * time.Hour)
	to := func(a string) func(*message.Inbound) {
		return func(in *message.Inbound) {
			in.Sender = message.Party{Scheme: message.Mailto, Address: "c@example.si"}
			in.Recipients = []message.Party{{Scheme: message.Mailto, Address: a}}
		}
	}
	w.receive(mail("<4@c>", "po oznaki", to(address)))
	w.receive(mail("<5@c>", "ponaredek", to(forged)))
	if w.message("<4@c>").ConversationID != first.ConversationID {
		t.Error("the plus-address was not followed")
	}
	if w.message("<5@c>").ConversationID == first.ConversationID {
		t.Error("a forged plus-address was followed")
	}
}

func TestABorrowedMessageIDLosesNothing(t *testing.T) {
	w := newWorld(t)
	w.receive(mail("<1@a>", "pravo"))
	w.receive(mail("<1@a>", "drugo besedilo", func(in *message.Inbound) {
		in.Sender = message.Party{Scheme: message.Mailto, Address: "eva@example.si"}
	}))
	w.receive(mail("<1@a>", "pravo")) // the same words by another path
	if got := w.messages("<1@a>"); len(got) != 2 {
		t.Fatalf("%d messages, want both and no third", len(got))
	}
}

// TestChangesInAnyOrder delivers a message, its edit, a reaction, its deletion
// and a stranger's deletion in every order, some twice.
func TestChangesInAnyOrder(t *testing.T) {
	about := func(k message.Kind, id string, minutes int, change ...func(*message.Inbound)) message.Inbound {
		return said(id, "", append([]func(*message.Inbound){func(in *message.Inbound) {
			in.Kind, in.Target = k, "1"
			in.SentAt = worktest.Start.Add(time.Duration(minutes) * time.Minute)
		}}, change...)...)
	}
	all := []message.Inbound{
		said("1", "Kje dobim potrdlio?"),
		about(message.Edit, "2", 1, func(in *message.Inbound) { in.Text = "Kje dobim potrdilo?" }),
		about(message.Reaction, "3", 2, from("+38631555555"), func(in *message.Inbound) { in.Reaction = "👍" }),
		about(message.Deletion, "4", 3),
		about(message.Deletion, "5", 4, from("+38631666666")), // not hers to delete
	}
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(t)
		var es []events.Event
		for _, i := range r.Perm(len(all)) {
			es = append(es, w.event(all[i], nil))
		}
		es = append(es, es[r.IntN(len(es))], es[r.IntN(len(es))])
		for _, e := range es {
			w.deliver(e)
		}
		m := w.message("1")
		var got []string
		for _, c := range m.Changes {
			got = append(got, string(c.Kind))
		}
		if s := strings.Join(got, " "); s != "edit reaction delete" || m.Text != "Kje dobim potrdlio?" {
			t.Fatalf("seed %d: changes %q, text %q", seed, s, m.Text)
		}
		for _, id := range []string{"2", "3", "4", "5"} {
			w.message(id) // each stands by itself too
		}
	}
}

func TestStatusesNeverGoBackAndNeverBecomeMessages(t *testing.T) {
	status := func(id string, s message.State, minutes int) message.Inbound {
		return said(id, "", func(in *message.Inbound) {
			in.Kind, in.Target, in.Status = message.Report, "sent-1", &message.Status{State: s}
			in.SentAt = worktest.Start.Add(time.Duration(minutes) * time.Minute)
		})
	}
	send := func(w *world) { // what delivery will do once the send is answered
		w.run("send", func(ctx context.Context, u *work.Unit) error {
			ref, err := locate.MessageID(ctx, u, message.WhatsApp, "sent-1")
			if err != nil {
				return err
			}
			work.Save(u, record.Contacts, &contact.Contact{ID: "ana", CreatedAt: u.Now()})
			work.Save(u, record.Messages, &message.Message{ID: "ours", ContactID: "ana", ConversationID: "c", Direction: message.Out, State: message.Queued, ProviderID: "sent-1"})
			work.Save(u, record.Aliases, &message.Alias{ID: ref, MessageIDs: []string{"ours"}})
			return nil
		})
	}
	w := newWorld(t)
	send(w)
	for _, s := range []message.Inbound{
		status("a", message.Delivered, 2), status("b", message.Sent, 1), status("c", message.Failed, 3), status("d", message.Read, 4), status("e", message.Delivered, 5),
	} {
		w.receive(s)
	}
	if m := w.message("sent-1"); m.State != message.Read || !m.StateAt.Equal(worktest.Start.Add(4*time.Minute)) {
		t.Errorf("state %s at %v", m.State, m.StateAt)
	}
	early := newWorld(t)
	early.receive(status("a", message.Delivered, 2))
	if got := early.messages("sent-1"); len(got) != 0 {
		t.Error("a status became a message")
	}
	waiting := load(early, record.Waitings, func() (ref string) {
		early.run("", func(ctx context.Context, u *work.Unit) (err error) {
			ref, err = locate.MessageID(ctx, u, message.WhatsApp, "sent-1")
			return err
		})
		return ref
	}())
	if len(waiting.States) != 1 || waiting.States[0].State != message.Delivered {
		t.Errorf("%+v", waiting)
	}
}

func TestAMailIsKeptAsItCame(t *testing.T) {
	w := newWorld(t)
	raw := []byte("From: ana@example.si\r\n\r\nPozdravljeni")
	w.deliver(w.event(mail("<1@a>", "Pozdravljeni"), raw))
	m := w.message("<1@a>")
	w.run("", func(ctx context.Context, u *work.Unit) error {
		b, err := work.OpenFile(ctx, u, record.Attachments, m.RawID, "Bytes")
		if string(b) != string(raw) {
			t.Error("the raw mail changed")
		}
		return err
	})
}

func TestAnErasedSenderStartsAnew(t *testing.T) {
	w := newWorld(t)
	w.receive(said("1", "Kje?"))
	old := w.message("1")
	w.run("erase", func(ctx context.Context, u *work.Unit) error {
		if err := work.Delete(ctx, u, record.Contacts, old.ContactID); err != nil {
			return err
		}
		return work.Delete(ctx, u, record.Messages, old.ID)
	})
	if err := w.Vault.Destroy(t.Context(), "ekc", vault.Owner{Subject: old.ContactID, Class: "channel"}); err != nil {
		t.Fatal(err)
	}
	w.receive(said("2", "spet jaz"))
	if m := w.message("2"); m.ContactID == old.ContactID || m.Text != "spet jaz" {
		t.Fatalf("%+v", m)
	}
}

func TestStoreCallsOfOneMessage(t *testing.T) {
	w := newWorld(t)
	w.receive(said("1", "Kje?"))
	e := w.event(said("2", "še nekaj"), nil)
	before := w.Docs.Count()
	w.deliver(e)
	after := w.Docs.Count()
	if reads, commits := after.Get-before.Get+after.Query-before.Query, after.Commit-before.Commit; reads > 3 || commits > 1 {
		t.Errorf("%d reads and %d commits, want at most 3 and 1", reads, commits)
	}
}

func TestAMessageNobodyCanPlaceIsADeadLetter(t *testing.T) {
	w := newWorld(t)
	e := w.event(said("1", "x"), nil)
	w.run("lost", func(ctx context.Context, u *work.Unit) error {
		d, _ := events.As[events.MessageReceived](e)
		return work.Delete(ctx, u, record.Intakes, d.Intake)
	})
	d, err := w.fn.Deliver(t.Context(), w.env, e, 1)
	if d != host.Buried || err != nil {
		t.Fatal(d, err)
	}
	e.Type = "org.okence.unknown.v1"
	if _, err := w.fn.Deliver(t.Context(), w.env, e, 1); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
}

func TestWhatOurSideWroteElsewhereBelongsToThePersonItWasWrittenTo(t *testing.T) {
	w := newWorld(t)
	w.receive(said("1", "Kje?"))
	w.receive(said("2", "V pritličju.", func(in *message.Inbound) { // an echo of the WhatsApp Business app
		in.Direction = message.Out
		in.Sender = message.Party{Scheme: message.Tel, Address: "+38614788778"}
		in.Recipients = []message.Party{{Scheme: message.Tel, Address: "+38641123456"}}
	}))
	first, second := w.message("1"), w.message("2")
	if second.ConversationID != first.ConversationID || second.ContactID != first.ContactID || second.Direction != message.Out {
		t.Fatalf("%+v", second)
	}
}

func TestAMessageWithHundredsOfFilesIsTaken(t *testing.T) {
	w := newWorld(t)
	w.receive(said("1", "", func(in *message.Inbound) {
		for i := range 300 {
			in.Media = append(in.Media, message.Media{URL: fmt.Sprint("https://example.com/", i)})
		}
	}))
	m := w.message("1")
	states := map[message.FileState]int{}
	for _, f := range m.Files {
		states[f.State]++
	}
	if states[message.Pending] != maxFetched || states[message.Unavailable] != 300-maxFetched {
		t.Fatalf("%v", states)
	}
}

func TestACallIsOneMessageWithItsStepsAndItsRecording(t *testing.T) {
	step := func(n int64, s message.CallStep, change ...func(*message.Inbound)) message.Inbound {
		return said("CA1", "", append([]func(*message.Inbound){func(in *message.Inbound) {
			in.Channel, in.Provider, in.Kind = message.Voice, "twilio", message.CallKind
			in.Call = &message.Call{CallID: "CA1", LegID: "CA1", Seq: n, Step: s}
			in.SentAt = worktest.Start.Add(time.Duration(n) * time.Second)
		}}, change...)...)
	}
	recording := func(in *message.Inbound) {
		in.Media = []message.Media{{URL: "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1"}}
	}
	w := newWorld(t)
	w.receive(step(0, message.Started))
	w.receive(step(3, message.Ended))
	w.receive(step(1, message.Answered)) // late
	w.receive(step(4, message.Recording, recording))
	w.receive(step(4, message.Recording, recording)) // by another delivery
	m := w.message("CA1")
	if p := message.Follow(m.Calls); p.State != message.Ended || !p.Recorded || len(m.Calls) != 4 {
		t.Fatalf("%+v", p)
	}
	if len(m.Media) != 1 || len(m.Files) != 1 || m.Files[0].State != message.Pending {
		t.Fatalf("the recording: %+v %+v", m.Media, m.Files)
	}
	page, err := w.Docs.Query(t.Context(), store.Query{Tenant: "ekc", Index: work.ByDue, Partition: "outbox"})
	if err != nil || len(page.Docs) != 1 {
		t.Fatalf("%d events ask for it, want 1: %v", len(page.Docs), err)
	}
}
