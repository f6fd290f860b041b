package storetest

import (
	"context"
	"sync"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Method names a method of the port that can fail.
type Method string

const (
	Get    Method = "get"
	Commit Method = "commit"
	Query  Method = "query"
)

// Moment says when a call fails.
type Moment string

const (
	// Before: the store is not asked.
	Before Moment = "before"
	// After: the store has done it, and the caller is told of an error all
	// the same. After a commit that is the unknown outcome.
	After Moment = "after"
)

// Plan is one failure to come.
type Plan struct {
	// Nth call, from 1, since the wrapper was made or Reset. 0: every call.
	Nth int
	// Method that is counted for Nth; "" counts calls of all methods
	// together, in the order in which they begin.
	Method Method
	Moment Moment
	// Kind of the error; "" means fault.Unavailable.
	Kind fault.Kind
}

// Counts are the calls that have begun.
type Counts struct {
	Get, Commit, Query int
	// Docs is how many documents the gets and queries returned, Ops how many
	// operations the commits had.
	Docs, Ops int
}

// All is the number of calls of all methods.
func (c Counts) All() int { return c.Get + c.Commit + c.Query }

// Fault is a store that counts its calls and fails as planned. It may be used
// and planned from many goroutines.
type Fault struct {
	inner store.Store

	mu     sync.Mutex
	plans  []Plan
	counts Counts
	failed int
}

var _ store.Store = (*Fault)(nil)

// Faulty wraps s. Without a plan it only counts.
func Faulty(s store.Store) *Fault { return &Fault{inner: s} }

// Fail adds a plan. Plans stay until Reset.
func (f *Fault) Fail(p Plan) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans = append(f.plans, p)
}

// Reset drops all plans and sets the counts to zero.
func (f *Fault) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans, f.counts, f.failed = nil, Counts{}, 0
}

// Count returns the calls so far.
func (f *Fault) Count() Counts {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts
}

// Failed is how many calls were failed as planned.
func (f *Fault) Failed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// begin counts a call and finds what is planned for it.
func (f *Fault) begin(m Method, count *int, ops int) (before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*count++
	f.counts.Ops += ops
	for _, p := range f.plans {
		n := f.counts.All()
		if p.Method != "" {
			n = *count
		}
		if (p.Method != "" && p.Method != m) || (p.Nth != 0 && p.Nth != n) {
			continue
		}
		kind := p.Kind
		if kind == "" {
			kind = fault.Unavailable
		}
		err := fault.New(kind, "storetest: planned failure %s %s %d", p.Moment, m, n)
		f.failed++
		if p.Moment == After {
			return nil, err
		}
		return err, nil
	}
	return nil, nil
}

func (f *Fault) read(docs int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts.Docs += docs
}

// Get is store.Store's.
func (f *Fault) Get(ctx context.Context, keys ...store.Key) ([]store.Doc, error) {
	before, after := f.begin(Get, &f.counts.Get, 0)
	if before != nil {
		return nil, before
	}
	docs, err := f.inner.Get(ctx, keys...)
	f.read(len(docs))
	if after != nil {
		return nil, after
	}
	return docs, err
}

// Commit is store.Store's.
func (f *Fault) Commit(ctx context.Context, ops ...store.Op) error {
	before, after := f.begin(Commit, &f.counts.Commit, len(ops))
	if before != nil {
		return before
	}
	err := f.inner.Commit(ctx, ops...)
	if after != nil {
		return after
	}
	return err
}

// Query is store.Store's.
func (f *Fault) Query(ctx context.Context, q store.Query) (store.Page, error) {
	before, after := f.begin(Query, &f.counts.Query, 0)
	if before != nil {
		return store.Page{}, before
	}
	page, err := f.inner.Query(ctx, q)
	f.read(len(page.Docs))
	if after != nil {
		return store.Page{}, after
	}
	return page, err
}

// Close is store.Store's and never fails as planned.
func (f *Fault) Close() error { return f.inner.Close() }
