package retention

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// reached handles the limits that are retention's own.
func (f *function) reached(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil || d.Stage != deadline.Due {
		return err
	}
	switch {
	case d.AboutKind == record.Contracts.Name && d.Name == collection.ReturnLimit:
		f.notReturned(u, d)
	case d.AboutKind == record.Offers.Name && d.Name == retention.OfferLimit:
		return lapse(ctx, u, d.AboutID)
	}
	return nil
}

// notReturned sounds an alarm where the end of a contract's limit has come and the
// data are still here. They are not destroyed by it: a controller that has not
// taken its data back may still need them; what it chooses is recorded.
func (f *function) notReturned(u *work.Unit, d *events.DeadlineReached) {
	obs.Count("okence_alarm_total", "alarm", "contract_return", "tenant", u.Tenant())
	f.env.Log.Warn("the data of a contract that has ended are still here", "tenant", u.Tenant(), "id", d.AboutID, "stage", d.Stage)
}

// lapse notes that an archive has not answered in its time: what it was offered
// goes with the next sweep (A8).
func lapse(ctx context.Context, u *work.Unit, id string) error {
	o, err := work.Load(ctx, u, record.Offers, id)
	if err != nil || !o.Lapse(u.Now()) {
		return err
	}
	work.Save(u, record.Offers, o)
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Offers.Name, ID: id}, retention.OfferLimit))
	if err != nil {
		return err
	}
	if ok && l.Withdraw(u.Now()) {
		work.Save(u, record.Limits, l)
	}
	u.Note(audit.Manage, "", audit.Item{Kind: record.Offers.Name, ID: id}).Reason = "no answer from the archive"
	return nil
}
