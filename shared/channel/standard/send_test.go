package standard

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	secret := channel.Secret{keyName: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "reply_url": "https://bot.example.si/hooks/okence"}
	channeltest.RunSend(t, channeltest.SendCase{
		Sender: New().(channel.Sender), Repeats: true,
		Secret: secret,
		To:     message.Party{Scheme: message.ID, Address: "visitor-1", Name: "Ana"},
		Limit:  100_000, ID: "0abc123ours",
		Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
			var m reply
			if err := json.Unmarshal(body, &m); err != nil || r.Host != "bot.example.si" || r.URL.Path != "/hooks/okence" || r.Header.Get(headerID) != "0abc123ours" ||
				m.Type != "reply" || m.ID != "0abc123ours" || m.Conversation != "77" || m.To.ID != "visitor-1" || m.ReplyTo != "answered-1" {
				t.Errorf("%s%s: %s", r.Host, r.URL, body)
			}
			if err := New().Verify(channel.Request{Header: r.Header, Body: body, At: channeltest.At}, secret); err != nil {
				t.Error("a receiver would refuse it:", err)
			}
			return 204, ""
		},
		Refusals: []channeltest.Refusal{
			channeltest.Refuse("the endpoint is gone", 410, "", channel.Blocked, "http_410"),
			channeltest.Refuse("a bad request", 400, "", channel.Final, "http_400"),
		},
	})
}
