// Package redact takes other people out of what a person is given (art. 15(4)
// GDPR; P09). It knows the person, and those others who took part; everything
// else that looks like an identifier of somebody is taken out too, as doubtful,
// for a reviewer to decide. When in doubt nothing is shown.
//
// Names are found in any case, with or without diacritics, inflected as
// Slovenian and Slovak do (Kos, Kosa, Kosu, Kosom, Kosova), joined (BorKos) and
// in file names. Identifiers are those of shared/domain/identifier.
//
// Pure: values in, values out. No result repeats what was taken out.
package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/okence/okence/shared/domain/identifier"
)

// Reason is the code of a redaction, stated to the person.
type Reason string

// Reasons.
const (
	OtherName    Reason = "other_name"    // the name of another person
	OtherAddress Reason = "other_address" // a phone number, mail address or account of another person
	Unknown      Reason = "identifier"    // an identifier that is not known to be the person's own
	OtherParty   Reason = "other_party"   // another sender or recipient, or their message
	OtherWords   Reason = "other_words"   // quoted words of others
	RawForm      Reason = "raw_form"      // the raw form of what is given otherwise
	UnseenFile   Reason = "unseen_file"   // a file that no machine can look through
	ByReviewer   Reason = "reviewer"      // a reviewer took it out
)

// Reasons is the closed set.
var Reasons = []Reason{OtherName, OtherAddress, Unknown, OtherParty, OtherWords, RawForm, UnseenFile, ByReviewer}

// Cut is a place that is taken out: byte offsets in the text as stored.
type Cut struct {
	Start    int    `json:"start"`
	End      int    `json:"end"`
	Reason   Reason `json:"reason"`
	Doubtful bool   `json:"doubtful,omitempty"` // a reviewer may show it
}

// Person is what is known of somebody: names, and addresses of every kind.
type Person struct {
	Names     []string
	Addresses []string
}

// Rules are compiled for one person and the others around.
type Rules struct {
	ownWords  map[string]bool
	ownValues map[string]bool
	words     []word   // of others' names
	joined    []string // given and family name in one word, both ways
	values    []string // others' accounts, literally
	phones    []string // others' phones: the last digits
}

// shown is how many digits at the end tell one phone number from another,
// however its beginning is written.
const shown = 8

// New compiles rules.
func New(own Person, others []Person) *Rules {
	r := &Rules{ownWords: map[string]bool{}, ownValues: map[string]bool{}}
	for _, n := range own.Names {
		for _, w := range wordsOf(n) {
			r.ownWords[w] = true
		}
	}
	for _, a := range own.Addresses {
		r.ownValues[normal(a)] = true
	}
	for _, o := range others {
		for _, n := range o.Names {
			if r.Own(n) {
				continue
			}
			all := wordsOf(n)
			for _, w := range all {
				r.words = append(r.words, newWord(w, r.ownWords[w]))
			}
			if len(all) > 1 {
				r.joined = append(r.joined, strings.Join(all, ""), all[len(all)-1]+strings.Join(all[:len(all)-1], ""))
			}
		}
		for _, a := range o.Addresses {
			n := normal(a)
			if len(n) < 3 || r.ownValues[n] {
				continue
			}
			if digits(n) {
				r.phones = append(r.phones, n)
			}
			r.values = append(r.values, strings.ToLower(strings.TrimSpace(a)))
		}
	}
	slices.SortFunc(r.values, func(a, b string) int { return len(b) - len(a) })
	return r
}

// Own reports whether a value is the person's: an address in any spelling, or
// their whole name.
func (r *Rules) Own(value string) bool {
	if r.ownValues[normal(value)] {
		return true
	}
	all := wordsOf(value)
	for _, w := range all {
		if !r.ownWords[w] {
			return false
		}
	}
	return len(all) > 0 && !strings.ContainsAny(value, "@0123456789")
}

// Find returns what must not be shown of a text, in order, without overlaps.
// known limits it to what is known to be another's: for fields that hold the
// person's own identifiers.
func (r *Rules) Find(text string, known bool) []Cut {
	cuts := append(r.literal(text), r.names(text)...)
	cuts = append(cuts, r.numbers(text)...)
	if !known {
		for _, m := range identifier.Detect(text) {
			value := text[m.Start:m.End]
			if r.own(value) {
				continue
			}
			cuts = append(cuts, Cut{m.Start, m.End, Unknown, true})
		}
	}
	return join(text, cuts)
}

// own is Own for what a detector found, which may reach a little too far.
func (r *Rules) own(value string) bool {
	if r.Own(value) {
		return true
	}
	for range 2 { // a file name: ana@example.si.pdf
		i := strings.LastIndexByte(value, '.')
		if i < 0 || !strings.Contains(value[:i], "@") {
			return false
		}
		if value = value[:i]; r.Own(value) {
			return true
		}
	}
	return false
}

// literal finds others' accounts as they are written.
func (r *Rules) literal(text string) []Cut {
	var out []Cut
	low := lower(text)
	for _, v := range r.values {
		for from := 0; ; {
			i := strings.Index(low[from:], v)
			if i < 0 {
				break
			}
			start, end := from+i, from+i+len(v)
			out = append(out, Cut{start, end, OtherAddress, false})
			from = end
		}
	}
	return out
}

// lower maps ASCII only, so that offsets stay.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// numbers finds others' phones among digits, however they are grouped.
func (r *Rules) numbers(text string) []Cut {
	if len(r.phones) == 0 {
		return nil
	}
	var out []Cut
	var run []byte
	var at []int
	flush := func(end int) {
		for _, p := range r.phones {
			tail := p[max(0, len(p)-shown):]
			if len(tail) < 6 {
				continue
			}
			for from := 0; ; {
				i := strings.Index(string(run[from:]), tail)
				if i < 0 {
					break
				}
				first, last := from+i, from+i+len(tail)-1
				for first > 0 && strings.HasSuffix(p, string(run[first-1:last+1])) || first > 0 && from+i-first < 5 && at[first]-at[first-1] <= 2 {
					first--
				}
				start := at[first]
				if start > 0 && text[start-1] == '+' {
					start--
				}
				out = append(out, Cut{start, at[last] + 1, OtherAddress, false})
				from = last + 1
			}
		}
		run, at = run[:0], at[:0]
	}
	gap := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			run, at, gap = append(run, c), append(at, i), 0
		case gap < 4 && (c == ' ' || c == '-' || c == '/' || c == '.' || c == '(' || c == ')' || c == '_' || c >= 0x80):
			gap++
		default:
			flush(i)
			gap = 0
		}
	}
	flush(len(text))
	return out
}

// join sorts cuts, merges those that touch or overlap, and names of one person
// that only a space divides. What is certain wins over what is doubtful.
func join(text string, cuts []Cut) []Cut {
	slices.SortFunc(cuts, func(a, b Cut) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	var out []Cut
	for _, c := range cuts {
		if n := len(out); n > 0 {
			last := &out[n-1]
			near := c.Start <= last.End
			if !near && last.Reason == OtherName && c.Reason == OtherName && last.Doubtful == c.Doubtful {
				near = strings.TrimLeft(text[last.End:c.Start], " -_") == ""
			}
			if near {
				if last.Doubtful && !c.Doubtful {
					last.Reason = c.Reason
				}
				last.Doubtful = last.Doubtful && c.Doubtful
				last.End = max(last.End, c.End)
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// Mark is what stands in place of a cut.
func Mark(reason Reason) string { return "[redacted: " + string(reason) + "]" }

// Apply puts marks in place of cuts, which Find ordered.
func Apply(text string, cuts []Cut) string {
	var b strings.Builder
	from := 0
	for _, c := range cuts {
		if c.Start < from || c.End > len(text) {
			continue
		}
		b.WriteString(text[from:c.Start])
		b.WriteString(Mark(c.Reason))
		from = c.End
	}
	b.WriteString(text[from:])
	return b.String()
}

// normal is an address as it is compared: digits of a phone number, lower case
// of everything else.
func normal(s string) string {
	s = strings.TrimSpace(s)
	var d strings.Builder
	for _, c := range s {
		switch {
		case c >= '0' && c <= '9':
			d.WriteRune(c)
		case c == '+' || c == ' ' || c == '-' || c == '/' || c == '(' || c == ')' || c == '.' || c == '\u00a0' || c == '\u202f' || c == '\u2009':
		default:
			return strings.ToLower(s)
		}
	}
	if n := d.String(); len(n) >= shown {
		return n[len(n)-shown:]
	} else if n != "" {
		return n
	}
	return strings.ToLower(s)
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// eachWord calls f with the words of a text: runs of letters, cut where a small
// letter meets a capital one.
func eachWord(text string, f func(start, end int)) {
	start, prev := -1, rune(0)
	for i, c := range text {
		switch letter := unicode.IsLetter(c) || unicode.IsMark(c); {
		case letter && start < 0:
			start = i
		case letter && unicode.IsUpper(c) && unicode.IsLower(prev):
			f(start, i)
			start = i
		case !letter && start >= 0:
			f(start, i)
			start = -1
		}
		prev = c
	}
	if start >= 0 {
		f(start, len(text))
	}
}

func wordsOf(name string) []string {
	var out []string
	if strings.ContainsAny(name, "@") {
		return nil
	}
	eachWord(name, func(start, end int) {
		if w := fold(name[start:end]); utf8.RuneCountInString(w) > 1 {
			out = append(out, w)
		}
	})
	return out
}
