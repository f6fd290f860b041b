package redact

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// word is one word of a name with the stems under which its cases are found.
type word struct {
	whole  string
	stems  []string
	shared bool // the person bears it too: a doubt, and shown
}

// endings of Slovenian and Slovak nouns and of adjectives made from names.
var endings = func() map[string]bool {
	all := map[string]bool{"": true}
	for _, e := range strings.Fields("a e i o u y om em am ama ami ah ih im imi ega emu ja ju je jem jom jev jeva jevi jevo ta tu tom te ti " +
		"ov ova ove ovi ovo ovem ovega ovemu ovih in ina ine ini ino inem inega inemu ou ej och ich ho mu ovia ovej ovou ovci nem na nu ne ni") {
		all[e] = true
	}
	return all
}()

func newWord(w string, shared bool) word {
	out := word{whole: w, stems: []string{w}, shared: shared}
	if n := len(w); n > 2 && strings.IndexByte("aeiouy", w[n-1]) >= 0 {
		out.stems = append(out.stems, w[:n-1])
	}
	if n := len(w); n > 3 && w[n-2] == 'e' { // Peter, Petra; Zajec, Zajca
		out.stems = append(out.stems, w[:n-2]+w[n-1:])
	}
	return out
}

// is reports whether a folded word of a text is a case of w.
func (w word) is(s string) bool {
	if s == w.whole {
		return true
	}
	if utf8.RuneCountInString(w.whole) < 3 {
		return false
	}
	return slices.ContainsFunc(w.stems, func(stem string) bool {
		rest, ok := strings.CutPrefix(s, stem)
		return ok && endings[rest] && (rest != "" || len(stem) > 2)
	})
}

// names finds others' names.
func (r *Rules) names(text string) []Cut {
	var out []Cut
	eachWord(text, func(start, end int) {
		s := fold(text[start:end])
		first, _ := utf8.DecodeRuneInString(text[start:end])
		for _, w := range r.words {
			if !w.is(s) {
				continue
			}
			if w.shared || r.ownWords[s] {
				continue // a name that both bear is the person's own as well
			}
			out = append(out, Cut{start, end, OtherName, !unicode.IsUpper(first)})
			return
		}
		for _, j := range r.joined {
			if len(j) > 4 && strings.Contains(s, j) {
				out = append(out, Cut{start, end, OtherName, false})
				return
			}
		}
	})
	return out
}

// fold is a word in lower case without the diacritics of European languages.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(r)
		if r < 0x80 {
			return r
		}
		if unicode.IsMark(r) {
			return -1
		}
		if i := strings.IndexRune(marked, r); i >= 0 {
			return rune(plain[utf8.RuneCountInString(marked[:i])])
		}
		return r
	}, s)
}

const (
	marked = "áàâäãåąăćčçďđéèêëěęíìîïĺľłńňñóòôöõőøŕřśšşșťţțúùûüůűýÿźžż"
	plain  = "aaaaaaaacccddeeeeeeiiiilllnnnooooooorrssssttt" + "uuuuuuyyzzz"
)
