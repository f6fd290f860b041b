package portal

import (
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
)

// target is a target of a ticket as the adviser sees it.
func (w *world) target(id, name string) targetView {
	w.t.Helper()
	for _, v := range w.ticket(id).Targets {
		if v.Name == name {
			return v
		}
	}
	w.t.Fatalf("ticket %s has no %s", id, name)
	return targetView{}
}

// move changes the state of a ticket.
func (w *world) move(id, state string) {
	w.t.Helper()
	w.ask("POST", "/v1/tickets/"+id+"/state", `{"state":"`+state+`"}`).want(200, "")
}

// TestTheTargetsOfATicket: residence, urgency 3: response in 2 hours, resolution in
// 28, of days of 14 hours. The clock starts on Monday, 2 November 2026, 10:00 in
// Ljubljana (09:00 UTC).
func TestTheTargetsOfATicket(t *testing.T) {
	w := office(t)
	id := w.openTicket(request).ID
	day := func(d, hour, minute int) time.Time { return time.Date(2026, 11, d, hour, minute, 0, 0, time.UTC) }
	expect := func(name string, state deadline.State, end time.Time, late bool) {
		t.Helper()
		if v := w.target(id, name); v.State != state || !v.EndAt.Equal(end) || v.Late != late {
			t.Errorf("%s: %+v, want %s, %s, late %t", name, v, state, end, late)
		}
	}
	expect("ticket.response", deadline.Running, day(2, 11, 0), false)
	expect("ticket.resolution", deadline.Running, day(4, 9, 0), false)
	if v := w.target(id, "ticket.response"); v.Law == "" {
		t.Error("no clause stands behind it")
	}

	w.Clock.Add(2 * time.Hour) // 12:00 in Ljubljana: at the end, exclusive
	w.ask("POST", "/v1/tickets/"+id+"/assignment", `{"person":"me"}`).want(200, "")
	expect("ticket.response", deadline.Met, day(2, 11, 0), true)

	w.move(id, "waiting")
	expect("ticket.resolution", deadline.Paused, day(4, 9, 0), false)
	w.Clock.Add(12 * time.Hour) // midnight: ten open hours have passed
	w.move(id, "in_progress")
	expect("ticket.resolution", deadline.Running, day(4, 19, 0), false)

	w.ask("POST", "/v1/tickets/"+id+"/fields", `{"urgency":1}`).want(200, "") // the pack: 4 hours, of which 2 have passed
	expect("ticket.resolution", deadline.Running, day(3, 9, 0), false)
	w.ask("POST", "/v1/tickets/"+id+"/fields", `{"urgency":3}`).want(200, "")
	expect("ticket.resolution", deadline.Running, day(4, 19, 0), false)

	w.Clock.Add(8 * time.Hour) // Tuesday, 08:00
	w.move(id, "resolved")
	expect("ticket.resolution", deadline.Met, day(4, 19, 0), false)
	w.Clock.Add(14 * time.Hour)
	w.move(id, "in_progress") // reopened at 22:00: fourteen open hours do not count
	expect("ticket.resolution", deadline.Running, day(5, 19, 0), false)
	w.move(id, "cancelled")
	expect("ticket.resolution", deadline.Withdrawn, day(5, 19, 0), false)

	var all list[deadlineView]
	w.ask("GET", "/v1/deadlines?about="+id, "", w.as("ekc", access.Supervisor)).want(200, "").schema("DeadlineList").into(&all)
	if len(all.Items) != 2 || all.Items[0].Party != "supervisor" || all.Items[0].Rule != "K01" {
		t.Errorf("%+v", all)
	}
}

func TestADuplicateHasNoTargetAndItsMasterKeepsIts(t *testing.T) {
	w := office(t)
	a, b := w.openTicket(request).ID, w.openTicket(request).ID
	w.ask("POST", "/v1/tickets/"+b+"/links", `{"kind":"duplicated_by","ticket":"`+a+`"}`).want(200, "")
	if v := w.target(a, "ticket.resolution"); v.State != deadline.Withdrawn {
		t.Errorf("the duplicate: %+v", v)
	}
	if v := w.target(b, "ticket.resolution"); v.State != deadline.Running {
		t.Errorf("the other: %+v", v)
	}
	w.move(a, "in_progress")
	if v := w.target(a, "ticket.resolution"); v.State != deadline.Running {
		t.Errorf("taken up again: %+v", v)
	}
}

func TestAHandOverIsAResponseAndTheResolutionRunsOn(t *testing.T) {
	w := office(t)
	id := w.openTicket(request).ID
	w.Clock.Add(2*time.Hour - time.Second)
	w.hand(id)
	if v := w.target(id, "ticket.response"); v.State != deadline.Met || v.Late {
		t.Errorf("a second before the end: %+v", v)
	}
	if v := w.target(id, "ticket.resolution"); v.State != deadline.Running {
		t.Errorf("%+v", v)
	}
	custodian := w.as("ekc", access.Custodian)
	if v := w.ticket(id, custodian); len(v.Targets) != 2 {
		t.Errorf("the custodian works by them too: %+v", v)
	}
	w.ask("POST", "/v1/tickets/"+id+"/escalations/answer", `{"answer":"resolved","text":"rešeno"}`, custodian).want(200, "")
	if v := w.target(id, "ticket.resolution"); v.State != deadline.Met {
		t.Errorf("%+v", v)
	}
}
