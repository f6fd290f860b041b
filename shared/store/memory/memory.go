// Package memory is a store that forgets: maps and sorted slices under one
// lock. It keeps the whole contract but durability, for simulators and tests
// that run thousands of histories. Its versions count up from 1, so a run with
// one goroutine repeats itself exactly.
package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Store is an empty store after New.
type Store struct {
	mu     sync.RWMutex
	seq    int64
	docs   map[store.Key]doc
	parts  map[partition][]entry // sorted
	closed bool
}

var _ store.Store = (*Store)(nil)

type doc struct {
	version string
	body    []byte
	index   []store.Entry
}

type partition struct{ tenant, index, name string }

type entry struct {
	sort string
	key  store.Key
}

// compare orders entries as the port promises.
func compare(a, b entry) int {
	return cmp.Or(strings.Compare(a.sort, b.sort), strings.Compare(a.key.String(), b.key.String()))
}

// New returns an empty store.
func New() *Store {
	return &Store{docs: map[store.Key]doc{}, parts: map[partition][]entry{}}
}

var errClosed = fault.New(fault.Unavailable, "memory: the store is closed")

func usable(ctx context.Context, closed bool) error {
	if closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "memory: not begun").Because(err)
	}
	return nil
}

// Get is store.Store's.
func (s *Store) Get(ctx context.Context, keys ...store.Key) ([]store.Doc, error) {
	if err := store.CheckKeys(keys); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := usable(ctx, s.closed); err != nil {
		return nil, err
	}
	docs := make([]store.Doc, len(keys))
	for i, k := range keys {
		docs[i] = s.read(k)
	}
	return docs, nil
}

func (s *Store) read(k store.Key) store.Doc {
	d, ok := s.docs[k]
	if !ok {
		return store.Doc{Key: k}
	}
	return store.Doc{Key: k, Version: d.version, Body: append([]byte{}, d.body...)}
}

// Commit is store.Store's.
func (s *Store) Commit(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckOps(ops); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := usable(ctx, s.closed); err != nil {
		return err
	}
	for _, op := range ops {
		if !holds(op.Expect, s.docs[op.Key].version) {
			return fault.New(fault.Conflict, "memory: an expectation of the commit did not hold")
		}
	}
	s.seq++
	for _, op := range ops {
		switch op.Act {
		case store.Put:
			s.unlink(op.Key)
			d := doc{version: strconv.FormatInt(s.seq, 10), body: bytes.Clone(op.Body), index: slices.Clone(op.Index)}
			s.docs[op.Key] = d
			for _, e := range d.index {
				s.link(op.Key, e)
			}
		case store.Delete:
			s.unlink(op.Key)
			delete(s.docs, op.Key)
		}
	}
	return nil
}

func holds(e store.Expect, version string) bool {
	switch e.State {
	case "absent":
		return version == ""
	case "present":
		return version != ""
	case "version":
		return version == e.Version
	}
	return true
}

func (s *Store) link(k store.Key, e store.Entry) {
	p := partition{k.Tenant, e.Index, e.Partition}
	at, _ := slices.BinarySearchFunc(s.parts[p], entry{e.Sort, k}, compare)
	s.parts[p] = slices.Insert(s.parts[p], at, entry{e.Sort, k})
}

func (s *Store) unlink(k store.Key) {
	for _, e := range s.docs[k].index {
		p := partition{k.Tenant, e.Index, e.Partition}
		at, ok := slices.BinarySearchFunc(s.parts[p], entry{e.Sort, k}, compare)
		if ok {
			s.parts[p] = slices.Delete(s.parts[p], at, at+1)
		}
		if len(s.parts[p]) == 0 {
			delete(s.parts, p)
		}
	}
}

// Query is store.Store's.
func (s *Store) Query(ctx context.Context, q store.Query) (store.Page, error) {
	limit, err := store.CheckQuery(q)
	if err != nil {
		return store.Page{}, err
	}
	after, resumed, err := q.Cursor()
	if err != nil {
		return store.Page{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := usable(ctx, s.closed); err != nil {
		return store.Page{}, err
	}
	var page store.Page
	var last store.Cursor
	for _, e := range s.within(q, entry{after.Sort, after.Key}, resumed) {
		if len(page.Docs) == limit {
			page.Next = q.After(last)
			break
		}
		page.Docs = append(page.Docs, s.read(e.key))
		last = store.Cursor{Sort: e.sort, Key: e.key}
	}
	return page, nil
}

// within returns the entries of the range behind the place, in q's order.
func (s *Store) within(q store.Query, place entry, resumed bool) []entry {
	all := s.parts[partition{q.Tenant, q.Index, q.Partition}]
	bySort := func(e entry, sort string) int { return strings.Compare(e.sort, sort) }
	from, _ := slices.BinarySearchFunc(all, q.From, bySort)
	to := len(all)
	if q.To != "" {
		to, _ = slices.BinarySearchFunc(all, q.To, bySort)
	}
	if resumed {
		at, found := slices.BinarySearchFunc(all, place, compare)
		if q.Desc {
			to = min(to, at)
		} else if found {
			from = max(from, at+1)
		} else {
			from = max(from, at)
		}
	}
	if from >= to {
		return nil
	}
	if !q.Desc {
		return all[from:to]
	}
	down := slices.Clone(all[from:to])
	slices.Reverse(down)
	return down
}

// Close is store.Store's. What was stored is gone.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.docs, s.parts = true, nil, nil
	return nil
}
