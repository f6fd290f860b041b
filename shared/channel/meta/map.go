package meta

import (
	"encoding/json"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// head is what messages of every type share.
type head struct {
	ID       channel.Scalar `json:"id"`
	From     channel.Scalar `json:"from"`
	FromUser channel.Scalar `json:"from_user_id"`
	To       channel.Scalar `json:"to"`         // echoes only
	ToUser   channel.Scalar `json:"to_user_id"` // echoes only
	Time     channel.Scalar `json:"timestamp"`
	Type     string         `json:"type"`
	Group    channel.Scalar `json:"group_id"`
	Context  reference      `json:"context"`
}

type reference struct {
	ID         channel.Scalar `json:"id"`
	Forwarded  bool           `json:"forwarded"`
	Frequently bool           `json:"frequently_forwarded"`
}

// message maps one of messages[]: something that a person did.
func (b batch) message(raw json.RawMessage) channel.Item {
	var h head
	bad := json.Unmarshal(raw, &h) != nil
	c := b.find(h.From, h.FromUser)
	it := b.item(message.Said, value{Messages: []json.RawMessage{raw}}, c)
	it.Message.Sender = person(h.From, h.FromUser, c)
	if b.ours.Address != "" {
		it.Message.Recipients = []message.Party{b.ours}
	}
	return fill(it, "message|", h, raw, bad)
}

// echo maps one of message_echoes[]: what our staff typed in the WhatsApp
// Business app. It is a copy of something sent, never a customer's word.
func (b batch) echo(raw json.RawMessage) channel.Item {
	var h head
	bad := json.Unmarshal(raw, &h) != nil
	c := b.find(h.To, h.ToUser)
	it := b.item(message.Said, value{Echoes: []json.RawMessage{raw}}, c)
	it.Message.Direction = message.Out
	it.Message.Sender = b.ours
	if to := person(h.To, h.ToUser, c); to.Address != "" {
		it.Message.Recipients = []message.Party{to}
	}
	return fill(it, "echo|", h, raw, bad)
}

func fill(it channel.Item, space string, h head, raw json.RawMessage, bad bool) channel.Item {
	m := &it.Message
	if h.ID != "" {
		it.Dedupe = space + string(h.ID)
	}
	m.ProviderID = h.ID.Line()
	m.SentAt = at(h.Time)
	m.Thread = h.Group.Line()
	m.ReplyTo = h.Context.ID.Line()
	m.Forwarded = h.Context.Forwarded || h.Context.Frequently
	switch {
	case bad || h.ID == "":
		return park(it, "shape")
	case m.Direction == message.Out && len(m.Recipients) == 0,
		m.Sender.Address == "" && h.Type != "system":
		return park(it, "address")
	}
	if code := content(m, h.Type, raw); code != "" {
		return park(it, code)
	}
	return it
}

// status maps one of statuses[]: the fate of what we sent.
func (b batch) status(raw json.RawMessage) channel.Item {
	var s struct {
		ID     channel.Scalar `json:"id"`
		Status string         `json:"status"`
		Time   channel.Scalar `json:"timestamp"`
		To     channel.Scalar `json:"recipient_id"`
		ToUser channel.Scalar `json:"recipient_user_id"`
		Ours   channel.Scalar `json:"biz_opaque_callback_data"`
		Errors []failure      `json:"errors"`
	}
	bad := json.Unmarshal(raw, &s) != nil
	c := b.find(s.To, s.ToUser)
	it := b.item(message.Report, value{Statuses: []json.RawMessage{raw}}, c)
	if s.ID != "" {
		it.Dedupe = "status|" + string(s.ID) + "|" + s.Status + "|" + string(s.To+s.ToUser)
	}
	m := &it.Message
	m.ProviderID = s.ID.Line()
	m.Target, m.SentAt = m.ProviderID, at(s.Time)
	m.Status = &message.Status{
		State:     states[s.Status],
		Recipient: person(s.To, s.ToUser, c),
		Ours:      s.Ours.Line(),
	}
	if len(s.Errors) > 0 {
		m.Status.Code = s.Errors[0].Code.Line()
		m.Status.Permanent = final[m.Status.Code]
	}
	switch {
	case bad || s.ID == "":
		return park(it, "shape")
	case m.Status.State == "":
		return park(it, "status")
	}
	return it
}

var states = map[string]message.State{
	"sent": message.Sent, "delivered": message.Delivered, "failed": message.Failed,
	"read": message.Read, "played": message.Read, // played: a voice message was heard
}

// final are the codes after which the same send fails again, or must not be
// repeated soon (channels.md 3, Errors): undeliverable, experiment, not
// delivered for ecosystem health, unsupported type, outside the 24 h window.
var final = map[string]bool{
	"131026": true, "130472": true, "131049": true, "131051": true, "131047": true,
}
