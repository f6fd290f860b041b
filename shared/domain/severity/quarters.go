package severity

import (
	"strconv"
	"strings"
)

// Quarters is a number of quarter points: 15 is 3.75. In text and JSON it is
// the decimal number with as many places as needed (3.75, 2.5, 4).
type Quarters int

// Whole is one point.
const Whole Quarters = 4

var fractions = [4]string{"", ".25", ".5", ".75"}

// String is the decimal form.
func (q Quarters) String() string {
	sign := ""
	if q < 0 {
		sign, q = "-", -q
	}
	return sign + strconv.Itoa(int(q/Whole)) + fractions[q%Whole]
}

// MarshalJSON writes the decimal form as a JSON number.
func (q Quarters) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads a JSON number that is a whole number of quarters, of at
// most six digits before the point; anything else is an error wrapping
// [ErrInput].
func (q *Quarters) UnmarshalJSON(data []byte) error {
	text, negative := strings.CutPrefix(string(data), "-")
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseUint(whole, 10, 20)
	if err != nil {
		return refuse("number", "not a decimal number of points")
	}
	fraction = strings.TrimRight(fraction, "0")
	if fraction != "" {
		fraction = "." + fraction
	}
	for i, f := range fractions {
		if f == fraction {
			*q = Quarters(n)*Whole + Quarters(i)
			if negative {
				*q = -*q
			}
			return nil
		}
	}
	return refuse("number", "not a whole number of quarters")
}
