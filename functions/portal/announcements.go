package portal

import (
	"context"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// forceMajeure is the limit by which force majeure is told in writing, two days
// after the event (saopnet 14.33; S18); ekc 5.1 says at once (K06).
const forceMajeure = "announcement.force_majeure"

// announcementRoutes tell partners what is to come, or has come over us.
var announcementRoutes = []*route{{
	pattern: "POST /v1/announcements", id: "announce", title: "Announce maintenance, new terms or force majeure to the parties of the pack",
	text:  "Maintenance at least six hours ahead, terms as early as the pack agrees, or by the third day before they take effect: what comes later is refused. Terms say until when a party may withdraw: by the day that the pack agrees, or the fifth before, or, where that is over, until the day before. With confirm_within_hours, who does not confirm is followed up. Force majeure is told however late, and late says so. Each letter stands under /v1/notices?about= with the proof of its sending.",
	roles: []access.Role{access.Supervisor}, use: access.Service, noted: audit.Manage, handle: (*function).announce,
	schema: "AnnouncementRequest", gives: "Announcement",
}}

type announcementView struct {
	ID        string   `json:"id"`
	Notices   []string `json:"notices"`
	Unreached []string `json:"unreached,omitempty"`
	Late      bool     `json:"late"`

	WithdrawBy time.Time `json:"withdraw_by,omitzero"` // exclusive: the midnight after the last day
}

func (f *function) announce(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Kind    string    `json:"kind"`
		What    string    `json:"what"`
		At      time.Time `json:"at"`
		Until   string    `json:"until"`
		Text    string    `json:"text"`
		Parties []string  `json:"parties"`
		Service string    `json:"service"`
		Confirm int       `json:"confirm_within_hours"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.At.IsZero() || strings.TrimSpace(b.What) == "" || len(b.What) > 300 || len(b.Text) > 8000 || len(b.Until) > 100 || len(b.Parties) == 0 || len(b.Parties) > 5 || b.Confirm < 0 || b.Confirm > 720 {
		return answer{}, newProblem("invalid", "what, at and one to five parties of the pack must be there")
	}
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	v := announcementView{Notices: []string{}}
	j, now := period.Jurisdiction(p.Jurisdiction), u.Now()
	var due period.Result // of the limit of force majeure
	switch b.Kind {
	case "maintenance":
		// S04, or what an agreement asks for where that is earlier.
		limit, err := period.Compute(j, period.RuleMaintenanceNotice, b.At, period.Options{})
		if err != nil {
			return answer{}, newProblem("invalid", "at is out of range")
		}
		latest := limit.End
		if d, ok := p.ForService(b.Service).At(now).Operations.MaintenanceNotice.Elapsed(); ok && b.At.Add(-d).Before(latest) {
			latest = b.At.Add(-d) // the pack asks for more
		}
		if now.After(latest) {
			return answer{}, newProblem("invalid", "planned maintenance must be announced by "+clockText(latest))
		}
	case "terms": // S09, by the days that the pack agrees
		changes := p.ForService(b.Service).At(now).Changes
		limit, err := changes.NoticeBy(j, b.At)
		if err != nil {
			return answer{}, newProblem("invalid", "at is out of range")
		}
		if limit.Expired(now) {
			return answer{}, newProblem("invalid", "new terms must be announced before "+clockText(limit.End))
		}
		if v.WithdrawBy, err = changes.WithdrawBy(j, b.At, now); err != nil {
			return answer{}, err
		}
		if b.Until == "" {
			b.Until = "< " + clockText(v.WithdrawBy)
		}
	case "force_majeure":
		if due, err = period.Compute(j, period.RuleForceMajeure2D, b.At, period.Options{}); err != nil || b.At.After(now) {
			return answer{}, newProblem("invalid", "force majeure is told after it has come")
		}
		v.Late = due.Expired(now)
	default:
		return answer{}, newProblem("invalid", "kind must be maintenance, terms or force_majeure")
	}
	id, err := u.NewID(ctx, "announcement")
	if err != nil {
		return answer{}, err
	}
	v.ID = id
	offices, unreached := notice.Offices(p, b.Service, b.Parties, u.Now())
	v.Unreached = unreached
	var by time.Time
	if b.Confirm > 0 {
		by = now.Add(time.Duration(b.Confirm) * time.Hour)
	}
	for _, o := range offices {
		n, err := notice.Queue(ctx, u, f.env, notice.Letter{
			Template: "announcement." + b.Kind, Language: string(p.Languages[0]), About: deadline.Ref{Kind: "announcement", ID: id},
			Values: map[string]string{"what": b.What, "at": clockText(b.At), "until": b.Until, "text": b.Text},
			To:     notice.To{Party: o.Party, Mailbox: o.Mailbox, Name: o.Name}, ConfirmBy: by,
		})
		if err != nil {
			return answer{}, err
		}
		v.Notices = append(v.Notices, n.ID)
	}
	if b.Kind == "force_majeure" {
		l := deadline.New(deadline.Ref{Kind: "announcement", ID: id}, forceMajeure, b.At, due.End)
		l.Rule, l.Law = string(due.Rule), due.Steps[0].Law
		if len(unreached) == 0 { // else somebody has to be told another way
			l.Meet(now)
		}
		work.Save(u, record.Limits, l)
	}
	e := u.Note(audit.Manage, "", audit.Item{Kind: "announcement", ID: id})
	e.Reason = b.Kind
	return answer{body: v}, nil
}
