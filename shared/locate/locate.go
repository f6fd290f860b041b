// Package locate finds what is stored by what the outside calls it. A provider's
// message id is personal data (a WhatsApp id holds a phone number), so a message
// is found by the tenant's keyed hash of it; and a file that came inside a mail
// is found in the mail.
package locate

import (
	"context"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Ref is the keyed hash of a provider's message id, under which messages are
// indexed (record.ByRef), known by another id (record.Aliases), and facts about
// them wait.
func Ref(ctx context.Context, u *work.Unit, providerID string) (string, error) {
	return u.Hash(ctx, "provider id", providerID)
}

// MessageID is the id of the message that a provider on a channel calls so.
func MessageID(ctx context.Context, u *work.Unit, c message.Channel, providerID string) (string, error) {
	return u.Hash(ctx, "message", string(c), providerID)
}

// Media returns the bytes of item i of a message's media: a record of its own,
// or a part of the raw mail. fault.NotFound: none is stored.
func Media(ctx context.Context, u *work.Unit, m *message.Message, i int) ([]byte, error) {
	if i < 0 || i >= len(m.Media) || i >= len(m.Files) || m.Files[i].FileID == "" {
		return nil, fault.New(fault.NotFound, "no file stored for media item %d of message %s", i, m.ID)
	}
	b, err := work.OpenFile(ctx, u, record.Attachments, m.Files[i].FileID, "Bytes")
	if err != nil || m.Files[i].FileID != m.RawID {
		return b, err
	}
	p, ok := registry.Lookup(channel.Name{Channel: m.Channel, Provider: m.Provider}).(channel.Opener)
	if !ok {
		return nil, fault.New(fault.Internal, "provider %s/%s can't open parts", m.Channel, m.Provider)
	}
	return p.OpenPart(b, m.Media[i].Part)
}
