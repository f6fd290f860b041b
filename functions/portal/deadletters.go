package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// deadLetterView is a dead letter as it goes out (schema DeadLetter): which
// event, whose, why; never content, which an administrator may not see.
type deadLetterView struct {
	ID         string     `json:"id"`
	Tenant     string     `json:"tenant"`
	Function   string     `json:"function"`
	EventID    string     `json:"event_id"`
	Source     string     `json:"source"`
	Type       string     `json:"type"`
	Subject    string     `json:"subject,omitempty"`
	Time       time.Time  `json:"time"`
	Kind       fault.Kind `json:"kind"`
	Reason     string     `json:"reason"`
	At         time.Time  `json:"at"`
	Attempts   int        `json:"attempts"`
	RedrivenAt time.Time  `json:"redriven_at,omitzero"`
}

func viewDeadLetter(tenant string, d *work.DeadLetter) deadLetterView {
	return deadLetterView{
		ID: d.ID, Tenant: tenant, Function: d.Function, EventID: d.Event.ID, Source: d.Event.Source, Type: d.Event.Type,
		Subject: d.Event.Subject, Time: d.Event.Time.UTC(), Kind: d.Kind, Reason: d.Reason, At: d.At.UTC(), Attempts: d.Attempts, RedrivenAt: d.Redriven,
	}
}

func (f *function) listDeadLetters(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	state := c.r.URL.Query().Get("state")
	switch state {
	case "":
		state = "waiting"
	case "waiting", "redriven":
	default:
		return answer{}, newProblem("invalid", `state must be "waiting" or "redriven"`)
	}
	q, _, err := c.cursor(store.Query{Index: record.ByState, Partition: "deadletter." + state, Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, work.DeadLetters, q)
	if err != nil {
		return answer{}, err
	}
	out := list[deadLetterView]{Items: make([]deadLetterView, 0, len(page.Items)), Next: page.Next}
	for _, d := range page.Items {
		out.Items = append(out.Items, viewDeadLetter(u.Tenant(), d))
	}
	return answer{body: out}, nil
}

func (f *function) getDeadLetter(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	d, err := work.Peek(ctx, u, work.DeadLetters, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewDeadLetter(u.Tenant(), d)}, nil
}

// redrive sends the event of a dead letter on its way again.
func (f *function) redrive(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	old, err := work.Peek(ctx, u, work.DeadLetters, id)
	if err != nil {
		return answer{}, err
	}
	if !old.Redriven.IsZero() {
		return answer{}, newProblem("already_redriven", "")
	}
	d, err := work.Redrive(ctx, u, id)
	if err != nil {
		return answer{}, err
	}
	u.Note(audit.Manage, "", audit.Item{Kind: work.DeadLetters.Name, ID: id})
	return answer{body: takenView{EventID: d.Event.ID, StatusURL: "/v1/deadletters/" + id}}, nil
}

// takenView answers a change that an event performs (schema Taken).
type takenView struct {
	EventID   string `json:"event_id"`
	StatusURL string `json:"status_url"`
	Duplicate bool   `json:"duplicate,omitempty"` // it had been taken in before
}
