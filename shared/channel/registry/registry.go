// Package registry lists the providers. Adding one is a line here.
package registry

import (
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/infobip"
	"github.com/okence/okence/shared/channel/meta"
	"github.com/okence/okence/shared/channel/standard"
	"github.com/okence/okence/shared/channel/twilio"
	"github.com/okence/okence/shared/channel/viber"
	"github.com/okence/okence/shared/channel/vonage"
)

var byName = index(
	infobip.NewSMS(),
	infobip.NewViber(),
	meta.New(),
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
