package relay

import (
	"context"
	"errors"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

const (
	// alarmAfter is the age from which sealed content that nobody has handled
	// raises an alarm, in whole days that are over: five days before its key
	// goes (design.md 6), which counts from the first instant of its day.
	alarmAfter = intake.KeyLife - 6*24*time.Hour
	// lookBack is for how many past days a run destroys intake keys: as long
	// as the scheduler may have stood still. Destroying again costs a read.
	lookBack = 7
	// maxSpent is how many unreadable records one round lets go: a commit has
	// room for a hundred operations.
	maxSpent = 80
	// orphanAge is how old a blob must be before one that nobody names goes:
	// longer than any unit of work can be under way.
	orphanAge = 24 * time.Hour
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{events.RelayDueType: f.due}}, nil
}

// due does one round for a tenant. One part that fails does not stop the rest.
func (f *function) due(ctx context.Context, u *work.Unit, e events.Event) error {
	tenant := u.Tenant()
	return errors.Join(f.publish(ctx, tenant), f.env.Work.Forget(ctx, tenant), f.keys(ctx, u), f.alarm(ctx, u), f.orphans(ctx, u))
}

// publish hands on what was left in the outbox. Without a bus it waits there.
func (f *function) publish(ctx context.Context, tenant string) error {
	if f.env.Bus == nil {
		return nil
	}
	n, err := f.env.Work.Relay(ctx, tenant, func(ctx context.Context, e events.Event) error { return f.env.Bus.Publish(ctx, e) })
	if n > 0 {
		f.env.Log.Warn("events left behind were published", "tenant", tenant, "count", n)
	}
	return err
}

// keys destroys the intake keys of days past their life.
func (f *function) keys(ctx context.Context, u *work.Unit) error {
	last := u.Now().Add(-intake.KeyLife) // of this day, the first instant is that old by now
	var owners []vault.Owner
	for d := range lookBack {
		owners = append(owners, vault.Owner{Subject: "~intake", Class: intake.Day(last.AddDate(0, 0, -d))})
	}
	return f.env.Work.Vault.Retire(ctx, u.Tenant(), owners...)
}

// alarm counts what nobody has handled and will soon be unreadable, and lets go
// of what is: its key went with its day. The dead letter that tells of it stays.
func (f *function) alarm(ctx context.Context, u *work.Unit) error {
	spent := intake.Day(u.Now().Add(-intake.KeyLife - 2*24*time.Hour))
	gone, err := work.Scan(ctx, u, record.Intakes, store.Query{Index: record.ByState, Partition: "intake", To: spent, Limit: maxSpent})
	if err != nil {
		return err
	}
	for _, i := range gone.Items {
		if err := work.Delete(ctx, u, record.Intakes, i.ID); err != nil {
			return err
		}
	}
	page, err := work.Scan(ctx, u, record.Intakes, store.Query{
		Index: record.ByState, Partition: "intake", From: spent, To: intake.Day(u.Now().Add(-alarmAfter)), Limit: store.MaxPage,
	})
	if err == nil && len(page.Items) > 0 {
		obs.Count("okence_alarm_total", "alarm", "intake_unhandled", "tenant", u.Tenant())
		f.env.Log.Error("received items wait unhandled and will be unreadable within days: see /v1/deadletters", "tenant", u.Tenant(), "count", len(page.Items))
	}
	return err
}

// orphans deletes blobs that no record names: what a crash between blob and
// commit, or between commit and deletion, left behind.
func (f *function) orphans(ctx context.Context, u *work.Unit) error {
	tenant, token := u.Tenant(), ""
	for {
		infos, next, err := f.env.Work.Blobs.List(ctx, tenant+"/", token)
		if err != nil {
			return err
		}
		for _, b := range infos {
			if time.Since(b.StoredAt) < orphanAge {
				continue
			}
			if _, err := f.env.Work.Unnamed(ctx, tenant, b.Name); err != nil {
				return err
			}
		}
		if token = next; token == "" {
			return nil
		}
	}
}
