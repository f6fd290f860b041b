package notice

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// beside adds a conversation that is merged with none of the group, and is the
// same person's by its contact, or by contacts that were merged: then an address
// is proven by what came after the newest of these merges too. ErrNoPart: it is
// somebody else's.
func (g *group) beside(ctx context.Context, u *work.Unit, id string) error {
	if g.has(func(c *conversation.Conversation) bool { return c.ID == id }) {
		return nil
	}
	other, err := work.Peek(ctx, u, record.Conversations, id)
	if err != nil {
		return err
	}
	people, err := person(ctx, u, other.ContactID)
	if err != nil {
		return err
	}
	same := false
	for _, p := range people {
		same = same || g.has(func(c *conversation.Conversation) bool { return c.ContactID == p.ID })
		if err := g.since(ctx, u, p.Merge); err != nil {
			return err
		}
	}
	if !same {
		return ErrNoPart
	}
	g.all = append(g.all, other)
	return nil
}

func (g *group) has(f func(*conversation.Conversation) bool) bool {
	return slices.ContainsFunc(g.all, f)
}

// person is a contact and all that it is merged with, without their sealed
// parts.
func person(ctx context.Context, u *work.Unit, id string) (all []*contact.Contact, err error) {
	head, err := work.Peek(ctx, u, record.Contacts, id)
	for n := 0; err == nil && head.Into != "" && n < conversation.MaxParts; n++ {
		head, err = work.Peek(ctx, u, record.Contacts, head.Into)
	}
	if err != nil {
		return nil, err
	}
	all = append(all, head)
	for i := 0; i < len(all) && len(all) <= conversation.MaxParts; i++ {
		for _, part := range all[i].Parts {
			next, err := work.Peek(ctx, u, record.Contacts, part)
			if fault.Is(err, fault.NotFound) { // gone by its own retention
				continue
			}
			if err != nil {
				return nil, err
			}
			all = append(all, next)
		}
	}
	return all, nil
}
