package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// listEntries reads the processing log for those who may. The query names its
// case and is itself noted, in the unit that reads (A8). There is no parameter
// for an actor: no report of one adviser's doings exists.
func (f *function) listEntries(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q := c.r.URL.Query()
	class := audit.Class(q.Get("class"))
	if class == "" {
		class = audit.PlatformLog
	}
	from, err := instant(q.Get("from"))
	if err != nil {
		return answer{}, err
	}
	to, err := instant(q.Get("to"))
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit(maxLimit)
	if err != nil {
		return answer{}, err
	}
	items, next, err := ledger.Query(ctx, u, f.env.Ledger.Tree, class, from, to, q.Get("cursor"), limit)
	if fault.Is(err, fault.Forbidden) {
		err = newProblem("not_entitled", "")
	}
	return answer{body: list[ledger.Shown]{Items: items, Next: next}}, err
}

// listMine shows persons what was done with their data, by whom and why, each
// entry with what proves it. Advisers appear by role and pseudonym.
func (f *function) listMine(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	limit, err := c.limit(maxLimit)
	if err != nil {
		return answer{}, err
	}
	r := ledger.Reader{Unit: u, Tree: f.env.Ledger.Tree, Naming: ledger.ByPseudonym}
	items, next, err := r.Mine(ctx, c.who.Subject, c.r.URL.Query().Get("cursor"), limit)
	if err != nil {
		return answer{}, err
	}
	u.Note(audit.View, c.who.Subject, audit.Item{Kind: record.Entries.Name, ID: "mine"})
	return answer{body: list[ledger.Shown]{Items: items, Next: next}}, nil
}

// entitlementBody gives a person a right to read the log.
type entitlementBody struct {
	Person string    `json:"person"`
	Until  time.Time `json:"until"`
	Case   string    `json:"case"`
}

// entitle records who else may read the log (ekc 7.9; A8).
func (f *function) entitle(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b entitlementBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.Person) || b.Until.IsZero() || (b.Case != "" && !idShape.MatchString(b.Case)) {
		return answer{}, newProblem("invalid", "person, until and case must be an id, an instant and an id")
	}
	e, err := ledger.Entitle(ctx, u, b.Person, b.Until, b.Case)
	if fault.Is(err, fault.Forbidden) {
		return answer{}, newProblem("not_entitled", "nobody entitles himself")
	}
	if err != nil {
		return answer{}, err
	}
	if err := u.Answer(e); err != nil {
		return answer{}, err
	}
	return answer{body: e}, nil
}

func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, newProblem("invalid", "from and to must be instants by RFC 3339")
	}
	return t, nil
}
