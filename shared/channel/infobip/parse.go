package infobip

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// result is an element of results[] in any of its shapes.
type result struct {
	Event       string          `json:"event"` // Messages API: MO, DELIVERY, SEEN, TYPING_STARTED …
	ID          channel.Scalar  `json:"messageId"`
	From        channel.Scalar  `json:"from"`
	Sender      channel.Scalar  `json:"sender"`
	To          channel.Scalar  `json:"to"`
	Destination channel.Scalar  `json:"destination"`
	Paired      channel.Scalar  `json:"pairedMessageId"`
	Ours        channel.Scalar  `json:"callbackData"`
	Text        *string         `json:"text"`
	Message     json.RawMessage `json:"message"`
	Content     json.RawMessage `json:"content"`
	Contact     struct {
		Name string `json:"name"`
	} `json:"contact"`

	ReceivedAt string `json:"receivedAt"`
	SentAt     string `json:"sentAt"`
	DoneAt     string `json:"doneAt"`
	SeenAt     string `json:"seenAt"`
	Status     *state `json:"status"`
	Error      state  `json:"error"`
}

// from and to: the key depends on the product.
func (r result) from() channel.Scalar { return first(r.From, r.Sender) }
func (r result) to() channel.Scalar   { return first(r.To, r.Destination) }

func first(a, b channel.Scalar) channel.Scalar {
	if a != "" {
		return a
	}
	return b
}

func (p provider) Parse(r channel.Request) channel.Parsed {
	var body struct {
		Results []json.RawMessage `json:"results"`
	}
	code := ""
	switch {
	case !json.Valid(r.Body):
		code = "json"
	case json.Unmarshal(r.Body, &body) != nil || body.Results == nil:
		code = "shape"
	case len(body.Results) == 0:
		code = "empty"
	}
	if code != "" {
		return channel.Parsed{Items: []channel.Item{channel.Park(p.Name(), r.Body, code)}}
	}
	items := make([]channel.Item, 0, len(body.Results))
	for _, raw := range body.Results {
		items = append(items, p.item(raw))
	}
	return channel.Parsed{Items: items}
}

// item maps one element. Its raw part is a body of its own, so that a later
// version can read it again.
func (p provider) item(raw json.RawMessage) channel.Item {
	whole := append(append([]byte(`{"results":[`), raw...), "]}"...)
	var r result
	if json.Unmarshal(raw, &r) != nil {
		return channel.Park(p.Name(), whole, "shape")
	}
	it := channel.Item{Raw: whole, Message: message.Inbound{
		Channel:    p.channel,
		Provider:   "infobip",
		ProviderID: r.ID.Line(),
		Direction:  message.In,
	}}
	space, code := "", ""
	switch m := &it.Message; {
	case r.SeenAt != "" || r.Event == "SEEN":
		space, code = "seen|", r.report(m, message.Read, r.SeenAt)
	case r.Status != nil:
		space, code = "status|"+string(r.Status.Group)+"|", r.report(m, r.Status.means(), r.DoneAt)
	case r.Text != nil || there(r.Message) || there(r.Content):
		space, code = "message|", r.said(m)
	case r.Event != "":
		space, code = "control|"+r.Event+"|", r.control(m)
	default:
		code = "shape"
	}
	if r.ID != "" && space != "" {
		it.Dedupe = space + string(r.ID)
	} else {
		it.Dedupe = channel.Digest(raw)
	}
	it.Parked = code
	return it
}

// said maps what a person sent.
func (r result) said(m *message.Inbound) string {
	m.Kind = message.Said
	r.parties(m)
	m.ReplyTo = r.Paired.Line()
	m.SentAt = at(r.ReceivedAt)
	if r.ID == "" {
		return "shape"
	}
	if m.Sender.Address == "" {
		return "address"
	}
	if r.Text != nil { // SMS: text is whole, cleanText lacks the keyword
		m.Text = channel.Text(*r.Text)
	}
	for _, part := range []json.RawMessage{r.Message, r.Content} {
		if there(part) {
			if code := fill(m, part); code != "" {
				return code
			}
		}
	}
	return ""
}

func there(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

func (r result) control(m *message.Inbound) string {
	m.Kind = message.Control
	m.SentAt = at(r.ReceivedAt)
	r.parties(m)
	switch r.Event {
	case "TYPING_STARTED":
		m.Control = "typing"
	case "TYPING_STOPPED":
		m.Control = "typing_stopped"
	default:
		return "type"
	}
	if m.Sender.Address == "" {
		return "address"
	}
	return ""
}

func (r result) parties(m *message.Inbound) {
	m.Sender = channel.Phone(string(r.from()))
	m.Sender.Name = channel.Line(r.Contact.Name)
	if to := channel.Phone(string(r.to())); to.Address != "" {
		m.Recipients, m.Line = []message.Party{to}, to.Address
	}
}

// at reads a time in the layouts that Infobip writes, seconds with or without a
// fraction: 2020-04-01T11:02:43.594+0000 and 2023-08-01T16:10:00+05:30.
func at(s string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
