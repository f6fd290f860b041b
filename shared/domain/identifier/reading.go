package identifier

import "strings"

// verdict is what one kind makes of some digits.
type verdict uint8

const (
	unlike verdict = iota // not of that form
	broken                // of that form, fails, yet to be masked
	valid
)

// finding is a verdict on the groups up to last.
type finding struct {
	verdict    verdict
	last       int
	confidence float64
	weak       bool // other readings of the same digits are as likely
	form       bool // broken, yet of a form that no other kind has
}

func (f finding) match(l label, start int, w *window) Match {
	return Match{kindOf[l], start, w.groups[f.last].end, f.verdict == valid, f.confidence}
}

// reading is a window with what surrounds it.
type reading struct {
	*window
	context
}

// try reads the digits as the kind of label l.
func (d *detector) try(l label, r *reading) finding {
	if r.plus && l != labelPhone {
		return finding{}
	}
	switch l {
	case labelPAN:
		return d.card(r)
	case labelEMSO:
		return d.emso(r)
	case labelSKRC:
		return d.birthNumber(r)
	case labelPhone:
		return d.phone(r)
	case labelSITax:
		return d.tax(r)
	}
	return finding{}
}

// announced reports whether a word for the kind stands near: before the
// number, or after it where no word of another kind stands before.
func (d *detector) announced(l label, r *reading, last int) bool {
	start := r.groups[r.g].start
	return d.nearby.announces(l, start) ||
		!d.nearby.speaks(start) && d.nearby.following(r.groups[last].end) == l
}

// emso: thirteen digits in any grouping; its check, the date included, is
// strong enough for that.
func (d *detector) emso(r *reading) finding {
	last, ok := r.completes(13)
	if !ok {
		return finding{}
	}
	if union, _ := r.gaps(last); union&(gapSlash|gapBracket) != 0 {
		return finding{}
	}
	digits := r.take(13)
	word := d.announced(labelEMSO, r, last)
	if checkEMSO(digits) == nil {
		// Registers 50 to 59 are Slovenia; the years from 2100 on are to come.
		home := digits[7] == '5' && (digits[4] == '0' || digits[4] >= '8')
		return finding{valid, last, pick(word, confSure, pick(home, confStrong, confPossible)), false, false}
	}
	if word {
		return finding{broken, last, confBroken, false, false}
	}
	return finding{}
}

// card: 12 to 19 digits in one group or in groups of four (the last shorter or
// the Amex 4-6-5), with one separator throughout; in any grouping after a word.
func (d *detector) card(r *reading) finding {
	if r.total < 12 || r.take(1)[0] == '0' || emsoLike(r) {
		return finding{}
	}
	slip := finding{}
	before := d.nearby.announces(labelPAN, r.groups[r.g].start)
	for n := min(r.total, 19); n >= 12; n-- {
		last, ok := r.completes(n)
		if !ok {
			continue
		}
		union, alike := r.gaps(last)
		if union&^(gapSpace|gapDash) != 0 {
			continue
		}
		usual := alike && r.cardGroups(last)
		if !usual && !before {
			continue
		}
		digits := r.take(n)
		word := before || d.announced(labelPAN, r, last)
		part := r.attached || r.letter || d.letterAfter(r.groups[last].end)
		switch fits := checkCard(digits) == nil; {
		case fits && word:
			return finding{valid, last, confSure, false, false}
		case fits && !part && knownIssuer(digits):
			return finding{valid, last, confLikely, true, false}
		case fits && !part && !timestamp(digits):
			return finding{valid, last, confWeak, true, false}
		case word && slip.verdict == unlike:
			slip = finding{broken, last, confBroken, false, false}
		}
	}
	return slip
}

// timestamp reports whether digits start like a time written without
// separators: 20261224 and an hour.
func timestamp(d []byte) bool {
	year := number(d[:4])
	return 1900 <= year && year < 2100 && realDate(year, number(d[4:6]), number(d[6:8])) && number(d[8:10]) < 24
}

// emsoLike reports whether the digits up to some group are a valid EMŠO, which
// a card number of the same length is not.
func emsoLike(r *reading) bool {
	_, ok := r.completes(13)
	return ok && checkEMSO(r.take(13)) == nil
}

// cardGroups: one group, or groups of at most six digits that start with four.
func (w *window) cardGroups(last int) bool {
	if last == w.g {
		return true
	}
	for k := w.g; k <= last; k++ {
		if n := w.groups[k].n; n > 6 || n < 3 && k < last || k == w.g && n != 4 {
			return false
		}
	}
	return true
}

func (d *detector) letterAfter(end int) bool {
	return end < len(d.text) && (isLetter(d.text[end]) || d.text[end] == '_')
}

// birthNumber: ten digits in one group or 6+4; nine, and other groupings, only
// near a word.
func (d *detector) birthNumber(r *reading) finding {
	for _, n := range [...]int{10, 9} {
		last, ok := r.completes(n)
		if !ok {
			continue
		}
		union, _ := r.gaps(last)
		if union&(gapDot|gapBracket) != 0 {
			continue
		}
		err := checkBirthNumber(r.take(n))
		word := d.announced(labelSKRC, r, last)
		usual := last == r.g || last == r.g+1 && r.groups[r.g].n == 6
		slash := union&gapSlash != 0 && usual
		switch {
		case err == nil && word:
			return finding{valid, last, confSure, false, false}
		case err == nil && n == 10 && usual && !r.attached && !r.letter:
			return finding{valid, last, pick(slash, confStrong, confPossible), !slash, false}
		case word, err == ErrNotIssued && n == 10 && slash && !r.attached:
			return finding{broken, last, confBroken, false, slash}
		}
	}
	return finding{}
}

// tax: eight digits in one group or spaced, only near a word. (The form with
// the prefix SI is found by its letters.)
func (d *detector) tax(r *reading) finding {
	last, ok := r.completes(8)
	if !ok || r.take(1)[0] == '0' {
		return finding{}
	}
	if union, _ := r.gaps(last); union&^gapSpace != 0 || !d.announced(labelSITax, r, last) {
		return finding{}
	}
	if checkTax(r.take(8)) == nil {
		return finding{valid, last, confLikely, false, false}
	}
	return finding{broken, last, confBroken, false, false}
}

// phone: a plus sign, 00 or the trunk 0, the longest form that fits.
func (d *detector) phone(r *reading) finding {
	if !r.plus && r.take(1)[0] != '0' {
		return finding{}
	}
	slip := finding{}
	for n := r.total; n >= shortest; n-- {
		last, ok := r.completes(n)
		if !ok || last > r.g && r.groups[last].n == 1 { // 041 123 456 1: the last is not part of it
			continue
		}
		digits := d.dialled(r, n)
		if len(digits) < shortest {
			break
		}
		abroad := r.plus || digits[1] == '0'
		fits := checkPhone(digits, r.plus) == nil
		if fits && abroad {
			home := homeCode(digits) != "" || !r.plus && homeCode(digits[2:]) != ""
			word := d.announced(labelPhone, r, last)
			if r.plus || home || word {
				return finding{valid, last, pick(word, confSure, pick(home, confStrong, confLikely)), false, false}
			}
			if !r.attached && !r.letter && len(digits) >= 11 {
				return finding{valid, last, confPossible, true, false}
			}
			continue
		}
		word := d.announced(labelPhone, r, last)
		switch {
		case fits && word:
			return finding{valid, last, confStrong, false, false}
		case fits && !r.attached && !r.letter && !d.letterAfter(r.groups[last].end) && r.trunk(last, len(digits)):
			return finding{valid, last, pick(last > r.g, confLikely, confPossible), true, false}
		case slip.verdict == unlike && n <= 15 && (word || r.plus && homeCode(digits) != ""):
			slip = finding{broken, last, confBroken, false, false}
		}
	}
	return slip
}

// dialled answers the first n digits without a trunk 0 in brackets, as in
// +386 (0)41.
func (d *detector) dialled(r *reading, n int) []byte {
	digits := r.take(n)
	if !r.plus && (n < 2 || digits[0] != '0' || digits[1] != '0') {
		return digits
	}
	for k := r.g + 1; k < r.n; k++ {
		at := r.groups[k].first - r.groups[r.g].first
		if at >= n {
			break
		}
		if (r.plus || at >= 2) && strings.HasPrefix(d.text[r.groups[k].start-1:], "(0)") {
			return append(append(make([]byte, 0, reach), digits[:at]...), digits[at+1:]...)
		}
	}
	return digits
}

// trunk reports whether a number with trunk 0 and no word near has the form of
// a phone: not the start of a longer dotted or dashed number, and a short free
// number only as 080 1234.
func (r *reading) trunk(last, n int) bool {
	if last+1 < r.n {
		if next := r.groups[last+1].before; next == gapDot || next == gapDash {
			return false
		}
	}
	return n >= 9 || last > r.g && r.groups[r.g].n == 3
}

func pick(condition bool, yes, no float64) float64 {
	if condition {
		return yes
	}
	return no
}
