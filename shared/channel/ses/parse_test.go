package ses

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
)

// wrap is a notification with a Message, as SNS sends it.
func wrap(message string) string {
	b, _ := json.Marshal(envelope{Type: notification, MessageId: "19ba9823-d7f2-53c1-860e-cb10e0d13dfc", TopicArn: "arn:x", Message: message, Timestamp: "2018-03-26T17:58:59.675Z"})
	return string(b)
}

func parse(t testing.TB, p channel.Provider, body string) []channel.Item {
	t.Helper()
	got := p.Parse(channel.Request{Body: []byte(body), At: march})
	channeltest.Items(t, p, got)
	return got.Items
}

func mailbox(address, name string) message.Party {
	return message.Party{Scheme: message.Mailto, Address: address, Name: name}
}

func received(id string) message.Inbound {
	return message.Inbound{
		Channel: message.Email, Provider: "ses", Kind: message.Said, Direction: message.In,
		ProviderID: id, Aliases: []string{"<CAEPk3RKsi@mail.example.org>"},
		Sender:     mailbox("from@example.org", "Sender, Inc."),
		Recipients: []message.Party{mailbox("inbound@example.com", "Recipient"), mailbox("someone-else@example.org", "")},
		Line:       "inbound@example.com", Subject: "Test inbound message", Text: "It's a body\u2026",
		SentAt: time.Date(2018, 3, 30, 17, 21, 50, 0, time.UTC),
	}
}

func TestAReceivedMail(t *testing.T) {
	var n notice
	if err := json.Unmarshal([]byte(text(t, "received_sns.json")), &n); err != nil {
		t.Fatal(err)
	}
	in64 := strings.Replace(strings.Replace(text(t, "received_sns.json"), `"UTF8"`, `"BASE64"`, 1), quoted(n.Content), quoted(base64.StdEncoding.EncodeToString([]byte(n.Content))), 1)
	stored := New(Options{Buckets: []string{"InboundEmailBucket-KeepPrivate"}, Object: func(bucket, key string) ([]byte, error) {
		if bucket != "InboundEmailBucket-KeepPrivate" || key != "inbound/fqef5sop459utgdf4o9lqbsv7jeo73pejig34301" {
			return nil, errors.New("no such object")
		}
		return []byte(n.Content), nil
	}})
	for name, c := range map[string]struct {
		p           channel.Provider
		message, id string
	}{
		"inline":           {New(Options{}), text(t, "received_sns.json"), "jili9m351il3gkburn7o2f0u6788stij94c8ld01"},
		"inline in base64": {New(Options{}), in64, "jili9m351il3gkburn7o2f0u6788stij94c8ld01"},
		"in a bucket":      {stored, text(t, "received_s3.json"), "fqef5sop459utgdf4o9lqbsv7jeo73pejig34301"},
	} {
		t.Run(name, func(t *testing.T) {
			items := parse(t, c.p, wrap(c.message))
			if len(items) != 1 || items[0].Parked != "" || items[0].Dedupe != "mail|"+c.id || !items[0].KeepRaw || string(items[0].Raw) != n.Content {
				t.Fatalf("parked %q, identity %q", items[0].Parked, items[0].Dedupe)
			}
			if !reflect.DeepEqual(items[0].Message, received(c.id)) {
				t.Errorf("got  %+v\nwant %+v", items[0].Message, received(c.id))
			}
			if part, err := c.p.(channel.Opener).OpenPart(items[0].Raw, 1); err != nil || !strings.HasPrefix(string(part), "It's a body") {
				t.Errorf("%q %v", part, err)
			}
		})
	}
}

// quoted is s as the files write it, "<" included.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(b))
}

func TestAnAnswerToWhatSESSentForUs(t *testing.T) {
	mail := "From: a@b\r\nIn-Reply-To: <0102@eu-west-1.amazonses.com>\r\n\r\nx"
	m := parse(t, New(Options{}), wrap(`{"notificationType":"Received","mail":{"messageId":"1","timestamp":"2018-03-30T17:21:51.636Z"},"receipt":{"recipients":["c@d"]},"content":`+quoted(mail)+`}`))[0].Message
	if m.ReplyTo != "0102" || !reflect.DeepEqual(m.References, []string{"<0102@eu-west-1.amazonses.com>"}) || m.Line != "c@d" {
		t.Errorf("%+v", m)
	}
	if m.SentAt.Format(time.RFC3339) != "2018-03-30T17:21:51Z" {
		t.Errorf("without a Date, SES's time: %v", m.SentAt)
	}
}

type told struct {
	who       string
	state     message.State
	code      string
	permanent bool
}

func TestFates(t *testing.T) {
	three := `"mail":{"messageId":"m","timestamp":"2016-10-14T05:02:16.645Z","destination":["a@x","b@x","c@x"],"tags":{"okence":["our-id"]}}`
	for name, c := range map[string]struct {
		message string
		want    []told
	}{
		"a bounce":            {text(t, "bounce.json"), []told{{"jane@example.com", message.Failed, "5.1.1", true}}},
		"a complaint":         {text(t, "complaint.json"), []told{{"richard@example.com", message.Delivered, "complaint/abuse", true}}},
		"a delivery":          {text(t, "delivery.json"), []told{{"jane@example.com", message.Delivered, "", false}}},
		"a delay":             {text(t, "delay.json"), []told{{"recipient@example.com", message.Delayed, "4.4.1", false}}},
		"sent":                {`{"eventType":"Send","send":{},` + three + `}`, []told{{"a@x", message.Sent, "", false}, {"b@x", message.Sent, "", false}, {"c@x", message.Sent, "", false}}},
		"rejected":            {`{"eventType":"Reject","reject":{"reason":"Bad content"},` + `"mail":{"messageId":"m","destination":["a@x"]}}`, []told{{"a@x", message.Failed, "reject", true}}},
		"not rendered":        {`{"eventType":"Rendering Failure","mail":{"messageId":"m","destination":["a@x"]}}`, []told{{"a@x", message.Failed, "rendering", true}}},
		"opened":              {`{"eventType":"Open","open":{"timestamp":"2017-08-09T22:00:19.652Z"},"mail":{"messageId":"m","destination":["a@x"]}}`, []told{{"a@x", message.Read, "", false}}},
		"clicked":             {`{"eventType":"Click","click":{"timestamp":"2017-08-09T22:00:19.652Z"},"mail":{"messageId":"m","destination":["a@x"]}}`, []told{{"a@x", message.Read, "click", false}}},
		"one failed, one not": {`{"eventType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"a@x","action":"failed","status":"5.2.2"},{"emailAddress":"b@x","action":"delayed","status":"4.4.1"},{"emailAddress":"c@x"}]},` + three + `}`, []told{{"a@x", message.Failed, "5.2.2", false}, {"b@x", message.Delayed, "4.4.1", false}, {"c@x", message.Failed, "Transient/General", false}}},
		"not spam after all":  {`{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@x"}],"complaintFeedbackType":"not-spam"},` + three + `}`, []told{{"a@x", message.Delivered, "complaint/not-spam", false}}},
		"kept back":           {`{"eventType":"Complaint","complaint":{"complaintSubType":"OnAccountSuppressionList","complainedRecipients":[{"emailAddress":"a@x"}]},` + three + `}`, []told{{"a@x", message.Failed, "OnAccountSuppressionList", true}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []told
			keys := map[string]bool{}
			for _, it := range parse(t, New(Options{}), wrap(c.message+"\n")) {
				s := it.Message.Status
				if it.Parked != "" || s == nil || it.Message.Kind != message.Report || it.Message.Target == "" || it.Message.SentAt.IsZero() || keys[it.Dedupe] {
					t.Fatalf("%+v", it)
				}
				if strings.Contains(c.message, "our-id") != (s.Ours == "our-id") {
					t.Errorf("ours %q", s.Ours)
				}
				keys[it.Dedupe] = true
				got = append(got, told{s.Recipient.Address, s.State, s.Code, s.Permanent})
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWhatWaitsForAPerson(t *testing.T) {
	s3 := text(t, "received_s3.json")
	fails := func(string, string) ([]byte, error) { return nil, errors.New("down") }
	bucket := []string{"InboundEmailBucket-KeepPrivate"}
	for name, c := range map[string]struct {
		o            Options
		body, parked string
	}{
		"no JSON":                    {Options{}, "x", "json"},
		"no envelope":                {Options{}, "[]", "shape"},
		"a type of tomorrow":         {Options{}, `{"Type":"Postcard","MessageId":"1"}`, "type"},
		"a message that is a text":   {Options{}, wrap("hello"), "json"},
		"a message of another shape": {Options{}, wrap(`{"mail":[]}`), "shape"},
		"a message of no kind":       {Options{}, wrap(`{"mail":{"messageId":"1"}}`), "type"},
		"an event of tomorrow":       {Options{}, wrap(`{"eventType":"Postcard","mail":{"messageId":"1"}}`), "type"},
		"an event about nothing":     {Options{}, wrap(`{"eventType":"Delivery"}`), "shape"},
		"an event about nobody":      {Options{}, wrap(`{"eventType":"Delivery","mail":{"messageId":"1"}}`), "shape"},
		"a virus": {Options{}, wrap(strings.Replace(text(t, "received_sns.json"), `"virusVerdict": {
   "status": "PASS"`, `"virusVerdict": {
   "status": "FAIL"`, 1)), "virus"},
		"a mail without content":    {Options{}, wrap(`{"notificationType":"Received","mail":{"messageId":"1"}}`), "content"},
		"broken base64":             {Options{}, wrap(`{"notificationType":"Received","mail":{"messageId":"1"},"content":"?","receipt":{"action":{"encoding":"BASE64"}}}`), "base64"},
		"a bucket of others":        {Options{Object: fails}, wrap(s3), "bucket"},
		"nothing to open it with":   {Options{Buckets: bucket}, wrap(s3), "object"},
		"a bucket that fails":       {Options{Buckets: bucket, Object: fails}, wrap(s3), "object"},
		"a subscription":            {Options{}, text(t, "subscription.json"), "subscription"},
		"a subscription that fails": {Options{Confirm: func(string) error { return errors.New("down") }}, text(t, "subscription.json"), "subscription"},
		"a subscription elsewhere":  {Options{Confirm: func(string) error { t.Error("followed"); return nil }}, strings.Replace(text(t, "subscription.json"), `"https://sns.us-west-2.amazonaws.com/?`, `"https://evil.test/?`, 1), "subscription"},
		"the end of a subscription": {Options{Confirm: func(string) error { t.Error("followed"); return nil }}, text(t, "unsubscribe.json"), "unsubscribed"},
	} {
		t.Run(name, func(t *testing.T) {
			items := parse(t, New(c.o), c.body)
			if len(items) != 1 || items[0].Parked != c.parked || string(items[0].Raw) != c.body {
				t.Errorf("%+v", items)
			}
		})
	}
}

func TestASubscriptionIsConfirmed(t *testing.T) {
	var asked []string
	p := New(Options{Confirm: func(u string) error { asked = append(asked, u); return nil }})
	it := parse(t, p, text(t, "subscription.json"))[0]
	if it.Parked != "" || it.Message.Kind != message.Control || it.Message.Control != "subscribed" || len(asked) != 1 || !strings.HasPrefix(asked[0], "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=") {
		t.Errorf("%+v %v", it, asked)
	}
	it = parse(t, p, wrap("Successfully validated SNS topic for Amazon SES event publishing."))[0]
	if it.Parked != "" || it.Message.Control != "validated" || it.Dedupe != "sns|19ba9823-d7f2-53c1-860e-cb10e0d13dfc" {
		t.Errorf("%+v", it)
	}
}

func TestHostileBodiesTakeLinearTime(t *testing.T) {
	p := New(Options{})
	start := time.Now()
	for _, inner := range []string{
		strings.Repeat("[", 60_000), `{"eventType":"Send","mail":{"messageId":"1","destination":[` + strings.Repeat(`"a@b",`, 10_000) + `"a@b"]}}`,
		`{"notificationType":"Received","mail":{"messageId":"1"},"content":"` + strings.Repeat(`a:b\n`, 12_000) + `"}`,
		`{"eventType":"Bounce","mail":{"messageId":"1"},"bounce":{"bouncedRecipients":[` + strings.Repeat(`{},`, 20_000) + `{}]}}`,
	} {
		parse(t, p, wrap(inner))
		parse(t, p, inner)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range []string{"received_sns.json", "received_s3.json", "bounce.json", "complaint.json", "delivery.json", "delay.json"} {
		f.Add([]byte(wrap(text(f, file))))
	}
	for _, file := range signedByAmazon {
		f.Add([]byte(text(f, file)))
	}
	p := New(Options{Confirm: func(string) error { return nil }})
	f.Fuzz(func(t *testing.T, body []byte) {
		channeltest.Items(t, p, p.Parse(channel.Request{Body: body}))
		p.Verify(channel.Request{Body: body}, channel.Secret{"topic_arns": "x", "certificates": "x"})
	})
}

// A delivery report that came as a mail: one item for each recipient, about
// the mail that SES sent for us.
func TestADeliveryReportInAMail(t *testing.T) {
	report := strings.ReplaceAll(`From: Mail Delivery System <MAILER-DAEMON@example.org>
To: bounces@example.com
Message-ID: <r1@example.org>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.org

Final-Recipient: rfc822; jane@example.org
Action: failed
Status: 5.1.1

Final-Recipient: rfc822; mary@example.org
Action: delayed
Status: 4.4.1

--b
Content-Type: text/rfc822-headers

Message-ID: <0102-m@eu-west-1.amazonses.com>
Subject: Hello

--b--
`, "\n", "\r\n")
	items := parse(t, New(Options{}), wrap(`{"notificationType":"Received","mail":{"messageId":"1","timestamp":"2018-03-30T17:21:51.636Z"},"receipt":{"recipients":["bounces@example.com"]},"content":`+quoted(report)+`}`))
	if len(items) != 2 || items[0].Dedupe == items[1].Dedupe {
		t.Fatalf("%+v", items)
	}
	for i, want := range []told{{"jane@example.org", message.Failed, "5.1.1", true}, {"mary@example.org", message.Delayed, "4.4.1", false}} {
		m := items[i].Message
		got := told{m.Status.Recipient.Address, m.Status.State, m.Status.Code, m.Status.Permanent}
		if got != want || m.Target != "0102-m" || m.ProviderID != "1" || m.Kind != message.Report || items[i].Parked != "" {
			t.Errorf("%+v %+v", m, got)
		}
	}
}
