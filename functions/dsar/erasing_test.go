package dsar

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// tick is the schedule.
func (w *world) tick() {
	w.t.Helper()
	w.n++
	w.queue = append(w.queue, w.event(time.Duration(w.n).String(), &events.DsarDue{Now: w.Clock.Now()}))
	w.settle()
}

// erasure is a request for erasure that an officer granted, with no provider that
// takes the letter where stuck.
func (w *world) erasure(id string, stuck bool) *dsar.Request {
	w.t.Helper()
	w.arrive(paper(id, w.at(0), events.Ask{Right: dsar.Erasure}), ana)
	w.stuck = stuck
	k := dsar.Key{Right: dsar.Erasure, Scope: dsar.Data}
	for _, fn := range []func(r *dsar.Request) error{
		func(r *dsar.Request) error {
			return r.Link(dsar.Link{ContactID: r.ContactID, Means: dsar.BySight, By: "officer-1", At: w.Clock.Now()})
		},
		func(r *dsar.Request) error {
			return r.Decide(k, dsar.Decision{By: "officer-1", At: w.Clock.Now(), Outcome: dsar.Granted}, dsar.Choice{})
		},
	} {
		step, ref := events.StepProved, ""
		if r := w.request(id); len(r.Covered()) > 0 {
			step, ref = events.StepDecided, k.String()
		}
		if err := w.change(id, step, ref, fn); err != nil {
			w.t.Fatal(err)
		}
	}
	return w.request(id)
}

func TestAnErasureIsOrderedWhenItsAnswerHasLeft(t *testing.T) {
	for name, c := range map[string]struct {
		stuck bool
		after time.Duration
		want  int
	}{
		"at the next minute, once it has left":        {false, time.Minute, 1},
		"not a second before it is waited for enough": {true, 96*time.Hour - time.Second, 0},
		"when it has been waited for enough":          {true, 96 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc", "mdp")
			r := w.erasure("r1", c.stuck)
			w.told("za izbris smo ugodili")
			if len(w.orders) != 0 || r.State != dsar.Carrying {
				t.Fatalf("erased before the answer has left: %s", r.State)
			}
			if l := w.limit("r1", answerLimit); l.State != deadline.Met {
				t.Errorf("the answer has been given: %+v", l)
			}
			if l := w.limit("r1", eraseLimit); l.State != deadline.Running || l.EndAt.Sub(l.StartAt) != 96*time.Hour {
				t.Errorf("%+v", l)
			}
			w.Clock.Add(c.after)
			w.tick()
			w.tick()
			if len(w.orders) != c.want {
				t.Errorf("%d orders, want %d", len(w.orders), c.want)
			}
			if b := w.blocked(r.ContactID, ""); len(b) != 1-c.want {
				t.Errorf("guarded: %+v", b)
			}
		})
	}
}

// Nothing is written once the contact is gone: a letter would make it anew.
func TestNoLetterFollowsTheErasure(t *testing.T) {
	for result, c := range map[dsar.Result]struct{ gone, letter bool }{
		dsar.Done: {true, false}, dsar.Nothing: {false, false}, dsar.Partly: {false, true},
	} {
		t.Run(string(result), func(t *testing.T) {
			w := newWorld(t, "ekc", "mdp")
			r := w.erasure("r1", false)
			w.Clock.Add(time.Minute)
			w.tick()
			if c.gone {
				w.must(func(ctx context.Context, u *work.Unit) error {
					return work.Delete(ctx, u, record.Contacts, r.ContactID)
				})
			}
			before, contacts := len(w.sent), w.contacts()
			w.queue = append(w.queue, w.event("carried", &events.DsarCarriedOut{Request: "r1", Right: dsar.Erasure, Scope: dsar.Data, Outcome: result}))
			w.settle()
			if got := len(w.sent) > before; got != c.letter {
				t.Errorf("a letter: %q", w.sent[before:])
			}
			if r := w.request("r1"); r.State != dsar.Answered || w.contacts() != contacts {
				t.Errorf("%s, %d contacts of %d", r.State, w.contacts(), contacts)
			}
		})
	}
}

func (w *world) contacts() (n int) {
	w.must(func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Contacts, store.Query{Index: record.ByTime, Partition: "contact", Limit: store.MaxPage})
		n = len(page.Items)
		return err
	})
	return n
}

// Another open request of the person is waited for; the person hears of it.
func TestAnErasureWaitsAndGoesOn(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	r := w.erasure("r1", false)
	w.Clock.Add(time.Minute)
	w.must(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Restrictions, &contact.Restriction{ID: r.ContactID, Ground: "claims"})
		return nil
	})
	w.tick()
	w.queue = append(w.queue, w.event("c1", &events.DsarCarriedOut{Request: "r1", Right: dsar.Erasure, Scope: dsar.Data, Outcome: dsar.Waiting}))
	w.settle()
	before := len(w.sent)
	w.tick()
	if r := w.request("r1"); len(w.orders) != 1 || !r.Waits() || len(w.sent) != before {
		t.Fatalf("%d orders, %+v", len(w.orders), r.Items)
	}
	w.must(func(ctx context.Context, u *work.Unit) error {
		return work.Delete(ctx, u, record.Restrictions, r.ContactID)
	})
	w.tick()
	w.tick()
	if r := w.request("r1"); len(w.orders) != 2 || r.Items[0].Erasing.Pass != 2 || len(w.sent) != before+1 {
		t.Errorf("%d orders, %d letters, %+v", len(w.orders), len(w.sent)-before, r.Items[0].Erasing)
	}
	if l := w.limit("r1", eraseLimitOf(2)); l.State != deadline.Met {
		t.Errorf("%+v", l)
	}
}
