package ses

import (
	"context"
	"crypto/x509"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// maxBody is what SNS carries: 256 KB of message, as JSON in JSON (every
// quotation mark takes two bytes more), and the envelope.
const maxBody = 1 << 20

var name = channel.Name{Channel: message.Email, Provider: "ses"}

// Options are what the provider may reach out for. Each function keeps its own
// time limit and may be nil; addresses have passed the host rule when it is called.
type Options struct {
	// Certificate gets a PEM certificate from an SNS host over https, and
	// should remember it: the same one serves for a year. Nil: only pinned ones.
	Certificate func(url string) ([]byte, error)

	// Roots, where given, must have signed a fetched certificate. Amazon serves
	// it without its intermediate, and its own SDKs go by the host, the name
	// and the dates alone.
	Roots *x509.CertPool

	// Confirm gets SubscribeURL, which makes SNS send to us from then on; once
	// more does no harm. Nil: the confirmation is parked for a person.
	Confirm func(url string) error

	// Object gets a mail from S3, from one of Buckets. Nil: it is parked.
	Object  func(bucket, key string) ([]byte, error)
	Buckets []string

	// Mail sends a raw mail with the rights of the process (package sesapi) and
	// returns SES's id of it. set is the secret's configuration_set, whose events
	// come to our topic. Nil: mail goes by SMTP.
	Mail func(ctx context.Context, raw []byte, set string) (id string, failed *channel.SendError)
}

// New returns the provider email/ses. Its secret: topic_arns, a list; and
// certificates, a list of PEM texts, that are pinned: such a certificate is
// good by that alone, whatever its name and dates. It is a channel.Opener.
func New(o Options) channel.Provider { return provider{o} }

type provider struct{ options Options }

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }

func (p provider) Needs() []string {
	if p.options.Certificate == nil {
		return []string{"topic_arns", "certificates"}
	}
	return []string{"topic_arns"}
}
