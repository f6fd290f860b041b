package blobtest

import (
	"context"
	"sync"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
)

// Method names a method of the port that can fail.
type Method string

const (
	Put    Method = "put"
	Get    Method = "get"
	Delete Method = "delete"
	List   Method = "list"
)

// Moment says when a call fails.
type Moment string

const (
	Before Moment = "before" // the store is not asked
	After  Moment = "after"  // the store has done it, and the caller is told of an error
)

// Plan is one failure to come.
type Plan struct {
	// Nth call, from 1, since the wrapper was made or Reset. 0: every call.
	Nth int
	// Method that is counted for Nth; "" counts calls of all methods together.
	Method Method
	Moment Moment
	// Kind of the error; "" means fault.Unavailable.
	Kind fault.Kind
}

// Counts are the calls that have begun.
type Counts struct{ Put, Get, Delete, List int }

// All is the number of calls of all methods.
func (c Counts) All() int { return c.Put + c.Get + c.Delete + c.List }

// Fault is a store that counts its calls and fails as planned. It may be used
// and planned from many goroutines.
type Fault struct {
	inner blob.Store

	mu     sync.Mutex
	plans  []Plan
	counts Counts
	failed int
}

var _ blob.Store = (*Fault)(nil)

// Faulty wraps s. Without a plan it only counts.
func Faulty(s blob.Store) *Fault { return &Fault{inner: s} }

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

// around counts a call and runs it between what is planned for it.
func (f *Fault) around(m Method, count *int, call func() error) error {
	before, after := f.planned(m, count)
	if before != nil {
		return before
	}
	err := call()
	if after != nil {
		return after
	}
	return err
}

func (f *Fault) planned(m Method, count *int) (before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*count++
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
		err := fault.New(kind, "blobtest: planned failure %s %s %d", p.Moment, m, n)
		f.failed++
		if p.Moment == After {
			return nil, err
		}
		return err, nil
	}
	return nil, nil
}

// Put is blob.Store's.
func (f *Fault) Put(ctx context.Context, name string, b []byte) error {
	return f.around(Put, &f.counts.Put, func() error { return f.inner.Put(ctx, name, b) })
}

// Get is blob.Store's.
func (f *Fault) Get(ctx context.Context, name string, limit int64) (b []byte, err error) {
	err = f.around(Get, &f.counts.Get, func() error {
		b, err = f.inner.Get(ctx, name, limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Delete is blob.Store's.
func (f *Fault) Delete(ctx context.Context, name string) error {
	return f.around(Delete, &f.counts.Delete, func() error { return f.inner.Delete(ctx, name) })
}

// List is blob.Store's.
func (f *Fault) List(ctx context.Context, prefix, token string) (infos []blob.Info, next string, err error) {
	err = f.around(List, &f.counts.List, func() error {
		infos, next, err = f.inner.List(ctx, prefix, token)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return infos, next, nil
}

// Close is blob.Store's and never fails as planned.
func (f *Fault) Close() error { return f.inner.Close() }
