package dsar_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/period"
)

var zone = period.SI.Location()

// terms are those of the general law; with days, of the Slovak directive.
func terms(t testing.TB, days int) dsar.Terms {
	t.Helper()
	cal, err := period.NewCalendar(period.SI)
	if err != nil {
		t.Fatal(err)
	}
	out := dsar.Terms{
		Calendar: cal, Answer: []period.Term{period.Months(1).Under("GDPR art. 12(3)").Rolled()},
		Total: period.Months(3).Under("GDPR art. 12(3)").Rolled(), Tell: period.Months(1).Under("GDPR art. 12(3)").Rolled(),
		Suspends: true, Ask: period.Days(7).Under("okence default"),
	}
	if days > 0 {
		out.Answer = append(out.Answer, period.Days(days).Under("terms"))
	}
	return out
}

func local(text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

// request is one for access that arrived at an instant, its requester proved.
func request(t testing.TB, at time.Time) *dsar.Request {
	t.Helper()
	r := &dsar.Request{ID: "r1", ContactID: "ana"}
	r.Ask(dsar.Key{Right: dsar.Access})
	r.Receive(dsar.Receipt{At: at, Way: dsar.Portal, EnteredAt: at})
	if err := r.Count(terms(t, 0)); err != nil {
		t.Fatal(err)
	}
	r.Route(dsar.Rules{Us: "mdp", Competent: func(dsar.Key) string { return "mdp" }}, ids(), at)
	if err := r.Link(dsar.Link{ContactID: "ana", Means: dsar.ByAddress, At: at}); err != nil {
		t.Fatal(err)
	}
	return r
}

func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprint("h", n) }
}

func want(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("error %v, want %v", got, want)
	}
}

func TestTheAnswerIsDueAMonthAfterTheEarliestReceipt(t *testing.T) {
	tests := []struct {
		name, received, due, latest string
		days                        int
	}{
		{"a day of the same number", "2026-03-05 10:00:00", "2026-04-08 00:00:00", "2026-06-06 00:00:00", 0}, // 5 April is Easter Sunday, 6 April Easter Monday
		{"clamped to the month's end", "2026-08-31 23:59:59", "2026-10-01 00:00:00", "2026-12-01 00:00:00", 0},
		{"a second later is the next day", "2026-09-01 00:00:00", "2026-10-02 00:00:00", "2026-12-02 00:00:00", 0},
		{"thirty days where they are earlier", "2026-07-01 10:00:00", "2026-08-01 00:00:00", "2026-10-02 00:00:00", 30},
		{"the month where it is earlier", "2026-02-10 10:00:00", "2026-03-11 00:00:00", "2026-05-12 00:00:00", 30},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &dsar.Request{}
			r.Receive(dsar.Receipt{At: local(tt.received), Way: dsar.Paper, EnteredAt: local(tt.received).Add(time.Hour)})
			if err := r.Count(terms(t, tt.days)); err != nil {
				t.Fatal(err)
			}
			if !r.Clock.LatestAt.Equal(local(tt.latest)) {
				t.Errorf("latest %s, want %s", r.Clock.LatestAt.In(zone), tt.latest)
			}
			if !r.Clock.DueAt.Equal(local(tt.due)) {
				t.Errorf("due %s, want %s", r.Clock.DueAt.In(zone), tt.due)
			}
		})
	}
}

func TestTheEarlierReceiptCountsWheneverItIsEntered(t *testing.T) {
	r := request(t, local("2026-11-20 10:00:00"))
	if r.Receive(dsar.Receipt{At: local("2026-11-21 10:00:00"), Way: dsar.Paper, EnteredAt: local("2026-11-23 10:00:00")}) {
		t.Error("a later arrival moved the receipt")
	}
	if !r.Receive(dsar.Receipt{At: local("2026-11-18 10:00:00"), Way: dsar.Late, EnteredAt: local("2026-11-23 10:00:00")}) {
		t.Error("an earlier arrival changed nothing")
	}
	if !r.ReceivedAt.Equal(local("2026-11-18 10:00:00")) || len(r.Receipts) != 3 {
		t.Errorf("received %s of %d receipts", r.ReceivedAt, len(r.Receipts))
	}
}

func TestCoveredAreTheProvedAndNobodyElse(t *testing.T) {
	at := local("2026-11-20 10:00:00")
	r := request(t, at)
	links := []dsar.Link{
		{ContactID: "ana-work", Means: dsar.ByMerge, Edge: "e1", At: at},
		{ContactID: "ana-old", Means: dsar.ByClaim, At: at},
		{ContactID: "ana-chat", Means: dsar.ByOfficer, By: "officer-1", At: at},
		{ContactID: "family", Means: dsar.ByCode, At: at},
		{ContactID: "family", Means: dsar.ByOfficer, By: "officer-1", Shared: true, At: at},
		{ContactID: "ana-viber", Means: dsar.ByOfficer, By: "officer-1", Edge: "e2", At: at},
	}
	for _, l := range links {
		if err := r.Link(l); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.Covered(); !slices.Equal(got, []string{"ana", "ana-chat", "ana-viber"}) {
		t.Errorf("covered %v", got)
	}
	r.Parted("e2")
	if got := r.Covered(); !slices.Equal(got, []string{"ana", "ana-chat"}) {
		t.Errorf("after the merge was taken back: %v", got)
	}
	want(t, r.Link(dsar.Link{ContactID: "x", Means: dsar.ByOfficer, At: at}), dsar.ErrNeedsPerson)
}
