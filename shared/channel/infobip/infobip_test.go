package infobip_test

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/infobip"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func suite(t testing.TB, p channel.Provider) channeltest.Case {
	return channeltest.Case{
		Provider: p,
		Secret:   channel.Secret{"username": "infobip", "password": "correct:horse"},
		Other:    channel.Secret{"username": "infobip", "password": "correct:horsf"},
		Proof:    "Authorization",
		Bodies: []string{
			file(t, "sms_inbound.json"), file(t, "viber_text.json"), file(t, "viber_file.json"),
			file(t, "viber_report.json"), file(t, "viber_seen.json"), file(t, "messages_api.json"),
		},
		Unsigned: true,
	}
}

func TestSuiteViber(t *testing.T) { channeltest.Run(t, suite(t, infobip.NewViber())) }
func TestSuiteSMS(t *testing.T)   { channeltest.Run(t, suite(t, infobip.NewSMS())) }

func TestNames(t *testing.T) {
	if n := infobip.NewViber().Name().String() + " " + infobip.NewSMS().Name().String(); n != "viber/infobip sms/infobip" {
		t.Error(n)
	}
}

// The examples of RFC 7617, 2 and 2.1.
func TestPublishedBasic(t *testing.T) {
	for name, c := range map[string]struct {
		header, user, password string
		want                   fault.Kind
	}{
		"good: Aladdin":                       {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame", ""},
		"good: UTF-8":                         {"Basic dGVzdDoxMjPCow==", "test", "123£", ""},
		"good: the scheme in any case":        {"bASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame", ""},
		"fail: another password":              {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesamf", fault.Unauthenticated},
		"fail: another scheme":                {"Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame", fault.Unauthenticated},
		"fail: no padding":                    {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ", "Aladdin", "open sesame", fault.Unauthenticated},
		"fail: loose bits":                    {"Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==", "Aladdin", "open sesame", fault.Unauthenticated},
		"fail: the empty user and password":   {"Basic Og==", "", "", fault.Unauthenticated},
		"fail: a user without a password":     {"Basic QWxhZGRpbjo=", "Aladdin", "", fault.Unauthenticated},
		"fail: the pair as it is":             {"Basic Aladdin:open sesame", "Aladdin", "open sesame", fault.Unauthenticated},
		"fail: a line break within the token": {"Basic QWxhZGRpbjpvcGVu\nIHNlc2FtZQ==", "Aladdin", "open sesame", fault.Unauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			r := suite(t, infobip.NewSMS()).Request("{}")
			r.Header.Set("Authorization", c.header)
			err := infobip.NewSMS().Verify(r, channel.Secret{"username": c.user, "password": c.password})
			if fault.Of(err) != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

func one(fields string) string { return `{"results":[{` + fields + `}]}` }

const sms = `"messageId":"817790313235066447","from":"38641123456","to":"38651123456",`

func said(change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{
		Channel: message.SMS, Provider: "infobip", ProviderID: "817790313235066447",
		Kind: message.Said, Direction: message.In,
		Sender:     message.Party{Scheme: message.Tel, Address: "+38641123456", Raw: "38641123456"},
		Recipients: []message.Party{{Scheme: message.Tel, Address: "+38651123456", Raw: "38651123456"}},
		Line:       "+38651123456",
	}
	change(&m)
	return m
}

func TestMapping(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		viber  bool
		want   message.Inbound
		dedupe string
		parked string
	}{
		"an SMS as documented keeps its keyword": {
			body: file(t, "sms_inbound.json"),
			want: message.Inbound{
				Channel: message.SMS, Provider: "infobip", ProviderID: "817790313235066447", Kind: message.Said, Direction: message.In,
				Sender:     message.Party{Scheme: message.Tel, Address: "+385916242493", Raw: "385916242493"},
				Recipients: []message.Party{{Scheme: message.Tel, Address: "+385921004026", Raw: "385921004026"}},
				Line:       "+385921004026", Text: "QUIZ Correct answer is Paris",
				SentAt: time.Date(2016, 10, 6, 9, 28, 39, 220e6, time.UTC),
			},
			dedupe: "message|817790313235066447",
		},
		"a Viber text answers what we sent": {
			viber: true, body: file(t, "viber_text.json"),
			want: message.Inbound{
				Channel: message.Viber, Provider: "infobip", ProviderID: "1234567890123456789", Kind: message.Said, Direction: message.In,
				Sender:     message.Party{Scheme: message.Tel, Address: "+385912345678", Raw: "385912345678"},
				Recipients: []message.Party{{Scheme: message.ID, Address: "givenClient", Raw: "givenClient"}},
				Line:       "givenClient", Text: "givenText", ReplyTo: "9876543210987654321",
				SentAt: time.Date(2020, 4, 1, 11, 2, 43, 594e6, time.UTC),
			},
			dedupe: "message|1234567890123456789",
		},
		"a Viber file": {
			viber: true, body: file(t, "viber_file.json"),
			want: message.Inbound{
				Channel: message.Viber, Provider: "infobip", ProviderID: "1234567890123456789", Kind: message.Said, Direction: message.In,
				Sender:     message.Party{Scheme: message.Tel, Address: "+385912345678", Raw: "385912345678"},
				Recipients: []message.Party{{Scheme: message.ID, Address: "givenClient", Raw: "givenClient"}},
				Line:       "givenClient", ReplyTo: "9876543210987654321",
				Media:  []message.Media{{URL: "https://example.com/givenUrl.pdf", Name: "givenFileName"}},
				SentAt: time.Date(2020, 4, 1, 11, 2, 43, 594e6, time.UTC),
			},
		},
		"a message of the Messages API": {
			body: file(t, "messages_api.json"),
			want: message.Inbound{
				Channel: message.SMS, Provider: "infobip", ProviderID: "ABEGVUGWh3gEAgo-sLTvmQCS5kwjhsy", Kind: message.Said, Direction: message.In,
				Sender:     message.Party{Scheme: message.Tel, Address: "+48123234567", Raw: "48123234567"},
				Recipients: []message.Party{{Scheme: message.Tel, Address: "+48123098765", Raw: "48123098765"}},
				Line:       "+48123098765", Text: "Text message 123",
				SentAt: time.Date(2020, 2, 6, 14, 18, 29, 797e6, time.UTC),
			},
		},
		"delivered": {
			viber: true, body: file(t, "viber_report.json"),
			want: message.Inbound{
				Channel: message.Viber, Provider: "infobip", ProviderID: "2250be2d4219-3af1-78856-aabe-1362af1edfd2",
				Target: "2250be2d4219-3af1-78856-aabe-1362af1edfd2", Kind: message.Report, Direction: message.In, Line: "+441134960000",
				Status: &message.Status{
					State: message.Delivered, Ours: "Callback data",
					Recipient: message.Party{Scheme: message.Tel, Address: "+441134960001", Raw: "441134960001"},
				},
				SentAt: time.Date(2019, 4, 9, 19, 1, 56, 0, time.UTC),
			},
			dedupe: "status|3|2250be2d4219-3af1-78856-aabe-1362af1edfd2",
		},
		"seen is read": {
			viber: true, body: file(t, "viber_seen.json"),
			want: message.Inbound{
				Channel: message.Viber, Provider: "infobip", ProviderID: "1215f543ab19-345f-adbd-12ad31451ed25f35",
				Target: "1215f543ab19-345f-adbd-12ad31451ed25f35", Kind: message.Report, Direction: message.In, Line: "+385919998888",
				Status: &message.Status{State: message.Read, Recipient: message.Party{Scheme: message.Tel, Address: "+41793026731", Raw: "41793026731"}},
				SentAt: time.Date(2023, 4, 5, 11, 22, 10, 251e6, time.UTC),
			},
			dedupe: "seen|1215f543ab19-345f-adbd-12ad31451ed25f35",
		},
		"an MMS: text, a picture, and how to lay them out": {
			body: one(sms + `"message":[{"contentType":"application/smil","value":"<smil/>"},{"contentType":"text/plain; charset=utf-8","value":"Račun"},{"contentType":"image/jpeg","url":"https://api.infobip.com/mms/1/content/1"}]`),
			want: said(func(m *message.Inbound) {
				m.Text = "Račun"
				m.Media = []message.Media{{URL: "https://api.infobip.com/mms/1/content/1", Mime: "image/jpeg"}}
			}),
		},
		"an MMS of the older format":      {body: one(sms + `"message":"old \u0000text"`), want: said(func(m *message.Inbound) { m.Text = "old text" })},
		"a part in place that is no text": {body: one(sms + `"message":[{"contentType":"image/png","value":"iVBORw0KGgo="}]`), parked: "type"},
		"a part of no type":               {body: one(sms + `"message":[{"contentType":";;","url":"x"}]`), parked: "shape"},
		"an empty SMS is still one":       {body: one(sms + `"text":""`), want: said(func(m *message.Inbound) {})},
		"the sender's name":               {body: one(sms + `"contact":{"name":"Ana\nNovak"},"message":{"type":"TEXT","text":"x"}`), want: said(func(m *message.Inbound) { m.Sender.Name, m.Text = "Ana Novak", "x" })},
		"a caption goes before a text":    {body: one(sms + `"message":{"type":"IMAGE","url":"https://m.example/1","caption":"c","text":"t"}`), want: said(func(m *message.Inbound) { m.Text, m.Media = "c", []message.Media{{URL: "https://m.example/1"}} })},
		"an image without a link":         {body: one(sms + `"message":{"type":"IMAGE"}`), parked: "shape"},
		"a place": {body: one(sms + `"message":{"type":"LOCATION","latitude":46.05,"longitude":14.5,"name":"EKC"}`), want: said(func(m *message.Inbound) {
			m.Location = &message.Location{Latitude: 46.05, Longitude: 14.5, Name: "EKC"}
		})},
		"a choice from a list":                 {body: one(sms + `"message":{"type":"INTERACTIVE_LIST_REPLY","id":"row1","title":"9am"}`), want: said(func(m *message.Inbound) { m.Text = "9am" })},
		"a type that nobody knows":             {body: one(sms + `"message":{"type":"HOLOGRAM"}`), parked: "type", dedupe: "message|817790313235066447"},
		"a message that is a number":           {body: one(sms + `"message":7`), parked: "shape"},
		"a text beside a message that is null": {body: one(sms + `"text":"x","message":null`), want: said(func(m *message.Inbound) { m.Text = "x" })},
		"a message that is null":               {body: one(sms + `"message":null`), parked: "shape"},
		"an alphanumeric sender is no phone": {body: one(`"messageId":"1","from":"Banka","text":"x"`), want: said(func(m *message.Inbound) {
			m.ProviderID, m.Sender, m.Recipients, m.Line, m.Text = "1", message.Party{Scheme: message.ID, Address: "Banka", Raw: "Banka"}, nil, "", "x"
		})},
		"an id beyond 2^53, bare":                    {body: one(`"messageId":817790313235066447,"from":"38641123456","to":"38651123456","text":"x"`), want: said(func(m *message.Inbound) { m.Text = "x" })},
		"a message without an id":                    {body: one(`"from":"38641123456","text":"x"`), parked: "shape", dedupe: channel.Digest([]byte(`{"from":"38641123456","text":"x"}`))},
		"a message from nobody":                      {body: one(`"messageId":"1","text":"x"`), parked: "address"},
		"typing":                                     {body: one(sms + `"event":"TYPING_STARTED"`), want: said(func(m *message.Inbound) { m.Kind, m.Control = message.Control, "typing" }), dedupe: "control|TYPING_STARTED|817790313235066447"},
		"an event that nobody knows":                 {body: one(sms + `"event":"DANCED"`), parked: "type"},
		"a report on nothing":                        {body: one(`"status":{"groupId":3}`), parked: "shape"},
		"a report of a group that nobody knows":      {body: one(`"messageId":"1","status":{"groupId":77,"groupName":"string"}`), parked: "status"},
		"an element of the wrong shape":              {body: one(`"messageId":{}`), parked: "shape"},
		"an element that says nothing":               {body: one(""), parked: "shape"},
		"an element that is a text":                  {body: `{"results":["x"]}`, parked: "shape"},
		"no results":                                 {body: `{"results":[]}`, parked: "empty", dedupe: channel.Digest([]byte(`{"results":[]}`))},
		"no list of results":                         {body: `{"messageCount":0}`, parked: "shape"},
		"no JSON at all":                             {body: `{"results":[`, parked: "json"},
		"a time with +05:30":                         {body: one(sms + `"text":"x","receivedAt":"2023-08-01T16:10:00+05:30"`), want: said(func(m *message.Inbound) { m.Text, m.SentAt = "x", time.Date(2023, 8, 1, 10, 40, 0, 0, time.UTC) })},
		"a time that is none":                        {body: one(sms + `"text":"x","receivedAt":"yesterday"`), want: said(func(m *message.Inbound) { m.Text = "x" })},
		"our reference comes back on reports only":   {body: one(sms + `"text":"x","callbackData":"ours"`), want: said(func(m *message.Inbound) { m.Text = "x" })},
		"a report tells by status, whatever is else": {body: one(`"messageId":"1","to":"38641123456","status":{"groupId":"5"},"error":{"id":9,"permanent":true},"text":"x"`), want: fate("1", message.Failed, "9", true)},
	} {
		t.Run(name, func(t *testing.T) {
			p := infobip.NewSMS()
			if c.viber {
				p = infobip.NewViber()
			}
			got := p.Parse(suite(t, p).Request(c.body))
			channeltest.Items(t, p, got)
			if len(got.Items) != 1 || len(got.Answer.Body) != 0 {
				t.Fatalf("%d items, answer %s", len(got.Items), got.Answer.Body)
			}
			it := got.Items[0]
			if it.Parked != c.parked || c.dedupe != "" && it.Dedupe != c.dedupe {
				t.Errorf("parked %q, want %q; identity %q, want %q", it.Parked, c.parked, it.Dedupe, c.dedupe)
			}
			if c.parked == "" && !reflect.DeepEqual(it.Message, c.want) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", it.Message, it.Message.Status, c.want, c.want.Status)
			}
			again := p.Parse(channel.Request{Body: it.Raw})
			if len(again.Items) != 1 || again.Items[0].Dedupe != it.Dedupe || again.Items[0].Parked != it.Parked || !reflect.DeepEqual(again.Items[0].Message, it.Message) {
				t.Errorf("the raw part reads otherwise: %s", it.Raw)
			}
		})
	}
}

func fate(id string, s message.State, code string, permanent bool) message.Inbound {
	return message.Inbound{
		Channel: message.SMS, Provider: "infobip", ProviderID: id, Target: id, Kind: message.Report, Direction: message.In,
		Status: &message.Status{
			State: s, Code: code, Permanent: permanent,
			Recipient: message.Party{Scheme: message.Tel, Address: "+38641123456", Raw: "38641123456"},
		},
	}
}

func TestGroups(t *testing.T) {
	for status, want := range map[string]message.State{
		`"groupId":0,"id":0`: message.Queued, `"groupId":1,"id":26`: message.Queued, `"groupId":1,"id":7`: message.Sent, `"groupId":1,"id":3`: message.Sent,
		`"groupId":2,"id":4`: message.Failed, `"groupId":3,"id":2`: message.Delivered, `"groupId":3,"id":5`: message.Delivered,
		`"groupId":4,"id":15`: message.Failed, `"groupId":5,"id":6`: message.Failed,
	} {
		it := infobip.NewSMS().Parse(channel.Request{Body: []byte(one(`"messageId":"1","status":{` + status + `},"error":{"id":0,"permanent":true}`))}).Items[0]
		if it.Parked != "" || it.Message.Status.State != want || it.Message.Status.Code != "" || it.Message.Status.Permanent != (want == message.Failed) {
			t.Errorf("%s: parked %q, %+v", status, it.Parked, it.Message.Status)
		}
	}
}

func TestABatchIsReadWhole(t *testing.T) {
	body := `{"results":[{"messageId":"1","from":"38641123456","text":"a"},{"messageId":[]},{"messageId":"1","from":"38641123456","text":"a"},{"messageId":"1","status":{"groupId":3}},{"messageId":"1","status":{"groupId":1}},{"messageId":"1","seenAt":"x"}]}`
	var got []string
	for _, it := range infobip.NewSMS().Parse(channel.Request{Body: []byte(body)}).Items {
		got = append(got, strings.TrimSuffix(it.Dedupe[:min(len(it.Dedupe), 12)], " ")+" "+it.Parked)
	}
	want := []string{"message|1 ", channel.Digest([]byte(`{"results":[{"messageId":[]}]}`))[:12] + " shape", "message|1 ", "status|3|1 ", "status|1|1 ", "seen|1 "}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range suite(f, infobip.NewSMS()).Bodies {
		f.Add([]byte(b))
	}
	f.Add([]byte(one(sms + `"message":[{"contentType":"text/plain","value":"x"},{"type":"LOCATION","latitude":"1","longitude":1}]`)))
	viber, sms := infobip.NewViber(), infobip.NewSMS()
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Items(t, viber, viber.Parse(channel.Request{Body: body}))
		channeltest.Items(t, sms, sms.Parse(channel.Request{Body: body}))
	})
}
