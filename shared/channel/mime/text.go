package mime

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"github.com/okence/okence/shared/channel"
)

// The character set that a part declares is taken at its word: the detector
// reads short Slovenian as anything.
var decoder = enmime.NewParser(enmime.DisableCharacterDetection(true), enmime.MaxStoredPartErrors(1))

// bytes is the leaf with its transfer encoding undone, as far as it goes.
func (l leaf) bytes() []byte {
	switch strings.ToLower(channel.Line(l.header.get("content-transfer-encoding"))) {
	case "base64":
		return unbase64(l.body)
	case "quoted-printable":
		return enmimed("application/octet-stream", "quoted-printable", l.body)
	}
	return l.body
}

// size is len(l.bytes()); of base64, which all large files are in, it keeps none.
func (l leaf) size() int64 {
	if !strings.EqualFold(channel.Line(l.header.get("content-transfer-encoding")), "base64") {
		return int64(len(l.bytes()))
	}
	size, n := int64(0), 0
	for _, c := range l.body {
		switch {
		case c == '=':
			n = 0
		case alphabet[c] > 0:
			if n++; n > 1 {
				size++
			}
			n %= 4
		}
	}
	return size
}

// unbase64 passes over what isn't of the alphabet (RFC 2045, 6.8); padding ends
// a group, and more may follow. Here and not in enmime, which keeps an error for
// each wrong byte: 3 GB for a mail of 35 MB.
func unbase64(b []byte) []byte {
	out := make([]byte, 0, len(b)/4*3+3)
	var bits uint32
	n := 0
	for _, c := range b {
		switch v := alphabet[c]; {
		case c == '=':
			n = 0
		case v > 0:
			bits = bits<<6 | uint32(v-1)
			if n++; n > 1 {
				out = append(out, byte(bits>>(2*(4-n))))
			}
			n %= 4
		}
	}
	return out
}

// alphabet is the value of a base64 digit and one; 0 is none.
var alphabet = func() (t [256]byte) {
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i + 1)
	}
	return t
}()

// enmimed has enmime decode a message of one part.
func enmimed(kind, encoding string, body []byte) []byte {
	head := fmt.Sprintf("Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n", kind, encoding)
	part, err := decoder.ReadParts(bytes.NewReader(append([]byte(head), body...)))
	if err != nil || part.Content == nil && len(body) > 0 {
		return body
	}
	return part.Content
}

// text is the leaf as UTF-8: by the declared character set, or, where it has
// none, by what enmime's detector finds, which for short texts is nothing. What
// is UTF-8 under a declaration of US-ASCII, or none, is UTF-8.
func (l leaf) text() string {
	b := l.bytes()
	label := strings.ToLower(strings.TrimPrefix(l.params["charset"], "charset="))
	if label == "" && l.kind == "text/html" && !utf8.Valid(b) { // it may say it itself
		if _, meta, certain := charset.DetermineEncoding(b, ""); certain {
			label = meta
		}
	}
	switch label {
	case "", "us-ascii", "ascii", "utf-8", "utf8", "unknown-8bit", "x-unknown":
		if utf8.Valid(b) {
			return string(b)
		}
	default:
		if e, _ := charset.Lookup(label); e != nil {
			return utf(string(b), label)
		}
	}
	kind := "text/plain"
	if label != "" && token(label) && label != "us-ascii" { // one that only enmime knows
		kind += "; charset=" + label
	}
	s := string(enmimed(kind, "8bit", b))
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r >= 0x80 && r <= 0x9F }) {
		return utf(string(b), "windows-1250")
	}
	return s
}

// breaks are the elements that begin a line of their own.
var breaks = map[string]bool{
	"p": true, "div": true, "br": true, "tr": true, "li": true, "ul": true, "ol": true, "table": true,
	"h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "blockquote": true, "pre": true,
	"hr": true, "section": true, "article": true, "header": true, "footer": true, "dt": true, "dd": true,
}

// hidden are the elements whose content nobody reads.
var hidden = map[string]bool{"script": true, "style": true, "head": true, "title": true, "template": true, "noscript": true}

// plain is what people read of an HTML text, over its tokens: a tree of hostile
// HTML costs a time that isn't linear. Quotations get "> ", so that a reply is
// told from what it answers; the target of a link follows it where it differs.
func plain(source string) string {
	var out writer
	z := html.NewTokenizer(strings.NewReader(source))
	skip, href, said := "", "", 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if skip == "" {
				out.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			raw, more := z.TagName()
			tag := string(raw)
			if skip != "" {
				continue
			}
			if hidden[tag] {
				skip = tag
			}
			if breaks[tag] {
				out.newline(tag == "p")
			}
			switch tag {
			case "blockquote":
				out.depth++
			case "li":
				out.text("- ")
			case "td", "th":
				out.space = true
			case "a", "img":
				var target, alt string
				for more {
					var k, v []byte
					k, v, more = z.TagAttr()
					switch string(k) {
					case "href":
						target = string(v)
					case "alt":
						alt = string(v)
					}
				}
				if tag == "img" {
					out.text(alt)
				} else {
					href, said = target, out.Len()
				}
			}
		case html.EndTagToken:
			raw, _ := z.TagName()
			tag := string(raw)
			if tag == skip || tag == "body" || tag == "html" {
				skip = ""
			}
			if skip != "" {
				continue
			}
			if tag == "a" && href != "" {
				if link := channel.Line(href); strings.HasPrefix(link, "http") && !strings.Contains(out.since(said), strings.TrimSuffix(link, "/")) {
					out.text(" (" + link + ")")
				}
				href = ""
			}
			if tag == "blockquote" && out.depth > 0 {
				out.newline(false)
				out.depth--
			}
			if breaks[tag] {
				out.newline(tag == "p")
			}
		}
	}
}

// writer joins runs of text as a browser shows them: spaces collapse, and no
// more than one line stays empty.
type writer struct {
	strings.Builder
	depth  int  // blockquotes around
	space  bool // a space is due before the next word
	lines  int  // line ends since the last word, at most 2
	begun  bool
	quoted int
}

func (w *writer) text(s string) {
	for len(s) > 0 {
		i := strings.IndexFunc(s, blank)
		if i == 0 {
			w.space = true
			s = strings.TrimLeftFunc(s, blank)
			continue
		}
		if i < 0 {
			i = len(s)
		}
		switch {
		case w.begun && w.lines > 0:
			w.WriteString("\n")
			if w.lines > 1 {
				w.WriteString(prefix(min(w.depth, w.quoted)) + "\n")
			}
			w.WriteString(prefix(w.depth))
		case !w.begun:
			w.WriteString(prefix(w.depth))
		case w.space:
			w.WriteByte(' ')
		}
		w.begun, w.lines, w.space, w.quoted = true, 0, false, w.depth
		w.WriteString(s[:i])
		s = s[i:]
	}
}

func (w *writer) newline(paragraph bool) {
	w.space = false
	if w.lines = max(w.lines, 1); paragraph {
		w.lines = 2
	}
}

// since is what was written from an earlier length on.
func (w *writer) since(n int) string { return w.String()[min(n, w.Len()):] }

func prefix(depth int) string { return strings.Repeat("> ", min(depth, 9)) }

func blank(r rune) bool {
	return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\u00A0'
}
