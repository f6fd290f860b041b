// Package worktest gives tests an environment for units of work: real drivers
// in memory, a clock that stands still, and every call counted.
package worktest

import (
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/vault/file"
	"github.com/okence/okence/shared/work"
)

// World is an environment and its parts.
type World struct {
	*work.Env
	Docs  *storetest.Fault // the document store
	Keys  *storetest.Fault // the key store
	Clock *Clock
	kms   vault.KMS
}

// Start is where the clock of a World stands at first.
var Start = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

// New returns an empty world.
func New(t testing.TB) *World {
	t.Helper()
	kms, err := file.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Docs: storetest.Faulty(memory.New()), Keys: storetest.Faulty(memory.New()), Clock: &Clock{now: Start}, kms: kms}
	w.Env = &work.Env{Store: w.Docs, Vault: vault.New(kms, w.Keys), Blobs: blob.NewMemory(), Now: w.Clock.Now}
	return w
}

// Restart forgets what the process knew: caches of keys.
func (w *World) Restart() { w.Env.Vault = vault.New(w.kms, w.Keys) }

// Clock is a manual clock.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the clock forward.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
