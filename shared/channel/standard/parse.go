package standard

import (
	_ "embed" // the schema
	"encoding/json"
	"strings"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// Schema is the JSON Schema (2020-12) of a body, as published in /openapi.json.
//
//go:embed schema.json
var Schema []byte

// body is schema.json. Fields that it doesn't name are passed over.
type body struct {
	Type         string         `json:"type"`
	ID           channel.Scalar `json:"id"`
	Conversation channel.Scalar `json:"conversation"`
	Sender       struct {
		ID    channel.Scalar `json:"id"`
		Name  string         `json:"name"`
		Email string         `json:"email"`
	} `json:"sender"`
	Text        string         `json:"text"`
	SentAt      *time.Time     `json:"sent_at"` // RFC 3339
	ReplyTo     channel.Scalar `json:"reply_to"`
	Attachments []struct {
		Name string `json:"name"`
		Mime string `json:"mime"`
		URL  string `json:"url"`
	} `json:"attachments"`
}

func (provider) Parse(r channel.Request) channel.Parsed {
	it := channel.Item{Dedupe: r.Header.Get(headerID), Raw: r.Body}
	if it.Dedupe == "" { // a parked body that is parsed again without its headers
		it.Dedupe = channel.Digest(r.Body)
	}
	it.Message, it.Parked = read(r.Body)
	return channel.Parsed{Items: []channel.Item{it}}
}

func read(raw []byte) (message.Inbound, string) {
	m := message.Inbound{Channel: name.Channel, Provider: name.Provider}
	if !json.Valid(raw) {
		return m, "json"
	}
	var kind struct {
		Type string `json:"type"`
	}
	var b body
	if json.Unmarshal(raw, &kind) != nil {
		return m, "shape"
	}
	if kind.Type != "message" {
		return m, "type"
	}
	if json.Unmarshal(raw, &b) != nil {
		return m, "shape"
	}
	m.Kind, m.Direction = message.Said, message.In
	m.ProviderID, m.Thread, m.ReplyTo = b.ID.Line(), b.Conversation.Line(), b.ReplyTo.Line()
	m.Sender = sender(b.Sender.ID.Line(), channel.Line(b.Sender.Email), channel.Line(b.Sender.Name))
	m.Text = channel.Text(b.Text)
	if b.SentAt != nil {
		m.SentAt = b.SentAt.UTC()
	}
	for _, a := range b.Attachments {
		if a.URL == "" {
			return m, "shape"
		}
		m.Media = append(m.Media, message.Media{URL: channel.Line(a.URL), Name: channel.Line(a.Name), Mime: channel.Line(a.Mime)})
	}
	switch {
	case m.ProviderID == "", m.Text == "" && len(m.Media) == 0:
		return m, "shape"
	case m.Sender.Address == "":
		return m, "address"
	}
	return m, ""
}

// sender is known by the id that the widget or bot gave them. A mail address
// typed into a chat is a claim, not a proof: it goes along as a second id, and
// stands for the person only where there is no other.
func sender(id, email, name string) message.Party {
	if id != "" {
		return message.Party{Scheme: message.ID, Address: id, UserID: email, Name: name}
	}
	local, domain, ok := strings.Cut(email, "@")
	if !ok || local == "" || domain == "" {
		return message.Party{Name: name}
	}
	p := message.Party{Scheme: message.Mailto, Address: local + "@" + strings.ToLower(domain), Name: name}
	if p.Address != email {
		p.Raw = email
	}
	return p
}
