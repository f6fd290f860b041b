package portal

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// holdRoutes are what keeps data beyond their term: two persons set a hold, two
// lift it (P15, L08).
var holdRoutes = []*route{
	{
		pattern: "GET /v1/holds", id: "listHolds", title: "Holds, the newest first",
		text:  "With in_force, and the instant at which each ends by itself.",
		roles: []access.Role{access.Officer}, use: access.Claims, handle: (*function).listHolds,
		query: []string{"cursor", "limit"}, gives: "HoldList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/holds", id: "askHold", title: "Ask for a hold",
		text:  "It keeps data at once, for 72 hours, and longer once another officer has confirmed it. Persons, cases and a time must all fit where they are given.",
		roles: []access.Role{access.Officer}, use: access.Claims, noted: audit.Manage, handle: (*function).askHold, status: http.StatusCreated,
		schema: "HoldRequest", gives: "Hold", problems: []string{"hold_scope", "hold_span", "too_many_holds"},
	},
	{
		pattern: "GET /v1/holds/{id}", id: "getHold", title: "One hold",
		roles: []access.Role{access.Officer}, use: access.Claims, about: "hold", handle: (*function).getHold,
		gives: "Hold", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/holds/{id}/confirmation", id: "confirmHold", title: "Confirm a hold that another officer asked for",
		roles: []access.Role{access.Officer}, use: access.Claims, about: "hold", noted: audit.Manage, handle: (*function).confirmHold,
		gives: "Hold", problems: []string{"not_found", "same_person", "hold_state", "too_many_holds"},
	},
	{
		pattern: "POST /v1/holds/{id}/lifting", id: "liftHold", title: "Ask for the end of a hold, or agree to it",
		text:  "The first officer asks, another one agrees: until then it holds.",
		roles: []access.Role{access.Officer}, use: access.Claims, about: "hold", noted: audit.Manage, handle: (*function).liftHold,
		gives: "Hold", problems: []string{"not_found", "same_person", "hold_state"},
	},
}

// holdBody asks for a hold.
type holdBody struct {
	Matter    string    `json:"matter"`
	Contacts  []string  `json:"contacts"`
	Cases     []string  `json:"cases"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	ExpiresAt time.Time `json:"expires_at"`
}

// matterShape is the reference of a file: no words, so no names.
var matterShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ./:_-]{0,63}$`)

// holdView is a hold as it goes out (schema Hold).
type holdView struct {
	ID        string              `json:"id"`
	Tenant    string              `json:"tenant"`
	Matter    string              `json:"matter"`
	Contacts  []string            `json:"contacts,omitempty"`
	Cases     []string            `json:"cases,omitempty"`
	From      time.Time           `json:"from,omitzero"`
	To        time.Time           `json:"to,omitzero"`
	State     retention.HoldState `json:"state"`
	InForce   bool                `json:"in_force"`
	EndsAt    time.Time           `json:"ends_at"`
	ExpiresAt time.Time           `json:"expires_at"`
	AskedBy   string              `json:"asked_by"`
	AskedAt   time.Time           `json:"asked_at"`
	SetBy     string              `json:"set_by,omitempty"`
	SetAt     time.Time           `json:"set_at,omitzero"`
	LiftBy    string              `json:"lift_by,omitempty"`
	LiftedBy  string              `json:"lifted_by,omitempty"`
	LiftedAt  time.Time           `json:"lifted_at,omitzero"`
}

func viewHold(tenant string, h *retention.Hold, now time.Time) holdView {
	return holdView{
		ID: h.ID, Tenant: tenant, Matter: h.Matter, Contacts: h.Scope.Subjects, Cases: h.Scope.Cases, From: h.Scope.From, To: h.Scope.To,
		State: h.State, InForce: h.InForce(now), EndsAt: h.EndsAt(), ExpiresAt: h.ExpiresAt,
		AskedBy: h.AskedBy, AskedAt: h.AskedAt, SetBy: h.SetBy, SetAt: h.SetAt, LiftBy: h.LiftBy, LiftedBy: h.LiftedBy, LiftedAt: h.LiftedAt,
	}
}

func (f *function) listHolds(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "hold", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Holds, q)
	if err != nil {
		return answer{}, err
	}
	out := list[holdView]{Items: []holdView{}, Next: page.Next}
	for _, h := range page.Items {
		out.Items = append(out.Items, viewHold(u.Tenant(), h, u.Now()))
	}
	return answer{body: out}, nil
}

func (f *function) getHold(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	h, err := work.Peek(ctx, u, record.Holds, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewHold(u.Tenant(), h, u.Now())}, nil
}

func (f *function) askHold(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b holdBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	ids := slices.Concat(b.Contacts, b.Cases)
	if !matterShape.MatchString(b.Matter) || slices.ContainsFunc(ids, func(id string) bool { return !idShape.MatchString(id) }) {
		return answer{}, newProblem("invalid", "matter must be the reference of a file, contacts and cases ids")
	}
	id, err := u.NewID(ctx, "hold")
	if err != nil {
		return answer{}, err
	}
	h, err := retention.Ask(id, b.Matter, retention.Scope{Subjects: b.Contacts, Cases: b.Cases, From: b.From.UTC(), To: b.To.UTC()}, b.ExpiresAt, u.Actor().ID, u.Now())
	if err != nil {
		return answer{}, err
	}
	// Its end is a limit, so that somebody is told before it comes.
	work.Save(u, record.Limits, deadline.New(deadline.Ref{Kind: record.Holds.Name, ID: id}, "hold.expiry", u.Now(), h.ExpiresAt, 0.9))
	return f.holdNow(ctx, u, h)
}

func (f *function) confirmHold(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return f.onHold(ctx, u, c, (*retention.Hold).Set)
}

func (f *function) liftHold(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return f.onHold(ctx, u, c, func(h *retention.Hold, by string, now time.Time) error {
		if h.State != retention.HoldLifting {
			return h.AskLift(by, now)
		}
		return h.Lift(by, now)
	})
}

func (f *function) onHold(ctx context.Context, u *work.Unit, c *call, step func(*retention.Hold, string, time.Time) error) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	h, err := work.Load(ctx, u, record.Holds, id)
	if err != nil {
		return answer{}, err
	}
	if err := step(h, u.Actor().ID, u.Now()); err != nil {
		return answer{}, err
	}
	if h.State == retention.HoldLifted {
		l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: record.Holds.Name, ID: id}, "hold.expiry"))
		if err != nil {
			return answer{}, err
		}
		if ok && l.Withdraw(u.Now()) {
			work.Save(u, record.Limits, l)
		}
	}
	return f.holdNow(ctx, u, h)
}

// holdNow saves a hold and what is in force, which every erasure reads, and notes
// it for each person whom it names.
func (f *function) holdNow(ctx context.Context, u *work.Unit, h *retention.Hold) (answer, error) {
	all, _, err := work.Find(ctx, u, record.HoldLists, retention.HoldListID)
	if err != nil {
		return answer{}, err
	}
	if err := all.Update(h, u.Now()); err != nil {
		return answer{}, err
	}
	work.Save(u, record.HoldLists, all)
	work.Save(u, record.Holds, h)
	u.Note(audit.Manage, "", audit.Item{Kind: record.Holds.Name, ID: h.ID})
	return answer{body: viewHold(u.Tenant(), h, u.Now())}, nil
}
