package erasure

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Facts reads what stands in the way of erasing a person's data, for the unit's
// instant. It is held until the commit. subject "" is data of nobody.
func Facts(ctx context.Context, u *work.Unit, subject string) (retention.Facts, error) {
	f := retention.Facts{Now: u.Now()}
	if err := u.Fetch(ctx, factRefs(subject)...); err != nil {
		return f, err
	}
	list, _, err := work.Find(ctx, u, record.HoldLists, retention.HoldListID)
	if err != nil {
		return f, err
	}
	f.Holds = list.Holds
	if subject == "" {
		return f, nil
	}
	if g, ok, err := work.Find(ctx, u, record.Guards, subject); err != nil {
		return f, err
	} else if ok {
		f.Guard = g
	}
	f.Restricted, err = u.There(ctx, work.Of(record.Restrictions, subject))
	return f, err
}

// Case adds what is known of the record itself that an item names: of a ticket
// its number, by which a hold may name it, whether it is open, and whether the
// archive comes first; of what a controller keeps with us, the statutory terms
// that its contract names (L08).
func Case(ctx context.Context, u *work.Unit, it retention.Item, f *retention.Facts, a *Archival) error {
	if it.Kind == record.Collections.Name {
		return statutory(ctx, u, it, f)
	}
	if it.Kind != record.Tickets.Name {
		return nil
	}
	rec, ok, err := u.Clear(ctx, work.Of(record.Tickets, it.ID))
	if t, is := rec.(*ticket.Ticket); err == nil && ok && is {
		f.Case, f.Number, f.OpenTicket = t.ID, t.Number, t.State.Open()
		f.Also, err = a.block(ctx, u, t)
	}
	return err
}

func statutory(ctx context.Context, u *work.Unit, it retention.Item, f *retention.Facts) error {
	rec, ok, err := u.Clear(ctx, work.Of(record.Collections, it.ID))
	if err != nil || !ok {
		return err
	}
	item := rec.(*collection.Item)
	if item.ContractID == "" {
		return nil
	}
	c, ok, err := work.Find(ctx, u, record.Contracts, item.ContractID)
	if err == nil && ok {
		f.Also = c.Keeps(item, f.Now)
	}
	return err
}

// factRefs are the records that Facts reads.
func factRefs(subject string) []work.Ref {
	refs := []work.Ref{work.Of(record.HoldLists, retention.HoldListID)}
	if subject != "" {
		refs = append(refs, work.Of(record.Guards, subject), work.Of(record.Restrictions, subject))
	}
	return refs
}

// Status reads a servant's status; nil if none was ever reported (K13).
func Status(ctx context.Context, u *work.Unit, subject string) (*retention.Servant, error) {
	s, ok, err := work.Find(ctx, u, record.Servants, subject)
	if err != nil || !ok {
		return new(retention.Servant), err
	}
	return s, nil
}

// Keep adds a reason to keep a person's data: an open request from its receipt
// on, a longer term that a controller names. It stands in the unit's commit, so
// that no erasure passes it by.
func Keep(ctx context.Context, u *work.Unit, subject string, s retention.Stay) error {
	g, _, err := work.Find(ctx, u, record.Guards, subject)
	if err != nil {
		return err
	}
	g.ID = subject
	g.Keep(s)
	work.Save(u, record.Guards, g)
	return nil
}

// Free takes a reason away again, of the same cause, reference and class.
func Free(ctx context.Context, u *work.Unit, subject string, cause retention.Cause, ref, class string) error {
	g, ok, err := work.Find(ctx, u, record.Guards, subject)
	if err != nil || !ok || !g.Free(cause, ref, class) {
		return err
	}
	if len(g.Stays) == 0 {
		return work.Delete(ctx, u, record.Guards, subject)
	}
	work.Save(u, record.Guards, g)
	return nil
}

// Blocked lists what stands in the way of erasing a person's part of a record
// now. except is the id of the request that is being granted; a says which cases
// an archive is asked about first.
func Blocked(ctx context.Context, u *work.Unit, it retention.Item, l retention.Life, except string, a *Archival) ([]retention.Blocked, error) {
	f, err := Facts(ctx, u, l.Subject)
	if err == nil {
		err = Case(ctx, u, it, &f, a)
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(retention.Blocks(l, f), func(b retention.Blocked) bool {
		return b.Cause == retention.ByRequest && b.Ref == except && except != ""
	}), nil
}

// Kept is what the holds in force keep of the processing log: the entries about
// their persons and tickets, whenever they were made, or all of a time.
func Kept(ctx context.Context, u *work.Unit) (ledger.Kept, error) {
	list, _, err := work.Find(ctx, u, record.HoldLists, retention.HoldListID)
	if err != nil {
		return nil, err
	}
	var out ledger.Kept
	for _, h := range list.Holds {
		if u.Now().Before(h.ExpiresAt) {
			cases, err := named(ctx, u, h.Scope.Cases)
			if err != nil {
				return nil, err
			}
			out = append(out, ledger.Keeping{Subjects: h.Scope.Subjects, Tickets: cases, From: h.Scope.From, To: h.Scope.To})
		}
	}
	return out, nil
}

// named adds to cases the ids of those that are named by a ticket's number.
func named(ctx context.Context, u *work.Unit, cases []string) ([]string, error) {
	out := cases[:len(cases):len(cases)]
	for _, c := range cases {
		n, ok, err := work.Find(ctx, u, record.Numberings, c)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, n.TicketID)
		}
	}
	return out, nil
}
