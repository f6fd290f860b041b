package portal

import (
	"time"

	"github.com/okence/okence/shared/domain/deadline"
)

// targetView is a target of a ticket as it goes out (schema Target).
type targetView struct {
	Name     string         `json:"name"`
	State    deadline.State `json:"state"`
	EndAt    time.Time      `json:"end_at"`
	Overdue  bool           `json:"overdue"`
	PausedAt time.Time      `json:"paused_at,omitzero"`
	EndedAt  time.Time      `json:"ended_at,omitzero"`
	Late     bool           `json:"late,omitempty"`
	Law      string         `json:"law,omitempty"`
}

func viewTargets(limits []*deadline.Limit, now time.Time) []targetView {
	var out []targetView
	for _, l := range limits {
		out = append(out, targetView{
			Name: l.Name, State: l.State, EndAt: l.EndAt.UTC(), Overdue: l.Overdue(now), PausedAt: l.PausedAt, EndedAt: l.EndedAt, Late: l.Late, Law: l.Law,
		})
	}
	return out
}
