package viber_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/viber"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const (
	token = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
	mac   = "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"
)

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func suite(t testing.TB) channeltest.Case {
	return channeltest.Case{
		Provider: viber.New(),
		Secret:   channel.Secret{"auth_token": token},
		Other:    channel.Secret{"auth_token": "4453b6ac1s345678-e02c5f12174805f9-daec9cbb5448c51r"},
		Proof:    "X-Viber-Content-Signature",
		Bodies: []string{
			file(t, "webhook_signed.json"), file(t, "message_unicode.json"), file(t, "message.json"),
			file(t, "conversation_started.json"), file(t, "subscribed.json"), delivered, unsubscribed,
		},
	}
}

func TestSuite(t *testing.T) { channeltest.Run(t, suite(t)) }

func TestPublishedSignature(t *testing.T) {
	c := suite(t)
	for name, x := range map[string]struct {
		body, mac string
		want      fault.Kind
	}{
		"good: as published":              {file(t, "webhook_signed.json"), mac, ""},
		"good: upper case":                {file(t, "webhook_signed.json"), strings.ToUpper(mac), ""},
		"fail: as published":              {`{"event":"webhook"}`, "aaaaaaaaaaaaaaaaaaaaaa", fault.Unauthenticated},
		"fail: with WhatsApp's prefix":    {file(t, "webhook_signed.json"), "sha256=" + mac, fault.Unauthenticated},
		"fail: the same JSON with spaces": {file(t, "webhook_signed.json") + " ", mac, fault.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			r := c.Request(x.body)
			r.Header.Set(c.Proof, x.mac)
			if err := c.Provider.Verify(r, c.Secret); fault.Of(err) != x.want {
				t.Errorf("got %v", err)
			}
		})
	}
	if r := c.Signed(t, file(t, "webhook_signed.json")); r.Header.Get(c.Proof) != mac {
		t.Errorf("Sign made %s", r.Header.Get(c.Proof))
	}
}

const (
	delivered    = `{"event":"delivered","timestamp":1457764197627,"message_token":"912661846655238145","user_id":"01234567890A="}`
	unsubscribed = `{"event":"unsubscribed","timestamp":1457764197627,"user_id":"01234567890A="}`
)

// said is a message event around a message object.
func said(content string) string {
	return `{"event":"message","timestamp":1457764197627,"message_token":4912661846655238145,` +
		`"sender":{"id":"01234567890A=","name":"John\r\n McClane\u0000"},"message":` + content + `}`
}

var (
	at   = time.Date(2016, 3, 12, 6, 29, 57, 627e6, time.UTC)
	john = message.Party{Scheme: message.ID, Address: "01234567890A=", Name: "John McClane"}
)

func inbound(kind message.Kind, change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{
		Channel: message.Viber, Provider: "viber", ProviderID: "4912661846655238145",
		Kind: kind, Direction: message.In, Sender: john, SentAt: at,
	}
	if change != nil {
		change(&m)
	}
	return m
}

func TestMapping(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		want   message.Inbound
		dedupe string
		parked string
	}{
		"a text as documented": {
			body:   file(t, "message.json"),
			want:   inbound(message.Said, func(m *message.Inbound) { m.Text = "a message to the service" }),
			dedupe: "message|4912661846655238145|01234567890A=",
		},
		"a picture is a link that expires": {
			body: said(`{"type":"picture","text":"račun","media":"https://dl.example/1.jpg","file_name":"a\n.jpg","file_size":10000}`),
			want: inbound(message.Said, func(m *message.Inbound) {
				m.Text = "račun"
				m.Media = []message.Media{{URL: "https://dl.example/1.jpg", Name: "a .jpg", Size: 10000}}
			}),
		},
		"a file without a link can't be one": {body: said(`{"type":"file","file_name":"x.pdf"}`), parked: "shape"},
		"a file whose size is quoted": {body: said(`{"type":"file","media":"https://dl.example/x","file_name":"x.pdf","file_size":"7"}`), want: inbound(message.Said, func(m *message.Inbound) {
			m.Media = []message.Media{{URL: "https://dl.example/x", Name: "x.pdf", Size: 7}}
		})},
		"a sticker by its number":             {body: said(`{"type":"sticker","sticker_id":40126}`), want: inbound(message.Said, func(m *message.Inbound) { m.Media = []message.Media{{Name: "sticker 40126", Inline: true}} })},
		"a link that a person sent is a text": {body: said(`{"type":"url","media":"https://example.si"}`), want: inbound(message.Said, func(m *message.Inbound) { m.Text = "https://example.si" })},
		"a link that is its own text":         {body: said(`{"type":"url","text":"https://example.si","media":"https://example.si"}`), want: inbound(message.Said, func(m *message.Inbound) { m.Text = "https://example.si" })},
		"a contact is a text":                 {body: said(`{"type":"contact","contact":{"name":"Ana","phone_number":"+38641123456"}}`), want: inbound(message.Said, func(m *message.Inbound) { m.Text = "Ana\n+38641123456" })},
		"a place":                             {body: said(`{"type":"location","location":{"lat":50.76891,"lon":6.11499}}`), want: inbound(message.Said, func(m *message.Inbound) { m.Location = &message.Location{Latitude: 50.76891, Longitude: 6.11499} })},
		"a place beyond the pole":             {body: said(`{"type":"location","location":{"lat":91,"lon":6}}`), parked: "shape"},
		"a type that nobody knows":            {body: said(`{"type":"hologram"}`), parked: "type"},
		"text is NFC, without NUL":            {body: said(`{"type":"text","text":"c\u030c\u0000!"}`), want: inbound(message.Said, func(m *message.Inbound) { m.Text = "č!" })},
		"a message without a sender":          {body: `{"event":"message","message_token":1,"message":{"type":"text","text":"x"}}`, parked: "address"},
		"a message without a token":           {body: `{"event":"message","sender":{"id":"A"},"message":{"type":"text","text":"x"}}`, parked: "shape"},
		"an event that nobody knows":          {body: `{"event":"levitated","message_token":1}`, parked: "type"},
		"an event of the wrong shape":         {body: `{"event":{}}`, parked: "shape"},
		"a list":                              {body: `[]`, parked: "shape"},
		"no JSON at all":                      {body: `{"event":`, parked: "json", dedupe: channel.Digest([]byte(`{"event":`))},
		"a group chat keeps its thread": {body: `{"event":"message","timestamp":1457764197627,"message_token":"912661846655238145","chat_id":5048086924903818307,"reply_type":"message","sender":{"id":"01234567890A=","name":"John McClane"},"message":{"type":"text","text":"HI!"}}`, want: inbound(message.Said, func(m *message.Inbound) {
			m.ProviderID, m.Thread, m.Text = "912661846655238145", "5048086924903818307", "HI!"
		}), dedupe: "message|912661846655238145|01234567890A="},
		"the published webhook event, no time": {body: file(t, "webhook_signed.json"), want: message.Inbound{Channel: message.Viber, Provider: "viber", ProviderID: "1478683725125", Kind: message.Control, Direction: message.In, Control: "webhook"}, dedupe: "webhook|1478683725125|"},
		"subscribed":                           {body: file(t, "subscribed.json"), want: inbound(message.Control, func(m *message.Inbound) { m.Control = "subscribed" }), dedupe: "subscribed|4912661846655238145|01234567890A="},
		"the chat was opened":                  {body: file(t, "conversation_started.json"), want: inbound(message.Control, func(m *message.Inbound) { m.Control = "started" })},
		"unsubscribed goes by its time":        {body: unsubscribed, want: inbound(message.Control, func(m *message.Inbound) { m.Control, m.ProviderID, m.Sender.Name = "unsubscribed", "", "" }), dedupe: "unsubscribed|at 1457764197627|01234567890A="},
		"unsubscribed by nobody":               {body: `{"event":"unsubscribed","timestamp":1}`, parked: "address"},
		"delivered": {
			body: delivered,
			want: inbound(message.Report, func(m *message.Inbound) {
				m.ProviderID, m.Target, m.Sender = "912661846655238145", "912661846655238145", message.Party{}
				m.Status = &message.Status{State: message.Delivered, Recipient: message.Party{Scheme: message.ID, Address: "01234567890A="}}
			}),
			dedupe: "delivered|912661846655238145|01234567890A=",
		},
		"seen is read":               {body: strings.Replace(delivered, "delivered", "seen", 1), want: inbound(message.Report, status(message.Read)), dedupe: "seen|912661846655238145|01234567890A="},
		"failed":                     {body: strings.Replace(delivered, `"delivered"`, `"failed","desc":"failure description"`, 1), want: inbound(message.Report, status(message.Failed))},
		"a status of no message":     {body: `{"event":"seen","user_id":"A"}`, parked: "shape"},
		"a name of a thousand lines": {body: said(`{"type":"text","text":"x"}`), want: inbound(message.Said, func(m *message.Inbound) { m.Text = "x" })},
	} {
		t.Run(name, func(t *testing.T) {
			p := viber.New()
			got := p.Parse(suite(t).Request(c.body))
			channeltest.Items(t, p, got)
			if len(got.Items) != 1 || got.Answer.Status != 0 {
				t.Fatalf("%d items, answer %d", len(got.Items), got.Answer.Status)
			}
			it := got.Items[0]
			if it.Parked != c.parked || string(it.Raw) != c.body {
				t.Errorf("parked %q, want %q; raw %q", it.Parked, c.parked, it.Raw)
			}
			if c.dedupe != "" && it.Dedupe != c.dedupe {
				t.Errorf("identity %q, want %q", it.Dedupe, c.dedupe)
			}
			if c.parked == "" && !reflect.DeepEqual(it.Message, c.want) {
				t.Errorf("got  %+v\nwant %+v", it.Message, c.want)
			}
		})
	}
}

func status(s message.State) func(*message.Inbound) {
	return func(m *message.Inbound) {
		m.ProviderID, m.Target, m.Sender = "912661846655238145", "912661846655238145", message.Party{}
		m.Status = &message.Status{State: s, Recipient: message.Party{Scheme: message.ID, Address: "01234567890A="}}
	}
}

func TestWelcome(t *testing.T) {
	texts := map[string]string{"viber.welcome|en": "Welcome <b>!", "viber.sender|en": strings.Repeat("č", 40)}
	say := func(key, language string) string { return texts[key+"|"+language] }
	for name, c := range map[string]struct {
		body string
		say  func(string, string) string
		want string
	}{
		"opening the chat is answered by one message": {file(t, "conversation_started.json"), say, `{"sender":{"name":"` + strings.Repeat("č", 28) + `"},"type":"text","text":"Welcome <b>!"}`},
		"nobody to say it":                            {file(t, "conversation_started.json"), nil, ""},
		"no text in the pack":                         {file(t, "conversation_started.json"), func(string, string) string { return "" }, ""},
		"subscribing is answered by nothing":          {file(t, "subscribed.json"), say, ""},
		"a message is answered by nothing":            {file(t, "message.json"), say, ""},
		"the webhook event is answered by nothing":    {file(t, "webhook_signed.json"), say, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := suite(t).Request(c.body)
			r.Say = c.say
			a := viber.New().Parse(r).Answer
			if c.want == "" {
				if len(a.Body) != 0 {
					t.Errorf("said %s", a.Body)
				}
				return
			}
			var got, want any
			if json.Unmarshal(a.Body, &got) != nil || json.Unmarshal([]byte(c.want), &want) != nil || !reflect.DeepEqual(got, want) || a.ContentType != "application/json" {
				t.Errorf("got %s (%s), want %s", a.Body, a.ContentType, c.want)
			}
		})
	}
	t.Run("a text of any length stays within 7000 characters and 30 kB", func(t *testing.T) {
		for _, text := range []string{strings.Repeat("😀", 9000), strings.Repeat("<", 9000)} {
			r := suite(t).Request(file(t, "conversation_started.json"))
			r.Say = func(string, string) string { return text }
			if a := viber.New().Parse(r).Answer; len(a.Body) > 30_000 {
				t.Errorf("%d bytes", len(a.Body))
			}
		}
	})
}

func TestTimesOfThisCenturyOnly(t *testing.T) {
	for ms, want := range map[string]string{
		"946684799999": "", "946684800000": "2000-01-01T00:00:00Z", `"946684800001"`: "2000-01-01T00:00:00.001Z",
		"4102444799999": "2099-12-31T23:59:59.999Z", "4102444800000": "", "4977069964384421269": "", "-1": "", "1e12": "", "null": "",
	} {
		r := suite(t).Request(`{"event":"webhook","message_token":1,"timestamp":` + ms + `}`)
		got := viber.New().Parse(r).Items[0].Message.SentAt
		if want == "" && !got.IsZero() || want != "" && got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v, want %q", ms, got, want)
		}
	}
}

func TestAnEmptyTokenSignsNothing(t *testing.T) {
	r := suite(t).Request("{}")
	h := hmac.New(sha256.New, nil)
	h.Write(r.Body)
	r.Header.Set("X-Viber-Content-Signature", hex.EncodeToString(h.Sum(nil)))
	for _, s := range []channel.Secret{nil, {}, {"auth_token": ""}} {
		if err := viber.New().Verify(r, s); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%v: %v", s, err)
		}
	}
}

func TestSignWithoutAHeader(t *testing.T) {
	r := channel.Request{Method: http.MethodPost, Body: []byte("{}")}
	if err := viber.New().Sign(&r, channel.Secret{"auth_token": "t"}); err != nil || r.Header.Get("X-Viber-Content-Signature") == "" {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range suite(f).Bodies {
		f.Add([]byte(b))
	}
	f.Add([]byte(said(`{"type":"location","location":{"lat":"1","lon":null}}`)))
	p := viber.New()
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Items(t, p, p.Parse(channel.Request{Body: body, At: channeltest.At, Say: func(k, l string) string { return k + l }}))
	})
}
