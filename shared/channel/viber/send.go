package viber

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/okence/okence/shared/channel"
)

const sendURL = "https://chatapi.viber.com/pa/send_message"

// Sends is auth_token: the bot has one for everything.
func (provider) Sends() []string { return []string{"auth_token"} }

// Send posts a text ("Send message"). The HTTP status is 200 even for an error:
// status in the body tells. Viber echoes tracking_data with the person's next
// message only, so a call that was never answered stays unknown.
func (provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	if bad := channel.TextOnly(out, maxText); bad != nil {
		return channel.Sent{}, bad
	}
	from := channel.Line(out.From)
	if from == "" {
		from = "Info"
	}
	header := http.Header{"X-Viber-Auth-Token": {s.Text("auth_token")}}
	a, lost := channel.JSON(ctx, do, sendURL, header, map[string]any{
		"receiver": out.To.Address, "min_api_version": 1, "sender": map[string]string{"name": cut(from, maxSender)},
		"tracking_data": out.ID, "type": "text", "text": out.Text,
	})
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		Status *int           `json:"status"`
		Token  channel.Scalar `json:"message_token"`
	}
	if json.Unmarshal(a.Body, &answer) != nil || answer.Status == nil {
		return channel.Sent{}, a.Refused("")
	}
	switch n := *answer.Status; {
	case n == 0 && answer.Token != "":
		return channel.Sent{ProviderID: answer.Token.Line()}, nil
	case n == 0: // taken, and its statuses can't be told
		return channel.Sent{}, a.As(channel.Lost, "no_token")
	default:
		class, known := classes[n]
		if !known { // "general error": not taken
			class = channel.Retry
		}
		return channel.Sent{}, a.As(class, "status_"+strconv.Itoa(n))
	}
}

// classes are what to do about status ("Error codes").
var classes = map[int]channel.Class{
	2: channel.Blocked, 7: channel.Blocked, 8: channel.Blocked, 9: channel.Blocked, 10: channel.Blocked, 15: channel.Blocked,
	23: channel.Blocked, 24: channel.Blocked, // free messages used up, no balance
	3: channel.Final, 4: channel.Final, 5: channel.Final, 6: channel.Final, 11: channel.Final, 13: channel.Final,
	14: channel.Final, 16: channel.Final, 21: channel.Final,
	12: channel.Throttled,
}
