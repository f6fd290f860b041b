package meta

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// content fills m from the object that is named like the type. It returns why
// it couldn't: "shape", "type" or "unsupported".
func content(m *message.Inbound, kind string, raw json.RawMessage) string {
	if kind == "unsupported" { // error 131051: the person sent what this API doesn't carry
		return "unsupported"
	}
	read, known := readers[kind]
	if !known {
		return "type"
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return "shape"
	}
	if body, ok := fields[kind]; ok && string(body) != "null" {
		return read(m, kind, body)
	}
	if kind == "interactive" { // error 131000 in the value: Meta lost the body
		return "unsupported"
	}
	return "shape"
}

type reader func(m *message.Inbound, kind string, body json.RawMessage) string

// readers is every type of a message; set in init, as an edit reads by it.
var readers map[string]reader

func init() {
	readers = map[string]reader{
		"text": said, "button": said, "interactive": chose, "order": ordered, "contacts": cards,
		"image": file, "video": file, "audio": file, "document": file, "sticker": file,
		"location": place, "reaction": reacted, "edit": edited, "revoke": revoked, "system": system,
	}
}

// into decodes body, or says "shape".
func into(body json.RawMessage, v any) string {
	if json.Unmarshal(body, v) != nil {
		return "shape"
	}
	return ""
}

// said: text.body is typed, button.text is the label of a template's button.
func said(m *message.Inbound, kind string, body json.RawMessage) string {
	var v struct{ Body, Text string }
	code := into(body, &v)
	if m.Text = channel.Text(v.Body); kind == "button" {
		m.Text = channel.Text(v.Text)
	}
	return code
}

// chose: the person pressed a button, took a line of a list or filled in a flow.
func chose(m *message.Inbound, _ string, body json.RawMessage) string {
	type option struct{ Title, Description string }
	var v struct {
		Button option `json:"button_reply"`
		List   option `json:"list_reply"`
		Flow   struct {
			Body     string `json:"body"`
			Response string `json:"response_json"`
		} `json:"nfm_reply"`
	}
	if code := into(body, &v); code != "" {
		return code
	}
	m.Text = lines(v.Button.Title, v.List.Title, v.List.Description, v.Flow.Body, v.Flow.Response)
	if m.Text == "" {
		return "type"
	}
	return ""
}

func ordered(m *message.Inbound, _ string, body json.RawMessage) string {
	var v struct {
		Text  string
		Items []struct {
			ID       channel.Scalar `json:"product_retailer_id"`
			Quantity channel.Scalar `json:"quantity"`
			Price    channel.Scalar `json:"item_price"`
			Currency channel.Scalar `json:"currency"`
		} `json:"product_items"`
	}
	code := into(body, &v)
	out := []string{v.Text}
	for _, i := range v.Items {
		out = append(out, string(i.Quantity+" × "+i.ID+", "+i.Price+" "+i.Currency))
	}
	m.Text = lines(out...)
	return code
}

// cards: people whom the sender shared, a line each.
func cards(m *message.Inbound, _ string, body json.RawMessage) string {
	var v []struct {
		Name struct {
			Formatted string `json:"formatted_name"`
		} `json:"name"`
		Phones []struct{ Phone channel.Scalar } `json:"phones"`
		Emails []struct{ Email channel.Scalar } `json:"emails"`
	}
	code := into(body, &v)
	var out []string
	for _, c := range v {
		ways := []string{c.Name.Formatted}
		for _, p := range c.Phones {
			ways = append(ways, string(p.Phone))
		}
		for _, e := range c.Emails {
			ways = append(ways, string(e.Email))
		}
		out = append(out, strings.Join(ways, ", "))
	}
	m.Text = lines(out...)
	return code
}

func file(m *message.Inbound, kind string, body json.RawMessage) string {
	var v struct {
		ID       channel.Scalar `json:"id"`
		Mime     string         `json:"mime_type"`
		SHA256   string         `json:"sha256"`
		Caption  string         `json:"caption"`
		Filename string         `json:"filename"`
	}
	if code := into(body, &v); code != "" {
		return code
	}
	if v.ID == "" {
		return "shape"
	}
	m.Text = channel.Text(v.Caption)
	m.Media = []message.Media{{
		Ref:    v.ID.Line(),
		Name:   channel.Line(v.Filename),
		Mime:   channel.Line(v.Mime),
		SHA256: digest(v.SHA256),
		Inline: kind == "sticker",
	}}
	return ""
}

// digest turns Meta's base64 into hex. A sum of another length is no claim at all.
func digest(b64 string) string {
	sum, err := base64.StdEncoding.DecodeString(b64)
	if err != nil || len(sum) != 32 {
		return ""
	}
	return hex.EncodeToString(sum)
}

func place(m *message.Inbound, _ string, body json.RawMessage) string {
	var v struct {
		Latitude, Longitude channel.Scalar
		Name, Address, URL  string
	}
	if code := into(body, &v); code != "" {
		return code
	}
	m.Text = channel.Text(v.URL)
	if m.Location = channel.Place(v.Latitude, v.Longitude, v.Name, v.Address); m.Location == nil {
		return "shape"
	}
	return ""
}

// about reads what a reaction, an edit or a revoke is about.
func about(m *message.Inbound, kind message.Kind, body json.RawMessage) (emoji, code string) {
	var v struct {
		Reacted  channel.Scalar `json:"message_id"`
		Original channel.Scalar `json:"original_message_id"`
		Emoji    string         `json:"emoji"`
	}
	m.Kind = kind
	if code := into(body, &v); code != "" {
		return "", code
	}
	if m.Target = v.Original.Line(); kind == message.Reaction {
		m.Target = v.Reacted.Line()
	}
	if m.Target == "" {
		return "", "shape"
	}
	return v.Emoji, ""
}

// reacted: no emoji takes the reaction back.
func reacted(m *message.Inbound, _ string, body json.RawMessage) string {
	emoji, code := about(m, message.Reaction, body)
	m.Reaction = channel.Line(emoji)
	return code
}

func revoked(m *message.Inbound, _ string, body json.RawMessage) string {
	_, code := about(m, message.Deletion, body)
	return code
}

// edited holds the new message as a message without an id.
func edited(m *message.Inbound, _ string, body json.RawMessage) string {
	if _, code := about(m, message.Edit, body); code != "" {
		return code
	}
	var v struct {
		Message json.RawMessage `json:"message"`
	}
	var inner struct {
		Type string `json:"type"`
	}
	if into(body, &v) != "" || into(v.Message, &inner) != "" {
		return "shape"
	}
	switch inner.Type {
	case "text", "image", "video", "document", "audio":
		return content(m, inner.Type, v.Message)
	}
	return "type"
}

// system: the person changed number, user id or device. Control is Meta's word
// for which, Text its sentence.
func system(m *message.Inbound, _ string, body json.RawMessage) string {
	var v struct{ Body, Type string }
	code := into(body, &v)
	m.Kind, m.Text, m.Control = message.Control, channel.Text(v.Body), channel.Line(v.Type)
	if m.Control == "" {
		m.Control = "system"
	}
	return code
}

// lines joins what isn't empty.
func lines(s ...string) string {
	var out []string
	for _, l := range s {
		if l = channel.Text(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
