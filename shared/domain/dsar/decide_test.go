package dsar_test

import (
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/dsar"
)

var accessKey = dsar.Key{Right: dsar.Access, Scope: dsar.Data}

func decision(by string, o dsar.Outcome, reason string) dsar.Decision {
	return dsar.Decision{By: by, At: local("2026-11-21 10:00:00"), Outcome: o, Reason: reason}
}

func TestWhatADecisionNeeds(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	for name, c := range map[string]struct {
		change func(*dsar.Request)
		key    dsar.Key
		d      dsar.Decision
		choice dsar.Choice
		want   error
	}{
		"a grant":                         {nil, accessKey, decision("o", dsar.Granted, ""), dsar.Choice{}, nil},
		"nobody decides":                  {nil, accessKey, decision("", dsar.Granted, ""), dsar.Choice{}, dsar.ErrNeedsPerson},
		"what nobody asked":               {nil, dsar.Key{Right: dsar.Erasure, Scope: dsar.Data}, decision("o", dsar.Granted, ""), dsar.Choice{}, dsar.ErrItem},
		"another scope":                   {nil, dsar.Key{Right: dsar.Access, Scope: dsar.AuditTrail}, decision("o", dsar.Granted, ""), dsar.Choice{}, dsar.ErrItem},
		"a refusal without reason":        {nil, accessKey, decision("o", dsar.Refused, ""), dsar.Choice{}, dsar.ErrReason},
		"a refusal":                       {nil, accessKey, decision("o", dsar.Refused, "why"), dsar.Choice{}, nil},
		"what the terms refuse":           {nil, accessKey, decision("o", dsar.Granted, ""), dsar.Choice{Terms: dsar.Refused}, dsar.ErrByTerms},
		"a ground that is listed nowhere": {nil, accessKey, decision("o", dsar.Granted, ""), dsar.Choice{Grounds: []string{"a"}}, dsar.ErrGround},
		"the adviser in the case decides": {func(r *dsar.Request) { _ = r.Advise(dsar.Advice{By: "o", At: at}) }, accessKey, decision("o", dsar.Granted, ""), dsar.Choice{}, dsar.ErrBothRoles},
		"a grant before any proof": {func(r *dsar.Request) {
			r.Identity.ProvedAt, r.Identity.Need = time.Time{}, dsar.UnusualAddress
		}, accessKey, decision("o", dsar.Granted, ""), dsar.Choice{}, dsar.ErrUnproved},
		"a refusal without proof": {func(r *dsar.Request) {
			r.Identity.ProvedAt, r.Identity.Need = time.Time{}, dsar.UnusualAddress
		}, accessKey, decision("o", dsar.Refused, "reason_identity"), dsar.Choice{}, nil},
		"a representative without authority": {func(r *dsar.Request) { r.Representative = &dsar.Representative{Name: "x"} }, accessKey, decision("o", dsar.Granted, ""), dsar.Choice{}, dsar.ErrAuthority},
		"a second decision":                  {func(r *dsar.Request) { _ = r.Decide(accessKey, decision("o", dsar.Granted, ""), dsar.Choice{}) }, accessKey, decision("p", dsar.Refused, "why"), dsar.Choice{}, dsar.ErrDecided},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, at)
			if c.change != nil {
				c.change(r)
			}
			want(t, r.Decide(c.key, c.d, c.choice), c.want)
		})
	}
	r := request(t, at)
	want(t, r.Decide(accessKey, decision("o", dsar.Granted, ""), dsar.Choice{Terms: dsar.Limited}), nil)
	if r.Items[0].Decision.Outcome != dsar.Limited || r.State != dsar.Carrying {
		t.Errorf("what the terms limit: %+v, %s", r.Items[0], r.State)
	}
	want(t, r.Advise(dsar.Advice{By: "o"}), dsar.ErrBothRoles)
	if news, err := r.CarriedOut(accessKey, dsar.Impossible, at); !news || err != nil || r.State != dsar.Open {
		t.Errorf("impossible: %v %v %s", news, err, r.State)
	}
	want(t, r.Decide(accessKey, decision("o", dsar.Refused, "why"), dsar.Choice{}), nil)
	if r.State != dsar.Answered || r.ClosedAt.IsZero() {
		t.Errorf("%s", r.State)
	}
}

func TestAnExtensionIsTakenAndToldInTheFirstMonth(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	end := local("2026-12-22 00:00:00") // 20 December is a Sunday
	for name, c := range map[string]struct {
		now  time.Time
		want error
	}{
		"a second before the month ends": {end.Add(-time.Second), nil},
		"at its end":                     {end, dsar.ErrTooLate},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, at)
			want(t, r.Extend("o", "complex", c.now), c.want)
		})
	}
	for name, c := range map[string]struct {
		told   time.Time
		lapsed bool
	}{
		"told a second before": {end.Add(-time.Second), false},
		"told at the end":      {end, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, at)
			want(t, r.Extend("o", "complex", at), nil)
			want(t, r.Count(terms(t, 0)), nil)
			if !r.Clock.DueAt.Equal(r.Clock.LatestAt) {
				t.Fatal("extended, and not due at three months")
			}
			r.Told(c.told)
			if early, _ := r.Lapse(terms(t, 0), end.Add(-time.Second)); early {
				t.Error("lapsed before the month ended")
			}
			lapsed, err := r.Lapse(terms(t, 0), end)
			if err != nil || lapsed != c.lapsed || r.Clock.DueAt.Equal(end) != c.lapsed {
				t.Errorf("lapsed %v, due %s", lapsed, r.Clock.DueAt)
			}
		})
	}
}

func TestDoubtStopsTheClockOnlyInTime(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	last := local("2026-11-28 00:00:00") // a week
	for name, c := range map[string]struct {
		now    time.Time
		paused bool
	}{
		"in the last second of the week": {last.Add(-time.Second), true},
		"after it":                       {last, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, at)
			paused, err := r.AskIdentity(terms(t, 0), dsar.Doubt, "o", c.now)
			if err != nil || paused != c.paused || r.State != dsar.Verifying {
				t.Errorf("paused %v, %v, %s", paused, err, r.State)
			}
		})
	}
	r := request(t, at)
	if _, err := r.AskIdentity(terms(t, 0), dsar.Doubt, "o", at); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resume(terms(t, 0), at.Add(200*24*time.Hour)); err != nil || r.Clock.DueAt.After(r.Clock.LatestAt) {
		t.Errorf("due %s, later than three months %s (%v)", r.Clock.DueAt, r.Clock.LatestAt, err)
	}
	m := &dsar.Request{Marketing: true}
	_, err := m.AskIdentity(terms(t, 0), dsar.Doubt, "o", at)
	want(t, err, dsar.ErrGround)
}

func TestACodeWorksOnceInTimeAndNotWhileLocked(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	ct := dsar.CodeTerms{Life: 30 * time.Minute, Tries: 5, Rest: 24 * time.Hour}
	setup := func() *dsar.Request {
		r := request(t, at)
		want(t, r.Challenge("c1", "bor@example.si", ct, at), nil)
		want(t, r.Challenge("c2", "nobody@example.si", ct, at), nil)
		want(t, r.Sent("c1", "bor", "hash"), nil)
		return r
	}
	for name, c := range map[string]struct {
		challenge, hash string
		now             time.Time
		wrong           int
		want            bool
	}{
		"the right one":            {"c1", "hash", at, 0, true},
		"in the last second":       {"c1", "hash", at.Add(30*time.Minute - time.Second), 0, true},
		"expired":                  {"c1", "hash", at.Add(30 * time.Minute), 0, false},
		"a wrong one":              {"c1", "other", at, 0, false},
		"an empty one":             {"c2", "", at, 0, false},
		"to an address unknown":    {"c2", "hash", at, 0, false},
		"of no challenge":          {"c9", "hash", at, 0, false},
		"after four wrong ones":    {"c1", "hash", at, 4, true},
		"after five: it is locked": {"c1", "hash", at, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := setup()
			for range c.wrong {
				r.Try("c1", "guess", ct, at)
			}
			if got := r.Try(c.challenge, c.hash, ct, c.now); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
			if c.want && r.Try(c.challenge, c.hash, ct, c.now) {
				t.Error("it worked twice")
			}
		})
	}
}

func TestTotalErasureIsCheckedBeyondTheAddress(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	r := request(t, at)
	r.Check([]dsar.Need{dsar.TotalErasure}, []dsar.Need{dsar.TotalErasure}, true)
	if !r.Identity.Pending() {
		t.Error("the usual address is enough to erase everything")
	}
	want(t, r.Link(dsar.Link{ContactID: "ana", Means: dsar.ByLast, By: "o", At: at}), nil)
	if r.Identity.Pending() {
		t.Error("the last communication proves nothing")
	}
	m := &dsar.Request{ContactID: "ana", Marketing: true}
	m.Check([]dsar.Need{dsar.UnusualAddress}, []dsar.Need{dsar.UnusualAddress}, true)
	if m.Identity.Pending() || len(m.Covered()) != 1 {
		t.Error("ending direct marketing is checked")
	}
}

func TestAPauseGivesNoMoreTimeToTellOfAnExtension(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	r := request(t, at)
	if _, err := r.AskIdentity(terms(t, 0), dsar.Doubt, "o", at); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Resume(terms(t, 0), at.Add(10*24*time.Hour)); err != nil || !r.Clock.DueAt.After(r.Clock.TellBy) {
		t.Fatalf("%+v %v", r.Clock, err)
	}
	want(t, r.Extend("o", "complex", r.Clock.TellBy), dsar.ErrTooLate)
	want(t, r.Extend("o", "complex", r.Clock.TellBy.Add(-time.Second)), nil)
}
