package mime

import (
	"sort"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/channel"
)

// maxParams is the greatest number of parameters of one field that are read.
const maxParams = 200

// media returns the type of a part, in lower case, and its parameters.
func media(h header) (string, map[string]string) {
	kind, params := parameters(h.get("content-type"))
	kind, _, _ = strings.Cut(kind, " ") // a semicolon was left out
	main, sub, _ := strings.Cut(kind, "/")
	switch {
	case kind == "", kind == "text":
		kind = "text/plain" // RFC 2045, 5.2
	case main == "", sub == "", !token(main), !token(sub):
		kind = "application/octet-stream" // RFC 2045, 5.2: what can't be read
	}
	return kind, params
}

// token: RFC 2045, 5.1, as far as types that are registered go.
func token(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+") == ""
}

// parameters reads "value; name=value; ..." (RFC 2045) with what people make of
// it: no quotes around spaces, encoded words, raw bytes. Continuations and
// character sets by RFC 2231 are joined and decoded, whatever the set.
func parameters(s string) (string, map[string]string) {
	value, rest := cut(s)
	params := map[string]string{}
	var pieces []piece
	for n := 0; rest != "" && n < maxParams; n++ {
		var p string
		p, rest = cut(rest)
		name, v, ok := strings.Cut(p, "=")
		if name = strings.ToLower(strings.TrimSpace(name)); !ok || name == "" {
			continue
		}
		v = unquote(strings.TrimSpace(v))
		if base, after, star := strings.Cut(name, "*"); star {
			pieces = append(pieces, pieceOf(base, after, v))
		} else if _, twice := params[name]; !twice {
			params[name] = decode(v)
		}
	}
	join(params, pieces)
	return strings.ToLower(strings.TrimSpace(channel.Line(value))), params
}

// cut splits at the first semicolon outside quotes.
func cut(s string) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ';' && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func unquote(s string) string {
	if !strings.HasPrefix(s, `"`) {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s) && s[i] != '"'; i++ {
		// Only quotes are escaped in practice: C:\temp comes as it is.
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// piece is name*n*=value: number n, in percent signs where encoded.
type piece struct {
	name    string
	n       int
	encoded bool
	value   string
}

func pieceOf(name, after, value string) piece {
	p := piece{name: name, value: value}
	number, star := strings.CutSuffix(after, "*")
	p.encoded = star || after == "" // name*= has one star only, name*0*= two
	p.n, _ = strconv.Atoi(number)
	return p
}

// join puts the pieces together, by number, and decodes each name as a whole:
// the character set stands before the first.
func join(params map[string]string, pieces []piece) {
	sort.SliceStable(pieces, func(i, j int) bool {
		if pieces[i].name != pieces[j].name {
			return pieces[i].name < pieces[j].name
		}
		return pieces[i].n < pieces[j].n
	})
	for i := 0; i < len(pieces); {
		name, label := pieces[i].name, ""
		var whole strings.Builder
		for first := true; i < len(pieces) && pieces[i].name == name; i, first = i+1, false {
			v := pieces[i].value
			if pieces[i].encoded {
				if set := strings.SplitN(v, "'", 3); first && len(set) == 3 {
					label, v = set[0], set[2]
				}
				v = percent(v)
			}
			whole.WriteString(v)
		}
		if v := channel.Line(utf(whole.String(), label)); v != "" {
			params[name] = v // it says more than the plain one beside it
		}
	}
}

// percent decodes %hh and leaves what isn't one.
func percent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// filename is the name of a part's file, fit to be shown and saved: no path, no
// control characters.
func filename(h header, ctype map[string]string) string {
	_, disposition := parameters(h.get("content-disposition"))
	for _, n := range []string{disposition["filename"], ctype["name"], ctype["filename"]} {
		n = strings.ReplaceAll(n, "\\", "/")
		n = channel.Line(n[strings.LastIndexByte(n, '/')+1:])
		if strings.Trim(n, ". ") != "" {
			if r := []rune(n); len(r) > 255 {
				n = string(r[:200]) + string(r[len(r)-55:]) // its end is what kind it is
			}
			return n
		}
	}
	return ""
}
