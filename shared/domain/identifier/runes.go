package identifier

import (
	"unicode"
	"unicode/utf8"
)

// What a byte may begin, for the scan that jumps over everything else.
const (
	plain byte = iota // no digit begins here
	digit             // an ASCII digit
	wide              // perhaps a decimal digit outside ASCII
)

var class = buildClass()

func buildClass() (t [256]byte) {
	for c := '0'; c <= '9'; c++ {
		t[c] = digit
	}
	lead := func(lo, hi, stride rune) {
		for r := lo; r <= hi; r += stride {
			if r >= utf8.RuneSelf {
				var b [utf8.UTFMax]byte
				utf8.EncodeRune(b[:], r)
				t[b[0]] = wide
			}
		}
	}
	for _, r := range unicode.Nd.R16 {
		lead(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range unicode.Nd.R32 {
		lead(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return t
}

// digitAt reads a decimal digit of any script at i as ASCII; size 0 if none.
func digitAt(text string, i int) (c byte, size int) {
	switch class[text[i]] {
	case digit:
		return text[i], 1
	case wide:
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.Is(unicode.Nd, r) {
			return '0' + digitValue(r), size
		}
	}
	return 0, 0
}

// digitValue finds the value of a decimal digit. Unicode keeps each script's
// ten digits together and in order, so the distance from the start of the
// table's range says it (a test holds the tables to that).
func digitValue(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return byte((r - rune(t.Lo)) % 10)
		}
	}
	return 0
}

// charAt reads a digit or an ASCII letter, upper-cased; size 0 if neither.
func charAt(text string, i int) (c byte, size int) {
	if c := text[i]; isLetter(c) {
		return c &^ 0x20, 1
	}
	return digitAt(text, i)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isWordByte: an ASCII letter, digit or underscore.
func isWordByte(c byte) bool { return isLetter(c) || class[c] == digit || c == '_' }

// gap is the set of separators that stand between two groups of digits.
type gap uint8

const (
	gapSpace   gap = 1 << iota // any space but tab and line breaks
	gapDash                    // hyphen, dashes, minus
	gapDot                     // full stop
	gapSlash                   // slash
	gapBracket                 // ( or )
)

// maxGap bounds the separators between two groups, in runes: " - " is three,
// and zero-width characters count too.
const maxGap = 6

// separatorAt reads one separator rune at i. Zero-width characters are a
// separator that leaves no trace (gap 0). Size 0 means there is none.
func separatorAt(text string, i int) (gap, int) {
	switch text[i] {
	case ' ':
		return gapSpace, 1
	case '-':
		return gapDash, 1
	case '.':
		return gapDot, 1
	case '/':
		return gapSlash, 1
	case '(', ')':
		return gapBracket, 1
	}
	if text[i] < utf8.RuneSelf {
		return 0, 0
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	switch {
	case r == 0x00A0, r == 0x1680, 0x2000 <= r && r <= 0x200A, r == 0x202F, r == 0x205F, r == 0x3000:
		return gapSpace, size
	case 0x2010 <= r && r <= 0x2015, r == 0x2212, r == 0xFE58, r == 0xFE63, r == 0xFF0D:
		return gapDash, size
	case r == 0x2044, r == 0x2215, r == 0xFF0F: // fraction and division slash, full-width
		return gapSlash, size
	case r == 0x00AD, 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x2064, 0x2066 <= r && r <= 0x2069, r == 0xFEFF:
		return 0, size
	}
	return 0, 0
}

// gapAt reads the separators from i on and answers where they end; false where
// they are too many or what they are ends a number: a full stop with a space
// (a sentence, an ordinal, a date written out).
func gapAt(text string, i, limit int) (g gap, end int, ok bool) {
	for n := 0; i < limit; n++ {
		s, size := separatorAt(text, i)
		if size == 0 {
			break
		}
		if n == maxGap {
			return g, i, false
		}
		g |= s
		i += size
	}
	return g, i, g&(gapDot|gapSpace) != gapDot|gapSpace
}

// plusAt reads a plus sign, ASCII or full-width, at the start of text.
func plusAt(text string) (plus bool, size int) {
	if len(text) > 0 && text[0] == '+' {
		return true, 1
	}
	if len(text) >= 3 && text[:3] == "＋" {
		return true, 3
	}
	return false, 0
}
