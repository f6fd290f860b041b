package dossier

import (
	"context"
	"maps"
	"slices"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Marketing is the purpose of direct marketing in records of consent.
const Marketing = "marketing"

// Withdraw ends a person's consents for a purpose, or all with "". It works from
// the receipt on (art. 7(3)), and returns how many ended.
func Withdraw(ctx context.Context, u *work.Unit, contactID, purpose string, w dossier.Withdrawal) (int, error) {
	all, err := registered(ctx, u, record.Consents, "consent."+contactID, func(c *dossier.Consent) string { return c.ID })
	n := 0
	for _, c := range all {
		if (purpose == "" || c.Purpose == purpose) && c.Withdraw(w) {
			work.Save(u, record.Consents, c)
			n++
		}
	}
	return n, err
}

// registered reads the lines of one person in a register, all pages, the oldest
// first, each afresh: what the unit saves of them is held to what was read. More
// than one commit can hold (store: 100 operations) fail it openly: none is passed over.
func registered[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], partition string, id func(*T) string) ([]*T, error) {
	var out []*T
	q := store.Query{Index: record.ByContact, Partition: partition, Limit: store.MaxPage}
	for {
		page, err := work.Scan(ctx, u, k, q)
		if err != nil {
			return nil, err
		}
		for _, found := range page.Items {
			rec, ok, err := work.Find(ctx, u, k, id(found))
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, rec)
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return out, nil
		}
	}
}

// Disclose puts a line into the disclosure register (P16). Whoever discloses calls it
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
	return registered(ctx, u, record.Disclosures, "disclosure."+contactID, func(d *dossier.Disclosure) string { return d.ID })
}

// Unique sorts a list and drops repetitions.
func Unique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// OwnCopies are what no erasure reaches, by the pack, and until when (A8; art.
// 17(3), 5(2), 33(5), 7(1)).
func OwnCopies(t *policy.Terms) []dossier.Stay {
	var out []dossier.Stay
	for _, what := range t.Requests.OwnCopies {
		s := dossier.Stay{What: what, Why: "art. 17(3)(b), (e) GDPR", Until: "its statutory term"}
		switch what {
		case "processing log":
			s.Why, s.Until = "art. 5(2) GDPR; ekc 7.11.2", "entry + "+t.LogFor("log").Period.String()
		case "the request's own file":
			s.Why, s.Until = "art. 5(2), 12 GDPR", until(t, "request")
		case "breach register":
			s.Why, s.Until = "art. 33(5) GDPR", until(t, "breach")
		case "proof of consent":
			s.Why, s.Until = "art. 7(1) GDPR", until(t, "consent")
		}
		out = append(out, s)
	}
	return out
}

// until is the term of a retention class in words of the pack.
func until(t *policy.Terms, class policy.RetentionClass) string {
	for _, id := range slices.Sorted(maps.Keys(t.Retention)) {
		if r := t.Retention[id]; r.Class == class {
			return string(r.Trigger) + " + " + r.Period.String()
		}
	}
	return t.RetentionClasses[class].Period.String()
}
