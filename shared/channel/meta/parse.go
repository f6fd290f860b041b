package meta

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// maxItems is twice the greatest batch that Meta announces (1,000 updates;
// Webhooks, Frequency). More in one change or body is parked as one.
const maxItems = 2_000

// The shape of a body. What varies by type stays raw until map.go reads it.
type (
	envelope struct {
		Object string  `json:"object"`
		Entry  []entry `json:"entry"`
	}
	entry struct {
		ID      channel.Scalar    `json:"id"`
		Changes []json.RawMessage `json:"changes"`
	}
	change struct {
		Field string `json:"field"`
		Value value  `json:"value"`
	}
	value struct {
		Product  string            `json:"messaging_product,omitempty"`
		Metadata metadata          `json:"metadata"`
		Contacts []contact         `json:"contacts,omitempty"`
		Messages []json.RawMessage `json:"messages,omitempty"`
		Echoes   []json.RawMessage `json:"message_echoes,omitempty"`
		Statuses []json.RawMessage `json:"statuses,omitempty"`
		Errors   []failure         `json:"errors,omitempty"`
	}
	metadata struct {
		Number channel.Scalar `json:"display_phone_number"`
		ID     channel.Scalar `json:"phone_number_id"`
	}
	contact struct {
		Profile struct {
			Name string `json:"name"`
		} `json:"profile"`
		WaID   channel.Scalar `json:"wa_id,omitempty"`
		UserID channel.Scalar `json:"user_id,omitempty"`
	}
	failure struct {
		Code channel.Scalar `json:"code"`
	}
)

func (provider) Parse(r channel.Request) channel.Parsed {
	var body envelope
	err := json.Unmarshal(r.Body, &body)
	if err != nil && !json.Valid(r.Body) {
		return channel.Parsed{Items: []channel.Item{channel.Park(name, r.Body, "json")}}
	}
	if err != nil || body.Object != "whatsapp_business_account" || len(body.Entry) == 0 {
		return channel.Parsed{Items: []channel.Item{channel.Park(name, r.Body, "shape")}}
	}
	var items []channel.Item
	for _, e := range body.Entry {
		for _, raw := range e.Changes {
			if items = append(items, changed(e.ID, raw)...); len(items) > maxItems {
				return channel.Parsed{Items: []channel.Item{channel.Park(name, r.Body, "batch")}}
			}
		}
	}
	if len(items) == 0 {
		items = append(items, channel.Park(name, r.Body, "empty"))
	}
	return channel.Parsed{Items: items}
}

// changed maps all that one change holds; a change that holds nothing we know
// (an account's review, a template's quality) is parked whole.
func changed(account channel.Scalar, raw json.RawMessage) []channel.Item {
	whole := func(code string) []channel.Item {
		return []channel.Item{channel.Park(name, wrap(account, raw), code)}
	}
	var c change
	if json.Unmarshal(raw, &c) != nil {
		return whole("shape")
	}
	v := c.Value
	switch n := len(v.Messages) + len(v.Statuses) + len(v.Echoes); {
	case n > maxItems:
		return whole("batch")
	case n == 0:
		switch {
		case c.Field != "messages" && c.Field != "smb_message_echoes":
			return whole("field")
		case len(v.Errors) > 0:
			return whole("errors")
		}
		return whole("empty")
	}
	if len(v.Metadata.ID)+len(v.Metadata.Number)+len(c.Field)+len(account) > channel.MaxLine {
		return whole("shape") // it goes with every item
	}
	b := batch{account: account, field: c.Field, value: v, people: people(v.Contacts)}
	b.ours = channel.Phone(string(v.Metadata.Number))
	var items []channel.Item
	for _, m := range v.Messages {
		items = append(items, b.message(m))
	}
	for _, m := range v.Echoes {
		items = append(items, b.echo(m))
	}
	for _, s := range v.Statuses {
		items = append(items, b.status(s))
	}
	return items
}

// batch is one change: what all of its items share.
type batch struct {
	account channel.Scalar
	field   string
	value   value
	people  map[channel.Scalar]contact
	ours    message.Party // our side: the number as people see it
}

// people finds contacts by phone number and by user id.
func people(list []contact) map[channel.Scalar]contact {
	m := make(map[channel.Scalar]contact, 2*len(list))
	for _, c := range list {
		if len(c.Profile.Name)+len(c.WaID)+len(c.UserID) > channel.MaxLine {
			continue // it goes with every item
		}
		for _, id := range []channel.Scalar{c.WaID, c.UserID} {
			if id != "" {
				m[id] = c
			}
		}
	}
	return m
}

// find returns the contact of a person by either id.
func (b batch) find(number, user channel.Scalar) contact {
	if c, ok := b.people[number]; ok && number != "" {
		return c
	}
	if user == "" {
		return contact{}
	}
	return b.people[user]
}

// person is somebody on the other side: by phone number if Meta gives one, else
// by the business-scoped user id.
func person(number, user channel.Scalar, c contact) message.Party {
	if user == "" {
		user = c.UserID
	}
	if number == "" {
		number = c.WaID
	}
	p := channel.Phone(string(number))
	if u := user.Line(); p.Address == "" && u != "" {
		p = message.Party{Scheme: message.ID, Address: u}
	} else {
		p.UserID = u
	}
	p.Name = channel.Line(c.Profile.Name)
	return p
}

// item is the frame of everything from this batch; only keeps the raw element
// and its contact, in a body of its own.
func (b batch) item(kind message.Kind, only value, c contact) channel.Item {
	only.Product, only.Metadata, only.Errors = b.value.Product, b.value.Metadata, nil
	if c.WaID != "" || c.UserID != "" {
		only.Contacts = []contact{c}
	}
	raw, _ := json.Marshal(change{Field: b.field, Value: only}) // these types always marshal
	return channel.Item{
		Raw: wrap(b.account, raw),
		Message: message.Inbound{
			Channel:   name.Channel,
			Provider:  name.Provider,
			Kind:      kind,
			Direction: message.In,
			Line:      b.value.Metadata.ID.Line(),
		},
	}
}

// wrap is a whole body around one change.
func wrap(account channel.Scalar, change json.RawMessage) []byte {
	raw, err := json.Marshal(envelope{
		Object: "whatsapp_business_account",
		Entry:  []entry{{ID: account, Changes: []json.RawMessage{change}}},
	})
	if err != nil {
		return change
	}
	return raw
}

// park sets it aside. What says nothing of its identity is the same as another
// of the same bytes.
func park(it channel.Item, code string) channel.Item {
	it.Parked = code
	if it.Dedupe == "" {
		it.Dedupe = channel.Digest(it.Raw)
	}
	return it
}

// at reads the text of Unix seconds that Meta gives for a time.
func at(seconds channel.Scalar) time.Time {
	n := seconds.Int()
	if n == 0 || n > 1<<37 { // beyond the year 6000 it is no time
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
