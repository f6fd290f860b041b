package mime

import (
	"context"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/smtp"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

// maxMail is the greatest mail in bytes: 25 MB of files in base64, as the large
// providers let through.
const maxMail = 35 << 20

var name = channel.Name{Channel: message.Email, Provider: "mime"}

// New returns the provider email/mime. Its secret: username and password.
func New() channel.Provider { return provider{} }

type provider struct{}

func (provider) Name() channel.Name { return name }
func (provider) Limit() int64       { return maxMail }
func (provider) Needs() []string    { return []string{"username", "password"} }

// Verify checks Basic credentials.
func (provider) Verify(r channel.Request, s channel.Secret) error { return channel.VerifyBasic(r, s) }

func (provider) Sign(r *channel.Request, s channel.Secret) error {
	if err := channel.SignBasic(r, s); err != nil {
		return err
	}
	r.Header.Set("Content-Type", "message/rfc822")
	return nil
}

// Sends implements channel.Sender, by a mail server (package smtp).
func (provider) Sends() []string { return smtp.Needs }

// SendID implements channel.Named: answers and reports name our Message-ID.
func (provider) SendID(out channel.Outgoing) string { return out.MessageID }

// Send implements channel.Sender. It makes no HTTP call.
func (provider) Send(ctx context.Context, _ channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	return smtp.Send(ctx, s, out)
}

func (provider) Parse(r channel.Request) channel.Parsed {
	if len(r.Body) == 0 {
		return channel.Parsed{}
	}
	return channel.Parsed{Items: Read(name, r.Body)}
}

// OpenPart decodes the transfer encoding of leaf n and nothing else.
func (provider) OpenPart(raw []byte, n int) ([]byte, error) { return Open(raw, n) }

// Open returns the bytes of leaf n (Media.Part, from 1) of a raw message, its
// transfer encoding undone and its character set untouched. It walks the whole
// message: time linear to it.
func Open(raw []byte, n int) ([]byte, error) {
	m, code := walk(raw)
	if code != "" {
		return nil, fault.New(fault.Poison, "mail can't be read: %s", code)
	}
	if n < 1 || n > len(m.leaves) {
		return nil, fault.New(fault.NotFound, "mail has no part %d", n)
	}
	return m.leaves[n-1].bytes(), nil
}
