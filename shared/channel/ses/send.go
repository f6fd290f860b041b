package ses

import (
	"context"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/smtp"
)

// Sends implements channel.Sender, by the SMTP endpoint of SES
// (email-smtp.REGION.amazonaws.com), whose credentials are made in its console.
func (provider) Sends() []string { return smtp.Needs }

// Send implements channel.Sender. It makes no HTTP call. SES answers with an id
// of its own, under which its events come; answers name <id@REGION.amazonses.com>.
func (provider) Send(ctx context.Context, _ channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	return smtp.Send(ctx, s, out)
}
