package http_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/bustest"
	"github.com/okence/okence/shared/bus/cloudevent"
	bushttp "github.com/okence/okence/shared/bus/http"
	"github.com/okence/okence/shared/fault"
)

// listen is a receiver of CloudEvents that answers 503 to what fails.
func listen(t *testing.T, r bus.Receiver) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		es, err := cloudevent.FromRequest(req)
		for _, e := range es {
			if err == nil {
				err = r(req.Context(), e)
			}
		}
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestContract(t *testing.T) {
	bustest.Run(t, func(t *testing.T, r bus.Receiver) bus.Bus {
		b, err := bushttp.New(listen(t, r))
		if err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func answer(t *testing.T, codes ...int) (address string, calls *atomic.Int32) {
	calls = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1)) - 1
		w.WriteHeader(codes[min(n, len(codes)-1)])
	}))
	t.Cleanup(s.Close)
	return s.URL, calls
}

func TestAnswersMeanWhatTheyMean(t *testing.T) {
	for _, c := range []struct {
		name  string
		codes []int
		want  fault.Kind
		calls int32
	}{
		{"202 is done", []int{202}, "", 1},
		{"204 is done", []int{204}, "", 1},
		{"422 is done: the receiver set it aside", []int{422}, "", 1},
		{"503 once is tried again", []int{503, 202}, "", 2},
		{"429 once is tried again", []int{429, 202}, "", 2},
		{"409 once is tried again", []int{409, 202}, "", 2},
		{"404 once is tried again", []int{404, 202}, "", 2},
		{"503 for good stays in the outbox", []int{503}, fault.Unavailable, 3},
		{"400 is refused and not tried again", []int{400, 202}, fault.Poison, 1},
		{"401 is refused and not tried again", []int{401, 202}, fault.Poison, 1},
		{"a redirect is not followed", []int{302, 202}, fault.Poison, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			address, calls := answer(t, c.codes...)
			b, err := bushttp.New(events.RelayDueType + "=" + address)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			err = b.Publish(t.Context(), events.Event{ID: "1", Source: "/test", Type: events.RelayDueType, Time: time.Unix(0, 0), Data: []byte("{}")})
			if fault.Of(err) != c.want && !(c.want != "" && fault.Of(unjoin(err)) == c.want) || calls.Load() != c.calls {
				t.Errorf("error %v after %d calls, want %q after %d", err, calls.Load(), c.want, c.calls)
			}
		})
	}
}

func unjoin(err error) error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()[0]
	}
	return err
}

func TestReceiverSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		name, receiver string
		ok             bool
	}{
		{"a URL", "http://broker/okence?a=b", true},
		{"a type and a URL", events.RelayDueType + "=https://relay.example", true},
		{"a type outside the catalogue", "org.okence.lost.v1=https://relay.example", false},
		{"another scheme", "ftp://relay.example", false},
		{"no host", "http://", false},
		{"nothing", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := bushttp.New(c.receiver); (err == nil) != c.ok || (err != nil && !fault.Is(err, fault.Invalid)) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := bushttp.New(); !fault.Is(err, fault.Invalid) {
		t.Errorf("no receiver at all: %v", err)
	}
}

func TestTypeWithoutReceiverIsAnError(t *testing.T) {
	address, _ := answer(t, 202)
	b, _ := bushttp.New(events.RelayDueType + "=" + address)
	if err := b.Publish(t.Context(), events.Event{Type: events.MediaRequestedType}); err == nil {
		t.Error("nobody gets the event, and nobody is told")
	}
}

func TestNobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, _ := bushttp.New("http://127.0.0.1:1/")
		began := time.Now()
		err := b.Publish(t.Context(), events.Event{ID: "1", Source: "/test", Type: events.RelayDueType, Time: time.Unix(0, 0), Data: []byte("{}")})
		if err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("error %v after %s", err, time.Since(began))
		}
	})
}
