package retention

import (
	"context"
	"errors"
	"sync"

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
	err = f.pages(ctx, u.Tenant(), s.ID, s.Closed, last, sch, kept)
	for s.Closed < last {
		p, perr := work.Peek(ctx, u, record.Pages, retention.PageID(s.ID, s.Closed))
		if perr != nil {
			return errors.Join(err, perr)
		}
		if p.State != retention.PageClosed {
			return err // it comes again, and goes on there
		}
		s.Close(p)
	}
	if s.Closed == s.Pages {
		s.State, s.EndedAt = retention.Certify, u.Now()
	}
	return nil
}

// pages executes and closes the pages from <= n < to, some at once.
func (f *function) pages(ctx context.Context, tenant, job string, from, to int, sch *schedule, kept ledger.Kept) error {
	g := erasure.GenericOf(sch.terms)
	next := make(chan int)
	errs := make([]error, hands)
	var wg sync.WaitGroup
	for h := range hands {
		wg.Go(func() {
			own := *sch
			own.ends = nil // decide does not use it
			for n := range next {
				id := retention.PageID(job, n)
				err := f.eraser.Execute(ctx, tenant, id, g, own.decide)
				if err == nil {
					var p *retention.Page
					if p, err = f.eraser.Close(ctx, tenant, id, ""); err == nil {
						err = f.endLogs(ctx, tenant, p, kept)
					}
				}
				if err != nil && errs[h] == nil {
					errs[h] = err
				}
			}
		})
	}
	for n := from; n < to && ctx.Err() == nil; n++ {
		next <- n
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
