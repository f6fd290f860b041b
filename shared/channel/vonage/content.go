package vonage

import (
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// content is what a person sent; the object that is named like the type holds it.
type content struct {
	MessageType string `json:"message_type"` // version 1
	Type        string `json:"type"`         // version 0.1

	Text     string `json:"text"`
	Image    *file  `json:"image"`
	Audio    *file  `json:"audio"`
	Video    *file  `json:"video"`
	File     *file  `json:"file"`
	Sticker  *file  `json:"sticker"`
	VCard    *file  `json:"vcard"`
	Location *struct {
		Lat     channel.Scalar `json:"lat"`
		Long    channel.Scalar `json:"long"`
		Name    string         `json:"name"`
		Address string         `json:"address"`
	} `json:"location"`
	Reply *struct {
		Title string `json:"title"`
	} `json:"reply"`
	Button *struct {
		Text string `json:"text"`
	} `json:"button"`
	Reaction *struct {
		Action string `json:"action"`
		Emoji  string `json:"emoji"`
	} `json:"reaction"`
	Order *struct {
		Items []struct {
			ID       channel.Scalar `json:"product_retailer_id"`
			Quantity channel.Scalar `json:"quantity"`
			Price    channel.Scalar `json:"item_price"`
			Currency string         `json:"currency"`
		} `json:"product_items"`
	} `json:"order"`
}

type file struct {
	URL     string `json:"url"`
	Name    string `json:"name"`
	Caption string `json:"caption"`
}

// fill maps c into m, or says why it can't: "type", "unsupported" or "shape".
func (c content) fill(m *message.Inbound) string {
	kind := c.MessageType
	if kind == "" {
		kind = c.Type
	}
	files := map[string]*file{
		"image": c.Image, "audio": c.Audio, "video": c.Video, "file": c.File, "sticker": c.Sticker, "vcard": c.VCard,
	}
	if f, ok := files[kind]; ok {
		if f == nil || f.URL == "" {
			return "shape"
		}
		m.Text = channel.Text(f.Caption)
		m.Media = []message.Media{{URL: channel.Line(f.URL), Name: channel.Line(f.Name), Inline: kind == "sticker"}}
		return ""
	}
	switch {
	case kind == "text":
		m.Text = channel.Text(c.Text)
	case kind == "reply" && c.Reply != nil:
		m.Text = channel.Text(c.Reply.Title)
	case kind == "button" && c.Button != nil:
		m.Text = channel.Text(c.Button.Text)
	case kind == "location" && c.Location != nil:
		if m.Location = channel.Place(c.Location.Lat, c.Location.Long, c.Location.Name, c.Location.Address); m.Location == nil {
			return "shape"
		}
	case kind == "reaction" && c.Reaction != nil && m.ReplyTo != "":
		m.Kind, m.Target, m.ReplyTo = message.Reaction, m.ReplyTo, ""
		if c.Reaction.Action != "unreact" {
			m.Reaction = channel.Line(c.Reaction.Emoji)
		}
	case kind == "order" && c.Order != nil:
		m.Text = c.order()
	case kind == "unsupported": // WhatsApp carries more than this API
		return "unsupported"
	case kind == "reply", kind == "button", kind == "location", kind == "reaction", kind == "order", kind == "":
		return "shape"
	default:
		return "type"
	}
	return ""
}

// order is what was put into a basket, a line each.
func (c content) order() string {
	var out []string
	for _, i := range c.Order.Items {
		out = append(out, string(i.Quantity)+" × "+string(i.ID)+", "+string(i.Price)+" "+i.Currency)
	}
	return channel.Text(strings.Join(out, "\n"))
}
