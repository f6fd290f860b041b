package mime

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

const (
	maxText = 1 << 20 // bytes of text in a message; the mail itself is kept whole
)

// Read maps a raw message for provider n: one item, or one for each recipient
// of a delivery report. It never fails: what can't be read is one parked item.
// A provider with ids of its own sets ProviderID and Dedupe afterwards.
func Read(n channel.Name, raw []byte) []channel.Item {
	m, code := walk(raw)
	it := channel.Item{
		Dedupe:  identity(m.header, m.body, raw),
		Raw:     raw,
		KeepRaw: true,
		Parked:  code,
		Message: envelope(n, m.header, raw),
	}
	if code != "" {
		return []channel.Item{it}
	}
	if reports := m.reports(it); len(reports) > 0 {
		return reports
	}
	it.Message.Automatic = m.automatic(it.Message.Sender.Address)
	it.Message.Text, it.Message.Media = m.content()
	if it.Message.Sender.Address == "" {
		it.Parked = "address"
	}
	return []channel.Item{it}
}

// envelope is what the header says.
func envelope(n channel.Name, h header, raw []byte) message.Inbound {
	m := message.Inbound{
		Channel:    n.Channel,
		Provider:   n.Provider,
		Kind:       message.Said,
		Direction:  message.In,
		ProviderID: channel.Digest(raw),
		Sender:     sender(h),
		Recipients: recipients(h),
		Subject:    decode(h.get("subject")),
		SentAt:     channel.MailDate(h.get("date")),
	}
	if id := channel.MessageIDs(h.get("message-id")); len(id) > 0 {
		m.ProviderID = id[0]
	}
	if len(m.Recipients) > 0 {
		m.Line = m.Recipients[0].Address
	}
	m.ReplyTo, m.References = channel.Thread(h.get("in-reply-to"), h.get("references"))
	return m
}

// identity is the same for one mail by two ways, whatever Received fields and
// line ends each has, and another for another mail under the same Message-ID.
func identity(h header, body, raw []byte) string {
	if len(channel.MessageIDs(h.get("message-id"))) == 0 {
		return channel.Digest(raw)
	}
	sum := sha256.New()
	part := func(b []byte) {
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		sum.Write(b)
	}
	for _, name := range []string{"message-id", "date", "from", "subject"} {
		var all []string
		for _, f := range h {
			if f.name == name {
				all = append(all, strings.Join(strings.Fields(f.value), " "))
			}
		}
		part([]byte(strings.Join(all, "\n")))
	}
	part(bytes.TrimRight(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), "\n"))
	return "mail:" + hex.EncodeToString(sum.Sum(nil))
}

// content returns the text that people read and the files.
func (m letter) content() (string, []message.Media) {
	spoken := map[int]bool{} // alternatives that have a plain text
	texts := make([]string, len(m.leaves))
	isText := make([]bool, len(m.leaves))
	after := false
	for i, l := range m.leaves {
		if isText[i] = l.isText(after); !isText[i] {
			continue
		}
		after = true
		if l.kind == "text/plain" {
			texts[i] = strings.TrimLeft(strings.TrimRight(channel.Text(l.text()), " \t\n"), "\n")
			if l.group > 0 && strings.TrimSpace(texts[i]) != "" {
				spoken[l.group] = true
			}
		}
	}
	var out []string
	var files []message.Media
	for i, l := range m.leaves {
		switch {
		case !isText[i]:
			if f, ok := l.file(i + 1); ok {
				files = append(files, f)
			}
			continue
		case l.kind == "text/html" && !spoken[l.group]:
			texts[i] = channel.Text(plain(l.text()))
		}
		if strings.TrimSpace(texts[i]) != "" {
			out = append(out, texts[i])
		}
	}
	text := strings.Join(out, "\n\n")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") // not within a letter
	}
	return text, files
}

// isText: plain text or HTML that isn't sent as a file. A text with a name is
// one too, unless it comes first: some clients give the body a name.
func (l leaf) isText(after bool) bool {
	if l.kind != "text/plain" && l.kind != "text/html" {
		return false
	}
	disposition, _ := parameters(l.header.get("content-disposition"))
	named := filename(l.header, l.params) != ""
	return disposition != "attachment" && !(named && (after || disposition == "inline"))
}

// file is the leaf as a file. Renditions of the text and machine-readable parts
// of reports are none.
func (l leaf) file(n int) (message.Media, bool) {
	switch l.kind {
	case "message/delivery-status", "text/enriched", "text/richtext", "text/x-amp-html":
		return message.Media{}, false
	}
	disposition, _ := parameters(l.header.get("content-disposition"))
	return message.Media{
		Part:   n,
		Name:   filename(l.header, l.params),
		Mime:   l.kind,
		Size:   l.size(),
		Inline: disposition == "inline" || disposition != "attachment" && l.related && l.header.has("content-id"),
	}, true
}
