package meta

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

const (
	graph   = "https://graph.facebook.com/"
	version = "v24.0" // of the Graph API, unless the secret has graph_version
	maxText = 4096    // characters of a text message (Cloud API, Text messages)
)

// Sends is access_token; phone_number_id only where it isn't the line that was
// written to.
func (provider) Sends() []string { return []string{"access_token"} }

// Send posts a text message (Cloud API, "Send messages"). Our id goes along as
// biz_opaque_callback_data and comes back with each status, so that a message
// whose call was never answered is found by its statuses. There is no
// idempotency key: such a call is not repeated.
func (provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if bad := channel.TextOnly(out, maxText); bad != nil {
		return channel.Sent{}, bad
	}
	number := s.Text("phone_number_id")
	if number == "" {
		number = out.Line
	}
	v := s.Text("graph_version")
	if v == "" {
		v = version
	}
	body := map[string]any{
		"messaging_product": "whatsapp", "recipient_type": "individual", "type": "text",
		"text": map[string]any{"body": out.Text}, "biz_opaque_callback_data": out.ID,
	}
	if out.To.Scheme == message.Tel {
		body["to"] = channel.Digits(out.To.Address)
	} else { // a user without a number is known by a business-scoped id
		body["recipient"] = out.To.Address
	}
	if out.Answers != "" {
		body["context"] = map[string]string{"message_id": out.Answers}
	}
	header := http.Header{"Authorization": {"Bearer " + s.Text("access_token")}}
	a, lost := channel.JSON(ctx, do, graph+v+"/"+url.PathEscape(number)+"/messages", header, body)
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		Messages []struct {
			ID channel.Scalar `json:"id"`
		} `json:"messages"`
		Error struct {
			Code channel.Scalar `json:"code"`
		} `json:"error"`
	}
	bad := json.Unmarshal(a.Body, &answer) != nil
	switch {
	case !bad && a.Status < 300 && len(answer.Messages) > 0 && answer.Messages[0].ID != "":
		return channel.Sent{ProviderID: answer.Messages[0].ID.Line()}, nil
	case !bad && a.Status >= 300 && answer.Error.Code != "":
		return channel.Sent{}, refusal(a, string(answer.Error.Code))
	}
	return channel.Sent{}, a.Refused("")
}

// classes are what to do about error codes (Cloud API, "Error codes"; build on
// the code, not on title or HTTP status). 100 to 132999 not named here mean that
// this message is wrong.
var classes = map[string]channel.Class{
	"4": channel.Throttled, "80007": channel.Throttled, "130429": channel.Throttled, "131048": channel.Throttled,
	"131056": channel.Retry, "1": channel.Retry, "2": channel.Retry, "131000": channel.Retry, "131016": channel.Retry, "131057": channel.Retry,
	"131047": channel.Window,
	"131026": channel.Final, "130472": channel.Final, "131049": channel.Final, "131051": channel.Final, "131062": channel.Final,
	"0": channel.Blocked, "3": channel.Blocked, "10": channel.Blocked, "190": channel.Blocked, "368": channel.Blocked,
	"131005": channel.Blocked, "131031": channel.Blocked, "131042": channel.Blocked, "133010": channel.Blocked,
}

func refusal(a channel.Answered, code string) *channel.SendError {
	if c, ok := classes[code]; ok {
		return a.As(c, code)
	}
	n := channel.Scalar(code).Int()
	switch {
	case n >= 200 && n <= 299: // permissions
		return a.As(channel.Blocked, code)
	case n >= 100 && n <= 199, n >= 131000 && n <= 132999:
		return a.As(channel.Final, code)
	}
	return a.Refused(code)
}
