package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// deadlineRoutes show the limits that run.
var deadlineRoutes = []*route{
	{
		pattern: "GET /v1/deadlines", id: "listDeadlines", title: "Limits that still ask for something, the first to end first",
		text: "So those that are overdue stand first, with overdue true, until they are met or withdrawn. Ids, names and instants only: no personal data. " +
			"With about, all limits of one record, ended ones too.",
		roles: []access.Role{access.Supervisor, access.Officer, access.DPO, access.Administrator, access.Auditor}, use: access.Operation, handle: (*function).listDeadlines,
		query: []string{"before", "about", "cursor", "limit"}, gives: "DeadlineList", problems: []string{"bad_cursor"},
	},
}

// deadlineView is a limit as it goes out (schema Deadline).
type deadlineView struct {
	ID         string           `json:"id"`
	Tenant     string           `json:"tenant"`
	Name       string           `json:"name"`
	About      deadline.Ref     `json:"about"`
	Party      string           `json:"party,omitempty"`
	Rule       string           `json:"rule,omitempty"`
	Law        string           `json:"law,omitempty"`
	StartAt    time.Time        `json:"start_at"`
	EndAt      time.Time        `json:"end_at"`
	UnpausedAt time.Time        `json:"unpaused_at,omitzero"`
	PausedAt   time.Time        `json:"paused_at,omitzero"`
	State      deadline.State   `json:"state"`
	Overdue    bool             `json:"overdue"`
	Late       bool             `json:"late,omitempty"`
	EndedAt    time.Time        `json:"ended_at,omitzero"`
	Stages     []deadline.Stage `json:"stages"`
	Told       int              `json:"told"`
}

func viewDeadline(tenant string, l *deadline.Limit, now time.Time) deadlineView {
	return deadlineView{
		ID: l.ID, Tenant: tenant, Name: l.Name, About: l.About, Party: l.Party, Rule: l.Rule, Law: l.Law,
		StartAt: l.StartAt.UTC(), EndAt: l.EndAt.UTC(), UnpausedAt: l.UnpausedAt, PausedAt: l.PausedAt,
		State: l.State, Overdue: l.Overdue(now), Late: l.Late, EndedAt: l.EndedAt, Stages: l.Stages, Told: l.Told,
	}
}

func (f *function) listDeadlines(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	params := c.r.URL.Query()
	q := store.Query{Index: record.ByEnd, Partition: "limit"}
	if about := params.Get("about"); about != "" {
		if !idShape.MatchString(about) {
			return answer{}, newProblem("invalid", "about must be the id of a record")
		}
		q.Index, q.Partition = record.ByNode, about
	}
	if text := params.Get("before"); text != "" {
		before, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return answer{}, newProblem("invalid", "before must be an instant (RFC 3339)")
		}
		q.To = record.Sortable(before)
	}
	q, _, err := c.cursor(q)
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Limits, q)
	if err != nil {
		return answer{}, err
	}
	out := list[deadlineView]{Items: make([]deadlineView, 0, len(page.Items)), Next: page.Next}
	for _, l := range page.Items {
		out.Items = append(out.Items, viewDeadline(u.Tenant(), l, u.Now()))
	}
	return answer{body: out}, nil
}
