package mime

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
)

const top = "From: Ana <ana@example.org>\r\nTo: info@okence.si\r\nSubject: x\r\nMessage-ID: <1@example.org>\r\nDate: Mon, 23 Nov 2026 12:00:00 +0100\r\n"

// nested is a mail with n multiparts, each within the one before.
func nested(n int) string {
	var b strings.Builder
	b.WriteString(top)
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("\r\nnajgloblje\r\n")
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.String()
}

// flat is a mail with n parts side by side.
func flat(n int) string {
	return top + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", n) + "--b--\r\n"
}

func TestLimits(t *testing.T) {
	for what, c := range map[string]struct{ body, code string }{
		"twenty levels are read":             {nested(20), ""},
		"twenty-one levels are parked":       {nested(21), "mime_depth"},
		"two hundred levels are parked":      {nested(200), "mime_depth"},
		"999 parts and their frame are read": {flat(999), ""},
		"a thousand and their frame are not": {flat(1000), "mime_parts"},
		"ten thousand parts are parked":      {flat(10_000), "mime_parts"},
		"a header of 256 KiB is read":        {top + "X: " + strings.Repeat("x", maxHeader-len(top)-7) + "\r\n\r\nx", ""},
		"a byte more is parked":              {top + "X: " + strings.Repeat("x", maxHeader-len(top)-4) + "\r\n\r\nx", "mime_header"},
		"a part's header is limited as well": {top + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: " + strings.Repeat("x", maxHeader) + "\r\n\r\nx\r\n--b--\r\n", "mime_header"},
		"a header without an end is parked":  {top + strings.Repeat("X: y\r\n", maxHeader/6+1), "mime_header"},
	} {
		t.Run(what, func(t *testing.T) {
			start := time.Now()
			items := Read(name, []byte(c.body))
			took := time.Since(start)
			if len(items) != 1 || items[0].Parked != c.code || items[0].Dedupe == "" || string(items[0].Raw) != c.body || !items[0].KeepRaw {
				t.Fatalf("got %d items, %q", len(items), items[0].Parked)
			}
			if c.code != "" && took > 200*time.Millisecond { // milliseconds, on a machine that does other things
				t.Errorf("refused only after %s", took)
			}
			if c.code == "mime_depth" && items[0].Message.Sender.Address != "ana@example.org" {
				t.Error("the header is known, and was not read")
			}
		})
	}
}

func TestTimeIsLinear(t *testing.T) {
	const n = 1 << 19
	big := func(s string) string { return strings.Repeat(s, n/len(s)) }
	multi := top + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	deep := nested(20)
	at := strings.Index(deep, "najgloblje")
	html := top + "Content-Type: text/html\r\n\r\n"
	for what, body := range map[string]string{
		"lines that look like delimiters":     deep[:at] + big("--b\r\n") + deep[at:],
		"delimiters of all levels":            deep[:at] + big("--b19x\r\n") + deep[at:],
		"one line":                            multi + "--b\r\n\r\n" + big("x"),
		"empty lines":                         multi + "--b\r\n\r\n" + big("\n"),
		"base64 that is none":                 top + "Content-Transfer-Encoding: base64\r\n\r\n" + big("!*="),
		"base64":                              top + "Content-Transfer-Encoding: base64\r\n\r\n" + big("AAAA\r\n"),
		"quoted-printable that is none":       top + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + big("=ZZ="),
		"quoted-printable soft line ends":     top + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + big("=\r\n"),
		"open elements":                       html + big("<div><b><a href=http://x>"),
		"half an element":                     html + big("<"),
		"quotations in quotations":            html + big("<blockquote>a"),
		"an element with a million of marks":  html + "<a " + big("x=y ") + ">",
		"a comment without an end":            html + "<!--" + big("-"),
		"script in script":                    html + big("<script>"),
		"addresses":                           strings.Replace(top, "To: ", "To: "+strings.Repeat("a@b.example,", maxHeader/16), 1) + "\r\nx",
		"angle brackets":                      strings.Replace(top, "To: ", "To: "+strings.Repeat("<", maxHeader/2), 1) + "\r\nx",
		"comments in an address":              strings.Replace(top, "From: ", "From: "+strings.Repeat("(", maxHeader/2), 1) + "\r\nx",
		"encoded words":                       strings.Replace(top, "Subject: ", "Subject: "+strings.Repeat("=?utf-8?q?a?= ", maxHeader/20), 1) + "\r\nx",
		"half encoded words":                  strings.Replace(top, "Subject: ", "Subject: "+strings.Repeat("=?", maxHeader/4), 1) + "\r\nx",
		"references":                          top + "References: " + strings.Repeat("<a", maxHeader/4) + "\r\n\r\nx",
		"parameters":                          top + "Content-Type: text/plain; " + strings.Repeat("a*0*=%25;", maxHeader/20) + "\r\n\r\nx",
		"fields":                              top + strings.Repeat("a:\r\n", maxHeader/8) + "\r\nx",
		"characters of no known set":          top + "Content-Type: text/plain\r\n\r\n" + big("\xe8\xb9\x9e\x80"),
		"a report of many":                    top + "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n" + big("Final-Recipient: rfc822;a@b.example\r\n\r\n"),
		"a thousand leaves with names":        top + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: x/y; name*=utf-8''%C4%8D\r\n\r\nx\r\n", 999),
		"letters with a million of marks":     top + "\r\na" + big("\u0301"),
		"mails within mails, all in one leaf": top + "Content-Type: message/rfc822\r\n\r\n" + big("Content-Type: message/rfc822\r\n\r\n"),
	} {
		start := time.Now()
		items := Read(name, []byte(body))
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: %d KiB took %s", what, len(body)>>10, took)
		} else {
			t.Logf("%s: %d KiB took %s, %d items", what, len(body)>>10, took, len(items))
		}
	}
}

func TestPartsOpenOnlyWhereTheyAre(t *testing.T) {
	p := New().(channel.Opener)
	for n, ok := range map[int]bool{0: false, -1: false, 1: true, 2: false} {
		if _, err := p.OpenPart([]byte(top+"\r\nx"), n); (err == nil) != ok {
			t.Errorf("part %d: %v", n, err)
		}
	}
	if _, err := p.OpenPart([]byte(nested(200)), 1); err == nil {
		t.Error("a bomb was opened")
	}
}
