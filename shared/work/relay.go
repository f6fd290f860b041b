package work

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
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

// OutboxID is the id under which an event waits in the outbox: its own where it
// is ours, and with its source where others, who may use the same one, made it.
func OutboxID(e events.Event) string {
	if strings.HasPrefix(e.Source, ownSource) {
		return e.ID
	}
	sum := sha256.Sum256([]byte(e.Source))
	return e.ID + "." + hex.EncodeToString(sum[:8])
}

// ownSource begins the source of what a unit emits (Unit.Event).
const ownSource = "/functions/"

// Sent takes published events off the outbox, by their OutboxID, in as few
// commits as can be. It is idempotent.
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

// Forget deletes the done marks whose time is over.
func (env *Env) Forget(ctx context.Context, tenant string) error {
	q := store.Query{Tenant: tenant, Index: ByExpiry, Partition: "mark", To: record.Sortable(env.Now()), Limit: store.MaxOps}
	for {
		page, err := env.Store.Query(ctx, q)
		if err != nil || len(page.Docs) == 0 {
			return err
		}
		ops := make([]store.Op, len(page.Docs))
		for i, d := range page.Docs {
			ops[i] = store.Op{Key: d.Key, Act: store.Delete}
		}
		if err := env.Store.Commit(ctx, ops...); err != nil {
			return err
		}
		if len(page.Docs) < store.MaxOps {
			return nil
		}
	}
}

// Unnamed deletes a blob if the record that its name begins with does not name
// it. It reports whether it did.
func (env *Env) Unnamed(ctx context.Context, tenant, blob string) (bool, error) {
	rest, ok := strings.CutPrefix(blob, tenant+"/")
	kind, rest, ok2 := strings.Cut(rest, "/")
	end := strings.LastIndexByte(rest, '/')
	if !ok || !ok2 || end < 0 {
		return false, nil // none of ours
	}
	docs, err := env.Store.Get(ctx, store.Key{Tenant: tenant, Kind: kind, ID: rest[:end]})
	if err != nil {
		return false, err
	}
	if docs[0].Exists() {
		body, err := record.Unpack(docs[0].Body)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(body.Parts, func(p record.Sealed) bool { return p.Blob == blob }) {
			return false, nil
		}
	}
	return true, env.Blobs.Delete(ctx, blob)
}
