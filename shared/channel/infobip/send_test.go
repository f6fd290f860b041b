package infobip_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/infobip"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	status := func(group, id, name string) string {
		return `{"bulkId":"2034072219640523072","messages":[{"messageId":"0abc123ours","status":{"groupId":` + group + `,"groupName":"X","id":` + id + `,"name":"` + name + `","description":"text"},"destination":"38641123456"}]}`
	}
	for path, p := range map[string]channel.Provider{"/sms/3/messages": infobip.NewSMS(), "/viber/2/messages": infobip.NewViber()} {
		t.Run(path, func(t *testing.T) {
			limit := map[string]int{"/sms/3/messages": 1530, "/viber/2/messages": 1000}[path]
			channeltest.RunSend(t, channeltest.SendCase{
				Sender: p.(channel.Sender),
				Secret: channel.Secret{"api_key": "key", "base_url": "https://xyz.api.infobip.com/", "sender": "EKC"},
				To:     message.Party{Scheme: message.Tel, Address: "+38641123456"},
				Limit:  limit, ID: "0abc123ours",
				Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
					var m struct {
						Messages []struct {
							Sender       string
							Content      map[string]string
							Destinations []struct{ To, MessageID string }
							Webhooks     struct{ CallbackData string }
						}
					}
					if err := json.Unmarshal(body, &m); err != nil || r.Host != "xyz.api.infobip.com" || r.URL.Path != path || r.Header.Get("Authorization") != "App key" ||
						len(m.Messages) != 1 || m.Messages[0].Sender != "EKC" || m.Messages[0].Content["text"] == "" || len(m.Messages[0].Destinations) != 1 ||
						m.Messages[0].Destinations[0].To != "38641123456" || m.Messages[0].Destinations[0].MessageID != "0abc123ours" || m.Messages[0].Webhooks.CallbackData != "0abc123ours" {
						t.Errorf("%s%s: %s", r.Host, r.URL, body)
					}
					return 200, status("1", "26", "PENDING_ACCEPTED")
				},
				Refusals: []channeltest.Refusal{
					channeltest.Refuse("a wrong key", 401, `{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}`, channel.Blocked, "UNAUTHORIZED"),
					channeltest.Refuse("too many requests", 429, `{"requestError":{"serviceException":{"messageId":"TOO_MANY_REQUESTS","text":"Too many requests"}}}`, channel.Throttled, "TOO_MANY_REQUESTS"),
					channeltest.Refuse("a bad request", 400, `{"errorCode":"E400","description":"Request cannot be processed."}`, channel.Final, "E400"),
					channeltest.Refuse("their own fault", 500, `{"requestError":{"serviceException":{"messageId":"GENERAL_ERROR","text":"Something went wrong."}}}`, channel.Lost, "GENERAL_ERROR"),
					channeltest.Refuse("no credit", 200, status("5", "12", "REJECTED_NOT_ENOUGH_CREDITS"), channel.Blocked, "status_12"),
					channeltest.Refuse("a number that can't be", 200, status("5", "8", "REJECTED_PREFIX_MISSING"), channel.Final, "status_8"),
					channeltest.Refuse("too many to one number", 200, status("5", "11", "REJECTED_FLOODING_FILTER"), channel.Retry, "status_11"),
					channeltest.Refuse("no status", 200, `{"messages":[]}`, channel.Lost, "no_status"),
				},
			})
		})
	}
}
