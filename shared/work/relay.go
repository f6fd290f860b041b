package work

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// MaxTries is how often relay hands an event on before it becomes a dead
// letter: with Backoff, over about a day.
const MaxTries = 30

// Backoff is how long an event rests after its nth failure: doubling from two
// seconds up to an hour.
func Backoff(n int) time.Duration { return min(time.Second<<min(n, 12), time.Hour) }

// Sent takes published events off the outbox, in as few commits as can be. It
// is idempotent.
func (env *Env) Sent(ctx context.Context, tenant string, ids ...string) error {
	for batch := range slices.Chunk(ids, store.MaxOps) {
		ops := make([]store.Op, len(batch))
		for i, id := range batch {
			ops[i] = store.Op{Key: outbox.Key(tenant, id), Act: store.Delete}
		}
		if err := env.Store.Commit(ctx, ops...); err != nil {
			return err
		}
	}
	return nil
}

// Relay publishes what is due in a tenant's outbox: what a crash or a failure
// left behind. It returns how many events it handed on. An event that fails
// rests for Backoff; after MaxTries it becomes a dead letter.
func (env *Env) Relay(ctx context.Context, tenant string, publish func(context.Context, events.Event) error) (int, error) {
	sent := 0
	for {
		due, err := env.due(ctx, tenant)
		if err != nil || len(due) == 0 {
			return sent, err
		}
		var done []string
		for _, o := range due {
			err := publish(ctx, o.Event)
			if err == nil {
				done = append(done, o.ID)
				continue
			}
			if ctx.Err() != nil {
				return sent, errors.Join(ctx.Err(), env.Sent(context.WithoutCancel(ctx), tenant, done...))
			}
			if err := env.postpone(ctx, tenant, o.ID, err); err != nil {
				return sent, err
			}
		}
		if err := env.Sent(ctx, tenant, done...); err != nil {
			return sent, err
		}
		sent += len(done)
		if len(done) == 0 {
			return sent, nil
		}
	}
}

func (env *Env) due(ctx context.Context, tenant string) ([]*Outgoing, error) {
	var out []*Outgoing
	_, err := env.Run(ctx, env.own(tenant), func(ctx context.Context, u *Unit) error {
		page, err := Scan(ctx, u, outbox, store.Query{
			Index: ByDue, Partition: "outbox", To: record.Sortable(u.now.Add(time.Nanosecond)), Limit: store.MaxOps,
		})
		out = page.Items
		return err
	})
	return out, err
}

func (env *Env) postpone(ctx context.Context, tenant, id string, cause error) error {
	_, err := env.Run(ctx, env.own(tenant), func(ctx context.Context, u *Unit) error {
		o, ok, err := Find(ctx, u, outbox, id)
		if err != nil || !ok {
			return err
		}
		o.Attempts++
		o.DueAt = u.now.Add(Backoff(o.Attempts))
		if o.Attempts < MaxTries {
			Save(u, outbox, o)
			return nil
		}
		if err := u.Park(ctx, "relay", o.Event, o.Attempts, cause); err != nil {
			return err
		}
		return Delete(ctx, u, outbox, id)
	})
	return err
}

func (env *Env) own(tenant string) Scope {
	return Scope{Tenant: tenant, Function: "relay", Actor: access.FunctionActor("relay"), Use: access.Operation}
}
