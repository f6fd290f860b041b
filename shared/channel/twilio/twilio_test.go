package twilio_test

import (
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/twilio"
	"github.com/okence/okence/shared/domain/message"
)

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// alike: Twilio signs names and values in one string without borders, so
// Caller=+1&Digits=2 and Caller=+1Digits2 are one to it (a million mutations
// found it). Nothing but the order and the borders of pairs may differ.
func alike(a, b []byte) bool {
	signed := func(body []byte) string {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return "not a form: " + string(body)
		}
		var out strings.Builder
		for _, name := range slices.Sorted(maps.Keys(form)) {
			for _, value := range slices.Compact(slices.Sorted(slices.Values(form[name]))) {
				out.WriteString(name + value)
			}
		}
		return out.String()
	}
	return signed(a) == signed(b)
}

func suite(t testing.TB, p channel.Provider, bodies ...string) channeltest.Case {
	c := channeltest.Case{
		Provider: p,
		Secret:   channel.Secret{"auth_token": "12345", "url": "https://ekc.example/webhooks/ekc/sms/twilio"},
		Other:    channel.Secret{"auth_token": "12346", "url": "https://ekc.example/webhooks/ekc/sms/twilio"},
		Proof:    "X-Twilio-Signature",
		Type:     "application/x-www-form-urlencoded",
		URL:      "/webhooks/ekc/sms/twilio?message=ours-1",
		Alike:    alike,
	}
	for _, b := range bodies {
		c.Bodies = append(c.Bodies, file(t, b))
	}
	return c
}

func TestSuiteSMS(t *testing.T) {
	channeltest.Run(t, suite(t, twilio.NewSMS(), "sms.form", "status.form"))
}

func TestSuiteWhatsApp(t *testing.T) {
	channeltest.Run(t, suite(t, twilio.NewWhatsApp(), "whatsapp_reply.form"))
}

func TestSuiteVoice(t *testing.T) {
	channeltest.Run(t, suite(t, twilio.NewVoice(), "gather.form", "call_progress.form"))
}

func TestNames(t *testing.T) {
	if n := twilio.NewSMS().Name().String() + " " + twilio.NewWhatsApp().Name().String() + " " + twilio.NewVoice().Name().String(); n != "sms/twilio whatsapp/twilio voice/twilio" {
		t.Error(n)
	}
}

var (
	sm   = "SM" + strings.Repeat("a", 32)
	ana  = message.Party{Scheme: message.Tel, Address: "+38641123456"}
	ours = message.Party{Scheme: message.Tel, Address: "+38651123456"}
)

// whats is a party that came with the prefix of WhatsApp.
func whats(p message.Party) message.Party {
	p.Raw = "whatsapp:" + p.Address
	return p
}

func inbound(c message.Channel, change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{Channel: c, Provider: "twilio", ProviderID: "SM1", Kind: message.Said, Direction: message.In, Sender: ana, Recipients: []message.Party{ours}, Line: ours.Address}
	if c == message.WhatsApp {
		m.Sender, m.Recipients = whats(ana), []message.Party{whats(ours)}
	}
	change(&m)
	return m
}

func report(change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{Channel: message.SMS, Provider: "twilio", ProviderID: "SM1", Target: "SM1", Kind: message.Report, Direction: message.In, Line: ours.Address, Status: &message.Status{Recipient: ana, Ours: "ours-1"}}
	change(&m)
	return m
}

// form writes key, value pairs as Twilio does.
func form(kv ...string) string {
	var b strings.Builder
	for i := 0; i < len(kv); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(kv[i]) + "=" + url.QueryEscape(kv[i+1]))
	}
	return b.String()
}

func sms(kv ...string) string {
	return form(append([]string{"SmsStatus", "received", "MessageSid", "SM1", "From", "+38641123456", "To", "+38651123456"}, kv...)...)
}

func wa(kv ...string) string {
	return form(append([]string{"SmsStatus", "received", "MessageSid", "SM1", "From", "whatsapp:+38641123456", "To", "whatsapp:+38651123456"}, kv...)...)
}

func status(word string, kv ...string) string {
	return form(append([]string{"MessageSid", "SM1", "SmsStatus", word, "MessageStatus", word, "To", "+38641123456", "From", "+38651123456"}, kv...)...)
}

func TestMessages(t *testing.T) {
	for name, c := range map[string]struct {
		body     string
		whatsapp bool
		want     message.Inbound
		dedupe   string
		parked   string
	}{
		"an SMS": {
			body: file(t, "sms.form"),
			want: inbound(message.SMS, func(m *message.Inbound) {
				m.ProviderID, m.Text = sm, "Dober dan, kje je račun? 1+1=2 & 50 %"
			}),
			dedupe: "message|" + sm,
		},
		"a button of a WhatsApp template answers it": {
			whatsapp: true, body: file(t, "whatsapp_reply.form"),
			want: inbound(message.WhatsApp, func(m *message.Inbound) {
				m.ProviderID, m.Text, m.ReplyTo = "SM"+strings.Repeat("d", 32), "Potrdi", "MM"+strings.Repeat("e", 32)
				m.Sender.Name, m.Sender.UserID = "Ana Novak", "SI.2081978709342942"
				to := message.Party{Scheme: message.Tel, Address: "+14155238886", Raw: "whatsapp:+14155238886"}
				m.Recipients, m.Line = []message.Party{to}, to.Address
			}),
		},
		"an MMS with two files": {
			body: sms("Body", "x", "NumMedia", "2", "MediaUrl0", "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", "MediaContentType0", "image/png", "MediaUrl1", "https://api.twilio.com/2", "MediaContentType1", "image/jpeg", "MediaUrl2", "https://api.twilio.com/3"),
			want: inbound(message.SMS, func(m *message.Inbound) {
				m.Text = "x"
				m.Media = []message.Media{
					{URL: "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1", Mime: "image/png"},
					{URL: "https://api.twilio.com/2", Mime: "image/jpeg"},
				}
			}),
		},
		"an SMS without text is still one": {body: sms(), want: inbound(message.SMS, func(m *message.Inbound) {})},
		"NUL is left out":                  {body: sms("Body", "remove\x00 null bytes\x00"), want: inbound(message.SMS, func(m *message.Inbound) { m.Text = "remove null bytes" })},
		"spaces around a text are kept":    {body: sms("Body", " x "), want: inbound(message.SMS, func(m *message.Inbound) { m.Text = " x " })},
		"a name on one line":               {whatsapp: true, body: wa("Body", "x", "ProfileName", "Ana\r\nBcc: x"), want: inbound(message.WhatsApp, func(m *message.Inbound) { m.Text, m.Sender.Name = "x", "Ana Bcc: x" })},
		"a place": {whatsapp: true, body: wa("MessageType", "location", "Latitude", "12.160894393921", "Longitude", "75.265205383301", "Label", "EKC", "Address", "Tržaška 19"), want: inbound(message.WhatsApp, func(m *message.Inbound) {
			m.Location = &message.Location{Latitude: 12.160894393921, Longitude: 75.265205383301, Name: "EKC", Address: "Tržaška 19"}
		})},
		"half a place": {whatsapp: true, body: wa("MessageType", "location", "Latitude", "12"), parked: "shape"},
		"forwarded":    {whatsapp: true, body: wa("Body", "x", "Forwarded", "true"), want: inbound(message.WhatsApp, func(m *message.Inbound) { m.Text, m.Forwarded = "x", true })},
		"a user without a number": {
			whatsapp: true, body: form("MessageSid", "SM1", "From", "whatsapp:IN.2081978709342942", "Body", "x"),
			want: inbound(message.WhatsApp, func(m *message.Inbound) {
				m.Sender = message.Party{Scheme: message.ID, Address: "IN.2081978709342942", Raw: "whatsapp:IN.2081978709342942"}
				m.Recipients, m.Line, m.Text = nil, "", "x"
			}),
		},
		"a short code is no phone": {body: form("SmsSid", "SM1", "From", "12345", "Body", "x"), want: inbound(message.SMS, func(m *message.Inbound) {
			m.Sender, m.Recipients, m.Line, m.Text = message.Party{Scheme: message.ID, Address: "12345", Raw: "12345"}, nil, "", "x"
		})},
		"WhatsApp on the webhook of SMS":   {body: wa("Body", "x"), parked: "channel"},
		"SMS on the webhook of WhatsApp":   {whatsapp: true, body: sms("Body", "x"), parked: "channel"},
		"Messenger on the webhook of SMS":  {body: form("MessageSid", "SM1", "From", "messenger:123", "Body", "x"), parked: "channel"},
		"a type that Twilio doesn't carry": {whatsapp: true, body: wa("MessageType", "unsupported"), parked: "type", dedupe: "message|SM1"},
		"a type of which nothing came":     {whatsapp: true, body: wa("MessageType", "hologram"), parked: "type"},
		"a message from nobody":            {body: form("MessageSid", "SM1", "Body", "x"), parked: "address"},
		"a message without an id":          {body: form("From", "+38641123456", "Body", "x"), parked: "shape", dedupe: channel.Digest([]byte(form("From", "+38641123456", "Body", "x")))},
		"JSON":                             {body: `{"a":1}`, parked: "shape"},
		"nothing":                          {body: "", parked: "empty"},
		"a landline can't have SMS": {body: file(t, "status.form"), want: report(func(m *message.Inbound) {
			id := "SM" + strings.Repeat("f", 32)
			m.ProviderID, m.Target, m.Status.State, m.Status.Code, m.Status.Permanent = id, id, message.Failed, "30006", true
		}), dedupe: "status|SM" + strings.Repeat("f", 32) + "|undelivered"},
		"queued":                                 {body: status("queued"), want: report(func(m *message.Inbound) { m.Status.State = message.Queued }), dedupe: "status|SM1|queued"},
		"sent, without an error":                 {body: status("sent", "ErrorCode", "0"), want: report(func(m *message.Inbound) { m.Status.State = message.Sent })},
		"delivered":                              {body: status("delivered"), want: report(func(m *message.Inbound) { m.Status.State = message.Delivered })},
		"read":                                   {body: status("read", "EventType", "READ"), want: report(func(m *message.Inbound) { m.Status.State = message.Read })},
		"unreachable for now":                    {body: status("undelivered", "ErrorCode", "30003"), want: report(func(m *message.Inbound) { m.Status.State, m.Status.Code = message.Failed, "30003" })},
		"a status callback of the older form":    {body: form("SmsSid", "SM1", "SmsStatus", "sent", "To", "+38641123456", "From", "+38651123456"), want: report(func(m *message.Inbound) { m.Status.State = message.Sent })},
		"a status that nobody knows":             {body: status("levitated"), parked: "status", dedupe: "status|SM1|levitated"},
		"a million files that are not there":     {body: sms("Body", "x", "NumMedia", "1000000000"), want: inbound(message.SMS, func(m *message.Inbound) { m.Text = "x" })},
		"a number of files that is none":         {body: sms("Body", "x", "NumMedia", "-1"), want: inbound(message.SMS, func(m *message.Inbound) { m.Text = "x" })},
		"a status that says it is a message too": {body: status("delivered", "Body", "x"), want: report(func(m *message.Inbound) { m.Status.State = message.Delivered })},
	} {
		t.Run(name, func(t *testing.T) {
			p := twilio.NewSMS()
			if c.whatsapp {
				p = twilio.NewWhatsApp()
			}
			got := p.Parse(suite(t, p).Request(c.body))
			check(t, p, got, c.body, c.want, c.dedupe, c.parked)
			if string(got.Answer.Body) != "<Response/>" || got.Answer.ContentType != "text/xml" || got.Answer.Status != 0 {
				t.Errorf("answer %+v", got.Answer)
			}
		})
	}
}

func check(t *testing.T, p channel.Provider, got channel.Parsed, body string, want message.Inbound, dedupe, parked string) {
	t.Helper()
	channeltest.Items(t, p, got)
	if len(got.Items) != 1 {
		t.Fatalf("%d items", len(got.Items))
	}
	it := got.Items[0]
	if it.Parked != parked || dedupe != "" && it.Dedupe != dedupe || string(it.Raw) != body {
		t.Errorf("parked %q, want %q; identity %q, want %q; raw %q", it.Parked, parked, it.Dedupe, dedupe, it.Raw)
	}
	if parked == "" && !reflect.DeepEqual(it.Message, want) {
		t.Errorf("got  %+v %+v %+v\nwant %+v %+v %+v", it.Message, it.Message.Status, it.Message.Call, want, want.Status, want.Call)
	}
}

func call(change func(*message.Inbound)) message.Inbound {
	m := message.Inbound{
		Channel: message.Voice, Provider: "twilio", ProviderID: "CA1", Kind: message.CallKind, Direction: message.In,
		Sender: ana, Recipients: []message.Party{ours}, Line: ours.Address, Call: &message.Call{CallID: "CA1", LegID: "CA1"},
	}
	change(&m)
	return m
}

func in(kv ...string) string {
	return form(append([]string{"CallSid", "CA1", "Direction", "inbound", "From", "+38641123456", "To", "+38651123456"}, kv...)...)
}

func TestCalls(t *testing.T) {
	ended := func(word string) message.Inbound {
		return call(func(m *message.Inbound) { m.Call.Step, m.Call.Seq, m.Call.Cause = message.Ended, 4, word })
	}
	digits := func(body string) string {
		return "call|CA1|" + channel.Digest([]byte("message=ours-1\n"+body))
	}
	for name, c := range map[string]struct {
		body   string
		want   message.Inbound
		dedupe string
		parked string
	}{
		"a call rings": {
			body:   in("CallStatus", "ringing", "CallerName", "ANA\nNOVAK"),
			want:   call(func(m *message.Inbound) { m.Call.Step, m.Sender.Name = message.Ringing, "ANA NOVAK" }),
			dedupe: "call|CA1|ringing",
		},
		"what we called is completed": {
			body: file(t, "call_progress.form"),
			want: call(func(m *message.Inbound) {
				id := "CA" + strings.Repeat("1", 32)
				m.ProviderID, m.Direction, m.Sender, m.Recipients = id, message.Out, ours, []message.Party{ana}
				m.Call = &message.Call{CallID: id, LegID: id, Seq: 3, Step: message.Ended, Cause: "completed", Duration: 49 * time.Second}
				m.SentAt = time.Date(2018, 3, 25, 9, 53, 19, 0, time.UTC)
			}),
			dedupe: "call|CA" + strings.Repeat("1", 32) + "|3",
		},
		"the first event has the number 0": {body: in("CallStatus", "initiated", "SequenceNumber", "0"), want: call(func(m *message.Inbound) { m.Call.Step = message.Started }), dedupe: "call|CA1|0"},
		"answered": {body: in("CallStatus", "in-progress", "SequenceNumber", "2", "Timestamp", "Mon, 23 Nov 2026 13:00:00 +0100"), want: call(func(m *message.Inbound) {
			m.Call.Step, m.Call.Seq, m.SentAt = message.Answered, 2, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
		})},
		"queued":       {body: in("CallStatus", "queued"), want: call(func(m *message.Inbound) { m.Call.Step = message.Started })},
		"busy":         {body: in("CallStatus", "busy", "SequenceNumber", "4"), want: ended("busy")},
		"failed":       {body: in("CallStatus", "failed", "SequenceNumber", "4"), want: ended("failed")},
		"no answer":    {body: in("CallStatus", "no-answer", "SequenceNumber", "4"), want: ended("no-answer")},
		"cancelled":    {body: in("CallStatus", "canceled", "SequenceNumber", "4"), want: ended("canceled")},
		"keys pressed": {body: in("CallStatus", "in-progress", "Digits", "12#"), want: call(func(m *message.Inbound) { m.Call.Step, m.Call.Digits = message.DTMF, "12#" }), dedupe: digits(in("CallStatus", "in-progress", "Digits", "12#"))},
		"the parameters of the vectors are keys pressed": {
			body: file(t, "gather.form"),
			want: call(func(m *message.Inbound) {
				m.ProviderID, m.Call.CallID, m.Call.LegID = "CA1234567890ABCDE", "CA1234567890ABCDE", "CA1234567890ABCDE"
				m.Call.Step, m.Call.Digits = message.DTMF, "1234"
				m.Sender = message.Party{Scheme: message.Tel, Address: "+14158675309"}
				m.Recipients, m.Line = []message.Party{{Scheme: message.Tel, Address: "+18005551212"}}, "+18005551212"
			}),
		},
		"no key was pressed in time": {body: in("CallStatus", "in-progress", "Digits", ""), want: call(func(m *message.Inbound) { m.Call.Step = message.DTMF })},
		"something was said":         {body: in("CallStatus", "in-progress", "SpeechResult", "reklamacija"), want: call(func(m *message.Inbound) { m.Call.Step, m.Text = message.DTMF, "reklamacija" })},
		"a recording is ready": {body: in("RecordingSid", "RE1", "RecordingStatus", "completed", "RecordingUrl", "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1", "RecordingDuration", "45"), want: call(func(m *message.Inbound) {
			m.Call.Step, m.Call.Duration, m.Media = message.Recording, 45*time.Second, []message.Media{{URL: "https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1", Name: "RE1"}}
		}), dedupe: "call|CA1|recording|RE1|completed"},
		"a recording has begun": {body: in("RecordingSid", "RE1", "RecordingStatus", "in-progress", "RecordingUrl", "https://x"), want: call(func(m *message.Inbound) { m.Call.Step, m.Call.Cause = message.Recording, "in-progress" }), dedupe: "call|CA1|recording|RE1|in-progress"},
		"a message was recorded": {body: in("CallStatus", "in-progress", "RecordingSid", "RE1", "RecordingUrl", "https://x", "RecordingDuration", "7", "Digits", "#"), want: call(func(m *message.Inbound) {
			m.Call.Step, m.Call.Duration, m.Call.Digits, m.Media = message.Recording, 7*time.Second, "#", []message.Media{{URL: "https://x", Name: "RE1"}}
		})},
		"the adviser's leg is over": {body: in("CallStatus", "in-progress", "DialCallSid", "CA2", "DialCallStatus", "no-answer", "DialCallDuration", "5"), want: call(func(m *message.Inbound) {
			m.Call.LegID, m.Call.Step, m.Call.Cause, m.Call.Duration = "CA2", message.Ended, "no-answer", 5*time.Second
		}), dedupe: "call|CA1|dial|CA2|no-answer"},
		"a leg belongs to its parent": {body: form("CallSid", "CA2", "ParentCallSid", "CA1", "Direction", "outbound-dial", "From", "+38641123456", "To", "client:adviser-7", "CallStatus", "ringing", "SequenceNumber", "1"), want: call(func(m *message.Inbound) {
			m.Direction, m.Line, m.Recipients, m.Call = message.Out, ana.Address, []message.Party{{Scheme: message.ID, Address: "client:adviser-7", Raw: "client:adviser-7"}}, &message.Call{CallID: "CA1", LegID: "CA2", Seq: 1, Step: message.Ringing}
		}), dedupe: "call|CA2|1"},
		"a caller who withholds":      {body: form("CallSid", "CA1", "Direction", "inbound", "From", "+266696687", "To", "+38651123456", "CallStatus", "ringing"), want: call(func(m *message.Inbound) { m.Sender, m.Call.Step = message.Party{Raw: "+266696687"}, message.Ringing })},
		"a caller called Restricted":  {body: form("CallSid", "CA1", "From", "Restricted", "To", "+38651123456", "CallStatus", "ringing"), want: call(func(m *message.Inbound) { m.Sender, m.Call.Step = message.Party{Raw: "Restricted"}, message.Ringing })},
		"a caller who is nothing":     {body: form("CallSid", "CA1", "From", "", "To", "+38651123456", "CallStatus", "ringing"), want: call(func(m *message.Inbound) { m.Sender, m.Call.Step = message.Party{}, message.Ringing })},
		"a status that nobody knows":  {body: in("CallStatus", "levitated"), parked: "type"},
		"a callback without a status": {body: in("AnsweredBy", "human"), parked: "type"},
		"a step of no call":           {body: form("CallStatus", "ringing"), parked: "shape"},
		"a length that is none":       {body: in("CallStatus", "completed", "CallDuration", "-1", "SequenceNumber", "x"), want: call(func(m *message.Inbound) { m.Call.Step, m.Call.Cause = message.Ended, "completed" }), dedupe: "call|CA1|x"},
		"a time that is none":         {body: in("CallStatus", "ringing", "Timestamp", strings.Repeat("(", 40)), want: call(func(m *message.Inbound) { m.Call.Step = message.Ringing })},
		"nothing":                     {body: "", parked: "empty"},
		"no form":                     {body: "{}", parked: "shape"},
		"a time without leading zero": {body: in("CallStatus", "ringing", "Timestamp", "Sun, 5 Mar 2018 09:53:19 GMT"), want: call(func(m *message.Inbound) {
			m.Call.Step, m.SentAt = message.Ringing, time.Date(2018, 3, 5, 9, 53, 19, 0, time.UTC)
		})},
		"a sequence number beyond int64": {body: in("CallStatus", "ringing", "SequenceNumber", "99999999999999999999"), want: call(func(m *message.Inbound) { m.Call.Step = message.Ringing }), dedupe: "call|CA1|99999999999999999999"},
	} {
		t.Run(name, func(t *testing.T) {
			p := twilio.NewVoice()
			got := p.Parse(suite(t, p).Request(c.body))
			check(t, p, got, c.body, c.want, c.dedupe, c.parked)
		})
	}
}

func TestPrompt(t *testing.T) {
	say := func(key, _ string) string { return map[string]string{"voice.prompt": "Dober dan & <dobrodošli>"}[key] }
	const said = "<Response><Say>Dober dan &amp; &lt;dobrodošli&gt;</Say></Response>"
	for name, c := range map[string]struct {
		body string
		say  func(string, string) string
		want string
	}{
		"a caller is greeted":                   {in("CallStatus", "ringing"), say, said},
		"nobody to say it":                      {in("CallStatus", "ringing"), nil, "<Response/>"},
		"no text in the pack":                   {in("CallStatus", "ringing"), func(string, string) string { return "" }, "<Response/>"},
		"an event is answered by nothing":       {in("CallStatus", "ringing", "CallbackSource", "call-progress-events"), say, "<Response/>"},
		"keys are answered by nothing":          {in("CallStatus", "in-progress", "Digits", "1"), say, "<Response/>"},
		"the end is answered by nothing":        {in("CallStatus", "completed"), say, "<Response/>"},
		"whom we call is greeted by an adviser": {form("CallSid", "CA1", "Direction", "outbound-api", "CallStatus", "ringing"), say, "<Response/>"},
	} {
		t.Run(name, func(t *testing.T) {
			r := suite(t, twilio.NewVoice()).Request(c.body)
			r.Say = c.say
			if a := twilio.NewVoice().Parse(r).Answer; string(a.Body) != c.want || a.ContentType != "text/xml" {
				t.Errorf("answered %s", a.Body)
			}
		})
	}
}

func TestTheSameKeyForAnotherQuestion(t *testing.T) {
	ids := map[string]bool{}
	for _, q := range []string{"step=1", "step=2", "step=1"} {
		r := suite(t, twilio.NewVoice()).Request(in("Digits", "1"))
		r.URL.RawQuery = q
		ids[twilio.NewVoice().Parse(r).Items[0].Dedupe] = true
	}
	if len(ids) != 2 {
		t.Errorf("%d identities", len(ids))
	}
}

func TestFilesThatAreNotThereTakeNoTime(t *testing.T) {
	start := time.Now()
	twilio.NewSMS().Parse(suite(t, twilio.NewSMS()).Request(sms("NumMedia", "1000000000")))
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"sms.form", "whatsapp_reply.form", "status.form", "gather.form", "call_progress.form"} {
		f.Add([]byte(file(f, name)))
	}
	f.Add([]byte(in("RecordingUrl", "https://x", "DialCallStatus", "busy", "Timestamp", "Mon, 23 Nov 2026 13:00:00 +0100")))
	providers := []channel.Provider{twilio.NewSMS(), twilio.NewWhatsApp(), twilio.NewVoice()}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, p := range providers {
			channeltest.Items(t, p, p.Parse(channel.Request{Method: "POST", Body: body, Say: func(k, _ string) string { return k }}))
			channeltest.Items(t, p, p.Parse(channel.Request{Method: "GET", URL: &url.URL{RawQuery: string(body)}}))
		}
	})
}
