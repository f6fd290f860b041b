package portal

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	domain "github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// noticeRoutes show the letters that rules asked for, and take confirmations.
var noticeRoutes = []*route{
	{
		pattern: "GET /v1/notices", id: "listNotices", title: "The letters about one record, the oldest first",
		text:  "With the proof of their sending. No content.",
		roles: noticeReaders, use: access.Operation, handle: (*function).listNotices,
		query: []string{"about", "cursor", "limit"}, gives: "NoticeList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/notices/{id}", id: "getNotice", title: "One letter: to whom, from which text, and the proof of its sending",
		roles: noticeReaders, use: access.Operation, about: domain.Kind, handle: (*function).getNotice,
		gives: "Notice", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/notices/{id}/confirmation", id: "confirmNotice", title: "Record that whom a letter went to has confirmed it",
		text:  "Confirming again changes nothing. Until it is confirmed, the next contact is told when its time is over.",
		roles: []access.Role{access.Supervisor, access.Officer}, use: access.Operation, about: domain.Kind, noted: audit.Change, handle: (*function).confirmNotice,
		schema: "NoticeConfirmation", gives: "Notice", problems: []string{"not_found"},
	},
}

var noticeReaders = []access.Role{access.Supervisor, access.Officer, access.DPO, access.Administrator, access.Auditor}

// noticeView is a letter as it goes out (schema Notice).
type noticeView struct {
	ID          string       `json:"id"`
	Tenant      string       `json:"tenant"`
	Template    string       `json:"template"`
	Version     string       `json:"version"`
	Language    string       `json:"language"`
	About       deadline.Ref `json:"about"`
	Party       string       `json:"party,omitempty"`
	MessageID   string       `json:"message_id"`
	SHA256      string       `json:"sha256"`
	Files       []string     `json:"files,omitempty"`
	Withheld    bool         `json:"withheld,omitempty"`
	QueuedAt    time.Time    `json:"queued_at"`
	Sending     *sendingView `json:"sending,omitempty"` // none once the message was deleted by its retention
	ConfirmBy   time.Time    `json:"confirm_by,omitzero"`
	ConfirmedAt time.Time    `json:"confirmed_at,omitzero"`
	ConfirmedBy string       `json:"confirmed_by,omitempty"`
	How         string       `json:"how,omitempty"`
	Next        string       `json:"next,omitempty"`
	After       string       `json:"after,omitempty"`
}

// sendingView is the proof of sending: what providers said, and when.
type sendingView struct {
	Channel message.Channel `json:"channel"`
	State   message.State   `json:"state"`
	At      time.Time       `json:"at"`
	Code    string          `json:"code,omitempty"`
	Tries   int             `json:"tries"`
}

func viewNotice(ctx context.Context, u *work.Unit, n *domain.Notice) (noticeView, error) {
	v := noticeView{
		ID: n.ID, Tenant: u.Tenant(), Template: n.Template, Version: n.Version, Language: n.Language, About: n.About, Party: n.Party,
		MessageID: n.MessageID, SHA256: n.SHA256, Files: n.Files, Withheld: n.Withheld, QueuedAt: n.QueuedAt.UTC(),
		ConfirmBy: n.ConfirmBy, ConfirmedAt: n.ConfirmedAt, ConfirmedBy: n.ConfirmedBy, How: n.How, Next: n.Next, After: n.After,
	}
	m, err := notice.State(ctx, u, n)
	if fault.Is(err, fault.NotFound) {
		return v, nil
	}
	if err == nil {
		v.Sending = &sendingView{Channel: m.Channel, State: m.State, At: m.StateAt.UTC(), Code: m.Code}
		if m.Delivery != nil {
			v.Sending.Tries = m.Delivery.Tries
		}
	}
	return v, err
}

func (f *function) listNotices(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	about := c.r.URL.Query().Get("about")
	if !idShape.MatchString(about) {
		return answer{}, newProblem("invalid", "about must be the id of a record")
	}
	q, _, err := c.cursor(store.Query{Index: record.ByNode, Partition: about})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxOpened); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Notices, q)
	if err != nil {
		return answer{}, err
	}
	out := list[noticeView]{Items: make([]noticeView, 0, len(page.Items)), Next: page.Next}
	for _, n := range page.Items {
		v, err := viewNotice(ctx, u, n)
		if err != nil {
			return answer{}, err
		}
		out.Items = append(out.Items, v)
	}
	return answer{body: out}, nil
}

func (f *function) getNotice(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	n, err := work.Peek(ctx, u, record.Notices, id)
	if err != nil {
		return answer{}, err
	}
	v, err := viewNotice(ctx, u, n)
	return answer{body: v}, err
}

// The ways in which a letter is confirmed, beside an answer that came in.
var waysToConfirm = []string{"phone", "mail", "in_person", "portal"}

func (f *function) confirmNotice(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b struct {
		How string `json:"how"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !slices.Contains(waysToConfirm, b.How) {
		return answer{}, newProblem("invalid", "how must be phone, mail, in_person or portal")
	}
	n, err := work.Peek(ctx, u, record.Notices, id) // what is sealed stays as it is
	if err != nil {
		return answer{}, err
	}
	if err := notice.Confirm(ctx, u, n, u.Actor().ID, b.How, u.Now()); err != nil {
		return answer{}, err
	}
	u.Note(audit.Change, n.ContactID, audit.Item{Kind: domain.Kind, ID: n.ID, Fields: []string{"confirmed_at"}})
	v, err := viewNotice(ctx, u, n)
	return answer{body: v}, err
}
