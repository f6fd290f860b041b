package ticket_test

import (
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/target"
	"github.com/okence/okence/shared/domain/ticket"
)

// TestWhenTargetsOfATicketRest plays steps an hour apart.
func TestWhenTargetsOfATicketRest(t *testing.T) {
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	h := func(n int) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return start.Add(time.Duration(n) * time.Hour)
	}
	become := func(s ticket.State) func(*ticket.Ticket, time.Time) error {
		return func(t *ticket.Ticket, now time.Time) error {
			_, err := t.Become(s, now)
			return err
		}
	}
	hand := func(t *ticket.Ticket, now time.Time) error {
		_, err := t.HandOn(&ticket.Handover{ID: "h", Level: 2}, nil, 3, now)
		return err
	}
	assign := func(t *ticket.Ticket, now time.Time) error { return t.Assign("maja", now) }
	duplicate := func(t *ticket.Ticket, now time.Time) error {
		return ticket.Join(t, &ticket.Ticket{ID: "other", State: ticket.New}, ticket.DuplicateOf, now)
	}
	type step = func(*ticket.Ticket, time.Time) error
	type rest [2]int
	for _, c := range []struct {
		name  string
		steps []step
		begun int // hour; 0 is never
		rests []rest
	}{
		{"nothing yet", nil, 0, nil},
		{"somebody takes it", []step{assign}, 1, nil},
		{"handed on at once", []step{hand}, 1, nil},
		{"the person must answer, and has", []step{become(ticket.InProgress), become(ticket.Waiting), become(ticket.InProgress)}, 1, []rest{{2, 3}}},
		{"the person must answer still", []step{become(ticket.Waiting)}, 1, []rest{{1, 0}}},
		{"handed on while the person must answer", []step{become(ticket.Waiting), hand}, 1, []rest{{1, 2}}},
		{"solved while the person must answer", []step{become(ticket.Waiting), become(ticket.Resolved)}, 1, []rest{{1, 2}}},
		{"reopened after it was solved and closed", []step{become(ticket.Resolved), become(ticket.Closed), become(ticket.InProgress)}, 1, []rest{{1, 3}}},
		{"reopened after it was a duplicate", []step{duplicate, become(ticket.InProgress)}, 1, []rest{{1, 2}}},
		{"a duplicate of one that waited", []step{become(ticket.Waiting), duplicate}, 1, []rest{{1, 2}}},
		{"reopened twice", []step{become(ticket.Resolved), become(ticket.InProgress), become(ticket.Resolved), become(ticket.InProgress)}, 1, []rest{{1, 2}, {3, 4}}},
	} {
		tk := &ticket.Ticket{ID: "t", Kind: ticket.ServiceRequest, State: ticket.New, Class: conversation.Other, Urgency: 3, ContactID: "p", Service: "s", Level: 1}
		for i, do := range c.steps {
			if err := do(tk, h(i+1)); err != nil {
				t.Fatalf("%s: step %d: %v", c.name, i+1, err)
			}
		}
		var want []target.Pause
		for _, r := range c.rests {
			want = append(want, target.Pause{Start: h(r[0]), End: h(r[1])})
		}
		if !tk.BegunAt.Equal(h(c.begun)) || !slices.Equal(tk.Rests, want) {
			t.Errorf("%s: begun %s, rests %v, want %v", c.name, tk.BegunAt, tk.Rests, want)
		}
	}
}
