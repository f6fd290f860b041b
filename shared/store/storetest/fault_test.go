package storetest_test

import (
	"context"
	"testing"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/store/storetest"
)

var ctx = context.Background()

func put(id string) store.Op {
	return store.Op{Key: key(id), Act: store.Put, Expect: store.Absent(), Index: []store.Entry{{Index: "i", Partition: "p"}}}
}

func key(id string) store.Key { return store.Key{Tenant: "t", Kind: "k", ID: id} }

// Each call of a message's get, query, commit and commit is failed in turn,
// before and after it took effect.
func TestAPlanFailsTheNthCall(t *testing.T) {
	calls := func(s store.Store) (failed int, err error) {
		if _, err := s.Get(ctx, key("a")); err != nil {
			return 1, err
		}
		if _, err := s.Query(ctx, store.Query{Tenant: "t", Index: "i", Partition: "p"}); err != nil {
			return 2, err
		}
		if err := s.Commit(ctx, put("a")); err != nil {
			return 3, err
		}
		if err := s.Commit(ctx, put("b")); err != nil {
			return 4, err
		}
		return 0, nil
	}
	for nth := 1; nth <= 5; nth++ {
		for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
			s := storetest.Faulty(memory.New())
			s.Fail(storetest.Plan{Nth: nth, Moment: moment, Kind: fault.Overload})
			failed, err := calls(s)
			want, kind, times := nth, fault.Overload, 1
			if nth > 4 {
				want, kind, times = 0, "", 0
			}
			if failed != want || fault.Of(err) != kind || s.Failed() != times {
				t.Errorf("call %d %s: call %d failed with %v, %d planned failures", nth, moment, failed, err, s.Failed())
			}
			stored := map[string]bool{"a": nth > 3 || nth == 3 && moment == storetest.After, "b": nth > 4 || nth == 4 && moment == storetest.After}
			s.Reset()
			for id, want := range stored {
				docs, err := s.Get(ctx, key(id))
				if err != nil || docs[0].Exists() != want {
					t.Errorf("call %d %s: %s is stored: %t, %v", nth, moment, id, docs[0].Exists(), err)
				}
			}
		}
	}
}

func TestAPlanForAMethodCountsItsCallsAlone(t *testing.T) {
	s := storetest.Faulty(memory.New())
	s.Fail(storetest.Plan{Nth: 2, Method: storetest.Commit, Moment: storetest.After})
	_, _ = s.Get(ctx, key("a"))
	if err := s.Commit(ctx, put("a")); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ctx, put("b"), put("c")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the second commit: %v", err)
	}
	docs, err := s.Get(ctx, key("a"), key("b"))
	if err != nil || !docs[1].Exists() {
		t.Errorf("the second commit was not applied: %v", err)
	}
	want := storetest.Counts{Get: 2, Commit: 2, Docs: 3, Ops: 3}
	if got := s.Count(); got != want || got.All() != 4 {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	s.Fail(storetest.Plan{Method: storetest.Query, Moment: storetest.Before})
	for range 2 {
		if _, err := s.Query(ctx, store.Query{Tenant: "t", Index: "i", Partition: "p"}); err == nil {
			t.Error("every query was to fail")
		}
	}
}
