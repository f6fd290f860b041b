package desk

import (
	"context"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// answered lets a ticket go on for whose person was waited for: its targets run
// again.
func (f *function) answered(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.TicketPersonAnswered](e)
	if err != nil {
		return err
	}
	t, err := work.Load(ctx, u, record.Tickets, d.TicketID)
	if closed(err) {
		return nil
	}
	if err != nil {
		return err
	}
	person, err := work.Load(ctx, u, record.Contacts, t.ContactID)
	if err != nil && !closed(err) {
		return err
	}
	if err == nil && slices.Contains(person.Waits, t.ID) {
		person.Waits = slices.DeleteFunc(person.Waits, func(id string) bool { return id == t.ID })
		work.Save(u, record.Contacts, person)
	}
	return desk.Resume(ctx, u, f.env, t)
}
