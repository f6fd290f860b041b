package viber

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// event is a callback of any kind. The documentation fixes the names; which are
// there depends on Event.
type event struct {
	Event   string         `json:"event"`
	Time    channel.Scalar `json:"timestamp"` // ms since 1970
	Token   channel.Scalar `json:"message_token"`
	ChatID  channel.Scalar `json:"chat_id"`
	UserID  channel.Scalar `json:"user_id"` // delivered, seen, failed, unsubscribed
	User    person         `json:"user"`    // subscribed, conversation_started
	Sender  person         `json:"sender"`  // message
	Message content        `json:"message"`
}

type person struct {
	ID       channel.Scalar `json:"id"`
	Name     string         `json:"name"`
	Language string         `json:"language"`
}

// controls are the events that are no message and no fate of one.
var controls = map[string]string{
	"webhook":              "webhook", // set_webhook asks whether we are there
	"subscribed":           "subscribed",
	"unsubscribed":         "unsubscribed",
	"conversation_started": "started",
	"client_status":        "client_status",
	"action":               "action",
}

var states = map[string]message.State{
	"delivered": message.Delivered, "seen": message.Read, "failed": message.Failed,
}

func (provider) Parse(r channel.Request) channel.Parsed {
	if !json.Valid(r.Body) {
		return parked(r, "json")
	}
	var e event
	if json.Unmarshal(r.Body, &e) != nil || e.Event == "" {
		return parked(r, "shape")
	}
	it := channel.Item{Raw: r.Body, Dedupe: e.identity(r.Body), Message: message.Inbound{
		Channel:    name.Channel,
		Provider:   name.Provider,
		ProviderID: e.Token.Line(),
		Direction:  message.In,
		Sender:     e.who(),
		Thread:     e.ChatID.Line(),
		SentAt:     at(e.Time),
	}}
	m := &it.Message
	if state, ok := states[e.Event]; ok {
		m.Kind, m.Target, m.Sender = message.Report, m.ProviderID, message.Party{}
		m.Status = &message.Status{State: state, Recipient: e.who()}
		if m.Target == "" {
			it.Parked = "shape"
		}
	} else if word, ok := controls[e.Event]; ok {
		m.Kind, m.Control = message.Control, word
		if m.Sender.Address == "" && (word == "subscribed" || word == "unsubscribed" || word == "started") {
			it.Parked = "address"
		}
	} else if e.Event == "message" {
		m.Kind = message.Said
		it.Parked = e.Message.fill(m)
		switch {
		case m.ProviderID == "":
			it.Parked = "shape"
		case m.Sender.Address == "":
			it.Parked = "address"
		}
	} else {
		it.Parked = "type"
	}
	return channel.Parsed{Items: []channel.Item{it}, Answer: e.answer(r)}
}

func parked(r channel.Request, code string) channel.Parsed {
	return channel.Parsed{Items: []channel.Item{channel.Park(name, r.Body, code)}}
}

// identity: event, token and user (channels.md 2). subscribed and unsubscribed
// may come without a token, and then go by their time; without either, by the
// bytes, which Viber repeats as they were.
func (e event) identity(raw []byte) string {
	token := string(e.Token)
	if token == "" && e.Time != "" {
		token = "at " + string(e.Time)
	}
	if token == "" {
		return channel.Digest(raw)
	}
	return e.Event + "|" + token + "|" + string(e.UserID+e.User.ID+e.Sender.ID)
}

// who is the person on the other side, wherever the event has them.
func (e event) who() message.Party {
	p := e.Sender
	if p.ID == "" {
		p = e.User
	}
	if p.ID == "" {
		p.ID = e.UserID
	}
	if id := p.ID.Line(); id != "" {
		return message.Party{Scheme: message.ID, Address: id, Name: channel.Line(p.Name)}
	}
	return message.Party{}
}

// at reads milliseconds. Viber's own sample of the webhook event has a number
// that is none: what isn't of this century has no time.
func at(ms channel.Scalar) time.Time {
	n := ms.Int()
	if n < 946_684_800_000 || n >= 4_102_444_800_000 { // 2000 to 2100
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}
