package inbound

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// store makes a message of an item: everything but a status. It reads twice:
// what the item names, then what that leads to.
func (f *function) store(ctx context.Context, u *work.Unit, it *item) error {
	terms, err := f.env.Terms(u.Tenant())
	if err != nil {
		return err
	}
	class := it.line(terms)
	answered, err := targets(ctx, u, it.Channel, append([]string{it.ReplyTo, it.Target}, it.References...)...)
	if err != nil {
		return err
	}
	thread, err := f.threadOf(ctx, u, it)
	if err != nil {
		return err
	}
	refs := []work.Ref{work.Of(record.Messages, it.named), work.Of(record.Waitings, it.named)}
	for _, l := range it.address {
		refs = append(refs, work.Of(record.Lookups, l.id))
	}
	refs = append(refs, named(answered)...)
	for _, a := range it.aliases {
		refs = append(refs, work.Of(record.Aliases, a))
	}
	if thread != "" {
		refs = append(refs, work.Of(record.Conversations, thread))
	}
	if it.Direction == message.Out {
		refs = append(refs, work.Of(record.Aliases, it.named))
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return err
	}
	done, err := f.seen(ctx, u, it)
	if done || err != nil {
		return err
	}
	if err := it.follow(ctx, u, answered); err != nil {
		return err
	}
	person, look, err := f.sender(ctx, u, it)
	if err != nil {
		return err
	}
	conv, err := f.conversation(ctx, u, it, person, look, answered, thread, class, idle(terms, it.Channel))
	if err != nil {
		return err
	}
	m, err := f.write(ctx, u, it, person, conv)
	if err != nil {
		return err
	}
	if err := f.rights(ctx, u, it, m); err != nil {
		return err
	}
	if err := f.desk(ctx, u, it, person, conv, m); err != nil {
		return err
	}
	if err := f.withdraw(ctx, u, it, person.ID, m.ID); err != nil {
		return err
	}
	return f.greet(ctx, u, it, terms, person, conv, m)
}

// route is the key of the open conversation on the line that was contacted.
func (it *item) route() string { return string(it.Channel) + "/" + it.Provider + "/" + it.Line }

// follow reads together what the first reads lead to: contacts, their open
// conversations, and that of the message which is answered.
func (it *item) follow(ctx context.Context, u *work.Unit, answered []string) error {
	var refs []work.Ref
	for _, l := range it.address {
		look, ok, err := work.Find(ctx, u, record.Lookups, l.id)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		refs = append(refs, work.Of(record.Contacts, look.ContactID))
		if open := look.Open[it.route()]; open != "" {
			refs = append(refs, work.Of(record.Conversations, open))
		}
	}
	if m, ok, err := find(ctx, u, answered); err != nil {
		return err
	} else if ok {
		refs = append(refs, work.Of(record.Conversations, m.ConversationID))
	}
	return u.Fetch(ctx, refs...)
}

// seen deals with an item whose provider id is known already. A copy of what we
// sent ourselves, which some providers tell us back, is no message. The same words
// again change nothing; another step of a call is added to it; other words
// under the same id (a mail with a borrowed Message-ID) get an id of their own.
func (f *function) seen(ctx context.Context, u *work.Unit, it *item) (bool, error) {
	if it.Direction == message.Out {
		if m, ok, err := find(ctx, u, []string{it.named}); err != nil || ok && m.Delivery != nil {
			return true, err
		}
	}
	m, ok, err := work.Find(ctx, u, record.Messages, it.named)
	if err != nil || !ok {
		return false, err
	}
	switch {
	case it.Kind == message.CallKind && m.Kind == message.CallKind:
		return true, f.step(ctx, u, it, m)
	case m.Text == it.Text && m.Subject == it.Subject && m.Kind == it.Kind && m.SentAt.Equal(it.SentAt):
		return true, nil
	}
	it.id, err = u.NewID(ctx, "message")
	return false, err
}

// step adds a step to a call that is known, and the recording that it brings.
func (f *function) step(ctx context.Context, u *work.Unit, it *item, m *message.Message) error {
	m.Step(*it.Call, it.SentAt)
	it.Media = slices.DeleteFunc(slices.Clone(it.Media), func(a message.Media) bool {
		return slices.ContainsFunc(m.Media, func(b message.Media) bool { return a.URL == b.URL && a.Ref == b.Ref })
	})
	m.Media = append(m.Media, it.Media...)
	if err := f.files(ctx, u, it, m); err != nil {
		return err
	}
	work.Save(u, record.Messages, m)
	return nil
}

// sender finds the contact of an item by the sender's addresses, or makes one.
// An address that is new for a known contact is added to it.
func (f *function) sender(ctx context.Context, u *work.Unit, it *item) (*contact.Contact, *contact.Lookup, error) {
	var known *contact.Contact
	for _, l := range it.address {
		look, ok, err := work.Find(ctx, u, record.Lookups, l.id)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			continue
		}
		c, ok, err := work.Find(ctx, u, record.Contacts, look.ContactID)
		if err != nil {
			return nil, nil, err
		}
		if ok {
			known = c
			break
		}
	}
	if known == nil {
		id, err := u.NewID(ctx, "contact")
		if err != nil {
			return nil, nil, err
		}
		known = &contact.Contact{ID: id, CreatedAt: it.at, Name: person(&it.Inbound).Name}
		work.Save(u, record.Contacts, known)
	}
	var first *contact.Lookup
	for i, l := range it.address {
		look, _, err := work.Find(ctx, u, record.Lookups, l.id)
		if err != nil {
			return nil, nil, err
		}
		if look.ContactID != known.ID && (look.ContactID == "" || i > 0) {
			look = &contact.Lookup{ID: l.id, ContactID: known.ID, Open: look.Open}
			work.Save(u, record.Lookups, look)
		}
		if look.ContactID != known.ID { // its contact has been erased: the address starts anew
			look = &contact.Lookup{ID: l.id, ContactID: known.ID}
			work.Save(u, record.Lookups, look)
		}
		if i == 0 {
			first = look
		}
		if l.address.SeenAt = it.at; l.address.Address != "" && known.Reach(l.address) {
			work.Save(u, record.Contacts, known)
		}
	}
	if name := person(&it.Inbound).Name; known.Name == "" && name != "" {
		known.Name = name
		work.Save(u, record.Contacts, known)
	}
	return known, first, nil
}

// conversation finds where an item belongs: with the message it answers, in the
// thread that its plus-address names, in the open conversation of its sender on
// this line, or in a new one.
func (f *function) conversation(ctx context.Context, u *work.Unit, it *item, person *contact.Contact, look *contact.Lookup,
	answered []string, thread string, class conversation.Class, idle time.Duration,
) (*conversation.Conversation, error) {
	if m, ok, err := find(ctx, u, answered); err != nil {
		return nil, err
	} else if ok && (m.ContactID == person.ID || it.Channel == message.Email) {
		thread = m.ConversationID
	}
	current := look.Open[it.route()]
	if thread != "" {
		if c, ok, err := work.Find(ctx, u, record.Conversations, thread); ok || err != nil {
			return c, err
		}
	}
	if current != "" {
		c, ok, err := work.Find(ctx, u, record.Conversations, current)
		if err != nil || ok && c.Continues(it.at, idle) {
			return c, err
		}
	}
	id, err := u.NewID(ctx, "conversation")
	if err != nil {
		return nil, err
	}
	if look.Open == nil {
		look.Open = map[string]string{}
	}
	look.Open[it.route()] = id
	work.Save(u, record.Lookups, look)
	return &conversation.Conversation{
		ID: id, ContactID: person.ID, Channel: it.Channel, Provider: it.Provider, Line: it.Line,
		Class: class, State: conversation.Open, OpenedAt: it.at, Subject: it.Subject,
	}, nil
}

// write saves the message and its conversation, and applies what had been
// waiting for it.
func (f *function) write(ctx context.Context, u *work.Unit, it *item, person *contact.Contact, conv *conversation.Conversation) (*message.Message, error) {
	m := &message.Message{
		ID: it.id, ConversationID: conv.ID, ContactID: person.ID, Channel: it.Channel, Provider: it.Provider,
		Kind: it.Kind, Direction: it.Direction, Automatic: it.Automatic, Forwarded: it.Forwarded,
		SentAt: it.SentAt, ReceivedAt: it.at,
		ProviderID: it.ProviderID, Sender: it.Sender, Recipients: it.Recipients, Subject: it.Subject, Text: it.Text,
		Media: it.Media, Location: it.Location, ReplyTo: it.ReplyTo, Target: it.Target, Reaction: it.Reaction, Control: it.Control,
	}
	if it.Channel == message.Email {
		m.Thread = it.chain()
	}
	if it.Call != nil {
		m.Step(*it.Call, it.SentAt)
	}
	if err := f.files(ctx, u, it, m); err != nil {
		return nil, err
	}
	if err := f.change(ctx, u, it, m); err != nil {
		return nil, err
	}
	if err := f.waited(ctx, u, it, m); err != nil {
		return nil, err
	}
	if err := f.alias(ctx, u, it, m); err != nil {
		return nil, err
	}
	work.Save(u, record.Messages, m)
	conv.Receive(it.at)
	if it.Direction == message.In && it.Kind == message.Said {
		conv.Hear(it.said())
		if it.Channel == message.LiveChat {
			conv.Thread = it.Thread
		}
	}
	work.Save(u, record.Conversations, conv)
	return m, nil
}

// alias lets a message be found by its further provider ids, and by its own
// where another message bears that already.
func (f *function) alias(ctx context.Context, u *work.Unit, it *item, m *message.Message) error {
	ids := it.aliases
	if it.id != it.named {
		ids = append(ids[:len(ids):len(ids)], it.named)
	}
	for _, id := range ids {
		a, _, err := work.Find(ctx, u, record.Aliases, id)
		if err != nil {
			return err
		}
		a.ID = id
		if a.Lead(m) {
			work.Save(u, record.Aliases, a)
		}
	}
	return nil
}

// line finds which of our lines was contacted, and the class of person that it
// serves (K02). For mail it is the first recipient that the pack knows.
func (it *item) line(terms *policy.Terms) conversation.Class {
	class, _ := terms.ClassFor(policy.Channel(it.Channel), it.Line)
	if it.Channel != message.Email || it.Line != "" {
		return conversation.Class(class)
	}
	for _, r := range it.Recipients {
		if c, line := terms.ClassFor(policy.Email, r.Address); line != "" {
			it.Line = channel.Line(fold(message.Mailto, r.Address))
			return conversation.Class(c)
		}
	}
	return conversation.Class(class)
}

// idle is how long a conversation on a channel may rest before the next message
// opens another (policy pack, conversation).
func idle(terms *policy.Terms, c message.Channel) time.Duration {
	s := terms.Conversation.IdleOn(policy.Channel(c))
	if d, ok := s.Elapsed(); ok {
		return d
	}
	return time.Duration(s.N) * 24 * time.Hour // days; packs use nothing longer here
}
