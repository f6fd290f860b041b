package postmark

import (
	"net/mail"
	"net/textproto"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/mime"
	"github.com/okence/okence/shared/domain/message"
)

// sentFrom is the host in the Message-ID of mail that Postmark sent for us:
// <MessageID@mtasv.net>, unless X-PM-KeepID kept ours.
const sentFrom = "mtasv.net"

// letter is a received mail. Field names are Postmark's.
type letter struct {
	From, Subject, Date, ReplyTo string
	FromFull                     person
	ToFull, CcFull, BccFull      []person
	OriginalRecipient            string
	MessageID                    channel.Scalar
	TextBody, HtmlBody           string //nolint:revive // as Postmark spells it
	Headers                      []struct{ Name, Value string }
	Attachments                  []attachment
	RawEmail                     string
}

type person struct{ Email, Name string }

// attachment is a file. The Check button's payload has Data for Content.
type attachment struct {
	Name, Content, Data, ContentType string
	ContentLength                    channel.Scalar
	ContentID                        string
}

// empty reports a body that is no mail at all.
func (m letter) empty() bool {
	return m.MessageID == "" && m.From == "" && m.FromFull.Email == "" && len(m.Headers) == 0 && m.RawEmail == ""
}

// items are what a received mail is: one, or one for each recipient of a
// delivery report.
func (m letter) items(body []byte) []channel.Item {
	if m.RawEmail != "" {
		return channel.Under(mime.Read(name, []byte(m.RawEmail)), m.MessageID.Line(), sentFrom, m.envelope())
	}
	return []channel.Item{m.item(body)}
}

// item is a mail of which Postmark kept the raw form to itself.
func (m letter) item(body []byte) channel.Item {
	h := m.header()
	in := message.Inbound{
		Channel: name.Channel, Provider: name.Provider,
		Kind: message.Said, Direction: message.In,
		ProviderID: m.MessageID.Line(),
		Aliases:    channel.MessageIDs(h.Get("Message-Id")),
		Sender:     m.sender(),
		Recipients: m.recipients(),
		Line:       channel.Mailbox(m.OriginalRecipient, "").Address,
		Subject:    channel.Line(m.Subject),
		Text:       channel.Text(m.TextBody),
		Media:      m.media(),
		SentAt:     channel.MailDate(m.Date),
	}
	if in.Text == "" {
		in.Text = channel.Plain(m.HtmlBody)
	}
	in.Automatic = channel.Automatic(h, in.Sender.Address)
	replyTo, further := channel.Thread(h.Get("In-Reply-To"), strings.Join(h.Values("References"), " "))
	in.ReplyTo, in.References = channel.Ours(sentFrom, replyTo, further)
	it := channel.Item{Message: in, Raw: body}
	if it.Dedupe = "mail|" + in.ProviderID; in.ProviderID == "" {
		it.Dedupe = channel.Digest(body)
		it.Message.ProviderID = it.Dedupe
	}
	if in.Sender.Address == "" && !in.Automatic {
		it.Parked = "address"
	}
	return it
}

// header is Headers in order, each name with its values.
func (m letter) header() textproto.MIMEHeader {
	h := textproto.MIMEHeader{}
	for _, f := range m.Headers {
		h.Add(f.Name, f.Value)
	}
	return h
}

func (m letter) sender() message.Party {
	if m.FromFull.Email != "" || m.From == "" {
		return channel.Mailbox(m.FromFull.Email, m.FromFull.Name)
	}
	if a, err := mail.ParseAddress(m.From); err == nil {
		return channel.Mailbox(a.Address, a.Name)
	}
	return channel.Mailbox(m.From, "")
}

// recipients are the envelope's, then To, Cc and Bcc, each address once.
func (m letter) recipients() []message.Party {
	out := m.envelope()
	for _, list := range [][]person{m.ToFull, m.CcFull, m.BccFull} {
		for _, p := range list {
			out = append(out, channel.Mailbox(p.Email, p.Name))
		}
	}
	return channel.Distinct(out)
}

// envelope is the recipient that Postmark took the mail for, if it says so.
func (m letter) envelope() []message.Party {
	if m.OriginalRecipient == "" {
		return nil
	}
	return []message.Party{channel.Mailbox(m.OriginalRecipient, "")}
}

func (m letter) media() []message.Media {
	var out []message.Media
	for i, a := range m.Attachments {
		out = append(out, message.Media{
			Part: i + 1, Name: channel.Line(a.Name), Mime: channel.MediaType(a.ContentType),
			Size: a.ContentLength.Int(), Inline: a.ContentID != "",
		})
	}
	return out
}
