package postmark

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/mail"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/channel"
)

const sendURL = "https://api.postmarkapp.com/email"

// Sends is server_token, and from: a confirmed sender signature. message_stream
// is the stream, by default Postmark's own, outbound.
func (provider) Sends() []string { return []string{"server_token", "from"} }

// Send posts a mail ("Send a single email"). X-PM-KeepID makes Postmark keep our
// Message-ID, so that answers name it; its own MessageID names the mail in
// events, which also bring back our id from Metadata.
func (provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if out.To.Address == "" {
		return channel.Sent{}, channel.Failed(channel.Final, "address")
	}
	type pair struct{ Name, Value string }
	headers := []pair{{"Message-ID", out.MessageID}, {"X-PM-KeepID", "true"}}
	if n := len(out.Thread); n > 0 {
		headers = append(headers, pair{"In-Reply-To", out.Thread[n-1]}, pair{"References", strings.Join(out.Thread, " ")})
	}
	if out.Automatic {
		headers = append(headers, pair{"Auto-Submitted", out.AutoSubmitted()}, pair{"X-Auto-Response-Suppress", "All"})
	}
	var files []map[string]string
	for _, f := range out.Files {
		files = append(files, map[string]string{"Name": f.Name, "ContentType": f.Mime, "Content": base64.StdEncoding.EncodeToString(f.Bytes)})
	}
	stream := s.Text("message_stream")
	if stream == "" {
		stream = "outbound"
	}
	to := mail.Address{Name: out.To.Name, Address: out.To.Address}
	a, lost := channel.JSON(ctx, do, sendURL, http.Header{"X-Postmark-Server-Token": {s.Text("server_token")}}, map[string]any{
		"From": sender(s, out), "To": to.String(), "ReplyTo": out.ReplyTo, "Subject": channel.Line(out.Subject), "TextBody": out.Text,
		"MessageStream": stream, "Headers": headers, "Metadata": map[string]string{"okence": out.ID}, "Attachments": files,
	})
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		ErrorCode *int
		MessageID channel.Scalar
	}
	if json.Unmarshal(a.Body, &answer) != nil || answer.ErrorCode == nil {
		return channel.Sent{}, a.Refused("")
	}
	switch n := *answer.ErrorCode; {
	case n == 0 && a.Status < 300 && answer.MessageID != "":
		return channel.Sent{ProviderID: answer.MessageID.Line(), Also: []string{out.MessageID}}, nil
	case n == 0:
		return channel.Sent{}, a.Refused("")
	default:
		if c, ok := classes[n]; ok {
			return channel.Sent{}, a.As(c, strconv.Itoa(n))
		}
		return channel.Sent{}, a.Refused(strconv.Itoa(n))
	}
}

// sender is the secret's from, which may have a name, else with the name that
// the pack gives.
func sender(s channel.Secret, out channel.Outgoing) string {
	a, err := mail.ParseAddress(s.Text("from"))
	if err != nil {
		return s.Text("from")
	}
	if a.Name == "" {
		a.Name = channel.Line(out.From)
	}
	return a.String()
}

// classes are what to do about ErrorCode ("API error codes").
var classes = map[int]channel.Class{
	10: channel.Blocked, 100: channel.Retry,
	400: channel.Blocked, 401: channel.Blocked, 405: channel.Blocked, 412: channel.Blocked, 413: channel.Blocked, 701: channel.Blocked,
	300: channel.Final, 402: channel.Final, 403: channel.Final, 406: channel.Final, 409: channel.Final,
	429: channel.Throttled,
}
