package infobip

import (
	"encoding/json"
	"mime"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// content is what a person sent over Viber or the Messages API (Type), or one
// part of an MMS (ContentType).
type content struct {
	Type        string         `json:"type"`
	ContentType string         `json:"contentType"`
	Text        string         `json:"text"`
	Value       string         `json:"value"`
	Title       string         `json:"title"`
	Caption     string         `json:"caption"`
	URL         string         `json:"url"`
	FileName    string         `json:"fileName"`
	Name        string         `json:"name"`
	Address     string         `json:"address"`
	Latitude    channel.Scalar `json:"latitude"`
	Longitude   channel.Scalar `json:"longitude"`
}

// fill adds to m a text, a content object, or a list of them. It says why it
// can't: "shape" or "type".
func fill(m *message.Inbound, raw json.RawMessage) string {
	var list []content
	switch raw[0] {
	case '"': // MMS of the older format: the text alone
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return "shape"
		}
		list = []content{{Type: "TEXT", Text: s}}
	case '{':
		list = make([]content, 1)
		if json.Unmarshal(raw, &list[0]) != nil {
			return "shape"
		}
	case '[':
		if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
			return "shape"
		}
	default:
		return "shape"
	}
	texts := []string{m.Text}
	for _, c := range list {
		text, code := c.add(m)
		if code != "" {
			return code
		}
		texts = append(texts, text)
	}
	m.Text = lines(texts)
	return ""
}

// add puts media and location into m and returns the text.
func (c content) add(m *message.Inbound) (text, code string) {
	if c.Type == "" && c.ContentType != "" {
		return c.part(m)
	}
	switch strings.ToUpper(c.Type) {
	case "TEXT", "BUTTON":
		return c.Text, ""
	case "INTERACTIVE_BUTTON_REPLY", "INTERACTIVE_LIST_REPLY", "BUTTON_REPLY", "LIST_REPLY":
		return c.Title + c.Text, ""
	case "IMAGE", "VIDEO", "AUDIO", "VOICE", "FILE", "DOCUMENT", "STICKER":
		if c.URL == "" {
			return "", "shape"
		}
		m.Media = append(m.Media, message.Media{
			URL: channel.Line(c.URL), Name: channel.Line(c.FileName), Mime: channel.Line(c.ContentType),
			Inline: strings.EqualFold(c.Type, "STICKER"),
		})
		if c.Caption == "" {
			return c.Text, ""
		}
		return c.Caption, ""
	case "LOCATION":
		place := channel.Place(c.Latitude, c.Longitude, c.Name, c.Address)
		if place == nil {
			return "", "shape"
		}
		m.Location = place
		return "", ""
	}
	return "", "type"
}

// part is a piece of an MMS: text in place, everything else behind a link. SMIL
// tells the phone how to lay the pieces out and says nothing.
func (c content) part(m *message.Inbound) (text, code string) {
	kind, _, err := mime.ParseMediaType(c.ContentType)
	switch {
	case err != nil:
		return "", "shape"
	case kind == "application/smil":
		return "", ""
	case c.URL != "":
		m.Media = append(m.Media, message.Media{URL: channel.Line(c.URL), Name: channel.Line(c.FileName), Mime: kind})
		return "", ""
	case kind == "text/plain":
		return c.Value, ""
	}
	return "", "type"
}

// lines joins what isn't empty.
func lines(texts []string) string {
	var out []string
	for _, s := range texts {
		if s = channel.Text(s); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}
