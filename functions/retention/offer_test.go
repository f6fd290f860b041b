package retention

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// archival stores a ticket of a service whose cases are archival material.
func (w *world) archival(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		w.ticket(id, ticket.ServiceRequest, ticket.Closed, "p-"+id, "", conversation.Other, "")
		w.do(func(ctx context.Context, u *work.Unit) error {
			x, err := work.Load(ctx, u, record.Tickets, id)
			if err == nil {
				x.Service = "residence"
				work.Save(u, record.Tickets, x)
			}
			return err
		})
	}
}

func (w *world) offers() []*retention.Offer {
	w.t.Helper()
	var out []*retention.Offer
	w.do(func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Offers, store.Query{Index: record.ByTime, Partition: "offer"})
		out = page.Items
		return err
	})
	return out
}

func (w *world) offer(id string, step func(*retention.Offer) error) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		o, err := work.Load(ctx, u, record.Offers, id)
		if err == nil {
			err = step(o)
		}
		work.Save(u, record.Offers, o)
		return err
	})
}

func (w *world) named(id string) bool {
	w.t.Helper()
	x, _, _ := w.desk(id)
	return x.Name == "NEEDLE"
}

// TestArchivalMaterialIsOfferedFirst: what is due under terms that have it offered
// waits for the archive's answer (ZVDAGA; A8); what is not goes at once.
func TestArchivalMaterialIsOfferedFirst(t *testing.T) {
	due := day("2031-11-03T00:00:00+01:00")
	by := day("2032-01-03T00:00:00+01:00") // 60 days, and the second of January is work-free in Slovenia
	for name, c := range map[string]struct {
		step func(*world, *retention.Offer)
		gone time.Time // zero: it waits
	}{
		"no answer: at the end of its time": {func(*world, *retention.Offer) {}, by},
		"the archive declines": {func(w *world, o *retention.Offer) {
			w.offer(o.ID, func(o *retention.Offer) error { return o.Answer(nil, "A 1", "officer", w.Clock.Now()) })
		}, due.Add(7 * time.Hour)},
		"it wants another case": {func(w *world, o *retention.Offer) {
			w.offer(o.ID, func(o *retention.Offer) error { return o.Answer([]string{"other"}, "A 1", "officer", w.Clock.Now()) })
		}, due.Add(7 * time.Hour)},
		"it wants the case, and has not got it": {func(w *world, o *retention.Offer) {
			w.offer(o.ID, func(o *retention.Offer) error { return o.Answer([]string{"case"}, "A 1", "officer", w.Clock.Now()) })
		}, time.Time{}},
		"it has got the case": {func(w *world, o *retention.Offer) {
			w.offer(o.ID, func(o *retention.Offer) error {
				if err := o.Answer([]string{"case"}, "A 1", "officer", w.Clock.Now()); err != nil {
					return err
				}
				o.Taken.Take("", "", [][]byte{[]byte("case")})
				return o.Hand("acc 1", o.Taken.Digest, "officer", w.Clock.Now())
			})
		}, due.Add(7 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc")
			w.archival("case", "other")
			w.ticket("free", ticket.ServiceRequest, ticket.Closed, "bor", "", conversation.Other, "")
			w.at(due.Add(-time.Second))
			if len(w.offers()) != 0 || !w.named("free") {
				t.Fatal("a second before its time is over")
			}
			w.at(due)
			all := w.offers()
			if len(all) != 1 || len(all[0].Items) != 2 || w.named("free") || !w.named("case") || !w.named("other") {
				t.Fatalf("offered first: %+v", all)
			}
			o := all[0]
			if o.Archive != "archive" || o.Clause != "spec sec. R.8" || !o.AnswerBy.Equal(by) || o.Items[0].Number == "" {
				t.Fatalf("%+v", o)
			}
			c.step(w, o)
			end := c.gone
			if end.IsZero() {
				end = day("2036-01-01T00:00:00Z")
			}
			w.at(end.Add(-time.Second))
			if !w.named("case") && !c.gone.IsZero() && c.gone.Equal(by) {
				t.Fatal("a second before the archive's time is over")
			}
			w.at(end.Add(6 * time.Hour))
			if w.named("case") != c.gone.IsZero() {
				t.Fatal("it should be there:", c.gone.IsZero())
			}
			if len(w.offers()) != 1 {
				t.Error("it was offered again")
			}
		})
	}
}

// TestADryRunOffersNothing: it changes nothing, and what must be offered first is
// no part of its plan.
func TestADryRunOffersNothing(t *testing.T) {
	w := newWorld(t, "ekc")
	w.archival("case")
	s, err := retention.NewSweep("dry", true, day("2031-12-01T00:00:00Z"), "admin", w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(_ context.Context, u *work.Unit) error { work.Save(u, record.Sweeps, s); return nil })
	w.change("dry", func(s *retention.Sweep) error { return nil })
	if s := w.sweeps()[0]; s.State != retention.Frozen || s.Planned != 0 || len(w.offers()) != 0 {
		t.Fatalf("%+v %v", s, w.offers())
	}
}

// TestManyCasesAreOffered: in offers of forty, over several commits, each once.
func TestManyCasesAreOffered(t *testing.T) {
	w := newWorld(t, "ekc")
	var ids []string
	for i := range 2*retention.MaxOffered + 5 {
		ids = append(ids, fmt.Sprintf("case%02d", i))
	}
	w.archival(ids...)
	w.at(day("2031-11-03T00:00:00+01:00"))
	w.at(day("2031-11-04T00:00:00+01:00"))
	var seen []string
	for _, o := range w.offers() {
		for _, it := range o.Items {
			seen = append(seen, it.ID)
		}
		if len(o.Items) > retention.MaxOffered {
			t.Error(len(o.Items))
		}
	}
	if slices.Sort(seen); !slices.Equal(seen, ids) {
		t.Fatal(len(seen), seen)
	}
}

// TestAnArchiveLetsItsTimePass: the offer says so, and its limit is over.
func TestAnArchiveLetsItsTimePass(t *testing.T) {
	w := newWorld(t, "ekc")
	w.archival("case")
	w.at(day("2031-11-03T00:00:00+01:00"))
	o := w.offers()[0]
	reach := func() {
		w.do(func(ctx context.Context, u *work.Unit) error {
			return u.Emit(ctx, o.ID, &events.DeadlineReached{
				Limit: deadline.ID(deadline.Ref{Kind: "offer", ID: o.ID}, retention.OfferLimit), AboutKind: "offer", AboutID: o.ID,
				Name: retention.OfferLimit, Stage: deadline.Due, StageAt: o.AnswerBy, EndAt: o.AnswerBy,
			})
		})
		if err := w.local.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	reach()
	if w.offers()[0].State != retention.OfferMade {
		t.Fatal("before its end")
	}
	w.Clock.Add(o.AnswerBy.Sub(w.Clock.Now()))
	reach()
	w.do(func(ctx context.Context, u *work.Unit) error {
		l, err := work.Load(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: "offer", ID: o.ID}, retention.OfferLimit))
		if err == nil && (l.Open() || l.Party != "archive" || !l.EndAt.Equal(o.AnswerBy)) {
			t.Errorf("%+v", l)
		}
		return err
	})
	if w.offers()[0].State != retention.OfferSilent {
		t.Fatal(w.offers()[0].State)
	}
}

// TestAnErasureAsksTheArchiveFirst: a granted erasure leaves a case that must be
// offered, says why, and takes it once the archive has declined (K23).
func TestAnErasureAsksTheArchiveFirst(t *testing.T) {
	w := newWorld(t, "ekc")
	w.archival("case")
	pack, err := w.env.Policy.ForTenant("ekc")
	if err != nil {
		t.Fatal(err)
	}
	a := erasure.ArchivalOf(pack)
	e := erasure.New(w.Env, w.tree, "dsar", access.Rights).First(a)
	erase := func(job string) erasure.Report {
		r, err := e.Person(t.Context(), "ekc", job, "p-case", erasure.GenericOf(pack.At(w.Clock.Now())), func(string) bool { return true }, "")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := erase("one"); len(r.Left) != 1 || r.Left[0].Why != "archive" || !w.named("case") {
		t.Fatalf("%+v", r)
	}
	obstacles := func() (out []string) {
		w.do(func(ctx context.Context, u *work.Unit) (err error) {
			out, err = erasure.Obstacles(ctx, u, "p-case", "")
			return err
		})
		return out
	}
	if len(obstacles()) != 0 {
		t.Fatal("not offered yet")
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		x, err := work.Peek(ctx, u, record.Tickets, "case")
		if err == nil {
			_, _, err = erasure.NewOffering(a).Ask(ctx, u, x, false)
		}
		return err
	})
	o := w.offers()[0]
	if got := obstacles(); !slices.Equal(got, []string{"archive/" + o.ID}) {
		t.Fatal(got)
	}
	if r := erase("two"); len(r.Left) != 1 || r.Left[0].Why != "archive" {
		t.Fatalf("%+v", r)
	}
	w.offer(o.ID, func(o *retention.Offer) error { return o.Answer(nil, "A 1", "officer", w.Clock.Now()) })
	if got := obstacles(); len(got) != 0 {
		t.Fatal(got)
	}
	if r := erase("three"); len(r.Left) != 0 || w.named("case") {
		t.Fatalf("%+v", r)
	}
}
