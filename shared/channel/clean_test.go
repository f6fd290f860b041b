package channel

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

func TestTextKeepsWhatPeopleWrite(t *testing.T) {
	for name, c := range map[string][2]string{
		"a caron of its own is joined to its letter": {"c\u030cs\u030cz\u030c", "čšž"},
		"a family of emoji stays one":                {"👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"},
		"NUL and escapes go":                         {"a\x00b\x1bc", "abc"},
		"line ends are LF":                           {"a\r\nb\rc\n\td", "a\nb\nc\n\td"},
		"broken UTF-8 is marked":                     {"a\xffb", "a\uFFFDb"},
	} {
		if got := Text(c[0]); got != c[1] {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestLineIsOneLine(t *testing.T) {
	for name, c := range map[string][2]string{
		"a header can't be added":              {"Zadeva\r\nBcc: x@y", "Zadeva Bcc: x@y"},
		"a line separator is an end of line":   {"a\u2028b\u0085c", "a b c"},
		"space around it goes":                 {" \t a  b \n", "a b"},
		"marks that turn the writing go":       {"pdf\u202Efdp.exe", "pdffdp.exe"},
		"NUL goes":                             {"a\x00b", "ab"},
		"it ends after MaxLine runes":          {strings.Repeat("č", MaxLine+1), strings.Repeat("č", MaxLine)},
		"MaxLine runes are left as they are":   {strings.Repeat("č", MaxLine), strings.Repeat("č", MaxLine)},
		"letters with marks of their own join": {"c\u030c", "č"},
	} {
		if got := Line(c[0]); got != c[1] {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestTextAndLineAreSettledByOnePass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) + rapid.String().Draw(t, "text")
		for _, f := range []func(string) string{Text, Line} {
			once := f(s)
			if f(once) != once || !utf8.ValidString(once) || strings.ContainsRune(once, 0) {
				t.Fatalf("%q", once)
			}
		}
		if strings.ContainsAny(Line(s), "\r\n") {
			t.Fatal("line end in a line")
		}
	})
}

func TestPhone(t *testing.T) {
	for name, c := range map[string]struct {
		raw    string
		scheme message.Scheme
		want   string
	}{
		"digits with a country code":      {"38641123456", message.Tel, "+38641123456"},
		"with plus and spaces":            {"+386 41 123 456", message.Tel, "+38641123456"},
		"a short code is an id":           {"1919", message.ID, "1919"},
		"an alphanumeric sender is an id": {"eUprava", message.ID, "eUprava"},
		"an unknown country is an id":     {"99941123456", message.ID, "99941123456"},
		"sixteen digits are an id":        {"3864112345678901", message.ID, "3864112345678901"},
		"nothing is nobody":               {"", "", ""},
		"a plus in the middle is an id":   {"386+41123456", message.ID, "386+41123456"},
	} {
		if got := Phone(c.raw); got.Scheme != c.scheme || got.Address != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestOnceRefusesWhatCanBeReadInTwoWays(t *testing.T) {
	for name, h := range map[string]http.Header{
		"none":       {},
		"empty":      {"X": {""}},
		"two":        {"X": {"a", "a"}},
		"not UTF-8":  {"X": {"\xff"}},
		"other name": {"Y": {"a"}},
	} {
		if _, err := Once(h, "X"); fault.Of(err) != fault.Unauthenticated {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if v, err := Once(http.Header{"X": {"a"}}, "x"); v != "a" || err != nil {
		t.Errorf("got %q, %v", v, err)
	}
}
