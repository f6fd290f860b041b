package recognise

import (
	"slices"
	"strings"
	"unicode"

	"github.com/okence/okence/shared/domain/dsar"
)

// Finding is what a text seems to ask for.
type Finding struct {
	Keys       []dsar.Key
	Confidence int // percent: of the surest rule
	Marketing  bool
	Language   string // of the surest rule
}

// Found reports whether there is anything to suggest.
func (f Finding) Found() bool { return len(f.Keys) > 0 }

// maxText bounds what is looked at, in bytes: a request stands at the beginning
// of a text, not behind a book.
const maxText = 16 << 10

// In looks for requests in a text.
func In(text string) Finding {
	if len(text) > maxText {
		text = text[:maxText]
	}
	var out Finding
	marketing := true
	for _, s := range sentences(text) {
		cited := s.any(law)
		for i := range rules {
			r := &rules[i]
			if !r.matches(s) {
				continue
			}
			c := r.confidence
			if cited {
				c = min(c+10, 99)
			}
			if c > out.Confidence {
				out.Confidence, out.Language = c, r.language
			}
			k := dsar.Key{Right: r.right, Scope: dsar.Data}
			if !slices.Contains(out.Keys, k) {
				out.Keys = append(out.Keys, k)
			}
			marketing = marketing && r.marketing
		}
	}
	out.Marketing = marketing && len(out.Keys) > 0
	if out.Marketing { // to end marketing is one wish, however it is put
		out.Keys = []dsar.Key{{Right: dsar.Objection, Scope: dsar.Data}}
	}
	return out
}

// sentence is the folded words of one.
type sentence []string

// any reports whether one of the alternatives stands in the sentence: words by
// their beginnings, a phrase as words that follow each other. A word that ends in
// "." is meant whole.
func (s sentence) any(alternatives []string) bool {
	return slices.ContainsFunc(alternatives, func(a string) bool { return s.has(strings.Fields(a)) })
}

func (s sentence) has(phrase []string) bool {
	for i := 0; i+len(phrase) <= len(s); i++ {
		all := true
		for j, p := range phrase {
			whole, exact := strings.CutSuffix(p, ".")
			if exact && s[i+j] != whole || !strings.HasPrefix(s[i+j], whole) {
				all = false
				break
			}
		}
		if all {
			return true
		}
	}
	return false
}

// sentences splits a text. A single line break ends none: mail programs break
// lines anywhere.
func sentences(text string) []sentence {
	var out []sentence
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, "\n\n", "!"), func(r rune) bool { return strings.ContainsRune(".?!;", r) }) {
		words := strings.FieldsFunc(fold(part), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if len(words) > 0 {
			out = append(out, words)
		}
	}
	return out
}

// fold drops case and the diacritics of our languages.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if plain, ok := plain[r]; ok {
			return plain
		}
		return r
	}, text)
}

var plain = func() map[rune]rune {
	out := map[rune]rune{}
	from, to := []rune("čćšžđáäďéíĺľňóôŕťúý"), []rune("ccszdaadeillnoortuy")
	for i, r := range from {
		out[r] = to[i]
	}
	return out
}()

// Text is a text as it is searched.
type Text []sentence

// Read prepares a text to be searched for phrases.
func Read(text string) Text { return sentences(text) }

// Says reports whether one of the phrases stands in a sentence: words by their
// beginnings, without case and accents; one that ends in "." is meant whole. No
// phrases: no.
func (t Text) Says(phrases []string) bool {
	folded := make([]string, len(phrases))
	for i, p := range phrases {
		folded[i] = fold(p)
	}
	return slices.ContainsFunc(t, func(s sentence) bool { return s.any(folded) })
}
