package notice

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// unconfirmed is the template that stands above a letter to the next contact.
const unconfirmed = "notice.unconfirmed"

// Answered tells when a person first wrote in a notice's conversation after it
// went out. What a machine wrote (RFC 3834: an out-of-office) is no answer.
func Answered(ctx context.Context, u *work.Unit, n *notice.Notice) (time.Time, bool, error) {
	page, err := work.Scan(ctx, u, record.Messages, store.Query{
		Index: record.ByConversation, Partition: n.ConversationID, From: record.Sortable(n.QueuedAt.Add(time.Nanosecond)), Limit: looked,
	})
	for _, m := range page.Items {
		if m.Direction == message.In && m.Kind == message.Said && !m.Automatic {
			return m.ReceivedAt, true, err
		}
	}
	return time.Time{}, false, err
}

// Escalate tells the next contact that nobody confirmed a notice, in the same
// words, and withdraws the limit of the first: the second has one of its own,
// as long. False: nobody is left, and the limit stays overdue.
func Escalate(ctx context.Context, u *work.Unit, env *host.Env, n *notice.Notice) (bool, error) {
	to, rest, ok := n.Escalates(u.Now())
	if !ok {
		return false, nil
	}
	m, err := work.Load(ctx, u, record.Messages, n.MessageID)
	if err != nil {
		return false, err
	}
	head, err := Render(unconfirmed, n.Language, map[string]string{"since": n.QueuedAt.Format("2006-01-02 15:04 UTC")})
	if err != nil {
		return false, err
	}
	l := Letter{
		Template: n.Template, To: To{Party: to.Party, Mailbox: to.Mailbox, Name: to.Name}, About: n.About,
		ConfirmBy: u.Now().Add(n.Patience()), Otherwise: rest,
	}
	for i := range m.Media {
		b, err := locate.Media(ctx, u, m, i)
		if err != nil {
			return false, err
		}
		l.Files = append(l.Files, File{Name: m.Media[i].Name, Mime: m.Media[i].Mime, Bytes: b})
	}
	text := Text{Subject: head.Subject + ": " + m.Subject, Body: head.Body + "\n" + m.Text, Language: n.Language, Version: n.Version}
	next, err := queue(ctx, u, env, l, text, n.ID)
	if err != nil {
		return false, err
	}
	n.Next = next.ID
	work.Save(u, record.Notices, n)
	return true, end(ctx, u, n, func(l *deadline.Limit) bool { return l.Withdraw(u.Now()) })
}
