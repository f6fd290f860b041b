package dossier

import (
	"context"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

func (f *function) access(ctx context.Context, u *work.Unit, r *dsar.Request, _ *dsar.Item) (dsar.Result, bool, error) {
	return f.open(ctx, u, r, model.Access)
}

func (f *function) portability(ctx context.Context, u *work.Unit, r *dsar.Request, _ *dsar.Item) (dsar.Result, bool, error) {
	return f.open(ctx, u, r, model.Portability)
}

// open makes the package of a request, or leaves it to a reviewer.
func (f *function) open(ctx context.Context, u *work.Unit, r *dsar.Request, form model.Form) (dsar.Result, bool, error) {
	p, ok, err := work.Find(ctx, u, record.Packages, model.ID(r.ID, form))
	if err != nil {
		return "", false, err
	}
	if ok && p.State == model.Ready {
		return dsar.Done, true, nil
	}
	if !ok {
		p = &model.Package{ID: model.ID(r.ID, form), RequestID: r.ID, ContactID: r.ContactID, Form: form, State: model.Review, CreatedAt: u.Now()}
	}
	p.ContactIDs, p.Language = covered(r), language(r)
	done, err := f.make(ctx, u, p)
	return dsar.Done, done, err
}

// make builds a package from what is stored now. It reports whether nothing is
// left to decide, and so the content is there.
func (f *function) make(ctx context.Context, u *work.Unit, p *model.Package) (bool, error) {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return false, err
	}
	b, err := dossier.Build(ctx, u, dossier.Sources{Tree: f.env.Ledger.Tree, Terms: terms}, p)
	if err != nil {
		return false, err
	}
	p.Open, p.Records, p.Cuts = b.Open, len(b.Records), len(b.Redactions)
	work.Save(u, record.Packages, p)
	if b.Open > 0 {
		if p.State == model.Ready { // what was made before is not handed over any more
			if err := work.Drop(ctx, u, record.Packages, p.ID, "Archive"); err != nil {
				return false, err
			}
		}
		p.State = model.Review
		return false, nil
	}
	archive, digest, err := b.Pack(ctx, f.env.Ledger)
	if err != nil {
		return false, err
	}
	p.Finish(archive, digest, u.Now())
	for _, s := range p.ContactIDs {
		e := u.Note(audit.View, s, audit.Item{Kind: record.Packages.Name, ID: p.ID})
		e.Case = p.RequestID
	}
	return true, nil
}

// reviewed handles dossier.reviewed: the package is made anew with the verdicts.
// What came in meanwhile may bring new doubts.
func (f *function) reviewed(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DossierReviewed](e)
	if err != nil {
		return err
	}
	p, err := work.Load(ctx, u, record.Packages, d.Package)
	if err != nil || p.State == model.Expired {
		return err
	}
	r, err := work.Load(ctx, u, record.Requests, p.RequestID)
	if err != nil {
		return err
	}
	if _, err := dossier.Still(ctx, u, r); err != nil { // a merge may have been taken back since (K04)
		return err
	}
	if len(r.Covered()) == 0 {
		return erasure.Empty(ctx, u, p.ID) // nobody is left whose it could be
	}
	p.ContactIDs = covered(r)
	was := p.State
	done, err := f.make(ctx, u, p)
	if err != nil || !done || was == model.Ready {
		return err
	}
	i := r.Item(dsar.Key{Right: dsar.Right(p.Form), Scope: dsar.Data})
	if i == nil || i.State != dsar.ToDo {
		i = r.Item(dsar.Key{Right: dsar.Right(p.Form), Scope: dsar.AuditTrail})
	}
	if i == nil || i.State != dsar.ToDo {
		return nil
	}
	return f.carriedOut(ctx, u, i, r.ID, dsar.Done)
}

// covered are the contacts that the requester proved, or an officer confirmed,
// in an order that stays.
func covered(r *dsar.Request) []string {
	all := r.Covered()
	slices.Sort(all)
	return all
}

func language(r *dsar.Request) string {
	if r.Language == "" {
		return "sl"
	}
	return r.Language
}
