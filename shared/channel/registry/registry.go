// Package registry lists the providers. Adding one is a line here.
package registry

import (
	"context"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/callevent"
	"github.com/okence/okence/shared/channel/chatwoot"
	"github.com/okence/okence/shared/channel/infobip"
	"github.com/okence/okence/shared/channel/media"
	"github.com/okence/okence/shared/channel/meta"
	"github.com/okence/okence/shared/channel/mime"
	"github.com/okence/okence/shared/channel/postmark"
	"github.com/okence/okence/shared/channel/ses"
	"github.com/okence/okence/shared/channel/standard"
	"github.com/okence/okence/shared/channel/twilio"
	"github.com/okence/okence/shared/channel/viber"
	"github.com/okence/okence/shared/channel/vonage"
)

// sns fetches what SNS names, behind the media guard.
var sns = media.NewSNS(media.New(media.Options{}))

// fetching is what email/ses may reach out for everywhere.
var fetching = ses.Options{Certificate: sns.Certificate, Confirm: sns.Confirm}

var byName = index(
	callevent.New(),
	chatwoot.New(),
	infobip.NewSMS(),
	infobip.NewViber(),
	meta.New(),
	mime.New(),
	postmark.New(),
	ses.New(fetching),
	standard.New(),
	twilio.NewSMS(),
	twilio.NewVoice(),
	twilio.NewWhatsApp(),
	viber.New(),
	vonage.New(),
)

func index(ps ...channel.Provider) map[channel.Name]channel.Provider {
	m := make(map[channel.Name]channel.Provider, len(ps))
	for _, p := range ps {
		m[p.Name()] = p
	}
	return m
}

// UseSES gives email/ses what a process on AWS has: a way to send by its own
// role, and one to read mail from buckets. It is called at a process's start,
// before anything is looked up.
func UseSES(mail func(ctx context.Context, raw []byte, set string) (string, *channel.SendError), object func(bucket, key string) ([]byte, error), buckets []string) {
	o := fetching
	o.Mail, o.Object, o.Buckets = mail, object, buckets
	p := ses.New(o)
	byName[p.Name()] = p
}

// Lookup returns the provider of a name, or nil.
func Lookup(n channel.Name) channel.Provider { return byName[n] }

// Names lists all providers.
func Names() []channel.Name {
	out := make([]channel.Name, 0, len(byName))
	for n := range byName {
		out = append(out, n)
	}
	return out
}
