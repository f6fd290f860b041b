package dsar

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// guard keeps what an open request is about, from its receipt until it is closed
// or only an ordered erasure is left of it: no retention sweep, and no erasure for
// another request, passes it. It covers the
// contact under which the request is filed, proved or not, and all it reaches.
func guard(ctx context.Context, u *work.Unit, r *dsar.Request) error {
	all := r.Covered()
	if r.ContactID != "" && !slices.Contains(all, r.ContactID) {
		all = append(all, r.ContactID)
	}
	for _, id := range all {
		var err error
		if !r.Keeps() {
			err = unguard(ctx, u, r, id)
		} else {
			err = erasure.Keep(ctx, u, id, retention.Stay{Cause: retention.ByRequest, Ref: r.ID})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unguard lets one contact go: the request is closed, or reaches it no longer.
func unguard(ctx context.Context, u *work.Unit, r *dsar.Request, contactID string) error {
	return erasure.Free(ctx, u, contactID, retention.ByRequest, r.ID, "")
}

// lead keeps the ways that lead to the request from the further contacts that it
// reaches, and takes away those from contacts that it reaches no longer.
func lead(ctx context.Context, u *work.Unit, r *dsar.Request) error {
	covered, not := r.Beside()
	for _, id := range covered {
		c, _, err := work.Find(ctx, u, record.Coverings, dsar.CoveringID(r.ID, id))
		if err != nil {
			return err
		}
		if c.At.Equal(r.ReceivedAt) {
			continue
		}
		c.ID, c.RequestID, c.ContactID, c.At = dsar.CoveringID(r.ID, id), r.ID, id, r.ReceivedAt
		work.Save(u, record.Coverings, c)
	}
	for _, id := range not {
		if err := unlead(ctx, u, r, id); err != nil {
			return err
		}
	}
	return nil
}

// unlead takes away the way from one contact.
func unlead(ctx context.Context, u *work.Unit, r *dsar.Request, contactID string) error {
	return u.Remove(ctx, work.Of(record.Coverings, dsar.CoveringID(r.ID, contactID)))
}
