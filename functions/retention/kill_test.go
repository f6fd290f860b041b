package retention

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/store/storetest"
)

// TestKilledTenTimesOnTheWay: a sweep of some thousand records dies ten times,
// wherever that hits it, and goes on in a new process each time. Each record is
// treated once: had one been treated twice, its second result would say that it
// was gone already.
//
// OKENCE_SWEEP_PEOPLE sets how many persons' twenty messages are due: 9500 are
// 200,000 records with their conversations, some minutes.
func TestKilledTenTimesOnTheWay(t *testing.T) {
	const each = 20
	people := 100
	if n, err := strconv.Atoi(os.Getenv("OKENCE_SWEEP_PEOPLE")); err == nil && n > 0 {
		people = n
		t.Setenv("OKENCE_RETENTION_FREE", "10000000") // no brake
	}
	w := newWorld(t, "ekc")
	for p := range people {
		var at []time.Time
		for i := range each {
			at = append(at, w.Clock.Now().Add(time.Duration(i)*time.Minute))
		}
		w.talk(fmt.Sprintf("p%d", p), at...)
	}
	w.talk("young", day("2027-11-01T00:00:00Z"))
	w.Clock.Add(day("2027-12-01T00:00:00Z").Sub(w.Clock.Now()))
	for kill := range 10 {
		w.Docs.Reset()
		ctx, stop := context.WithCancel(t.Context())
		dead := make(chan struct{})
		go func() { // after so many commits nothing gets through any more
			defer close(dead)
			for ctx.Err() == nil && w.Docs.Count().Commit < (7+5*kill)*people/100 {
				time.Sleep(50 * time.Microsecond)
			}
			moment := storetest.Before
			if kill%2 == 1 {
				moment = storetest.After
			}
			w.Docs.Fail(storetest.Plan{Method: storetest.Commit, Moment: moment})
			w.Docs.Fail(storetest.Plan{Method: storetest.Get, Moment: storetest.Before})
		}()
		_ = w.local.Settle(ctx)
		stop()
		<-dead
		w.local.Close()
		w.Docs.Reset()
		w.start()
	}
	var s *retention.Sweep
	for range 20 { // whatever was lost on the way is found by the schedule, or relayed
		w.Clock.Add(6 * time.Hour)
		if err := w.local.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := w.sweeps(); len(all) > 0 && all[0].State == retention.Finished {
			s = all[0]
			break
		}
	}
	if s == nil {
		t.Fatal("the sweep never ends")
	}
	messages, talks := s.Tallies["platform/message"], s.Tallies["platform/conversation"]
	if messages.Results[retention.Done] != people*each || talks.Results[retention.Done] != people || s.Differing != 0 || s.PlanHash != s.ExecutedHash {
		t.Fatalf("%+v %+v, %d differ", messages, talks, s.Differing)
	}
	if s.People != people || s.Keys < 1 || s.Residue != 0 {
		t.Errorf("%d persons, %d keys, residue %d", s.People, s.Keys, s.Residue)
	}
	for p := range people {
		if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", fmt.Sprintf("p%d", p)); len(owners) != 0 {
			t.Error("a key lives on:", owners)
		}
	}
	if w.there("message", "c-young-0")+w.there("contact", "young") != 2 {
		t.Error("what was not due is gone")
	}
	if _, err := w.env.Ledger.Seal(t.Context(), "ekc"); err != nil {
		t.Fatal(err)
	}
	if r, err := ledger.Verify(t.Context(), w.Docs, w.tree, "ekc", ledger.Options{}); err != nil || !r.OK() {
		t.Fatal(r, err)
	}
}

// TestSeveralAtOnce: two processes carry the same sweep on.
func TestSeveralAtOnce(t *testing.T) {
	w := newWorld(t, "ekc")
	for p := range 40 {
		w.talk(fmt.Sprintf("p%d", p), w.Clock.Now(), w.Clock.Now().Add(time.Minute))
	}
	first := w.local
	w.start()
	defer first.Close()
	w.Clock.Add(400 * 24 * time.Hour)
	done := make(chan error, 1)
	go func() { done <- first.Settle(t.Context()) }()
	if err := w.local.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w.Clock.Add(6 * time.Hour)
		if err := w.local.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	treated := 0
	for _, s := range w.sweeps() {
		treated += s.Tallies["platform/message"].Results[retention.Done]
		if s.State != retention.Finished {
			t.Errorf("a sweep is %s", s.State)
		}
	}
	if treated != 80 {
		t.Errorf("%d messages were treated, of 80", treated)
	}
}
