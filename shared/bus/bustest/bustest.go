// Package bustest is the contract of shared/bus as a suite: one line runs it on
// a driver.
package bustest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus"
)

// Patience is how long an event may take from Publish to its receiver.
var Patience = 20 * time.Second

// Run runs the suite. open returns a bus whose events of every type reach the
// receiver; the suite closes it.
func Run(t *testing.T, open func(t *testing.T, r bus.Receiver) bus.Bus) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"an event arrives as it was sent", testWhole},
		{"an event with the greatest data arrives", testGreatest},
		{"events published together all arrive", testMany},
		{"events published at once by many all arrive", testCrowd},
		{"an event whose receiver fails comes again, or the publisher is told", testFailure},
		{"an event published twice may come twice and is the same", testTwice},
		{"publishing nothing is fine", testNothing},
		{"publishing under a cancelled context promises nothing it does not keep", testCancelled},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &suite{got: map[string]events.Event{}}
			s.bus = open(t, s.receive)
			c.test(t, s)
			if err := s.bus.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

type suite struct {
	bus bus.Bus

	mu    sync.Mutex
	got   map[string]events.Event
	count int
	fail  int // how many deliveries are still to fail
}

func (s *suite) receive(_ context.Context, e events.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if s.fail > 0 {
		s.fail--
		return errors.New("bustest: fails as it was told to")
	}
	s.got[e.Source+" "+e.ID] = e
	return nil
}

// await waits until n different events have come.
func (s *suite) await(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(Patience); ; time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		got := len(s.got)
		s.mu.Unlock()
		if got == n {
			return
		}
		if got > n || time.Now().After(end) {
			t.Fatalf("%d events came, want %d", got, n)
		}
	}
}

func event(i int) events.Event {
	at := time.Date(2026, 11, 2, 7, 0, 0, 123456789, time.UTC)
	return events.Event{
		ID: "e" + strconv.Itoa(i), Source: "/functions/bustest", Type: events.RelayDueType, Subject: "s:1", Time: at, Tenant: "ekc",
		Actor: "a_1", TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		Data: json.RawMessage(`{"now":"2026-11-02T07:00:00Z"}`),
	}
}

func (s *suite) publish(t *testing.T, es ...events.Event) {
	t.Helper()
	if err := s.bus.Publish(t.Context(), es...); err != nil {
		t.Fatalf("Publish: %v", err)
	}
}

func testWhole(t *testing.T, s *suite) {
	e := event(1)
	s.publish(t, e)
	s.await(t, 1)
	want, _ := json.Marshal(e)
	got, _ := json.Marshal(s.got[e.Source+" "+e.ID])
	if !bytes.Equal(got, want) {
		t.Errorf("came  %s\nwas   %s", got, want)
	}
}

func testGreatest(t *testing.T, s *suite) {
	e := event(1)
	const frame = `{"now":"2026-11-02T07:00:00Z"}`
	e.Data = json.RawMessage(`{` + strings.Repeat(" ", events.MaxData-len(frame)) + frame[1:])
	s.publish(t, e)
	s.await(t, 1)
	if _, err := events.Decode(s.got[e.Source+" "+e.ID]); err != nil {
		t.Error(err)
	}
}

func testMany(t *testing.T, s *suite) {
	var es []events.Event
	for i := range 25 { // more than an SQS or EventBridge batch holds
		es = append(es, event(i))
	}
	s.publish(t, es...)
	s.await(t, 25)
}

func testCrowd(t *testing.T, s *suite) {
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if err := s.bus.Publish(t.Context(), event(i)); err != nil {
				t.Errorf("Publish: %v", err)
			}
		})
	}
	wg.Wait()
	s.await(t, 40)
}

func testFailure(t *testing.T, s *suite) {
	s.fail = 1
	for range 5 { // as the relay does
		if err := s.bus.Publish(t.Context(), event(1)); err == nil {
			break
		}
	}
	s.await(t, 1)
	if s.count < 2 {
		t.Errorf("the event came %d times", s.count)
	}
}

func testTwice(t *testing.T, s *suite) {
	s.publish(t, event(1))
	s.publish(t, event(1))
	s.await(t, 1)
}

func testNothing(t *testing.T, s *suite) { s.publish(t) }

func testCancelled(t *testing.T, s *suite) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.bus.Publish(ctx, event(1), event(2)); err == nil {
		s.await(t, 2)
	}
}
