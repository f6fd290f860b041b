package postmark_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/postmark"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	says := func(code int) string { return fmt.Sprintf(`{"ErrorCode":%d,"Message":"text"}`, code) }
	channeltest.RunSend(t, channeltest.SendCase{
		Sender: postmark.New().(channel.Sender), Mail: true,
		Secret: channel.Secret{"server_token": "token", "from": "ekc@ekc.example.si"},
		To:     message.Party{Scheme: message.Mailto, Address: "ana@example.si", Name: "Ana Horvat"},
		ID:     "b7bc2f4a-e38e-4336-af7d-e6c392c2f817",
		Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
			var m struct {
				From, To, ReplyTo, Subject, TextBody, MessageStream string
				Headers                                             []struct{ Name, Value string }
				Metadata                                            map[string]string
			}
			if err := json.Unmarshal(body, &m); err != nil {
				t.Error(err)
			}
			h := map[string]string{}
			for _, x := range m.Headers {
				h[x.Name] = x.Value
			}
			if r.Host != "api.postmarkapp.com" || r.URL.Path != "/email" || r.Header.Get("X-Postmark-Server-Token") != "token" ||
				m.From != `"Kontaktni center" <ekc@ekc.example.si>` || m.To != `"Ana Horvat" <ana@example.si>` || m.ReplyTo != "ekc+0conv.mac@ekc.example.si" ||
				m.Subject != "Re: Vloga" || m.TextBody == "" || m.MessageStream != "outbound" || m.Metadata["okence"] != "0abc123ours" ||
				h["Message-ID"] != "<0abc123ours@ekc.example.si>" || h["X-PM-KeepID"] != "true" || h["In-Reply-To"] != "<2@a>" || h["References"] != "<1@a> <2@a>" {
				t.Errorf("%s%s: %s", r.Host, r.URL, body)
			}
			return 200, `{"To":"ana@example.si","SubmittedAt":"2014-02-17T07:25:01.4178645-05:00","MessageID":"b7bc2f4a-e38e-4336-af7d-e6c392c2f817","ErrorCode":0,"Message":"OK"}`
		},
		Refusals: []channeltest.Refusal{
			channeltest.Refuse("a wrong token", 401, says(10), channel.Blocked, "10"),
			channeltest.Refuse("maintenance", 503, says(100), channel.Retry, "100"),
			channeltest.Refuse("an inactive recipient", 422, says(406), channel.Final, "406"),
			channeltest.Refuse("an invalid request", 422, says(300), channel.Final, "300"),
			channeltest.Refuse("no signature for the sender", 422, says(400), channel.Blocked, "400"),
			channeltest.Refuse("no credit", 422, says(405), channel.Blocked, "405"),
			channeltest.Refuse("too many requests", 429, says(429), channel.Throttled, "429"),
			channeltest.Refuse("taken, and no id", 200, says(0), channel.Lost, "http_200"),
		},
	})
}
