package postmark_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/postmark"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

func text(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var names = []string{
	"inbound.json", "inbound_attachments.json", "inbound_raw.json", "old.json",
	"bounce.json", "delivery.json", "open.json", "complaint.json", "unsubscribe.json",
}

func suite(t testing.TB) channeltest.Case {
	c := channeltest.Case{
		Provider: postmark.New(),
		Secret:   channel.Secret{"username": "postmark", "password": "open sesame"},
		Other:    channel.Secret{"username": "postmark", "password": "open sesami"},
		Proof:    "Authorization", Unsigned: true,
	}
	for _, n := range names {
		c.Bodies = append(c.Bodies, text(t, n))
	}
	return c
}

func TestSuite(t *testing.T) { channeltest.Run(t, suite(t)) }

func parse(t testing.TB, body string) channel.Item {
	t.Helper()
	got := postmark.New().Parse(channel.Request{Body: []byte(body)})
	if len(got.Items) != 1 {
		t.Fatalf("%d items", len(got.Items))
	}
	channeltest.Items(t, postmark.New(), got)
	return got.Items[0]
}

func mailbox(address, name string) message.Party {
	return message.Party{Scheme: message.Mailto, Address: address, Name: name}
}

func received() message.Inbound {
	return message.Inbound{
		Channel: message.Email, Provider: "postmark", Kind: message.Said, Direction: message.In,
		ProviderID: "22c74902-a0c1-4511-804f2-341342852c90", Aliases: []string{"<CAEPk3R+4Zr@mail.example.org>"},
		Sender: mailbox("from+test@example.org", "Displayed From"),
		Recipients: []message.Party{
			mailbox("test@inbound.example.com", "Test Inbound"), mailbox("other@example.com", ""), mailbox("cc@example.com", ""),
		},
		Line: "test@inbound.example.com", Subject: "Test subject", Text: "Test body plain",
		SentAt: time.Date(2017, 10, 12, 1, 31, 4, 0, time.UTC),
	}
}

func fate(id, who string, s message.State, code string, permanent bool, at string) message.Inbound {
	when, _ := time.Parse(time.RFC3339Nano, at)
	return message.Inbound{
		Channel: message.Email, Provider: "postmark", ProviderID: id, Target: id, Kind: message.Report, Direction: message.In,
		Status: &message.Status{State: s, Code: code, Recipient: mailbox(who, ""), Permanent: permanent}, SentAt: when.UTC(),
	}
}

func TestMapping(t *testing.T) {
	files := received()
	files.Media = []message.Media{
		{Part: 1, Name: "test.txt", Mime: "text/plain", Size: 15},
		{Part: 2, Name: "image.png", Mime: "image/png", Size: 10, Inline: true},
		{Part: 3, Name: "bounce.txt", Mime: "message/rfc822", Size: 20},
	}
	old := message.Inbound{
		Channel: message.Email, Provider: "postmark", Kind: message.Said, Direction: message.In,
		ProviderID: "a8c1040e-db1c-4e18-ac79-bc5f64c7ce2c", Aliases: []string{"<AANLkTin3nR52muA3Pner1eoLo6GLQz_5iZLTPvwEjZNu@mail.gmail.com>"},
		Sender: mailbox("bob@bob.com", "Bob Bobson"), Subject: "Hi There", Text: "\nThis is awesome!\n\n",
	}
	gone := message.Inbound{
		Channel: message.Email, Provider: "postmark", ProviderID: "a4909a96-73d7-4c49-b148-a54522d3f7ac", Kind: message.Control, Direction: message.In,
		Control: "unsubscribed", Sender: mailbox("john@example.com", ""), SentAt: time.Date(2022, 6, 5, 17, 17, 32, 0, time.UTC),
	}
	for file, want := range map[string]struct {
		message message.Inbound
		dedupe  string
	}{
		"inbound.json":             {received(), "mail|22c74902-a0c1-4511-804f2-341342852c90"},
		"inbound_attachments.json": {files, "mail|22c74902-a0c1-4511-804f2-341342852c90"},
		"old.json":                 {old, "mail|a8c1040e-db1c-4e18-ac79-bc5f64c7ce2c"},
		"bounce.json": {fate("2706ee8a-737c-4285-b032-ccd317af53ed", "bounce@example.com", message.Failed, "HardBounce", true, "2016-04-27T20:28:50.3963933Z"),
			"Bounce|2706ee8a-737c-4285-b032-ccd317af53ed|bounce@example.com|901542550|"},
		"delivery.json": {fate("883953f4-6105-42a2-a16a-77a8eac79483", "recipient@example.com", message.Delivered, "", false, "2014-08-01T17:28:10.2735393Z"),
			"Delivery|883953f4-6105-42a2-a16a-77a8eac79483|recipient@example.com||"},
		"open.json": {fate("f4830d10-9c35-4f0c-bca3-3d9b459821f8", "recipient@example.com", message.Read, "", false, "2016-04-27T20:21:41.2493688Z"),
			"Open|f4830d10-9c35-4f0c-bca3-3d9b459821f8|recipient@example.com||"},
		"complaint.json": {fate("2706ee8a-737c-4285-b032-ccd317af53ed", "spam@example.com", message.Delivered, "SpamComplaint", true, "2016-04-27T20:28:50.3963933Z"),
			"SpamComplaint|2706ee8a-737c-4285-b032-ccd317af53ed|spam@example.com|901542550|"},
		"unsubscribe.json": {gone, "SubscriptionChange|a4909a96-73d7-4c49-b148-a54522d3f7ac|john@example.com||2022-06-05T17:17:32Z"},
	} {
		t.Run(file, func(t *testing.T) {
			it := parse(t, text(t, file))
			if it.Parked != "" || it.Dedupe != want.dedupe || it.KeepRaw {
				t.Errorf("parked %q, identity %q, kept %v", it.Parked, it.Dedupe, it.KeepRaw)
			}
			if !reflect.DeepEqual(it.Message, want.message) {
				t.Errorf("got  %+v %+v\nwant %+v %+v", it.Message, it.Message.Status, want.message, want.message.Status)
			}
		})
	}
}

// changed is inbound.json with one thing changed.
func changed(t testing.TB, key string, value any) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text(t, "inbound.json")), &m); err != nil {
		t.Fatal(err)
	}
	if m[key] = value; value == nil {
		delete(m, key)
	}
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func headers(pairs ...string) []map[string]string {
	var out []map[string]string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, map[string]string{"Name": pairs[i], "Value": pairs[i+1]})
	}
	return out
}

func TestARawMailIsReadAndKept(t *testing.T) {
	var body struct{ RawEmail string }
	if err := json.Unmarshal([]byte(text(t, "inbound_raw.json")), &body); err != nil {
		t.Fatal(err)
	}
	it := parse(t, text(t, "inbound_raw.json"))
	want := received()
	want.Media = []message.Media{{Part: 3, Name: "attachment.txt", Mime: "text/plain", Size: 21}}
	if it.Parked != "" || it.Dedupe != "mail|22c74902-a0c1-4511-804f2-341342852c90" || !it.KeepRaw || string(it.Raw) != body.RawEmail {
		t.Errorf("parked %q, identity %q, kept %v", it.Parked, it.Dedupe, it.KeepRaw)
	}
	if !reflect.DeepEqual(it.Message, want) {
		t.Errorf("got  %+v\nwant %+v", it.Message, want)
	}
	if got, err := postmark.New().(channel.Opener).OpenPart(it.Raw, 3); err != nil || strings.TrimSpace(string(got)) != "This is an attachment" {
		t.Errorf("%q %v", got, err)
	}
}

func TestThreadsAndMachines(t *testing.T) {
	m := parse(t, changed(t, "Headers", headers("in-reply-to", "<b@x>", "References", "<a@x> <b@x>", "Auto-Submitted", "auto-replied"))).Message
	if m.ReplyTo != "<b@x>" || !reflect.DeepEqual(m.References, []string{"<a@x>"}) || !m.Automatic {
		t.Errorf("%+v", m)
	}
	if m := parse(t, changed(t, "Headers", headers("In-Reply-To", "<c8c5ec5d-4f4f@mtasv.net>"))).Message; m.ReplyTo != "c8c5ec5d-4f4f" || !reflect.DeepEqual(m.References, []string{"<c8c5ec5d-4f4f@mtasv.net>"}) {
		t.Errorf("an answer to what Postmark sent for us: %q %q", m.ReplyTo, m.References)
	}
	if m := parse(t, changed(t, "Headers", headers("Return-Path", "<a@b>", "Return-Path", "<>"))).Message; m.Automatic {
		t.Error("only the first Return-Path is Postmark's word")
	}
	if m := parse(t, changed(t, "Headers", headers("Return-Path", "<>"))).Message; !m.Automatic {
		t.Error("a null return path is a machine's")
	}
}

func TestWhatIsMissingOrHostile(t *testing.T) {
	for name, c := range map[string]struct{ body, parked, dedupe string }{
		"no JSON":                        {`{"MessageID":`, "json", ""},
		"no object":                      {`[]`, "shape", ""},
		"nothing":                        {`{}`, "shape", ""},
		"a list for a text":              {changed(t, "Subject", []string{"a"}), "shape", ""},
		"no sender":                      {changed(t, "FromFull", nil), "address", ""},
		"no id":                          {changed(t, "MessageID", nil), "", "sha256:"},
		"an id as a number":              {changed(t, "MessageID", 12345678901234567), "", "mail|12345678901234567"},
		"a record type of tomorrow":      {`{"RecordType":"Postcard","MessageID":"1"}`, "type", "Postcard|1|||"},
		"an event without a message":     {`{"RecordType":"Open","Recipient":"a@b"}`, "shape", "sha256:"},
		"a change of nobody":             {`{"RecordType":"SubscriptionChange","MessageID":"1"}`, "address", ""},
		"a mail that says it is inbound": {strings.Replace(text(t, "inbound.json"), "{", `{"RecordType":"Inbound",`, 1), "", "mail|22c7"},
		"a machine without an address":   {`{"MessageID":"1","FromFull":{"Email":"","Name":"Mail Delivery System"},"Headers":[{"Name":"Return-Path","Value":"<>"}]}`, "", "mail|1"},
	} {
		t.Run(name, func(t *testing.T) {
			it := parse(t, c.body)
			if it.Parked != c.parked || !strings.HasPrefix(it.Dedupe, c.dedupe) || string(it.Raw) != c.body {
				t.Errorf("parked %q, identity %q", it.Parked, it.Dedupe)
			}
			if it.Parked == "" && it.Message.ProviderID == "" {
				t.Error("no provider id")
			}
		})
	}
	m := parse(t, changed(t, "Subject", "a\r\nBcc: x@y\x00")).Message
	if m.Subject != "a Bcc: x@y" {
		t.Errorf("subject %q", m.Subject)
	}
	if m := parse(t, changed(t, "TextBody", "")).Message; m.Text != "Test body html" {
		t.Errorf("without a text the HTML speaks: %q", m.Text)
	}
}

func TestBounces(t *testing.T) {
	for kind, want := range map[string]message.Status{
		"HardBounce":    {State: message.Failed, Permanent: true},
		"SoftBounce":    {State: message.Failed},
		"DnsError":      {State: message.Failed},
		"Blocked":       {State: message.Failed},
		"Transient":     {State: message.Delayed},
		"AutoResponder": {State: message.Delivered},
		"Tomorrow":      {State: message.Failed},
	} {
		got := parse(t, `{"RecordType":"Bounce","ID":1,"MessageID":"1","Email":"a@b","Type":"`+kind+`"}`).Message.Status
		if got.State != want.State || got.Permanent != want.Permanent || got.Code != kind {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	if s := parse(t, `{"RecordType":"Bounce","MessageID":"1","Email":"a@b","Type":"SoftBounce","Inactive":true}`).Message.Status; !s.Permanent {
		t.Error("Postmark sends no more to an inactive address")
	}
}

func TestAttachmentsAreOpened(t *testing.T) {
	o := postmark.New().(channel.Opener)
	raw := []byte(text(t, "inbound_attachments.json"))
	for n, want := range []string{"test attachment", "\x89PNG\r\n\x1a\n\x00\xff", "Subject: x\n\nreturned"} {
		if got, err := o.OpenPart(raw, n+1); err != nil || string(got) != want {
			t.Errorf("%d: %q %v", n+1, got, err)
		}
	}
	for name, c := range map[string]struct {
		raw  string
		n    int
		want fault.Kind
	}{
		"before the first":    {string(raw), 0, fault.NotFound},
		"after the last":      {string(raw), 4, fault.NotFound},
		"of another shape":    {`{"Attachments":1}`, 1, fault.Invalid},
		"of no base64":        {`{"Attachments":[{"Content":"????"}]}`, 1, fault.Poison},
		"of the Check button": {`{"Attachments":[{"Data":"eA=="}]}`, 1, ""},
		"in lines":            {`{"Attachments":[{"Content":"eHh4\r\neHh4"}]}`, 1, ""},
		"without padding":     {`{"Attachments":[{"Content":"eA"}]}`, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := o.OpenPart([]byte(c.raw), c.n); fault.Of(err) != c.want || err == nil && len(got) == 0 {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, n := range names {
		f.Add([]byte(text(f, n)))
	}
	f.Add([]byte(`{"RecordType":"Bounce","MessageID":1,"Email":"a"}`))
	p := postmark.New()
	f.Fuzz(func(t *testing.T, body []byte) {
		got := p.Parse(channel.Request{Body: body})
		channeltest.Items(t, p, got)
		for _, m := range got.Items[0].Message.Media {
			p.(channel.Opener).OpenPart(got.Items[0].Raw, m.Part)
		}
	})
}
