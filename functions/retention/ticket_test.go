package retention

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// ticket stores a real ticket with everything a person may have in it, a line of
// its work log and a hand-over, and an entry of the change audit (K12).
func (w *world) ticket(id string, kind ticket.Kind, state ticket.State, reporter, treated string, class, treatedClass conversation.Class) {
	w.t.Helper()
	now := w.Clock.Now()
	w.do(func(_ context.Context, u *work.Unit) error {
		t := &ticket.Ticket{
			ID: id, Number: "NR-" + id, Kind: kind, State: state, Class: class, Origin: ticket.FromConversation, Urgency: 3, ContactID: reporter, TreatedID: treated,
			TreatedClass: treatedClass, ConversationID: "c1", ReportAt: now, ChangedAt: now, OwnerID: "worker", Level: 1, Hands: 1, Links: []ticket.Link{{Kind: ticket.Related, Ticket: "x"}},
			Entries: 1, Minutes: 30, Cost: 10000, Currency: "EUR", Name: "NEEDLE", Email: "NEEDLE", Phone: "NEEDLE", Subject: "NEEDLE", Details: "NEEDLE",
		}
		if !state.Open() {
			t.ClosedAt = now
		}
		if treated != "" {
			t.TreatedName, t.TreatedEmail, t.TreatedPhone = "TREATED", "TREATED", "TREATED"
		}
		work.Save(u, record.Tickets, t)
		work.Save(u, record.Numberings, &ticket.Numbering{ID: t.Number, TicketID: id})
		work.Save(u, record.WorkLogs, &ticket.Entry{
			ID: "w-" + id, TicketID: id, ContactID: reporter, At: now, Kind: ticket.Communication, Minutes: 30, Cost: 10000, Message: "m", By: "NEEDLE", To: "NEEDLE", Text: "NEEDLE",
		})
		work.Save(u, record.Handovers, &ticket.Handover{
			ID: "h-" + id, TicketID: id, ContactID: reporter, Level: 2, State: ticket.Returned, By: "worker", At: now, Reasons: map[string]string{"": "NEEDLE"},
		})
		u.NoteTicket(audit.Change, reporter, id, audit.Item{Kind: record.Tickets.Name, ID: id})
		return nil
	})
}

// desk reads a ticket with what goes with it.
func (w *world) desk(id string) (t *ticket.Ticket, e *ticket.Entry, h *ticket.Handover) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		if t, err = work.Load(ctx, u, record.Tickets, id); err != nil {
			return err
		}
		if e, err = work.Load(ctx, u, record.WorkLogs, "w-"+id); err != nil {
			return err
		}
		h, err = work.Load(ctx, u, record.Handovers, "h-"+id)
		return err
	})
	return t, e, h
}

// audited counts the entries of a ticket's change audit.
func (w *world) audited(id string) int {
	w.t.Helper()
	found, err := w.Docs.Query(w.t.Context(), store.Query{Tenant: w.tenant, Index: record.ByTicket, Partition: id, Limit: store.MaxPage})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(found.Docs)
}

func holds(values ...string) bool { return strings.Contains(strings.Join(values, " "), "NEEDLE") }

// TestRealTickets: of every module, of another client five years after the report
// (K14), by one generic term a field (K18), with what K17 keeps; the work log and
// the hand-overs with it; and the change audit ends with the ticket (K12).
func TestRealTickets(t *testing.T) {
	w := newWorld(t, "ekc")
	reported := day("2026-11-23T12:00:00Z")
	w.Clock.Add(reported.Sub(w.Clock.Now()))
	kinds := []ticket.Kind{ticket.ServiceRequest, ticket.Incident, ticket.Change, ticket.WorkOrder, ticket.Activity}
	for _, k := range kinds {
		w.ticket(string(k), k, ticket.Closed, "ana", "bor", conversation.Other, conversation.Other)
	}
	w.ticket("open", ticket.Incident, ticket.Waiting, "eva", "", conversation.Other, "")
	end := day("2031-11-23T23:00:00Z") // after the fifth anniversary's day, in Ljubljana
	w.at(end.Add(-time.Second))
	for _, k := range kinds {
		if x, e, h := w.desk(string(k)); x.Name != "NEEDLE" || x.TreatedName != "TREATED" || e.Text != "NEEDLE" || h.Reasons[""] != "NEEDLE" || w.audited(x.ID) == 0 {
			t.Fatalf("%s, a second before: %+v", k, x)
		}
	}
	if _, err := w.env.Ledger.Seal(t.Context(), "ekc"); err != nil { // what has no leaf yet waits for it
		t.Fatal(err)
	}
	w.at(end)
	for _, k := range kinds {
		if n := w.audited(string(k)); n != 0 {
			t.Errorf("%s: %d entries of its change audit are left (reading it writes new ones)", k, n)
		}
		x, e, h := w.desk(string(k))
		if holds(x.Name, x.Email, x.Phone, x.Subject, x.Details, e.By, e.To, e.Text, h.Reasons[""]) || x.TreatedName+x.TreatedEmail+x.TreatedPhone == "TREATEDTREATEDTREATED" {
			t.Errorf("%s: a person is left: %+v %+v %+v", k, x, e, h)
		}
		if x.Name != "ANONIMIZIRANO IME" || x.TreatedName != "ANONIMIZIRANO IME" || x.ContactID != record.Anonymous || x.TreatedID != record.Anonymous || e.ContactID != record.Anonymous || h.ContactID != record.Anonymous {
			t.Errorf("%s: %+v", k, x)
		}
		if x.ConversationID != "" || x.OwnerID != "" || x.Links != nil || e.Message != "" || h.By != "" {
			t.Errorf("%s: a link to somebody is left: %+v", k, x)
		}
		if x.Number != "NR-"+string(k) || !x.ReportAt.Equal(reported) || !x.ClosedAt.Equal(reported) || x.Entries != 1 || x.Minutes != 30 || x.Cost != 10000 || e.Cost != 10000 || !e.At.Equal(reported) {
			t.Errorf("%s: K17 keeps number, times, counts and cost: %+v %+v", k, x, e)
		}
	}
	if x, _, _ := w.desk("open"); x.ContactID != record.Anonymous || x.State != ticket.Waiting {
		t.Errorf("an open ticket only warns: %+v", x)
	}
	warned := 0
	for _, s := range w.sweeps() {
		for _, tally := range s.Tallies {
			warned += tally.Warned["open_ticket"]
		}
		if s.State != retention.Finished || s.Residue != 0 || s.Differing != 0 {
			t.Errorf("%+v", s)
		}
	}
	if warned != 1 {
		t.Errorf("%d warnings of an open ticket", warned)
	}
	for _, person := range []string{"ana", "bor", "eva"} {
		if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", person); len(owners) != 0 {
			t.Error("a key lives on:", person, owners)
		}
	}
}

// TestAServantInATicket: K13 and K14 in one ticket, each person by their own.
func TestAServantInATicket(t *testing.T) {
	for name, c := range map[string]struct {
		reporter, treated           string
		class, treatedClass         conversation.Class
		afterReport, afterInactive5 [2]bool // whether the reporter and the treated person are still in it
	}{
		"a servant reports about a servant": {"servant", "", conversation.Servant, "", [2]bool{true, false}, [2]bool{false, false}},
		"another client about a servant":    {"ana", "servant", conversation.Other, conversation.Servant, [2]bool{false, true}, [2]bool{false, false}},
		"a servant about another client":    {"servant", "ana", conversation.Servant, conversation.Other, [2]bool{true, false}, [2]bool{false, false}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc")
			w.Clock.Add(day("2026-11-23T12:00:00Z").Sub(w.Clock.Now()))
			w.ticket("t", ticket.Incident, ticket.Closed, c.reporter, c.treated, c.class, c.treatedClass)
			w.do(func(ctx context.Context, u *work.Unit) error {
				return u.Emit(ctx, "servant", &events.ServantStatusChanged{ContactID: "servant", Status: "inactive", EffectiveAt: day("2027-06-01T00:00:00+02:00")})
			})
			if err := w.local.Idle(t.Context()); err != nil {
				t.Fatal(err)
			}
			check := func(when string, want [2]bool) {
				t.Helper()
				x, _, _ := w.desk("t")
				in := [2]bool{x.Name == "NEEDLE", x.TreatedName == "TREATED"}
				if in != want {
					t.Fatalf("%s: %v, want %v: %+v", when, in, want, x)
				}
			}
			w.at(day("2031-11-23T22:59:59Z"))
			check("a second before five years of the report", [2]bool{true, c.treated != ""})
			w.at(day("2031-11-23T23:00:00Z"))
			check("five years of the report", c.afterReport)
			w.at(day("2032-06-01T21:59:59Z"))
			check("a second before five years of inactivity", c.afterReport)
			w.at(day("2032-06-01T22:00:00Z"))
			check("five years of inactivity", c.afterInactive5)
		})
	}
}

// TestAHoldByTheTicketsNumber: a hold on a case names its id or its number.
func TestAHoldByTheTicketsNumber(t *testing.T) {
	for _, name := range []string{"t", "NR-t"} {
		w := newWorld(t, "ekc")
		w.ticket("t", ticket.Incident, ticket.Closed, "ana", "", conversation.Other, "")
		w.ticket("free", ticket.Incident, ticket.Closed, "bor", "", conversation.Other, "")
		due := w.Clock.Now().AddDate(5, 0, 2)
		w.do(func(_ context.Context, u *work.Unit) error {
			work.Save(u, record.HoldLists, &retention.HoldList{ID: retention.HoldListID, Holds: []retention.Active{{ID: "h", Scope: retention.Scope{Cases: []string{name}}, ExpiresAt: due.AddDate(0, 1, 0)}}})
			return nil
		})
		w.at(due)
		if x, _, _ := w.desk("t"); x.Name != "NEEDLE" || w.audited("t") == 0 {
			t.Errorf("held as %s, and gone", name)
		}
		if x, _, _ := w.desk("free"); x.Name == "NEEDLE" {
			t.Errorf("held as %s: another one stays", name)
		}
		w.do(func(ctx context.Context, u *work.Unit) error {
			kept, err := erasure.Kept(ctx, u)
			if err == nil && (len(kept) != 1 || kept[0].Tickets[len(kept[0].Tickets)-1] != "t") {
				t.Errorf("held as %s: the log is not kept: %+v", name, kept)
			}
			return err
		})
		w.at(due.AddDate(0, 1, 0))
		if x, _, _ := w.desk("t"); x.Name == "NEEDLE" {
			t.Errorf("held as %s: the hold is over", name)
		}
	}
}
