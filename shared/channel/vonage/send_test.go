package vonage_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/vonage"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	says := func(code, title string) string {
		return `{"type":"https://developer.vonage.com/api-errors/messages#` + code + `","title":"` + title + `","detail":"text","instance":"bf0ca0bf927b3b52e3cb03217e1a1ddf"}`
	}
	channeltest.RunSend(t, channeltest.SendCase{
		Sender: vonage.New().(channel.Sender),
		Secret: channel.Secret{"application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))},
		To:     message.Party{Scheme: message.Tel, Address: "+38641123456"}, Line: "+38614788778",
		Limit: 4096, ID: "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
		Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
			var m map[string]any
			token, err := jwt.Parse(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), func(*jwt.Token) (any, error) { return &key.PublicKey, nil },
				jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(func() time.Time { return channeltest.At }))
			if err != nil || token.Claims.(jwt.MapClaims)["application_id"] != "aaaaaaaa-bbbb-cccc-dddd-0123456789ab" || token.Claims.(jwt.MapClaims)["jti"] == "" {
				t.Errorf("token: %v", err)
			}
			if err := json.Unmarshal(body, &m); err != nil || r.Host != "api.nexmo.com" || r.URL.Path != "/v1/messages" || m["to"] != "38641123456" ||
				m["from"] != "38614788778" || m["channel"] != "whatsapp" || m["message_type"] != "text" || m["client_ref"] != "0abc123ours" {
				t.Errorf("%s%s: %s", r.Host, r.URL, body)
			}
			return 202, `{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"}`
		},
		Refusals: []channeltest.Refusal{
			channeltest.Refuse("too many requests", 429, says("1000", "Throttled"), channel.Throttled, "1000"),
			channeltest.Refuse("a wrong sender", 422, says("1120", "Invalid sender"), channel.Blocked, "1120"),
			channeltest.Refuse("outside the window", 422, says("1340", "Outside Allowed Window"), channel.Window, "1340"),
			channeltest.Refuse("an invalid parameter", 422, says("1020", "Invalid Params"), channel.Final, "1020"),
			channeltest.Refuse("opted out", 422, says("1240", "Illegal Number"), channel.Final, "1240"),
			channeltest.Refuse("their own fault, and they say so", 500, says("1030", "Internal Error"), channel.Retry, "1030"),
			channeltest.Refuse("no balance", 402, `{"type":"https://developer.vonage.com/api-errors/#low-balance","title":"Low balance"}`, channel.Blocked, "http_402"),
			channeltest.Refuse("taken, and no id", 202, `{}`, channel.Lost, "http_202"),
		},
	})
}

func TestAKeyThatIsNoneBlocksTheAccount(t *testing.T) {
	_, err := vonage.New().(channel.Sender).Send(t.Context(), nil, channel.Secret{"application_id": "a", "private_key": "b"},
		channel.Outgoing{ID: "1", Text: "x", To: message.Party{Address: "+38641123456"}})
	if e, ok := err.(*channel.SendError); !ok || e.Class != channel.Blocked {
		t.Fatal(err)
	}
}
