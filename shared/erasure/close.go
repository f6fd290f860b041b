package erasure

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

// Close finishes a treated page. It may be repeated, and by several at once.
// except is the id of a request that is being granted, or "".
func (e *Eraser) Close(ctx context.Context, tenant, page, except string) (*retention.Page, error) {
	var p *retention.Page
	_, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) (err error) {
		p, err = work.Peek(ctx, u, record.Pages, page)
		return err
	})
	if err != nil || p.State == retention.PageClosed {
		return p, err
	}
	if p.State != retention.PageTreated {
		return p, fault.New(fault.Internal, "erasure: page %s is not treated yet", page)
	}
	var gone []string
	for _, person := range p.Persons {
		left, err := e.leave(ctx, tenant, person, except)
		if err != nil {
			return p, err
		}
		if left {
			gone = append(gone, person)
		}
	}
	// The tombstones before the keys: what a backup brings back is erased again
	// also where a key stays.
	if err := e.bury(ctx, tenant, p, gone); err != nil {
		return p, err
	}
	keys := 0
	for _, person := range p.Persons {
		n, err := e.destroy(ctx, tenant, person)
		if err != nil {
			return p, err
		}
		keys += n
	}
	residue, searched, err := e.residue(ctx, tenant, p, gone)
	if err != nil {
		return p, err
	}
	_, err = e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
		var err error
		if p, err = work.Load(ctx, u, record.Pages, page); err != nil || p.State == retention.PageClosed {
			return err
		}
		p.State, p.People, p.Keys, p.Residue, p.Searched, p.At = retention.PageClosed, len(gone), keys, residue, searched, u.Now()
		work.Save(u, record.Pages, p)
		return nil
	})
	return p, err
}

// leave removes a person's contact with its addresses once nothing of the same
// class is left under it. It reports whether there is none now. A message that
// comes in meanwhile makes a new conversation, which the person's lookup names:
// so the commit of one of the two fails.
func (e *Eraser) leave(ctx context.Context, tenant, person, except string) (gone bool, err error) {
	_, err = e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
		gone = false
		r := work.Of(record.Contacts, person)
		there, err := u.There(ctx, r)
		if err != nil || !there {
			gone = err == nil
			return err
		}
		blocks, err := Blocked(ctx, u, retention.Item{}, retention.Life{Subject: person, Class: "channel"}, except, nil)
		if err != nil || len(blocks) > 0 {
			return err
		}
		if used, err := open(ctx, u, person); err != nil || used {
			return err
		}
		if used, err := usedBy(ctx, u, person, "channel"); err != nil || used {
			return err
		}
		var t took
		if err := remove(ctx, u, r, &t); err != nil {
			return err
		}
		if !t.more {
			gone = true
		}
		return nil
	})
	return gone, err
}

// usedBy reports whether records of a person are left, beside the contact
// itself, that are sealed under a class.
func usedBy(ctx context.Context, u *work.Unit, person, class string) (bool, error) {
	owner := vault.Owner{Subject: person, Class: class}
	for i := range record.MaxOwners() {
		q := store.Query{Index: record.OwnerIndex(i), Partition: person, Limit: store.MaxOps}
		for {
			found, next, err := u.Seek(ctx, q)
			if err != nil {
				return false, err
			}
			for _, f := range found {
				// Only what the index says is sealed so is read again, and held until the
				// commit: the lines of a register may be more than one commit holds.
				if f.Shape() == record.Contacts.Shape || !slices.Contains(f.Owners, owner) {
					continue
				}
				there, err := u.There(ctx, f.Ref)
				if err != nil {
					return false, err
				}
				if there && slices.Contains(u.Owners(f.Ref), owner) {
					return true, nil
				}
			}
			if q.Token = next; next == "" {
				break
			}
		}
	}
	return false, nil
}

// open reports whether one of a person's addresses leads to a conversation that
// is there.
func open(ctx context.Context, u *work.Unit, person string) (bool, error) {
	found, _, err := u.Seek(ctx, store.Query{Index: record.ByPerson, Partition: person, Limit: 50}, record.Lookups.Name)
	if err != nil {
		return false, err
	}
	for _, f := range found {
		rec, ok, err := u.Clear(ctx, f.Ref) // held until the commit, unlike what an index says
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		for _, id := range rec.(*contact.Lookup).Open {
			c, there, err := u.Clear(ctx, work.Of(record.Conversations, id))
			if err != nil || there && c.(*conversation.Conversation).ContactID == person {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// destroy destroys the keys of a person under which nothing is left, once the
// contact is gone too: a key that could still be needed for something new is
// never destroyed. It returns how many.
func (e *Eraser) destroy(ctx context.Context, tenant, person string) (int, error) {
	owners, err := e.env.Vault.Owners(ctx, tenant, person)
	if err != nil {
		return 0, err
	}
	var spent []vault.Owner
	_, err = e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
		spent = nil
		if there, err := u.There(ctx, work.Of(record.Contacts, person)); err != nil || there {
			return err
		}
		for _, o := range owners {
			used, err := usedBy(ctx, u, person, o.Class)
			if err != nil {
				return err
			}
			if !used {
				spent = append(spent, o)
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(spent), e.env.Vault.Destroy(ctx, tenant, spent...)
}

// ownerOf is the first person whom a record's tags name.
func ownerOf(shape *record.Shape, rec any) string {
	if owners := shape.Owners(rec); len(owners) > 0 {
		return owners[0]
	}
	return ""
}
