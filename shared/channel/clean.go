package channel

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

// MaxLine is the greatest number of runes in a subject, a name or an id.
const MaxLine = 2000

// Text is s as it is stored: valid UTF-8 in NFC, line ends as LF, without NUL
// and other control characters but LF and tab. Joiners stay: emoji need them.
func Text(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

// Line is s on one line: a subject, a name, a file name, an address. Control
// characters (CR, LF and NUL among them) and the marks that turn the direction
// of writing are left out, runs of space are one, and it ends after MaxLine
// runes. What Line returns can't add a header to a mail.
func Line(s string) string {
	var b strings.Builder
	n, space := 0, false
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case unicode.IsSpace(r):
			space = n > 0
			continue
		case unicode.IsControl(r), turnsWriting(r):
			continue
		}
		if n >= MaxLine {
			break
		}
		if space {
			b.WriteByte(' ')
			n, space = n+1, false
		}
		b.WriteRune(r)
		n++
	}
	return norm.NFC.String(b.String()) // what was apart may now be neighbours
}

// turnsWriting reports the explicit marks of Unicode Annex 9, with which
// "exe.fdp" is made to look like "pdf.exe".
func turnsWriting(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
}

// Phone is the party behind a number with its country code, with or without
// "+" and punctuation. A number that can't be one (a short code, an alphanumeric
// sender, an unknown country) is an opaque id, as written.
func Phone(raw string) message.Party {
	raw = Line(raw)
	if raw == "" {
		return message.Party{}
	}
	if n := e164(raw); n != "" {
		p := message.Party{Scheme: message.Tel, Address: n}
		if n != raw {
			p.Raw = raw
		}
		return p
	}
	return message.Party{Scheme: message.ID, Address: raw, Raw: raw}
}

func e164(raw string) string {
	digits := make([]byte, 0, 16)
	for i := range len(raw) {
		switch c := raw[i]; {
		case '0' <= c && c <= '9':
			digits = append(digits, c)
		case c == '+' && i == 0, c == ' ', c == '-', c == '(', c == ')', c == '.', c == '/':
		default:
			return ""
		}
		if len(digits) > 15 { // E.164, 6: at most fifteen digits
			return ""
		}
	}
	n, err := phonenumbers.Parse("+"+string(digits), "")
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// Digest is "sha256:" and the hex SHA-256 of b: the identity of what has none.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Once returns the only value of a header. None, an empty one and two are
// refused with fault.Unauthenticated: a proof that can be read in two ways is none.
func Once(h http.Header, name string) (string, error) {
	v := h.Values(name)
	if len(v) != 1 || v[0] == "" || !utf8.ValidString(v[0]) {
		return "", fault.New(fault.Unauthenticated, "header %s must be there once", name)
	}
	return v[0], nil
}

// Park is the one item of a body, or a part of one, that can't be mapped.
func Park(n Name, raw []byte, code string) Item {
	return Item{
		Dedupe:  Digest(raw),
		Message: message.Inbound{Channel: n.Channel, Provider: n.Provider},
		Raw:     raw,
		Parked:  code,
	}
}
