package work_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

type unit = func(context.Context, *work.Unit) error

func scope(id string) work.Scope {
	return work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake, Source: "/test", ID: id}
}

var adviser = access.Actor{ID: "adviser-7", Name: "Maja Novak", Role: access.Adviser, From: "192.0.2.7"}

func reading() work.Scope {
	return work.Scope{Tenant: "ekc", Function: "portal", Actor: adviser, Use: access.Service}
}

func must(t *testing.T, w *worktest.World, s work.Scope, fn unit) work.Outcome {
	t.Helper()
	out, err := w.Run(t.Context(), s, fn)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// create saves a contact and a message of hers, and emits one event.
func create(ctx context.Context, u *work.Unit) error {
	work.Save(u, record.Contacts, &contact.Contact{ID: "ana", CreatedAt: u.Now(), Name: "Ana Horvat"})
	work.Save(u, record.Messages, &message.Message{ID: "m1", ConversationID: "c1", ContactID: "ana", ReceivedAt: u.Now(), Text: "Kje dobim potrdilo?"})
	return u.Emit(ctx, "m1", &events.MediaRequested{MessageID: "m1"})
}

func dump(t *testing.T, w *worktest.World) map[string][]*store.Doc {
	t.Helper()
	out := map[string][]*store.Doc{}
	for _, q := range []struct{ index, partition string }{
		{record.ByTime, "contact"}, {record.ByConversation, "c1"}, {work.ByDue, "outbox"}, {work.ByExpiry, "mark"}, {record.ByState, "entry"},
	} {
		page, err := w.Docs.Query(context.Background(), store.Query{Tenant: "ekc", Index: q.index, Partition: q.partition, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Docs {
			out[d.Key.Kind] = append(out[d.Key.Kind], &d)
		}
	}
	return out
}

func counts(t *testing.T, w *worktest.World) string {
	d := dump(t, w)
	return fmt.Sprintf("contact %d message %d outbox %d mark %d entry %d",
		len(d["contact"]), len(d["message"]), len(d["outbox"]), len(d["mark"]), len(d["entry"]))
}

const all = "contact 1 message 1 outbox 1 mark 1 entry 1"

func TestAUnitIsOneCommit(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	if got := counts(t, w); got != all {
		t.Fatalf("stored %s, want %s", got, all)
	}
	if c := w.Docs.Count(); c.Commit != 1 {
		t.Fatalf("%d commits, want 1", c.Commit)
	}
}

func TestDoingItAgainChangesNothing(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	before := dump(t, w)
	w.Restart()
	w.Clock.Add(34 * 24 * time.Hour)
	if out := must(t, w, scope("1"), create); !out.Duplicate {
		t.Fatal("not seen as a duplicate")
	}
	for kind, docs := range dump(t, w) {
		for i, d := range docs {
			if d.Version != before[kind][i].Version {
				t.Errorf("%s was written again", kind)
			}
		}
	}
}

func TestFiftyAtOnceAreOne(t *testing.T) {
	w := worktest.New(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := w.Run(context.Background(), scope("1"), create); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := counts(t, w); got != all {
		t.Fatalf("stored %s, want %s", got, all)
	}
}

func TestACrowdOnOneRecordPassesWhole(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("0"), func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "ana"})
		return nil
	})
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			_, err := w.Run(context.Background(), scope(fmt.Sprint("n", i)), func(ctx context.Context, u *work.Unit) error {
				c, err := work.Load(ctx, u, record.Contacts, "ana")
				if err != nil {
					return err
				}
				c.Name += "x"
				work.Save(u, record.Contacts, c)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	must(t, w, scope("last"), func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Contacts, "ana")
		if err == nil && len(c.Name) != 64 {
			t.Errorf("%d of 64 changes kept", len(c.Name))
		}
		return err
	})
}

// TestNothingOrAllOfIt fails every call of both stores in turn, before and
// after it is applied, and runs the same again as a sender would.
func TestNothingOrAllOfIt(t *testing.T) {
	for _, target := range []string{"docs", "keys"} {
		for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
			for nth := 1; ; nth++ {
				w := worktest.New(t)
				f := w.Docs
				if target == "keys" {
					f = w.Keys
				}
				f.Fail(storetest.Plan{Nth: nth, Moment: moment})
				_, err := w.Run(t.Context(), scope("1"), create)
				failed := f.Failed()
				f.Reset()
				name := fmt.Sprintf("%s call %d fails %s", target, nth, moment)
				if got := counts(t, w); got != all && got != "contact 0 message 0 outbox 0 mark 0 entry 0" {
					t.Fatalf("%s: half a state: %s", name, got)
				}
				if failed == 0 && err == nil {
					break
				}
				w.Restart()
				if _, err := w.Run(t.Context(), scope("1"), create); err != nil {
					t.Fatalf("%s: the second delivery: %v", name, err)
				}
				if got := counts(t, w); got != all {
					t.Fatalf("%s: after the second delivery: %s", name, got)
				}
				if nth > 50 {
					t.Fatal("no end")
				}
			}
		}
	}
}

func TestNothingPersonalStandsInTheClear(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	must(t, w, reading(), func(ctx context.Context, u *work.Unit) error {
		_, err := work.Load(ctx, u, record.Contacts, "ana")
		return err
	})
	for kind, docs := range dump(t, w) {
		for _, d := range docs {
			for _, secret := range []string{"Horvat", "potrdilo", "Novak", "192.0.2.7"} {
				if bytes.Contains(d.Body, []byte(secret)) || strings.Contains(d.Key.ID, secret) {
					t.Errorf("%s shows %q", kind, secret)
				}
			}
		}
	}
}

func TestReadsOfPeopleAreNoted(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	must(t, w, reading(), func(ctx context.Context, u *work.Unit) error {
		for range 2 {
			if _, err := work.Load(ctx, u, record.Contacts, "ana"); err != nil {
				return err
			}
		}
		_, err := work.List(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: "c1"})
		return err
	})
	entries := entries(t, w)
	if len(entries) != 2 {
		t.Fatalf("%d entries, want what was collected and what was viewed", len(entries))
	}
	got := entries[1]
	if entries[0].Act == audit.View {
		got = entries[0]
	}
	if got.Act != audit.View || got.ActorID != "adviser-7" || got.ActorName != "Maja Novak" || got.Source != "192.0.2.7" ||
		got.Subject != "ana" || got.Use != "service" || got.Result != audit.Success || len(got.Items) != 2 || !got.At.Equal(worktest.Start) {
		t.Fatalf("%+v", got)
	}
}

func entries(t *testing.T, w *worktest.World) []*audit.Entry {
	t.Helper()
	var out []*audit.Entry
	auditor := work.Scope{Tenant: "ekc", Function: "portal", Actor: access.Actor{ID: "a", Role: access.Auditor}, Use: access.Audit}
	must(t, w, auditor, func(ctx context.Context, u *work.Unit) error {
		page, err := work.List(ctx, u, record.Entries, store.Query{Index: record.ByState, Partition: "entry"})
		out = page.Items
		return err
	})
	return out
}

func TestTheGate(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	load := func(ctx context.Context, u *work.Unit) error {
		_, err := work.Load(ctx, u, record.Contacts, "ana")
		return err
	}
	as := func(r access.Role, use access.Use) work.Scope {
		return work.Scope{Tenant: "ekc", Function: "portal", Actor: access.Actor{ID: "p", Role: r}, Use: use}
	}
	t.Run("an adviser may not act for claims", func(t *testing.T) {
		if _, err := w.Run(t.Context(), as(access.Adviser, access.Claims), load); !fault.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
	})
	t.Run("an administrator sees no content", func(t *testing.T) {
		_, err := w.Run(t.Context(), as(access.Administrator, access.Operation), func(ctx context.Context, u *work.Unit) error {
			c, err := work.Load(ctx, u, record.Contacts, "ana")
			if err == nil && c.Name != "" {
				t.Error("opened a name")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	t.Run("another tenant finds nothing", func(t *testing.T) {
		s := as(access.Adviser, access.Service)
		s.Tenant = "other"
		if _, err := w.Run(t.Context(), s, load); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
	})
	must(t, w, scope("restrict"), func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", SinceAt: u.Now(), Ground: "accuracy"})
		return nil
	})
	t.Run("a restricted person's data is closed to service (P17, art. 18)", func(t *testing.T) {
		if _, err := w.Run(t.Context(), as(access.Adviser, access.Service), load); !fault.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
		must(t, w, as(access.Adviser, access.Service), func(ctx context.Context, u *work.Unit) error {
			page, err := work.List(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: "c1"})
			if len(page.Items) != 0 {
				t.Error("listed")
			}
			return err
		})
	})
	t.Run("and open to storage and to rights", func(t *testing.T) {
		must(t, w, scope("more"), load)
		must(t, w, as(access.Officer, access.Rights), load)
	})
}

func TestARestrictionThatComesBetweenReadAndWriteWins(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	first := true
	_, err := w.Run(t.Context(), reading(), func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Contacts, "ana")
		if first {
			first = false
			must(t, w, scope("restrict"), func(_ context.Context, u *work.Unit) error {
				work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", Ground: "accuracy"})
				return nil
			})
		}
		_ = c
		return err
	})
	if !fault.Is(err, fault.Forbidden) {
		t.Fatalf("the answer went out although the restriction stood: %v", err)
	}
}

func TestAnErasedPersonIsGone(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	for _, o := range []string{"channel"} {
		owners, err := w.Vault.Owners(t.Context(), "ekc", "ana")
		if err != nil || len(owners) != 1 || owners[0].Class != o {
			t.Fatal(owners, err)
		}
		if err := w.Vault.Destroy(t.Context(), "ekc", owners...); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Run(t.Context(), reading(), func(ctx context.Context, u *work.Unit) error {
		_, err := work.Load(ctx, u, record.Contacts, "ana")
		return err
	})
	if !fault.Is(err, fault.Gone) {
		t.Fatal(err)
	}
}

func TestPanicsTellNoContent(t *testing.T) {
	w := worktest.New(t)
	_, err := w.Run(t.Context(), scope("1"), func(context.Context, *work.Unit) error { panic("Ana Horvat") })
	var p *work.Panic
	if !fault.Is(err, fault.Internal) || !errors.As(err, &p) || p.ID == "" {
		t.Fatal(err)
	}
	if strings.Contains(err.Error(), "Horvat") || strings.Contains(string(p.Stack), "Horvat") {
		t.Fatal("the panic's value leaked")
	}
}

func TestFilesStayClosedAndWhole(t *testing.T) {
	w := worktest.New(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 8<<10) // 128 KiB: to the blob store
	must(t, w, scope("1"), func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Attachments, &message.Attachment{ID: "f", ContactID: "ana", MessageID: "m1", Bytes: big})
		return nil
	})
	must(t, w, scope("2"), func(ctx context.Context, u *work.Unit) error { // another change keeps the file
		a, err := work.Load(ctx, u, record.Attachments, "f")
		if err != nil || a.Bytes != nil {
			t.Error("a file was opened by loading its record")
		}
		a.Mime = "text/plain"
		work.Save(u, record.Attachments, a)
		return err
	})
	must(t, w, scope("3"), func(ctx context.Context, u *work.Unit) error {
		b, err := work.OpenFile(ctx, u, record.Attachments, "f", "Bytes")
		if !bytes.Equal(b, big) {
			t.Error("the file changed")
		}
		return err
	})
	left, _, _ := w.Blobs.List(t.Context(), "", "")
	if len(left) != 1 {
		t.Fatalf("%d blobs, want 1", len(left))
	}
	must(t, w, scope("4"), func(ctx context.Context, u *work.Unit) error {
		return work.Delete(ctx, u, record.Attachments, "f")
	})
	if left, _, _ = w.Blobs.List(t.Context(), "", ""); len(left) != 0 {
		t.Fatal("the blob outlived its record")
	}
}

// lost is a store that loses the answer to a commit and meets it when it asks again.
type lost struct{ store.Store }

func (l lost) Commit(ctx context.Context, ops ...store.Op) error {
	if err := l.Store.Commit(ctx, ops...); err != nil {
		return err
	}
	return l.Store.Commit(ctx, ops...)
}

// A commit that meets another one leaves none of its files behind; one that took
// place although a conflict is reported keeps them.
func TestAConflictLeavesNoFiles(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 8<<10)
	file := func(mime string) unit {
		return func(ctx context.Context, u *work.Unit) error {
			a, _, err := work.Find(ctx, u, record.Attachments, "f")
			a.ID, a.ContactID, a.MessageID, a.Mime, a.Bytes = "f", "ana", "m1", mime, append(big, mime...)
			work.Save(u, record.Attachments, a)
			return err
		}
	}
	w, first := worktest.New(t), true
	must(t, w, scope("1"), func(ctx context.Context, u *work.Unit) error {
		err := file("text/plain")(ctx, u)
		if first { // somebody else is faster
			first = false
			must(t, w, scope("2"), file("text/html"))
		}
		return err
	})
	if left, _, _ := w.Blobs.List(t.Context(), "", ""); len(left) != 1 {
		t.Errorf("%d files are left, want that of the record", len(left))
	}
	w = worktest.New(t)
	docs := w.Env.Store
	w.Env.Store = lost{docs}
	_, _ = w.Run(t.Context(), scope("1"), file("text/plain"))
	w.Env.Store = docs
	must(t, w, scope("2"), func(ctx context.Context, u *work.Unit) error {
		b, err := work.OpenFile(ctx, u, record.Attachments, "f", "Bytes")
		if !bytes.HasPrefix(b, big) {
			t.Error("the file is gone from a record that took place")
		}
		return err
	})
}

func TestRelayPublishesWhatWasLeftBehind(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	publish := func(fail bool, got *[]events.Event) func(context.Context, events.Event) error {
		return func(_ context.Context, e events.Event) error {
			*got = append(*got, e)
			if fail {
				return errors.New("down")
			}
			return nil
		}
	}
	var got []events.Event
	if n, err := w.Relay(t.Context(), "ekc", publish(false, &got)); n != 0 || err != nil {
		t.Fatalf("relay took what is still on its way: %d %v", n, err)
	}
	w.Clock.Add(work.RelayAfter)
	if n, err := w.Relay(t.Context(), "ekc", publish(true, &got)); n != 0 || err != nil || len(got) != 1 {
		t.Fatal(n, err, len(got))
	}
	w.Clock.Add(work.Backoff(1) - time.Second)
	if _, err := w.Relay(t.Context(), "ekc", publish(true, &got)); err != nil || len(got) != 1 {
		t.Fatal("tried again before its time", err)
	}
	w.Clock.Add(time.Second)
	if n, err := w.Relay(t.Context(), "ekc", publish(false, &got)); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if got[1].Type != events.MediaRequestedType || got[1].Tenant != "ekc" || got[0].ID != got[1].ID {
		t.Fatalf("%+v", got[1])
	}
	if d := dump(t, w); len(d["outbox"]) != 0 {
		t.Fatal("still in the outbox")
	}
}

func TestAnEventThatFailsTooOftenBecomesADeadLetterAndCanBeRedriven(t *testing.T) {
	w := worktest.New(t)
	must(t, w, scope("1"), create)
	for range work.MaxTries {
		w.Clock.Add(time.Hour)
		if _, err := w.Relay(t.Context(), "ekc", func(context.Context, events.Event) error {
			return fault.New(fault.Unavailable, "down")
		}); err != nil {
			t.Fatal(err)
		}
	}
	admin := work.Scope{Tenant: "ekc", Function: "portal", Actor: access.Actor{ID: "root", Role: access.Administrator}, Use: access.Operation, Source: "/v1", ID: "k"}
	var dead []*work.DeadLetter
	list := func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, work.DeadLetters, store.Query{Index: record.ByState, Partition: "deadletter.waiting"})
		dead = page.Items
		return err
	}
	s := admin
	s.ID = ""
	must(t, w, s, list)
	if len(dead) != 1 || dead[0].Reason != "down" || dead[0].Attempts != work.MaxTries {
		t.Fatalf("%+v", dead)
	}
	must(t, w, admin, func(ctx context.Context, u *work.Unit) error {
		_, err := work.Redrive(ctx, u, dead[0].ID)
		return err
	})
	must(t, w, s, list)
	if d := dump(t, w); len(dead) != 0 || len(d["outbox"]) != 1 {
		t.Fatal("not on its way again")
	}
}

func TestInlineConsumersShareTheCommit(t *testing.T) {
	for _, failing := range []error{nil, fault.New(fault.Poison, "no")} {
		w := worktest.New(t)
		w.Inline = func(eventType string) *work.Consumer {
			return &work.Consumer{Function: "second", Use: access.Intake, Handle: func(ctx context.Context, u *work.Unit, _ events.Event) error {
				m, err := work.Load(ctx, u, record.Messages, "m1") // as the first function left it
				if err != nil {
					return err
				}
				m.Text += "!"
				work.Save(u, record.Messages, m)
				return failing
			}}
		}
		must(t, w, scope("1"), create)
		want, outbox := "Kje dobim potrdilo?!", 0
		if failing != nil {
			want, outbox = "Kje dobim potrdilo?", 1
		}
		must(t, w, scope("look"), func(ctx context.Context, u *work.Unit) error {
			m, err := work.Load(ctx, u, record.Messages, "m1")
			if m.Text != want {
				t.Errorf("consumer fails: %v; text %q, want %q", failing, m.Text, want)
			}
			return err
		})
		if d := dump(t, w); len(d["outbox"]) != outbox {
			t.Errorf("consumer fails: %v; %d events in the outbox, want %d", failing, len(d["outbox"]), outbox)
		}
	}
}

func TestIdempotencyKeys(t *testing.T) {
	w := worktest.New(t)
	s := scope("key-1")
	s.Print = "abc"
	answer := func(_ context.Context, u *work.Unit) error { return u.Answer(map[string]string{"id": "x"}) }
	must(t, w, s, answer)
	if out := must(t, w, s, answer); !out.Duplicate || string(out.Answer) != `{"id":"x"}` {
		t.Fatalf("%+v", out)
	}
	s.Print = "def"
	if _, err := w.Run(t.Context(), s, answer); !fault.Is(err, fault.Invalid) {
		t.Fatal("the same key for another request:", err)
	}
}

func TestWhatIsTooMuchTogetherIsDoneApart(t *testing.T) {
	w := worktest.New(t)
	w.Inline = func(string) *work.Consumer {
		return &work.Consumer{Function: "second", Use: access.Intake, Handle: func(_ context.Context, u *work.Unit, _ events.Event) error {
			for i := range 2 * store.MaxOps {
				work.Save(u, record.Lookups, &contact.Lookup{ID: fmt.Sprint("l", i)})
			}
			return nil
		}}
	}
	must(t, w, scope("1"), create)
	if got := counts(t, w); got != all {
		t.Fatalf("stored %s, want %s", got, all)
	}
}
