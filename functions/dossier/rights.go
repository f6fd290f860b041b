package dossier

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// rectify keeps the supplementary statement beside what it corrects: no earlier
// version is lost, and whoever reads the person's records reads it too (art. 16).
func (f *function) rectify(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) (dsar.Result, bool, error) {
	text := r.Statement
	if text == "" {
		text = r.Text
	}
	if text == "" {
		return dsar.Impossible, true, nil
	}
	work.Save(u, record.Statements, &model.Statement{ID: r.ID, ContactID: covered(r)[0], RequestID: r.ID, At: u.Now(), Text: text})
	_, err := f.tellRecipients(ctx, u, r, i)
	return dsar.Done, true, err
}

// restrict closes the gate (art. 18): until it is lifted the data opens for
// storage, legal claims and the person's own requests alone.
func (f *function) restrict(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) (dsar.Result, bool, error) {
	ground := i.Decision.Ground
	if ground == "" {
		ground = "request"
	}
	if err := f.close(ctx, u, r, ground); err != nil {
		return "", false, err
	}
	_, err := f.tellRecipients(ctx, u, r, i)
	return dsar.Done, true, err
}

func (f *function) close(ctx context.Context, u *work.Unit, r *dsar.Request, ground string) error {
	for _, id := range covered(r) {
		_, ok, err := work.Find(ctx, u, record.Restrictions, id)
		if err != nil {
			return err
		}
		if ok {
			continue
		}
		work.Save(u, record.Restrictions, &contact.Restriction{ID: id, SinceAt: u.Now(), Ground: ground, RequestID: r.ID})
		if err := erasure.Restrain(ctx, u, id); err != nil { // the log about this person is kept for it
			return err
		}
		e := u.Note(audit.Change, id, audit.Item{Kind: record.Restrictions.Name, ID: id})
		e.Case, e.Reason = r.ID, "restricted"
	}
	return nil
}

// object stops what was objected to: direct marketing at once and without any
// balancing (art. 21(3); P19), other processing by restriction until the officer
// has what follows carried out.
func (f *function) object(ctx context.Context, u *work.Unit, r *dsar.Request, _ *dsar.Item) (dsar.Result, bool, error) {
	for _, id := range covered(r) {
		if _, err := dossier.Withdraw(ctx, u, id, dossier.Marketing, model.Withdrawal{At: r.ReceivedAt, Channel: "request", How: model.Message}); err != nil {
			return "", false, err
		}
	}
	if r.Marketing {
		return dsar.Done, true, nil
	}
	return dsar.Done, true, f.close(ctx, u, r, "objection")
}

// withdraw ends every consent, from the receipt of the request on and not before.
func (f *function) withdraw(ctx context.Context, u *work.Unit, r *dsar.Request, _ *dsar.Item) (dsar.Result, bool, error) {
	ended := 0
	for _, id := range covered(r) {
		n, err := dossier.Withdraw(ctx, u, id, "", model.Withdrawal{At: r.ReceivedAt, Channel: "request", How: model.Message})
		if err != nil {
			return "", false, err
		}
		ended += n
	}
	if ended == 0 {
		return dsar.Nothing, true, nil
	}
	return dsar.Done, true, nil
}

// notifyOthers tells recipients what was granted in this request (art. 19).
func (f *function) notifyOthers(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) (dsar.Result, bool, error) {
	told, err := f.tellRecipients(ctx, u, r, i)
	if err != nil || len(told) == 0 {
		return dsar.Nothing, true, err
	}
	return dsar.Done, true, nil
}

// consentWithdrawn handles consent.withdrawn: the rest of a withdrawal.
func (f *function) consentWithdrawn(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.ConsentWithdrawn](e)
	if err != nil {
		return err
	}
	_, err = dossier.Withdraw(ctx, u, d.ContactID, d.Purpose, model.Withdrawal{At: d.At, Channel: d.Channel, How: model.How(d.How), MessageID: d.MessageID})
	return err
}
