package desk

import (
	"context"
	"strings"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Texts of the pack for what a person is told. They name the ticket and say
// nothing of what it is about: they may go to an address of another channel.
const (
	ToldEscalated = "ticket_escalated"
	ToldReturned  = "ticket_returned"
	ToldResolved  = "ticket_resolved"
)

// Tell writes to the person on the channel that they used last, over all that
// has been merged (K04), and notes it in the communication log. Where nobody
// can be written to (a voice call, an account that can't send, restricted data),
// the work log says so, for an adviser to see.
func Tell(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket, text string) error {
	conv, last, err := lastHeard(ctx, u, env, t)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) {
		return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Communication, Text: "not told: " + text})
	}
	if err != nil {
		return err
	}
	terms, err := env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	words, _, ok := terms.Text(text, policy.Language(message.LanguageOf(last.Text)))
	if !ok {
		return fault.New(fault.Internal, "desk: the pack has no text %s", text)
	}
	m := &message.Message{
		ConversationID: conv.ID, ContactID: conv.ContactID, Channel: conv.Channel, Provider: conv.Provider, Kind: message.Said,
		Automatic: true, ReceivedAt: u.Now(), Sender: message.Party{Address: conv.Line}, Recipients: []message.Party{last.Sender},
		Text: strings.ReplaceAll(words, "{number}", t.Number), ReplyTo: last.ProviderID, Thread: last.Thread,
	}
	if m.ID, err = u.NewID(ctx, "message"); err != nil {
		return err
	}
	if conv.Channel == message.Email {
		m.Subject = t.Number
	}
	m.Enqueue(u.Now())
	conv.Answer(u.Now())
	work.Save(u, record.Messages, m)
	work.Save(u, record.Conversations, conv)
	if err := u.Emit(ctx, m.ID, &events.ReplyRequested{MessageID: m.ID}); err != nil {
		return err
	}
	return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Communication, Visible: true, Message: m.ID, To: last.Sender.Address, Text: m.Text})
}

const maxHeard = 50 // conversations of one person that are looked at

// lastHeard finds where the person said something last, and what. fault.NotFound:
// nowhere that an answer could go to.
func lastHeard(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) (*conversation.Conversation, *message.Message, error) {
	people, err := everyone(ctx, u, t)
	if err != nil {
		return nil, nil, err
	}
	var best *conversation.Conversation
	for _, id := range people {
		page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: id, Desc: true, Limit: maxHeard})
		if err != nil {
			return nil, nil, err
		}
		for _, c := range page.Items {
			if (best == nil || c.HeardAt.After(best.HeardAt)) && !c.HeardAt.IsZero() && sends(env, u.Tenant(), c) {
				best = c
			}
		}
	}
	if best == nil {
		return nil, nil, fault.New(fault.NotFound, "desk: nowhere to answer to")
	}
	page, err := work.Scan(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: best.ID, Desc: true, Limit: maxHeard})
	if err != nil {
		return nil, nil, err
	}
	for _, m := range page.Items {
		if m.Direction != message.In || m.Kind != message.Said || m.Automatic {
			continue
		}
		last, err := work.Load(ctx, u, record.Messages, m.ID)
		if err != nil {
			return nil, nil, err
		}
		conv, err := work.Load(ctx, u, record.Conversations, best.ID)
		if err == nil && last.Sender.Address == "" {
			err = fault.New(fault.NotFound, "desk: nobody to answer to")
		}
		return conv, last, err
	}
	return nil, nil, fault.New(fault.NotFound, "desk: nothing to answer to")
}

// everyone lists the contacts that are this person: those merged, and those of
// the conversations merged with the ticket's.
func everyone(ctx context.Context, u *work.Unit, t *ticket.Ticket) ([]string, error) {
	seen := map[string]bool{}
	var out []string
	add := func(id string) {
		if id != "" && !seen[id] && len(out) < maxHeard {
			seen[id] = true
			out = append(out, id)
		}
	}
	add(t.ContactID)
	if t.ConversationID != "" {
		err := eachPart(ctx, u, record.Conversations, t.ConversationID, (*conversation.Conversation).Node, func(c *conversation.Conversation) { add(c.ContactID) })
		if err != nil {
			return nil, err
		}
	}
	for _, id := range append([]string(nil), out...) {
		err := eachPart(ctx, u, record.Contacts, id, contactNode, func(c *contact.Contact) { add(c.ID) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
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

// sends reports whether an answer can go out where a conversation is.
func sends(env *host.Env, tenant string, c *conversation.Conversation) bool {
	name := channel.Name{Channel: c.Channel, Provider: c.Provider}
	s, ok := registry.Lookup(name).(channel.Sender)
	if !ok || c.Channel == message.Voice {
		return false
	}
	secrets, err := env.Secrets(tenant, name)
	return err == nil && channel.Usable(secrets, s.Sends()...) != nil
}
