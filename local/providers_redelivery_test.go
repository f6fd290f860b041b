package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/store/storetest"
)

// retries are when each provider sends a call again that was not answered 2xx:
// the pauses between attempts, as it publishes them (channels.md 2; where it
// gives a span alone, pauses that fill it).
var retries = map[string][]time.Duration{
	"whatsapp/meta":     {10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 12 * time.Hour, 48 * time.Hour, 106 * time.Hour}, // up to seven days
	"whatsapp/vonage":   {5 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 22 * time.Hour},                  // about 24 h
	"whatsapp/twilio":   slices.Repeat([]time.Duration{15 * time.Second}, 5),                                                           // #rc=5
	"sms/twilio":        slices.Repeat([]time.Duration{15 * time.Second}, 5),
	"voice/twilio":      slices.Repeat([]time.Duration{15 * time.Second}, 5),
	"viber/viber":       slices.Repeat([]time.Duration{5 * time.Second}, 6),
	"viber/infobip":     infobip(),
	"sms/infobip":       infobip(),
	"email/postmark":    {1 * time.Minute, 5 * time.Minute, 10 * time.Minute, 10 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour},
	"email/ses":         {20 * time.Second, 20 * time.Second, 20 * time.Second},
	"email/mime":        {5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 66 * time.Minute, 24 * time.Hour, 96 * time.Hour}, // Postfix, to five days
	"livechat/chatwoot": {16 * time.Second, 31 * time.Second, 96 * time.Second, 271 * time.Second, 640 * time.Second},                              // Sidekiq: n⁴ + 15 s
	"livechat/standard": standard,
	"voice/event":       standard,
}

// standard is the schedule of the Standard Webhooks specification.
var standard = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// infobip is 1 min + n² min, for about a day.
func infobip() (out []time.Duration) {
	for n := time.Duration(1); n <= 15; n++ {
		out = append(out, time.Minute+n*n*time.Minute)
	}
	return out
}

// elapse moves the clock by a pause, and lets what falls due happen.
func (w *world) elapse(d time.Duration) {
	w.t.Helper()
	w.clock.set(w.clock.Now().Add(d))
	if w.local == nil { // a process of its own, or functions apart
		w.settle()
		return
	}
	if err := w.local.Settle(w.t.Context()); err != nil {
		w.t.Error(err)
	}
}

// restart ends the process and starts another on the same data.
func (w *world) restart() {
	w.t.Helper()
	at := w.clock.Now()
	w.shut()
	w.open(at)
}

// Each provider repeats a message by its own schedule, while the first answers
// are lost: one call whose commit took place and was not answered, one that
// never got to the store, and a restart. It is one message from the first on.
func TestRedeliveryByEachProvidersSchedule(t *testing.T) {
	t.Parallel()
	first := map[string]bool{}
	signer := serve(t)
	for _, s := range samples(t) {
		id := signer.firstMessage(s)
		if first[s.provider] || id == "" {
			continue
		}
		first[s.provider] = true
		t.Run(s.provider, func(t *testing.T) {
			t.Parallel()
			w := serve(t)
			for n, pause := range append([]time.Duration{0}, retries[s.provider]...) {
				w.elapse(pause)
				fails := storetest.Moment("")
				switch n {
				case 0:
					fails = storetest.After
				case 1:
					fails = storetest.Before
				case 2:
					w.restart()
				}
				if fails != "" {
					store := storetest.Faulty(w.env.Work.Store)
					store.Fail(storetest.Plan{Method: storetest.Commit, Moment: fails})
					w.env.Work.Store = store
					r := do(t, w.sign("ekc", s.provider, s.body))
					store.Reset()
					if r.status/100 == 2 && fails == storetest.After || n == 0 && r.status/100 == 2 {
						t.Fatalf("attempt %d: answered %d though nobody knows that it is kept", n, r.status)
					}
					w.idle()
					continue
				}
				w.take(s.provider, s.body)
				if found := w.find(id); len(found) != 1 {
					t.Fatalf("attempt %d: %d messages", n, len(found))
				}
			}
			if len(retries[s.provider]) < 3 {
				t.Fatal("no schedule")
			}
		})
	}
	if len(first) != 14 {
		t.Errorf("%d providers were tried, want 14", len(first))
	}
}

// firstMessage is the provider's id of the first message, or call, in a sample.
func (w *world) firstMessage(s sample) string {
	w.t.Helper()
	call := w.sign("ekc", s.provider, s.body)
	body, err := io.ReadAll(call.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, it := range named(w.t, s.provider).Parse(channel.Request{Method: "POST", Body: body, Header: call.Header, URL: call.URL, At: start}).Items {
		if k := it.Message.Kind; it.Parked == "" && (k == message.Said || k == message.CallKind) {
			return it.Message.ProviderID
		}
	}
	return ""
}

// sendingSecrets are what each account needs for sending, beside its development secret.
var sendingSecrets = map[string]channel.Secret{
	"whatsapp/meta":     {"access_token": "t"},
	"viber/viber":       {},
	"viber/infobip":     {"api_key": "k", "base_url": "https://x.api.infobip.com"},
	"sms/infobip":       {"api_key": "k", "base_url": "https://x.api.infobip.com"},
	"sms/twilio":        {"account_sid": "AC1"},
	"whatsapp/twilio":   {"account_sid": "AC1"},
	"whatsapp/vonage":   {"application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}, // and a key
	"email/postmark":    {"server_token": "t", "from": "ekc@gov.si"},
	"livechat/chatwoot": {"api_access_token": "t", "account_id": "1", "base_url": "https://chat.example.si"},
}

// exchange is a person's message, and the provider's word on our answer to it.
type exchange struct {
	inbound string
	took    string                   // the send API's answer; %s is the id
	status  func(id string) []string // sent (where the provider tells it), delivered, read
}

func pairs(list ...string) string {
	v := url.Values{}
	for i := 0; i < len(list); i += 2 {
		v.Set(list[i], list[i+1])
	}
	return v.Encode()
}

var exchanges = map[string]exchange{
	"whatsapp/meta": {string(wa(said("wamid.in", "Kje?"))), `{"messages":[{"id":"%s"}]}`, func(id string) []string {
		var out []string
		for _, s := range []string{"sent", "delivered", "read"} {
			element := fmt.Sprintf(`{"id":%q,"status":%q,"timestamp":"1795426300","recipient_id":"38641123456"}`, id, s)
			out = append(out, strings.Replace(string(wa(element)), `"messages":[`, `"statuses":[`, 1))
		}
		return out
	}},
	"viber/viber": {
		`{"event":"message","timestamp":1795426200000,"message_token":4912661846655238145,"sender":{"id":"01234567890A=","name":"Ana"},"message":{"type":"text","text":"Kje?"}}`,
		`{"status":0,"status_message":"ok","message_token":%s}`, func(id string) []string {
			return []string{
				`{"event":"delivered","timestamp":1795426300000,"message_token":` + id + `,"user_id":"01234567890A="}`,
				`{"event":"seen","timestamp":1795426310000,"message_token":` + id + `,"user_id":"01234567890A="}`,
			}
		}},
	"viber/infobip": {
		`{"results":[{"sender":"38641123456","to":"ekc","integrationType":"VIBER","receivedAt":"2026-11-23T09:29:00.000+0000","messageId":"in-1","message":{"text":"Kje?","type":"TEXT"}}],"messageCount":1,"pendingMessageCount":0}`,
		`{"messages":[{"messageId":"%s","status":{"groupId":1,"id":26}}]}`, reports},
	"sms/infobip": {
		`{"results":[{"messageId":"in-1","from":"38641123456","to":"38651123456","text":"Kje?","cleanText":"Kje?","receivedAt":"2026-11-23T09:29:00.000+0000"}],"messageCount":1,"pendingMessageCount":0}`,
		`{"messages":[{"messageId":"%s","status":{"groupId":1,"id":26}}]}`, reports},
	"sms/twilio":      {pairs("MessageSid", "SMin", "Body", "Kje?", "From", "+38641123456", "To", "+38651123456", "SmsStatus", "received", "NumMedia", "0"), `{"sid":"%s"}`, callbacks("")},
	"whatsapp/twilio": {pairs("MessageSid", "SMin", "Body", "Kje?", "From", "whatsapp:+38641123456", "To", "whatsapp:+38651123456", "SmsStatus", "received", "NumMedia", "0"), `{"sid":"%s"}`, callbacks("whatsapp:")},
	"whatsapp/vonage": {
		`{"channel":"whatsapp","message_uuid":"in-1","to":"38614788778","from":"38641123456","timestamp":"2026-11-23T09:29:00.000Z","profile":{"name":"Ana"},"message_type":"text","text":"Kje?"}`,
		`{"message_uuid":"%s"}`, func(id string) []string {
			var out []string
			for _, s := range []string{"submitted", "delivered", "read"} {
				out = append(out, fmt.Sprintf(`{"message_uuid":%q,"to":"38641123456","from":"38614788778","timestamp":"2026-11-23T09:31:00.000Z","status":%q,"channel":"whatsapp"}`, id, s))
			}
			return out
		}},
	"email/postmark": {
		`{"FromFull":{"Email":"ana@example.si","Name":"Ana"},"ToFull":[{"Email":"ekc@gov.si"}],"OriginalRecipient":"ekc@gov.si","Subject":"Vloga","MessageID":"in-1","Date":"Mon, 23 Nov 2026 10:29:00 +0100","TextBody":"Kje?","Headers":[{"Name":"Message-ID","Value":"<1@example.si>"}]}`,
		`{"ErrorCode":0,"MessageID":"%s"}`, func(id string) []string {
			return []string{
				`{"RecordType":"Delivery","MessageID":"` + id + `","Recipient":"ana@example.si","DeliveredAt":"2026-11-23T09:31:00Z","ServerID":1}`,
				`{"RecordType":"Open","MessageID":"` + id + `","Recipient":"ana@example.si","ReceivedAt":"2026-11-23T09:32:00Z","FirstOpen":true}`,
			}
		}},
	"livechat/chatwoot": {
		`{"event":"message_created","id":118,"content":"Kje?","created_at":"2026-11-23T09:29:00.000Z","message_type":"incoming","private":false,"sender":{"id":14,"name":"Ana","type":"contact"},"inbox":{"id":1},"conversation":{"id":10}}`,
		`{"id":%s}`, func(id string) []string {
			var out []string
			for _, s := range []string{"sent", "delivered", "read"} {
				out = append(out, fmt.Sprintf(`{"event":"message_updated","id":%s,"content":"x","created_at":"2026-11-23T09:30:00.000Z","message_type":"outgoing","status":%q,"private":false,`+
					`"sender":{"id":1,"name":"EKC","type":"user"},"inbox":{"id":1},"conversation":{"id":10,"meta":{"sender":{"id":14,"name":"Ana","type":"contact"}}}}`, id, s))
			}
			return out
		}},
}

func reports(id string) []string {
	return []string{
		`{"results":[{"messageId":"` + id + `","to":"38641123456","sentAt":"2026-11-23T09:30:00.000+0000","doneAt":"2026-11-23T09:31:00.000+0000","status":{"groupId":3,"id":5},"error":{"id":0}}]}`,
		`{"results":[{"messageId":"` + id + `","from":"ekc","to":"38641123456","sentAt":"2026-11-23T09:30:00.000+0000","seenAt":"2026-11-23T09:32:00.000+0000"}]}`,
	}
}

func callbacks(prefix string) func(string) []string {
	return func(id string) []string {
		var out []string
		for _, s := range []string{"sent", "delivered", "read"} {
			out = append(out, pairs("MessageSid", id, "MessageStatus", s, "From", prefix+"+38651123456", "To", prefix+"+38641123456"))
		}
		return out
	}
}

// A person writes for the first time, the first answer goes out through the
// provider's send API, and the provider tells of it out of order: once before
// its own send call is answered, then the last word first, each twice and by
// its schedule, while commits fail and the process starts anew. The answer went
// out once, and its last word stands.
func TestStatusesOfWhatWeSentInAnyOrder(t *testing.T) {
	fake := channeltest.NewFake(t, nil)
	t.Setenv("OKENCE_SEND_TO", fake.Addr())
	for provider, x := range exchanges {
		t.Run(provider, func(t *testing.T) {
			w := serve(t)
			w.giveSending(provider)
			id := "900719925474099" + fmt.Sprint(len(provider))
			before := fake.Taken()
			var once sync.Once
			fake.Accept = func(_ *http.Request, body []byte) (int, string) {
				if strings.HasSuffix(provider, "/infobip") { // the id is ours
					var m struct {
						Messages []struct{ Destinations []struct{ MessageID string } }
					}
					if err := json.Unmarshal(body, &m); err != nil {
						t.Error(err)
					}
					id = m.Messages[0].Destinations[0].MessageID
				}
				once.Do(func() { // the first status overtakes the answer
					if r := do(t, w.sign("ekc", provider, []byte(x.status(id)[0]))); r.status/100 != 2 {
						t.Errorf("an early status: %d %s", r.status, r.body)
					}
				})
				return 200, fmt.Sprintf(x.took, id)
			}
			w.take(provider, []byte(x.inbound))
			w.take(provider, []byte(x.inbound))
			if n := fake.Taken() - before; n != 1 {
				t.Fatalf("%d answers went out, want one", n)
			}
			told := x.status(id)
			sent := w.one(id)
			if sent.Direction != "outbound" || !sent.Automatic || sent.State == "queued" || sent.State == "sending" || sent.State == "unknown" {
				t.Fatalf("%+v", sent)
			}
			slices.Reverse(told)
			for n, pause := range retries[provider][:3] {
				for _, body := range told {
					if n == 0 {
						store := storetest.Faulty(w.env.Work.Store)
						store.Fail(storetest.Plan{Nth: 1, Method: storetest.Commit, Moment: storetest.After})
						w.env.Work.Store = store
						do(t, w.sign("ekc", provider, []byte(body)))
						store.Reset()
						continue
					}
					w.take(provider, []byte(body))
				}
				if n == 1 {
					w.restart()
					w.giveSending(provider)
				}
				w.elapse(pause)
			}
			if g := w.one(id); g.State != "read" {
				t.Errorf("the last word is %s, want read", g.State)
			}
			w.elapse(100 * time.Hour)
			if n := fake.Taken() - before; n != 1 {
				t.Errorf("%d answers went out in all", n)
			}
		})
	}
}

// vonageKey is a private key such as the dashboard gives.
var vonageKey = sync.OnceValue(func() string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
})

// giveSending adds to an account's development secret what sending needs.
func (w *world) giveSending(provider string) {
	w.t.Helper()
	n := named(w.t, provider).Name()
	if provider == "whatsapp/vonage" {
		w.secrets.all[host.SecretVariable("ekc", n)]["private_key"] = vonageKey()
	}
	for k, v := range sendingSecrets[provider] {
		w.secrets.all[host.SecretVariable("ekc", n)][k] = v
	}
}
