package dossier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work"
)

// crashing delivers an event and all that follows from it, by the outbox alone, as
// after a crash: each delivery fails once before its first commit and once after it,
// before it is done. It returns the outcome and how many messages are to be sent.
func (w *world) crashing(first events.Event) (outcome dsar.Result, sent int) {
	w.t.Helper()
	seen := map[string]bool{}
	publish := func(ctx context.Context, e events.Event) error {
		if w.fn.Handlers[e.Type] == nil {
			if !seen[e.ID] && e.Type == events.ReplyRequestedType {
				sent++
			}
			seen[e.ID], outcome = true, max(outcome, w.outcome(e))
			return nil
		}
		for _, m := range []storetest.Moment{storetest.Before, storetest.After} {
			w.Docs.Reset()
			w.Docs.Fail(storetest.Plan{Nth: 1, Method: storetest.Commit, Moment: m})
			got, _ := w.fn.Deliver(ctx, w.env, e, 0)
			w.Docs.Reset()
			if got == host.Done && m == storetest.Before {
				w.t.Fatalf("%s was done without a commit", e.Type)
			}
		}
		if got, err := w.fn.Deliver(ctx, w.env, e, 0); err != nil || got != host.Done && got != host.Duplicate {
			w.t.Errorf("%s: %s %v", e.Type, got, err)
			return errors.New("not done")
		}
		return nil
	}
	if err := publish(context.Background(), first); err != nil {
		w.t.Fatal(err)
	}
	for {
		w.Clock.Add(work.RelayAfter + time.Second)
		n, err := w.Relay(context.Background(), "ekc", publish)
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return outcome, sent
		}
	}
}

// lines of the register: twelve organisations with a mailbox, one without, and the
// person's own copies among them.
func (w *world) lines(many int) {
	var lines []model.Disclosure
	for i := range many {
		d := model.Disclosure{ID: fmt.Sprintf("d%03d", i), Recipient: "Zavod", Mailbox: fmt.Sprintf("zavod%d@example.si", i%12), Ground: "written_request"}
		switch i % 25 {
		case 7:
			d.Recipient, d.Mailbox = "of-no-mailbox", ""
		case 9:
			d.Recipient, d.Mailbox, d.Ground = "link", "", model.ToPerson
		}
		lines = append(lines, d)
	}
	for part := range slices.Chunk(lines, 50) {
		w.disclose(part...)
	}
}

func TestRecipientsOfManyDisclosuresAreAllToldOnceThroughCrashes(t *testing.T) {
	const many = 250
	for _, right := range []dsar.Right{dsar.Erasure, dsar.Rectification, dsar.Restriction, dsar.NotifyOthers} {
		t.Run(string(right), func(t *testing.T) {
			w := newWorld(t)
			w.lines(many)
			w.granted("r1", right)
			outcome, sent := w.crashing(w.event("r1", &events.DsarGranted{Request: "r1", Right: right, Scope: dsar.Data}))
			if outcome != dsar.Done {
				t.Errorf("outcome %q", outcome)
			}
			if sent != 12 {
				t.Errorf("%d letters to twelve mailboxes", sent)
			}
			letters := map[string]string{}
			for i := range many {
				d, ok := find(w, record.Disclosures, fmt.Sprintf("d%03d", i))
				if !ok {
					t.Fatalf("line %d is gone", i)
				}
				if d.Ground == model.ToPerson {
					if len(d.Told) != 0 {
						t.Fatalf("line %d: the person was told as a recipient", i)
					}
					continue
				}
				if len(d.Told) != 1 || d.Told[0].Right != string(right) || (d.Told[0].Notice == "") != (d.Mailbox == "") {
					t.Fatalf("line %d: %+v", i, d.Told)
				}
				if first := letters[d.Mailbox]; first != "" && first != d.Told[0].Notice {
					t.Fatalf("line %d: two letters to one mailbox", i)
				}
				letters[d.Mailbox] = d.Told[0].Notice
			}
			if c, _ := find(w, record.Circulars, model.CircularID("r1", string(right))); c.DoneAt.IsZero() {
				t.Errorf("the circular goes on: %+v", c)
			}
		})
	}
}

// consents of p1 that stand, beside the one of every world.
func (w *world) consents() (standing, all int) {
	w.t.Helper()
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Consents, store.Query{Index: record.ByContact, Partition: "consent.p1", Limit: store.MaxPage})
		for _, c := range page.Items {
			if all++; c.Stands(u.Now()) {
				standing++
			}
		}
		return err
	})
	return standing, all
}

func TestManyConsentsAreAllTakenBackThroughCrashes(t *testing.T) {
	const many = 250
	for right, left := range map[dsar.Right]int{dsar.Withdrawal: 0, dsar.Objection: many / 2} { // an objection ends marketing alone
		t.Run(string(right), func(t *testing.T) {
			w := newWorld(t)
			for from := range many / 50 {
				w.do(access.Service, func(_ context.Context, u *work.Unit) error {
					for i := range 50 {
						c := &model.Consent{ID: fmt.Sprintf("c%d.%d", from, i), ContactID: "p1", Purpose: dossier.Marketing, Text: "t", Version: "1", Channel: "email", How: model.Tick, GivenAt: u.Now(), By: "a"}
						if i%2 == 0 {
							c.Purpose = "survey"
						}
						work.Save(u, record.Consents, c)
					}
					return nil
				})
			}
			w.granted("r1", right, func(r *dsar.Request) { r.Marketing = right == dsar.Objection })
			outcome, _ := w.crashing(w.event("r1", &events.DsarGranted{Request: "r1", Right: right, Scope: dsar.Data}))
			if standing, all := w.consents(); outcome != dsar.Done || standing != left || all != many+1 {
				t.Errorf("%q: %d of %d stand, want %d of %d", outcome, standing, all, left, many+1)
			}
		})
	}
}

func TestLinesThatCameSinceAreToldInALaterPass(t *testing.T) {
	w := newWorld(t)
	w.disclose(model.Disclosure{ID: "d1", Recipient: "Zavod", Mailbox: "zavod@example.si", Ground: "written_request"})
	w.grant("r1", dsar.NotifyOthers)
	w.disclose(model.Disclosure{ID: "d2", Recipient: "Zavod", Mailbox: "zavod@example.si", Ground: "written_request"})
	w.deliver("r1", &events.DsarGranted{Request: "r1", Right: dsar.NotifyOthers, Scope: dsar.Data})
	one, _ := find(w, record.Disclosures, "d1")
	two, _ := find(w, record.Disclosures, "d2")
	if len(one.Told) != 1 || len(two.Told) != 1 || one.Told[0].Notice == two.Told[0].Notice {
		t.Errorf("%+v, %+v", one.Told, two.Told)
	}
}
