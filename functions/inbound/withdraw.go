package inbound

import (
	"context"
	"strings"

	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/work"
)

// stops are the words that, alone in a message, take every consent back (art. 7(3)
// GDPR; P03): as easy as it was to give, on any channel.
var stops = map[string]bool{
	"stop": true, "stopall": true, "unsubscribe": true, "odjava": true, "odjavi": true, "preklic": true, "preklicujem": true,
	"preklicujem soglasje": true, "preklicujem privolitev": true, "odhlásiť": true, "odhlasit": true, "odvolávam súhlas": true, "odvolavam suhlas": true,
	"withdraw": true, "i withdraw my consent": true,
}

// withdraw ends the consents of a person who says so, from the receipt on.
func (f *function) withdraw(ctx context.Context, u *work.Unit, it *item, contactID, messageID string) error {
	if it.Direction != message.In || !it.withdraws() {
		return nil
	}
	_, err := dossier.Withdraw(ctx, u, contactID, "", model.Withdrawal{At: it.at, Channel: string(it.Channel), How: model.Message, MessageID: messageID})
	return err
}

func (it *item) withdraws() bool {
	if it.Control == "unsubscribed" {
		return true
	}
	text := it.Text
	if it.Channel == message.Email {
		text = message.NewText(text)
	}
	return it.Kind == message.Said && stops[strings.ToLower(strings.Trim(strings.TrimSpace(text), ".! \t\r\n"))]
}
