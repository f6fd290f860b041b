package ses

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

func (p provider) Parse(r channel.Request) channel.Parsed {
	var e envelope
	if !json.Valid(r.Body) {
		return one(channel.Park(name, r.Body, "json"))
	}
	if json.Unmarshal(r.Body, &e) != nil {
		return one(channel.Park(name, r.Body, "shape"))
	}
	switch e.Type {
	case notification:
		return p.notification(r.Body, e)
	case subscribe:
		if _, ok := amazon(e.SubscribeURL); ok && p.options.Confirm != nil && p.options.Confirm(e.SubscribeURL) == nil {
			return one(e.control(r.Body, "subscribed"))
		}
		return one(e.park(r.Body, "subscription")) // nothing comes until it is confirmed
	case unsubscribe:
		return one(e.park(r.Body, "unsubscribed")) // nothing comes any more: somebody should know
	}
	return one(e.park(r.Body, "type"))
}

func one(it channel.Item) channel.Parsed { return channel.Parsed{Items: []channel.Item{it}} }

// park keeps an envelope's own id: SNS sends it again with every retry.
func (e envelope) park(raw []byte, code string) channel.Item {
	it := channel.Park(name, raw, code)
	if e.MessageId != "" {
		it.Dedupe = "sns|" + e.MessageId
	}
	return it
}

func (e envelope) control(raw []byte, what string) channel.Item {
	it := e.park(raw, "")
	it.Message.Kind, it.Message.Direction, it.Message.Control = message.Control, message.In, what
	it.Message.SentAt = channel.MailDate(e.Timestamp)
	return it
}

// notice is the Message of a Notification. Received mail has notificationType;
// events have eventType, or notificationType where event publishing is off.
type notice struct {
	NotificationType string `json:"notificationType"`
	EventType        string `json:"eventType"`
	Mail             struct {
		Timestamp   string                      `json:"timestamp"`
		MessageID   channel.Scalar              `json:"messageId"`
		Destination []string                    `json:"destination"`
		Tags        map[string][]channel.Scalar `json:"tags"`
	} `json:"mail"`
	Receipt receipt `json:"receipt"`
	Content string  `json:"content"`
	events
}

func (p provider) notification(raw []byte, e envelope) channel.Parsed {
	if !json.Valid([]byte(e.Message)) {
		if strings.HasPrefix(e.Message, "Successfully validated SNS topic") {
			return one(e.control(raw, "validated")) // SES says so when a topic is set
		}
		return one(e.park(raw, "json"))
	}
	var n notice
	if json.Unmarshal([]byte(e.Message), &n) != nil {
		return one(e.park(raw, "shape"))
	}
	kind := n.EventType
	if kind == "" {
		kind = n.NotificationType
	}
	switch {
	case kind == "":
		return one(e.park(raw, "type"))
	case n.Mail.MessageID.Line() == "":
		return one(e.park(raw, "shape"))
	case kind == "Received":
		return channel.Parsed{Items: p.received(raw, e, n)}
	}
	fates, ok := n.fates(kind)
	if !ok {
		return one(e.park(raw, "type"))
	}
	if len(fates) == 0 || len(fates) > maxRecipients {
		return one(e.park(raw, "shape"))
	}
	items := make([]channel.Item, 0, len(fates))
	for _, f := range fates {
		it := channel.Item{Raw: raw, Message: message.Inbound{
			Channel: name.Channel, Provider: name.Provider, Kind: message.Report, Direction: message.In,
			ProviderID: n.Mail.MessageID.Line(), Target: n.Mail.MessageID.Line(), Status: &f.status, SentAt: f.at,
		}}
		if it.Message.SentAt.IsZero() {
			it.Message.SentAt = channel.MailDate(e.Timestamp)
		}
		if tags := n.Mail.Tags[tag]; len(tags) > 0 {
			f.status.Ours = tags[0].Line()
		}
		it.Dedupe = strings.Join([]string{kind, string(n.Mail.MessageID), f.status.Recipient.Address, f.id}, "|")
		items = append(items, it)
	}
	return channel.Parsed{Items: items}
}

// maxRecipients of a mail is 50 (SES quotas); each is an item that keeps the body.
const maxRecipients = 100

// tag is the message tag that carries our own id with what we send.
const tag = "okence"

// allowed reports whether a mail may be opened from a bucket.
func (p provider) allowed(bucket string) bool { return slices.Contains(p.options.Buckets, bucket) }
