package local_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/bustest"
	"github.com/okence/okence/shared/bus/local"
	"github.com/okence/okence/shared/fault"
)

func TestContract(t *testing.T) {
	bustest.Run(t, func(t *testing.T, r bus.Receiver) bus.Bus {
		receivers := map[string][]bus.Receiver{}
		for _, et := range events.Types() {
			receivers[et.Name] = []bus.Receiver{r}
		}
		return local.New(receivers, 4)
	})
}

func TestWorkersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		slow := func(context.Context, events.Event) error {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Second)
			now.Add(-1)
			return nil
		}
		b := local.New(map[string][]bus.Receiver{"x": {slow, slow}}, 3)
		if err := b.Publish(t.Context(), make10("x")...); err != nil {
			t.Fatal(err)
		}
		if most.Load() != 3 {
			t.Errorf("%d deliveries at once, want 3", most.Load())
		}
	})
}

func make10(eventType string) []events.Event {
	es := make([]events.Event, 10)
	for i := range es {
		es[i].Type = eventType
	}
	return es
}

func TestOneFailingConsumerIsToldAndTheOthersGetTheEvent(t *testing.T) {
	got := 0
	b := local.New(map[string][]bus.Receiver{"x": {
		func(context.Context, events.Event) error { return fault.New(fault.Conflict, "busy") },
		func(context.Context, events.Event) error { got++; return nil },
	}}, 1)
	if err := b.Publish(t.Context(), events.Event{Type: "x"}); !fault.Is(err, fault.Conflict) || got != 1 {
		t.Errorf("error %v, %d deliveries", err, got)
	}
}

func TestTypeWithoutConsumerIsAnError(t *testing.T) {
	if err := local.New(nil, 1).Publish(t.Context(), events.Event{Type: "x"}); !fault.Is(err, fault.Poison) {
		t.Errorf("error %v", err)
	}
}

func TestClosedBusPublishesNothing(t *testing.T) {
	b := local.New(nil, 1)
	_ = b.Close()
	if err := b.Publish(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("error %v", err)
	}
}
