package retention

import (
	"context"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// pageKept is how long a page is kept after its last change: longer than a month,
// so that what one sweep did to a record can be looked up until the next ones are
// done, and than a plan may be executed. A restore needs the tombstones, which
// are elsewhere and stay; the sweep keeps counts, hashes and differences.
const pageKept = 35 * 24 * time.Hour

const (
	expirePerCommit = 40  // pages
	expireCommits   = 100 // of one tick; the rest is the next one's
)

// expire deletes the pages of jobs that are done and of plans that nobody may
// execute any more, in commits of their own. A page of a job that is under way
// stays, however old.
func (f *function) expire(ctx context.Context, tenant string) error {
	scope := work.Scope{Tenant: tenant, Function: "retention", Actor: access.FunctionActor("retention"), Use: access.Retention}
	token := ""
	for range expireCommits {
		next := ""
		_, err := f.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
			page, err := work.Scan(ctx, u, record.Pages, store.Query{
				Index: record.ByExpiry, Partition: "page", To: record.Sortable(u.Now().Add(time.Nanosecond - pageKept)), Limit: expirePerCommit, Token: token,
			})
			if err != nil {
				return err
			}
			next = page.Next
			for _, p := range page.Items {
				over, err := spent(ctx, u, p)
				if err != nil {
					return err
				}
				if !over {
					continue
				}
				if err := work.Delete(ctx, u, record.Pages, p.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if token = next; err != nil || next == "" {
			return err
		}
	}
	return nil
}

// spent reports whether nobody will need a page again.
func spent(ctx context.Context, u *work.Unit, p *retention.Page) (bool, error) {
	s, err := work.Peek(ctx, u, record.Sweeps, p.Job)
	if fault.Is(err, fault.NotFound) { // of a request
		return p.State == retention.PageClosed, nil
	}
	if err != nil {
		return false, err
	}
	return s.State == retention.Finished || s.State == retention.Frozen && u.Now().Sub(s.PlannedAt) > pageKept, nil
}
