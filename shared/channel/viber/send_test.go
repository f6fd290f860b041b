package viber_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/viber"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	says := func(status int, text string) string {
		return fmt.Sprintf(`{"status":%d,"status_message":%q,"message_token":5741311803571721087,"chat_hostname":"SN-CHAT-01_"}`, status, text)
	}
	channeltest.RunSend(t, channeltest.SendCase{
		Sender: viber.New().(channel.Sender),
		Secret: channel.Secret{"auth_token": "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"},
		To:     message.Party{Scheme: message.ID, Address: "01234567890A="},
		Limit:  7000, ID: "5741311803571721087",
		Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
			var m struct {
				Receiver, Type, Text string
				Sender               struct{ Name string }
				Tracking             string `json:"tracking_data"`
				Version              int    `json:"min_api_version"`
			}
			if err := json.Unmarshal(body, &m); err != nil || r.Host != "chatapi.viber.com" || r.URL.Path != "/pa/send_message" ||
				r.Header.Get("X-Viber-Auth-Token") != "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3" ||
				m.Receiver != "01234567890A=" || m.Type != "text" || m.Text == "" || m.Sender.Name != "Kontaktni center" || m.Tracking != "0abc123ours" || m.Version != 1 {
				t.Errorf("%s%s: %s", r.Host, r.URL, body)
			}
			return 200, says(0, "ok")
		},
		Refusals: []channeltest.Refusal{ // HTTP says 200 to all of them
			channeltest.Refuse("a wrong token", 200, says(2, "invalidAuthToken"), channel.Blocked, "status_2"),
			channeltest.Refuse("the bot is blocked", 200, says(7, "publicAccountBlocked"), channel.Blocked, "status_7"),
			channeltest.Refuse("no webhook", 200, says(10, "webhookNotSet"), channel.Blocked, "status_10"),
			channeltest.Refuse("no balance", 200, says(24, "noBalance"), channel.Blocked, "status_24"),
			channeltest.Refuse("not registered", 200, says(5, "receiverNotRegistered"), channel.Final, "status_5"),
			channeltest.Refuse("not subscribed", 200, says(6, "receiverNotSubscribed"), channel.Final, "status_6"),
			channeltest.Refuse("bad data", 200, says(3, "badData"), channel.Final, "status_3"),
			channeltest.Refuse("too many requests", 200, says(12, "tooManyRequests"), channel.Throttled, "status_12"),
			channeltest.Refuse("a general error", 200, says(99, "generalError"), channel.Retry, "status_99"),
			channeltest.Refuse("taken, and no token", 200, `{"status":0,"status_message":"ok"}`, channel.Lost, "no_token"),
			channeltest.Refuse("no status at all", 200, `{}`, channel.Lost, "http_200"),
		},
	})
}
