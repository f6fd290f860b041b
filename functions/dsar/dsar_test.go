package dsar

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/work"
)

var ana = events.DsarContent{Name: "Ana Horvat", Address: "ana@example.si", Text: "Prosim za izpis svojih podatkov."}

// paper is a request that came on paper, seen by an adviser who knows the person.
func paper(id string, at time.Time, asks ...events.Ask) events.DsarReceived {
	if asks == nil {
		asks = access1
	}
	return events.DsarReceived{Request: id, Way: dsar.Paper, ReceivedAt: at, Asks: asks, Language: "sl"}
}

func TestAReceivedRequestIsAskedWhoItIsAndItsClockStands(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	w.arrive(paper("r1", w.at(-24*time.Hour)), ana)
	r := w.request("r1")
	if r.State != dsar.Verifying || r.Identity.Need != dsar.UnusualAddress || len(r.Covered()) != 0 {
		t.Fatalf("%+v", r)
	}
	w.told("Vašo zahtevo")
	w.told("pišite s svojega običajnega naslova")
	if l := w.limit("r1", answerLimit); l == nil || l.State != deadline.Paused || !l.StartAt.Equal(r.ReceivedAt) {
		t.Errorf("limit %+v", l)
	}
	w.Clock.Add(5 * 24 * time.Hour)
	if err := w.change("r1", events.StepProved, "", func(r *dsar.Request) error {
		return r.Link(dsar.Link{ContactID: r.ContactID, Means: dsar.ByOfficer, By: "officer-1", At: w.Clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	r = w.request("r1")
	l := w.limit("r1", answerLimit)
	if r.State != dsar.Open || l.State != deadline.Running || !l.EndAt.Equal(r.Clock.DueAt) || !r.Clock.DueAt.After(r.Clock.UnpausedAt) {
		t.Errorf("after the proof: %s, limit %+v, clock %+v", r.State, l, r.Clock)
	}
}

func TestAGrantIsOrderedAndClosesTheCaseOnceCarriedOut(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	w.arrive(paper("r1", w.at(0), events.Ask{Right: dsar.Access}, events.Ask{Right: dsar.NoAutomation}), ana)
	err := w.change("r1", events.StepProved, "", func(r *dsar.Request) error {
		return r.Link(dsar.Link{ContactID: r.ContactID, Means: dsar.BySight, By: "officer-1", At: w.Clock.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []dsar.Right{dsar.Access, dsar.NoAutomation} {
		k := dsar.Key{Right: right, Scope: dsar.Data}
		err := w.change("r1", events.StepDecided, k.String(), func(r *dsar.Request) error {
			return r.Decide(k, dsar.Decision{By: "officer-1", At: w.Clock.Now(), Outcome: dsar.Granted}, dsar.Choice{})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if r := w.request("r1"); len(w.orders) != 2 || r.State != dsar.Carrying || r.Item(dsar.Key{Right: dsar.NoAutomation, Scope: dsar.Data}).Result != dsar.Done {
		t.Fatalf("%d orders, %s", len(w.orders), r.State)
	}
	w.told("Nobena odločitev o vas")
	w.queue = append(w.queue, w.event("carried", &events.DsarCarriedOut{Request: "r1", Right: dsar.Access, Scope: dsar.Data, Outcome: dsar.Done}))
	w.settle()
	if r, l := w.request("r1"), w.limit("r1", answerLimit); r.State != dsar.Answered || l.State != deadline.Met || l.Late {
		t.Errorf("%s, %+v", r.State, l)
	}
}

// event is one as another function emits it.
func (w *world) event(id string, d events.Data) events.Event {
	w.t.Helper()
	e, err := events.New("r1", d)
	if err != nil {
		w.t.Fatal(err)
	}
	e.ID, e.Source, e.Tenant, e.Time = id, "/functions/test", w.tenant, w.Clock.Now()
	return e
}

// Laboss processes patients' data for laboratories: their requests go to the
// controller at once, by letter where it has no Okence, and nothing is disclosed.
func TestAProcessorPassesTheRequestToTheController(t *testing.T) {
	w := newWorld(t, "laboss", "")
	d := paper("r1", w.at(0))
	d.Class = "patient"
	w.arrive(d, ana)
	r := w.request("r1")
	if r.State != dsar.Forwarded || len(r.Handovers) != 1 || r.Handovers[0].Case != dsar.AsProcessor {
		t.Fatalf("%s %+v", r.State, r.Handovers)
	}
	if len(w.orders) != 0 || w.limit("r1", answerLimit) != nil {
		t.Error("a processor answers by itself")
	}
	w.told("obdelujemo za upravljavca")
}

func TestAnEarlierArrivalMovesTheLimit(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	d := paper("r1", w.at(0))
	d.Marketing, d.Asks = true, []events.Ask{{Right: dsar.Objection}} // nobody is checked for that: the clock runs
	w.arrive(d, ana)
	before := w.limit("r1", answerLimit)
	late := d
	late.Way, late.ReceivedAt = dsar.Late, w.at(-5*24*time.Hour)
	w.arrive(late, ana)
	r, after := w.request("r1"), w.limit("r1", answerLimit)
	if !r.ReceivedAt.Equal(late.ReceivedAt) || !after.EndAt.Before(before.EndAt) || !after.StartAt.Equal(late.ReceivedAt) || len(r.Receipts) != 2 {
		t.Errorf("%+v %+v", r.Receipts, after)
	}
	if r.State != dsar.Open || r.Identity.Pending() {
		t.Errorf("ending direct marketing is checked: %s", r.State)
	}
}

func TestAComplaintIsForwardedAndRegisteredOnce(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	w.arrive(paper("r1", w.at(0), events.Ask{Right: dsar.Access}), ana)
	for range 2 { // the step comes twice
		err := w.change("r1", events.StepComplained, "c1", func(r *dsar.Request) error {
			if len(r.Complaints) > 0 {
				return nil
			}
			return r.Complain(dsar.Complaint{ID: "c1", At: w.Clock.Now(), EnteredBy: "officer-1"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var lines []*register.Disclosure
	w.must(func(ctx context.Context, u *work.Unit) error {
		return dossier.DisclosuresOf(ctx, u, w.request("r1").ContactID, func(d *register.Disclosure) { lines = append(lines, d) })
	})
	if len(lines) != 1 || lines[0].Ground != register.Complaint || lines[0].Mailbox == "" || lines[0].About[0] != "request/r1" {
		t.Errorf("%+v", lines)
	}
}
