package identifier

import (
	"errors"
	"strings"
)

// Kind is what an identifier is.
type Kind string

// The kinds, as they stand in output and in stored findings.
const (
	EMSO  Kind = "emso"   // Slovenian personal number (EMŠO), 13 digits
	SITax Kind = "si_tax" // Slovenian tax number, 8 digits, optionally after SI
	SKRC  Kind = "sk_rc"  // Slovak birth number (rodné číslo), 9 or 10 digits
	IBAN  Kind = "iban"   // international bank account number
	PAN   Kind = "pan"    // payment card number, 12 to 19 digits
	Phone Kind = "phone"  // phone number with +, 00 or trunk 0
	Email Kind = "email"  // e-mail address
)

// Kinds lists all kinds, longest first: the order in which readings of the
// same digits are tried.
func Kinds() []Kind { return []Kind{IBAN, PAN, EMSO, SKRC, Phone, SITax, Email} }

// Validate reports whether k is one of the kinds; otherwise [ErrKind].
func (k Kind) Validate() error {
	switch k {
	case EMSO, SITax, SKRC, IBAN, PAN, Phone, Email:
		return nil
	}
	return ErrKind
}

// Why a value is not a valid identifier. The errors carry nothing else.
var (
	ErrKind      = errors.New("identifier: unknown kind")
	ErrShape     = errors.New("identifier: wrong length or characters")
	ErrDate      = errors.New("identifier: the date in it does not exist")
	ErrCheck     = errors.New("identifier: check digits do not fit")
	ErrNotIssued = errors.New("identifier: a number of this form is never issued")
)

// Match is one finding. It says where a value stands, never what it is.
type Match struct {
	Kind  Kind `json:"kind"`
	Start int  `json:"start"` // byte offset of the first byte in the original text
	End   int  `json:"end"`   // byte offset after the last byte
	Valid bool `json:"valid"` // passes Check; false: looks like one, masked all the same
	// Confidence is between 0 and 1: above 0.5 for valid findings, below for
	// others. It orders findings; it is not a measured probability.
	Confidence float64 `json:"confidence"`
}

// Check holds value against the rules of its kind: nil, or [ErrKind],
// [ErrShape], [ErrDate], [ErrCheck] or [ErrNotIssued]. Unicode digits, spaces
// and the separators common for the kind are accepted. No context is needed,
// so a birth number of nine digits and a tax number can be checked.
func Check(k Kind, value string) error {
	if k == Email {
		return checkEmail(value)
	}
	if err := k.Validate(); err != nil {
		return err
	}
	v, ok := compact(value)
	if !ok || v.plus && k != Phone {
		return ErrShape
	}
	d := v.text[:v.n]
	if k == IBAN {
		return checkIBAN(d)
	}
	if k == SITax && len(d) == 10 && d[0] == 'S' && d[1] == 'I' {
		d = d[2:]
	}
	for _, c := range d {
		if c < '0' || c > '9' {
			return ErrShape
		}
	}
	switch k {
	case EMSO:
		return checkEMSO(d)
	case SITax:
		return checkTax(d)
	case SKRC:
		return checkBirthNumber(d)
	case PAN:
		return checkCard(d)
	default:
		return checkPhone(d, v.plus)
	}
}

// bare is a value without its separators: ASCII digits and upper-case letters.
type bare struct {
	text [40]byte
	n    int
	plus bool
}

// compact strips separators; false where the value is too long or holds
// anything but letters, digits, separators and one leading plus.
func compact(value string) (v bare, ok bool) {
	i, trunk := 0, false
	if strings.HasPrefix(value, "(") { // (+386) 41 …
		i = 1
	}
	if _, size := plusAt(value[i:]); size > 0 {
		v.plus = true
		i += size
	}
	for i < len(value) {
		c, size := charAt(value, i)
		switch {
		case c != 0:
			if v.n == len(v.text) {
				return v, false
			}
			v.text[v.n] = c
			v.n++
		default:
			var g gap
			if g, size = separatorAt(value, i); size == 0 {
				return v, false
			}
			// +386 (0)41 …: the trunk zero in brackets is not dialled.
			abroad := v.plus && v.n > 0 || v.n >= 2 && v.text[0] == '0' && v.text[1] == '0'
			if g == gapBracket && abroad && !trunk && strings.HasPrefix(value[i:], "(0)") {
				trunk, size = true, 3
			}
		}
		i += size
	}
	return v, v.n > 0
}
