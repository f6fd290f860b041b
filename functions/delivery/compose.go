package delivery

import (
	"context"
	"net/mail"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// senderText is the pack's text for the name that people see over an answer,
// on channels that show one.
const senderText = "viber.sender"

// compose is a message as its provider is given it.
func (f *function) compose(ctx context.Context, u *work.Unit, m *message.Message, conv *conversation.Conversation, s channel.Secret) (channel.Outgoing, error) {
	out := channel.Outgoing{
		ID: m.ID, Line: conv.Line, To: m.Recipients[0], Text: m.Revealed(), Subject: m.Subject, Thread: m.Thread,
		Automatic: m.Automatic, At: u.Now(), Answers: m.ReplyTo, Chat: conv.Thread,
	}
	if terms, err := f.env.Terms(u.Tenant()); err == nil {
		out.From, _, _ = terms.Text(senderText, "")
	}
	if m.Channel == message.Email {
		if err := address(ctx, u, &out, conv, s); err != nil {
			return out, err
		}
	}
	for i := range m.Media {
		if i >= len(m.Files) || m.Files[i].State != message.Clean && m.Files[i].State != message.Unscanned {
			return out, fault.New(fault.Poison, "file %d of message %s can't be sent", i, m.ID)
		}
		b, err := locate.Media(ctx, u, m, i)
		if err != nil {
			return out, err
		}
		out.Files = append(out.Files, channel.File{Name: m.Media[i].Name, Mime: m.Media[i].Mime, Bytes: b})
	}
	return out, nil
}

// address gives a mail its Message-ID, the same for every attempt, and the
// address by which an answer finds its conversation.
func address(ctx context.Context, u *work.Unit, out *channel.Outgoing, conv *conversation.Conversation, s channel.Secret) error {
	box := conv.Line
	if from, err := mail.ParseAddress(s.Text("from")); err == nil {
		_, domain, _ := strings.Cut(from.Address, "@")
		out.MessageID = "<" + out.ID + "@" + domain + ">"
		if !strings.Contains(box, "@") {
			box = from.Address
		}
	}
	if !strings.Contains(box, "@") {
		return nil
	}
	key, err := u.Derive(ctx, conversation.PlusLabel)
	out.ReplyTo = conversation.PlusAddress(key, box, conv.ID)
	return err
}

// windowClosed reports whether WhatsApp would refuse free text. The person may
// have written last in another conversation on the same line; that one is found
// by an index that may lag, which costs a refusal of ours or of the provider's.
func windowClosed(ctx context.Context, u *work.Unit, m *message.Message, conv *conversation.Conversation) (bool, error) {
	if m.Channel != message.WhatsApp || u.Now().Sub(conv.HeardAt) < message.Window {
		return false, nil
	}
	page, err := work.Scan(ctx, u, record.Conversations, store.Query{
		Index: record.ByContact, Partition: conv.ContactID, Limit: store.MaxPage, Desc: true,
	})
	if err != nil {
		return false, err
	}
	for _, c := range page.Items {
		if c.Channel == conv.Channel && c.Provider == conv.Provider && c.Line == conv.Line && u.Now().Sub(c.HeardAt) < message.Window {
			return false, nil
		}
	}
	return true, nil
}
