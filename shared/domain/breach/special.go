package breach

import (
	"slices"
	"strings"
	"unicode"
)

// special are how words begin that tell of a special category of data (GDPR art.
// 9(1)) or of convictions (art. 10), in Slovenian, Slovak and English, without
// marks above letters. A word of the list may be harmless ("health insurance
// institute"): an officer reads the place and says so.
var special = []string{
	// health, genetic and biometric data
	"zdravstven", "zdravotn", "health", "medic", "diagnoz", "diagnos", "bolez", "bolni", "chorob", "ochoren", "illness", "disease", "zdravlj", "liecb", "liecen",
	"invalid", "disab", "nosec", "tehot", "pregnan", "hiv", "rakav", "rakov", "cancer", "genet", "biometr", "odtis", "odtlac", "fingerprint", "x-ray", "rentgen", "rontgen",
	// origin, opinions, belief, unions
	"ras", "race", "racial", "etnic", "ethnic", "narodnost", "politic", "verst", "religi", "nabozen", "vierovyz", "belief", "prepricanj", "sindikat", "odborar", "union",
	// sex life
	"spoln", "sexual", "homosek", "homosex",
	// convictions
	"obsod", "odsud", "kazniv", "trestn", "convict", "criminal",
}

// whole are those of special that are whole words only: longer ones that begin
// so mean something else.
var whole = []string{"ras", "hiv", "race", "union"}

// SpecialWords are the words of a text that may tell of a special category, in
// the order of the text, each once, in lower case. A notice to persons says that
// such data are concerned nowhere but in person (art. 34(2) asks for the nature
// of the breach, not for the data).
func SpecialWords(text string) (found []string) {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	for _, w := range words {
		p := plain.Replace(w)
		if slices.ContainsFunc(special, func(s string) bool {
			return p == s || strings.HasPrefix(p, s) && !slices.Contains(whole, s)
		}) && !slices.Contains(found, w) {
			found = append(found, w)
		}
	}
	return found
}

// plain takes the marks of Slovenian and Slovak letters away.
var plain = strings.NewReplacer("č", "c", "š", "s", "ž", "z", "ć", "c", "đ", "d", "á", "a", "ä", "a", "ď", "d", "é", "e", "í", "i", "ĺ", "l", "ľ", "l", "ň", "n",
	"ó", "o", "ô", "o", "ŕ", "r", "ť", "t", "ú", "u", "ý", "y")
