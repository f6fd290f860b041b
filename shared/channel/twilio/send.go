package twilio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

const (
	api     = "https://api.twilio.com/2010-04-01/Accounts/"
	maxText = 1600 // characters of Body
)

// Sends is account_sid beside what receiving needs: auth_token, and url for
// StatusCallback. The sender is messaging_service_sid, or from, or else the line
// that was written to.
func (messages) Sends() []string { return []string{"account_sid", "auth_token", "url"} }

// Send posts to Messages.json ("Create a Message"). Our id stands in the query
// of StatusCallback, which Twilio signs, so that a message whose call was never
// answered is found by its statuses.
func (p messages) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if bad := channel.TextOnly(out, maxText); bad != nil {
		return channel.Sent{}, bad
	}
	prefix := ""
	if p.channel == message.WhatsApp {
		prefix = "whatsapp:"
	}
	form := url.Values{"To": {prefix + out.To.Address}, "Body": {out.Text}, "StatusCallback": {callback(s.Text("url"), out.ID)}}
	switch from := s.Text("from"); {
	case s.Text("messaging_service_sid") != "":
		form.Set("MessagingServiceSid", s.Text("messaging_service_sid"))
	case from != "":
		form.Set("From", prefix+strings.TrimPrefix(from, prefix))
	default:
		form.Set("From", prefix+out.Line)
	}
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth(s.Text("account_sid"), s.Text("auth_token"))
	req.Header.Set("Content-Type", formType)
	a, lost := channel.Call(ctx, do, http.MethodPost, api+url.PathEscape(s.Text("account_sid"))+"/Messages.json", req.Header, []byte(form.Encode()))
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		Sid  string         `json:"sid"`
		Code channel.Scalar `json:"code"`
	}
	switch bad := json.Unmarshal(a.Body, &answer) != nil; {
	case !bad && a.Status < 300 && answer.Sid != "":
		return channel.Sent{ProviderID: channel.Line(answer.Sid)}, nil
	case !bad && a.Status >= 300 && answer.Code != "":
		if c, ok := classes[string(answer.Code)]; ok {
			return channel.Sent{}, a.As(c, string(answer.Code))
		}
		return channel.Sent{}, a.Refused(string(answer.Code))
	}
	return channel.Sent{}, a.Refused("")
}

// callback is the webhook's own URL with our id in its query, before a fragment
// (Twilio reads connection overrides there).
func callback(link, id string) string {
	link, fragment, has := strings.Cut(link, "#")
	sep := "?"
	if strings.Contains(link, "?") {
		sep = "&"
	}
	link += sep + OursParameter + "=" + url.QueryEscape(id)
	if has {
		link += "#" + fragment
	}
	return link
}

// classes are what to do about error codes (twilio.com/docs/api/errors).
var classes = map[string]channel.Class{
	"20003": channel.Blocked, "20005": channel.Blocked, "21408": channel.Blocked, "21606": channel.Blocked, "21603": channel.Blocked, "30002": channel.Blocked, "63007": channel.Blocked,
	"20429": channel.Throttled, "21611": channel.Throttled, "14107": channel.Throttled, "63018": channel.Throttled, "30001": channel.Retry,
	"63016": channel.Window,
	"21211": channel.Final, "21610": channel.Final, "21612": channel.Final, "21614": channel.Final, "21617": channel.Final, "63003": channel.Final, "63024": channel.Final,
}
