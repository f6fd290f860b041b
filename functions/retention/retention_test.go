package retention

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// TestChannelDataThroughTheirYear is K15 on a manual clock: what is older than a
// year goes on the first instant after the anniversary's day, in Ljubljana, and
// not a second before; each message by its own date.
func TestChannelDataThroughTheirYear(t *testing.T) {
	for name, c := range map[string]struct{ received, gone string }{
		"an ordinary day":                    {"2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
		"a leap day":                         {"2028-02-29T12:00:00Z", "2029-02-28T23:00:00Z"},
		"the day before a leap day":          {"2027-02-28T12:00:00Z", "2028-02-28T23:00:00Z"},
		"late in the evening by UTC":         {"2026-11-10T23:30:00Z", "2027-11-11T23:00:00Z"},
		"the hour that comes twice":          {"2026-10-25T00:30:00Z", "2027-10-25T22:00:00Z"},
		"the end falls on the long day":      {"2027-10-30T09:00:00Z", "2028-10-30T23:00:00Z"},
		"the anniversary is the long day":    {"2027-10-29T09:00:00Z", "2028-10-29T23:00:00Z"},
		"the anniversary is the short day":   {"2027-03-26T09:00:00Z", "2028-03-26T22:00:00Z"},
		"the day before it is the short day": {"2027-03-25T09:00:00Z", "2028-03-25T23:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc")
			first := day(c.received)
			w.talk("ana", first, first.Add(48*time.Hour))
			w.at(day(c.gone).Add(-time.Second))
			if n := w.there("message", "c-ana-0", "c-ana-1"); n != 2 {
				t.Fatalf("a second before: %d messages", n)
			}
			w.at(day(c.gone))
			if w.there("message", "c-ana-0")+w.there("attachment", "f-c-ana-0") != 0 {
				t.Fatal("its time is over and it is there")
			}
			if w.there("message", "c-ana-1")+w.there("attachment", "f-c-ana-1")+w.there("conversation", "c-ana")+w.there("contact", "ana") != 4 {
				t.Fatal("what has time left went along")
			}
			w.at(day(c.gone).Add(72 * time.Hour))
			if w.there("message", "c-ana-1")+w.there("conversation", "c-ana")+w.there("contact", "ana")+w.there("lookup", "l-ana") != 0 {
				t.Fatal("of the person something is left")
			}
			if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", "ana"); len(owners) != 0 {
				t.Fatal("the key lives on")
			}
		})
	}
}

func TestACertificateCanBeCheckedByAnyone(t *testing.T) {
	w := newWorld(t, "ekc")
	w.talk("ana", day("2026-11-10T09:00:00Z"))
	w.talk("bor", day("2026-11-10T09:00:00Z"))
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.HoldLists, &retention.HoldList{ID: retention.HoldListID, Holds: []retention.Active{
			{ID: "h1", Scope: retention.Scope{Subjects: []string{"bor"}}, ExpiresAt: day("2028-01-01T00:00:00Z")},
		}})
		return nil
	})
	w.at(day("2027-12-01T00:00:00Z"))
	if w.there("contact", "ana") != 0 || w.there("contact", "bor") != 1 || w.there("message", "c-bor-0") != 1 {
		t.Fatal("ana is due, bor is held")
	}
	s := w.sweeps()[0]
	if s.State != retention.Finished {
		t.Fatal(s.State)
	}
	cert, err := w.env.Ledger.Issue(t.Context(), "ekc", s.Body, s.Leaf)
	if err != nil {
		t.Fatal(err)
	}
	var body retention.Certificate
	if err := json.Unmarshal(cert.Body, &body); err != nil {
		t.Fatal(err)
	}
	if body.Differing != 2 || body.Differences[0].Why != "hold" || body.Persons != 1 || body.Keys != 1 || body.Residue.Found != 0 || body.Residue.Searched != 8 || body.PlanHash == body.ExecutedHash {
		t.Errorf("%+v", body)
	}
	for _, p := range body.Policies {
		if p.Rule != "platform" || !strings.Contains(p.Clause, "7.8.1") {
			t.Errorf("%+v", p)
		}
	}
	if strings.Contains(string(cert.Body), "ana") {
		t.Error("the certificate names somebody of whom nothing is left")
	}
	if _, err := cert.Check(cert.Key); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ledger.Certificate){
		"another count": func(c *ledger.Certificate) {
			c.Body = []byte(strings.Replace(string(c.Body), `"keys":1`, `"keys":2`, 1))
		},
		"another sweep":   func(c *ledger.Certificate) { c.Body = []byte(strings.Replace(string(c.Body), s.ID, "x"+s.ID[1:], 1)) },
		"no body":         func(c *ledger.Certificate) { c.Body = nil },
		"a shorter proof": func(c *ledger.Certificate) { c.Proof = c.Proof[:len(c.Proof)-5] },
	} {
		changed := cert
		change(&changed)
		if string(changed.Body) == string(cert.Body) && changed.Proof == cert.Proof {
			t.Fatal(name, "changes nothing")
		}
		if _, err := changed.Check(cert.Key); err == nil {
			t.Errorf("%s: it holds", name)
		}
	}
	if _, err := w.env.Ledger.Seal(t.Context(), "ekc"); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.Verify(t.Context(), w.Docs, w.env.Ledger.Tree, "ekc", ledger.Options{})
	if err != nil || !r.OK() {
		t.Fatal(r, err)
	}
}

// TestAServantWhoLeft is K13: five years of inactivity without a break, by events
// in any order; reactivation begins anew.
func TestServantStatus(t *testing.T) {
	w := newWorld(t, "ekc")
	report := func(status, at string) {
		w.do(func(ctx context.Context, u *work.Unit) error {
			return u.Emit(ctx, "s1", &events.ServantStatusChanged{ContactID: "s1", Status: status, EffectiveAt: day(at)})
		})
		if err := w.local.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	since := func() (at time.Time) {
		w.do(func(ctx context.Context, u *work.Unit) error {
			s, _, err := work.Find(ctx, u, record.Servants, "s1")
			at = s.InactiveSince()
			return err
		})
		return at
	}
	for _, c := range []struct{ status, at, since string }{
		{"inactive", "2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z"},
		{"inactive", "2026-03-10T00:00:00Z", "2026-01-10T00:00:00Z"},
		{"active", "2026-02-10T00:00:00Z", ""},
		{"inactive", "2026-04-10T00:00:00Z", "2026-04-10T00:00:00Z"},
		{"active", "2026-01-01T00:00:00Z", "2026-04-10T00:00:00Z"},
		{"active", "2026-04-10T00:00:00Z", ""},
	} {
		report(c.status, c.at)
		want := time.Time{}
		if c.since != "" {
			want = day(c.since)
		}
		if got := since(); !got.Equal(want) {
			t.Errorf("%s from %s: inactive since %v, want %v", c.status, c.at, got, want)
		}
	}
}

func TestAPlanIsFrozenAndThenExecuted(t *testing.T) {
	w := newWorld(t, "ekc")
	w.talk("ana", day("2026-11-10T09:00:00Z"))
	w.talk("bor", day("2026-11-10T09:00:00Z"))
	start := func(s *retention.Sweep) {
		w.do(func(ctx context.Context, u *work.Unit) error {
			work.Save(u, record.Sweeps, s)
			return u.Emit(ctx, s.ID, &events.RetentionSweepMoved{SweepID: s.ID, Round: s.Round})
		})
		if err := w.local.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	start(&retention.Sweep{ID: "dry", State: retention.Planning, DryRun: true, AsOf: day("2027-12-01T00:00:00Z"), StartedAt: w.Clock.Now(), By: "admin"})
	s := w.sweeps()[0]
	if s.State != retention.Frozen || s.Planned != 4 || s.Tallies["platform/message"].Planned != 2 || len(s.Tallies["platform/message"].Samples) != 2 || w.there("message", "c-ana-0") != 1 {
		t.Fatalf("%+v", s)
	}
	if err := s.Execute("admin", w.Clock.Now()); err != retention.ErrAhead {
		t.Fatal(err)
	}
	w.Clock.Add(day("2027-12-01T00:00:00Z").Sub(w.Clock.Now()))
	w.do(func(ctx context.Context, u *work.Unit) error { // bor writes again meanwhile, into the same conversation
		c, err := work.Load(ctx, u, record.Conversations, "c-bor")
		if err != nil {
			return err
		}
		c.Receive(u.Now())
		work.Save(u, record.Conversations, c)
		return nil
	})
	w.change("dry", func(s *retention.Sweep) error { s.PlannedAt = w.Clock.Now(); return s.Execute("admin", w.Clock.Now()) })
	s = w.sweeps()[0]
	if s.State != retention.Finished || s.Treated != 4 || s.PlanHash == "" {
		t.Fatalf("%+v", s)
	}
	if w.there("message", "c-ana-0", "c-bor-0")+w.there("contact", "ana") != 0 {
		t.Fatal("the plan was not executed")
	}
}

func TestTheBrake(t *testing.T) {
	t.Setenv("OKENCE_RETENTION_FREE", "2")
	w := newWorld(t, "ekc")
	w.talk("ana", day("2026-11-10T09:00:00Z"), day("2026-11-10T10:00:00Z"))
	w.at(day("2027-12-01T00:00:00Z"))
	s := w.sweeps()[0]
	if s.State != retention.Braked || w.there("message", "c-ana-0", "c-ana-1") != 2 {
		t.Fatalf("%+v", s)
	}
	w.at(day("2027-12-02T00:00:00Z"))
	if len(w.sweeps()) != 1 {
		t.Fatal("another sweep joins the one that waits")
	}
	w.change(s.ID, func(s *retention.Sweep) error { return s.Release("admin", w.Clock.Now()) })
	if w.there("message", "c-ana-0", "c-ana-1") != 0 || w.sweeps()[0].ReleasedBy != "admin" {
		t.Fatal("released, and nothing happens")
	}
}

func TestTheCap(t *testing.T) {
	t.Setenv("OKENCE_RETENTION_CAP", "3")
	w := newWorld(t, "ekc")
	for _, p := range []string{"a", "b", "c"} {
		w.talk(p, day("2026-11-10T09:00:00Z"))
	}
	w.at(day("2027-12-01T00:00:00Z"))
	if s := w.sweeps()[0]; !s.Capped || s.Planned != 4 || w.there("contact", "a", "b", "c") != 1 {
		t.Fatalf("%+v", s)
	}
	w.at(day("2027-12-02T00:00:00Z"))
	if w.there("contact", "a", "b", "c") != 0 {
		t.Fatal("the next run does not go on")
	}
}

// TestTheEndOfAContract is L08 for a laboratory: the patient's record with its
// images stays until it was returned, and then goes.
func TestTheEndOfAContract(t *testing.T) {
	w := newWorld(t, "laboss")
	ended := day("2026-12-01T00:00:00Z")
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contracts, &collection.Contract{ID: "k1", Controller: "lab", BeganAt: day("2026-01-01T00:00:00Z"), EndedAt: ended})
		work.Save(u, record.Collections, &collection.Item{
			ID: "p1", ContractID: "k1", Subject: "pat", Of: "patient", EnteredAt: day("2026-01-02T00:00:00Z"), Name: "NEEDLE", Findings: "NEEDLE", Scans: []string{"x1", "d1"},
		})
		for _, id := range []string{"x1", "d1"} {
			work.Save(u, record.Scans, &collection.Scan{ID: id, ItemID: "p1", Subject: "pat", Bytes: []byte("NEEDLE")})
		}
		return nil
	})
	w.at(ended.Add(24 * time.Hour))
	if w.there("collected", "p1")+w.there("scan", "x1", "d1") != 3 {
		t.Fatal("it goes before it was returned")
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Contracts, "k1")
		if err == nil {
			err = c.Return("controller", "00", u.Now())
			work.Save(u, record.Contracts, c)
		}
		return err
	})
	w.at(ended.Add(48 * time.Hour))
	if w.there("collected", "p1")+w.there("scan", "x1", "d1") != 0 {
		t.Fatal("it was returned and is still there")
	}
	if owners, _ := w.Env.Vault.Owners(t.Context(), "laboss", "pat"); len(owners) != 0 {
		t.Fatal("the key lives on")
	}
}

// TestAPurposeFulfilled is S22: a cashier's record goes at once when the
// controller says that its purpose is fulfilled; the PIN is a hash and never
// leaves.
func TestAPurposeFulfilled(t *testing.T) {
	w := newWorld(t, "saopnet")
	item := &collection.Item{ID: "b1", ContractID: "k1", Subject: "cash", Of: "cashier", EnteredAt: w.Clock.Now(), Name: "NEEDLE", PIN: []byte("hash")}
	out, err := json.Marshal(item.Export())
	if err != nil || strings.Contains(string(out), "pin") || strings.Contains(string(out), "aGFzaA") {
		t.Fatal("the PIN is exported:", string(out), err)
	}
	w.do(func(_ context.Context, u *work.Unit) error { work.Save(u, record.Collections, item); return nil })
	w.at(w.Clock.Now().Add(time.Hour))
	if w.there("collected", "b1") != 1 {
		t.Fatal("its purpose lasts")
	}
	flag := w.Clock.Now().Add(time.Second)
	w.do(func(ctx context.Context, u *work.Unit) error {
		i, err := work.Load(ctx, u, record.Collections, "b1")
		if err == nil {
			i.FulfilledAt = flag
			work.Save(u, record.Collections, i)
		}
		return err
	})
	w.at(flag.Add(-time.Second))
	if w.there("collected", "b1") != 1 {
		t.Fatal("a second early")
	}
	w.at(flag)
	if w.there("collected", "b1") != 0 {
		t.Fatal("it is fulfilled and still there")
	}
}
