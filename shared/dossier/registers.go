package dossier

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Marketing is the purpose of direct marketing in records of consent.
const Marketing = "marketing"

// maxListed bounds the consents, or disclosures, of one person that one commit
// deals with.
const maxListed = 60

// Withdraw ends a person's consents for a purpose, or all with "". It works from
// the receipt on (art. 7(3)), and returns how many ended.
func Withdraw(ctx context.Context, u *work.Unit, contactID, purpose string, w dossier.Withdrawal) (int, error) {
	page, err := work.Scan(ctx, u, record.Consents, store.Query{Index: record.ByContact, Partition: "consent." + contactID, Limit: maxListed})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, found := range page.Items {
		if purpose != "" && found.Purpose != purpose {
			continue
		}
		c, ok, err := work.Find(ctx, u, record.Consents, found.ID)
		if err != nil {
			return n, err
		}
		if ok && c.Withdraw(w) {
			work.Save(u, record.Consents, c)
			n++
		}
	}
	return n, nil
}

// Disclose puts a line into the disclosure register. Whoever discloses calls it
// beside u.Note(audit.Disclose, …).
func Disclose(ctx context.Context, u *work.Unit, d *dossier.Disclosure) error {
	var err error
	if d.ID == "" {
		if d.ID, err = u.NewID(ctx, "disclosure"); err != nil {
			return err
		}
	}
	if d.At.IsZero() {
		d.At = u.Now()
	}
	if d.By == "" {
		d.By = u.Actor().ID
	}
	work.Save(u, record.Disclosures, d)
	return nil
}

// DisclosuresOf lists what of a person was disclosed, oldest first, read afresh.
func DisclosuresOf(ctx context.Context, u *work.Unit, contactID string) ([]*dossier.Disclosure, error) {
	page, err := work.Scan(ctx, u, record.Disclosures, store.Query{Index: record.ByContact, Partition: "disclosure." + contactID, Limit: maxListed})
	if err != nil {
		return nil, err
	}
	var out []*dossier.Disclosure
	for _, found := range page.Items {
		d, ok, err := work.Find(ctx, u, record.Disclosures, found.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, d)
		}
	}
	return out, nil
}

// Unique sorts a list and drops repetitions.
func Unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
