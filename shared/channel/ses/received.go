package ses

import (
	"encoding/base64"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/mime"
	"github.com/okence/okence/shared/domain/message"
)

// sentFrom is the host in the Message-ID of mail that SES sent for us:
// <messageId@region.amazonses.com>, or email.amazonses.com for us-east-1.
const sentFrom = "amazonses.com"

// receipt is how SES took a mail in.
type receipt struct {
	Recipients   []string `json:"recipients"` // the envelope's that our rule matched
	VirusVerdict struct {
		Status string `json:"status"` // PASS, FAIL, GRAY, PROCESSING_FAILED, DISABLED
	} `json:"virusVerdict"`
	Action struct {
		Type     string `json:"type"`
		Encoding string `json:"encoding"`
		Bucket   string `json:"bucketName"`
		Key      string `json:"objectKey"`
	} `json:"action"`
}

// received maps a mail: inline, or in a bucket of ours. The items carry the raw
// mail. One with a virus waits for a person, with what SES said of it.
func (p provider) received(raw []byte, e envelope, n notice) []channel.Item {
	letter, parked := p.letter(n)
	if n.Receipt.VirusVerdict.Status == "FAIL" {
		parked = "virus"
	}
	if parked != "" {
		it := e.park(raw, parked)
		it.Dedupe = "mail|" + n.Mail.MessageID.Line()
		it.Message.ProviderID = n.Mail.MessageID.Line()
		return []channel.Item{it}
	}
	var to []message.Party
	for _, who := range n.Receipt.Recipients {
		to = append(to, channel.Mailbox(who, ""))
	}
	items := channel.Under(mime.Read(name, letter), n.Mail.MessageID.Line(), sentFrom, channel.Distinct(to))
	for i := range items {
		if m := &items[i].Message; m.SentAt.IsZero() {
			m.SentAt = channel.MailDate(n.Mail.Timestamp)
		}
	}
	return items
}

// letter is the raw mail, or why there is none.
func (p provider) letter(n notice) (raw []byte, parked string) {
	a := n.Receipt.Action
	switch {
	case n.Content != "" && strings.EqualFold(a.Encoding, "BASE64"):
		raw, err := base64.StdEncoding.DecodeString(n.Content)
		if err != nil {
			return nil, "base64"
		}
		return raw, ""
	case n.Content != "":
		return []byte(n.Content), ""
	case a.Type != "S3" || a.Bucket == "" || a.Key == "":
		return nil, "content"
	case !p.allowed(a.Bucket):
		return nil, "bucket"
	case p.options.Object == nil:
		return nil, "object"
	}
	raw, err := p.options.Object(a.Bucket, a.Key)
	if err != nil {
		return nil, "object"
	}
	return raw, ""
}

// OpenPart returns the bytes of leaf n of a raw mail.
func (provider) OpenPart(raw []byte, n int) ([]byte, error) { return mime.Open(raw, n) }
