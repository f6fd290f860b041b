package retention

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// TestPagesOfDoneJobsExpire: five weeks after they were closed or laid down, to the
// second; those of a job that still goes on, or waits for a person, never.
func TestPagesOfDoneJobsExpire(t *testing.T) {
	w := newWorld(t, "ekc")
	at := w.Clock.Now()
	goes := map[string]retention.PageState{"finished.0": retention.PageClosed, "frozen.0": retention.PagePlanned, "request.0": retention.PageClosed}
	stays := map[string]retention.PageState{"braked.0": retention.PagePlanned, "asked.0": retention.PageTreated}
	count := func(of map[string]retention.PageState) (n int) {
		for id := range of {
			n += w.there("sweeppage", id)
		}
		return n
	}
	w.do(func(_ context.Context, u *work.Unit) error {
		for _, of := range []map[string]retention.PageState{goes, stays} {
			for id, state := range of {
				job, _, _ := strings.Cut(id, ".")
				work.Save(u, record.Pages, &retention.Page{ID: id, Job: job, State: state, At: at})
			}
		}
		for _, state := range []retention.SweepState{retention.Finished, retention.Frozen, retention.Braked} {
			work.Save(u, record.Sweeps, &retention.Sweep{ID: string(state), State: state, StartedAt: at, PlannedAt: at.Add(-time.Second)})
		}
		return nil
	})
	w.at(at.Add(pageKept - time.Second))
	if count(goes) != 3 {
		t.Fatal("a second early")
	}
	w.at(at.Add(pageKept))
	if count(goes) != 0 || count(stays) != 2 {
		t.Fatalf("%d of done jobs, %d of others", count(goes), count(stays))
	}
}
