package chatwoot

import (
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// event is a webhook of any kind. A message's own fields and a conversation's
// stand at the top alike; which are there depends on Event.
type event struct {
	Event       string         `json:"event"`
	ID          channel.Scalar `json:"id"`
	Content     string         `json:"content"`
	CreatedAt   channel.Scalar `json:"created_at"`
	MessageType channel.Scalar `json:"message_type"`
	Private     bool           `json:"private"`
	Status      channel.Scalar `json:"status"`
	Attributes  struct {
		InReplyTo channel.Scalar `json:"in_reply_to"`
		Deleted   bool           `json:"deleted"`
	} `json:"content_attributes"`
	Attachments  []attachment   `json:"attachments"`
	Sender       person         `json:"sender"`
	Contact      person         `json:"contact"`
	Inbox        thing          `json:"inbox"`
	InboxID      channel.Scalar `json:"inbox_id"` // of a conversation
	Conversation conversation   `json:"conversation"`
	Meta         meta           `json:"meta"` // of a conversation
}

type thing struct {
	ID channel.Scalar `json:"id"`
}

// conversation is known by its display id, in old payloads under that name.
type conversation struct {
	ID        channel.Scalar `json:"id"`
	DisplayID channel.Scalar `json:"display_id"`
	Meta      meta           `json:"meta"`
}

type meta struct {
	Sender person `json:"sender"`
}

// person is a visitor (type contact), or somebody of the contact centre (user,
// agent_bot) with an id of another series.
type person struct {
	ID    channel.Scalar `json:"id"`
	Name  string         `json:"name"`
	Email string         `json:"email"`
	Type  string         `json:"type"`
}

type attachment struct {
	FileType  string         `json:"file_type"`
	DataURL   string         `json:"data_url"`
	FileSize  channel.Scalar `json:"file_size"`
	Latitude  channel.Scalar `json:"coordinates_lat"`
	Longitude channel.Scalar `json:"coordinates_long"`
	Title     string         `json:"fallback_title"`
}

// messageTypes are message_type at the top and in nested messages.
var messageTypes = map[channel.Scalar]string{
	"incoming": "incoming", "0": "incoming", "outgoing": "outgoing", "1": "outgoing",
	"activity": "activity", "2": "activity", "template": "template", "3": "template",
}

// states are what Chatwoot knows of a message that went out.
var states = map[channel.Scalar]message.State{
	"sent": message.Sent, "0": message.Sent, "delivered": message.Delivered, "1": message.Delivered,
	"read": message.Read, "2": message.Read, "failed": message.Failed, "3": message.Failed,
}

// controls are the events that are no message; conversation_status_changed is
// the new status.
var controls = map[string]string{
	"conversation_created": "started", "conversation_updated": "updated", "conversation_status_changed": "status",
	"conversation_opened": "open", "conversation_resolved": "resolved",
	"conversation_typing_on": "typing", "conversation_typing_off": "typing_off",
	"webwidget_triggered": "opened", "contact_created": "contact_created", "contact_updated": "contact_updated",
	"inbox_created": "inbox_created", "inbox_updated": "inbox_updated",
}

// visitor is the contact on the other side, wherever the event has them.
func (e event) visitor() message.Party {
	for _, p := range []person{e.Sender, e.Contact, e.Conversation.Meta.Sender, e.Meta.Sender} {
		if p.ID == "" || p.Type != "contact" && !(p.Type == "" && p == e.Contact) {
			continue
		}
		email := p.Email
		if known := e.Conversation.Meta.Sender; email == "" && known.ID == p.ID {
			email = known.Email
		}
		return message.Party{Scheme: message.ID, Address: p.ID.Line(), Name: channel.Line(p.Name), UserID: channel.Line(email)}
	}
	return message.Party{}
}

// staff reports whether somebody of the contact centre wrote it.
func (e event) staff() bool { return e.Sender.Type != "" && e.Sender.Type != "contact" }

// files are the attachments with a link; a shared place is a location.
func (e event) files() (files []message.Media, place *message.Location) {
	for _, a := range e.Attachments {
		if a.FileType == "location" && place == nil {
			place = channel.Place(a.Latitude, a.Longitude, a.Title, "")
			continue
		}
		if link := channel.Line(a.DataURL); link != "" {
			files = append(files, message.Media{URL: link, Size: a.FileSize.Int()})
		}
	}
	return files, place
}
