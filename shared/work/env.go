package work

import (
	"context"
	"sync"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// Env is what units of work stand on. One Env serves a process.
type Env struct {
	Store store.Store
	Vault *vault.Vault
	Blobs blob.Store
	Now   func() time.Time // the system's clock: legal time, which may be a manual one

	// Inline returns the handler of an event type that may run within the
	// unit that emits it, or nil. Set where both functions live in one
	// process: the event then needs no outbox, and both effects are one
	// commit.
	Inline func(eventType string) *Consumer

	// Published is told of the events of each commit, after it: they stand in
	// the outbox until Sent takes them off.
	Published func(ctx context.Context, tenant string, es []events.Event)

	lanes sync.Map // by tenant: *sync.Mutex
}

func (env *Env) lane(tenant string) *sync.Mutex {
	m, _ := env.lanes.LoadOrStore(tenant, new(sync.Mutex))
	return m.(*sync.Mutex)
}

// Consumer is a function's handler of one event type.
type Consumer struct {
	Function string
	Use      access.Use
	Handle   Handler
}

// Handler does a function's work on one event.
type Handler func(ctx context.Context, u *Unit, e events.Event) error

// Scope is what a unit is bound to.
type Scope struct {
	Tenant   string
	Function string // which function runs it
	Actor    access.Actor
	Use      access.Use

	// Source and ID identify what set it off, for the done mark and for the
	// ids of what it creates. With an empty ID the unit leaves no mark: a read.
	Source string
	ID     string

	// At is when that came about; zero is now. The ids of what the unit creates
	// begin with it, so that what is made together lies together in the store.
	At time.Time

	// Print is a fingerprint of the request, for idempotency keys: the same
	// key with another print is refused. Empty: not compared.
	Print string

	TraceParent string
}

// MarkLife is how long done marks are kept: longer than any queue may hold a
// message (SQS: 14 days) and any provider retries (design.md, decision 1).
const MarkLife = 35 * 24 * time.Hour
