package work

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// Sifted is a page of what Sift found.
type Sifted[P any] struct {
	Items  []*P
	Looked int    // records of the page that could be opened
	Next   string // cursor of the next page
}

// Sift is List for looking through very many records for few: a part is opened
// as List opens it, and decoded only if want says so of its JSON. What is
// decoded goes into a P, which has those of T's fields that are looked at, under
// the same JSON names. want sees the bytes for the call only, and may say yes to
// more than is looked for; a part that an earlier schema wrote is never asked
// about.
func Sift[P, T any](ctx context.Context, u *Unit, k *record.Kind[T], q store.Query, want func(part []byte) bool) (Sifted[P], error) {
	q.Tenant = u.scope.Tenant
	docs, err := u.env.Store.Query(ctx, q)
	if err != nil {
		return Sifted[P]{}, err
	}
	page := Sifted[P]{Next: docs.Next}
	for _, d := range docs.Docs {
		if d.Key.Kind != k.Name {
			continue
		}
		s := &slot{shape: k.Shape, key: d.Key}
		if err := s.fill(d); err != nil {
			return Sifted[P]{}, err
		}
		parts := slices.DeleteFunc(s.body.Parts, func(p record.Sealed) bool { return p.File || !access.Opens(u.scope.Use, p.Purpose) })
		opened, err := u.unseal(ctx, s, parts)
		switch fault.Of(err) {
		case "":
		case fault.Forbidden, fault.Gone:
			continue
		default:
			return Sifted[P]{}, err
		}
		page.Looked++
		if s.body.Schema == k.Schema && !slices.ContainsFunc(opened, want) {
			continue
		}
		rec := new(P)
		for i, b := range opened {
			if err := k.Join(rec, record.Plain{Schema: s.body.Schema, Clear: b}); err != nil {
				return Sifted[P]{}, fault.New(fault.Internal, "work: part %s of a %s can't be read", parts[i].Name, k.Name)
			}
		}
		u.saw(s, parts)
		page.Items = append(page.Items, rec)
	}
	return page, nil
}
