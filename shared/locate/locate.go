// Package locate finds what is stored by what the outside calls it. A provider's
// message id is personal data (a WhatsApp id holds a phone number), so a message
// is found by the tenant's keyed hash of it; and a file that came inside a mail
// is found in the mail.
package locate

import (
	"context"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// MessageID is the tenant's keyed hash of a provider's message id on a channel:
// the id of the message that the provider calls so, of the alias that leads to
// it where that id is not its own, and of what waits for it while it is not
// there. Being one id, the three lie together in the store.
func MessageID(ctx context.Context, u *work.Unit, c message.Channel, providerID string) (string, error) {
	return u.Hash(ctx, "message", string(c), providerID)
}

// Messages returns the ids of the messages that a provider on any channel calls
// so: usually one. It reads once, strongly consistently.
func Messages(ctx context.Context, u *work.Unit, providerID string) ([]string, error) {
	var ids []string
	var refs []work.Ref
	for _, c := range message.Channels {
		id, err := MessageID(ctx, u, c, providerID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		refs = append(refs, work.Of(record.Messages, id), work.Of(record.Aliases, id))
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return nil, err
	}
	var found []string
	for _, id := range ids {
		switch _, err := work.Peek(ctx, u, record.Messages, id); fault.Of(err) {
		case "":
			found = append(found, id)
		case fault.NotFound:
		default:
			return nil, err
		}
		switch a, err := work.Peek(ctx, u, record.Aliases, id); fault.Of(err) {
		case "":
			found = append(found, a.MessageIDs...)
		case fault.NotFound:
		default:
			return nil, err
		}
	}
	return found, nil
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

// AddressID is the id of the lookup that finds a contact by an address. Phone
// numbers and mail addresses mean the same person everywhere (scope ""); other
// ids only on their own account. Mail addresses differ in case in theory only.
func AddressID(ctx context.Context, u *work.Unit, s message.Scheme, scope, address string) (string, error) {
	if s == message.Mailto {
		address = strings.ToLower(address)
	}
	return u.Hash(ctx, "address", string(s), scope, address)
}
