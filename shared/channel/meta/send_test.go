package meta

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
)

// graphError is an error as the Graph API writes it.
func graphError(code string) string {
	return `{"error":{"message":"(#` + code + `) text","type":"OAuthException","code":` + code + `,"error_data":{"messaging_product":"whatsapp","details":"text"},"fbtrace_id":"Az8or2yhqkZfEZ-_4Qn_Bam"}}`
}

func TestSend(t *testing.T) {
	channeltest.RunSend(t, channeltest.SendCase{
		Sender: New().(channel.Sender),
		Secret: channel.Secret{"access_token": "EAAtoken"},
		To:     message.Party{Scheme: message.Tel, Address: "+38641123456"},
		Line:   "106540352242922", Limit: 4096, ID: "wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA",
		Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
			var m struct {
				Product   string `json:"messaging_product"`
				Recipient string `json:"recipient_type"`
				To, Type  string
				Text      struct{ Body string }
				Ours      string `json:"biz_opaque_callback_data"`
				Context   struct {
					ID string `json:"message_id"`
				}
			}
			if err := json.Unmarshal(body, &m); err != nil || r.Host != "graph.facebook.com" || r.URL.Path != "/v24.0/106540352242922/messages" ||
				r.Method != http.MethodPost || r.Header.Get("Authorization") != "Bearer EAAtoken" || r.Header.Get("Content-Type") != "application/json" ||
				m.Product != "whatsapp" || m.Recipient != "individual" || m.To != "38641123456" || m.Type != "text" || m.Text.Body == "" ||
				m.Ours != "0abc123ours" || m.Context.ID != "answered-1" {
				t.Errorf("%s %s: %s", r.Host, r.URL, body)
			}
			return 200, `{"messaging_product":"whatsapp","contacts":[{"input":"38641123456","wa_id":"38641123456"}],"messages":[{"id":"wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA"}]}`
		},
		Refusals: []channeltest.Refusal{
			channeltest.Refuse("the window is closed", 400, graphError("131047"), channel.Window, "131047"),
			channeltest.Refuse("too much through the account", 400, graphError("130429"), channel.Throttled, "130429"),
			channeltest.Refuse("too much to one recipient", 400, graphError("131056"), channel.Retry, "131056"),
			channeltest.Refuse("spam limit", 400, graphError("131048"), channel.Throttled, "131048"),
			channeltest.Refuse("undeliverable", 400, graphError("131026"), channel.Final, "131026"),
			channeltest.Refuse("not for the health of the ecosystem", 400, graphError("131049"), channel.Final, "131049"),
			channeltest.Refuse("the token has expired", 401, graphError("190"), channel.Blocked, "190"),
			channeltest.Refuse("a permission is missing", 403, graphError("200"), channel.Blocked, "200"),
			channeltest.Refuse("the account is locked", 403, graphError("131031"), channel.Blocked, "131031"),
			channeltest.Refuse("something went wrong at Meta, and Meta says so", 500, graphError("131000"), channel.Retry, "131000"),
			channeltest.Refuse("temporarily unavailable", 503, graphError("2"), channel.Retry, "2"),
			channeltest.Refuse("a parameter is wrong", 400, graphError("131009"), channel.Final, "131009"),
			channeltest.Refuse("a template is", 400, graphError("132001"), channel.Final, "132001"),
			channeltest.Refuse("a code that nobody knows", 400, graphError("999999"), channel.Final, "999999"),
			channeltest.Refuse("taken, and no id", 200, `{"messages":[]}`, channel.Lost, "http_200"),
		},
	})
}

func TestAUserWithoutANumberIsWrittenToByID(t *testing.T) {
	f := channeltest.NewFake(t, func(r *http.Request, body []byte) (int, string) {
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil || m["recipient"] != "SI.123" || m["to"] != nil {
			t.Errorf("%s", body)
		}
		return 200, `{"messages":[{"id":"wamid.1"}]}`
	})
	_, err := New().(channel.Sender).Send(t.Context(), f.Client(0), channel.Secret{"access_token": "t"}, channel.Outgoing{
		ID: "1", Line: "2", Text: "x", To: message.Party{Scheme: message.ID, Address: "SI.123"},
	})
	if err != nil {
		t.Fatal(err)
	}
}
