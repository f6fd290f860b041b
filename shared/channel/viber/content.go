package viber

import (
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// content is what a person sent ("Receive message from user").
type content struct {
	Type      string         `json:"type"`
	Text      string         `json:"text"`
	Media     string         `json:"media"`
	FileName  string         `json:"file_name"`
	FileSize  channel.Scalar `json:"file_size"` // bytes
	StickerID channel.Scalar `json:"sticker_id"`
	Location  struct {
		Lat channel.Scalar `json:"lat"`
		Lon channel.Scalar `json:"lon"`
	} `json:"location"`
	Contact struct {
		Name  string         `json:"name"`
		Phone channel.Scalar `json:"phone_number"`
	} `json:"contact"`
}

// fill maps c into m, or says why it can't: "type" or "shape".
func (c content) fill(m *message.Inbound) string {
	m.Text = channel.Text(c.Text)
	switch c.Type {
	case "text":
	case "picture", "video", "file":
		if c.Media == "" {
			return "shape"
		}
		m.Media = []message.Media{{URL: channel.Line(c.Media), Name: channel.Line(c.FileName), Size: c.FileSize.Int()}}
	case "sticker": // the link is in newer versions only; the number is its name
		m.Media = []message.Media{{URL: channel.Line(c.Media), Name: c.sticker(), Inline: true}}
	case "url": // a link that the person sent is text: it isn't ours to fetch
		m.Text = lines(c.Text, c.Media)
	case "contact":
		m.Text = lines(c.Text, c.Contact.Name, string(c.Contact.Phone))
	case "location":
		if m.Location = channel.Place(c.Location.Lat, c.Location.Lon, "", ""); m.Location == nil {
			return "shape"
		}
	default:
		return "type"
	}
	return ""
}

func (c content) sticker() string {
	if c.StickerID == "" {
		return "sticker"
	}
	return "sticker " + c.StickerID.Line()
}

// lines joins what isn't empty and not the same as before: the text of a url
// message is often the link itself.
func lines(s ...string) string {
	var out []string
	for _, l := range s {
		l = channel.Text(l)
		if l != "" && (len(out) == 0 || out[len(out)-1] != l) {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
