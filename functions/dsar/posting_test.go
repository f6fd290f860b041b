package dsar

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// onWhatsApp is a person who was heard on WhatsApp now, and a request of theirs that
// nobody needs to check.
func (w *world) onWhatsApp() {
	w.t.Helper()
	w.must(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "p1", CreatedAt: u.Now(), Name: "Ana Horvat", Addresses: []contact.Address{
			{Scheme: message.Tel, Address: "+38641123456", Channel: message.WhatsApp, SeenAt: u.Now()}}})
		work.Save(u, record.Conversations, &conversation.Conversation{ID: "c1", ContactID: "p1", Channel: message.WhatsApp, Provider: "meta", Line: "l",
			Class: conversation.Other, State: conversation.Open, OpenedAt: u.Now(), LastAt: u.Now(), HeardAt: u.Now()})
		work.Save(u, record.Messages, &message.Message{ID: "m1", ConversationID: "c1", ContactID: "p1", Channel: message.WhatsApp, Provider: "meta", ProviderID: "x1",
			Kind: message.Said, Direction: message.In, ReceivedAt: u.Now(), Text: "Prosim za podatke", Sender: message.Party{Scheme: message.Tel, Address: "+38641123456"}})
		return nil
	})
	d := paper("r1", w.at(0))
	d.Way, d.ContactID, d.Proved = dsar.Portal, "p1", dsar.ByToken
	w.arrive(d, events.DsarContent{Text: "Prosim za podatke"})
}

// known gives the person a mail address that is found under their contact.
func (w *world) known(address string) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Contacts, "p1")
		if err != nil {
			return err
		}
		c.Reach(contact.Address{Scheme: message.Mailto, Address: address, Channel: message.Email, SeenAt: u.Now()})
		work.Save(u, record.Contacts, c)
		lookup, err := locate.AddressID(ctx, u, message.Mailto, "", address)
		work.Save(u, record.Lookups, &contact.Lookup{ID: lookup, ContactID: "p1"})
		return err
	})
}

func (w *world) refuse() {
	w.t.Helper()
	k := dsar.Key{Right: dsar.Access, Scope: dsar.Data}
	err := w.change("r1", events.StepDecided, k.String(), func(r *dsar.Request) error {
		return r.Decide(k, dsar.Decision{By: "officer-1", At: w.Clock.Now(), Outcome: dsar.Refused, Reason: "excessive"}, dsar.Choice{})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) posting(n int) (p *dsar.Posting, l *deadline.Limit) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) (err error) {
		id := dsar.PostingID("r1", n)
		if p, _, err = work.Find(ctx, u, record.Postings, id); err == nil {
			l, _, err = work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Postings.Name, ID: id}, dsar.PostingLimit))
		}
		return err
	})
	return p, l
}

func TestAnAnswerThatWhatsAppTakesNoMoreIsNotLost(t *testing.T) {
	for name, c := range map[string]struct {
		after   time.Duration
		mail    bool
		letters int // for the post
		sent    int
	}{
		"a second before the day is over it goes there": {24*time.Hour - time.Second, false, 0, 1},
		"a second later it is for the post":             {24*time.Hour + time.Second, false, 1, 0},
		"with a mail address it goes there":             {24*time.Hour + time.Second, true, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc", "mdp")
			w.onWhatsApp()
			if c.mail {
				w.known("ana@example.si")
			}
			w.Clock.Add(c.after)
			w.sent = nil
			w.refuse()
			r := w.request("r1")
			if len(r.ByPost) != c.letters || len(w.sent) != c.sent {
				t.Fatalf("%d for the post, %d sent: %q", len(r.ByPost), len(w.sent), w.sent)
			}
			if c.letters == 0 {
				return
			}
			p, l := w.posting(1)
			if p.Template != "refused" || p.Name != "Ana Horvat" || !strings.Contains(p.Text, "ne moremo ugoditi") || l.State != deadline.Running || !l.EndAt.Equal(r.Clock.DueAt) || !p.PostBy.Equal(r.Clock.DueAt) {
				t.Errorf("%+v %+v", p, l)
			}
		})
	}
}

func TestAnErasureWaitsUntilItsAnswerIsPosted(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	d := paper("r1", w.at(0), events.Ask{Right: dsar.Erasure})
	w.arrive(d, events.DsarContent{Name: "Ana Horvat", Address: "Glavna ulica 1\n1000 Ljubljana", Text: "Izbrišite."})
	if got := w.request("r1").ByPost; len(got) != 2 || got[0].Template != "received" || got[1].Template != "identity" {
		t.Fatalf("%+v", got)
	}
	k := dsar.Key{Right: dsar.Erasure, Scope: dsar.Data}
	if err := w.change("r1", events.StepProved, "", func(r *dsar.Request) error {
		return r.Link(dsar.Link{ContactID: r.ContactID, Means: dsar.BySight, By: "officer-1", At: w.Clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.change("r1", events.StepDecided, k.String(), func(r *dsar.Request) error {
		return r.Decide(k, dsar.Decision{By: "officer-1", At: w.Clock.Now(), Outcome: dsar.Granted, Ground: "no longer needed"}, dsar.Choice{Grounds: []string{"no longer needed"}})
	}); err != nil {
		t.Fatal(err)
	}
	if p, _ := w.posting(3); p.Template != "erasing" || p.Address != "Glavna ulica 1\n1000 Ljubljana" || len(w.orders) != 0 {
		t.Fatalf("%+v, %d orders", p, len(w.orders))
	}
	w.Clock.Add(time.Hour)
	w.left(3, true)
	if _, l := w.posting(3); len(w.orders) != 1 || l.Name == "" {
		t.Errorf("%d orders after the answer was posted", len(w.orders))
	}
}

// left says of a letter that it was posted, as the portal does.
func (w *world) left(n int, handed bool) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) error {
		p, err := work.Load(ctx, u, record.Postings, dsar.PostingID("r1", n))
		if err != nil {
			return err
		}
		if err := p.Post("officer-1", u.Now(), handed, u.Now()); err != nil {
			return err
		}
		work.Save(u, record.Postings, p)
		return u.Emit(ctx, "r1", &events.DsarStepTaken{Request: "r1", Step: events.StepPosted, Ref: p.ID})
	})
	w.settle()
}

func TestAnExtensionThatWasHandedOverHasBeenTold(t *testing.T) {
	for name, told := range map[string]bool{"handed over": true, "only written": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc", "mdp")
			w.onWhatsApp()
			w.Clock.Add(25 * time.Hour)
			err := w.change("r1", events.StepExtended, "", func(r *dsar.Request) error {
				return r.Extend("officer-1", "complexity", w.Clock.Now())
			})
			if err != nil {
				t.Fatal(err)
			}
			p, l := w.posting(1)
			r := w.request("r1")
			if p.Template != "extended" || !l.EndAt.Equal(r.Clock.TellBy) {
				t.Fatalf("%+v %+v", p, l)
			}
			if told {
				w.left(1, true)
			}
			if r = w.request("r1"); r.Clock.Extension.ToldAt.IsZero() == told {
				t.Errorf("%+v", r.Clock.Extension)
			}
		})
	}
}

func TestALetterLeavesOnceAfterItWasWrittenAndNotAheadOfTheClock(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		at   time.Time
		by   string
		want error
	}{
		"at the instant it was written":  {now.Add(-time.Hour), "officer-1", nil},
		"a second before it was written": {now.Add(-time.Hour - time.Second), "officer-1", dsar.ErrInstant},
		"now":                            {now, "officer-1", nil},
		"a second ahead of the clock":    {now.Add(time.Second), "officer-1", dsar.ErrInstant},
		"by nobody":                      {now, "", dsar.ErrNeedsPerson},
	} {
		p := &dsar.Posting{QueuedAt: now.Add(-time.Hour)}
		if err := p.Post(c.by, c.at, false, now); err != c.want {
			t.Errorf("%s: %v", name, err)
		} else if err == nil && p.Post(c.by, c.at, false, now) != dsar.ErrTwice {
			t.Errorf("%s: it leaves twice", name)
		}
	}
}
