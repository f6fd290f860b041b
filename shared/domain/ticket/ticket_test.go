package ticket

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func fixture() *Ticket {
	return &Ticket{ID: "t1", Kind: ServiceRequest, State: InProgress, Class: "other", Service: "residence", Urgency: 3, ContactID: "ana", Level: 1, ReportAt: now}
}

func TestStatesGoWhereTheyMay(t *testing.T) {
	allowed := []string{
		"new>in_progress", "new>waiting", "new>escalated", "new>resolved", "new>cancelled",
		"in_progress>waiting", "in_progress>escalated", "in_progress>resolved", "in_progress>cancelled",
		"waiting>in_progress", "waiting>escalated", "waiting>resolved", "waiting>cancelled",
		"escalated>in_progress", "escalated>resolved", "escalated>cancelled",
		"resolved>closed", "resolved>in_progress", "closed>in_progress",
	}
	for from := range next {
		for to := range next {
			x := fixture()
			x.State = from
			_, err := x.Become(to, now)
			if (err == nil) != slices.Contains(allowed, string(from)+">"+string(to)) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if err != nil && x.State != from {
				t.Errorf("%s to %s was refused and done", from, to)
			}
		}
	}
}

func TestAReopenedTicketCountsItAndForgetsItsEnd(t *testing.T) {
	x := fixture()
	for i, to := range []State{Resolved, InProgress, Resolved, Closed, InProgress} {
		if _, err := x.Become(to, now.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(to, err)
		}
	}
	if x.Reopened != 2 || !x.ClosedAt.IsZero() || !x.ResolvedAt.IsZero() {
		t.Errorf("%+v", x)
	}
}

func TestNumbers(t *testing.T) {
	if got := Number(ServiceRequest, 2026, [8]byte{0, 0, 0, 0, 0, 0, 0, 33}); got != "SR-2026-1100000" {
		t.Error(got)
	}
	if Number(Incident, 2026, [8]byte{7}) == Number(Incident, 2026, [8]byte{7, 1, 1, 1, 1}) {
		t.Error("different bytes, the same number")
	}
	if strings.ContainsAny(Number(Change, 2026, [8]byte{255, 255, 255, 255, 255, 255, 255, 255})[8:], "ILOU") {
		t.Error("a character that is mistaken for another")
	}
}

func TestCostIsRoundedHalfUp(t *testing.T) { // S05: 200 EUR an hour
	for minutes, want := range map[int]int64{1: 333, 2: 667, 3: 1000, 30: 10000, 60: 20000, 61: 20333} {
		if got := Cost(minutes, 20000); got != want {
			t.Errorf("%d minutes cost %d, want %d", minutes, got, want)
		}
	}
	x := fixture()
	if _, err := x.Spend(90, 20000, "EUR"); err != nil || x.Cost != 30000 || x.Minutes != 90 {
		t.Errorf("%+v %v", x, err)
	}
	for _, minutes := range []int{0, -1, 24*60 + 1} {
		if _, err := x.Spend(minutes, 20000, "EUR"); err == nil {
			t.Errorf("%d minutes were taken", minutes)
		}
	}
}

func TestFieldsThatAreNotAllowedAreRefusedByName(t *testing.T) {
	allowed := []string{"name", "phone"}
	for name, c := range map[string]struct {
		values  map[string]string
		refused []string
	}{
		"what is allowed":                          {map[string]string{"name": "Ana", "phone": "1"}, nil},
		"free text always is":                      {map[string]string{"details": "EMŠO 0101006500006", "subject": "x"}, nil},
		"a field that is not":                      {map[string]string{"name": "Ana", "emso": "0101006500006"}, []string{"emso"}},
		"all that are not, in order":               {map[string]string{"tax_number": "1", "address": "x"}, []string{"address", "tax_number"}},
		"a field that there is not":                {map[string]string{"shoe_size": "41"}, []string{"shoe_size"}},
		"the treated person's as the reporter's":   {map[string]string{"treated_name": "Bor"}, nil},
		"and not what the reporter's may not hold": {map[string]string{"treated_email": "b@x.si"}, []string{"treated_email"}},
		"taking out what may not be there":         {map[string]string{"emso": ""}, nil},
	} {
		x := fixture()
		x.Name = "prej"
		err := x.Set(c.values, allowed)
		var not *NotAllowed
		if (err == nil) != (c.refused == nil) || (err != nil && (!errors.As(err, &not) || !slices.Equal(not.Fields, c.refused))) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && (x.Name != "prej" || x.EMSO != "" || strings.Contains(err.Error(), "0101006500006")) {
			t.Errorf("%s: refused, and yet done or told: %v", name, err)
		}
	}
}

func TestVolunteeredIdentifiersAreFlaggedAndMasked(t *testing.T) {
	x := fixture()
	err := x.Set(map[string]string{
		"name": "Ana Žagar", "phone": "+386 41 123 456", "address": "Trg 1, Kranj",
		"details": "Sem Ana Žagar, moj EMŠO je 0101006500006, stanujem Trg 1, Kranj.",
	}, []string{"name", "phone", "address"})
	if err != nil || !slices.Contains(x.Flags, "emso") {
		t.Fatal(x.Flags, err)
	}
	got := x.View([]string{"name", "details"})
	want := map[string]string{"name": "Ana Žagar", "details": "Sem Ana Žagar, moj EMŠO je [emso], stanujem [address]."}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if x.Details != "Sem Ana Žagar, moj EMŠO je 0101006500006, stanujem Trg 1, Kranj." {
		t.Error("what the person wrote was changed")
	}
}

// TestTheViewShowsNothingElse: whatever a ticket holds and whatever is permitted,
// no value of a field that is not permitted appears in the view.
func TestTheViewShowsNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := fixture()
		values := map[string]string{}
		for i, name := range Names {
			if rapid.Bool().Draw(t, name) {
				values[name] = "Vrednost" + strings.Repeat(string(rune('A'+i)), 5)
			}
		}
		for _, name := range []string{"details", "subject"} {
			for _, v := range values {
				values[name] += " " + v
			}
		}
		if err := x.Set(values, Names); err != nil {
			t.Fatal(err)
		}
		allowed := rapid.SliceOfDistinct(rapid.SampledFrom(Names), func(s string) string { return s }).Draw(t, "allowed")
		for field, shown := range x.View(allowed) {
			for name, v := range values {
				if !free(name) && !permitted(allowed, name) && strings.Contains(shown, v) {
					t.Fatalf("%s shows %s", field, name)
				}
			}
			if !permitted(allowed, field) {
				t.Fatalf("%s is shown", field)
			}
		}
	})
}

func TestLinksStandOnBothAndADuplicateIsClosed(t *testing.T) {
	a, b := fixture(), fixture()
	b.ID = "t2"
	if err := Join(a, a, Related, now); !errors.Is(err, ErrSelf) {
		t.Error(err)
	}
	if err := Join(a, b, DuplicateOf, now); err != nil || a.State != Closed || b.State != InProgress {
		t.Fatal(err, a.State, b.State)
	}
	if !slices.Equal(a.Links, []Link{{DuplicateOf, "t2"}}) || !slices.Equal(b.Links, []Link{{Duplicated, "t1"}}) {
		t.Error(a.Links, b.Links)
	}
	if err := Join(a, b, DuplicateOf, now); !errors.Is(err, ErrLinked) {
		t.Error("twice:", err)
	}
	if _, err := a.Become(InProgress, now); err != nil || len(a.Links) != 0 {
		t.Error("a reopened ticket is no duplicate any more:", a.Links, err)
	}
}

func hand(t *testing.T, x *Ticket, level int, open *Handover) *Handover {
	t.Helper()
	h := &Handover{ID: "h" + string(rune('0'+level)), Level: level, Queue: "Q", Fields: []string{"name"}, By: "adviser"}
	if _, err := x.HandOn(h, open, 3, now); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAHandoverIsAcceptedReturnedAndSolved(t *testing.T) {
	x := fixture()
	h := hand(t, x, 2, nil)
	if x.State != Escalated || x.Level != 2 || x.Queue != "Q" || h.State != Handed {
		t.Fatalf("%+v %+v", x, h)
	}
	if err := x.Accept(h, "c1", now); err != nil || x.OwnerID != "c1" {
		t.Fatal(err)
	}
	if err := x.Accept(h, "c2", now); !errors.Is(err, ErrNotHanded) {
		t.Error("accepted twice:", err)
	}
	if err := x.Return(h, "manjka naslov", "c1", now); err != nil || x.State != InProgress || x.Level != 1 || x.Hand != "" || h.Reasons[""] != "manjka naslov" {
		t.Errorf("%+v %+v %v", x, h, err)
	}
	if err := x.Solve(h, "x", "c1", now); !errors.Is(err, ErrNotHanded) {
		t.Error("solved after it was returned:", err)
	}
	h = hand(t, x, 2, nil)
	if err := x.Solve(h, "urejeno", "c1", now); err != nil || x.State != Resolved || h.State != Solved {
		t.Error(err, x.State)
	}
}

func TestLevelsGoUpAndEnd(t *testing.T) {
	x := fixture()
	second := hand(t, x, 2, nil)
	third := hand(t, x, 3, second)
	if second.State != Passed || third.State != Handed || x.Hand != third.ID {
		t.Errorf("%s %s", second.State, third.State)
	}
	if _, err := x.HandOn(&Handover{ID: "h4", Level: 4}, third, 3, now); !errors.Is(err, ErrLastLevel) {
		t.Error("beyond the last level:", err)
	}
	if _, err := x.HandOn(&Handover{ID: "h5", Level: 3}, third, 3, now); !errors.Is(err, ErrLastLevel) {
		t.Error("to the same level:", err)
	}
	x.Service = ""
	if _, err := x.HandOn(&Handover{ID: "h6", Level: 4}, third, 9, now); !errors.Is(err, ErrNoService) {
		t.Error("without a service:", err)
	}
}

func TestAWiderViewExpiresToTheSecond(t *testing.T) {
	h := &Handover{ID: "h", State: Accepted, Fields: []string{"name"}}
	if err := h.Ask("w1", "address", "potrebujemo naslov", "c1", now); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(h.Sees(now), "address") {
		t.Error("seen before anybody granted it")
	}
	for _, field := range []string{"address", "name"} {
		if err := h.Ask("w2", field, "r", "c1", now); !errors.Is(err, ErrSeen) {
			t.Errorf("%s asked again: %v", field, err)
		}
	}
	until := now.Add(time.Hour)
	if field, err := h.Grant("w1", "a1", now, until); err != nil || field != "address" {
		t.Fatal(field, err)
	}
	if _, err := h.Grant("w1", "a1", now, until); !errors.Is(err, ErrNotAsked) {
		t.Error("decided twice:", err)
	}
	if !slices.Contains(h.Sees(until.Add(-time.Second)), "address") || slices.Contains(h.Sees(until), "address") {
		t.Error("not until its end, or beyond")
	}
	if err := h.Ask("w3", "email", "r", "c1", now); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Refuse("w3", "a1", ByDecision, "ni potrebno", now); err != nil || slices.Contains(h.Sees(now), "email") {
		t.Error("a refusal shows it", err)
	}
	h.State = Returned
	if err := h.Ask("w4", "phone", "r", "c1", now); !errors.Is(err, ErrNotHanded) {
		t.Error("asked after the end:", err)
	}
}

func TestASubstituteWorksWhileTheMemberIsAway(t *testing.T) {
	away, back := now, now.Add(24*time.Hour)
	q := &Queue{ID: "Q", Members: []Member{{Person: "c1", AwayFrom: away, AwayUntil: back, Substitute: "c2"}, {Person: "c3"}}}
	if err := q.Validate(); err != nil {
		t.Fatal(err)
	}
	h := &Handover{State: Accepted, AcceptedBy: "c1"}
	for name, c := range map[string]struct {
		who      string
		at       time.Time
		see, act bool
	}{
		"the one who accepted":                   {"c1", back, true, true},
		"the substitute, a second before":        {"c2", away.Add(-time.Second), false, false},
		"the substitute, from the first instant": {"c2", away, true, true},
		"the substitute, in the last second":     {"c2", back.Add(-time.Second), true, true},
		"the substitute, when the member's back": {"c2", back, false, false},
		"another member sees and does not act":   {"c3", away, true, false},
		"a stranger":                             {"c4", away, false, false},
	} {
		if see, act := q.Admits(c.who, h, c.at); see != c.see || act != c.act {
			t.Errorf("%s: sees %v, acts %v", name, see, act)
		}
	}
	if see, act := (&Queue{}).Admits("c9", &Handover{}, now); !see || !act {
		t.Error("a queue that nobody has staffed is closed")
	}
	for name, bad := range map[string]*Queue{
		"a member twice":          {Members: []Member{{Person: "a"}, {Person: "a"}}},
		"nobody":                  {Members: []Member{{}}},
		"away without substitute": {Members: []Member{{Person: "a", AwayFrom: now, AwayUntil: back}}},
		"own substitute":          {Members: []Member{{Person: "a", AwayFrom: now, AwayUntil: back, Substitute: "a"}}},
		"back before leaving":     {Members: []Member{{Person: "a", AwayFrom: back, AwayUntil: now, Substitute: "b"}}},
	} {
		if bad.Validate() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestAssign(t *testing.T) {
	x := fixture()
	x.State = New
	if err := x.Assign("a1", now); err != nil || x.State != InProgress || x.OwnerID != "a1" {
		t.Error(err, x.State)
	}
	x.State = Closed
	if err := x.Assign("a2", now); !errors.Is(err, ErrState) {
		t.Error(err)
	}
}
