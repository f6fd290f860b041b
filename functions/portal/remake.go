package portal

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// remake has the packages of all requests that reach some contacts made anew: what
// a merge of two brought together has been parted, and a package that was made
// before holds both (K04). Until then none of them is handed over.
func remake(ctx context.Context, u *work.Unit, contacts ...string) error {
	seen := map[string]bool{}
	for _, id := range contacts {
		q := store.Query{Index: record.ByContact, Partition: id, Limit: store.MaxPage}
		for {
			found, next, err := u.Seek(ctx, q, record.Requests.Name, record.Coverings.Name)
			if err != nil {
				return err
			}
			for _, f := range found {
				request := f.ID()
				if way, is := f.Rec.(*dsar.Covering); is {
					request = way.RequestID
				}
				if seen[request] {
					continue
				}
				seen[request] = true
				if err := remakeOf(ctx, u, request); err != nil {
					return err
				}
			}
			if q.Token = next; next == "" {
				break
			}
		}
	}
	return nil
}

func remakeOf(ctx context.Context, u *work.Unit, request string) error {
	for _, form := range []dossier.Form{dossier.Access, dossier.Portability} {
		p, ok, err := work.Find(ctx, u, record.Packages, dossier.ID(request, form))
		if err != nil {
			return err
		}
		if !ok || p.State == dossier.Expired {
			continue
		}
		if err := u.Emit(ctx, request, &events.DossierReviewed{Package: p.ID}); err != nil {
			return err
		}
	}
	return nil
}
