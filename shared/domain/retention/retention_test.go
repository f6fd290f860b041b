package retention_test

import (
	"errors"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/domain/retention"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func calendar(t *testing.T) period.Calendar {
	c, err := period.NewCalendar("SI")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The rows of the source: K13 and K14 on the service desk, K15 on the platform.
var (
	servants = &retention.Rule{ID: "desk-servant", Trigger: retention.InactiveSince, Act: retention.Anonymise, Term: period.OlderThan(5, period.Year), Clause: "ekc 7.8.1(1)"}
	others   = &retention.Rule{ID: "desk-other", Trigger: "report_date", Act: retention.Anonymise, Term: period.OlderThan(5, period.Year), Clause: "ekc 7.8.1(2)"}
	platform = &retention.Rule{ID: "platform", Trigger: "created", Act: retention.Delete, Term: period.OlderThan(1, period.Year), Clause: "ekc 7.8.1"}
	fulfils  = &retention.Rule{ID: "cashiers", Trigger: "purpose_fulfilled", Act: retention.Delete, AtOnce: true}
)

// TestTheBoundaries: a second before, what is to be kept is kept; at the instant,
// what is over goes (K13, K14, K15). The day after the anniversary begins at local
// midnight; the anniversary of 29 February is 28 February.
func TestTheBoundaries(t *testing.T) {
	for name, c := range map[string]struct {
		rule       *retention.Rule
		since, end string
	}{
		"servant, winter":                                {servants, "2021-11-10T09:00:00Z", "2026-11-10T23:00:00Z"},
		"servant, summer":                                {servants, "2021-07-01T00:00:00+02:00", "2026-07-01T22:00:00Z"},
		"servant, inactive since a leap day":             {servants, "2024-02-29T00:00:00+01:00", "2029-02-28T23:00:00Z"},
		"servant, the fifth anniversary is a leap day":   {servants, "2023-02-28T08:00:00+01:00", "2028-02-28T23:00:00Z"},
		"other, reported":                                {others, "2021-11-10T09:00:00Z", "2026-11-10T23:00:00Z"},
		"other, reported on a leap day":                  {others, "2020-02-29T23:30:00+01:00", "2025-02-28T23:00:00Z"},
		"other, reported in the hour that comes twice":   {others, "2021-10-31T00:30:00Z", "2026-10-31T23:00:00Z"},
		"other, the anniversary is the day of the clock": {others, "2021-10-25T09:00:00Z", "2026-10-25T23:00:00Z"},
		"other, the day before the clock goes forward":   {others, "2021-03-28T09:00:00Z", "2026-03-28T23:00:00Z"},
		"other, the day on which it goes forward":        {others, "2021-03-29T09:00:00Z", "2026-03-29T22:00:00Z"},
		"channel data":                                   {platform, "2026-11-10T09:00:00Z", "2027-11-10T23:00:00Z"},
		"channel data of a leap day":                     {platform, "2028-02-29T09:00:00Z", "2029-02-28T23:00:00Z"},
		"a purpose that is fulfilled":                    {fulfils, "2026-11-10T09:00:00Z", "2026-11-10T09:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			l, f := retention.Life{Subject: "ana", Since: at(c.since)}, retention.Facts{}
			if c.rule.Trigger == retention.InactiveSince {
				f.Servant, l.Since = &retention.Servant{EffectiveAt: at(c.since)}, at("2010-01-01T00:00:00Z") // the record's own date decides nothing
			}
			for shift, want := range map[time.Duration]string{-time.Second: "", 0: c.rule.Act, time.Second: c.rule.Act} {
				f.Now = at(c.end).Add(shift)
				v, err := retention.Decide(c.rule, calendar(t), l, f)
				if err != nil || v.Act != want || !v.DueAt.Equal(at(c.end)) || v.Clause != c.rule.Clause {
					t.Errorf("%s after: %+v, %v", shift, v, err)
				}
			}
		})
	}
}

func TestWhatDoesNotRun(t *testing.T) {
	far := at("2060-01-01T00:00:00Z")
	for name, c := range map[string]struct {
		rule *retention.Rule
		life retention.Life
		f    retention.Facts
	}{
		"a servant of whom no status was reported": {servants, retention.Life{Since: at("2010-01-01T00:00:00Z")}, retention.Facts{Now: far}},
		"an active servant":                        {servants, retention.Life{Since: at("2010-01-01T00:00:00Z")}, retention.Facts{Now: far, Servant: &retention.Servant{Active: true, EffectiveAt: at("2010-01-01T00:00:00Z")}}},
		"a purpose that lasts":                     {fulfils, retention.Life{}, retention.Facts{Now: far}},
	} {
		if v, err := retention.Decide(c.rule, calendar(t), c.life, c.f); err != nil || v.Act != "" || !v.DueAt.IsZero() {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
	}
}

func TestAnOpenTicketWarnsAndDoesNotExtend(t *testing.T) {
	v, err := retention.Decide(others, calendar(t), retention.Life{Since: at("2020-01-01T00:00:00Z")}, retention.Facts{Now: at("2026-01-01T00:00:00Z"), OpenTicket: true})
	if err != nil || !v.Free() || v.Warning != "open_ticket" {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestHoldsCover(t *testing.T) {
	now := at("2026-11-23T11:00:00Z")
	for name, c := range map[string]struct {
		scope  retention.Scope
		covers bool
	}{
		"the person":                            {retention.Scope{Subjects: []string{"bor", "ana"}}, true},
		"another person":                        {retention.Scope{Subjects: []string{"bor"}}, false},
		"the case":                              {retention.Scope{Cases: []string{"t1"}}, true},
		"another case":                          {retention.Scope{Cases: []string{"t2"}}, false},
		"the person in another case":            {retention.Scope{Subjects: []string{"ana"}, Cases: []string{"t2"}}, false},
		"from this instant":                     {retention.Scope{From: at("2025-01-01T00:00:00Z")}, true},
		"from a second later":                   {retention.Scope{From: at("2025-01-01T00:00:01Z")}, false},
		"up to this instant":                    {retention.Scope{To: at("2025-01-01T00:00:00Z")}, false},
		"up to a second later":                  {retention.Scope{To: at("2025-01-01T00:00:01Z")}, true},
		"the person, of another time":           {retention.Scope{Subjects: []string{"ana"}, To: at("2024-01-01T00:00:00Z")}, false},
		"the person, of this time and no other": {retention.Scope{Subjects: []string{"ana"}, From: at("2025-01-01T00:00:00Z"), To: at("2025-01-02T00:00:00Z")}, true},
	} {
		a := retention.Active{ID: "h", Scope: c.scope, ExpiresAt: now.Add(time.Second)}
		if got := a.Covers("ana", "t1", at("2025-01-01T00:00:00Z"), now); got != c.covers {
			t.Errorf("%s: %v", name, got)
		}
		if a.Covers("ana", "t1", at("2025-01-01T00:00:00Z"), now.Add(time.Second)) {
			t.Errorf("%s: it holds when it has expired", name)
		}
	}
}

func TestAHoldEndsByItself(t *testing.T) {
	now := at("2026-11-23T11:00:00Z")
	ask := func() *retention.Hold {
		h, err := retention.Ask("h", "M", retention.Scope{Subjects: []string{"ana"}}, now.Add(30*24*time.Hour), "o1", now)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	asked, set := ask(), ask()
	if err := set.Set("o2", now); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		h       *retention.Hold
		after   time.Duration
		inForce bool
	}{
		{asked, 72*time.Hour - time.Second, true}, {asked, 72 * time.Hour, false},
		{set, 72 * time.Hour, true}, {set, 30*24*time.Hour - time.Second, true}, {set, 30 * 24 * time.Hour, false},
	} {
		if got := c.h.InForce(now.Add(c.after)); got != c.inForce {
			t.Errorf("%s, %s later: %v", c.h.State, c.after, got)
		}
	}
	for name, err := range map[string]error{
		"confirming what has lapsed": ask().Set("o2", now.Add(72*time.Hour)),
		"lifting what nobody asked to be lifted": func() error {
			h := ask()
			return h.Lift("o2", now)
		}(),
	} {
		if !errors.Is(err, retention.ErrHoldState) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheBrakeAndThePlan(t *testing.T) {
	now := at("2026-11-23T11:00:00Z")
	scale := retention.Scale{Cap: 1000, Least: 10, Factor: 5}
	for name, c := range map[string]struct {
		planned, usual int
		dry            bool
		want           retention.SweepState
	}{
		"small":                       {10, 0, false, retention.Running},
		"large, the first of all":     {11, 0, false, retention.Braked},
		"five times the usual":        {50, 10, false, retention.Running},
		"more than that":              {51, 10, false, retention.Braked},
		"a dry run is frozen, anyhow": {51, 10, true, retention.Frozen},
	} {
		s := &retention.Sweep{Planned: c.planned, DryRun: c.dry}
		if s.Freeze(scale, c.usual, now); s.State != c.want {
			t.Errorf("%s: %s", name, s.State)
		}
	}
	frozen := func() *retention.Sweep {
		return &retention.Sweep{State: retention.Frozen, DryRun: true, AsOf: now, PlannedAt: now}
	}
	for name, c := range map[string]struct {
		s    *retention.Sweep
		at   time.Time
		want error
	}{
		"at its instant":         {frozen(), now, nil},
		"before its instant":     {frozen(), now.Add(-time.Second), retention.ErrAhead},
		"after a week":           {frozen(), now.Add(retention.PlanLife), nil},
		"a second later":         {frozen(), now.Add(retention.PlanLife + time.Second), retention.ErrStale},
		"what was not a dry run": {&retention.Sweep{State: retention.Finished}, now, retention.ErrNotFrozen},
	} {
		if err := c.s.Execute("admin", c.at); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTheChains: the executed hash is the plan's where everything was done, and
// another one where anything was not.
func TestTheChains(t *testing.T) {
	page := func(outcomes ...retention.Outcome) *retention.Page {
		p := &retention.Page{}
		for i, o := range outcomes {
			p.Items = append(p.Items, retention.Item{Kind: "message", ID: string(rune('a' + i)), Act: retention.Delete, Rule: "platform"})
			p.Results = append(p.Results, retention.Result{Outcome: o})
		}
		return p
	}
	all, some := page(retention.Done, retention.Done), page(retention.Done, retention.HeldBack)
	if a, b := retention.Chain("").Plan(all), retention.Chain("").Executed(all); a != b || a != retention.Chain("").Plan(some) {
		t.Error("all was done, and the hashes differ")
	}
	if retention.Chain("").Plan(some) == retention.Chain("").Executed(some) {
		t.Error("something was held, and the hashes are the same")
	}
	if retention.Chain("").Plan(all).Plan(some) == retention.Chain("").Plan(some) {
		t.Error("what came before does not count")
	}
}
