package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/store/storetest"
)

func key(k string) func(*http.Request) { return with(keyHeader, k) }

func TestIdempotencyKeys(t *testing.T) {
	w := crowd(t, 4)
	merge := "/v1/conversations/c1/merge"
	first := w.ask("POST", merge, `{"from":"c2"}`, key("k-1")).want(200, "")
	if first.header.Get(replayedHeader) != "" {
		t.Error("the first answer is said to be a repetition")
	}
	w.Clock.Add(34 * 24 * time.Hour)
	again := w.ask("POST", merge, `{"from":"c2"}`, key("k-1")).want(200, "")
	if string(again.body) != string(first.body) || again.header.Get(replayedHeader) != "true" {
		t.Errorf("repeated: %s, first %s", again.body, first.body)
	}
	w.ask("POST", merge, `{"from":"c3"}`, key("k-1")).want(422, "idempotency_key_reused")
	w.ask("POST", "/v1/conversations/c1/unmerge", ``, key("k-1")).want(422, "idempotency_key_reused")
	w.ask("POST", "/v1/conversations/c4/merge", `{"from":"c2"}`, key("k-1")).want(422, "idempotency_key_reused")
	w.ask("POST", merge, `{"from":"c2"}`, key("k-2")).want(409, "already_merged")
	w.ask("POST", merge, `{"from":"c2"}`).want(409, "already_merged")
	w.ask("POST", merge, `{"from":"c3"}`, key("k-1"), w.as("ekc", access.Supervisor), key("k-1")).want(200, "") // another person's key
	for _, bad := range []string{"", " ", "a b", "č", strings.Repeat("k", 256)} {
		w.ask("POST", merge, `{"from":"c4"}`, key(bad)).want(400, "invalid")
	}
	w.ask("POST", merge, `{"from":"c4"}`, key("a"), func(r *http.Request) { r.Header.Add(keyHeader, "b") }).want(400, "invalid")

	// A refused request leaves no mark: mended, it may have the same key.
	w.ask("POST", merge, `{"from":"zz"}`, key("k-3")).want(404, "not_found")
	w.ask("POST", merge, `{"from":"c4"}`, key("k-3")).want(200, "")
}

func TestAKeyInUse(t *testing.T) {
	w := crowd(t, 2)
	const many = 20
	var all sync.WaitGroup
	got := make([]reply, many)
	for i := range many {
		all.Add(1)
		go func() {
			defer all.Done()
			got[i] = w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`, key("k"))
		}()
	}
	all.Wait()
	done := 0
	for _, r := range got {
		switch r.status {
		case 200:
			done++
		default:
			r.want(409, "idempotency_key_in_use")
		}
	}
	if done == 0 {
		t.Error("nobody got through")
	}
	merges := 0
	for _, e := range w.entries("ekc") {
		if e.Act == audit.Merge {
			merges++
		}
	}
	if merges != 2 { // one for each person
		t.Errorf("%d entries for one merge", merges)
	}
}

// TestAKeyInUseIsTold repeats a request while the first is held up behind its
// commit.
func TestAKeyInUseIsTold(t *testing.T) {
	w := newWorld(t)
	var again reply
	w.Env.Published = func(context.Context, string, []events.Event) { again = w.post(event(), key("k")) }
	w.post(event(), key("k")).want(202, "")
	again.want(409, "idempotency_key_in_use")
	w.post(event(), key("k")).want(202, "")
}

// TestAWriteIsWholeOrNothing fails every call of the store in turn, before and
// after it is applied; the same request again then does it once.
func TestAWriteIsWholeOrNothing(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for n := 1; ; n++ {
			w := crowd(t, 2)
			w.Docs.Reset()
			w.Docs.Fail(storetest.Plan{Nth: n, Moment: moment})
			r := w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`, key("k"))
			failed := w.Docs.Failed() > 0
			w.Docs.Reset()
			if failed != (r.status == 503) {
				t.Fatalf("call %d failed: %v, and the answer is %d %s", n, failed, r.status, r.body)
			}
			w.ask("POST", "/v1/conversations/c1/merge", `{"from":"c2"}`, key("k")).want(200, "")
			if head, part := w.conversation("c1"), w.conversation("c2"); !slices.Equal(head.Parts, []string{"c2"}) || part.Into != "c1" {
				t.Fatalf("call %d: head %+v, part %+v", n, head, part)
			}
			if !failed {
				break
			}
			if n > 50 {
				t.Fatal("no end of calls")
			}
		}
	}
}
