package portal

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/report"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// reportRoutes are counts that tell of nobody (K17).
var reportRoutes = []*route{
	{
		pattern: "GET /v1/reports/tickets", id: "reportTickets", title: "Tickets of a month in counts: by service, kind or class of person",
		text: "Those reported in a calendar month that is over, what has been made anonymous too: how many, closed, reopened, time and cost of labour. A group of fewer " +
			"persons than the pack says is suppressed, with what could be computed from the others and the total. There is no report of one adviser's work.",
		roles: []access.Role{access.Supervisor, access.Auditor, access.DPO, access.Administrator}, use: access.Operation, handle: (*function).reportTickets,
		query: []string{"month", "by"}, gives: "TicketReport", problems: []string{"report_size"},
	},
}

// maxReported is how many tickets one report counts.
const maxReported = 50_000

// reportView is a report as it goes out (schema TicketReport).
type reportView struct {
	Tenant   string    `json:"tenant"`
	Month    string    `json:"month"`
	By       report.By `json:"by"`
	Smallest int       `json:"smallest_group"`
	report.Table
}

func (f *function) reportTickets(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	pack, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	asked := c.r.URL.Query()
	v := reportView{Tenant: u.Tenant(), Month: asked.Get("month"), By: report.By(asked.Get("by")), Smallest: pack.At(u.Now()).Anonymisation.Least()}
	from, to, ok := report.Month(v.Month, pack.Zone, u.Now())
	if !ok || !slices.Contains(report.Groupings, v.By) {
		return answer{}, newProblem("invalid", "month is one that is over, as in 2026-10; by is service, kind or class")
	}
	tally, n := report.New(v.By), 0
	for _, s := range ticket.States {
		q := store.Query{Index: record.ByState, Partition: record.TicketsOfState + string(s), From: record.Sortable(from), To: record.Sortable(to), Limit: store.MaxPage}
		for {
			page, err := work.Scan(ctx, u, record.Tickets, q)
			if err != nil {
				return answer{}, err
			}
			for _, t := range page.Items {
				tally.Add(t)
			}
			if n += len(page.Items); n > maxReported {
				return answer{}, newProblem("report_size", "")
			}
			if q.Token = page.Next; q.Token == "" {
				break
			}
		}
	}
	v.Table = tally.Table(v.Smallest)
	return answer{body: v}, nil
}
