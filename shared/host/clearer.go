package host

import (
	"context"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// linger is how long the clearer waits for company: an outbox entry more or
// less is a write more or less, and costs nobody any waiting.
const linger = 5 * time.Millisecond

// clearer takes published events off the outbox, many in one commit.
type clearer struct {
	env  *Env
	sent chan outgoing
	done func(n int) // told when n events are off, or are left to relay
	over chan struct{}
}

func newClearer(env *Env, done func(int)) *clearer {
	c := &clearer{env: env, sent: make(chan outgoing, store.MaxOps), done: done, over: make(chan struct{})}
	go c.run()
	return c
}

func (c *clearer) run() {
	defer close(c.over)
	for first := range c.sent {
		ids := map[string][]string{first.tenant: {work.OutboxID(first.event)}}
		n := 1
		for timer := time.After(linger); n < store.MaxOps; n++ {
			o, ok := outgoing{}, false
			select {
			case o, ok = <-c.sent:
			case <-timer:
			}
			if !ok {
				break
			}
			ids[o.tenant] = append(ids[o.tenant], work.OutboxID(o.event))
		}
		for tenant, ids := range ids {
			if err := c.env.Work.Sent(context.Background(), tenant, ids...); err != nil {
				c.env.Log.Warn("events that were handled stay in the outbox for relay", "tenant", tenant, "count", len(ids),
					"kind", string(fault.Of(err)), "error", err.Error())
			}
		}
		c.done(n)
	}
}

// close clears what is left.
func (c *clearer) close() {
	close(c.sent)
	<-c.over
}
