package mime

import (
	"bytes"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

// maxReports is how many recipients of one delivery report become items; the
// rest of it is in the raw mail.
const maxReports = 1000

// automatic: a machine wrote it, so no machine answers.
func (m letter) automatic(from string) bool {
	h := textproto.MIMEHeader{}
	for _, f := range m.header {
		h.Add(f.name, f.value)
	}
	return m.kind == "multipart/report" || channel.Automatic(h, from)
}

// reports maps a delivery report (RFC 3464) to a status for each recipient. It
// is nil where m is none, or tells of nobody.
func (m letter) reports(whole channel.Item) []channel.Item {
	if m.kind != "multipart/report" {
		return nil
	}
	var blocks [][]byte
	var target string
	for _, l := range m.leaves {
		switch l.kind {
		case "message/delivery-status", "message/global-delivery-status":
			blocks = append(blocks, split(l.bytes())...)
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			if id := channel.MessageIDs(fields(l.bytes()).get("message-id")); len(id) > 0 && target == "" {
				target = id[0]
			}
		}
	}
	var out []channel.Item
	envelope := ""
	for _, b := range blocks {
		f := fields(b)
		if e := channel.Line(f.get("original-envelope-id")); e != "" && envelope == "" {
			envelope = e
		}
		if !f.has("final-recipient") && !f.has("original-recipient") || len(out) == maxReports {
			continue
		}
		it := whole
		if len(out) > 0 { // the mail is kept once, with the first
			it.Raw, it.KeepRaw = b, false
		}
		it.Dedupe += "#" + strconv.Itoa(len(out))
		it.Message.Kind = message.Report
		it.Message.Automatic = true
		it.Message.Status = fate(f)
		if it.Message.Status.State == "" {
			it.Parked = "status"
		}
		out = append(out, it)
	}
	if target == "" {
		target = envelope
	}
	if target == "" { // some name what they returned only as any answer does
		target = whole.Message.ReplyTo
	}
	for i := range out {
		out[i].Message.Target = target
		out[i].Message.Status.Ours = envelope
		if target == "" {
			out[i].Parked = "target"
		}
	}
	return out
}

// fate reads the fields of one recipient (RFC 3464, 2.3).
func fate(f header) *message.Status {
	s := message.Status{Code: channel.Line(f.get("status"))}
	if code, _, ok := strings.Cut(s.Code, " "); ok {
		s.Code = code // a comment may follow
	}
	action, _ := parameters(f.get("action"))
	action, _, _ = strings.Cut(action, " ") // here too
	switch action {
	case "failed":
		s.State, s.Permanent = message.Failed, strings.HasPrefix(s.Code, "5")
	case "delayed":
		s.State = message.Delayed
	case "delivered", "expanded":
		s.State = message.Delivered
	case "relayed": // to a system that reports nothing
		s.State = message.Sent
	}
	for _, name := range []string{"original-recipient", "final-recipient"} {
		_, address, ok := strings.Cut(f.get(name), ";")
		if !ok {
			address = f.get(name)
		}
		if who := party(strings.Trim(strings.TrimSpace(address), "<>"), ""); who.Address != "" {
			s.Recipient = who
			break
		}
	}
	return &s
}

// split cuts a delivery-status into its blocks, apart by blank lines.
func split(b []byte) [][]byte {
	var out [][]byte
	for _, block := range bytes.Split(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
		if block = bytes.Trim(block, "\n"); len(block) > 0 {
			out = append(out, block)
		}
	}
	return out
}

// fields reads a header that stands at the start of b.
func fields(b []byte) header {
	w := walker{raw: b}
	h, _ := w.header()
	return h
}
