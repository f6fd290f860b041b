package sqlite

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/internal/engine"
)

const (
	maxBatch      = 256      // commits in one transaction
	maxBatchBytes = 16 << 20 // of bodies in one transaction, the last commit not counted
)

// The states of a queued commit. From waiting it goes to one of the others,
// once: taken by the writer, which will answer, or given up by its caller.
const (
	waiting int32 = iota
	taken
	givenUp
)

type commit struct {
	ops   []store.Op
	state atomic.Int32
	done  chan error // answered once when taken
	err   error      // the writer's own, until the batch has ended
}

var commits = sync.Pool{New: func() any { return &commit{done: make(chan error, 1)} }}

// writer is the one goroutine that writes, and the queue before it.
type writer struct {
	*batcher
	busy time.Duration

	mu     sync.Mutex
	queue  []*commit
	closed bool
	wake   chan struct{} // capacity 1: the queue or closed has changed
	ended  chan struct{}
	endErr error
}

func newWriter(c *engine.Conn, opts Options) (*writer, error) {
	for _, q := range []string{
		"PRAGMA wal_autocheckpoint=4000",
		"PRAGMA secure_delete=FAST",
		fmt.Sprintf("PRAGMA cache_size=-%d", max(opts.CacheBytes>>10, 1)),
	} {
		if err := c.Exec(q); err != nil {
			return nil, err
		}
	}
	b, err := newBatcher(c)
	if err != nil {
		return nil, err
	}
	w := &writer{batcher: b, busy: opts.BusyTimeout, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go w.run()
	return w, nil
}

// Commit is store.Store's. The outcome is unknown only when the engine failed
// at the very end of a transaction; all errors of this kind are
// fault.Unavailable or fault.Internal.
func (s *Store) Commit(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckOps(ops); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "sqlite: commit").Because(err)
	}
	c := commits.Get().(*commit)
	c.ops = ops
	c.state.Store(waiting)
	if !s.writer.enqueue(c) {
		return errClosed
	}
	var err error
	select {
	case err = <-c.done:
	case <-ctx.Done():
		if c.state.CompareAndSwap(waiting, givenUp) {
			return fault.New(fault.Unavailable, "sqlite: commit: given up while waiting").Because(ctx.Err())
		}
		err = <-c.done // soon: the transaction it is in has begun
	}
	c.ops, c.err = nil, nil
	commits.Put(c)
	return err
}

func (w *writer) enqueue(c *commit) bool {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return false
	}
	w.queue = append(w.queue, c)
	first := len(w.queue) == 1
	w.mu.Unlock()
	if first {
		w.signal()
	}
	return true
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close lets the writer finish its queue, and waits.
func (w *writer) close() error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	<-w.ended
	return w.endErr
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		w.mu.Lock()
		idle, closed := len(w.queue) == 0, w.closed
		w.mu.Unlock()
		switch {
		case !idle:
			w.batch()
		case closed:
			w.endErr = w.finish()
			return
		case w.shrinking:
			w.shrink()
			continue
		default:
			<-w.wake
			continue
		}
		if w.shrinking {
			w.shrink()
		}
	}
}

// batch runs one transaction. Commits are taken from the queue only after it
// has begun, so that those who wait for another process's lock can give up.
func (w *writer) batch() {
	w.gather()
	beginErr := w.begin()
	batch := w.take()
	err := beginErr
	if err == nil {
		for _, c := range batch {
			if c.err, err = w.apply(c.ops); err != nil {
				break
			}
		}
	}
	if beginErr == nil {
		err = w.end(err)
	}
	if err != nil {
		err = failed("commit", err)
	}
	for _, c := range batch {
		if err != nil {
			c.err = err
		}
		c.done <- c.err
	}
}

// gather lets callers that the batch before has just answered queue up again,
// as long as more of them do: twice the commits share an fsync.
func (w *writer) gather() {
	for range 4 {
		w.mu.Lock()
		before := len(w.queue)
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
		grown := len(w.queue) > before
		w.mu.Unlock()
		if !grown {
			return
		}
	}
}

// take moves commits from the queue to a batch, but for those given up.
func (w *writer) take() []*commit {
	w.mu.Lock()
	defer w.mu.Unlock()
	batch, n, bytes := w.taken[:0], 0, 0
	for _, c := range w.queue {
		if len(batch) == maxBatch || bytes > maxBatchBytes {
			break
		}
		n++
		if !c.state.CompareAndSwap(waiting, taken) {
			continue
		}
		batch = append(batch, c)
		for i := range c.ops {
			bytes += len(c.ops[i].Body)
		}
	}
	rest := copy(w.queue, w.queue[n:])
	clear(w.queue[rest:])
	w.queue = w.queue[:rest]
	w.taken = batch
	return batch
}
