package vonage

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// event is an inbound message or a message status, in either version.
type event struct {
	UUID    channel.Scalar `json:"message_uuid"`
	Channel string         `json:"channel"`
	From    party          `json:"from"`
	To      party          `json:"to"`
	Time    string         `json:"timestamp"`
	Context struct {
		UUID channel.Scalar `json:"message_uuid"`
	} `json:"context"`
	Profile struct {
		Name string `json:"name"`
	} `json:"profile"`

	Status string         `json:"status"`
	Ours   channel.Scalar `json:"client_ref"`
	Error  failure        `json:"error"`

	content // version 1
	Message struct {
		Content *content `json:"content"`
	} `json:"message"` // version 0.1
}

// party is a number alone, or in version 0.1 an object.
type party struct{ Type, ID string }

func (p *party) UnmarshalJSON(b []byte) error {
	var o struct {
		Type   string         `json:"type"`
		Number channel.Scalar `json:"number"`
		ID     channel.Scalar `json:"id"`
	}
	if len(b) > 0 && b[0] == '{' {
		if err := json.Unmarshal(b, &o); err != nil {
			return err
		}
		if o.Number == "" {
			o.Number = o.ID
		}
	} else if err := o.Number.UnmarshalJSON(b); err != nil {
		return err
	}
	p.Type, p.ID = o.Type, string(o.Number)
	return nil
}

// via is whatsapp, sms, messenger …: on top, or in version 0.1 of each party.
func (e event) via() string {
	if e.Channel != "" {
		return e.Channel
	}
	return e.From.Type
}

func (provider) Parse(r channel.Request) channel.Parsed {
	return channel.Parsed{Items: []channel.Item{item(r.Body)}}
}

func item(raw []byte) channel.Item {
	if !json.Valid(raw) {
		return channel.Park(name, raw, "json")
	}
	var e event
	if json.Unmarshal(raw, &e) != nil || e.UUID == "" {
		return channel.Park(name, raw, "shape")
	}
	it := channel.Item{Raw: raw, Message: message.Inbound{
		Channel:    name.Channel,
		Provider:   name.Provider,
		ProviderID: e.UUID.Line(),
		Direction:  message.In,
		SentAt:     at(e.Time),
	}}
	if e.Status != "" {
		it.Dedupe = "status|" + string(e.UUID) + "|" + e.Status
		it.Parked = e.report(&it.Message)
	} else {
		it.Dedupe = "message|" + string(e.UUID)
		it.Parked = e.said(&it.Message)
	}
	if via := e.via(); via != "whatsapp" {
		it.Parked = "channel" // an application may have more: another webhook's
	}
	return it
}

func (e event) said(m *message.Inbound) string {
	m.Kind = message.Said
	m.Sender = channel.Phone(e.From.ID)
	m.Sender.Name = channel.Line(e.Profile.Name)
	if to := channel.Phone(e.To.ID); to.Address != "" {
		m.Recipients, m.Line = []message.Party{to}, to.Address
	}
	m.ReplyTo = e.Context.UUID.Line()
	if m.Sender.Address == "" {
		return "address"
	}
	c := e.content
	if e.Message.Content != nil {
		c = *e.Message.Content
	}
	return c.fill(m)
}

var states = map[string]message.State{
	"submitted": message.Sent, "delivered": message.Delivered, "read": message.Read,
	"rejected": message.Failed, "undeliverable": message.Failed,
}

// failure is why a message was rejected. The code is the title, the fragment of
// the type's link, or in version 0.1 code.
type failure struct {
	Type  string         `json:"type"`
	Title channel.Scalar `json:"title"`
	Code  channel.Scalar `json:"code"`
}

func (f failure) code() string {
	_, fragment, _ := strings.Cut(f.Type, "#")
	for _, s := range []string{string(f.Title), string(f.Code), fragment} {
		if channel.Scalar(s).Int() > 0 {
			return channel.Line(s)
		}
	}
	return ""
}

// final are the codes after which the same send fails again: barred, no longer
// active, opted out, no user of WhatsApp, no device for it, no valid recipient
// (developer.vonage.com/api-errors/messages).
var final = map[string]bool{
	"1050": true, "1190": true, "1240": true, "1300": true, "1310": true, "1430": true,
}

func (e event) report(m *message.Inbound) string {
	m.Kind = message.Report
	m.Target = m.ProviderID
	m.Line = channel.Phone(e.From.ID).Address
	m.Status = &message.Status{
		State:     states[e.Status],
		Recipient: channel.Phone(e.To.ID),
		Ours:      e.Ours.Line(),
	}
	if m.Status.State == message.Failed {
		m.Status.Code = e.Error.code()
		m.Status.Permanent = final[m.Status.Code]
	}
	if m.Status.State == "" {
		return "status"
	}
	return ""
}

// at reads a time in the layouts that Vonage writes.
func at(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
