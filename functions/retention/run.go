package retention

import (
	"context"
	"errors"
	"sync"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	pagesPerRun = 48 // pages of one piece of a run, read again in one commit
	hands       = 4  // pages under way at once
)

// run executes the next pages of a sweep, and then takes those that are closed
// into account, in order. Pages have commits of their own: what one of them did
// stands, whatever becomes of this piece.
func (f *function) run(ctx context.Context, u *work.Unit, s *retention.Sweep) error {
	sch, err := f.schedule(u.Tenant())
	if err != nil {
		return err
	}
	last := min(s.Closed+pagesPerRun, s.Pages)
	kept, err := erasure.Kept(ctx, u)
	if err != nil {
		return err
	}
	chain, err := f.chains(ctx, u.Tenant(), s.ID, s.Closed, last)
	if err != nil {
		return err
	}
	if err := f.pages(ctx, u.Tenant(), s.ID, chain, sch, kept); err != nil {
		return err // it comes again, and finds what is done
	}
	done, err := f.read(ctx, u.Tenant(), s.ID, s.Closed, last)
	if err != nil {
		return err
	}
	for _, p := range done {
		if p.State != retention.PageClosed {
			return fault.New(fault.Unavailable, "retention: page %s is not closed", p.ID)
		}
		s.Close(p)
	}
	if s.Closed == s.Pages {
		s.State, s.EndedAt = retention.Certify, u.Now()
	}
	return nil
}

// page executes and closes one page.
func (f *function) page(ctx context.Context, tenant, id string, g erasure.Generic, decide erasure.Decider, kept ledger.Kept) error {
	if err := f.eraser.Execute(ctx, tenant, id, g, decide); err != nil {
		return err
	}
	p, err := f.eraser.Close(ctx, tenant, id, "")
	if err != nil {
		return err
	}
	return f.endLogs(ctx, tenant, p, kept)
}

// chains groups pages that must be executed one after the other.
func (f *function) chains(ctx context.Context, tenant, job string, from, to int) (out [][]int, err error) {
	all, err := f.read(ctx, tenant, job, from, to)
	for _, p := range all {
		if p.Continues && len(out) > 0 {
			out[len(out)-1] = append(out[len(out)-1], p.Number)
			continue
		}
		out = append(out, []int{p.Number})
	}
	return out, err
}

// read reads pages as they are now, in a unit of its own: they change by commits
// of their own, which must not send this piece back.
func (f *function) read(ctx context.Context, tenant, job string, from, to int) (out []*retention.Page, err error) {
	scope := work.Scope{Tenant: tenant, Function: "retention", Actor: access.FunctionActor("retention"), Use: access.Retention}
	_, err = f.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
		out = nil
		refs := make([]work.Ref, 0, to-from)
		for n := from; n < to; n++ {
			refs = append(refs, work.Of(record.Pages, retention.PageID(job, n)))
		}
		if err := u.Fetch(ctx, refs...); err != nil {
			return err
		}
		for n := from; n < to; n++ {
			p, err := work.Peek(ctx, u, record.Pages, retention.PageID(job, n))
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}

// pages executes and closes chains of pages, some at once.
func (f *function) pages(ctx context.Context, tenant, job string, chain [][]int, sch *schedule, kept ledger.Kept) error {
	g := erasure.GenericOf(sch.terms)
	next := make(chan []int)
	errs := make([]error, hands)
	var wg sync.WaitGroup
	for h := range hands {
		wg.Go(func() {
			own := *sch
			own.ends = nil // decide does not use it
			for chain := range next {
				for _, n := range chain {
					if err := f.page(ctx, tenant, retention.PageID(job, n), g, own.decide, kept); err != nil {
						errs[h] = err
						break
					}
				}
			}
		})
	}
	for _, c := range chain {
		if ctx.Err() != nil {
			break
		}
		next <- c
	}
	close(next)
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fault.New(fault.Unavailable, "retention: pages of sweep %s were not all executed", job).Because(err)
	}
	return nil
}

// endLogs ends the change audit of tickets whose own time is over (K12, A8).
func (f *function) endLogs(ctx context.Context, tenant string, p *retention.Page, kept ledger.Kept) error {
	for i, r := range p.Results {
		if it := p.Items[i]; it.Kind == "ticket" && r.Outcome == retention.Done {
			if _, err := f.env.Ledger.End(ctx, tenant, it.ID, kept); err != nil {
				return err
			}
		}
	}
	return nil
}

// certify commits the certificate to the processing log.
func (f *function) certify(ctx context.Context, u *work.Unit, s *retention.Sweep) error {
	sch, err := f.schedule(u.Tenant())
	if err != nil {
		return err
	}
	if err := f.conclude(ctx, u, s); err != nil {
		return err
	}
	if s.Body, err = s.Certify(u.Tenant(), func(id string) string {
		if r := sch.rule(id); r != nil {
			return r.Clause
		}
		return ""
	}); err != nil {
		return fault.New(fault.Internal, "retention: the certificate of sweep %s can't be written", s.ID)
	}
	if _, err = f.env.Ledger.Seal(ctx, u.Tenant()); err != nil { // what the sweep did stands in the log before what it says of itself
		return err
	}
	if s.Leaf, err = f.env.Ledger.Certify(ctx, u.Tenant(), s.ID, s.Body); err != nil {
		return err
	}
	s.State = retention.Finished
	obs.Count("okence_sweeps_total", "tenant", u.Tenant())
	if s.Residue > 0 {
		obs.Count("okence_alarm_total", "alarm", "sweep_residue", "tenant", u.Tenant())
		f.env.Log.Error("a retention sweep left what should be gone", "tenant", u.Tenant(), "id", s.ID, "count", s.Residue)
	}
	return nil
}
