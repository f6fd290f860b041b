// Package sesapi sends mail by the API of Amazon SES (version 2, SendEmail with
// raw content), with the rights of the process's own role in place of SMTP
// credentials.
// https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
//
// A call is made once: the SDK's own repetition is off, since a mail whose
// answer was lost may be on its way. An error is a class and a code; the text of
// SES's is left out, as it quotes addresses.
package sesapi

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/channel"
)

const (
	service = "ses"
	// timeout bounds the call.
	timeout = 30 * time.Second
)

// Mailer sends. It makes no call until it is used.
type Mailer struct {
	client amazon.Lazy[*sesv2.Client]
}

// New returns a mailer. source is the configuration; nil is amazon.Config.
func New(source amazon.Source) *Mailer {
	if source == nil {
		source = amazon.Config
	}
	m := &Mailer{}
	m.client.Source, m.client.New = source, func(c aws.Config) *sesv2.Client {
		return sesv2.NewFromConfig(c, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} })
	}
	return m
}

// Send sends a mail to the recipients in its header, and returns the id under
// which SES reports of it. set is the configuration set, or "".
func (m *Mailer) Send(ctx context.Context, raw []byte, set string) (string, *channel.SendError) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c, err := m.client.Get(ctx)
	if err != nil {
		amazon.Count(service, amazon.Credentials)
		return "", channel.Failed(channel.Retry, "configuration")
	}
	in := &sesv2.SendEmailInput{Content: &types.EmailContent{Raw: &types.RawMessage{Data: raw}}}
	if set != "" {
		in.ConfigurationSetName = &set
	}
	out, err := c.SendEmail(ctx, in)
	if err != nil {
		return "", refused(err)
	}
	if aws.ToString(out.MessageId) == "" {
		return "", channel.Failed(channel.Lost, "no_id")
	}
	return *out.MessageId, nil
}

// classes are SES's own codes.
var classes = map[string]channel.Class{
	"MessageRejected": channel.Final, "BadRequestException": channel.Final,
	"AccountSuspendedException": channel.Blocked, "SendingPausedException": channel.Blocked, "MailFromDomainNotVerifiedException": channel.Blocked,
	"NotFoundException": channel.Blocked, "TooManyRequestsException": channel.Throttled, "LimitExceededException": channel.Throttled,
}

// byCause are the rest.
var byCause = map[amazon.Cause]channel.Class{
	amazon.Throttle: channel.Throttled, amazon.Credentials: channel.Retry, amazon.Right: channel.Blocked, amazon.Place: channel.Blocked,
	amazon.Key: channel.Blocked, amazon.Size: channel.Final, amazon.Network: channel.Lost, amazon.Service: channel.Lost, amazon.Call: channel.Final,
}

func refused(err error) *channel.SendError {
	cause := amazon.CauseOf(err)
	amazon.Count(service, cause)
	var api smithy.APIError
	var answer *awshttp.ResponseError
	var dial *net.OpError
	code := string(cause)
	if errors.As(err, &api) {
		code = api.ErrorCode()
		if class, ok := classes[code]; ok {
			return channel.Failed(class, code)
		}
	}
	switch {
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusServiceUnavailable && cause == amazon.Service:
		return channel.Failed(channel.Retry, code)
	case cause == amazon.Network && errors.As(err, &dial) && dial.Op == "dial":
		return channel.Failed(channel.Retry, "not_reached")
	}
	return channel.Failed(byCause[cause], code)
}
