package dsar

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// recognised handles dsar.recognised: a suggestion for an adviser, whose clock
// runs from the message's receipt. Its id follows from the message, so that a
// message makes one request.
func (f *function) recognised(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarRecognised](e)
	if err != nil {
		return err
	}
	id, err := u.Hash(ctx, "request of message", d.MessageID)
	if err != nil {
		return err
	}
	if _, ok, err := work.Find(ctx, u, record.Requests, id); err != nil || ok {
		return err
	}
	msg, err := work.Load(ctx, u, record.Messages, d.MessageID)
	if err != nil {
		return err
	}
	conv, err := work.Peek(ctx, u, record.Conversations, msg.ConversationID)
	if err != nil {
		return err
	}
	r := &dsar.Request{
		ID: id, ContactID: d.ContactID, Language: d.Language, Class: string(conv.Class), Marketing: d.Marketing, Name: msg.Sender.Name, Text: msg.Text,
		Recognition: &dsar.Recognition{MessageID: d.MessageID, Confidence: d.Confidence},
	}
	r.Ask(events.Keys(d.Asks)...)
	r.Receive(dsar.Receipt{At: d.ReceivedAt, Way: dsar.Message, MessageID: d.MessageID, EnteredAt: u.Now()})
	return f.open(ctx, u, r, &dsar.Link{ContactID: d.ContactID, Means: dsar.ByAddress, At: d.ReceivedAt})
}
