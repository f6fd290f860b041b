package vonage_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/vonage"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const secret = "qwertyuiopasdfghjklzxcvbnm123456"

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
		Provider: vonage.New(),
		Secret:   channel.Secret{"signature_secret": secret},
		Other:    channel.Secret{"signature_secret": "asdf"},
		Proof:    "Authorization",
		NoProof:  fault.Unavailable,
		Bodies:   []string{file(t, "text_v1.json"), file(t, "reply_v1.json"), file(t, "text_v0.json"), file(t, "rejected_v1.json"), file(t, "unsupported_v0.json")},
	}
}

func TestSuite(t *testing.T) { channeltest.Run(t, suite(t)) }

const (
	body = "{}"
	hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" // of body
)

func TestClaims(t *testing.T) {
	iat := channeltest.At.Unix()
	with := func(kv ...any) jwt.MapClaims {
		c := jwt.MapClaims{"iat": iat, "jti": "1", "iss": "Vonage", "payload_hash": hash, "api_key": "a1b2c3"}
		for i := 0; i < len(kv); i += 2 {
			c[kv[i].(string)] = kv[i+1]
			if kv[i+1] == nil {
				delete(c, kv[i].(string))
			}
		}
		return c
	}
	mine := channel.Secret{"signature_secret": secret, "api_key": "a1b2c3"}
	anyone := channel.Secret{"signature_secret": secret}
	for name, c := range map[string]struct {
		claims jwt.MapClaims
		secret channel.Secret
		late   time.Duration
		scheme string
		ok     bool
	}{
		"as Vonage signs":                         {with(), mine, 0, "Bearer", true},
		"the scheme in any case":                  {with(), mine, 0, "bearer", true},
		"the hash in upper case":                  {with("payload_hash", strings.ToUpper(hash)), mine, 0, "Bearer", true},
		"a secret for any account":                {with(), anyone, 0, "Bearer", true},
		"another account":                         {with("api_key", "a1b2c4"), mine, 0, "Bearer", false},
		"no account":                              {with("api_key", nil), mine, 0, "Bearer", false},
		"no hash":                                 {with("payload_hash", nil), anyone, 0, "Bearer", false},
		"an empty hash":                           {with("payload_hash", ""), anyone, 0, "Bearer", false},
		"half a hash":                             {with("payload_hash", hash[:32]), anyone, 0, "Bearer", false},
		"the hash of something else":              {with("payload_hash", "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"), anyone, 0, "Bearer", false},
		"five minutes late":                       {with(), anyone, 5 * time.Minute, "Bearer", true},
		"a millisecond more":                      {with(), anyone, 5*time.Minute + time.Millisecond, "Bearer", false},
		"five minutes early":                      {with(), anyone, -5 * time.Minute, "Bearer", true},
		"a millisecond earlier":                   {with(), anyone, -5*time.Minute - time.Millisecond, "Bearer", false},
		"never issued":                            {with("iat", nil), anyone, 0, "Bearer", false},
		"issued at the end of time":               {with("iat", 1e300), anyone, 0, "Bearer", false},
		"issued before it":                        {with("iat", -1e300), anyone, 0, "Bearer", false},
		"issued as a word":                        {with("iat", "now"), anyone, 0, "Bearer", false},
		"ended a second ago":                      {with("exp", iat-1), anyone, 0, "Bearer", false},
		"ending in a second":                      {with("exp", iat+1), anyone, 0, "Bearer", true},
		"not yet good":                            {with("nbf", iat+1), anyone, 0, "Bearer", false},
		"the token under Basic":                   {with(), anyone, 0, "Basic", false},
		"the token under nothing":                 {with(), anyone, 0, "", false},
		"an account that is a list of two":        {with("api_key", []string{"a1b2c3", "x"}), anyone, 0, "Bearer", false},
		"without an issuer and an identity of it": {with("iss", nil, "jti", nil), anyone, 0, "Bearer", true},
	} {
		t.Run(name, func(t *testing.T) {
			token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c.claims).SignedString([]byte(secret))
			if err != nil {
				t.Fatal(err)
			}
			r := suite(t).Request(body)
			r.At = r.At.Add(c.late)
			r.Header.Set("Authorization", c.scheme+" "+token)
			if err := vonage.New().Verify(r, c.secret); (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestUnsignedIsToBeSentAgain(t *testing.T) {
	r := suite(t).Request(body)
	err := vonage.New().Verify(r, suite(t).Secret)
	if fault.Status(fault.Of(err)) != 503 {
		t.Errorf("got %v", err)
	}
	r.Header["Authorization"] = []string{""}
	if err := vonage.New().Verify(r, suite(t).Secret); fault.Status(fault.Of(err)) != 401 {
		t.Errorf("an empty header: got %v", err)
	}
}

func TestAnEmptySecretSignsNothing(t *testing.T) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iat": channeltest.At.Unix(), "payload_hash": hash}).SignedString([]byte{})
	if err != nil {
		t.Fatal(err)
	}
	r := suite(t).Request(body)
	r.Header.Set("Authorization", "Bearer "+token)
	for _, s := range []channel.Secret{nil, {}, {"signature_secret": ""}} {
		if err := vonage.New().Verify(r, s); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%v: %v", s, err)
		}
	}
}

func TestSignNamesTheAccount(t *testing.T) {
	s := channel.Secret{"signature_secret": secret, "api_key": "a1b2c3", "application_id": "app"}
	r := suite(t).Request(body)
	if err := vonage.New().Sign(&r, s); err != nil {
		t.Fatal(err)
	}
	if err := vonage.New().Verify(r, s); err != nil {
		t.Error(err)
	}
	s["api_key"] = "other"
	if err := vonage.New().Verify(r, s); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("another account: %v", err)
	}
}

const uuid = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"

func said(change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{
		Channel: message.WhatsApp, Provider: "vonage", ProviderID: uuid, Kind: message.Said, Direction: message.In,
		Sender:     message.Party{Scheme: message.Tel, Address: "+447700900001", Raw: "447700900001"},
		Recipients: []message.Party{{Scheme: message.Tel, Address: "+447700900000", Raw: "447700900000"}},
		Line:       "+447700900000", SentAt: time.Date(2020, 1, 1, 14, 0, 0, 0, time.UTC),
	}
	change(&m)
	return m
}

func report(change func(*message.Inbound)) message.Inbound {
	return said(func(m *message.Inbound) {
		m.Kind, m.Target, m.Sender, m.Line = message.Report, uuid, message.Party{}, "+447700900001"
		m.Status = &message.Status{Recipient: m.Recipients[0]}
		m.Recipients = nil
		change(m)
	})
}

// v1 is an event of version 1 with more fields.
func v1(fields string) string {
	return `{"channel":"whatsapp","message_uuid":"` + uuid + `","to":"447700900000","from":"447700900001","timestamp":"2020-01-01T14:00:00.000Z",` + fields + `}`
}

func TestMapping(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		want   message.Inbound
		dedupe string
		parked string
	}{
		"a text of version 1": {
			body: file(t, "text_v1.json"),
			want: said(func(m *message.Inbound) {
				m.Text, m.Sender.Name = "Nexmo Verification code: 12345.<br />Valid for 10 minutes.", "Jane Smith"
			}),
			dedupe: "message|" + uuid,
		},
		"an answer to what we sent, its time in words": {
			body: file(t, "reply_v1.json"),
			want: said(func(m *message.Inbound) {
				m.Text, m.Sender.Name, m.ReplyTo = "Nexmo Verification code: 12345. Valid for 10 minutes.", "Jane Smith", "1234567890abcdef"
			}),
		},
		"a text of version 0.1":     {body: file(t, "text_v0.json"), want: said(func(m *message.Inbound) { m.Text = "Hello From Vonage!" })},
		"what Vonage doesn't carry": {body: file(t, "unsupported_v0.json"), parked: "unsupported", dedupe: "message|" + uuid},
		"an image with a caption": {body: v1(`"message_type":"image","image":{"url":"https://api-us.nexmo.com/v3/media/1b456509","caption":"c\u030c","name":"a.jpg"}`), want: said(func(m *message.Inbound) {
			m.Text, m.Media = "č", []message.Media{{URL: "https://api-us.nexmo.com/v3/media/1b456509", Name: "a.jpg"}}
		})},
		"a sticker":               {body: v1(`"message_type":"sticker","sticker":{"url":"https://s"}`), want: said(func(m *message.Inbound) { m.Media = []message.Media{{URL: "https://s", Inline: true}} })},
		"a file without a link":   {body: v1(`"message_type":"file","file":{"caption":"x"}`), parked: "shape"},
		"a file that isn't there": {body: v1(`"message_type":"file"`), parked: "shape"},
		"a place, numbers bare": {body: v1(`"message_type":"location","location":{"lat":40.34772,"long":-74.18847,"name":"Vonage","address":"23 Main St"}`), want: said(func(m *message.Inbound) {
			m.Location = &message.Location{Latitude: 40.34772, Longitude: -74.18847, Name: "Vonage", Address: "23 Main St"}
		})},
		"a place, numbers quoted":      {body: v1(`"message_type":"location","location":{"lat":"51.5228349","long":"-0.0854414"}`), want: said(func(m *message.Inbound) { m.Location = &message.Location{Latitude: 51.5228349, Longitude: -0.0854414} })},
		"a place beyond the date line": {body: v1(`"message_type":"location","location":{"lat":1,"long":181}`), parked: "shape"},
		"a choice from a list":         {body: v1(`"message_type":"reply","reply":{"id":"row1","title":"9am","description":"Select 9am"}`), want: said(func(m *message.Inbound) { m.Text = "9am" })},
		"a button of a template":       {body: v1(`"message_type":"button","button":{"payload":"p","text":"Yes"}`), want: said(func(m *message.Inbound) { m.Text = "Yes" })},
		"an order":                     {body: v1(`"message_type":"order","order":{"catalog_id":"1","product_items":[{"product_retailer_id":"pk1v7rudbg","quantity":"1","item_price":"9.99","currency":"USD"}]}`), want: said(func(m *message.Inbound) { m.Text = "1 × pk1v7rudbg, 9.99 USD" })},
		"a reaction":                   {body: v1(`"message_type":"reaction","reaction":{"action":"react","emoji":"👍🏽"},"context":{"message_uuid":"m1"}`), want: said(func(m *message.Inbound) { m.Kind, m.Target, m.Reaction = message.Reaction, "m1", "👍🏽" })},
		"a reaction taken back":        {body: v1(`"message_type":"reaction","reaction":{"action":"unreact","emoji":"👍"},"context":{"message_uuid":"m1"}`), want: said(func(m *message.Inbound) { m.Kind, m.Target = message.Reaction, "m1" })},
		"a reaction to nothing":        {body: v1(`"message_type":"reaction","reaction":{"emoji":"👍"}`), parked: "shape"},
		"a type that nobody knows":     {body: v1(`"message_type":"hologram"`), parked: "type"},
		"no type":                      {body: v1(`"text":"x"`), parked: "shape"},
		"SMS on this webhook":          {body: strings.Replace(v1(`"message_type":"text","text":"x"`), "whatsapp", "sms", 1), parked: "channel"},
		"a message from nobody":        {body: `{"channel":"whatsapp","message_uuid":"u","message_type":"text","text":"x"}`, parked: "address"},
		"a message without an id":      {body: `{"channel":"whatsapp","from":"447700900001","message_type":"text","text":"x"}`, parked: "shape"},
		"a number that is a list":      {body: v1(`"message_type":"text","from":[]`), parked: "shape"},
		"a number without quotes":      {body: strings.Replace(v1(`"message_type":"text","text":"x"`), `"447700900001"`, `447700900001`, 1), want: said(func(m *message.Inbound) { m.Text = "x" })},
		"no JSON at all":               {body: "{", parked: "json", dedupe: channel.Digest([]byte("{"))},
		"rejected: no user of WhatsApp": {body: file(t, "rejected_v1.json"), want: report(func(m *message.Inbound) {
			m.Status.State, m.Status.Code, m.Status.Permanent, m.Status.Ours = message.Failed, "1300", true, "my-personal-reference"
		}), dedupe: "status|" + uuid + "|rejected"},
		"rejected: the code in the link": {body: v1(`"status":"rejected","error":{"type":"https://developer.vonage.com/api-errors/messages#1340","title":"Outside of the allowed window"}`), want: report(func(m *message.Inbound) { m.Status.State, m.Status.Code = message.Failed, "1340" })},
		"rejected in version 0.1": {body: `{"message_uuid":"` + uuid + `","to":{"type":"whatsapp","number":"447700900000"},"from":{"type":"whatsapp","id":"447700900001"},"timestamp":"2020-01-01T14:00:00.000Z","status":"rejected","error":{"code":1300,"reason":"Not part of the provider network"}}`, want: report(func(m *message.Inbound) {
			m.Status.State, m.Status.Code, m.Status.Permanent = message.Failed, "1300", true
		})},
		"undeliverable may be tried again": {body: v1(`"status":"undeliverable"`), want: report(func(m *message.Inbound) { m.Status.State = message.Failed })},
		"submitted is sent":                {body: v1(`"status":"submitted"`), want: report(func(m *message.Inbound) { m.Status.State = message.Sent })},
		"delivered":                        {body: v1(`"status":"delivered","whatsapp":{"conversation":{"id":"1","origin":{"type":"user_initiated"}}}`), want: report(func(m *message.Inbound) { m.Status.State = message.Delivered })},
		"read":                             {body: v1(`"status":"read"`), want: report(func(m *message.Inbound) { m.Status.State = message.Read }), dedupe: "status|" + uuid + "|read"},
		"a status that nobody knows":       {body: v1(`"status":"levitated"`), parked: "status"},
		"a time with an offset in words":   {body: strings.Replace(v1(`"message_type":"text","text":"x"`), "2020-01-01T14:00:00.000Z", "2020-01-01 15:00:00 +0100", 1), want: said(func(m *message.Inbound) { m.Text = "x" })},
		"a time that is none":              {body: strings.Replace(v1(`"message_type":"text","text":"x"`), "2020-01-01T14:00:00.000Z", "yesterday", 1), want: said(func(m *message.Inbound) { m.Text, m.SentAt = "x", time.Time{} })},
		"a user who is known by an id only": {body: strings.Replace(v1(`"message_type":"text","text":"x"`), `"447700900001"`, `"SI.2081978709342942"`, 1), want: said(func(m *message.Inbound) {
			m.Text, m.Sender = "x", message.Party{Scheme: message.ID, Address: "SI.2081978709342942", Raw: "SI.2081978709342942"}
		})},
	} {
		t.Run(name, func(t *testing.T) {
			p := vonage.New()
			got := p.Parse(suite(t).Request(c.body))
			channeltest.Items(t, p, got)
			if len(got.Items) != 1 || len(got.Answer.Body) != 0 {
				t.Fatalf("%d items, answer %s", len(got.Items), got.Answer.Body)
			}
			it := got.Items[0]
			if it.Parked != c.parked || c.dedupe != "" && it.Dedupe != c.dedupe || string(it.Raw) != c.body {
				t.Errorf("parked %q, want %q; identity %q, want %q", it.Parked, c.parked, it.Dedupe, c.dedupe)
			}
			if c.parked == "" && !reflect.DeepEqual(it.Message, c.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", it.Message, it.Message.Status, c.want, c.want.Status)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range suite(f).Bodies {
		f.Add([]byte(b))
	}
	f.Add([]byte(v1(`"message_type":"location","location":{"lat":"1","long":1},"order":{"product_items":[{}]}`)))
	p := vonage.New()
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Items(t, p, p.Parse(channel.Request{Body: body, At: channeltest.At}))
	})
}

func FuzzVerify(f *testing.F) {
	f.Add("Bearer eyJhbGciOiJIUzI1NiJ9.e30.x", []byte("{}"))
	c := suite(f)
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		r := c.Request(string(body))
		r.Header.Set("Authorization", header)
		if vonage.New().Verify(r, c.Secret) == nil {
			t.Errorf("%q is a proof of %q", header, body)
		}
	})
}
