package inbound

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/recognise"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/work"
)

// desk tells the desk of what a person said that lets a waiting ticket go on, or
// asks by a rule of the pack for a ticket. What a machine wrote does neither, and
// what is quoted asks for nothing.
func (f *function) desk(ctx context.Context, u *work.Unit, it *item, person *contact.Contact, conv *conversation.Conversation, m *message.Message) error {
	if it.Kind != message.Said || it.Direction != message.In || it.Automatic {
		return nil
	}
	awaiting, err := desk.Awaiting(ctx, u, person, conv)
	if err != nil {
		return err
	}
	for _, id := range awaiting {
		if err := u.Emit(ctx, id, &events.TicketPersonAnswered{TicketID: id, MessageID: m.ID}); err != nil {
			return err
		}
	}
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return err
	}
	text := recognise.Read(m.Subject + ".\n" + message.NewText(m.Text))
	rule, o := p.OpeningFor(u.Now(), policy.Channel(it.Channel), policy.Class(conv.Class), text.Says)
	if rule == "" {
		return nil
	}
	return u.Emit(ctx, conv.ID, &events.TicketMatched{
		MessageID: m.ID, ConversationID: conv.ID, Rule: rule, Service: o.Service, Kind: o.Kind, Urgency: o.Urgency,
	})
}
