package dossier

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Still drops, from a request that the unit has read, the evidence that rests on
// merges taken back since (K04), and returns it. Whoever carries out a right looks
// at the instant of doing it: a grant may be days old, and whom it covers may be
// fewer by now. The merges are held until the commit; the caller saves the request,
// or not.
func Still(ctx context.Context, u *work.Unit, r *dsar.Request) (lapsed []dsar.Link, err error) {
	for _, l := range slices.Clone(r.Identity.Links) { // Parted shortens the list
		if l.Edge == "" {
			continue
		}
		edge, ok, err := work.Find(ctx, u, record.Merges, l.Edge)
		if err != nil {
			return nil, err
		}
		if !ok || edge.Of != conversation.OfContacts || !edge.UndoneAt.IsZero() {
			r.Parted(l.Edge)
			lapsed = append(lapsed, l)
		}
	}
	return lapsed, nil
}

// Current reports whether everyone whose data a package holds is still covered by
// its request. One that is not is handed to nobody: it is made anew.
func Current(ctx context.Context, u *work.Unit, p *dossier.Package) (bool, error) {
	r, err := work.Peek(ctx, u, record.Requests, p.RequestID)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err := Still(ctx, u, r); err != nil {
		return false, err
	}
	covered := r.Covered()
	return !slices.ContainsFunc(p.ContactIDs, func(id string) bool { return !slices.Contains(covered, id) }), nil
}
