package amazon

import (
	"context"
	"sync"

	"github.com/okence/okence/shared/fault"
)

// Gate lets calls in until it is closed. The zero value is open.
type Gate struct {
	mu     sync.Mutex
	closed bool
	under  sync.WaitGroup // calls under way; added to under mu
}

// Begin lets a call in; done ends it. fault.Unavailable: the gate is closed, or
// the context has ended.
func (g *Gate) Begin(ctx context.Context, service string) (done func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, fault.New(fault.Unavailable, "aws: %s: closed", service)
	}
	if err := ctx.Err(); err != nil {
		return nil, fault.New(fault.Unavailable, "aws: %s: not begun", service).Because(err)
	}
	g.under.Add(1)
	return g.under.Done, nil
}

// Close lets nothing in any more, and waits for what is. It may be called again.
func (g *Gate) Close() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.under.Wait()
}
