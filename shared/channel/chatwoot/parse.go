package chatwoot

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

func (provider) Parse(r channel.Request) channel.Parsed {
	return channel.Parsed{Items: []channel.Item{parse(r.Body)}}
}

func parse(raw []byte) channel.Item {
	var e event
	if !json.Valid(raw) {
		return channel.Park(name, raw, "json")
	}
	if json.Unmarshal(raw, &e) != nil || e.Event == "" {
		return channel.Park(name, raw, "shape")
	}
	it := channel.Item{Raw: raw, Dedupe: e.Event + "|" + channel.Digest(raw)}
	m := &it.Message
	m.Channel, m.Provider, m.Direction = name.Channel, name.Provider, message.In
	m.SentAt = at(e.CreatedAt)
	m.Line = first(e.Inbox.ID, e.InboxID)
	switch e.Event {
	case "message_created":
		it.Parked = e.created(m)
		if m.ProviderID != "" {
			it.Dedupe = e.Event + "|" + m.ProviderID
		}
	case "message_updated":
		it.Parked = e.updated(m)
	default:
		it.Parked = e.control(m)
	}
	return it
}

// created maps a new message.
func (e event) created(m *message.Inbound) (parked string) {
	m.Kind, m.ProviderID, m.Sender = message.Said, e.ID.Line(), e.visitor()
	m.Thread = first(e.Conversation.ID, e.Conversation.DisplayID)
	m.Text, m.ReplyTo = channel.Text(e.Content), e.Attributes.InReplyTo.Line()
	m.Media, m.Location = e.files()
	if m.ProviderID == "" {
		return "shape"
	}
	switch kind := messageTypes[e.MessageType]; {
	case kind == "":
		return "type"
	case e.Private: // a note among agents
		m.Kind, m.Control = message.Control, "note"
	case kind == "outgoing":
		m.Direction = message.Out
		if m.Sender.Address != "" {
			m.Recipients = []message.Party{m.Sender}
		}
		m.Sender = message.Party{Name: channel.Line(e.Sender.Name)}
	case kind != "incoming": // what Chatwoot itself wrote
		m.Kind, m.Control = message.Control, kind
	case m.Sender.Address == "" || e.staff():
		return "address"
	case m.Text == "" && len(m.Media) == 0 && m.Location == nil:
		return "shape"
	}
	return ""
}

// updated maps a change: taken back, rewritten, or a new fate of what went out.
func (e event) updated(m *message.Inbound) (parked string) {
	if parked = e.created(m); parked != "" && parked != "shape" || m.ProviderID == "" {
		return parked
	}
	m.Target, m.ReplyTo = m.ProviderID, ""
	switch {
	case m.Kind == message.Control:
	case e.Attributes.Deleted:
		m.Kind, m.Text, m.Media, m.Location = message.Deletion, "", nil, nil
	case m.Direction == message.In && parked == "":
		m.Kind = message.Edit
	case m.Direction == message.In:
		return parked
	default:
		state, ok := states[e.Status]
		if !ok {
			return "type"
		}
		who := message.Party{}
		if len(m.Recipients) > 0 {
			who = m.Recipients[0]
		}
		*m = message.Inbound{
			Channel: m.Channel, Provider: m.Provider, Kind: message.Report, Direction: message.In, ProviderID: m.ProviderID, Target: m.Target,
			Line: m.Line, Thread: m.Thread, Status: &message.Status{State: state, Recipient: who},
		}
	}
	return ""
}

// control maps everything that is no message.
func (e event) control(m *message.Inbound) (parked string) {
	word, ok := controls[e.Event]
	if !ok {
		return "type"
	}
	if word == "status" {
		word = e.Status.Line()
	}
	m.Kind, m.Control, m.Sender = message.Control, word, e.visitor()
	m.Thread = first(e.Conversation.ID, e.Conversation.DisplayID)
	if m.Thread == "" && e.InboxID != "" { // the event is the conversation
		m.Thread = e.ID.Line()
	}
	return ""
}

func first(ids ...channel.Scalar) string {
	for _, id := range ids {
		if s := id.Line(); s != "" {
			return s
		}
	}
	return ""
}

// at reads a time: RFC 3339, "2020-03-03 13:05:57 UTC" in old payloads, Unix
// seconds in nested ones.
func at(s channel.Scalar) time.Time {
	if n, err := strconv.ParseInt(string(s), 10, 64); err == nil {
		if n < 946_684_800 || n >= 4_102_444_800 { // 2000 to 2100
			return time.Time{}
		}
		return time.Unix(n, 0).UTC()
	}
	return channel.MailDate(string(s))
}
