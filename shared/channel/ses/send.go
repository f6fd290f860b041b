package ses

import (
	"context"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/smtp"
)

// Sends implements channel.Sender. With Options.Mail an address to send from is
// enough; without it mail goes by the SMTP endpoint of SES
// (email-smtp.REGION.amazonaws.com), whose credentials are made in its console.
func (p provider) Sends() []string {
	if p.options.Mail != nil {
		return []string{"from"}
	}
	return smtp.Needs
}

// Send implements channel.Sender. It makes no HTTP call of ours. SES answers
// with an id of its own, under which its events come; answers name
// <id@REGION.amazonses.com>. An account with smtp_host sends by SMTP in any case.
func (p provider) Send(ctx context.Context, _ channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if p.options.Mail == nil || s.Text("smtp_host") != "" {
		return smtp.Send(ctx, s, out)
	}
	raw, bad := smtp.Letter(s, out)
	if bad != nil {
		return channel.Sent{}, bad
	}
	id, bad := p.options.Mail(ctx, raw, s.Text("configuration_set"))
	if bad != nil {
		return channel.Sent{}, bad
	}
	return channel.Sent{ProviderID: id, Also: []string{out.MessageID}}, nil
}
