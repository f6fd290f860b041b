package inbound

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/recognise"
	"github.com/okence/okence/shared/work"
)

// rights looks for a data-subject request in what a person said, whatever the
// channel, and tells of it in the commit of the message: the clock runs from the
// message's receipt (GDPR art. 12(3); K24). What a machine wrote, what is quoted,
// and what somebody else forwarded is not looked at.
func (f *function) rights(ctx context.Context, u *work.Unit, it *item, m *message.Message) error {
	if it.Kind != message.Said || it.Direction != message.In || it.Automatic {
		return nil
	}
	found := recognise.In(m.Subject + ".\n" + message.NewText(m.Text))
	if !found.Found() {
		return nil
	}
	return u.Emit(ctx, m.ID, &events.DsarRecognised{
		MessageID: m.ID, ContactID: m.ContactID, ReceivedAt: it.at.UTC(), Asks: events.Asks(found.Keys),
		Confidence: found.Confidence, Language: found.Language, Marketing: found.Marketing,
	})
}
