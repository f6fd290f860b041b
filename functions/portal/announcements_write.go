package portal

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/announcement"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// forceMajeure is the limit by which force majeure is told in writing, two days
// after the event (saopnet 14.33; S18); ekc 5.1 says at once (K06).
const forceMajeure = "announcement.force_majeure"

// announcementRequest is the body of POST /v1/announcements.
type announcementRequest struct {
	Kind    announcement.Kind `json:"kind"`
	What    string            `json:"what"`
	At      time.Time         `json:"at"`
	EndsAt  time.Time         `json:"ends_at"`
	Until   string            `json:"until"`
	Text    string            `json:"text"`
	Parties []string          `json:"parties"`
	Service string            `json:"service"`
	Confirm int               `json:"confirm_within_hours"`
	Draft   bool              `json:"draft"`
}

// check is what is wrong with a request, in constant words; "" for nothing.
func (b *announcementRequest) check() string {
	switch {
	case b.Kind.Validate() != nil:
		return "kind must be maintenance, terms or force_majeure"
	case b.At.IsZero(), strings.TrimSpace(b.What) == "", len(b.What) > 300, len(b.Text) > 8000, len(b.Until) > 100, len(b.Parties) == 0, len(b.Parties) > 5, b.Confirm < 0, b.Confirm > 720:
		return "what, at and one to five parties of the pack must be there"
	case !b.EndsAt.IsZero() && (b.Kind != announcement.Maintenance || !b.EndsAt.After(b.At)):
		return "ends_at is after at, of maintenance alone"
	}
	return ""
}

func (f *function) announce(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b announcementRequest
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if wrong := b.check(); wrong != "" {
		return answer{}, newProblem("invalid", wrong)
	}
	id, err := u.NewID(ctx, announcement.RecordKind)
	if err != nil {
		return answer{}, err
	}
	a := &announcement.Announcement{
		ID: id, Kind: b.Kind, State: announcement.Drafted, Service: b.Service, Parties: b.Parties, At: b.At.UTC(), EndsAt: b.EndsAt,
		Confirm: time.Duration(b.Confirm) * time.Hour, DraftedAt: u.Now(), DraftedBy: u.Actor().ID, What: b.What, Until: b.Until, Text: b.Text,
	}
	switch {
	case a.Kind == announcement.Terms:
		a.EndsAt = a.At // from then on they are the terms
	case !a.EndsAt.IsZero() && a.Until == "":
		p, err := f.env.Policy.ForTenant(u.Tenant())
		if err != nil {
			return answer{}, err
		}
		a.Until = clockIn(p, a.EndsAt)
	}
	if a.Kind == announcement.ForceMajeure {
		if err := f.writtenBy(u, a); err != nil {
			return answer{}, err
		}
	}
	if b.Draft {
		work.Save(u, record.Announcements, a)
		u.Note(audit.Manage, "", audit.Item{Kind: announcement.RecordKind, ID: id}).Reason = string(b.Kind)
		return answer{body: viewAnnouncement(u, a)}, nil
	}
	return f.release(ctx, u, a, "invalid")
}

// writtenBy opens the limit of force majeure, which runs while it is a draft too.
func (f *function) writtenBy(u *work.Unit, a *announcement.Announcement) error {
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return err
	}
	due, err := period.Compute(period.Jurisdiction(p.Jurisdiction), period.RuleForceMajeure2D, a.At, period.Options{})
	if err != nil || a.At.After(u.Now()) {
		return newProblem("invalid", "force majeure is told after it has come")
	}
	l := deadline.New(aboutAnnouncement(a), forceMajeure, a.At, due.End)
	l.Rule, l.Law = string(due.Rule), due.Steps[0].Law
	a.Late = due.Expired(u.Now())
	work.Save(u, record.Limits, l)
	return nil
}

func aboutAnnouncement(a *announcement.Announcement) deadline.Ref {
	return deadline.Ref{Kind: announcement.RecordKind, ID: a.ID}
}

func (f *function) releaseAnnouncement(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	a, err := announced(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	return f.release(ctx, u, a, "too_late")
}

// release sends the letters, if it is still time; late is the problem if not.
func (f *function) release(ctx context.Context, u *work.Unit, a *announcement.Announcement, late string) (answer, error) {
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	if a.State != announcement.Drafted {
		return answer{}, newProblem("announcement_state", "")
	}
	if err := timely(p, a, u.Now(), late); err != nil {
		return answer{}, err
	}
	a.Release(u.Actor().ID, u.Now())
	offices, unreached := notice.Offices(p, a.Service, a.Parties, u.Now())
	a.Unreached = unreached
	values := map[string]string{"what": a.What, "at": clockIn(p, a.At), "until": a.Until, "text": a.Text}
	if err := f.tellOfMatter(ctx, u, p, a, offices, "announcement."+string(a.Kind), values); err != nil {
		return answer{}, err
	}
	if a.Kind == announcement.ForceMajeure {
		if err := f.endForceMajeure(ctx, u, a, func(l *deadline.Limit) bool { return len(a.Missing()) == 0 && l.Meet(u.Now()) }); err != nil {
			return answer{}, err
		}
	}
	work.Save(u, record.Announcements, a)
	u.Note(audit.Manage, "", audit.Item{Kind: announcement.RecordKind, ID: a.ID}).Reason = string(a.Kind)
	return answer{body: viewAnnouncement(u, a)}, nil
}

// timely refuses what is announced too late, and settles until when a party may
// withdraw from new terms.
func timely(p *policy.Pack, a *announcement.Announcement, now time.Time, late string) error {
	j := period.Jurisdiction(p.Jurisdiction)
	terms := p.ForService(a.Service).At(now)
	switch a.Kind {
	case announcement.Maintenance:
		// S04, or what an agreement asks for where that is earlier.
		limit, err := period.Compute(j, period.RuleMaintenanceNotice, a.At, period.Options{})
		if err != nil {
			return newProblem("invalid", "at is out of range")
		}
		latest := limit.End
		if d, ok := terms.Operations.MaintenanceNotice.Elapsed(); ok && a.At.Add(-d).Before(latest) {
			latest = a.At.Add(-d) // the pack asks for more
		}
		if now.After(latest) {
			return newProblem(late, "planned maintenance must be announced by "+clockText(latest))
		}
	case announcement.Terms: // S09, by the days that the pack agrees
		limit, err := terms.Changes.NoticeBy(j, a.At)
		if err != nil {
			return newProblem("invalid", "at is out of range")
		}
		if limit.Expired(now) {
			return newProblem(late, "new terms must be announced before "+clockText(limit.End))
		}
		if a.WithdrawBy, err = terms.Changes.WithdrawBy(j, a.At, now); err != nil {
			return err
		}
		if a.Until == "" {
			a.Until = "< " + clockText(a.WithdrawBy)
		}
	case announcement.ForceMajeure: // told however late (S18)
		limit, err := period.Compute(j, period.RuleForceMajeure2D, a.At, period.Options{})
		if err != nil {
			return newProblem("invalid", "at is out of range")
		}
		a.Late = limit.Expired(now)
	}
	return nil
}

// tellOfMatter writes a letter to each office. Who does not confirm one that asks
// for it is followed up with the operational lead.
func (f *function) tellOfMatter(ctx context.Context, u *work.Unit, p *policy.Pack, a *announcement.Announcement, to []notice.Recipient, template string, values map[string]string) error {
	leads := notice.Lead(p.At(u.Now()))
	for _, o := range to {
		l := notice.Letter{
			Template: template, Language: string(p.Languages[0]), About: aboutAnnouncement(a), Values: values,
			To: notice.To{Party: o.Party, Mailbox: o.Mailbox, Name: o.Name},
		}
		if a.Confirm > 0 {
			l.ConfirmBy = u.Now().Add(a.Confirm)
			if len(leads) > 0 && o.Mailbox != leads[0].Mailbox {
				l.Otherwise = leads
			}
		}
		n, err := notice.Queue(ctx, u, f.env, l)
		if err != nil {
			return err
		}
		a.Notices = append(a.Notices, n.ID)
	}
	return nil
}

func (f *function) withdrawAnnouncement(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Reason string `json:"reason"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if strings.TrimSpace(b.Reason) == "" || len(b.Reason) > 1000 {
		return answer{}, newProblem("invalid", "reason must have 1 to 1000 characters")
	}
	a, err := announced(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	told, ok := a.Withdraw(u.Actor().ID, b.Reason, u.Now())
	if !ok {
		return answer{}, newProblem("announcement_state", "")
	}
	if told {
		p, err := f.env.Policy.ForTenant(u.Tenant())
		if err != nil {
			return answer{}, err
		}
		if err := notice.Settle(ctx, u, aboutAnnouncement(a)); err != nil {
			return answer{}, err
		}
		offices, _ := notice.Offices(p, a.Service, a.Parties, u.Now())
		values := map[string]string{"what": a.What, "at": clockIn(p, a.At), "reason": a.Reason}
		if err := f.tellOfMatter(ctx, u, p, a, offices, "announcement.withdrawn", values); err != nil {
			return answer{}, err
		}
	}
	if err := f.endForceMajeure(ctx, u, a, func(l *deadline.Limit) bool { return l.Withdraw(u.Now()) }); err != nil {
		return answer{}, err
	}
	return noteAnnouncement(u, a, "state"), nil
}

func (f *function) closeAnnouncement(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	a, err := announced(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if !a.Close(u.Actor().ID, u.Now()) {
		return answer{}, newProblem("announcement_state", "")
	}
	if err := notice.Settle(ctx, u, aboutAnnouncement(a)); err != nil {
		return answer{}, err
	}
	return noteAnnouncement(u, a, "state"), nil
}

func (f *function) tellOfAnnouncement(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Party string `json:"party"`
		How   string `json:"how"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !slices.Contains(announcement.Ways, b.How) {
		return answer{}, newProblem("invalid", "how must be phone, mail, post or in_person")
	}
	a, err := announced(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if !a.Tell(b.Party, b.How, u.Actor().ID, u.Now()) {
		return answer{}, newProblem("announcement_state", "the party is none of those without a mailbox that nobody has told")
	}
	if err := f.endForceMajeure(ctx, u, a, func(l *deadline.Limit) bool { return len(a.Missing()) == 0 && l.Meet(u.Now()) }); err != nil {
		return answer{}, err
	}
	return noteAnnouncement(u, a, "otherwise"), nil
}

// endForceMajeure ends the limit of force majeure, where there is one.
func (f *function) endForceMajeure(ctx context.Context, u *work.Unit, a *announcement.Announcement, how func(*deadline.Limit) bool) error {
	if a.Kind != announcement.ForceMajeure {
		return nil
	}
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(aboutAnnouncement(a), forceMajeure))
	if err == nil && ok && how(l) {
		work.Save(u, record.Limits, l)
	}
	return err
}

func noteAnnouncement(u *work.Unit, a *announcement.Announcement, field string) answer {
	work.Save(u, record.Announcements, a)
	u.Note(audit.Manage, "", audit.Item{Kind: announcement.RecordKind, ID: a.ID, Fields: []string{field}})
	return answer{body: viewAnnouncement(u, a)}
}
