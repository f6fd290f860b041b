package retention

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// concern makes a conversation one about a service, by a ticket.
func (w *world) concern(id, ticketID, service string) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, id)
		if err == nil && c.Concern(ticketID, service) {
			work.Save(u, record.Conversations, c)
		}
		return err
	})
}

// TestAnAgreementsShorterTerm: channel data of a service whose agreement says six
// months go then, in Ljubljana, and not a second before (spec B.6); of any other
// after the year of the general terms (K15). What is about several services stays
// while one of them may need it.
func TestAnAgreementsShorterTerm(t *testing.T) {
	for name, c := range map[string]struct {
		services       []string
		received, gone string
	}{
		"no service at all":                             {nil, "2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
		"a service with a shorter term":                 {[]string{"business"}, "2026-11-10T09:00:00Z", "2027-05-10T22:00:00Z"},
		"its end falls on the leap day":                 {[]string{"business-permits"}, "2027-08-31T09:00:00Z", "2028-02-29T23:00:00Z"},
		"its end falls on the short day":                {[]string{"business"}, "2027-09-26T09:00:00Z", "2028-03-26T22:00:00Z"},
		"two of one agreement":                          {[]string{"business", "business-permits"}, "2026-11-10T09:00:00Z", "2027-05-10T22:00:00Z"},
		"a service whose agreement is silent":           {[]string{"residence"}, "2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
		"one of each: while one of them may need it":    {[]string{"business", "residence"}, "2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
		"a ticket beside it that names no service yet":  {[]string{"business", ""}, "2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
		"a service that the pack does not know anymore": {[]string{"gone"}, "2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "ekc")
			w.talk("ana", day(c.received))
			for _, s := range c.services {
				w.concern("c-ana", "t-"+s, s)
			}
			w.at(day(c.gone).Add(-time.Second))
			if n := w.there("message", "c-ana-0") + w.there("attachment", "f-c-ana-0") + w.there("conversation", "c-ana") + w.there("contact", "ana"); n != 4 {
				t.Fatalf("a second before: %d of 4", n)
			}
			w.at(day(c.gone))
			if n := w.there("message", "c-ana-0") + w.there("attachment", "f-c-ana-0") + w.there("conversation", "c-ana") + w.there("contact", "ana"); n != 0 {
				t.Fatalf("its time is over: %d are there", n)
			}
			s := w.sweeps()[0]
			if s.Planned != 2 || s.Differing != 0 || s.PlanHash != s.ExecutedHash || s.Residue != 0 {
				t.Errorf("%+v", s)
			}
			clause := s.Policies(func(rule string) string {
				pack, err := w.env.Policy.ForTenant("ekc")
				if err != nil {
					t.Fatal(err)
				}
				return pack.RetentionClause(rule, w.Clock.Now())
			})[0].Clause
			if shorter := strings.HasPrefix(c.gone, "2027-05") || strings.HasPrefix(c.gone, "2028"); strings.Contains(clause, "B.6") != shorter || clause == "" {
				t.Errorf("the certificate cites %q", clause)
			}
		})
	}
}

// TestAConversationChangesItsService: what counts is the service when its time has
// come, also where a plan was made before.
func TestAConversationChangesItsService(t *testing.T) {
	w := newWorld(t, "ekc")
	received := day("2026-11-10T09:00:00Z")
	for _, p := range []string{"longer", "shorter", "planned"} {
		w.talk(p, received)
	}
	w.concern("c-longer", "t1", "business")
	w.concern("c-planned", "t2", "business")
	w.at(day("2027-05-10T21:59:59Z"))
	w.concern("c-longer", "t1", "residence")
	w.Clock.Add(time.Second)
	dry, err := retention.NewSweep("dry", true, time.Time{}, "admin", w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(_ context.Context, u *work.Unit) error { work.Save(u, record.Sweeps, dry); return nil })
	w.change("dry", func(*retention.Sweep) error { return nil })
	w.concern("c-planned", "t2", "residence")
	w.change("dry", func(s *retention.Sweep) error {
		if s.Planned != 2 {
			t.Errorf("%d are due, and one conversation is", s.Planned)
		}
		return s.Execute("admin", w.Clock.Now())
	})
	if w.there("message", "c-longer-0", "c-planned-0") != 2 {
		t.Fatal("they have come to be of a service with the year of the general terms")
	}
	w.at(day("2027-08-01T09:00:00Z"))
	if w.there("message", "c-shorter-0") != 1 {
		t.Fatal("nobody has said that it is of a service with a shorter term")
	}
	w.concern("c-shorter", "t3", "business")
	w.at(day("2027-08-01T16:00:00Z"))
	if w.there("message", "c-shorter-0") != 0 || w.there("message", "c-longer-0", "c-planned-0") != 2 {
		t.Fatal("from then on the shorter term is its own, and is over")
	}
	w.at(day("2027-11-10T23:00:00Z"))
	if w.there("message", "c-longer-0", "c-planned-0") != 0 {
		t.Fatal("after the year")
	}
}

// shorterDesk is ekc's pack with an agreement whose case data live two years.
func shorterDesk(t *testing.T) *policy.Set {
	t.Helper()
	data, err := os.ReadFile("../../shared/policy/packs/ekc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const terms = "            platform: {period: 6m, clause: spec B.6, rules: [K15]}\n"
	ekc := string(data)
	if !strings.Contains(ekc, terms) {
		t.Fatal("the sample agreement has changed")
	}
	set, _, err := policy.Builtin().WithFile("ekc.yaml", []byte(strings.Replace(ekc, terms, terms+
		"            desk-other: {period: 2y, clause: spec B.6, rules: [K14]}\n            desk-servant: {period: 3y, clause: spec B.6, rules: [K13]}\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestAnAgreementsShorterTermForTickets: case data have no place of their own in
// the index by agreement, and are found in time all the same.
func TestAnAgreementsShorterTermForTickets(t *testing.T) {
	w := newWorld(t, "ekc")
	w.env.Policy = shorterDesk(t)
	w.ticket("own", ticket.ServiceRequest, ticket.Closed, "ana", "", conversation.Other, "")
	w.ticket("else", ticket.ServiceRequest, ticket.Closed, "bor", "", conversation.Other, "")
	w.ticket("servants", ticket.Incident, ticket.Closed, "s1", "", conversation.Servant, "")
	w.do(func(ctx context.Context, u *work.Unit) error {
		for _, id := range []string{"own", "servants"} {
			x, err := work.Load(ctx, u, record.Tickets, id)
			if err != nil {
				return err
			}
			x.Service = "business"
			work.Save(u, record.Tickets, x)
		}
		work.Save(u, record.Servants, &retention.Servant{ID: "s1", EffectiveAt: u.Now()})
		return nil
	})
	two := day("2028-11-03T00:00:00+01:00")
	name := func(id string) string { x, _, _ := w.desk(id); return x.Name }
	w.at(two.Add(-time.Second))
	if name("own") != "NEEDLE" {
		t.Fatal("a second before two years")
	}
	w.at(two)
	if name("own") == "NEEDLE" || name("else") != "NEEDLE" {
		t.Fatal("two years: its own goes, the other stays")
	}
	three := day("2029-11-03T00:00:00+01:00")
	w.at(three.Add(-time.Second))
	if name("servants") != "NEEDLE" {
		t.Fatal("a second before the servant's three years")
	}
	if w.at(three); name("servants") == "NEEDLE" {
		t.Fatal("three years of inactivity")
	}
	five := day("2031-11-03T00:00:00+01:00")
	w.at(five.Add(-time.Second))
	if name("else") != "NEEDLE" {
		t.Fatal("a second before five years")
	}
	if w.at(five); name("else") == "NEEDLE" {
		t.Fatal("five years")
	}
}
