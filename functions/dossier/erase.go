package dossier

import (
	"context"
	"fmt"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// erase carries out an erasure: shared/erasure treats the records in commits of
// its own, each rechecked, and may be repeated under the same job; then the
// certificate is noted in the processing log, with this unit. A hold or a longer
// statutory term leaves its records, and the answer says so.
func (f *function) erase(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) (dsar.Result, bool, error) {
	if _, ok, err := work.Find(ctx, u, record.Erasures, r.ID); err != nil {
		return "", false, err
	} else if ok {
		return dsar.Done, true, nil
	}
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return "", false, err
	}
	told, err := f.tellRecipients(ctx, u, r, i)
	if err != nil {
		return "", false, err
	}
	c := model.Certificate{Format: model.CertificateFormat, Tenant: u.Tenant(), Request: r.ID, At: u.Now(), Erased: map[string]int{}, Told: told}
	e := erasure.New(f.env.Work, f.env.Ledger.Tree, manifest.Name, access.Rights)
	anonymised := func(store string) bool { return slices.Contains(terms.Anonymisation.Stores, policy.System(store)) }
	for _, person := range covered(r) {
		report, err := e.Person(ctx, u.Tenant(), "request."+r.ID+"."+person, person, erasure.GenericOf(terms), anonymised, r.ID)
		if err != nil {
			return "", false, err
		}
		add(&c, report)
	}
	c.Stays = append(c.Stays, dossier.OwnCopies(terms)...)
	done := &model.Erasure{ID: r.ID, ContactIDs: covered(r), At: u.Now(), Certificate: c}
	work.Save(u, record.Erasures, done)
	for _, person := range done.ContactIDs {
		entry := u.Note(audit.Erase, person, audit.Item{Kind: record.Erasures.Name, ID: r.ID, Fields: []string{c.Digest()}})
		entry.Case, entry.Reason = r.ID, i.Decision.Ground
	}
	switch {
	case !c.Whole():
		return dsar.Partly, true, nil
	case c.Planned == 0:
		return dsar.Nothing, true, nil
	}
	return dsar.Done, true, nil
}

// add takes the report on one contact into the certificate.
func add(c *model.Certificate, r erasure.Report) {
	c.Planned, c.Along, c.Keys, c.Residue = c.Planned+r.Planned, c.Along+r.With, c.Keys+r.Keys, c.Residue+r.Residue
	for kind, n := range r.Done {
		c.Erased[kind] += n
	}
	count := map[[2]string]int{}
	var order [][2]string
	for _, l := range r.Left {
		why := l.Why
		if why == "" {
			why = string(l.Outcome)
		}
		k := [2]string{l.Kind, why}
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
	}
	for _, k := range order {
		c.Stays = append(c.Stays, model.Stay{What: k[0], Why: k[1], Until: fmt.Sprintf("until %s ends", k[1]), Count: count[k]})
	}
}
