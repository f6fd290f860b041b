package mime

import (
	"bytes"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"github.com/okence/okence/shared/channel"
)

// header is the fields of a message or part in their order.
type header []field

// field is one, unfolded, its name in lower case.
type field struct{ name, value string }

// header takes a header and the blank line after it. It is false over maxHeader.
// What can't be a field, and a delimiter, end it too: then the body begins there.
func (w *walker) header() (header, bool) {
	start := w.at
	h := header{}
	var fold [][]byte // the lines of the last field
	flush := func() {
		if len(fold) > 0 {
			name, value, _ := bytes.Cut(bytes.Join(fold, []byte(" ")), []byte(":"))
			h = append(h, field{strings.ToLower(string(bytes.TrimSpace(name))), string(bytes.TrimSpace(value))})
		}
		fold = nil
	}
	for w.at < len(w.raw) {
		begin := w.at
		l := w.line()
		if w.at-start > maxHeader {
			return nil, false
		}
		if len(l) == 0 {
			break
		}
		if (l[0] == ' ' || l[0] == '\t') && len(fold) > 0 {
			fold = append(fold, bytes.TrimSpace(l))
			continue
		}
		if i, _ := w.match(l); i >= 0 || !isField(l) {
			w.at = begin
			break
		}
		flush()
		fold = append(fold, l)
	}
	flush()
	return h, true
}

// isField: a name of visible ASCII, then a colon (RFC 5322, 2.2; a space before
// the colon is of the obsolete syntax).
func isField(line []byte) bool {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		return false
	}
	for _, c := range bytes.TrimRight(line[:i], " \t") {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// get returns the first field of a name, as written.
func (h header) get(name string) string {
	for _, f := range h {
		if f.name == name {
			return f.value
		}
	}
	return ""
}

func (h header) has(name string) bool {
	for _, f := range h {
		if f.name == name {
			return true
		}
	}
	return false
}

// word decodes encoded words (RFC 2047) in any known character set.
var word = mime.WordDecoder{CharsetReader: func(label string, r io.Reader) (io.Reader, error) {
	return charset.NewReaderLabel(label, r)
}}

// decode is a field's value as people read it, on one line.
func decode(value string) string {
	value = utf(value, "")
	if out, err := word.DecodeHeader(merge(value)); err == nil {
		value = out
	}
	return channel.Line(value)
}

// merge makes one of neighbouring encoded words of the same set and encoding:
// some programs cut between the bytes of a letter, which RFC 2047, 5 forbids. A
// language after the set (RFC 2231, 5) goes.
func merge(value string) string {
	if strings.Count(value, "=?") < 2 && !strings.Contains(value, "*") {
		return value
	}
	var out []byte
	last := "" // set and encoding of the word that out ends with
	for value != "" {
		before, rest, ok := strings.Cut(value, "=?")
		parts := strings.SplitN(rest, "?", 4)
		if !ok || len(parts) < 4 || !strings.HasPrefix(parts[3], "=") {
			out = append(out, value[:len(value)-len(rest)]...)
			value, last = rest, ""
			continue
		}
		set, _, _ := strings.Cut(parts[0], "*")
		kind := strings.ToLower(set + "?" + parts[1])
		if last == kind && strings.TrimSpace(before) == "" && !bytes.HasSuffix(out, []byte("=?=")) {
			out = append(out[:len(out)-len("?=")], parts[2]+"?="...)
		} else {
			out = append(out, before+"=?"+set+"?"+parts[1]+"?"+parts[2]+"?="...)
		}
		value, last = parts[3][1:], kind
	}
	return string(out)
}

// utf makes UTF-8 of bytes in the character set that label names. Bytes that
// are UTF-8 anyway stay; bytes of no known set are read as windows-1250, in
// which mail of this region without a declaration is written.
func utf(s, label string) string {
	if label == "" || utf8.ValidString(s) && strings.EqualFold(label, "us-ascii") {
		if utf8.ValidString(s) {
			return s
		}
		label = "windows-1250"
	}
	r, err := charset.NewReaderLabel(label, strings.NewReader(s))
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	out, err := io.ReadAll(r)
	if err != nil {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return string(out)
}
