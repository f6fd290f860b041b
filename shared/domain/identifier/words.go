package identifier

import (
	"unicode"
	"unicode/utf8"
)

// A label is what a word announces: one of the kinds, or another number
// altogether. Labels index arrays, so they are small numbers.
type label uint8

const (
	none label = iota
	labelIBAN
	labelPAN
	labelEMSO
	labelSKRC
	labelPhone
	labelSITax
	foreign // a number that is none of ours: invoice, order, company number
	labels
)

// stem is the start of a word that announces a number, folded (lower case,
// without diacritics). whole: the word is no longer than that.
type stem struct {
	text  string
	whole bool
	label label
}

// pair is two words that only together announce a number.
type pair struct {
	first, second stem
	label         label
}

// stems and pairs are the vocabulary, in Slovenian, Slovak and English; the
// stems leave room for inflection (davčna, davčne, davčnega; účet, účte).
var stems = byFirstLetter([]stem{
	{"iban", false, labelIBAN}, {"trr", true, labelIBAN}, {"racun", false, labelIBAN}, {"transakcijsk", false, labelIBAN},
	{"ucet", false, labelIBAN}, {"uctu", true, labelIBAN}, {"uctom", true, labelIBAN}, {"ucte", true, labelIBAN}, {"account", false, labelIBAN},

	{"kartic", false, labelPAN}, {"kart", false, labelPAN}, {"kreditn", false, labelPAN}, {"platobn", false, labelPAN},
	{"placiln", false, labelPAN}, {"debetn", false, labelPAN}, {"card", false, labelPAN}, {"pan", true, labelPAN}, {"visa", true, labelPAN},
	{"mastercard", true, labelPAN}, {"maestro", true, labelPAN}, {"amex", true, labelPAN},

	{"emso", false, labelEMSO}, {"emsa", true, labelEMSO}, {"emsu", true, labelEMSO}, {"emsi", true, labelEMSO}, {"jmbg", false, labelEMSO},

	{"rc", true, labelSKRC}, {"rodnecis", false, labelSKRC}, {"birthnum", false, labelSKRC},

	{"tel", true, labelPhone}, {"telef", false, labelPhone}, {"mob", true, labelPhone}, {"mobil", false, labelPhone},
	{"mobitel", false, labelPhone}, {"gsm", true, labelPhone}, {"phone", false, labelPhone}, {"cell", true, labelPhone},
	{"cellphone", true, labelPhone}, {"telephone", false, labelPhone}, {"fax", true, labelPhone}, {"faks", false, labelPhone},
	{"sms", true, labelPhone}, {"viber", false, labelPhone}, {"whatsapp", false, labelPhone}, {"call", true, labelPhone},
	{"klic", false, labelPhone}, {"poklicit", false, labelPhone}, {"zavolaj", false, labelPhone}, {"volajt", false, labelPhone},

	{"davcn", false, labelSITax}, {"ds", true, labelSITax}, {"ddv", true, labelSITax}, {"danov", false, labelSITax},
	{"dic", true, labelSITax}, {"dph", true, labelSITax}, {"tax", true, labelSITax}, {"taxpayer", false, labelSITax},
	{"taxn", false, labelSITax}, {"taxid", false, labelSITax}, {"vat", true, labelSITax}, {"vatn", false, labelSITax},
	{"vatid", false, labelSITax}, {"tin", true, labelSITax},

	{"maticn", false, foreign}, {"ico", true, foreign}, {"sklic", false, foreign}, {"referen", false, foreign}, {"ref", true, foreign},
	{"faktur", false, foreign}, {"invoice", false, foreign}, {"order", false, foreign}, {"narocil", false, foreign},
	{"objednavk", false, foreign}, {"datum", false, foreign}, {"date", true, foreign}, {"swift", true, foreign}, {"bic", true, foreign},
})

var pairs = bySecondLetter([]pair{
	{stem{"r", true, 0}, stem{"c", true, 0}, labelSKRC}, // r. č.
	{stem{"r", true, 0}, stem{"cis", false, 0}, labelSKRC},
	{stem{"rod", true, 0}, stem{"c", true, 0}, labelSKRC},
	{stem{"rod", true, 0}, stem{"cis", false, 0}, labelSKRC},
	{stem{"rodn", false, 0}, stem{"c", true, 0}, labelSKRC},
	{stem{"rodn", false, 0}, stem{"cis", false, 0}, labelSKRC}, // rodné číslo, rodného čísla
	{stem{"rodn", false, 0}, stem{"stev", false, 0}, labelSKRC},
	{stem{"rojstn", false, 0}, stem{"stev", false, 0}, labelSKRC},
	{stem{"birth", true, 0}, stem{"n", false, 0}, labelSKRC}, // birth number, birth no.
	{stem{"d", true, 0}, stem{"s", true, 0}, labelSITax},     // D. Š.
	{stem{"enotn", false, 0}, stem{"maticn", false, 0}, labelEMSO},
	{stem{"jednotn", false, 0}, stem{"maticn", false, 0}, labelEMSO},
	{stem{"personal", true, 0}, stem{"n", false, 0}, labelEMSO},
	{stem{"personal", true, 0}, stem{"id", false, 0}, labelEMSO},
})

func byFirstLetter(list []stem) (t [26][]stem) {
	for _, s := range list {
		t[s.text[0]-'a'] = append(t[s.text[0]-'a'], s)
	}
	return t
}

func bySecondLetter(list []pair) (t [26][]pair) {
	for _, p := range list {
		t[p.second.text[0]-'a'] = append(t[p.second.text[0]-'a'], p)
	}
	return t
}

// word is one folded word and where it stands. Longer words keep their start.
type word struct {
	text       [16]byte
	n          int
	start, end int
}

func (w *word) is(s stem) bool {
	if w.n < len(s.text) || s.whole && w.n > len(s.text) {
		return false
	}
	return string(w.text[:len(s.text)]) == s.text
}

// label answers what the word alone announces.
func (w *word) label() label {
	if w.n == 0 {
		return none
	}
	for _, s := range stems[w.text[0]-'a'] {
		if w.is(s) {
			return s.label
		}
	}
	return none
}

// after answers what the word announces together with the one before it.
func (w *word) after(before *word) label {
	if before.n == 0 || w.n == 0 || w.start-before.end > 3 {
		return none
	}
	for _, p := range pairs[w.text[0]-'a'] {
		if before.is(p.first) && w.is(p.second) {
			return p.label
		}
	}
	return none
}

// read takes the letters from i on as a word; false if none stand there.
func (w *word) read(text string, i, limit int) bool {
	w.n, w.start, w.end = 0, i, i
	for w.end < limit {
		c, size := fold(text, w.end)
		if size == 0 {
			break
		}
		if c != 0 {
			if w.n < len(w.text) {
				w.text[w.n] = c
			}
			w.n++
		}
		w.end += size
	}
	w.n = min(w.n, len(w.text))
	return w.end > i
}

// folded maps U+00C0 to U+017F to the letter without its mark; a blank is no
// letter.
const folded = "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty" +
	"aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrsssssssstttttt" +
	"uuuuuuuuuuuuwwyyyzzzzzzs"

// fold reads a letter as lower-case ASCII; size 0 if none stands there. A
// combining mark, as in decomposed text, is part of its word and no letter (c 0).
func fold(text string, i int) (c byte, size int) {
	switch b := text[i]; {
	case isLetter(b):
		return b | 0x20, 1
	case b < utf8.RuneSelf:
		return 0, 0
	case b == 0xC3 || b == 0xC4 || b == 0xC5:
		if i+1 < len(text) && text[i+1]&0xC0 == 0x80 {
			if c := folded[int(b-0xC3)<<6|int(text[i+1]&0x3F)]; c != ' ' {
				return c, 2
			}
		}
		return 0, 0
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	if unicode.Is(unicode.Mn, r) {
		return 0, size
	}
	return 0, 0
}
