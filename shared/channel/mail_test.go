package channel_test

import (
	"net/textproto"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

func TestAMailAddress(t *testing.T) {
	for in, want := range map[string]message.Party{
		"Ana.Novak@Example.SI":     {Scheme: message.Mailto, Address: "Ana.Novak@example.si", Raw: "Ana.Novak@Example.SI"},
		"ana@example.si":           {Scheme: message.Mailto, Address: "ana@example.si"},
		"<ana@example.si>":         {Scheme: message.Mailto, Address: "ana@example.si", Raw: "<ana@example.si>"},
		`"a@b"@example.si`:         {Scheme: message.Mailto, Address: `"a@b"@example.si`},
		"ana@example.si\r\nBcc: x": {Scheme: message.ID, Address: "ana@example.si Bcc: x", Raw: "ana@example.si Bcc: x"},
		"nobody":                   {Scheme: message.ID, Address: "nobody", Raw: "nobody"},
		"@example.si":              {Scheme: message.ID, Address: "@example.si", Raw: "@example.si"},
		"ana@":                     {Scheme: message.ID, Address: "ana@", Raw: "ana@"},
		"":                         {},
	} {
		if got := channel.Mailbox(in, ""); got != want {
			t.Errorf("%q: %+v", in, got)
		}
	}
	for n, want := range map[int]message.Scheme{315: message.Mailto, 316: message.ID} { // 320 bytes and one more
		if got := channel.Mailbox(strings.Repeat("a", n)+"@b.si", ""); got.Scheme != want {
			t.Errorf("%d: %s", n, got.Scheme)
		}
	}
	if got := channel.Mailbox("", "Mail\r\nDelivery System"); got != (message.Party{Name: "Mail Delivery System"}) {
		t.Errorf("a name without an address: %+v", got)
	}
}

func TestTheMessageThatAMailAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		inReplyTo, references, replyTo string
		further                        []string
	}{
		"nothing":                               {},
		"a phrase and no id":                    {inReplyTo: "Your message of Monday"},
		"In-Reply-To before References":         {"<b@x>", "<a@x> <b@x>", "<b@x>", []string{"<a@x>"}},
		"References alone, from the last":       {"", "<a@x> <b@x> <c@x>", "<c@x>", []string{"<b@x>", "<a@x>"}},
		"several in In-Reply-To, from the last": {"<a@x> <b@x>", "<a@x> <c@x>", "<b@x>", []string{"<a@x>", "<c@x>"}},
		"without white space between":           {"", "<a@x><b@x>", "<b@x>", []string{"<a@x>"}},
		"folded within an id":                   {"<a\r\n b@x>", "", "<ab@x>", nil},
		"with a comment and a phrase":           {`Ana <ana (home)`, "", "", nil},
		"an open bracket before another":        {"<a <b@x>", "", "<b@x>", nil},
		"empty brackets":                        {"<>", "<>", "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			replyTo, further := channel.Thread(c.inReplyTo, c.references)
			if replyTo != c.replyTo || !reflect.DeepEqual(further, c.further) {
				t.Errorf("%q %q", replyTo, further)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, id := range channel.MessageIDs(rapid.String().Draw(t, "field")) {
			if strings.ContainsAny(id, " \r\n\x00") || id[0] != '<' || id[len(id)-1] != '>' {
				t.Fatalf("%q", id)
			}
		}
	})
}

func TestAnAnswerToWhatAProviderSentForUs(t *testing.T) {
	for name, c := range map[string]struct {
		inReplyTo, references, replyTo string
		further                        []string
	}{
		"nothing":            {},
		"somebody else's id": {"<a@x>", "", "<a@x>", nil},
		"below the host":     {"<a@eu-west-1.AMAZONSES.com>", "", "a", []string{"<a@eu-west-1.AMAZONSES.com>"}},
		"a lookalike":        {"<a@evilamazonses.com>", "", "<a@evilamazonses.com>", nil},
		"one among others":   {"<a@x>", "<b@amazonses.com> <a@x>", "<a@x>", []string{"b", "<b@amazonses.com>"}},
	} {
		t.Run(name, func(t *testing.T) {
			replyTo, further := channel.Thread(c.inReplyTo, c.references)
			replyTo, further = channel.Ours("amazonses.com", replyTo, further)
			if replyTo != c.replyTo || !reflect.DeepEqual(further, c.further) {
				t.Errorf("%q %q", replyTo, further)
			}
		})
	}
}

func TestMailThatAMachineWrote(t *testing.T) {
	for name, c := range map[string]struct {
		field, value, from string
		want               bool
	}{
		"a person":                      {"", "", "ana@example.si", false},
		"an automatic reply":            {"Auto-Submitted", "auto-replied (vacation)", "", true},
		"with a parameter":              {"Auto-Submitted", "auto-generated; owner-email=a@b", "", true},
		"expressly not automatic":       {"Auto-Submitted", "No", "", false},
		"not automatic, with a comment": {"Auto-Submitted", "no (really)", "", false},
		"a null return path":            {"Return-Path", "<>", "", true},
		"a return path":                 {"Return-Path", "<a@b>", "", false},
		"a report":                      {"Content-Type", `Multipart/Report; report-type=delivery-status`, "", true},
		"a letter":                      {"Content-Type", "multipart/mixed; boundary=report", "", false},
		"bulk":                          {"Precedence", "Bulk", "", true},
		"first class":                   {"Precedence", "first-class", "", false},
		"suppressed":                    {"X-Auto-Response-Suppress", "OOF, AutoReply", "", true},
		"nothing suppressed":            {"X-Auto-Response-Suppress", "None", "", false},
		"an older sign":                 {"X-Autoreply", "yes", "", true},
		"an older sign that says no":    {"X-Autoreply", "no", "", false},
		"a list":                        {"List-Id", "<x.example.org>", "", true},
		"a mailer daemon":               {"", "", "MAILER-DAEMON@example.si", true},
		"a no-reply address":            {"", "", "no-reply@example.si", true},
		"a person called like one":      {"", "", "noreplyanna@example.si", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := textproto.MIMEHeader{}
			if c.field != "" {
				h.Add(c.field, c.value)
			}
			if got := channel.Automatic(h, c.from); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
	h := textproto.MIMEHeader{"Return-Path": {"<a@b>", "<>"}}
	if channel.Automatic(h, "") {
		t.Error("a return path below the receiving server's is the sender's forgery")
	}
}

func TestADateAsSendersWriteIt(t *testing.T) {
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339Nano, s); return v.UTC() }
	for in, want := range map[string]time.Time{
		"Wed, 11 Oct 2017 18:31:04 -0700":   at("2017-10-12T01:31:04Z"),
		"11 Oct 2017 18:31:04 +0200 (CEST)": at("2017-10-11T16:31:04Z"),
		"Wed, 11 Oct 2017 18:31 GMT":        at("2017-10-11T18:31:00Z"),
		"2016-04-27T16:28:50.3963933-04:00": at("2016-04-27T20:28:50.3963933Z"),
		"2020-03-03 13:05:57 UTC":           at("2020-03-03T13:05:57Z"),
		"Thu, 1 Jan 1970 00:00:00 +0000":    at("1970-01-01T00:00:00Z"),
		"Wed, 31 Dec 1969 23:59:59 +0000":   {},
		"Fri, 31 Dec 9999 23:59:59 -0100":   {},
		"yesterday":                         {},
		"":                                  {},
	} {
		if got := channel.MailDate(in); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestWhatAnHTMLBodySays(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"<p>Pozdravljeni,</p><p>hvala</p>":  "Pozdravljeni,\nhvala",
		"a<br>b<br/><br>c<br><br><br><br>d": "a\nb\n\nc\n\nd",
		"<b>eno</b> <i>dva</i>tri":          "eno dvatri",
		"<b>eno </b><i> dva</i>\n tri":      "eno dva tri",
		"x<style>p{}</style><script>alert('<p>')</script><head><title>t</title></head>y": "xy",
		"&lt;5 &amp; &scaron;": "<5 & š",
		"<table><tr><td>a</td> <td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
		"<div><div><p>a</p></div></div><div>b":                             "a\nb",
		"a <!-- no --> b":                                                  "a b",
		"a < b":                                                            "a < b",
		"\x00<p>\x00c\u030C":                                               "č",
	} {
		if got := channel.Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	start := time.Now()
	for _, unit := range []string{"<div>", "<", "&amp;", "<!--", "<script>", "</p>", " ", "<a b=c>x"} {
		channel.Plain(strings.Repeat(unit, 1<<20/len(unit)))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestBasicHasOneSpelling(t *testing.T) {
	s := channel.Secret{"username": "ana", "password": "pw:1"}
	var r channel.Request
	if err := channel.SignBasic(&r, s); err != nil || r.Header.Get("Authorization") != "Basic YW5hOnB3OjE=" {
		t.Fatalf("%v %v", r.Header, err)
	}
	for value, want := range map[string]fault.Kind{
		"Basic YW5hOnB3OjE=": "", "basic YW5hOnB3OjE=": "",
		"Basic YW5hOnB3OjE": fault.Unauthenticated, "Basic YW5hOnB3OjF=": fault.Unauthenticated, "Basic  YW5hOnB3OjE=": fault.Unauthenticated,
		"Basic YW5hOnB3\nOjE=": fault.Unauthenticated, "Bearer YW5hOnB3OjE=": fault.Unauthenticated, "YW5hOnB3OjE=": fault.Unauthenticated, "Basic ": fault.Unauthenticated,
	} {
		r.Header.Set("Authorization", value)
		if err := channel.VerifyBasic(r, s); fault.Of(err) != want {
			t.Errorf("%q: %v", value, err)
		}
	}
	r.Header.Set("Authorization", "Basic Og==") // ":"
	if err := channel.VerifyBasic(r, channel.Secret{}); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("empty for empty: %v", err)
	}
	if err := channel.SignBasic(&r, channel.Secret{"username": "a:b", "password": "c"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a user name with a colon: %v", err)
	}
}
