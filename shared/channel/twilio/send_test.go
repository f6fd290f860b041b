package twilio_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/twilio"
	"github.com/okence/okence/shared/domain/message"
)

func TestSend(t *testing.T) {
	says := func(code, status string) string {
		return `{"code":` + code + `,"message":"text","more_info":"https://www.twilio.com/docs/errors/` + code + `","status":` + status + `}`
	}
	for prefix, p := range map[string]channel.Provider{"": twilio.NewSMS(), "whatsapp:": twilio.NewWhatsApp()} {
		t.Run(string(p.Name().Channel), func(t *testing.T) {
			channeltest.RunSend(t, channeltest.SendCase{
				Sender: p.(channel.Sender),
				Secret: channel.Secret{"account_sid": "ACXXXX", "auth_token": "token", "url": "https://ekc.example.si/webhooks/ekc/sms/twilio?a=b#rc=2"},
				To:     message.Party{Scheme: message.Tel, Address: "+38641123456"}, Line: "+38614788778",
				Limit: 1600, ID: "SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
				Accept: func(t testing.TB, r *http.Request, body []byte) (int, string) {
					form, err := url.ParseQuery(string(body))
					user, password, _ := r.BasicAuth()
					if err != nil || r.Host != "api.twilio.com" || r.URL.Path != "/2010-04-01/Accounts/ACXXXX/Messages.json" || user != "ACXXXX" || password != "token" ||
						form.Get("To") != prefix+"+38641123456" || form.Get("From") != prefix+"+38614788778" || form.Get("Body") == "" ||
						form.Get("StatusCallback") != "https://ekc.example.si/webhooks/ekc/sms/twilio?a=b&message=0abc123ours#rc=2" {
						t.Errorf("%s%s: %s", r.Host, r.URL, body)
					}
					return 201, `{"account_sid":"ACXXXX","api_version":"2010-04-01","body":"Hi","direction":"outbound-api","error_code":null,"num_segments":"1","sid":"SMaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","status":"queued"}`
				},
				Refusals: []channeltest.Refusal{
					channeltest.Refuse("a wrong token", 401, says("20003", "401"), channel.Blocked, "20003"),
					channeltest.Refuse("too many requests", 429, says("20429", "429"), channel.Throttled, "20429"),
					channeltest.Refuse("a number that is none", 400, says("21211", "400"), channel.Final, "21211"),
					channeltest.Refuse("opted out", 400, says("21610", "400"), channel.Final, "21610"),
					channeltest.Refuse("not from this number", 400, says("21606", "400"), channel.Blocked, "21606"),
					channeltest.Refuse("the queue is full", 429, says("21611", "429"), channel.Throttled, "21611"),
					channeltest.Refuse("outside the window", 400, says("63016", "400"), channel.Window, "63016"),
					channeltest.Refuse("their own fault", 500, says("20500", "500"), channel.Lost, "20500"),
					channeltest.Refuse("taken, and no sid", 201, `{}`, channel.Lost, "http_201"),
				},
			})
		})
	}
}

func TestTheSenderOfTheSecretComesFirst(t *testing.T) {
	for want, more := range map[string]channel.Secret{
		"From=%2B15005550006":      {"from": "+15005550006"},
		"MessagingServiceSid=MG12": {"messaging_service_sid": "MG12", "from": "+15005550006"},
	} {
		s := channel.Secret{"account_sid": "AC1", "auth_token": "t", "url": "https://a.example/x"}
		for k, v := range more {
			s[k] = v
		}
		f := channeltest.NewFake(t, func(_ *http.Request, body []byte) (int, string) {
			form, _ := url.ParseQuery(string(body))
			form.Del("Body")
			form.Del("StatusCallback")
			form.Del("To")
			if form.Encode() != want {
				t.Errorf("%s, want %s", form.Encode(), want)
			}
			return 201, `{"sid":"SM1"}`
		})
		if _, err := twilio.NewSMS().(channel.Sender).Send(t.Context(), f.Client(0), s, channel.Outgoing{ID: "1", Text: "x", To: message.Party{Address: "+38641123456"}}); err != nil {
			t.Error(err)
		}
	}
}
