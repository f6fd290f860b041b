package desk

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	maxHeard = 50  // conversations of one contact that are looked at
	maxSaid  = 500 // messages of one conversation among which the person's last is looked for
)

// place is a conversation that an answer can go out in.
type place struct {
	conv *conversation.Conversation
	now  bool // its account has a secret to send with
}

// lastHeard finds where the person said something last, and what: of the accounts
// that can send, else of those that wait for a secret. Others may write in the same
// conversations: what they say counts for nothing. fault.NotFound: nowhere that an
// answer could go to.
func lastHeard(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) (*conversation.Conversation, *message.Message, error) {
	people, err := everyone(ctx, u, t)
	if err != nil {
		return nil, nil, err
	}
	places, err := placesOf(ctx, u, env, t, people)
	if err != nil {
		return nil, nil, err
	}
	var best *message.Message
	ready := false // best is in a place that can send now
	for _, p := range places {
		if best != nil && (ready && !p.now || ready == p.now && p.conv.HeardAt.Before(best.ReceivedAt)) {
			break // the rest was heard earlier
		}
		m, err := said(ctx, u, p.conv.ID, people)
		if err != nil {
			return nil, nil, err
		}
		if m != nil && (best == nil || m.ReceivedAt.After(best.ReceivedAt)) {
			best, ready = m, p.now
		}
	}
	if best == nil {
		return nil, nil, fault.New(fault.NotFound, "desk: nowhere to answer to")
	}
	last, err := work.Load(ctx, u, record.Messages, best.ID)
	if err != nil {
		return nil, nil, err
	}
	if last.Sender.Address == "" {
		return nil, nil, fault.New(fault.NotFound, "desk: nobody to answer to")
	}
	conv, err := work.Load(ctx, u, record.Conversations, last.ConversationID)
	return conv, last, err
}

// placesOf lists the conversations that these people began, and those of the ticket
// in which they may have written: first those that can send now, each of the two
// from what was heard last.
func placesOf(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, people []string) (all []place, err error) {
	seen := map[string]bool{}
	add := func(c *conversation.Conversation) {
		if can, now := sends(env, u.Tenant(), c); can && !c.HeardAt.IsZero() && !seen[c.ID] {
			seen[c.ID] = true
			all = append(all, place{c, now})
		}
	}
	for _, id := range people {
		page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: id, Desc: true, Limit: maxHeard})
		if err != nil {
			return nil, err
		}
		for _, c := range page.Items {
			add(c)
		}
	}
	if t.ConversationID != "" {
		if err := eachPart(ctx, u, record.Conversations, t.ConversationID, (*conversation.Conversation).Node, add); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b place) int {
		if a.now != b.now {
			if a.now {
				return -1
			}
			return 1
		}
		return b.conv.HeardAt.Compare(a.conv.HeardAt)
	})
	return all, nil
}

// said is the newest message of these people in a conversation, its clear parts:
// nil where there is none among the last ones.
func said(ctx context.Context, u *work.Unit, conversationID string, people []string) (*message.Message, error) {
	q := store.Query{Index: record.ByConversation, Partition: conversationID, Desc: true, Limit: maxHeard}
	for range maxSaid / maxHeard {
		page, err := work.Scan(ctx, u, record.Messages, q)
		if err != nil {
			return nil, err
		}
		for _, m := range page.Items {
			if m.Direction == message.In && m.Kind == message.Said && !m.Automatic && slices.Contains(people, m.ContactID) {
				return m, nil
			}
		}
		if q.Token = page.Next; q.Token == "" {
			break
		}
	}
	return nil, nil
}

// Wrote reports whether a contact is heard in a conversation, among its last messages.
func Wrote(ctx context.Context, u *work.Unit, conversationID, contactID string) (bool, error) {
	m, err := said(ctx, u, conversationID, []string{contactID})
	return m != nil, err
}

// everyone lists the contacts that are a ticket's person: theirs and those merged
// with it; and where theirs began the ticket's conversation, or one merged with that,
// those who began the others of these, since what is merged is one person's (K04).
// Whoever else writes in a conversation is somebody else.
func everyone(ctx context.Context, u *work.Unit, t *ticket.Ticket) ([]string, error) {
	people, err := merged(ctx, u, []string{t.ContactID})
	if err != nil || t.ConversationID == "" {
		return people, err
	}
	var began []string
	err = eachPart(ctx, u, record.Conversations, t.ConversationID, (*conversation.Conversation).Node, func(c *conversation.Conversation) { began = append(began, c.ContactID) })
	if err != nil {
		return nil, err
	}
	if began, err = merged(ctx, u, began); err != nil {
		return nil, err
	}
	if t.ContactID == "" || slices.ContainsFunc(began, func(id string) bool { return slices.Contains(people, id) }) {
		people = append(people, began...)
	}
	slices.Sort(people)
	people = slices.Compact(people)
	return people[:min(len(people), maxHeard)], nil
}

// merged lists contacts and all that are merged with them.
func merged(ctx context.Context, u *work.Unit, ids []string) (all []string, err error) {
	for _, id := range ids {
		if id == "" || slices.Contains(all, id) {
			continue
		}
		all = append(all, id)
		err := eachPart(ctx, u, record.Contacts, id, contactNode, func(c *contact.Contact) {
			if !slices.Contains(all, c.ID) {
				all = append(all, c.ID)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func contactNode(c *contact.Contact) conversation.Node {
	return conversation.Node{ID: c.ID, Into: &c.Into, Merge: &c.Merge, Parts: &c.Parts}
}

// eachPart visits a record's head and everything merged into that, by clear
// parts.
func eachPart[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], id string, node func(*T) conversation.Node, visit func(*T)) error {
	rec, err := work.Peek(ctx, u, k, id)
	for n := 0; err == nil && *node(rec).Into != "" && n < conversation.MaxParts; n++ {
		rec, err = work.Peek(ctx, u, k, *node(rec).Into)
	}
	if fault.Is(err, fault.NotFound) { // gone by its own retention
		return nil
	}
	if err != nil {
		return err
	}
	waiting := []*T{rec}
	for n := 0; len(waiting) > 0 && n <= conversation.MaxParts; n++ {
		next := waiting[0]
		waiting = waiting[1:]
		visit(next)
		for _, id := range *node(next).Parts {
			part, err := work.Peek(ctx, u, k, id)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return err
			}
			waiting = append(waiting, part)
		}
	}
	return nil
}

// sends reports whether an answer can go out where a conversation is, and
// whether the account has a secret to send with now.
func sends(env *host.Env, tenant string, c *conversation.Conversation) (can, now bool) {
	name := channel.Name{Channel: c.Channel, Provider: c.Provider}
	s, ok := registry.Lookup(name).(channel.Sender)
	if !ok || c.Channel == message.Voice {
		return false, false
	}
	secrets, err := env.Secrets(tenant, name)
	return true, err == nil && channel.Usable(secrets, s.Sends()...) != nil
}
