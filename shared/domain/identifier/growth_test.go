package identifier

import (
	"strings"
	"testing"
	"time"
)

// hostile are texts made to cost more than they should, each repeated to size.
var hostile = map[string]string{
	"one run of digits":             "1",
	"one run of zeros":              "0",
	"a run of @":                    "@",
	"a run of plus signs":           "+",
	"plus and digit":                "+1",
	"digit and @":                   "1@",
	"addresses glued together":      "a@b.si",
	"dots before an @":              "a.",
	"single digits":                 "1 ",
	"single zeros":                  "0 ",
	"digits in brackets":            "(0)",
	"groups that could be cards":    "4111 ",
	"phones one after the other":    "041 123 456 ",
	"phones that undo one another":  "041-123-456-",
	"cards that fail":               "4111111111111112 ",
	"words and numbers that fail":   "davčna 12345678 ",
	"words only":                    "davčna ",
	"one long word":                 "č",
	"country codes":                 "SI56",
	"country codes with blanks":     "SI 56 ",
	"opened marks":                  "[emso",
	"separators after a digit":      "1------",
	"zero-width characters":         "1\u200b",
	"digits of another script":      "٣",
	"digits of another script, set": "٣ ",
	"not UTF-8":                     "\xd9",
	"combining marks":               "1\u0301",
	"dates":                         "24.12.2026 ",
}

// TestCostGrowsWithLength reads each hostile text at one size and at eight
// times that size: linear growth gives 8, quadratic 64. Other work may share the
// machine, so each time is the best of several and a bad ratio is measured again.
func TestCostGrowsWithLength(t *testing.T) {
	const small, factor, bound, attempts = 8 << 10, 8, 24, 5
	cost := func(unit string, size int, work func(string)) time.Duration {
		text := strings.Repeat(unit, size/len(unit))
		best := time.Hour
		for range 3 {
			start := time.Now()
			work(text)
			best = min(best, time.Since(start))
		}
		// Below some microseconds the clock says nothing.
		return max(best, 20*time.Microsecond)
	}
	for name, unit := range hostile {
		for call, work := range map[string]func(string){"Detect": func(s string) { Detect(s) }, "Mask": func(s string) { Mask(s) }} {
			var before, after time.Duration
			for range attempts {
				before, after = cost(unit, small, work), cost(unit, small*factor, work)
				if after <= bound*before {
					break
				}
			}
			if after > bound*before {
				t.Errorf("%s of %s: %v for %d bytes, %v for %d times as many", call, name, before, small, after, factor)
			}
		}
	}
}

func TestHostileTextsKeepTheInvariants(t *testing.T) {
	for _, unit := range hostile {
		invariants(t, strings.Repeat(unit, 2000/len(unit)))
		invariants(t, "davčna +"+strings.Repeat(unit, 300/len(unit))+"@x.si")
	}
}
