package chatwoot_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/chatwoot"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	channeltest.RunSend(t, channeltest.SendCase{
		Sender: chatwoot.New().(channel.Sender),
		Secret: channel.Secret{"api_access_token": "token", "account_id": "3", "base_url": "https://chat.example.si"},
		To:     message.Party{Scheme: message.ID, Address: "12"},
		Limit:  150_000, ID: "4711",
		Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
			var m struct {
				Content, MessageType string
				Type                 string `json:"message_type"`
				Private              *bool
			}
			if err := json.Unmarshal(body, &m); err != nil || r.Host != "chat.example.si" || r.URL.Path != "/api/v1/accounts/3/conversations/77/messages" ||
				r.Header.Get("api_access_token") != "token" || m.Content == "" || m.Type != "outgoing" || m.Private == nil || *m.Private {
				t.Errorf("%s%s: %v %s", r.Host, r.URL, r.Header, body)
			}
			return 200, `{"id":4711,"content":"Hello","message_type":1,"content_type":"text","private":false,"created_at":1584454720,"conversation_id":77}`
		},
		Refusals: []channeltest.Refusal{
			channeltest.Refuse("a wrong token", 401, `{"error":"Invalid Access Token"}`, channel.Blocked, "http_401"),
			channeltest.Refuse("the conversation is gone", 404, `{"error":"Resource could not be found"}`, channel.Final, "http_404"),
			channeltest.Refuse("not to be processed", 422, `{"error":"text"}`, channel.Final, "http_422"),
		},
	})
}
