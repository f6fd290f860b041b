package notice

import (
	"context"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Answer is what is written to a person in a conversation.
type Answer struct {
	ConversationID string // whose content it is
	Part           string // in which of those merged with it it goes out; empty: where the person was heard last
	Beside         string // instead of Part: a conversation of the same person that is not merged with it
	ContactID      string // whom it is for, and nobody else in the conversation; empty: whoever was heard last
	Subject        string // of a mail; empty: that of the last one
	Text           string
	Files          []File
	Automatic      bool   // a machine writes (RFC 3834)
	Language       string // of a bare notice

	// Secrets are what masks in Text stand for: they go out, and are then forgotten.
	// What is kept back never holds them.
	Secrets map[string]string

	Reference string // in a bare notice; empty: the conversation's

	// Bare says that the text names a matter and tells nothing of it, as a bare
	// notice does: it may go to any address of the person.
	Bare bool
}

// Sent is an answer that is on its way. Where its content was kept back, Message
// holds it, failed with CodeUnproven, and Bare is what went out in its place.
type Sent struct {
	Message *message.Message
	Bare    *message.Message
	EventID string // of reply.requested
}

// CodeUnproven is why content was kept back: the address was neither one of the
// conversation itself nor verified since it was merged.
const CodeUnproven = "unproven_address"

// The reasons for which an answer is refused (fault.Invalid).
var (
	ErrNoChannel error = fault.New(fault.Invalid, "nothing can be sent on this channel")
	ErrNoAddress error = fault.New(fault.Invalid, "nobody in this conversation can be written to")
	ErrFiles     error = fault.New(fault.Invalid, "files go by mail only")
	ErrNoPart    error = fault.New(fault.Invalid, "the part does not belong to this conversation")
)

// bare is the template of the notice that goes to an unproven address.
const bare = "reply.bare"

// Reply puts an answer on its way, within the unit. Beside the reasons above:
// fault.NotFound, fault.Forbidden (restricted), fault.Gone.
func Reply(ctx context.Context, u *work.Unit, env *host.Env, a Answer) (Sent, error) {
	conv, err := work.Load(ctx, u, record.Conversations, a.ConversationID)
	if err != nil {
		return Sent{}, err
	}
	g, err := groupOf(ctx, u, conv)
	if err != nil {
		return Sent{}, err
	}
	target, err := g.target(ctx, u, a)
	if err != nil {
		return Sent{}, err
	}
	to, last, err := addressee(ctx, u, target, a.ContactID)
	if err != nil {
		return Sent{}, err
	}
	proven := a.Bare
	if !proven {
		if proven, err = g.proven(ctx, u, conv, target, to); err != nil {
			return Sent{}, err
		}
	}
	if proven {
		return put(ctx, u, target, to, last, a)
	}
	kept, err := keep(ctx, u, conv, a)
	if err != nil {
		return Sent{}, err
	}
	if a.Reference == "" {
		a.Reference = conversation.Reference(conv.ID)
	}
	text, err := Render(bare, language(env, u, a.Language, last), map[string]string{"reference": a.Reference})
	if err != nil {
		return Sent{}, err
	}
	out, err := put(ctx, u, target, to, last, Answer{Subject: text.Subject, Text: text.Body, Automatic: true})
	return Sent{Message: kept, Bare: out.Message, EventID: out.EventID}, err
}

// language is that of the text, or the person's, or the tenant's first one.
func language(env *host.Env, u *work.Unit, given string, last *message.Message) string {
	if given != "" {
		return given
	}
	if last != nil {
		if l := message.LanguageOf(last.Text); l != "" {
			return l
		}
	}
	if env.Policy != nil {
		if p, err := env.Policy.ForTenant(u.Tenant()); err == nil && len(p.Languages) > 0 {
			return string(p.Languages[0])
		}
	}
	return ""
}

// sends reports whether a conversation's account can send what is to go out.
func sends(c *conversation.Conversation, files []File) bool {
	_, ok := registry.Lookup(channel.Name{Channel: c.Channel, Provider: c.Provider}).(channel.Sender)
	return ok && (len(files) == 0 || c.Channel == message.Email)
}

// takes reports whether a conversation can be written to now. On WhatsApp nobody
// takes a letter a day after they were heard.
func takes(c *conversation.Conversation, now time.Time) bool {
	return sends(c, nil) && (c.Channel != message.WhatsApp || now.Sub(c.HeardAt) < message.Window)
}

// heardLast is the conversation on which a person was heard last, of those that
// can take what is to go out; nil if there is none.
func heardLast(all []*conversation.Conversation, files []File) (last *conversation.Conversation) {
	at := func(c *conversation.Conversation) time.Time {
		if c.HeardAt.IsZero() {
			return c.OpenedAt
		}
		return c.HeardAt
	}
	for _, c := range all {
		if sends(c, files) && (last == nil || at(c).After(at(last))) {
			last = c
		}
	}
	return last
}

// put stores what goes out and asks for it to be sent.
func put(ctx context.Context, u *work.Unit, conv *conversation.Conversation, to message.Party, last *message.Message, a Answer) (Sent, error) {
	m, err := draft(ctx, u, conv, a)
	if err != nil {
		return Sent{}, err
	}
	m.Recipients = []message.Party{to}
	if last != nil && last.ContactID != "" { // in a thread of several people, it is a message to this one
		m.ContactID = last.ContactID
	}
	if last != nil && !a.fresh(conv, last) {
		m.ReplyTo, m.Thread = last.ProviderID, last.Thread
	}
	if conv.Channel == message.Email && m.Subject == "" {
		m.Subject = conv.Subject
		if last != nil {
			m.Subject = last.Subject
		}
		m.Subject = Re(m.Subject)
	}
	m.Enqueue(u.Now())
	m.Delivery.Rights = u.Use() == access.Rights || u.Use() == access.Claims
	m.Secrets = a.Secrets
	conv.Answer(u.Now())
	work.Save(u, record.Conversations, conv)
	work.Save(u, record.Messages, m)
	e, err := u.Event(ctx, m.ID, &events.ReplyRequested{MessageID: m.ID})
	if err != nil {
		return Sent{}, err
	}
	u.Forward(e)
	return Sent{Message: m, EventID: e.ID}, nil
}

// fresh reports whether a mail begins a thread of its own: a letter with a
// subject of its own that answers nothing.
func (a Answer) fresh(conv *conversation.Conversation, last *message.Message) bool {
	return conv.Channel == message.Email && a.Automatic && last.Direction != message.In
}

// keep stores content that does not go out.
func keep(ctx context.Context, u *work.Unit, conv *conversation.Conversation, a Answer) (*message.Message, error) {
	m, err := draft(ctx, u, conv, a)
	if err != nil {
		return nil, err
	}
	m.Direction, m.State, m.StateAt, m.Code = message.Out, message.Failed, u.Now(), CodeUnproven
	conv.Answer(u.Now())
	work.Save(u, record.Conversations, conv)
	work.Save(u, record.Messages, m)
	return m, nil
}

// draft is the message of an answer, with its files.
func draft(ctx context.Context, u *work.Unit, conv *conversation.Conversation, a Answer) (*message.Message, error) {
	id, err := u.NewID(ctx, "message")
	if err != nil {
		return nil, err
	}
	m := &message.Message{
		ID: id, ConversationID: conv.ID, ContactID: conv.ContactID, Channel: conv.Channel, Provider: conv.Provider, Kind: message.Said,
		Direction: message.Out, Automatic: a.Automatic, ReceivedAt: u.Now(), Sender: message.Party{Address: conv.Line}, Text: a.Text,
	}
	if conv.Channel == message.Email {
		m.Subject = a.Subject
	} else if a.Subject != "" && a.Automatic {
		m.Text = a.Subject + "\n\n" + a.Text
	}
	return m, attach(ctx, u, m, a)
}

// Re is the subject of an answer to a mail.
func Re(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return strings.TrimSpace("Re: " + subject)
}
