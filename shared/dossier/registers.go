package dossier

import (
	"context"
	"maps"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Marketing is the purpose of direct marketing in records of consent.
const Marketing = "marketing"

// withdrawn bounds the consents that one unit of work takes back: each is an
// operation of its commit (store.MaxOps), beside what else the unit does.
const withdrawn = 40

// Withdraw ends a person's consents for a purpose, or all with "". It works from
// the receipt on (art. 7(3)), and returns how many ended. Where more stand than one
// commit should hold, an event in the same commit carries the rest on: none is
// passed over, and a crash in between costs nothing. Doing it again changes nothing.
func Withdraw(ctx context.Context, u *work.Unit, contactID, purpose string, w dossier.Withdrawal) (int, error) {
	q := store.Query{Index: record.ByContact, Partition: "consent." + contactID, Limit: store.MaxPage}
	for n := 0; ; {
		page, err := work.Scan(ctx, u, record.Consents, q)
		if err != nil {
			return n, err
		}
		for _, found := range page.Items {
			if purpose != "" && found.Purpose != purpose || !found.Withdraw(w) {
				continue
			}
			c, ok, err := work.Find(ctx, u, record.Consents, found.ID)
			if err != nil {
				return n, err
			}
			if !ok || !c.Withdraw(w) { // the index lags
				continue
			}
			if n == withdrawn {
				return n, u.Emit(ctx, contactID, &events.ConsentWithdrawn{
					ContactID: contactID, Purpose: purpose, At: w.At.UTC(), Channel: w.Channel, How: string(w.How), MessageID: w.MessageID,
				})
			}
			work.Save(u, record.Consents, c)
			n++
		}
		if q.Token = page.Next; q.Token == "" {
			return n, nil
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

// DiscloseOnce is Disclose for what may go out again, and is a disclosure once: its
// id follows from the parts that name it.
func DiscloseOnce(ctx context.Context, u *work.Unit, d *dossier.Disclosure, parts ...string) error {
	var err error
	if d.ID, err = u.Hash(ctx, "disclosure", parts...); err != nil {
		return err
	}
	there, err := u.There(ctx, work.Of(record.Disclosures, d.ID))
	if err != nil || there {
		return err
	}
	return Disclose(ctx, u, d)
}

// Returned registers that an item of a contract went back to its controller (L08),
// once however often it is taken.
func Returned(ctx context.Context, u *work.Unit, controller string, i *collection.Item) error {
	return DiscloseOnce(ctx, u, &dossier.Disclosure{
		ContactID: i.Subject, Recipient: controller, Ground: dossier.Return, About: []string{record.Collections.Name + "/" + i.ID},
	}, "returned", i.ID, controller)
}

// DisclosuresOf visits what of a person was disclosed, oldest first, all pages, as
// the register's index has it: whoever changes a line reads it afresh.
func DisclosuresOf(ctx context.Context, u *work.Unit, contactID string, visit func(*dossier.Disclosure)) error {
	q := DisclosureQuery(contactID, "", store.MaxPage)
	for {
		page, err := work.Scan(ctx, u, record.Disclosures, q)
		if err != nil {
			return err
		}
		for _, d := range page.Items {
			visit(d)
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
	}
}

// DisclosureQuery asks for a page of what of a person was disclosed, oldest first.
func DisclosureQuery(contactID, token string, limit int) store.Query {
	return store.Query{Index: record.ByContact, Partition: "disclosure." + contactID, Token: token, Limit: limit}
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
