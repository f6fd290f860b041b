package dossier

import (
	"context"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// liftedPerRun bounds what one run lifts: each brings some changes to a commit.
const liftedPerRun = 10

// lifting is the right that a circular tells of after a restriction was lifted.
const lifting = "lifting"

// lift opens the gate again for those whose lifting an officer has decided, once
// the person has been told (art. 18(3) GDPR): functions/portal writes the letter
// with the decision.
func (f *function) lift(ctx context.Context, u *work.Unit) error {
	q := store.Query{Index: record.ByState, Partition: "restriction.lifting", Limit: store.MaxPage}
	for n := 0; ; {
		page, err := work.Scan(ctx, u, record.Restrictions, q)
		if err != nil {
			return err
		}
		for _, r := range page.Items {
			over, err := gone(ctx, u, r.LiftLetter)
			if err != nil {
				return err
			}
			if !r.Ends(over, u.Now()) {
				continue
			}
			if err := f.unrestrict(ctx, u, r); err != nil {
				return err
			}
			if n++; n == liftedPerRun {
				return nil
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
	}
}

// unrestrict lifts one restriction, and has the recipients told who were told of it.
func (f *function) unrestrict(ctx context.Context, u *work.Unit, r *contact.Restriction) error {
	if err := work.Delete(ctx, u, record.Restrictions, r.ID); err != nil {
		return err
	}
	e := u.Note(audit.Change, r.ID, audit.Item{Kind: record.Restrictions.Name, ID: r.ID})
	e.Case, e.Reason = r.RequestID, "lifted"
	if r.RequestID == "" {
		return nil
	}
	request, err := work.Load(ctx, u, record.Requests, r.RequestID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil // its own term is over: who was told stands nowhere any more
	}
	if err != nil {
		return err
	}
	return f.circulate(ctx, u, request, dsar.Right(lifting), []string{r.ID})
}

// gone reports whether a letter has left, or never will.
func gone(ctx context.Context, u *work.Unit, letter string) (bool, error) {
	if letter == "" {
		return false, nil
	}
	m, err := work.Peek(ctx, u, record.Messages, letter)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return err == nil && m.State != message.Queued && m.State != message.Sending, err
}
