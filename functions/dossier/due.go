package dossier

import (
	"context"
	"time"

	"github.com/okence/okence/events"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// perRun bounds what one run drops: the rest waits for the next one.
const perRun = 40

// due handles dossier.due.
func (f *function) due(ctx context.Context, u *work.Unit, _ events.Event) error {
	if err := f.expire(ctx, u); err != nil {
		return err
	}
	if err := f.lift(ctx, u); err != nil {
		return err
	}
	return f.forget(ctx, u)
}

// expire takes the content out of packages whose time to be fetched is over.
func (f *function) expire(ctx context.Context, u *work.Unit) error {
	page, err := work.Scan(ctx, u, record.Packages, store.Query{Index: record.ByState, Partition: "package", To: record.Sortable(u.Now().Add(time.Nanosecond)), Limit: perRun})
	if err != nil {
		return err
	}
	for _, found := range page.Items {
		p, ok, err := work.Find(ctx, u, record.Packages, found.ID)
		if err != nil {
			return err
		}
		if !ok || p.State != model.Ready || u.Now().Before(p.ExpiresAt) {
			continue
		}
		if err := erasure.Empty(ctx, u, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// forget deletes disclosures whose term is over: that of the platform's log.
func (f *function) forget(ctx context.Context, u *work.Unit) error {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	term := terms.LogFor(policy.RetentionClass("log")).Period.Longest()
	if term <= 0 {
		return nil
	}
	page, err := work.Scan(ctx, u, record.Disclosures, store.Query{Index: record.ByTime, Partition: "disclosure", To: record.Sortable(u.Now().Add(-term)), Limit: perRun})
	if err != nil {
		return err
	}
	for _, d := range page.Items {
		if d.Hidden(u.Now()) {
			continue // it has not been shown to the person yet
		}
		if err := work.Delete(ctx, u, record.Disclosures, d.ID); err != nil {
			return err
		}
	}
	return nil
}
