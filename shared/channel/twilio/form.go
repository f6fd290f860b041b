package twilio

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/okence/okence/shared/channel"
)

// form is the parameters of a request. A name may repeat.
type form map[string][]string

// get returns the first value of name, or "".
func (f form) get(name string) string {
	if v := f[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func (f form) has(name string) bool { return len(f[name]) > 0 }

// line is a value as an id or a name is stored.
func (f form) line(name string) string { return channel.Line(f.get(name)) }

// parseForm reads name=value&name=value as Twilio writes it, and nothing looser.
// Other spellings mean the same and would verify under the same signature.
func parseForm(s string) (form, bool) {
	f := form{}
	if s == "" {
		return f, true
	}
	for pair := range strings.SplitSeq(s, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" || !spelled(name) || !spelled(value) {
			return nil, false
		}
		n, _ := url.QueryUnescape(name)
		v, _ := url.QueryUnescape(value)
		f[n] = append(f[n], v)
	}
	return f, true
}

// spelled reports whether s is form-encoded in the one way: letters, digits and
// "-_." as they are, everything else as "%" and two upper-case hex digits. The
// encoders of the world differ on "~*!'()" and on space as "+" or "%20" only.
func spelled(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case plain(c), strings.IndexByte("+~*!'()", c) >= 0:
		case c == '%' && i+2 < len(s) && digit(s[i+1]) < 16 && digit(s[i+2]) < 16 && !plain(digit(s[i+1])<<4|digit(s[i+2])):
			i += 2
		default:
			return false
		}
	}
	return true
}

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.'
}

// digit is the value of an upper-case hex digit, or 16.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// parameters reads r: from the body, or for GET from the query, which is signed
// as it stands and may be written in any way. raw is where they stood.
func parameters(r channel.Request) (f form, raw []byte, ok bool) {
	if r.Method != http.MethodGet {
		f, ok = parseForm(string(r.Body))
		return f, r.Body, ok
	}
	values, err := url.ParseQuery(query(r))
	return form(values), []byte(query(r)), err == nil
}
