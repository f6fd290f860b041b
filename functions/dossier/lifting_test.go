package dossier

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// TestARestrictionEndsOnceThePersonHasBeenTold: not before its letter has left or
// never will, and no later than the time for which that is waited.
func TestARestrictionEndsOnceThePersonHasBeenTold(t *testing.T) {
	const wait = 96 * time.Hour
	for name, c := range map[string]struct {
		letter message.State // "" is by post
		passes time.Duration
		ends   bool
	}{
		"its letter waits":                          {message.Queued, wait - time.Second, false},
		"its letter is on its way":                  {message.Sending, wait - time.Second, false},
		"its letter has left":                       {message.Sent, 0, true},
		"its letter has arrived":                    {message.Delivered, 0, true},
		"its letter will never leave":               {message.Failed, 0, true},
		"nobody knows whether it left":              {message.Unknown, 0, true},
		"its letter was waited for long enough":     {message.Queued, wait, true},
		"a second before the post has had its time": {"", wait - time.Second, false},
		"the post has had its time":                 {"", wait, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if got := w.grant("r1", dsar.Restriction); got != dsar.Done || !w.restricted("p1") {
				t.Fatal(got)
			}
			w.do(access.Rights, func(ctx context.Context, u *work.Unit) error {
				r, err := work.Load(ctx, u, record.Restrictions, "p1")
				if err != nil {
					return err
				}
				letter := ""
				if c.letter != "" {
					letter = "letter"
					work.Save(u, record.Messages, &message.Message{ID: letter, ConversationID: "cp1", ContactID: "p1", Channel: message.Email, Provider: "mime",
						Kind: message.Said, Direction: message.Out, State: c.letter, ReceivedAt: u.Now(), Text: "Omejitev bomo odpravili."})
				}
				work.Save(u, record.Restrictions, r)
				return r.Lift("officer-1", "Preverjeno", letter, u.Now().Add(wait), u.Now())
			})
			w.Clock.Add(c.passes)
			for range 2 { // a second time changes nothing
				w.deliver("x", &events.DossierDue{Now: w.Clock.Now()})
			}
			if w.restricted("p1") == c.ends {
				t.Errorf("restricted: %v", !c.ends)
			}
		})
	}
}

// TestRecipientsHearThatARestrictionWasLifted: those who heard of the restriction,
// once for each person whose restriction ends.
func TestRecipientsHearThatARestrictionWasLifted(t *testing.T) {
	w := newWorld(t)
	w.do(access.Rights, func(_ context.Context, u *work.Unit) error {
		for _, id := range []string{"p1", "p2"} {
			work.Save(u, record.Disclosures, &model.Disclosure{ID: "d" + id, ContactID: id, Recipient: "Občina", Mailbox: id + "@obcina.si", Ground: "request", At: u.Now(), About: []string{"ticket:1"}})
		}
		return nil
	})
	w.grant("r1", dsar.Restriction, func(r *dsar.Request) {
		r.Identity.Links = append(r.Identity.Links, dsar.Link{ContactID: "p2", Means: dsar.ByToken, Confidence: 99})
	})
	if !w.restricted("p1") || !w.restricted("p2") {
		t.Fatal("not restricted")
	}
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) error {
		for _, id := range []string{"p1", "p2"} {
			r, err := work.Load(ctx, u, record.Restrictions, id)
			if err != nil {
				return err
			}
			work.Save(u, record.Restrictions, r)
			if err := r.Lift("officer-1", "Preverjeno", "", u.Now(), u.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	w.deliver("x", &events.DossierDue{Now: w.Clock.Now()})
	told := map[string]int{}
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) error {
		for _, id := range []string{"p1", "p2"} {
			d, err := work.Load(ctx, u, record.Disclosures, "d"+id)
			if err != nil {
				return err
			}
			for _, t := range d.Told {
				told[id+" "+t.Right]++
			}
		}
		return nil
	})
	if told["p1 restriction"] != 1 || told["p2 restriction"] != 1 || told["p1 lifting"] != 1 || told["p2 lifting"] != 1 {
		t.Error(told)
	}
}

// TestALiftingIsDecidedOnce.
func TestALiftingIsDecidedOnce(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r := &contact.Restriction{ID: "p1"}
	if r.Ends(true, now) {
		t.Error("it ends with no decision")
	}
	if err := r.Lift("officer-1", "a", "m1", now, now); err != nil {
		t.Fatal(err)
	}
	if err := r.Lift("officer-2", "b", "m2", now, now); err != contact.ErrLifting || r.LiftBy != "officer-1" {
		t.Error(err, r.LiftBy)
	}
}

func (w *world) restricted(id string) (yes bool) {
	w.t.Helper()
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) error {
		_, err := work.Peek(ctx, u, record.Restrictions, id)
		if yes = err == nil; fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	return yes
}
