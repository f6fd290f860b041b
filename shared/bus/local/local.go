// Package local is the bus within one process: it hands an event straight to
// its consumers and returns when they are done. It holds nothing, so an event
// that fails stays in its publisher's outbox.
package local

import (
	"context"
	"errors"
	"sync"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/fault"
)

// Bus is a bus within one process.
type Bus struct {
	receivers map[string][]bus.Receiver
	slots     chan struct{} // bounds the deliveries under way

	mu     sync.RWMutex // held to read while publishing
	closed bool
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus to the receivers of each event type, which works on at most
// workers deliveries at once.
func New(receivers map[string][]bus.Receiver, workers int) *Bus {
	return &Bus{receivers: receivers, slots: make(chan struct{}, workers)}
}

// Publish implements bus.Bus. fault.Poison: nobody here consumes the type.
func (b *Bus) Publish(ctx context.Context, es ...events.Event) error {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return fault.New(fault.Unavailable, "bus: closed")
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var all []error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, err)
	}
	for _, e := range es {
		receivers := b.receivers[e.Type]
		if len(receivers) == 0 {
			fail(fault.New(fault.Poison, "bus: nobody consumes %s", e.Type))
		}
		for _, receive := range receivers {
			select {
			case b.slots <- struct{}{}:
			case <-ctx.Done():
				fail(ctx.Err())
				continue
			}
			wg.Go(func() {
				defer func() { <-b.slots }()
				if err := receive(ctx, e); err != nil {
					fail(err)
				}
			})
		}
	}
	wg.Wait()
	return errors.Join(all...)
}

// Close implements bus.Bus; it waits for what is under way.
func (b *Bus) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}
