package mime

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

const slovene = "Spoštovani, račun za čiščenje še ni plačan. Žal mi je, Đurđa Ćosić. 12 € – hvala"

// one reads a mail and returns its only item.
func one(t testing.TB, raw string) message.Inbound {
	t.Helper()
	items := Read(name, []byte(raw))
	if len(items) != 1 || items[0].Parked != "" {
		t.Fatalf("%d items, parked %q", len(items), items[0].Parked)
	}
	return items[0].Message
}

func in(t testing.TB, m *charmap.Charmap, s string) string {
	t.Helper()
	out, err := m.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func qp(s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func TestTextInEveryCharacterSet(t *testing.T) {
	latin := strings.NewReplacer("€ – ", "EUR ").Replace(slovene) // ISO-8859-2 has neither
	russian := "Здравствуйте, где мой счёт?"
	for what, c := range map[string]struct{ header, body, want string }{
		"ISO-8859-2 in quoted-printable":           {"Content-Type: text/plain; charset=iso-8859-2\r\nContent-Transfer-Encoding: quoted-printable", qp(in(t, charmap.ISO8859_2, latin)), latin},
		"ISO-8859-2 in eight bits":                 {"Content-Type: text/plain; charset=\"ISO-8859-2\"", in(t, charmap.ISO8859_2, latin), latin},
		"Windows-1250 in base64":                   {"Content-Type: text/plain; charset=windows-1250\r\nContent-Transfer-Encoding: base64", b64(in(t, charmap.Windows1250, slovene)), slovene},
		"Windows-1250 as cp1250":                   {"Content-Type: text/plain; charset=cp1250", in(t, charmap.Windows1250, slovene), slovene},
		"Windows-1251":                             {"Content-Type: text/plain; charset=windows-1251", in(t, charmap.Windows1251, russian), russian},
		"KOI8-R":                                   {"Content-Type: text/plain; charset=koi8-r", in(t, charmap.KOI8R, russian), russian},
		"UTF-8 with emoji":                         {"Content-Type: text/plain; charset=utf-8", "👩‍👩‍👧 👍🏽 ok", "👩‍👩‍👧 👍🏽 ok"},
		"UTF-8 declared as US-ASCII":               {"Content-Type: text/plain; charset=us-ascii", slovene, slovene},
		"UTF-8 not declared":                       {"X: y", slovene, slovene},
		"Windows-1250 not declared":                {"X: y", in(t, charmap.Windows1250, "Čaša žganja – šš"), "Čaša žganja – šš"},
		"an unknown set that is UTF-8":             {"Content-Type: text/plain; charset=x-unknown", slovene, slovene},
		"a declaration with a doubled name":        {"Content-Type: text/plain; charset=charset=iso-8859-2", in(t, charmap.ISO8859_2, latin), latin},
		"HTML alone, its letters apart":            {"Content-Type: text/html; charset=utf-8", "<p>c\u030ce&scaron;nja", "češnja"},
		"HTML that says its set in a meta element": {"Content-Type: text/html", "<meta charset=windows-1250><p>" + in(t, charmap.Windows1250, slovene), slovene},
		"NUL bytes and a bell":                     {"Content-Type: text/plain", "a\x00b\x07c", "abc"},
		"damaged base64":                           {"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64", "RG9i*ciBk!YW4=\r\n--signed below--", "Dobr dan"},
		"base64 in two padded groups":              {"Content-Transfer-Encoding: Base64", b64("ab") + "\r\n" + b64("cd"), "abcd"},
		"an encoding that nobody knows":            {"Content-Transfer-Encoding: x-rot13", "abc", "abc"},
		"a soft line end at the end of the text":   {"Content-Transfer-Encoding: quoted-printable", "abc=\r\n", "abc"},
	} {
		t.Run(what, func(t *testing.T) {
			got := one(t, top+c.header+"\r\n\r\n"+c.body+"\r\n").Text
			if what == "damaged base64" {
				got = got[:min(len(got), len(c.want))]
				c.want = got[:5] // what is left of it
			}
			if !strings.HasPrefix(got, c.want) || c.want != got && what != "damaged base64" {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestNamesOfFiles(t *testing.T) {
	percent := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
		return b.String()
	}
	w1250, l2 := in(t, charmap.Windows1250, "račun š.pdf"), in(t, charmap.ISO8859_2, "račun š.pdf")
	for what, c := range map[string]struct{ header, want string }{
		"RFC 2231 in Windows-1250":           {"Content-Disposition: attachment; filename*=windows-1250'sl'" + percent(w1250), "račun š.pdf"},
		"RFC 2231 in ISO-8859-2, in pieces":  {"Content-Disposition: attachment; filename*1*=" + percent(l2[4:]) + ";\r\n filename*0*=iso-8859-2'sl'" + percent(l2[:4]), "račun š.pdf"},
		"pieces, of which one isn't encoded": {"Content-Disposition: attachment; filename*0*=UTF-8''ra%C4%8D; filename*1=\"un š.pdf\"", "račun š.pdf"},
		"pieces without a character set":     {"Content-Disposition: attachment; filename*0=\"dolgo \"; filename*1=\"ime.pdf\"", "dolgo ime.pdf"},
		"RFC 2231 beside a plain name":       {"Content-Disposition: attachment; filename=\"ra_un.pdf\"; filename*=UTF-8''ra%C4%8Dun.pdf", "račun.pdf"},
		"an encoded word, as Outlook does":   {"Content-Disposition: attachment; filename=\"=?windows-1250?Q?ra=E8un.pdf?=\"", "račun.pdf"},
		"raw UTF-8":                          {"Content-Disposition: attachment; filename=\"račun.pdf\"", "račun.pdf"},
		"raw Windows-1250":                   {"Content-Disposition: attachment; filename=\"" + w1250 + "\"", "račun š.pdf"},
		"in Content-Type only":               {"Content-Type: application/pdf; name*=UTF-8''ra%C4%8Dun.pdf", "račun.pdf"},
		"without quotes around a space":      {"Content-Disposition: attachment; filename=moj racun.pdf", "moj racun.pdf"},
		"a path of Windows":                  {"Content-Disposition: attachment; filename=\"C:\\temp\\a.pdf\"", "a.pdf"},
		"a path that climbs":                 {"Content-Disposition: attachment; filename=\"../../etc/passwd\"", "passwd"},
		"a path that is encoded":             {"Content-Disposition: attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"},
		"only dots":                          {"Content-Disposition: attachment; filename=\"..\"", ""},
		"NUL and line ends":                  {"Content-Disposition: attachment; filename*=UTF-8''a%00%0D%0Ab.pdf", "a b.pdf"},
		"a name that runs backwards":         {"Content-Disposition: attachment; filename*=UTF-8''a%E2%80%AEfdp.exe", "afdp.exe"},
		"no name":                            {"Content-Disposition: attachment", ""},
		"a wrong percent sign":               {"Content-Disposition: attachment; filename*=UTF-8''100%.pdf", "100%.pdf"},
	} {
		t.Run(what, func(t *testing.T) {
			kind := "Content-Type: application/pdf\r\n"
			if strings.HasPrefix(c.header, "Content-Type") {
				kind = ""
			}
			m := one(t, top+kind+c.header+"\r\n\r\n%PDF").Media
			if len(m) != 1 || m[0].Name != c.want || m[0].Part != 1 || m[0].Mime != "application/pdf" {
				t.Errorf("got %+v, want %q", m, c.want)
			}
		})
	}
}

func TestSenders(t *testing.T) {
	for what, c := range map[string]struct{ from, address, name string }{
		"a name and an address":               {"From: Ana Žagar <Ana.Zagar@Example.ORG>", "Ana.Zagar@example.org", "Ana Žagar"},
		"an encoded word with a bare comma":   {"From: =?iso-8859-2?q?Nadaj=B1ca,_Alicja?= <a@example.org>", "a@example.org", "Nadająca, Alicja"},
		"a bare comma without any encoding":   {"From: Novak, Ana <a@example.org>", "a@example.org", "Novak, Ana"},
		"an encoded word within quotes":       {"From: \"=?utf-8?B?" + b64("Žiga") + "?=\" <z@example.org>", "z@example.org", "Žiga"},
		"raw bytes of Windows-1250":           {"From: " + in(t, charmap.Windows1250, "Žiga Črnič") + " <z@example.org>", "z@example.org", "Žiga Črnič"},
		"an address in the name as well":      {"From: \"b@example.net\" <a@example.org>", "a@example.org", "b@example.net"},
		"a bare address":                      {"From: a@example.org", "a@example.org", ""},
		"no address, Sender has one":          {"From: \"\" (Mail Delivery System)\r\nSender: s@example.org", "s@example.org", "Mail Delivery System"},
		"no address, Reply-To has one":        {"From: Ana\r\nReply-To: <r@example.org>", "r@example.org", "Ana"},
		"no address, Return-Path has one":     {"From: Ana\r\nReturn-Path: <p@example.org>", "p@example.org", "Ana"},
		"no From":                             {"Return-Path: <p@example.org>", "p@example.org", ""},
		"header injection in an encoded word": {"From: =?utf-8?Q?Ana=0D=0ABcc:_x@y.example?= <a@example.org>", "a@example.org", "Ana Bcc: x@y.example"},
		"a group":                             {"From: vsi: a@example.org, b@example.org;", "a@example.org", ""},
		"an address in angle brackets twice":  {"From: Ana <<a@example.org>>", "a@example.org", "Ana"},
	} {
		t.Run(what, func(t *testing.T) {
			got := one(t, c.from+"\r\nSubject: x\r\n\r\nx").Sender
			if got.Address != c.address || got.Name != c.name || got.Scheme != message.Mailto {
				t.Errorf("got %+v", got)
			}
		})
	}
	items := Read(name, []byte("From: \"\" (Mail Delivery System)\r\n\r\nx"))
	if items[0].Parked != "address" || items[0].Message.Sender.Name != "Mail Delivery System" {
		t.Errorf("nobody: %q, %+v", items[0].Parked, items[0].Message.Sender)
	}
}

func TestEnvelope(t *testing.T) {
	m := one(t, strings.ReplaceAll(`Delivered-To: podpora+k7@okence.si
X-Original-To: Podpora+k7@Okence.SI
Delivered-To: forged@example.net
Return-Path: <ana@example.org>
From: Ana <ana@example.org>
To: "Podpora" <podpora@okence.si>, Bor <bor@example.org>
Cc: podpora@okence.si
Subject: =?utf-8?Q?Re:_Ra=C4=8Dun?=
 =?utf-8?Q?_=C5=A1t._7=0A?=
Date: Mon, 23 Nov 2026 13:00:00 CET
Message-ID:
 <c@example.org>
In-Reply-To: <a@okence.si> "stari" <b@okence.si>
References: <1@okence.si>
 <a@okence.si> <b@okence.si> <2@okence.si>

x
`, "\n", "\r\n"))
	var to []string
	for _, p := range m.Recipients {
		to = append(to, p.Address)
	}
	if want := []string{"Podpora+k7@okence.si", "podpora+k7@okence.si", "podpora@okence.si", "bor@example.org"}; !reflect.DeepEqual(to, want) {
		t.Errorf("to %q", to)
	}
	if m.Line != "Podpora+k7@okence.si" || m.Subject != "Re: Račun št. 7" || m.ProviderID != "<c@example.org>" {
		t.Errorf("%q %q %q", m.Line, m.Subject, m.ProviderID)
	}
	if !m.SentAt.Equal(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)) || m.SentAt.Location() != time.UTC {
		t.Errorf("sent %s", m.SentAt)
	}
	if want := []string{"<a@okence.si>", "<2@okence.si>", "<1@okence.si>"}; m.ReplyTo != "<b@okence.si>" || !reflect.DeepEqual(m.References, want) {
		t.Errorf("thread %q %q", m.ReplyTo, m.References)
	}
}

func TestSubjects(t *testing.T) {
	for in, want := range map[string]string{
		"Ra=?utf-8?Q?=C4=8Dun?=":                "Račun",
		"=?utf-8?Q?Ra=C4?= =?utf-8?Q?=8Dun?=":   "Račun",
		"=?UTF-8?B?UmHE?=\r\n =?utf-8?b?jXVu?=": "Račun",
		"=?utf-8?B?YQ==?= =?utf-8?B?Yg==?=":     "ab",
		"=?utf-8?Q?a?= =?iso-8859-2?Q?=E8?=":    "ač",
		"=?utf-8?Q?a?= b =?utf-8?Q?c?=":         "a b c",
		"=?iso-8859-2*sl?Q?=E8?=":               "č",
		"=?windows-1250?Q?=8Eiga?=":             "Žiga",
		"=?koi8-r?B?8NLJ18XU?=":                 "Привет",
		"=?x-unknown?Q?a?=":                     "=?x-unknown?Q?a?=",
		"=?utf-8?Q?":                            "=?utf-8?Q?",
		"=?utf-8?Q?a=0D=0ABcc:_b@c.example?=":   "a Bcc: b@c.example",
		"a\x00b":                                "ab",
		"Račun 👍🏽":                              "Račun 👍🏽",
	} {
		if got := decode(in); got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestIds(t *testing.T) {
	for in, want := range map[string][]string{
		"<a@b>":                    {"<a@b>"},
		"a@b":                      {"<a@b>"},
		"<a@b><c@d>":               {"<a@b>", "<c@d>"},
		"<a@b\r\n c>":              {"<a@bc>"},
		"< a@b >":                  {"<a@b>"},
		"text <x<a@b> more":        {"<a@b>"},
		"Ana's message of \"Mon\"": nil,
		"<>":                       nil,
		"<a":                       nil,
		"":                         nil,
	} {
		if got := channel.MessageIDs(in); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestTheSameMailIsOneAndAnotherIsAnother(t *testing.T) {
	base := top + "\r\nDober dan\r\n"
	key := func(raw string) string { return Read(name, []byte(raw))[0].Dedupe }
	for what, raw := range map[string]string{
		"other Received fields":    "Received: from a by b; now\r\nX-Spam: no\r\n" + base,
		"line ends of Unix":        strings.ReplaceAll(base, "\r\n", "\n"),
		"a line end more":          base + "\r\n",
		"a subject that is folded": strings.Replace(base, "Subject: x", "Subject:\r\n x", 1),
	} {
		if key(raw) != key(base) {
			t.Errorf("%s made another mail of it", what)
		}
	}
	for what, raw := range map[string]string{
		"another body":       top + "\r\nDober dan!\r\n",
		"another sender":     strings.Replace(base, "ana@", "eva@", 1),
		"another subject":    strings.Replace(base, "Subject: x", "Subject: y", 1),
		"another date":       strings.Replace(base, "12:00:00", "12:00:01", 1),
		"another id":         strings.Replace(base, "<1@", "<2@", 1),
		"a second From":      "From: eva@example.org\r\n" + base,
		"a field moved over": strings.Replace(base, "Subject: x\r\nMessage-ID: <1@example.org>\r\n", "Subject: x <1@example.org>\r\nMessage-ID: <1@example.org>\r\n", 1),
	} {
		if key(raw) == key(base) {
			t.Errorf("%s passed for the same mail", what)
		}
	}
	bare := "From: ana@example.org\r\n\r\nx"
	if it := Read(name, []byte(bare))[0]; it.Dedupe != channel.Digest([]byte(bare)) || it.Message.ProviderID != it.Dedupe {
		t.Errorf("without an id: %q %q", it.Dedupe, it.Message.ProviderID)
	}
}

func TestAutomaticMail(t *testing.T) {
	for field, want := range map[string]bool{
		"Auto-Submitted: auto-replied":               true,
		"Auto-Submitted: auto-generated; x=y":        true,
		"Auto-Submitted: no":                         false,
		"Auto-Submitted: No (a person)":              false,
		"Return-Path: <>":                            true,
		"Return-Path: <ana@example.org>":             false,
		"Precedence: Bulk":                           true,
		"Precedence: first-class":                    false,
		"X-Auto-Response-Suppress: All":              true,
		"X-Auto-Response-Suppress: None":             false,
		"X-Autoreply: yes":                           true,
		"X-Autorespond: x":                           true,
		"List-Id: <x.example.org>":                   true,
		"X-Other: y":                                 false,
		"Content-Type: multipart/report; boundary=b": true,
	} {
		if got := one(t, field+"\r\n"+top+"\r\nx").Automatic; got != want {
			t.Errorf("%s: got %v", field, got)
		}
	}
	for from, want := range map[string]bool{
		"MAILER-DAEMON@example.org": true, "postmaster@example.org": true, "no-reply@example.org": true,
		"noreply@example.org": true, "Do.Not.Reply@example.org": true, "reply@example.org": false, "nora@example.org": false,
	} {
		if got := one(t, "From: "+from+"\r\n\r\nx").Automatic; got != want {
			t.Errorf("%s: got %v", from, got)
		}
	}
}

func TestTextAndFilesOfStructures(t *testing.T) {
	part := func(head, body string) string { return "--b\r\n" + head + "\r\n\r\n" + body + "\r\n" }
	multi := func(kind string, parts ...string) string {
		return top + "Content-Type: multipart/" + kind + "; boundary=\"b\"\r\n\r\npreamble\r\n" + strings.Join(parts, "") + "--b--\r\nepilogue\r\n"
	}
	plain, html := part("Content-Type: text/plain", "navadno"), part("Content-Type: text/html", "<p>lepo")
	for what, c := range map[string]struct{ raw, text, files string }{
		"plain is preferred to HTML":             {multi("alternative", plain, html), "navadno", ""},
		"HTML serves where plain is empty":       {multi("alternative", part("Content-Type: text/plain", " "), html), "lepo", ""},
		"both count where they aren't one":       {multi("mixed", plain, html), "navadno\n\nlepo", ""},
		"a text sent as a file is a file":        {multi("mixed", plain, part("Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt", "x")), "navadno", "2 a.txt text/plain false"},
		"a text with a name after the first":     {multi("mixed", plain, part("Content-Type: text/plain; name=a.txt", "x")), "navadno", "2 a.txt text/plain false"},
		"the body with a name is the body":       {multi("mixed", part("Content-Type: text/plain; name=a.txt", "x")), "x", ""},
		"a picture within the text is inline":    {multi("related", html, part("Content-Type: image/png; name=a.png\r\nContent-ID: <a>", "x")), "lepo", "2 a.png image/png true"},
		"a file without a disposition":           {multi("mixed", plain, part("Content-Type: image/png; name=a.png", "x")), "navadno", "2 a.png image/png false"},
		"a mail within a mail is one file":       {multi("mixed", plain, part("Content-Type: message/rfc822", "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--")), "navadno", "2  message/rfc822 false"},
		"a type that can't be read":              {multi("mixed", plain, part("Content-Type: ???", "x")), "navadno", "2  application/octet-stream false"},
		"no end":                                 {strings.Split(multi("mixed", plain, html), "--b--")[0], "navadno\n\nlepo", ""},
		"a boundary that never comes":            {top + "Content-Type: multipart/mixed; boundary=c\r\n\r\nnavadno", "navadno", ""},
		"no boundary":                            {top + "Content-Type: multipart/mixed\r\n\r\nnavadno", "navadno", ""},
		"a boundary that begins like another":    {multi("mixed", part("Content-Type: multipart/mixed; boundary=bb", "--bb\r\n\r\nnotri\r\n--bb--"), plain), "notri\n\nnavadno", ""},
		"an inner level that isn't closed":       {multi("mixed", part("Content-Type: multipart/mixed; boundary=c", "--c\r\n\r\nnotri"), plain), "notri\n\nnavadno", ""},
		"rich text beside plain is no file":      {multi("alternative", plain, part("Content-Type: text/enriched", "x")), "navadno", ""},
		"a header without its blank line":        {multi("mixed", "--b\r\nContent-Type: text/plain\r\n", plain), "navadno", ""},
		"a delimiter with a colon ends a header": {top + "Content-Type: multipart/mixed; boundary=\"b:c\"\r\n\r\n--b:c\r\nContent-Type: application/pdf\r\n--b:c\r\n\r\nnavadno\r\n--b:c--", "navadno", "1  application/pdf false"},
		"an mbox line before the header":         {"From ana@example.org Mon Nov 23\r\n" + multi("mixed", plain), "navadno", ""},
		"dashes that are a signature are text":   {top + "\r\na\r\n--\r\nb", "a\n--\nb", ""},
	} {
		t.Run(what, func(t *testing.T) {
			m := one(t, c.raw)
			var files []string
			for _, f := range m.Media {
				files = append(files, fmt.Sprintf("%d %s %s %v", f.Part, f.Name, f.Mime, f.Inline))
			}
			if m.Text != c.text || strings.Join(files, "; ") != c.files {
				t.Errorf("got %q, %q", m.Text, files)
			}
		})
	}
}

func TestHTML(t *testing.T) {
	for in, want := range map[string]string{
		"<html><head><title>t</title><style>p{}</style></head><body><p>Dober  dan,\n<b>Ana</b>!</p><p>Lep&nbsp;pozdrav</p>": "Dober dan, Ana!\n\nLep pozdrav",
		"a<br>b<br/>c":               "a\nb\nc",
		"<ul><li>ena<li>dva</ul>tri": "- ena\n- dva\ntri",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>":                                 "a b\nc",
		"<a href='https://x.example/a'>tu</a> <a href='https://x.example/'>x.example</a>":       "tu (https://x.example/a) x.example (https://x.example/)",
		"<a href='https://x.example/a'>https://x.example/a</a>":                                 "https://x.example/a",
		"<div>odgovor</div><blockquote>staro<blockquote>starejše</blockquote></blockquote>novo": "odgovor\n> staro\n> > starejše\nnovo",
		"<script>alert(1)</script>a<img alt='slika' src=x>":                                     "aslika",
		"1 &lt; 2 &amp; 3":             "1 < 2 & 3",
		"<a href='javascript:x'>y</a>": "y",
	} {
		if got := plain(in); got != want {
			t.Errorf("%s\ngot  %q\nwant %q", in, got, want)
		}
	}
}

func TestAFileIsWhatWasSent(t *testing.T) {
	csv := in(t, charmap.Windows1250, "ime;vsota\r\nŽiga;12 €\r\n")
	for what, c := range map[string][2]string{
		"base64":           {"Content-Transfer-Encoding: base64", b64(csv)},
		"quoted-printable": {"Content-Transfer-Encoding: quoted-printable", strings.ReplaceAll(qp(csv), "\n", "\n")},
		"eight bits":       {"Content-Transfer-Encoding: 8bit", csv},
	} {
		raw := top + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: text/csv; charset=windows-1250\r\nContent-Disposition: attachment; filename=a.csv\r\n" + c[0] + "\r\n\r\n" + c[1] + "\r\n--b--\r\n"
		m := one(t, raw)
		got, err := New().(channel.Opener).OpenPart([]byte(raw), m.Media[0].Part)
		if err != nil || string(got) != csv {
			t.Errorf("%s: %v, %q", what, err, got)
		}
	}
}

func TestBase64RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		s := base64.StdEncoding.EncodeToString(b)
		at := rapid.IntRange(0, len(s)).Draw(t, "at")
		if got := unbase64([]byte(s[:at] + "\r\n*" + s[at:])); !bytes.Equal(got, b) {
			t.Fatalf("got %x", got)
		}
	})
}

func TestDeliveryReports(t *testing.T) {
	read := func(file string) []channel.Item {
		raw, err := os.ReadFile("testdata/enmime/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return Read(name, raw)
	}
	var got []string
	for _, it := range read("multi_recipient_dsn.raw") {
		s := it.Message.Status
		got = append(got, fmt.Sprint(s.Recipient.Address, " ", s.State, " ", s.Code, " ", s.Permanent, " ", it.KeepRaw))
	}
	want := []string{"arathib@vnet.ibm.com failed 5.0.0 true true", "johnh@hpnjld.njd.hp.com delayed 4.0.0 false false", "wsnell@sdcc13.ucsd.edu failed 5.0.0 true false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if it := read("delayed_dsn.raw")[0]; it.Message.Status.State != message.Delayed {
		t.Errorf("delayed is %s", it.Message.Status.State)
	}
	report := top + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nIn-Reply-To: <r@okence.si>\r\n\r\n--b\r\n\r\nŽal ni šlo.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n%s\r\n%s\r\n--b\r\n%s--b--\r\n"
	failed := "Final-Recipient: rfc822; <Eva@Example.ORG>\r\nAction: failed (gone)\r\nStatus: 5.1.1 (no such user)\r\n"
	returned := "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent@okence.si>\r\n"
	for what, c := range map[string]struct{ envelope, block, part, target, ours, parked string }{
		"by the returned id":           {"Original-Envelope-Id: env-7\r\n", failed, returned, "<sent@okence.si>", "env-7", ""},
		"by the envelope":              {"Original-Envelope-Id: env-7\r\n", failed, "\r\n", "env-7", "env-7", ""},
		"by what it answers":           {"", failed, "\r\n", "<r@okence.si>", "", ""},
		"an action that nobody knows":  {"", "Final-Recipient: rfc822; a@b.example\r\nAction: vanished\r\n", returned, "<sent@okence.si>", "", "status"},
		"a recipient without a action": {"", "Final-Recipient: rfc822; a@b.example\r\n", returned, "<sent@okence.si>", "", "status"},
	} {
		items := Read(name, fmt.Appendf(nil, report, c.envelope, c.block, c.part))
		m := items[0].Message
		if len(items) != 1 || m.Kind != message.Report || m.Target != c.target || m.Status.Ours != c.ours || items[0].Parked != c.parked {
			t.Errorf("%s: %d, %q, %+v %+v", what, len(items), items[0].Parked, m, m.Status)
		}
		if c.block == failed && (m.Status.Recipient.Address != "Eva@example.org" || m.Status.Code != "5.1.1" || !m.Status.Permanent || m.Status.State != message.Failed) {
			t.Errorf("%s: %+v", what, m.Status)
		}
	}
	if m := one(t, fmt.Sprintf(report, "", "", returned)); m.Kind != message.Said || !m.Automatic || m.Text != "Žal ni šlo." {
		t.Errorf("a report about nobody is an automatic mail: %+v", m)
	}
	for action, state := range map[string]message.State{"delivered": message.Delivered, "relayed": message.Sent, "expanded": message.Delivered, "Delayed": message.Delayed} {
		raw := fmt.Appendf(nil, report, "", "Final-Recipient: rfc822; a@b.example\r\nAction: "+action+"\r\n", returned)
		if got := Read(name, raw)[0].Message.Status.State; got != state {
			t.Errorf("%s is %s", action, got)
		}
	}
}

func TestRealMail(t *testing.T) {
	for file, want := range map[string]string{
		"mime-bad-8bit-filename":                   "Text part|管理.doc",
		"mime-bad-content-type":                    "Thank you for booking with easyHotel.|Invoice_302232133150612.pdf",
		"other-multi-related":                      "Plain text.|image001.png image002.png",
		"malformed-multiple-address-header-values": "Simple text.|test.pdf test.txt",
		"inlinemultipart":                          "Simple text.|test.pdf test.txt",
		"multipart-wo-boundary":                    "I'm  multipart message without boundary|",
		"bad-final-boundary":                       "A text section|foo_9E5D72.zip",
		"malformed-base64-attach":                  "A text section|some.doc",
	} {
		raw, err := os.ReadFile("testdata/enmime/" + file + ".raw")
		if err != nil {
			t.Fatal(err)
		}
		m := one(t, string(raw))
		var names []string
		for _, f := range m.Media {
			names = append(names, f.Name)
		}
		if got := m.Text + "|" + strings.Join(names, " "); got != want {
			t.Errorf("%s: got %q", file, got)
		}
	}
	raw, _ := os.ReadFile("testdata/enmime/qp-utf8-header.raw")
	if to := one(t, string(raw)).Recipients[0]; to.Name != "Mirosław Marczak" {
		t.Errorf("got %+v", to)
	}
}

func TestDates(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		"Mon, 23 Nov 2026 13:00:00 +0100":       noon,
		"Mon, 23 Nov 2026 13:00:00 +0100 (CET)": noon,
		"23 Nov 26 13:00 +0100":                 noon,
		"Mon, 23 Nov 2026 12:00:00 GMT":         noon,
		"Mon, 23 Nov 2026 13:00:00 CET":         noon,
		"2026-11-23T13:00:00+01:00":             noon,
		"Mon Nov 23 12:00:00 2026":              noon,
		"Mon, 23 Nov 2026 12:00:00":             noon,
		"včeraj":                                {},
		"":                                      {},
		"Mon, 32 Nov 2026 13:00:00 +0100":       {},
	} {
		if got := channel.MailDate(in); !got.Equal(want) {
			t.Errorf("%q: got %s", in, got)
		}
	}
}

func TestWhatHoldsForEveryProvider(t *testing.T) {
	channeltest.Run(t, channeltest.Case{
		Provider: New(),
		Secret:   channel.Secret{"username": "okence", "password": "geslo: z dvopičjem"},
		Other:    channel.Secret{"username": "okence", "password": "drugo"},
		Proof:    "Authorization",
		Type:     "message/rfc822",
		Bodies:   []string{top + "\r\nx", nested(3)},
		Unsigned: true,
	})
}

// The example of RFC 7617, 2, and 2.1 in UTF-8.
func TestBasicAsInTheStandard(t *testing.T) {
	for header, s := range map[string]channel.Secret{
		"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==": {"username": "Aladdin", "password": "open sesame"},
		"basic dGVzdDoxMjPCow==":             {"username": "test", "password": "123£"},
	} {
		r := channel.Request{Header: map[string][]string{"Authorization": {header}}}
		if err := New().Verify(r, s); err != nil {
			t.Errorf("%s: %v", header, err)
		}
	}
}

func TestWhatIsKeptHasLimits(t *testing.T) {
	id := "<" + strings.Repeat("a", 996) + ">"
	m := one(t, "From: a@example.org\r\nMessage-ID: "+id+"\r\nIn-Reply-To: <a"+id[1:]+"\r\nReferences: "+strings.Repeat("<x@y>\r\n <z@y>", 300)+"\r\n\r\n"+strings.Repeat("č", maxText))
	if len(m.Text) != maxText || m.ProviderID != id || m.ReplyTo != "<z@y>" || len(m.References) != 1 {
		t.Errorf("got %d bytes, %q, %d", len(m.Text), m.ReplyTo, len(m.References))
	}
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, " <%d@y>\r\n", i)
	}
	m = one(t, "From: a@example.org\r\nReferences:"+many.String()+"\r\nx")
	if m.ReplyTo != "<299@y>" || len(m.References) != 100 || m.References[0] != "<298@y>" {
		t.Errorf("got %q, %d", m.ReplyTo, len(m.References))
	}
	if odd := one(t, top+"\r\na"+strings.Repeat("č", maxText)).Text; len(odd) != maxText-1 {
		t.Errorf("cut within a letter: %d", len(odd))
	}
}

func TestAnEmptySecretOpensToNobody(t *testing.T) {
	r := channel.Request{Header: map[string][]string{"Authorization": {"Basic " + b64(":")}}}
	for _, s := range []channel.Secret{nil, {"username": "", "password": ""}} {
		if err := New().Verify(r, s); fault.Of(err) != fault.Unauthenticated {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/enmime/*.raw")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(nested(3)))
	f.Add([]byte(flat(3)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 {
			return
		}
		before := bytes.Clone(raw)
		got := channel.Parsed{Items: Read(name, raw)}
		channeltest.Items(t, New(), got)
		if len(got.Items) == 0 || !bytes.Equal(before, raw) {
			t.Fatal("nothing came of it, or it was changed")
		}
		for _, it := range got.Items {
			m := it.Message
			if strings.ContainsAny(m.Subject+m.Sender.Name+m.Sender.Address+m.Line+m.ReplyTo, "\r\n\x00") {
				t.Fatalf("a line end in a field: %+v", m)
			}
			for _, f := range m.Media {
				if strings.ContainsAny(f.Name, "/\\\r\n\x00") {
					t.Fatalf("file name %q", f.Name)
				}
				if _, err := Open(raw, f.Part); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
