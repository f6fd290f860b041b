package desk

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// matched opens a ticket of a conversation that has none. It holds no words of the
// person: what of the conversation goes into the desk, which keeps it for longer, is
// an adviser's to say (K09).
func (f *function) matched(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.TicketMatched](e)
	if err != nil {
		return err
	}
	conv, err := work.Load(ctx, u, record.Conversations, d.ConversationID)
	if closed(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if has, err := desk.Ticketed(ctx, u, conv); err != nil || has {
		return err
	}
	t := &ticket.Ticket{
		Kind: ticket.Kind(d.Kind), Service: d.Service, Urgency: d.Urgency, Origin: ticket.FromPolicy, Rule: d.Rule,
		ConversationID: conv.ID, ContactID: conv.ContactID, Class: conv.Class,
	}
	spec, err := desk.For(f.env, u.Tenant(), t.Service, u.Now())
	if err != nil {
		return err
	}
	if !spec.Known || !spec.Serves(t) {
		return fault.New(fault.Poison, "desk: the rule %s opens a ticket of a service that is not there for this class", d.Rule)
	}
	if err := desk.Open(ctx, u, f.env, t); err != nil {
		return err
	}
	return desk.Log(ctx, u, t, &ticket.Entry{Kind: ticket.Note, Message: d.MessageID, Text: "opened by the rule " + d.Rule})
}
