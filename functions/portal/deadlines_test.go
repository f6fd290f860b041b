package portal

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var _ = may("GET /v1/deadlines", access.Supervisor, access.Officer, access.DPO, access.Administrator, access.Auditor)

func TestOverdueLimitsStandFirstUntilTheyAreMet(t *testing.T) {
	w := newWorld(t)
	now := w.Clock.Now()
	limit := func(tenant, id string, end time.Time, change func(*deadline.Limit)) {
		w.do(tenant, func(_ context.Context, u *work.Unit) error {
			l := deadline.New(deadline.Ref{Kind: "breach", ID: id}, "breach.authority", now.Add(-72*time.Hour), end, 0.5)
			change(l)
			work.Save(u, record.Limits, l)
			return nil
		})
	}
	as := func(*deadline.Limit) {}
	limit("ekc", "tomorrow", now.Add(24*time.Hour), as)
	limit("ekc", "over", now, as)
	limit("ekc", "paused", now.Add(time.Hour), func(l *deadline.Limit) { l.Pause(now) })
	limit("ekc", "met", now.Add(-time.Hour), func(l *deadline.Limit) { l.Meet(now) })
	limit("other", "others", now, as)

	shown := func(query string) (out []deadlineView) {
		var l list[deadlineView]
		w.ask("GET", "/v1/deadlines"+query, "", w.as("ekc", access.Officer)).want(200, "").schema("DeadlineList").into(&l)
		return l.Items
	}
	all := shown("")
	if len(all) != 3 || all[0].About.ID != "over" || !all[0].Overdue || all[1].About.ID != "paused" || all[1].Overdue || all[2].About.ID != "tomorrow" {
		t.Fatalf("%+v", all)
	}
	if got := shown("?before=" + now.Add(time.Second).Format(time.RFC3339)); len(got) != 1 || got[0].About.ID != "over" {
		t.Errorf("before: %+v", got)
	}
	if got := shown("?before=" + now.Format(time.RFC3339)); len(got) != 0 {
		t.Errorf("a limit that ends at that instant does not end before it: %+v", got)
	}
	if got := shown("?about=met"); len(got) != 1 || got[0].State != deadline.Met || !got[0].Late {
		t.Errorf("of one record: %+v", got)
	}
	w.ask("GET", "/v1/deadlines?before=tomorrow", "", w.as("ekc", access.Officer)).want(400, "invalid")
}
