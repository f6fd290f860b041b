package twilio

import (
	"strconv"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// OursParameter is the query parameter of a StatusCallback that holds our own
// id of the message: Twilio signs it with the URL and sends it back.
const OursParameter = "message"

// NewSMS returns the provider sms/twilio, for SMS and MMS. Its secret:
// auth_token, and url, the public URL of this webhook.
func NewSMS() channel.Provider { return messages{account{message.SMS}} }

// NewWhatsApp returns the provider whatsapp/twilio, with a secret as NewSMS.
func NewWhatsApp() channel.Provider { return messages{account{message.WhatsApp}} }

type messages struct{ account }

func (p messages) Parse(r channel.Request) channel.Parsed {
	f, raw, ok := parameters(r)
	if code := unreadable(f, ok); code != "" {
		return channel.Parsed{Items: []channel.Item{channel.Park(p.Name(), raw, code)}, Answer: twiml("")}
	}
	sid := sid(f)
	it := channel.Item{Raw: raw, Message: message.Inbound{
		Channel:    p.channel,
		Provider:   "twilio",
		ProviderID: channel.Line(sid),
		Direction:  message.In,
	}}
	if word := fate(f); word != "" {
		it.Dedupe = "status|" + sid + "|" + word
		it.Parked = report(&it.Message, f, word, ours(r))
	} else {
		it.Dedupe = "message|" + sid
		it.Parked = p.said(&it.Message, f)
	}
	if sid == "" {
		it.Dedupe, it.Parked = channel.Digest(raw), "shape"
	}
	return channel.Parsed{Items: []channel.Item{it}, Answer: twiml("")}
}

func unreadable(f form, ok bool) string {
	switch {
	case !ok:
		return "shape"
	case len(f) == 0:
		return "empty"
	}
	return ""
}

func sid(f form) string {
	for _, name := range []string{"MessageSid", "SmsSid", "SmsMessageSid"} {
		if v := f.get(name); v != "" {
			return v
		}
	}
	return ""
}

// fate is the status in a status callback, or "" for an incoming message, which
// has the status received and a body.
func fate(f form) string {
	word := f.get("MessageStatus")
	if word == "" {
		word = f.get("SmsStatus")
	}
	if word == "received" || word == "receiving" || f.has("Body") && !f.has("MessageStatus") {
		return ""
	}
	return word
}

// said maps an incoming message.
func (p messages) said(m *message.Inbound, f form) string {
	m.Kind = message.Said
	m.Text = channel.Text(f.get("Body"))
	if m.Text == "" { // a template's button
		m.Text = channel.Text(f.get("ButtonText"))
	}
	var prefix string
	m.Sender, prefix = party(f.get("From"))
	m.Sender.Name = f.line("ProfileName")
	m.Sender.UserID = strings.TrimPrefix(f.line("ExternalUserId"), "whatsapp:")
	if to, _ := party(f.get("To")); to.Address != "" {
		m.Recipients, m.Line = []message.Party{to}, to.Address
	}
	m.ReplyTo = f.line("OriginalRepliedMessageSid")
	m.Forwarded = f.get("Forwarded") == "true" || f.get("FrequentlyForwarded") == "true"
	if m.Sender.Address == "" {
		return "address"
	}
	if want := map[message.Channel]string{message.WhatsApp: "whatsapp"}[p.channel]; prefix != want {
		return "channel" // Messenger, RCS: another webhook's
	}
	m.Media = media(f)
	if f.get("Latitude") != "" || f.get("Longitude") != "" {
		m.Location = channel.Place(channel.Scalar(f.get("Latitude")), channel.Scalar(f.get("Longitude")), f.get("Label"), f.get("Address"))
		if m.Location == nil {
			return "shape"
		}
	}
	if kind := f.get("MessageType"); kind == "unsupported" || kind != "" && kind != "text" && m.Text == "" && len(m.Media) == 0 && m.Location == nil {
		return "type"
	}
	return ""
}

// media is MediaUrl0 … as far as NumMedia says and links are there.
func media(f form) []message.Media {
	n, err := strconv.Atoi(f.get("NumMedia"))
	if err != nil {
		return nil
	}
	var list []message.Media
	for i := range min(n, len(f)) {
		number := strconv.Itoa(i)
		if link := f.line("MediaUrl" + number); link != "" {
			list = append(list, message.Media{URL: link, Mime: f.line("MediaContentType" + number)})
		}
	}
	return list
}

// party reads an address with the prefix of its channel: whatsapp:+386….
func party(raw string) (p message.Party, prefix string) {
	address := raw
	if before, after, ok := strings.Cut(raw, ":"); ok {
		prefix, address = before, after
	}
	if p = channel.Phone(address); prefix != "" && p.Address != "" {
		p.Raw = channel.Line(raw)
	}
	return p, prefix
}

var states = map[string]message.State{
	"accepted": message.Queued, "scheduled": message.Queued, "queued": message.Queued, "sending": message.Queued,
	"sent": message.Sent, "delivered": message.Delivered, "read": message.Read,
	"undelivered": message.Failed, "failed": message.Failed, "canceled": message.Failed,
}

// final are the codes after which the same send fails again: a number that is
// none, can't have SMS or is unknown, and a recipient who opted out
// (twilio.com/docs/api/errors).
var final = map[string]bool{
	"21211": true, "21610": true, "21614": true, "30005": true, "30006": true,
}

// report maps the fate of what we sent.
func report(m *message.Inbound, f form, word, ours string) string {
	m.Kind = message.Report
	m.Target = m.ProviderID
	from, _ := party(f.get("From"))
	m.Line = from.Address
	to, _ := party(f.get("To"))
	m.Status = &message.Status{State: states[word], Recipient: to, Ours: ours}
	if code := f.line("ErrorCode"); code != "0" {
		m.Status.Code = code
		m.Status.Permanent = final[code]
	}
	if m.Status.State == "" {
		return "status"
	}
	return ""
}

func ours(r channel.Request) string {
	if r.URL == nil {
		return ""
	}
	return channel.Line(r.URL.Query().Get(OursParameter))
}
