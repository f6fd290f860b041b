package ledger

import (
	"context"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Entitlement is a recorded right of one person to read the processing log
// beside the administrators (ekc 7.9; A8). Its ID is the person's token subject.
type Entitlement struct {
	ID    string    `json:"id" data:"technical"`
	At    time.Time `json:"at" data:"technical"`             // UTC
	Until time.Time `json:"until" data:"technical"`          // UTC, exclusive
	Case  string    `json:"case,omitempty" data:"technical"` // the matter it is for; empty: any
	By    string    `json:"by" data:"technical"`             // the administrator's token subject
}

// MaxEntitlement is how long an entitlement may be given at once.
const MaxEntitlement = 366 * 24 * time.Hour

// Entitlements are the recorded entitlements.
var Entitlements = record.Define[Entitlement]("entitlement", 1, record.Indexed(func(e *Entitlement) []store.Entry {
	return []store.Entry{{Index: record.ByTime, Partition: "entitlement", Sort: record.Sortable(e.At)}}
}))

// Entitle records that a person may read the log until an instant; one that is
// past ends it. Only an administrator may, and it is noted. fault.Invalid: an
// instant too far away. fault.Forbidden: not an administrator, or for oneself.
func Entitle(ctx context.Context, u *work.Unit, person string, until time.Time, matter string) (*Entitlement, error) {
	a := u.Actor()
	switch {
	case a.Role != access.Administrator:
		return nil, fault.New(fault.Forbidden, "ledger: entitlements are an administrator's to record")
	case person == "" || person == a.ID:
		return nil, fault.New(fault.Forbidden, "ledger: nobody entitles himself")
	case until.After(u.Now().Add(MaxEntitlement)):
		return nil, fault.New(fault.Invalid, "ledger: an entitlement lasts a year at most")
	}
	if err := u.Fetch(ctx, work.Of(Entitlements, person)); err != nil {
		return nil, err
	}
	e := &Entitlement{ID: person, At: u.Now(), Until: until.UTC(), Case: matter, By: a.ID}
	work.Save(u, Entitlements, e)
	u.Note(audit.Manage, "", audit.Item{Kind: Entitlements.Name, ID: person}).Reason = "log-entitlement"
	return e, nil
}
