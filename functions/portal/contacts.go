package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// contactView is a contact as it goes out (schema Contact).
type contactView struct {
	ID         string          `json:"id"`
	Tenant     string          `json:"tenant"`
	Name       string          `json:"name"`
	Addresses  []addressView   `json:"addresses"`
	CreatedAt  time.Time       `json:"created_at"`
	Into       string          `json:"into,omitempty"`
	Parts      []string        `json:"parts,omitempty"`
	Statements []statementView `json:"statements,omitempty"` // of one contact that is asked for
}

type addressView struct {
	Scheme  message.Scheme  `json:"scheme"`
	Address string          `json:"address"`
	Channel message.Channel `json:"channel"`
	SeenAt  time.Time       `json:"seen_at"`

	VerifiedAt time.Time `json:"verified_at,omitzero"`
	How        string    `json:"how,omitempty"`
}

func viewContact(tenant string, c *contact.Contact) contactView {
	v := contactView{
		ID: c.ID, Tenant: tenant, Name: c.Name, Addresses: make([]addressView, 0, len(c.Addresses)),
		CreatedAt: c.CreatedAt.UTC(), Into: c.Into, Parts: c.Parts,
	}
	for _, a := range c.Addresses {
		v.Addresses = append(v.Addresses, addressView{Scheme: a.Scheme, Address: a.Address, Channel: a.Channel, SeenAt: a.SeenAt.UTC(), VerifiedAt: a.VerifiedAt, How: a.How})
	}
	return v
}

func nodeOf(c *contact.Contact) conversation.Node {
	return conversation.Node{ID: c.ID, Into: &c.Into, Merge: &c.Merge, Parts: &c.Parts}
}

// listContacts shows the newest first.
func (f *function) listContacts(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "contact", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxOpened); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Contacts, q)
	if err != nil {
		return answer{}, err
	}
	opened, withheld, err := open(ctx, u, record.Contacts, idsOf(record.Contacts, page.Items))
	if err != nil {
		return answer{}, err
	}
	out := list[contactView]{Items: make([]contactView, 0, len(opened)), Withheld: withheld, Next: page.Next}
	for _, p := range opened {
		out.Items = append(out.Items, viewContact(u.Tenant(), p))
	}
	return answer{body: out}, nil
}

func (f *function) getContact(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	p, err := work.Load(ctx, u, record.Contacts, id)
	if err != nil {
		return answer{}, err
	}
	v := viewContact(u.Tenant(), p)
	v.Statements, err = statements(ctx, u, id)
	return answer{body: v}, err
}

// contactHistory shows the conversations of a contact, and of everyone merged
// into it, on all channels, the newest first.
func (f *function) contactHistory(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	limit, err := c.limit(maxHistory)
	if err != nil {
		return answer{}, err
	}
	if _, err := work.Load(ctx, u, record.Contacts, id); err != nil { // whose history is looked at stands in the log
		return answer{}, err
	}
	people, err := group(ctx, u, record.Contacts, id, nodeOf)
	if err != nil {
		return answer{}, err
	}
	found, next, err := historyOf(id, people).page(ctx, u, c, limit)
	if err != nil {
		return answer{}, err
	}
	opened, withheld, err := open(ctx, u, record.Conversations, idsOf(record.Conversations, found))
	if err != nil {
		return answer{}, err
	}
	out := list[conversationView]{Items: make([]conversationView, 0, len(opened)), Withheld: withheld, Next: next}
	for _, conv := range opened {
		out.Items = append(out.Items, viewConversation(u.Tenant(), conv))
	}
	return answer{body: out}, nil
}

func historyOf(id string, people []*contact.Contact) lanes[conversation.Conversation] {
	return lanes[conversation.Conversation]{
		kind: record.Conversations, index: record.ByContact, name: id, desc: true, partitions: idsOf(record.Contacts, people),
		sort: func(c *conversation.Conversation) string { return record.Sortable(c.OpenedAt) },
	}
}
