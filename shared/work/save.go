package work

import (
	"context"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// Save stores a record at the commit: in place of what was loaded, or as a new
// one, which must not be there yet. What the handler still changes in rec
// before it returns is stored too. Parts and files that the unit did not open
// stay as they are.
func Save[T any](u *Unit, k *record.Kind[T], rec *T) {
	s := u.slot(k.Shape, k.ID(rec))
	s.act, s.rec, s.plain = store.Put, rec, nil
}

// Delete removes a record at the commit, its files too. It is fine if there is
// none.
func Delete[T any](ctx context.Context, u *Unit, k *record.Kind[T], id string) error {
	if err := u.Fetch(ctx, Of(k, id)); err != nil {
		return err
	}
	s := u.slot(k.Shape, id)
	s.act, s.rec, s.plain = store.Delete, nil, nil
	if s.version == "" { // never stored, or made by this very unit
		s.act = ""
	}
	return nil
}

// Page is a page of records, with the cursor of the next one.
type Page[T any] struct {
	Items []*T
	Next  string
}

// List reads a page of an index and opens what the purpose may open. An index
// may lag, so a list is for showing, never for deciding. A record whose person
// is restricted, or whose key has been destroyed, is left out.
func List[T any](ctx context.Context, u *Unit, k *record.Kind[T], q store.Query) (Page[T], error) {
	return list(ctx, u, k, q, true)
}

// Scan is List of the clear parts only: nothing is opened or noted.
func Scan[T any](ctx context.Context, u *Unit, k *record.Kind[T], q store.Query) (Page[T], error) {
	return list(ctx, u, k, q, false)
}

func list[T any](ctx context.Context, u *Unit, k *record.Kind[T], q store.Query, open bool) (Page[T], error) {
	q.Tenant = u.scope.Tenant
	docs, err := u.env.Store.Query(ctx, q)
	if err != nil {
		return Page[T]{}, err
	}
	page := Page[T]{Next: docs.Next}
	for _, d := range docs.Docs {
		if d.Key.Kind != k.Name {
			continue
		}
		s := &slot{shape: k.Shape, key: d.Key}
		if err := s.fill(d); err != nil {
			return Page[T]{}, err
		}
		if !open {
			rec := new(T)
			if err := k.Join(rec, record.Plain{Schema: s.body.Schema, Clear: s.body.Clear}); err != nil {
				return Page[T]{}, err
			}
			page.Items = append(page.Items, rec)
			continue
		}
		switch err := u.open(ctx, s); fault.Of(err) {
		case "":
			page.Items = append(page.Items, s.rec.(*T))
		case fault.Forbidden, fault.Gone:
		default:
			return Page[T]{}, err
		}
	}
	return page, nil
}
