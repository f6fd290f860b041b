package postmark

import (
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// maxBody holds a mail of 35 MB in base64, about 50 MB of JSON (channels.md
// 1.1), and the same again as RawEmail.
const maxBody = 100 << 20

var name = channel.Name{Channel: message.Email, Provider: "postmark"}

// New returns the provider email/postmark. Its secret: username and password.
// It is a channel.Opener.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxBody }
func (provider) Needs() []string    { return []string{"username", "password"} }

func (provider) Verify(r channel.Request, s channel.Secret) error { return channel.VerifyBasic(r, s) }

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if err := channel.SignBasic(r, s); err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	return nil
}
