package notice

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// looked is how many of a conversation's messages are looked at, the newest
// first, to find who wrote in it.
const looked = 50

// group is a conversation and all that it is merged with, without their sealed
// parts.
type group struct {
	all      []*conversation.Conversation
	mergedAt time.Time // the newest merge between them
}

// groupOf finds the head of a conversation's merges and everything below it.
func groupOf(ctx context.Context, u *work.Unit, conv *conversation.Conversation) (*group, error) {
	head := conv
	for range conversation.MaxParts {
		if head.Into == "" {
			break
		}
		up, err := work.Peek(ctx, u, record.Conversations, head.Into)
		if fault.Is(err, fault.NotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		head = up
	}
	g := &group{all: []*conversation.Conversation{head}}
	for i := 0; i < len(g.all) && len(g.all) <= conversation.MaxParts; i++ {
		for _, id := range g.all[i].Parts {
			part, err := work.Peek(ctx, u, record.Conversations, id)
			if fault.Is(err, fault.NotFound) { // deleted since, by its own retention
				continue
			}
			if err != nil {
				return nil, err
			}
			g.all = append(g.all, part)
		}
	}
	for _, c := range g.all {
		if err := g.since(ctx, u, c.Merge); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// target is the conversation in which an answer goes out, opened.
func (g *group) target(ctx context.Context, u *work.Unit, a Answer) (*conversation.Conversation, error) {
	if a.Beside != "" {
		if err := g.beside(ctx, u, a.Beside); err != nil {
			return nil, err
		}
		a.Part = a.Beside
	}
	id := a.Part
	if id == "" {
		last := heardLast(g.all, a.Files)
		switch {
		case last == nil && len(a.Files) > 0 && heardLast(g.all, nil) != nil:
			return nil, ErrFiles
		case last == nil:
			return nil, ErrNoChannel
		}
		id = last.ID
	}
	i := slices.IndexFunc(g.all, func(c *conversation.Conversation) bool { return c.ID == id })
	switch {
	case i < 0:
		return nil, ErrNoPart
	case !sends(g.all[i], nil):
		return nil, ErrNoChannel
	case !sends(g.all[i], a.Files):
		return nil, ErrFiles
	}
	return work.Load(ctx, u, record.Conversations, id)
}

// since notes when a merge took place.
func (g *group) since(ctx context.Context, u *work.Unit, merge string) error {
	if merge == "" {
		return nil
	}
	edge, ok, err := work.Find(ctx, u, record.Merges, merge)
	if err == nil && ok && edge.At.After(g.mergedAt) {
		g.mergedAt = edge.At
	}
	return err
}

// addressee is whom an answer in a conversation goes to, and what it answers:
// whoever was heard in it last. Where only we wrote, it goes to whom we wrote. What
// is for one contact goes to them, or to a contact that they are merged with: others
// may have written in the same conversation since (ErrNoAddress where they never did).
func addressee(ctx context.Context, u *work.Unit, conv *conversation.Conversation, contactID string) (message.Party, *message.Message, error) {
	theirs := map[string]bool{}
	if contactID != "" {
		people, err := person(ctx, u, contactID)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return message.Party{}, nil, err
		}
		theirs[contactID] = true
		for _, p := range people {
			theirs[p.ID] = true
		}
	}
	var ours *message.Message
	q := store.Query{Index: record.ByConversation, Partition: conv.ID, Desc: true, Limit: looked}
	for others := false; ; {
		page, err := work.Scan(ctx, u, record.Messages, q)
		if err != nil {
			return message.Party{}, nil, err
		}
		for _, found := range page.Items {
			out := found.Direction == message.Out
			if found.Kind != message.Said || out && (ours != nil || found.Delivery == nil) {
				continue
			}
			if contactID != "" && !theirs[found.ContactID] {
				others = others || !out
				continue
			}
			m, err := work.Load(ctx, u, record.Messages, found.ID)
			if err != nil {
				return message.Party{}, nil, err
			}
			if out {
				ours = m
			} else if m.Sender.Address != "" {
				return m.Sender, m, nil
			}
		}
		if q.Token = page.Next; q.Token != "" && contactID != "" {
			continue // theirs may stand far behind what others wrote
		}
		if ours != nil && len(ours.Recipients) > 0 && !others {
			return ours.Recipients[0], ours, nil
		}
		return message.Party{}, nil, ErrNoAddress
	}
}

// proven reports whether content of conv may go to an address in target: it is
// the same conversation; or somebody wrote in conv itself from that address (a
// telephone number is one address on all its channels); or
// it has been verified since the conversations were merged.
func (g *group) proven(ctx context.Context, u *work.Unit, conv, target *conversation.Conversation, to message.Party) (bool, error) {
	if conv.ID == target.ID {
		return true, nil
	}
	page, err := work.Scan(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: conv.ID, Desc: true, Limit: looked})
	if err != nil {
		return false, err
	}
	for _, found := range page.Items {
		if found.Kind != message.Said || found.Direction != message.In {
			continue
		}
		m, err := work.Load(ctx, u, record.Messages, found.ID)
		if err != nil {
			return false, err
		}
		if same(m.Sender.Scheme, m.Sender.Address, to) {
			return true, nil
		}
	}
	person, ok, err := work.Find(ctx, u, record.Contacts, target.ContactID)
	if err != nil || !ok {
		return false, err
	}
	return slices.ContainsFunc(person.Addresses, func(a contact.Address) bool {
		return same(a.Scheme, a.Address, to) && !a.VerifiedAt.IsZero() && !a.VerifiedAt.Before(g.mergedAt)
	}), nil
}

// same compares addresses; mail addresses differ in case in theory only.
func same(s message.Scheme, address string, to message.Party) bool {
	if s != to.Scheme || address == "" {
		return false
	}
	return address == to.Address || s == message.Mailto && strings.EqualFold(address, to.Address)
}
