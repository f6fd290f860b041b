package message

import "strings"

// LanguageOf guesses in which of our languages a text is written: "sl", "sk",
// "en", or "" where nothing tells, which a pack answers in its own first
// language. It counts common words, and letters that only one of them has. A
// wrong guess costs an answer in another language, no more, so it is simple: it
// looks at the first 200 words.
func LanguageOf(text string) string {
	votes := map[string]int{}
	for i, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !isLetter(r) }) {
		if i == 200 {
			break
		}
		if l, ok := telling[word]; ok {
			votes[l] += 2
		}
		if strings.ContainsAny(word, "ľĺŕťďňôäáéíúý") { // never in a Slovenian word, nor an English one
			votes["sk"]++
		}
	}
	best := ""
	for _, l := range []string{"sl", "sk", "en"} {
		if votes[l] > votes[best] {
			best = l
		}
	}
	return best
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r > 0x7F }

// telling are words that stand in nearly every message, each in one of the
// languages alone.
var telling = index(map[string]string{
	"sl": "in je sem bi se kje kako kdaj zakaj kaj pozdravljeni lep dober dan hvala prosim zanima vloga vlogo potrdilo moja moj imam nimam ni",
	"sk": "som ako kde kedy prečo dobrý deň ďakujem prosím žiadosť chcem by nie moja môj mám nemám pre aby čo",
	"en": "the and is are was you your my i have has do does how when where why what please hello hi thank thanks would like to of for it not with can",
})

func index(words map[string]string) map[string]string {
	out, twice := map[string]string{}, map[string]bool{}
	for l, list := range words {
		for _, w := range strings.Fields(list) {
			if _, known := out[w]; known {
				twice[w] = true
			}
			out[w] = l
		}
	}
	for w := range twice {
		delete(out, w)
	}
	return out
}
