package channel_test

import (
	"encoding/json"
	"testing"

	"github.com/okence/okence/shared/channel"
)

func TestScalarKeepsWhatWasWritten(t *testing.T) {
	for name, c := range map[string]struct {
		in, want string
		bad      bool
	}{
		"a quoted id":                     {in: `"912661846655238145"`, want: "912661846655238145"},
		"a bare id beyond 2^53":           {in: `4912661846655238145`, want: "4912661846655238145"},
		"a bare id beyond 2^64":           {in: `49126618466552381454912661846655238145`, want: "49126618466552381454912661846655238145"},
		"zeroes in front stay in a text":  {in: `"007"`, want: "007"},
		"a number below zero":             {in: `-1.5e3`, want: "-1.5e3"},
		"null is nothing":                 {in: `null`, want: ""},
		"an escaped text is decoded once": {in: `"\u010d"`, want: "č"},
		"a quotation mark in a text":      {in: `"a\"b"`, want: `a"b`},
		"letters beyond ASCII":            {in: `"č"`, want: "č"},
		"a broken letter is replaced":     {in: "\"a\xff\"", want: "a\ufffd"},
		"an empty text":                   {in: `""`, want: ""},
		"an object is refused":            {in: `{}`, bad: true},
		"a list is refused":               {in: `[1]`, bad: true},
		"a truth value is refused":        {in: `true`, bad: true},
	} {
		t.Run(name, func(t *testing.T) {
			var got channel.Scalar
			err := json.Unmarshal([]byte(c.in), &got)
			if (err != nil) != c.bad || string(got) != c.want {
				t.Errorf("got %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestScalarAsAWholeNumber(t *testing.T) {
	for in, want := range map[channel.Scalar]int64{
		"10000": 10000, "0": 0, "-1": 0, "1.5": 0, "": 0, "12a": 0, "9223372036854775807": 1<<63 - 1, "9223372036854775808": 0,
	} {
		if got := in.Int(); got != want {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}

func TestPlaceTakesDegreesOnly(t *testing.T) {
	for name, c := range map[string]struct {
		lat, long channel.Scalar
		ok        bool
	}{
		"Ljubljana":                       {"46.0511", "14.5051", true},
		"the corner of the map":           {"-90", "180", true},
		"just beyond the pole":            {"90.000001", "0", false},
		"just beyond the date line":       {"0", "-180.000001", false},
		"not a number":                    {"NaN", "0", false},
		"without end":                     {"0", "Inf", false},
		"nothing":                         {"", "", false},
		"degrees with minutes and a word": {"46°03'N", "14°30'E", false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := channel.Place(c.lat, c.long, "", ""); (got != nil) != c.ok {
				t.Errorf("got %v, want ok %v", got, c.ok)
			}
		})
	}
}
