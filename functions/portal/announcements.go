package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/announcement"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// announcementRoutes tell partners what is to come, or has come over us.
var announcementRoutes = []*route{
	{
		pattern: "POST /v1/announcements", id: "announce", title: "Announce maintenance, new terms or force majeure to the parties of the pack",
		text:  "Maintenance at least six hours ahead, terms as early as the pack agrees, or by the third day before they take effect: what comes later is refused. Terms say until when a party may withdraw: by the day that the pack agrees, or the fifth before, or, where that is over, until the day before. With confirm_within_hours, who does not confirm is followed up with the operational lead. Force majeure is told however late, and late says so. With draft, nobody is told until it is released.",
		roles: []access.Role{access.Supervisor}, use: access.Service, noted: audit.Manage, handle: (*function).announce,
		schema: "AnnouncementRequest", gives: "Announcement",
	},
	{
		pattern: "GET /v1/announcements", id: "listAnnouncements", title: "Announcements, the newest first",
		text:  "Without their words and letters, which one announcement shows.",
		roles: firstLevel, use: access.Service, handle: (*function).listAnnouncements,
		query: []string{"cursor", "limit"}, gives: "AnnouncementList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/announcements/{id}", id: "getAnnouncement", title: "One announcement, and each letter with the proof of its sending and its confirmation",
		roles: firstLevel, use: access.Service, about: announcement.RecordKind, handle: (*function).getAnnouncement,
		gives: "Announcement", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/announcements/{id}/release", id: "releaseAnnouncement", title: "Send out a draft, while it is in time",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: announcement.RecordKind, noted: audit.Manage, handle: (*function).releaseAnnouncement,
		gives: "Announcement", problems: []string{"not_found", "announcement_state", "too_late"},
	},
	{
		pattern: "POST /v1/announcements/{id}/withdrawal", id: "withdrawAnnouncement", title: "Take an announcement back, which everybody hears who was told",
		text:  "A draft goes without a word. What is over can't be taken back.",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: announcement.RecordKind, noted: audit.Manage, handle: (*function).withdrawAnnouncement,
		schema: "AnnouncementWithdrawal", gives: "Announcement", problems: []string{"not_found", "announcement_state"},
	},
	{
		pattern: "POST /v1/announcements/{id}/closure", id: "closeAnnouncement", title: "Say that what was announced is over, before its end or without one",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: announcement.RecordKind, noted: audit.Manage, handle: (*function).closeAnnouncement,
		gives: "Announcement", problems: []string{"not_found", "announcement_state"},
	},
	{
		pattern: "POST /v1/announcements/{id}/contacts", id: "tellOfAnnouncement", title: "Record that a party without a mailbox was told another way",
		text:  "When none is left, the limit of force majeure is met.",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: announcement.RecordKind, noted: audit.Manage, handle: (*function).tellOfAnnouncement,
		schema: "AnnouncementContact", gives: "Announcement", problems: []string{"not_found", "announcement_state"},
	},
}

// announcementView is an announcement as it goes out (schema Announcement).
type announcementView struct {
	ID      string             `json:"id"`
	Tenant  string             `json:"tenant"`
	Kind    announcement.Kind  `json:"kind"`
	State   announcement.State `json:"state"`
	Service string             `json:"service,omitempty"`
	Parties []string           `json:"parties"`
	At      time.Time          `json:"at"`
	EndsAt  time.Time          `json:"ends_at,omitzero"`
	What    string             `json:"what,omitempty"`
	Until   string             `json:"until,omitempty"`
	Text    string             `json:"text,omitempty"`
	Notices []string           `json:"notices"`
	Letters []noticeView       `json:"letters,omitempty"` // with those that followed on them

	Unreached []string               `json:"unreached,omitempty"`
	Otherwise []announcement.Contact `json:"otherwise,omitempty"`
	Late      bool                   `json:"late"`

	WithdrawBy time.Time `json:"withdraw_by,omitzero"` // exclusive: the midnight after the last day
	DraftedAt  time.Time `json:"drafted_at"`
	ToldAt     time.Time `json:"told_at,omitzero"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Reason     string    `json:"reason,omitempty"`
}

func viewAnnouncement(u *work.Unit, a *announcement.Announcement) announcementView {
	return announcementView{
		ID: a.ID, Tenant: u.Tenant(), Kind: a.Kind, State: a.StateAt(u.Now()), Service: a.Service, Parties: a.Parties, At: a.At, EndsAt: a.EndsAt,
		What: a.What, Until: a.Until, Text: a.Text, Notices: append([]string{}, a.Notices...), Unreached: a.Unreached, Otherwise: a.Otherwise, Late: a.Late,
		WithdrawBy: a.WithdrawBy, DraftedAt: a.DraftedAt, ToldAt: a.ToldAt, EndedAt: a.EndedAt, Reason: a.Reason,
	}
}

func (f *function) listAnnouncements(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: announcement.RecordKind, Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Announcements, q)
	if err != nil {
		return answer{}, err
	}
	out := list[announcementView]{Items: make([]announcementView, 0, len(page.Items)), Next: page.Next}
	for _, a := range page.Items {
		out.Items = append(out.Items, viewAnnouncement(u, a))
	}
	return answer{body: out}, nil
}

func (f *function) getAnnouncement(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	a, err := announced(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	v := viewAnnouncement(u, a)
	page, err := work.Scan(ctx, u, record.Notices, store.Query{Index: record.ByNode, Partition: a.ID, Limit: store.MaxPage})
	if err != nil {
		return answer{}, err
	}
	for _, n := range page.Items {
		letter, err := viewNotice(ctx, u, n)
		if err != nil {
			return answer{}, err
		}
		v.Letters = append(v.Letters, letter)
	}
	return answer{body: v}, nil
}

// announced is the announcement that a path names.
func announced(ctx context.Context, u *work.Unit, c *call) (*announcement.Announcement, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return work.Load(ctx, u, record.Announcements, id)
}
