package notice

import (
	"context"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Elsewhere is a conversation on another channel than that of a given one, in which
// one of the contacts was heard last and that can be written to now, and
// whether there is one. What is told there does not pass where the rest was told.
func Elsewhere(ctx context.Context, u *work.Unit, contacts []string, than string) (c *conversation.Conversation, ok bool, err error) {
	first, err := work.Peek(ctx, u, record.Conversations, than)
	if err != nil {
		return nil, false, err
	}
	var all []*conversation.Conversation
	for _, id := range contacts {
		page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: id, Desc: true, Limit: store.MaxPage})
		if err != nil {
			return nil, false, err
		}
		for _, c := range page.Items {
			if c.Channel != first.Channel && takes(c, u.Now()) {
				all = append(all, c)
			}
		}
	}
	c = heardLast(all, nil)
	return c, c != nil, nil
}
