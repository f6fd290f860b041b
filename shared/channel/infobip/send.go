package infobip

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
)

const (
	maxSMS   = 1530 // characters: ten parts of GSM-7
	maxViber = 1000 // characters of a Viber business message
)

// Sends is api_key and base_url, the account's own (https://xxxxx.api.infobip.com).
// sender is the name or number that people see; without it the line that was
// written to.
func (provider) Sends() []string { return []string{"api_key", "base_url"} }

// SendID implements channel.Named: Infobip takes our own messageId, and reports
// name it.
func (provider) SendID(out channel.Outgoing) string { return out.ID }

// Send posts to /sms/3/messages or /viber/2/messages ("Send SMS messages",
// "Send Viber messages").
func (p provider) Send(ctx context.Context, do channel.Doer, s channel.Secret, out channel.Outgoing) (channel.Sent, error) {
	limit, path := maxSMS, "/sms/3/messages"
	content := map[string]string{"text": out.Text}
	if p.channel == message.Viber {
		limit, path = maxViber, "/viber/2/messages"
		content["type"] = "TEXT"
	}
	if bad := channel.TextOnly(out, limit); bad != nil {
		return channel.Sent{}, bad
	}
	from := s.Text("sender")
	if from == "" {
		from = channel.Digits(out.Line)
	}
	header := http.Header{"Authorization": {"App " + s.Text("api_key")}}
	a, lost := channel.JSON(ctx, do, strings.TrimRight(s.Text("base_url"), "/")+path, header, map[string]any{
		"messages": []any{map[string]any{
			"sender": from, "content": content,
			"destinations": []any{map[string]string{"to": channel.Digits(out.To.Address), "messageId": out.ID}},
			"webhooks":     map[string]string{"callbackData": out.ID},
		}},
	})
	if lost != nil {
		return channel.Sent{}, lost
	}
	var answer struct {
		Messages []struct {
			ID     channel.Scalar `json:"messageId"`
			Status state          `json:"status"`
		} `json:"messages"`
		Error struct {
			Exception struct {
				Code string `json:"messageId"`
			} `json:"serviceException"`
		} `json:"requestError"`
		Code string `json:"errorCode"` // of the newer endpoints
	}
	if json.Unmarshal(a.Body, &answer) != nil {
		return channel.Sent{}, a.Refused("")
	}
	if a.Status >= 300 {
		return channel.Sent{}, a.Refused(answer.Error.Exception.Code + answer.Code)
	}
	if len(answer.Messages) == 0 || answer.Messages[0].Status.Group == "" {
		return channel.Sent{}, a.As(channel.Lost, "no_status")
	}
	m := answer.Messages[0]
	if m.Status.means() == message.Failed {
		return channel.Sent{}, rejected(a, m.Status)
	}
	id := m.ID.Line()
	if id == "" {
		id = out.ID
	}
	return channel.Sent{ProviderID: id, Also: []string{out.ID}}, nil
}

// rejected reads why a message was refused at once ("Response status and error
// codes", group 5): what is about the account pauses it.
func rejected(a channel.Answered, s state) *channel.SendError {
	code := "status_" + s.ID.Line()
	switch s.ID {
	case "12": // REJECTED_NOT_ENOUGH_CREDITS
		return a.As(channel.Blocked, code)
	case "10", "17", "18": // prefix missing on our side, sender not set up, network of the account
		return a.As(channel.Blocked, code)
	case "11": // REJECTED_FLOODING_FILTER
		return a.As(channel.Retry, code)
	}
	return a.As(channel.Final, code)
}
