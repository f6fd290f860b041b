package host

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/bus/cloudevent"
)

func TestEventsArePublishedBeforeTheAnswerAndLeaveTheOutbox(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)}
	var got atomic.Int32
	status := http.StatusAccepted
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		es, err := cloudevent.FromRequest(r)
		if err != nil || len(es) != 1 {
			t.Errorf("%v, %v", es, err)
		}
		got.Add(1)
		w.WriteHeader(status)
	}))
	defer receiver.Close()
	env := openEnv(t, c.now, func(s *Settings) { s.Bus, s.BusURL = "http", []string{receiver.URL} })
	if err := emit(t.Context(), env, "a", "m1", "m2"); err != nil {
		t.Fatal(err)
	}
	if n := outbox(t, env, c); got.Load() != 2 || n != 0 {
		t.Errorf("%d published and %d in the outbox when the unit was done", got.Load(), n)
	}
	status = http.StatusForbidden
	if err := emit(t.Context(), env, "b", "m1", "m2"); err != nil {
		t.Errorf("the commit stands, whatever the bus does: %v", err)
	}
	if n := outbox(t, env, c); n != 2 {
		t.Errorf("%d in the outbox after the bus refused, want 2", n)
	}
}

func TestWithoutABusEventsWaitInTheOutbox(t *testing.T) {
	c := &clock{at: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC)}
	env := openEnv(t, c.now)
	if err := emit(t.Context(), env, "a", "m1", "m2"); err != nil {
		t.Fatal(err)
	}
	if n := outbox(t, env, c); n != 2 {
		t.Errorf("%d in the outbox, want 2", n)
	}
}
