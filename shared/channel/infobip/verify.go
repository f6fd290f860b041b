package infobip

import (
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

const maxBody = 1 << 20

// NewViber returns the provider viber/infobip. Its secret: username and password.
func NewViber() channel.Provider { return provider{message.Viber} }

// NewSMS returns the provider sms/infobip, for SMS and MMS. Its secret: username
// and password.
func NewSMS() channel.Provider { return provider{message.SMS} }

type provider struct{ channel message.Channel }

func (p provider) Name() channel.Name { return channel.Name{Channel: p.channel, Provider: "infobip"} }
func (provider) Limit() int64         { return maxBody }
func (provider) Needs() []string      { return []string{"username", "password"} }

// Verify checks Basic credentials.
func (provider) Verify(r channel.Request, s channel.Secret) error { return channel.VerifyBasic(r, s) }

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if err := channel.SignBasic(r, s); err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return nil
}
