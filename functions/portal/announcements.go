package portal

import (
	"context"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/work"
)

const (
	maintenanceNotice = 6 * time.Hour      // least time before planned work (saopnet 6.2; S04), where the pack gives none
	termsNotice       = 3 * 24 * time.Hour // least time before new terms bind (saopnet 13; S09)
	forceMajeureTime  = 48 * time.Hour     // in writing, from the event (saopnet 14.33; S18); ekc 5.1 says at once (K06)
)

// announcementRoutes tell partners what is to come, or has come over us.
var announcementRoutes = []*route{{
	pattern: "POST /v1/announcements", id: "announce", title: "Announce maintenance, new terms or force majeure to the parties of the pack",
	text:  "Maintenance at least six hours ahead, terms at least three days: what comes later is refused. Force majeure is told however late, and late says so. Each letter stands under /v1/notices?about= with the proof of its sending.",
	roles: []access.Role{access.Supervisor}, use: access.Service, noted: audit.Manage, handle: (*function).announce,
	schema: "AnnouncementRequest", gives: "Announcement",
}}

type announcementView struct {
	ID        string   `json:"id"`
	Notices   []string `json:"notices"`
	Unreached []string `json:"unreached,omitempty"`
	Late      bool     `json:"late"`
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
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.At.IsZero() || strings.TrimSpace(b.What) == "" || len(b.What) > 300 || len(b.Text) > 8000 || len(b.Until) > 100 || len(b.Parties) == 0 || len(b.Parties) > 5 {
		return answer{}, newProblem("invalid", "what, at and one to five parties of the pack must be there")
	}
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	terms, ahead, late := p.ForService(b.Service).At(u.Now()), b.At.Sub(u.Now()), false
	switch b.Kind {
	case "maintenance":
		least := maintenanceNotice
		if d, ok := terms.Operations.MaintenanceNotice.Elapsed(); ok && d > 0 {
			least = d
		}
		if ahead < least {
			return answer{}, newProblem("invalid", "planned maintenance must be announced at least "+least.String()+" ahead")
		}
	case "terms":
		if ahead < termsNotice {
			return answer{}, newProblem("invalid", "new terms must be announced at least three days ahead")
		}
	case "force_majeure":
		if ahead > 0 {
			return answer{}, newProblem("invalid", "force majeure is told after it has come")
		}
		late = -ahead >= forceMajeureTime
	default:
		return answer{}, newProblem("invalid", "kind must be maintenance, terms or force_majeure")
	}
	id, err := u.NewID(ctx, "announcement")
	if err != nil {
		return answer{}, err
	}
	v := announcementView{ID: id, Notices: []string{}, Late: late}
	offices, unreached := notice.Offices(p, b.Service, b.Parties, u.Now())
	v.Unreached = unreached
	for _, o := range offices {
		n, err := notice.Queue(ctx, u, f.env, notice.Letter{
			Template: "announcement." + b.Kind, Language: string(p.Languages[0]), About: deadline.Ref{Kind: "announcement", ID: id},
			Values: map[string]string{"what": b.What, "at": clockText(b.At), "until": b.Until, "text": b.Text},
			To:     notice.To{Party: o.Party, Mailbox: o.Mailbox, Name: o.Name},
		})
		if err != nil {
			return answer{}, err
		}
		v.Notices = append(v.Notices, n.ID)
	}
	e := u.Note(audit.Manage, "", audit.Item{Kind: "announcement", ID: id})
	e.Reason = b.Kind
	return answer{body: v}, nil
}
