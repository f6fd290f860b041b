package dossier

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// erase carries out one pass of an erasure: shared/erasure treats the records in
// commits of its own, each rechecked, and may be repeated under the same job; then
// the certificate of all passes so far is noted in the processing log, with this
// unit. What a hold, another request or a restriction keeps waits for the next
// pass; a longer statutory term leaves its records, and the certificate names it.
func (f *function) erase(ctx context.Context, u *work.Unit, r *dsar.Request, i *dsar.Item) (dsar.Result, bool, error) {
	pass := 1
	if i.Erasing != nil {
		pass = i.Erasing.Pass
	}
	done, again, err := work.Find(ctx, u, record.Erasures, r.ID)
	if err != nil {
		return "", false, err
	}
	if again && done.Pass >= pass {
		return outcome(done), true, nil
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
	if again { // what went before went; what stayed is looked at anew
		c.Along, c.Keys, c.Planned, c.Residue = done.Certificate.Along, done.Certificate.Keys, done.Certificate.Planned-left(done.Certificate), done.Certificate.Residue
		c.Searched = done.Certificate.Searched
		maps.Copy(c.Erased, done.Certificate.Erased)
	}
	pack, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return "", false, err
	}
	archival := erasure.ArchivalOf(pack)
	e, offering := erasure.New(f.env.Work, f.env.Ledger.Tree, manifest.Name, access.Rights).First(archival), erasure.NewOffering(archival)
	anonymised := func(store string) bool { return slices.Contains(terms.Anonymisation.Stores, policy.System(store)) }
	waiting := false
	for _, person := range covered(r) {
		report, err := e.Person(ctx, u.Tenant(), job(r.ID, person, pass), person, erasure.GenericOf(terms), anonymised, r.ID)
		if err != nil {
			return "", false, err
		}
		waiting = add(&c, report) || waiting
		for _, l := range report.Left { // what the archive comes first for is offered now
			if l.Kind != record.Tickets.Name {
				continue
			}
			t, err := work.Peek(ctx, u, record.Tickets, l.ID)
			if err != nil {
				return "", false, err
			}
			if _, _, err := offering.Ask(ctx, u, t, false); err != nil {
				return "", false, err
			}
		}
		packages, err := erasure.Waiting(ctx, u, person)
		if err != nil {
			return "", false, err
		}
		for _, p := range packages { // not counted: they go by themselves
			c.Stays = append(c.Stays, model.Stay{What: record.Packages.Name, Why: "art. 15 GDPR: granted, and not taken yet", Until: p.ExpiresAt.Format(time.RFC3339)})
		}
	}
	c.Stays = append(c.Stays, dossier.OwnCopies(terms)...)
	if stays, err := unprovedMailbox(ctx, u, r); err != nil {
		return "", false, err
	} else if stays {
		c.Stays = append(c.Stays, model.Stay{What: "letters of this request at the address that it gives", Why: "the address is not proved to be the person's (art. 12(6) GDPR)", Until: "the term of its own correspondence"})
	}
	done = &model.Erasure{ID: r.ID, ContactIDs: covered(r), At: u.Now(), Pass: pass, Waiting: waiting, Certificate: c}
	work.Save(u, record.Erasures, done)
	for _, person := range done.ContactIDs {
		entry := u.Note(audit.Erase, person, audit.Item{Kind: record.Erasures.Name, ID: r.ID, Fields: []string{c.Digest()}})
		entry.Case, entry.Reason = r.ID, i.Decision.Ground
	}
	return outcome(done), true, nil
}

// unprovedMailbox reports whether the address that a request gives for its answer
// stands under a contact that nobody proved to be the person's: it may be somebody
// else's, so nothing there is erased, and the certificate says so.
func unprovedMailbox(ctx context.Context, u *work.Unit, r *dsar.Request) (bool, error) {
	if !strings.Contains(r.Address, "@") {
		return false, nil
	}
	id, err := locate.AddressID(ctx, u, message.Mailto, "", strings.TrimSpace(r.Address))
	if err != nil {
		return false, err
	}
	l, ok, err := work.Find(ctx, u, record.Lookups, id)
	return ok && !slices.Contains(r.Covered(), l.ContactID), err
}

// job names the work of a pass on one contact: a pass that is repeated goes on
// where it was cut off.
func job(request, person string, pass int) string {
	if pass == 1 {
		return "request." + request + "." + person
	}
	return fmt.Sprintf("request.%s.%s.%d", request, person, pass)
}

// outcome is what an erasure came to.
func outcome(e *model.Erasure) dsar.Result {
	switch {
	case e.Waiting:
		return dsar.Waiting
	case !e.Certificate.Whole():
		return dsar.Partly
	case e.Certificate.Planned == 0:
		return dsar.Nothing
	}
	return dsar.Done
}

// left is how many records a certificate says stayed.
func left(c model.Certificate) (n int) {
	for _, s := range c.Stays {
		n += s.Count
	}
	return n
}

// add takes the report on one contact into the certificate. It reports whether
// something stays that is to be waited for.
func add(c *model.Certificate, r erasure.Report) (waiting bool) {
	c.Planned, c.Along, c.Keys, c.Residue = c.Planned+r.Planned, c.Along+r.With, c.Keys+r.Keys, c.Residue+r.Residue
	c.Searched += r.Searched
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
		waiting = waiting || temporary(why)
		k := [2]string{l.Kind, why}
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
	}
	for _, k := range order {
		c.Stays = append(c.Stays, model.Stay{What: k[0], Why: k[1], Until: fmt.Sprintf("until %s ends", k[1]), Count: count[k]})
	}
	return waiting
}

// temporary reports whether one of the causes of a difference ends by itself or by
// a person's act.
func temporary(causes string) bool {
	for c := range strings.SplitSeq(causes, ",") {
		if retention.Cause(c).Temporary() {
			return true
		}
	}
	return false
}
