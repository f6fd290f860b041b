package portal

import (
	"context"
	"net/http"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

var sweepReaders = []access.Role{access.Administrator, access.Auditor, access.DPO}

// sweepRoutes show and start retention sweeps: ids, counts, codes, no content.
var sweepRoutes = []*route{
	{
		pattern: "GET /v1/sweeps", id: "listSweeps", title: "Retention sweeps, the newest first",
		text:  "Those of the schedule in which nothing was due leave no trace.",
		roles: sweepReaders, use: access.Audit, handle: (*function).listSweeps,
		query: []string{"cursor", "limit"}, gives: "SweepList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/sweeps", id: "startSweep", title: "Plan a sweep, or execute a plan",
		text: "With dry_run, what is due at as_of is planned and frozen: counts by policy and kind, samples, a hash. With plan, a frozen plan is executed, each record " +
			"checked again; a plan lives a week. With neither, both at once. With contract, of the data of one contract that has ended alone. A time ahead of the clock needs dry_run.",
		roles: operators, use: access.Audit, noted: audit.Manage, handle: (*function).startSweep, status: http.StatusAccepted,
		schema: "SweepRequest", gives: "Sweep", problems: []string{"not_found", "plan_state", "plan_ahead", "plan_stale"},
	},
	{
		pattern: "GET /v1/sweeps/{id}", id: "getSweep", title: "One sweep, and how far it has come",
		roles: sweepReaders, use: access.Audit, about: "sweep", handle: (*function).getSweep,
		gives: "Sweep", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/sweeps/{id}/release", id: "releaseSweep", title: "Release the brake of a sweep that is far larger than usual",
		roles: operators, use: access.Audit, about: "sweep", noted: audit.Manage, handle: (*function).releaseSweep, status: http.StatusAccepted,
		gives: "Sweep", problems: []string{"not_found", "not_braked"},
	},
	{
		pattern: "GET /v1/sweeps/{id}/certificate", id: "getSweepCertificate", title: "The certificate of a finished sweep",
		text:  "Without personal data, and to be checked offline by anyone: the processing log commits to the body (`okence certificate FILE`).",
		roles: sweepReaders, use: access.Audit, about: "sweep", handle: (*function).sweepCertificate,
		gives: "Certificate", problems: []string{"not_found", "plan_state"},
	},
}

// sweepView is a sweep as it goes out (schema Sweep).
type sweepView struct {
	ID           string                 `json:"id"`
	Tenant       string                 `json:"tenant"`
	State        retention.SweepState   `json:"state"`
	DryRun       bool                   `json:"dry_run"`
	AsOf         time.Time              `json:"as_of"`
	StartedAt    time.Time              `json:"started_at"`
	PlannedAt    time.Time              `json:"planned_at,omitzero"`
	EndedAt      time.Time              `json:"ended_at,omitzero"`
	By           string                 `json:"by"`
	Contract     string                 `json:"contract,omitempty"`
	ReleasedBy   string                 `json:"released_by,omitempty"`
	Planned      int                    `json:"planned"`
	Treated      int                    `json:"treated"`
	Capped       bool                   `json:"capped"`
	PlanHash     retention.Chain        `json:"plan_hash"`
	ExecutedHash retention.Chain        `json:"executed_hash"`
	Policies     []retention.PolicyDone `json:"policies"`
	Differing    int                    `json:"differing"`
	Persons      int                    `json:"persons"`
	Keys         int                    `json:"keys"`
	Residue      int                    `json:"residue"`
}

func (f *function) viewSweep(u *work.Unit, s *retention.Sweep) sweepView {
	clause := func(rule string) string {
		if f.env.Policy == nil {
			return ""
		}
		pack, err := f.env.Policy.ForTenant(u.Tenant())
		if err != nil {
			return ""
		}
		return pack.RetentionClause(rule, u.Now())
	}
	return sweepView{
		ID: s.ID, Tenant: u.Tenant(), State: s.State, DryRun: s.DryRun, AsOf: s.AsOf.UTC(), StartedAt: s.StartedAt.UTC(), PlannedAt: s.PlannedAt, EndedAt: s.EndedAt,
		By: s.By, Contract: s.Contract, ReleasedBy: s.ReleasedBy, Planned: s.Planned, Treated: s.Treated, Capped: s.Capped, PlanHash: s.PlanHash, ExecutedHash: s.ExecutedHash,
		Policies: s.Policies(clause), Differing: s.Differing, Persons: s.People, Keys: s.Keys, Residue: s.Residue,
	}
}

func (f *function) listSweeps(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "sweep", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Sweeps, q)
	if err != nil {
		return answer{}, err
	}
	out := list[sweepView]{Items: []sweepView{}, Next: page.Next}
	for _, s := range page.Items {
		out.Items = append(out.Items, f.viewSweep(u, s))
	}
	return answer{body: out}, nil
}

func (f *function) getSweep(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	s, err := work.Peek(ctx, u, record.Sweeps, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: f.viewSweep(u, s)}, nil
}

// sweepBody starts a sweep.
type sweepBody struct {
	DryRun bool      `json:"dry_run"`
	AsOf   time.Time `json:"as_of"`
	Plan   string    `json:"plan"`

	Contract string `json:"contract"`
}

func (f *function) startSweep(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b sweepBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Plan != "" {
		if b.DryRun || b.Contract != "" || !b.AsOf.IsZero() || !idShape.MatchString(b.Plan) {
			return answer{}, newProblem("invalid", "a plan is named alone, by its id")
		}
		s, err := work.Load(ctx, u, record.Sweeps, b.Plan)
		if err != nil {
			return answer{}, err
		}
		if err := s.Execute(u.Actor().ID, u.Now()); err != nil {
			return answer{}, err
		}
		return f.sweepOn(ctx, u, s)
	}
	id, err := u.NewID(ctx, "sweep")
	if err != nil {
		return answer{}, err
	}
	s, err := retention.NewSweep(id, b.DryRun, b.AsOf, u.Actor().ID, u.Now())
	if err != nil {
		return answer{}, err
	}
	if b.Contract != "" { // one that has ended, alone
		if !idShape.MatchString(b.Contract) {
			return answer{}, newProblem("invalid", "contract is an id")
		}
		if _, err := work.Peek(ctx, u, record.Contracts, b.Contract); err != nil {
			return answer{}, err
		}
		s.Contract = b.Contract
	}
	return f.sweepOn(ctx, u, s)
}

func (f *function) releaseSweep(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	s, err := work.Load(ctx, u, record.Sweeps, id)
	if err != nil {
		return answer{}, err
	}
	if err := s.Release(u.Actor().ID, u.Now()); err != nil {
		return answer{}, err
	}
	return f.sweepOn(ctx, u, s)
}

// sweepOn saves a sweep, notes who moved it, and lets functions/retention go on.
func (f *function) sweepOn(ctx context.Context, u *work.Unit, s *retention.Sweep) (answer, error) {
	work.Save(u, record.Sweeps, s)
	u.Note(audit.Manage, "", audit.Item{Kind: record.Sweeps.Name, ID: s.ID})
	if err := u.Emit(ctx, s.ID, &events.RetentionSweepMoved{SweepID: s.ID, Round: s.Round}); err != nil {
		return answer{}, err
	}
	return answer{body: f.viewSweep(u, s)}, nil
}

func (f *function) sweepCertificate(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	s, err := work.Peek(ctx, u, record.Sweeps, id)
	if err != nil {
		return answer{}, err
	}
	if s.State != retention.Finished {
		return answer{}, retention.ErrNotFrozen
	}
	cert, err := f.env.Ledger.Issue(ctx, u.Tenant(), s.Body, s.Leaf)
	return answer{body: cert}, err
}
