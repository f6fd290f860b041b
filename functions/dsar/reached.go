package dsar

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// reached handles deadline.reached for limits of requests: an extension whose
// letter had not reached the person in the first month lapses (GDPR art. 12(3);
// P20). All other limits only warn: what follows is for a person.
func (f *function) reached(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil || d.AboutKind != record.Requests.Name || d.Name != extensionLimit {
		return err
	}
	m, err := f.load(ctx, u, d.AboutID)
	if err != nil {
		return err
	}
	if err := f.toldOf(ctx, u, m); err != nil {
		return err
	}
	if _, err := m.Lapse(m.limits, u.Now()); err != nil {
		return refused(err)
	}
	return f.keep(ctx, u, m)
}

// toldOf notes whether the letter of an extension has arrived: delivered, where
// the terms ask for that, else sent.
func (f *function) toldOf(ctx context.Context, u *work.Unit, m *matter) error {
	x := m.Clock.Extension
	if x == nil || x.LetterID == "" || !x.ToldAt.IsZero() {
		return nil
	}
	letter, err := work.Peek(ctx, u, record.Messages, x.LetterID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	delivered := m.terms.Requests.Extension.Delivered
	arrived := letter.State == message.Delivered || letter.State == message.Read
	if arrived || letter.State == message.Sent && (delivered == nil || !*delivered) {
		m.Told(letter.StateAt)
	}
	return nil
}
