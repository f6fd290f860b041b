package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// conversationView is a conversation as it goes out (schema Conversation).
type conversationView struct {
	ID        string             `json:"id"`
	Tenant    string             `json:"tenant"`
	ContactID string             `json:"contact_id"`
	Channel   message.Channel    `json:"channel"`
	Provider  string             `json:"provider"`
	Line      string             `json:"line"`
	Class     conversation.Class `json:"class"`
	State     conversation.State `json:"state"`
	Subject   string             `json:"subject,omitempty"`
	OpenedAt  time.Time          `json:"opened_at"`
	LastAt    time.Time          `json:"last_at"`
	ClosedAt  time.Time          `json:"closed_at,omitzero"`
	Messages  int                `json:"messages"`
	Into      string             `json:"into,omitempty"`
	Parts     []string           `json:"parts,omitempty"`
}

func viewConversation(tenant string, c *conversation.Conversation) conversationView {
	return conversationView{
		ID: c.ID, Tenant: tenant, ContactID: c.ContactID, Channel: c.Channel, Provider: c.Provider, Line: c.Line, Class: c.Class,
		State: c.State, Subject: c.Subject, OpenedAt: c.OpenedAt.UTC(), LastAt: c.LastAt.UTC(), ClosedAt: c.ClosedAt, Messages: c.Messages,
		Into: c.Into, Parts: c.Parts,
	}
}

// listConversations shows the newest first, by clear parts: no subject.
func (f *function) listConversations(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "conversation", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Conversations, q)
	if err != nil {
		return answer{}, err
	}
	out := list[conversationView]{Items: make([]conversationView, 0, len(page.Items)), Next: page.Next}
	for _, conv := range page.Items {
		out.Items = append(out.Items, viewConversation(u.Tenant(), conv))
	}
	return answer{body: out}, nil
}

func (f *function) getConversation(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	conv, err := work.Load(ctx, u, record.Conversations, id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: viewConversation(u.Tenant(), conv)}, nil
}

// conversationMessages shows the messages of a conversation and of everything
// merged into it, in order of receipt. Each names the conversation that it is
// of, which keeps its class, retention and access (K02).
func (f *function) conversationMessages(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit(maxOpened)
	if err != nil {
		return answer{}, err
	}
	desc, err := c.descending(false)
	if err != nil {
		return answer{}, err
	}
	parts, err := group(ctx, u, record.Conversations, id, (*conversation.Conversation).Node)
	if err != nil {
		return answer{}, err
	}
	view := lanes[message.Message]{
		kind: record.Messages, index: record.ByConversation, name: id, desc: desc, partitions: idsOf(record.Conversations, parts),
		sort: func(m *message.Message) string { return record.Sortable(m.ReceivedAt) },
	}
	found, next, err := view.page(ctx, u, c, limit)
	if err != nil {
		return answer{}, err
	}
	opened, withheld, err := open(ctx, u, record.Messages, idsOf(record.Messages, found))
	if err != nil {
		return answer{}, err
	}
	whose := make([]string, 0, len(parts))
	for _, p := range parts {
		whose = append(whose, p.ContactID)
	}
	stated, err := statements(ctx, u, whose...)
	if err != nil {
		return answer{}, err
	}
	return answer{body: messagePage{list[messageView]{Items: viewMessages(u.Tenant(), opened), Withheld: withheld, Next: next}, stated}}, nil
}

// messagePage is messages, and what their people have stated beside them (schema
// MessageList).
type messagePage struct {
	list[messageView]
	Statements []statementView `json:"statements,omitempty"`
}

// id is the id in the path. One that can't be an id names nothing.
func (c *call) id() (string, error) {
	id := c.r.PathValue("id")
	if !idShape.MatchString(id) {
		return "", newProblem("not_found", "")
	}
	return id, nil
}
