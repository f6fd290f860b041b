package desk

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Await lets the person of a ticket be known as one for whom it waits: what they
// write, on any channel, lets it go on (functions/desk). Where their data is
// restricted, only people do.
func Await(ctx context.Context, u *work.Unit, t *ticket.Ticket) error {
	if t.State != ticket.Waiting {
		return nil
	}
	person, err := work.Load(ctx, u, record.Contacts, t.ContactID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Gone) {
		return nil
	}
	if err == nil && person.Await(t.ID) {
		work.Save(u, record.Contacts, person)
	}
	return err
}

// Awaiting are the tickets that may wait for what a person says in a conversation:
// theirs, and where either has been merged, those of all whom it has been merged
// with. Without a merge it costs no reads.
func Awaiting(ctx context.Context, u *work.Unit, person *contact.Contact, conv *conversation.Conversation) (ids []string, err error) {
	ids = slices.Clone(person.Waits)
	if person.Into == "" && len(person.Parts) == 0 && conv.Into == "" && len(conv.Parts) == 0 {
		return ids, nil
	}
	people, err := everyone(ctx, u, &ticket.Ticket{ContactID: person.ID, ConversationID: conv.ID})
	for _, id := range people {
		c, err := work.Peek(ctx, u, record.Contacts, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, c.Waits...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// Resume lets a ticket go on that waits for the person, who has written now; any
// other stays as it is.
func Resume(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) error {
	if t.State != ticket.Waiting {
		return nil
	}
	from, err := t.Become(ticket.InProgress, u.Now())
	if err != nil {
		return err
	}
	work.Save(u, record.Tickets, t)
	if err := Settle(ctx, u, env, t); err != nil {
		return err
	}
	return Moved(ctx, u, t, from, "the person has written")
}

// together visits a conversation and all that it has been merged with.
func together(ctx context.Context, u *work.Unit, conv *conversation.Conversation, visit func(*conversation.Conversation)) error {
	if conv.Into == "" && len(conv.Parts) == 0 {
		visit(conv)
		return nil
	}
	return eachPart(ctx, u, record.Conversations, conv.ID, (*conversation.Conversation).Node, visit)
}

// numbering is under which a conversation's first ticket is found.
func numbering(ctx context.Context, u *work.Unit, conversationID string) (string, error) {
	return u.Hash(ctx, "ticket of conversation", conversationID)
}

// first notes that a conversation has a ticket.
func first(ctx context.Context, u *work.Unit, t *ticket.Ticket) error {
	if t.ConversationID == "" {
		return nil
	}
	id, err := numbering(ctx, u, t.ConversationID)
	if err != nil {
		return err
	}
	_, taken, err := work.Find(ctx, u, record.Numberings, id)
	if err == nil && !taken {
		work.Save(u, record.Numberings, &ticket.Numbering{ID: id, TicketID: t.ID})
	}
	return err
}

// Concern lets the conversation of a ticket know of which service that is: an
// agreement may have terms of its own for what people say about it.
func Concern(ctx context.Context, u *work.Unit, t *ticket.Ticket) error {
	if t.ConversationID == "" {
		return nil
	}
	conv, err := work.Peek(ctx, u, record.Conversations, t.ConversationID)
	if fault.Is(err, fault.NotFound) { // gone, and nothing is left to keep
		return nil
	}
	if err != nil || !conv.Concern(t.ID, t.Service) {
		return err
	}
	whole, _, err := work.Find(ctx, u, record.Conversations, t.ConversationID)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Gone) { // its sealed parts stay as they are
		whole, err = conv, nil
	}
	if err == nil {
		whole.Concern(t.ID, t.Service)
		work.Save(u, record.Conversations, whole)
	}
	return err
}

// Ticketed reports whether a conversation, or one that it has been merged with, has
// had a ticket.
func Ticketed(ctx context.Context, u *work.Unit, conv *conversation.Conversation) (bool, error) {
	var all []string
	if err := together(ctx, u, conv, func(c *conversation.Conversation) { all = append(all, c.ID) }); err != nil {
		return false, err
	}
	for _, id := range slices.Compact(all) {
		key, err := numbering(ctx, u, id)
		if err != nil {
			return false, err
		}
		if _, ok, err := work.Find(ctx, u, record.Numberings, key); err != nil || ok {
			return ok, err
		}
	}
	return false, nil
}
