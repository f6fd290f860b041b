package erasure

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

// residue looks for what should be gone once a page is treated (A7): the records
// themselves, what the indexes still lead to under them and under persons who have
// gone, parts that are still a person's in what was made anonymous, and files. It
// returns how much it found, and in how many places it looked. A file that is
// still there is deleted once more before: a unit deletes its files after its
// commit, and a storage that was away then keeps them.
func (e *Eraser) residue(ctx context.Context, tenant string, p *retention.Page, gone []string) (found, searched int, err error) {
	for _, name := range p.Files {
		searched++
		if err := e.env.Blobs.Delete(ctx, name); err != nil {
			return 0, 0, err
		}
		_, err := e.env.Blobs.Get(ctx, name, 1)
		switch {
		case err == nil || fault.Is(err, fault.TooLarge):
			found++
		case !fault.Is(err, fault.NotFound):
			return 0, 0, err
		}
	}
	files, places := found, searched
	_, err = e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
		found, searched = files, places
		l := look{u: u, page: p, found: &found, searched: &searched}
		var items []retention.Item
		var refs []work.Ref
		for i, r := range p.Results {
			if shape := record.ByName(p.Items[i].Kind); r.Outcome == retention.Done && shape != nil {
				items, refs = append(items, p.Items[i]), append(refs, work.Named(shape, p.Items[i].ID))
			}
		}
		for some := range slices.Chunk(refs, store.MaxKeys) { // read together
			if err := u.Fetch(ctx, some...); err != nil {
				return err
			}
		}
		for i, it := range items {
			if err := l.item(ctx, it, refs[i]); err != nil {
				return err
			}
		}
		for _, person := range gone {
			if err := l.person(ctx, person); err != nil {
				return err
			}
		}
		return nil
	})
	return found, searched, err
}

// look is one look for residue.
type look struct {
	u               *work.Unit
	page            *retention.Page
	found, searched *int
}

// item looks for one record that was treated.
func (l look) item(ctx context.Context, it retention.Item, r work.Ref) error {
	*l.searched++
	rec, there, err := l.u.Clear(ctx, r)
	if err != nil {
		return err
	}
	switch c, shared := rec.(*conversation.Conversation); {
	case !there:
		return l.beneath(ctx, it, r)
	case it.Act == retention.Anonymise:
		for _, o := range l.u.Owners(r) {
			if o.Personal() && (it.Subject == "" || o.Subject == it.Subject) {
				*l.found++
			}
		}
	case it.Act == retention.Empty:
		*l.found += l.u.Files(r)
	case shared && !slices.Contains(l.page.Persons, c.ContactID): // another person's from now on
	default:
		*l.found++
	}
	return nil
}

// beneath looks where the indexes lead from a record that is gone: to what had no
// life of its own, and, after an erasure on request, to dead letters about it.
func (l look) beneath(ctx context.Context, it retention.Item, r work.Ref) error {
	kinds, indexes := r.Shape().Children()
	by := map[string][]string{} // kinds by the index that they stand in: one look for all of them
	for i, k := range kinds {
		if k.End.With != "" { // else it has a life of its own
			by[indexes[i]] = append(by[indexes[i]], k.Name)
		}
	}
	if it.Rule == "" {
		by[record.ByNode] = append(by[record.ByNode], work.DeadLetters.Name)
	}
	for index, names := range by {
		if err := l.index(ctx, store.Query{Index: index, Partition: r.ID(), Limit: perUnit}, func(work.Found) bool { return true }, names...); err != nil {
			return err
		}
	}
	return nil
}

// person looks for somebody of whom nothing is left: the contact, its addresses,
// and whatever is found under it that is sealed for its channels.
func (l look) person(ctx context.Context, person string) error {
	*l.searched++
	there, err := l.u.There(ctx, work.Of(record.Contacts, person))
	if err != nil {
		return err
	}
	if there {
		*l.found++
	}
	if err := l.index(ctx, store.Query{Index: record.ByPerson, Partition: person, Limit: perUnit}, func(work.Found) bool { return true }, record.Lookups.Name); err != nil {
		return err
	}
	for i := range record.MaxOwners() {
		err := l.index(ctx, store.Query{Index: record.OwnerIndex(i), Partition: person, Limit: perUnit}, func(f work.Found) bool {
			return f.Shape() != record.Contacts.Shape && slices.Contains(l.u.Owners(f.Ref), vault.Owner{Subject: person, Class: "channel"})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// index counts what an index leads to that counts. An index may lag behind its
// records, so each is read again.
func (l look) index(ctx context.Context, q store.Query, counts func(work.Found) bool, kinds ...string) error {
	*l.searched++
	found, _, err := l.u.Seek(ctx, q, kinds...)
	if err != nil {
		return err
	}
	for _, f := range found {
		there, err := l.u.There(ctx, f.Ref)
		if err != nil {
			return err
		}
		if there && counts(f) {
			*l.found++
		}
	}
	return nil
}
