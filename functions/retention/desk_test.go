package retention

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// slip is a ticket in little: who reported, and the person whom it is about, each
// of a class of their own.
type slip struct {
	_          struct{}  `data:"owner=.ContactID class=case purpose=service"`
	ID         string    `json:"id" data:"technical"`
	Number     string    `json:"number" data:"technical"`
	ReportedAt time.Time `json:"reported_at" data:"technical"`
	Minutes    int       `json:"minutes" data:"technical"`
	Open       bool      `json:"open" data:"technical"`
	ContactID  string    `json:"contact_id" data:"technical"`
	TreatedID  string    `json:"treated_id" data:"technical"`
	TreatedOf  string    `json:"treated_of" data:"technical"`
	Talk       string    `json:"talk" data:"technical link"`

	Name        string `json:"name" data:"personal identity"`
	Details     string `json:"details" data:"personal content"`
	TreatedName string `json:"treated_name" data:"personal identity owner=.TreatedID"`
}

var slips = record.Define[slip]("test-desk-slip", 1, record.Lives(func(s *slip) []retention.Life {
	return []retention.Life{
		{Store: "desk", Class: "case", Of: "other", Subject: s.ContactID, Since: s.ReportedAt},
		{Store: "desk", Class: "case", Of: s.TreatedOf, Subject: s.TreatedID, Since: s.ReportedAt},
	}
}))

func (w *world) slip(id string) (s *slip) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		s, err = work.Load(ctx, u, slips, id)
		return err
	})
	return s
}

// TestTheTwoBranchesOfTheDesk is the decision of the source (ekc 7.8.1): a servant's
// data five years after inactivity began (K13), another client's five years after
// the report (K14); per person within a record, through both boundaries.
func TestTheTwoBranchesOfTheDesk(t *testing.T) {
	w := newWorld(t, "ekc")
	reported := day("2028-02-29T12:00:00Z") // a leap day
	w.Clock.Add(reported.Sub(w.Clock.Now()))
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, slips, &slip{
			ID: "t1", Number: "SR-1", ReportedAt: reported, Minutes: 12, Open: true, ContactID: "ana", TreatedID: "servant", TreatedOf: "servant",
			Talk: "c-ana", Name: "NEEDLE", Details: "NEEDLE", TreatedName: "SERVANT",
		})
		return nil
	})
	status := func(status, at string) {
		w.do(func(ctx context.Context, u *work.Unit) error {
			return u.Emit(ctx, "servant", &events.ServantStatusChanged{ContactID: "servant", Status: status, EffectiveAt: day(at)})
		})
		if err := w.local.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	status("inactive", "2028-06-01T00:00:00+02:00")

	other := day("2033-02-28T23:00:00Z") // five years and a day, of a leap day, in Ljubljana
	w.at(other.Add(-time.Second))
	if s := w.slip("t1"); s.Name != "NEEDLE" || s.TreatedName != "SERVANT" {
		t.Fatalf("a second before: %+v", s)
	}
	w.at(other)
	s := w.slip("t1")
	if s.Name != "ANONIMIZIRANO IME" || s.Details != "ANONIMIZIRANE PODROBNOSTI" || s.ContactID != record.Anonymous || s.Talk != "" {
		t.Fatalf("the reporter's five years are over, open ticket or not: %+v", s)
	}
	if s.TreatedName != "SERVANT" || s.Number != "SR-1" || !s.ReportedAt.Equal(reported) || s.Minutes != 12 {
		t.Fatalf("the servant's part goes by the servant's status, and K17 keeps the rest: %+v", s)
	}

	status("active", "2033-05-31T00:00:00+02:00") // back a day before five years were over
	w.at(day("2033-06-02T00:00:00+02:00"))
	if s := w.slip("t1"); s.TreatedName != "SERVANT" {
		t.Fatal("reactivation restarts the term")
	}
	status("inactive", "2034-03-27T09:00:00+02:00") // its fifth anniversary ends in summer time
	end := day("2039-03-28T00:00:00+02:00")
	w.at(end.Add(-time.Second))
	if s := w.slip("t1"); s.TreatedName != "SERVANT" {
		t.Fatal("a second before the servant's five years")
	}
	w.at(end)
	if s := w.slip("t1"); s.TreatedName != "ANONIMIZIRANO IME" || s.TreatedID != record.Anonymous || s.Number != "SR-1" {
		t.Fatalf("%+v", s)
	}
	for _, person := range []string{"ana", "servant"} {
		if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", person); len(owners) != 0 {
			t.Error("a key lives on:", owners)
		}
	}
	for _, x := range w.sweeps() {
		if x.State != retention.Finished || x.Residue != 0 || x.Differing != 0 {
			t.Errorf("%+v", x)
		}
	}
}
