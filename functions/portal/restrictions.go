package portal

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// restrictionRoutes show whose data is restricted, and lift a restriction: the
// person is told before it ends (art. 18(3) GDPR; P17).
var restrictionRoutes = []*route{
	{
		pattern: "GET /v1/restrictions", id: "listRestrictions", title: "Whose data is restricted, the newest first",
		roles: []access.Role{access.Officer, access.DPO}, use: access.Rights, handle: (*function).listRestrictions,
		query: []string{"cursor", "limit"}, gives: "RestrictionList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/restrictions/{id}", id: "getRestriction", title: "The restriction of one contact",
		roles: []access.Role{access.Officer, access.DPO}, use: access.Rights, about: "restriction", handle: (*function).getRestriction,
		gives: "Restriction", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/restrictions/{id}/lifting", id: "liftRestriction", title: "Decide that a restriction is lifted",
		text: "The person is told first, with the reason. The restriction ends within an hour after that letter has left, or when it has been waited for long enough (lift_until). " +
			"Where by_post is true nobody can be written to by a machine: post the letter before lift_until. Recipients who were told of the restriction are told of its end.",
		roles: deciders, use: access.Rights, about: "restriction", noted: audit.Change, handle: (*function).liftRestriction, status: http.StatusAccepted,
		schema: "RestrictionLifting", gives: "Restriction", problems: []string{"not_found", "already_lifting"},
	},
}

// maxLiftReason bounds a reason, in characters: it stands in a letter.
const maxLiftReason = 1000

// restrictionView is a restriction as it goes out (schema Restriction).
type restrictionView struct {
	ContactID string    `json:"contact_id"`
	RequestID string    `json:"request_id,omitempty"`
	SinceAt   time.Time `json:"since_at"`
	Ground    string    `json:"ground"`
	LiftAt    time.Time `json:"lift_at,omitzero"`
	LiftBy    string    `json:"lift_by,omitempty"`
	LiftUntil time.Time `json:"lift_until,omitzero"`
	ByPost    bool      `json:"by_post,omitempty"`
}

func viewRestriction(r *contact.Restriction) restrictionView {
	return restrictionView{
		ContactID: r.ID, RequestID: r.RequestID, SinceAt: r.SinceAt, Ground: r.Ground,
		LiftAt: r.LiftAt, LiftBy: r.LiftBy, LiftUntil: r.LiftUntil, ByPost: !r.LiftAt.IsZero() && r.LiftLetter == "",
	}
}

func (f *function) listRestrictions(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "restriction", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Restrictions, q)
	if err != nil {
		return answer{}, err
	}
	out := list[restrictionView]{Items: []restrictionView{}, Next: page.Next}
	for _, r := range page.Items {
		out.Items = append(out.Items, viewRestriction(r))
		u.Note(audit.View, r.ID, audit.Item{Kind: record.Restrictions.Name, ID: r.ID})
	}
	return answer{body: out}, nil
}

func (f *function) getRestriction(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	r, err := work.Peek(ctx, u, record.Restrictions, id)
	if err != nil {
		return answer{}, err
	}
	u.Note(audit.View, id, audit.Item{Kind: record.Restrictions.Name, ID: id})
	return answer{body: viewRestriction(r)}, nil
}

func (f *function) liftRestriction(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Reason string `json:"reason"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Reason = strings.TrimSpace(b.Reason); b.Reason == "" || utf8.RuneCountInString(b.Reason) > maxLiftReason {
		return answer{}, newProblem("invalid", "reason says to the person why the restriction ends, in at most 1000 characters")
	}
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	r, err := work.Load(ctx, u, record.Restrictions, id)
	if err != nil {
		return answer{}, err
	}
	if !r.LiftAt.IsZero() {
		return answer{}, contact.ErrLifting
	}
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	language, conversation, err := f.heardIn(ctx, u, r)
	if err != nil {
		return answer{}, err
	}
	letter := ""
	n, err := notice.Queue(ctx, u, f.env, notice.Letter{
		Template: "dossier.lifting", Language: language, Values: map[string]string{"reason": b.Reason},
		To: notice.To{ContactID: id, ConversationID: conversation}, About: deadline.Ref{Kind: record.Restrictions.Name, ID: id},
	})
	switch {
	case err == nil:
		letter = n.MessageID
	case !fault.Is(err, fault.NotFound): // not found: nobody to write to but by post
		return answer{}, err
	}
	if err := r.Lift(u.Actor().ID, b.Reason, letter, u.Now().Add(terms.EraseAfter()), u.Now()); err != nil {
		return answer{}, err
	}
	work.Save(u, record.Restrictions, r)
	e := u.Note(audit.Change, id, audit.Item{Kind: record.Restrictions.Name, ID: id})
	e.Case, e.Reason = r.RequestID, "lifting decided"
	return answer{body: viewRestriction(r)}, nil
}

// heardIn is the language and the conversation of the request in which a
// restriction was granted, as far as they are known.
func (f *function) heardIn(ctx context.Context, u *work.Unit, r *contact.Restriction) (language, conversation string, err error) {
	if p, err := f.env.Policy.ForTenant(u.Tenant()); err == nil && len(p.Languages) > 0 {
		language = string(p.Languages[0])
	} else {
		language = string(policy.English)
	}
	if r.RequestID == "" {
		return language, "", nil
	}
	request, err := work.Load(ctx, u, record.Requests, r.RequestID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return language, "", nil
	}
	if err != nil {
		return "", "", err
	}
	if request.Language != "" {
		language = request.Language
	}
	if request.Recognition == nil || !slices.Contains(request.Covered(), r.ID) || request.ContactID != r.ID {
		return language, "", nil
	}
	m, err := work.Peek(ctx, u, record.Messages, request.Recognition.MessageID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return language, "", nil
	}
	if err != nil {
		return "", "", err
	}
	return language, m.ConversationID, nil
}
