package retention_test

import (
	"errors"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/retention"
)

// TestFourEyes: nobody confirms or lifts a hold that they themselves asked for, or
// asked to be lifted; a hold that has ended makes room for others.
func TestFourEyes(t *testing.T) {
	now := at("2026-11-24T09:00:00Z")
	h, err := retention.Ask("h1", "P 1/26", retention.Scope{Cases: []string{"t1"}}, now.Add(240*time.Hour), "one", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Set("one", now); !errors.Is(err, retention.ErrSameEyes) || h.State != retention.HoldAsked {
		t.Fatal(err, h.State)
	}
	if err := h.Set("two", now); err != nil || h.State != retention.HoldSet {
		t.Fatal(err, h.State)
	}
	if err := h.AskLift("two", now); err != nil {
		t.Fatal(err)
	}
	if err := h.Lift("two", now); !errors.Is(err, retention.ErrSameEyes) || !h.InForce(now) {
		t.Fatal(err, h.State)
	}
	if err := h.Lift("one", now); err != nil || h.InForce(now) {
		t.Fatal(err, h.State)
	}
	old := retention.Active{ID: "old", ExpiresAt: now}
	running := retention.Active{ID: "running", ExpiresAt: now.Add(time.Second)}
	list := retention.HoldList{Holds: []retention.Active{old, running, {ID: "h1", ExpiresAt: now.Add(time.Hour)}}}
	if err := list.Update(h, now); err != nil || len(list.Holds) != 1 || list.Holds[0].ID != "running" {
		t.Fatalf("%v %+v", err, list.Holds)
	}
}

// TestASweepAddsUpItsPages: what each page found left is in the certificate.
func TestASweepAddsUpItsPages(t *testing.T) {
	var s retention.Sweep
	for n := range 3 {
		s.Close(&retention.Page{Number: n, People: 1, Keys: 2, Residue: 3 - n, Searched: 4})
	}
	if s.Closed != 3 || s.People != 3 || s.Keys != 6 || s.Residue != 6 || s.Searched != 12 {
		t.Fatalf("%+v", s)
	}
}
