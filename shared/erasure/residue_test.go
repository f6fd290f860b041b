package erasure_test

import (
	"context"
	"slices"
	"testing"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// clinging is a blob store that does not let go: for a while, or for good.
type clinging struct {
	blob.Store
	refuses int  // so many deletions
	lies    bool // says that it has deleted
}

func (c *clinging) Delete(ctx context.Context, name string) error {
	switch {
	case c.lies:
		return nil
	case c.refuses > 0:
		c.refuses--
		return fault.New(fault.Unavailable, "away")
	}
	return c.Store.Delete(ctx, name)
}

// keeping is a store that never deletes records of a kind.
type keeping struct {
	store.Store
	kind string
}

func (k keeping) Commit(ctx context.Context, ops ...store.Op) error {
	return k.Store.Commit(ctx, slices.DeleteFunc(slices.Clone(ops), func(o store.Op) bool { return o.Act == store.Delete && o.Key.Kind == k.kind })...)
}

// TestResidueIsFound: what stays although it should have gone is counted, whatever
// it is: a file, an address, an edge under a record, a letter about it, a record of
// the person that came in between. What a storage did not delete at once is
// deleted again.
func TestResidueIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*world)
		found bool
	}{
		"nothing":                            {func(*world) {}, false},
		"a storage that is away for a while": {func(w *world) { w.Env.Blobs = &clinging{Store: w.Env.Blobs, refuses: 3} }, false},
		"a storage that keeps its files":     {func(w *world) { w.Env.Blobs = &clinging{Store: w.Env.Blobs, lies: true} }, true},
		"an address":                         {func(w *world) { w.Env.Store = keeping{w.Env.Store, record.Lookups.Name} }, true},
		"an edge beneath a conversation":     {func(w *world) { w.Env.Store = keeping{w.Env.Store, record.Merges.Name} }, true},
		"a dead letter":                      {func(w *world) { w.Env.Store = keeping{w.Env.Store, work.DeadLetters.Name} }, true},
		"the contact":                        {func(w *world) { w.Env.Store = keeping{w.Env.Store, record.Contacts.Name} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			conv := w.talk("ana", "N33DLE", 1, then)
			w.do(func(ctx context.Context, u *work.Unit) error {
				work.Save(u, record.Merges, &conversation.Merge{ID: "edge", Into: conv, At: then})
				work.Save(u, work.DeadLetters, &work.DeadLetter{ID: "letter", Function: "inbound", Event: events.Event{Subject: conv}, At: then})
				return nil
			})
			c.spoil(w)
			r, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, never, "")
			if fault.Is(err, fault.Unavailable) { // the storage was away: whoever erases tries again
				r, err = w.e.Person(t.Context(), "ekc", "job", "ana", nil, never, "")
			}
			if err != nil || r.Residue > 0 != c.found || r.Searched < 6 {
				t.Errorf("%+v, %v", r, err)
			}
			if left, _, err := w.Env.Blobs.List(t.Context(), "", ""); err != nil || !c.found && len(left) > 0 {
				t.Errorf("%d files are left, %v", len(left), err)
			}
		})
	}
}
