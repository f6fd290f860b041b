package erasure_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// slip is a record of two persons: who reported, and whom it is about.
type slip struct {
	_          struct{}  `data:"owner=.ContactID class=case purpose=service"`
	ID         string    `json:"id" data:"technical"`
	Number     string    `json:"number" data:"technical"`
	ReportedAt time.Time `json:"reported_at" data:"technical"`
	ClosedAt   time.Time `json:"closed_at" data:"technical"`
	Cost       int       `json:"cost" data:"technical"`
	ContactID  string    `json:"contact_id" data:"technical"`
	TreatedID  string    `json:"treated_id" data:"technical"`
	Origin     string    `json:"origin" data:"technical link"`

	Name        string   `json:"name" data:"personal identity"`
	Email       string   `json:"email" data:"personal address"`
	Details     string   `json:"details" data:"personal content"`
	Tags        []string `json:"tags" data:"personal content"`
	Proof       string   `json:"proof" data:"personal identifier purpose=proof"`
	Picture     []byte   `json:"-" data:"personal content file"`
	TreatedName string   `json:"treated_name" data:"personal identity owner=.TreatedID"`
}

var slips = record.Define[slip]("test-slip", 1,
	record.Lives(func(s *slip) []retention.Life {
		l := retention.Life{Store: "desk", Class: "case", Of: "other", Since: s.ReportedAt}
		first, second := l, l
		first.Subject, second.Subject = s.ContactID, s.TreatedID
		return []retention.Life{first, second}
	}))

func TestAnonymisedMeansAnonymous(t *testing.T) {
	pack, err := policy.Builtin().ForTenant("ekc")
	if err != nil {
		t.Fatal(err)
	}
	terms := pack.At(then)
	g := erasure.GenericOf(terms)
	desk := func(s string) bool { return s == "desk" }
	w := newWorld(t)
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, slips, &slip{
			ID: "s1", Number: "SR-1", ReportedAt: then, ClosedAt: then.Add(time.Hour), Cost: 7, ContactID: "ana", TreatedID: "bor", Origin: "conv-ana",
			Name: "NEEDLE", Email: "NEEDLE@x", Details: "NEEDLE", Tags: []string{"NEEDLE"}, Proof: "NEEDLE", Picture: []byte(strings.Repeat("NEEDLE", 20_000)), TreatedName: "BORIS",
		})
		return nil
	})
	if len(w.holds("NEEDLE")) != 3 || w.blobs() != 1 {
		t.Fatal(w.holds("NEEDLE"), w.blobs())
	}
	r, err := w.e.Person(t.Context(), "ekc", "job", "ana", g, desk, "")
	if err != nil || r.Done["test-slip"] != 1 || r.Residue != 0 || r.Keys != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if left := w.holds("NEEDLE"); len(left) > 0 || w.blobs() != 0 {
		t.Fatal(left, w.blobs())
	}
	if left := w.holds(`"ana"`); len(left) > 0 && !onlyPages(left) {
		t.Fatal("the id leads to the person:", left)
	}
	check := func() {
		t.Helper()
		w.do(func(ctx context.Context, u *work.Unit) error {
			s, err := work.Load(ctx, u, slips, "s1")
			if err != nil {
				return err
			}
			if s.Number != "SR-1" || !s.ReportedAt.Equal(then) || !s.ClosedAt.Equal(then.Add(time.Hour)) || s.Cost != 7 {
				t.Errorf("what K17 keeps is gone: %+v", s)
			}
			if s.Name != "ANONIMIZIRANO IME" || s.Email != "ANONIMIZIRAN E-NASLOV" || s.Details != "ANONIMIZIRANE PODROBNOSTI" || s.Tags != nil || s.Origin != "" || s.ContactID != record.Anonymous {
				t.Errorf("%+v", s)
			}
			if s.TreatedName != "BORIS" || s.TreatedID != "bor" {
				t.Errorf("the other person's part is decided by itself: %+v", s)
			}
			return nil
		})
	}
	check()
	for name, edit := range map[string]func(*slip){
		"a name in place of the term":      func(s *slip) { s.Name = "Ana" },
		"the person again":                 func(s *slip) { s.ContactID, s.Name = "ana", "Ana" },
		"another person":                   func(s *slip) { s.ContactID, s.Name = "eva", "Eva" },
		"a file":                           func(s *slip) { s.Picture = []byte("x") },
		"a new person beside the old ones": func(s *slip) { s.TreatedID, s.TreatedName = "eva", "Eva" },
	} {
		_, err := w.Run(t.Context(), scope, func(ctx context.Context, u *work.Unit) error {
			s, err := work.Load(ctx, u, slips, "s1")
			if err == nil {
				edit(s)
				work.Save(u, slips, s)
			}
			return err
		})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s could be edited back: %v", name, err)
		}
	}
	check()
	w.do(func(ctx context.Context, u *work.Unit) error { // what is technical, and the other person, go on
		s, err := work.Load(ctx, u, slips, "s1")
		if err == nil {
			s.TreatedName = "BORIS B."
			work.Save(u, slips, s)
		}
		return err
	})
	if r, err = w.e.Erase(t.Context(), "ekc", "job2", []retention.Item{{Kind: "test-slip", ID: "s1", Subject: "bor", Act: retention.Anonymise}}, g, ""); err != nil || r.Done["test-slip"] != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if left := w.holds("BORIS"); len(left) > 0 {
		t.Fatal(left)
	}
}

// onlyPages: the plan itself names ids, until it goes.
func onlyPages(places []string) bool {
	for _, p := range places {
		if !strings.HasPrefix(p, "ekc/sweeppage/") && !strings.HasPrefix(p, "ekc/entry/") {
			return false
		}
	}
	return true
}

func TestTermsByNameAndKind(t *testing.T) {
	g := erasure.Generic{policy.Name: "N", policy.TreatedEmail: "TE", policy.EmailAddress: "E", policy.FreeText: "F"}
	for _, c := range []struct {
		field record.Field
		want  string
	}{
		{record.Field{Name: "Name", Category: record.Identity}, "N"},
		{record.Field{Name: "TreatedEmail", Category: record.Address}, "TE"},
		{record.Field{Name: "Whatever", Category: record.Identity}, "N"},
		{record.Field{Name: "Whatever", Category: record.Address}, "E"},
		{record.Field{Name: "Whatever", Category: record.Content}, "F"},
		{record.Field{Name: "Whatever", Category: record.Place}, "—"},
	} {
		if got := g.Term(c.field); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.field.Name, c.field.Category, got, c.want)
		}
	}
}

// TestNothingTellsThatAFieldWasEmpty: it gets the generic term like any other (K17).
func TestNothingTellsThatAFieldWasEmpty(t *testing.T) {
	pack, err := policy.Builtin().ForTenant("ekc")
	if err != nil {
		t.Fatal(err)
	}
	s := &slip{ContactID: "ana", Name: "Ana", TreatedID: "bor"}
	if !erasure.Anonymous(slips.Shape, s, "ana", erasure.GenericOf(pack.At(then))) || s.Email != "ANONIMIZIRAN E-NASLOV" || s.TreatedName != "" {
		t.Fatalf("%+v", s)
	}
}
