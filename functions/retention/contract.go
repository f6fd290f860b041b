package retention

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// warnings of a contract's limit, as shares of its time.
var contractWarnings = []float64{0.5, 0.9}

// ended notes from when a contract has ended, and starts the limit by which its
// data are returned and every copy is destroyed (L08, S16). It comes from the
// portal or from a register of contracts, perhaps twice; an end that can't be is
// a dead letter.
func (f *function) ended(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.ContractEnded](e)
	if err != nil {
		return err
	}
	k, err := work.Load(ctx, u, record.Contracts, d.ContractID)
	if err != nil {
		return err
	}
	if err := k.End(d.EndedAt, d.Erasure, u.Actor().ID, u.Now()); err != nil {
		return fault.New(fault.Poison, "retention: contract %s can't end so", k.ID).Because(err)
	}
	work.Save(u, record.Contracts, k)
	l, err := f.returnLimit(u.Tenant(), k)
	if err != nil {
		return err
	}
	work.Save(u, record.Limits, l)
	u.Note(audit.Manage, "", audit.Item{Kind: record.Contracts.Name, ID: k.ID}).Reason = "contract ended"
	return nil
}

// returnLimit runs from the end of a contract, as long as the pack says: its
// term for returning data, else the period of its schedule for a contract's end.
func (f *function) returnLimit(tenant string, k *collection.Contract) (*deadline.Limit, error) {
	pack, err := f.env.Policy.ForTenant(tenant)
	if err != nil {
		return nil, err
	}
	dated := pack.ForService(k.Service)
	terms := dated.At(k.EndedAt)
	span, path := terms.Ending.ReturnData, "ending.return_data"
	for _, id := range slices.Sorted(maps.Keys(terms.Retention)) {
		if r := terms.Retention[id]; span.IsZero() && r.Trigger == policy.ContractEnd {
			span, path = r.Period, "retention."+id+".period"
		}
	}
	end := k.EndedAt // no term, or none given: at once
	if !span.IsZero() && span.N > 0 {
		cal, err := terms.Calendar()
		if err != nil {
			return nil, err
		}
		term, err := span.Term()
		if err != nil {
			return nil, fault.New(fault.Internal, "retention: the pack's %s is no term", path)
		}
		res, err := term.From(cal, k.EndedAt)
		if err != nil {
			return nil, err
		}
		end = res.End
	}
	l := deadline.New(collection.About(k.ID), collection.ReturnLimit, k.EndedAt, end, contractWarnings...)
	l.Rule, l.Law = "L08", dated.Cite(path, k.EndedAt)
	return l, nil
}

// contract begins a sweep of a contract's own, where one of all comes upon data
// that may go; a dry run only plans, and a contract whose sweep is under way is
// left to it.
func (p *planner) contract(ctx context.Context, c *collection.Contract) error {
	if p.sweep.DryRun || !mayGo(c, p.sweep.AsOf) {
		return nil
	}
	if c.SweepID != "" {
		s, ok, err := work.Find(ctx, p.u, record.Sweeps, c.SweepID)
		if err != nil || ok && s.Active() {
			return err
		}
	}
	k, err := work.Load(ctx, p.u, record.Contracts, c.ID)
	if err != nil {
		return err
	}
	id, err := p.u.NewID(ctx, "sweep")
	if err != nil {
		return err
	}
	s := &retention.Sweep{ID: id, State: retention.Planning, AsOf: p.u.Now(), StartedAt: p.u.Now(), By: p.u.Actor().ID, Contract: k.ID}
	k.SweepID = id
	work.Save(p.u, record.Contracts, k)
	work.Save(p.u, record.Sweeps, s)
	p.pages += 3 // of what one commit holds
	return p.u.Emit(ctx, id, &events.RetentionSweepMoved{SweepID: id, Round: s.Round})
}

// held plans one item under a contract that has ended, unless its controller has
// named it as under a statutory term.
func (p *planner) held(ctx context.Context, r *retention.Rule, i *collection.Item) error {
	c, err := work.Peek(ctx, p.u, record.Contracts, i.ContractID)
	if err == nil && mayGo(c, p.sweep.AsOf) && len(c.Keeps(i, p.sweep.AsOf)) == 0 {
		p.add(r, record.Collections.Name, i.ID, "")
	}
	return err
}

// conclude notes on the contract whose data the sweep has destroyed what is left
// of them. Where nothing is left but what the law keeps, its limit is met.
func (f *function) conclude(ctx context.Context, u *work.Unit, s *retention.Sweep) error {
	if s.Contract == "" {
		return nil
	}
	k, err := work.Load(ctx, u, record.Contracts, s.Contract)
	if err != nil || !mayGo(k, u.Now()) { // another sweep was first
		return err
	}
	kept, others, err := leftOf(ctx, u, k)
	if err != nil {
		return err
	}
	if !k.Conclude(s.ID, kept, others, u.Now()) {
		f.env.Log.Warn("data of a contract that has ended are held back", "tenant", u.Tenant(), "id", k.ID)
		return nil
	}
	work.Save(u, record.Contracts, k)
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(collection.About(k.ID), collection.ReturnLimit))
	if err == nil && ok && l.Meet(u.Now()) {
		work.Save(u, record.Limits, l)
	}
	return err
}

// leftOf counts what is left under a contract: under a statutory term, and else.
func leftOf(ctx context.Context, u *work.Unit, k *collection.Contract) (kept, others int, err error) {
	q := store.Query{Index: record.ByNode, Partition: k.ID, Limit: store.MaxPage}
	for {
		found, next, err := u.Seek(ctx, q, record.Collections.Name)
		if err != nil {
			return 0, 0, err
		}
		for _, f := range found {
			if len(k.Keeps(f.Rec.(*collection.Item), u.Now())) > 0 {
				kept++
				continue
			}
			if others > 0 {
				continue // one is enough
			}
			there, err := u.There(ctx, f.Ref) // an index may lag
			if err != nil {
				return 0, 0, err
			}
			if there {
				others++
			}
		}
		if q.Token = next; next == "" {
			return kept, others, nil
		}
	}
}

// mayGo reports whether a contract's data may go at an instant.
func mayGo(c *collection.Contract, asOf time.Time) bool {
	due := c.DueAt()
	return !due.IsZero() && !asOf.Before(due)
}
