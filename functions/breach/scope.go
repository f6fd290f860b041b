package breach

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// scope computes who and what is concerned, from the processing log and the
// field tags, and keeps it as evidence. The log is read in units of their own;
// what is kept is one commit. That it was read is noted.
func (f *function) scope(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.BreachScopeRequested](e)
	if err != nil {
		return err
	}
	s, err := work.Load(ctx, u, record.BreachScopes, d.ScopeID)
	if err != nil || !s.DoneAt.IsZero() {
		return err
	}
	tally, err := breachfile.Count(ctx, f.env.Work, work.Scope{Tenant: u.Tenant(), Function: manifest.Name, Actor: u.Actor(), Use: manifest.Use}, s.Query)
	if err != nil {
		return err
	}
	if err := breachfile.Keep(s, tally, u.Now()); err != nil {
		return err
	}
	work.Save(u, record.BreachScopes, s)
	u.Note(audit.View, "", audit.Item{Kind: record.Entries.Name, ID: s.ID}).Reason = "breach-scope"
	return nil
}
