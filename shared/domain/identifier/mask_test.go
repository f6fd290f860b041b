package identifier

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMask(t *testing.T) {
	for name, c := range map[string][2]string{
		"each kind by its own term": {
			"EMŠO 0101006500006, davčna 35369396, r.č. 736028/5163, SI56 1910 0000 0123 438, 4111 1111 1111 1111, (01) 478 87 78, ana@x.si.",
			"EMŠO [emso], davčna [si_tax], r.č. [sk_rc], [iban], [pan], [phone], [email].",
		},
		"broken values too":                     {"EMŠO 0101006500007", "EMŠO [emso]"},
		"what is not found stays":               {"24. 12. 2026 ob 10:00, račun 12345678", "24. 12. 2026 ob 10:00, račun 12345678"},
		"bytes that are not UTF-8 stay":         {"\xff ana@x.si \xc4", "\xff [email] \xc4"},
		"a mark is no word for its kind":        {"ana@x.si [si_tax] 35369396", "[email] [si_tax] 35369396"},
		"a mark is a number like before":        {"davčna 35369396, sklic 35369396", "davčna [si_tax], sklic 35369396"},
		"a mark stands between word and number": {"davčna 35369396, tel. 041 123 456, 35369396", "davčna [si_tax], tel. [phone], 35369396"},
		"text made to need many rounds": {
			"davčna " + strings.Repeat("3      5      3      6      9      3      9      6 ", 7), "davčna " + strings.Repeat("[si_tax] ", 5) + strings.Repeat("*      *      *      *      *      *      *      * ", 2),
		},
		"what a mark uncovers goes as well": {"041.123.456.SI56191000000123438 x", "[phone].[iban] x"},
		"a word brought near by masking": {
			"davčna " + strings.Repeat("x", 30) + " SI56 1910 0000 0123 438 sklep 35369396", "davčna " + strings.Repeat("x", 30) + " [iban] sklep [si_tax]",
		},
		"nothing": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Mask(c[0]); got != c[1] {
				t.Fatalf("got  %q\nwant %q", got, c[1])
			}
		})
	}
}

func TestMarksAreKnownAndHoldNothing(t *testing.T) {
	for _, k := range Kinds() {
		m := mark(k)
		if maskAt(m+" x") != len(m) || len(Detect(m)) != 0 || maskAt(m[:len(m)-1]) != 0 {
			t.Errorf("%s is not recognised", m)
		}
	}
}

func TestBlankLeavesNothingToFind(t *testing.T) {
	if got := blank("a@b 12 ٣４ č"); got != "a*b ** ** č" {
		t.Fatalf("got %q", got)
	}
}

// invariants are what holds for any text at all.
func invariants(t *testing.T, text string) {
	t.Helper()
	end := 0
	for _, m := range Detect(text) {
		if m.Start < end || m.End <= m.Start || m.End > len(text) {
			t.Fatalf("%q: %v overlaps or lies outside", text, m)
		}
		end = m.End
		if utf8.ValidString(text) && (!utf8.RuneStart(text[m.Start]) || m.End < len(text) && !utf8.RuneStart(text[m.End])) {
			t.Fatalf("%q: %v splits a character", text, m)
		}
		if m.Kind.Validate() != nil || m.Confidence <= 0 || m.Confidence >= 1 || m.Valid != (m.Confidence > 0.5) {
			t.Fatalf("%q: %v contradicts itself", text, m)
		}
		if err := Check(m.Kind, text[m.Start:m.End]); (err == nil) != m.Valid {
			t.Fatalf("%q: %v, yet Check says %v", text, m, err)
		}
		if _, first := digitAt(text, m.Start); m.Kind != Email && first > 0 && digitEnds(text, m.Start) {
			t.Fatalf("%q: %v begins inside a number", text, m)
		}
		if m.End < len(text) && m.Kind != Email {
			if _, size := digitAt(text, m.End); size > 0 {
				t.Fatalf("%q: %v ends inside a number", text, m)
			}
		}
	}
	masked := Mask(text)
	if found := Detect(masked); len(found) > 0 {
		t.Fatalf("%q masked is %q and still holds\n%s", text, masked, show(masked, found))
	}
	if again := Mask(masked); again != masked {
		t.Fatalf("%q masked twice differs: %q, %q", text, masked, again)
	}
}

// digitEnds reports whether a digit ends at i.
func digitEnds(text string, i int) bool {
	_, size := utf8.DecodeLastRuneInString(text[:i])
	if size == 0 {
		return false
	}
	_, size = digitAt(text, i-size)
	return size > 0
}

func FuzzDetect(f *testing.F) {
	for _, seed := range []string{
		"", "EMŠO: 0101006500006, davčna številka 35369396", "Rodné číslo 736028/5163; r.č. 531231001", "SI56 1910 0000 0123 438 SK31 1200 0000 1987 4263 7541",
		"4111 1111 1111 1111 3782-822463-10005", "+386 (0)41 123 456 00421905123456 (01) 478-87-78 080 2002", "ana@x.si a..b@x.si @@@ info@čebela.si",
		"24. 12. 2026 01.02.2026 2026-12-24", "٠١٠١٠٠٦٥٠٠٠٠٦ ４１１１\u200b１１１１", "davčna [si_tax] 35369396 [iban", "\xff\xfe12345678@\xd9", "davcna 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0",
		"041-123-456-041-123-457-041-123-458", "GB82 WEST 1234 5698 7654 32 SI56SI56SI56", "tel. 0 0 0 0 0 0 0 0 0 0 0 0", "+386(0)(0)41123456", "0800000000(01(2000000", "(+1(0000000", "0000 00(0 1000000000",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { invariants(t, text) })
}

func FuzzCheck(f *testing.F) {
	f.Add("emso", "0101006500006")
	f.Add("iban", "SI56 1910 0000 0123 438")
	f.Add("email", "ana@x.si")
	f.Add("phone", "+386 (0)41 123 456")
	f.Fuzz(func(t *testing.T, kind, value string) {
		if err := Check(Kind(kind), value); err != nil && len(value) > 3 && strings.Contains(err.Error(), value) &&
			strings.ContainsAny(value, "0123456789@") {
			t.Fatalf("the error repeats the value: %v", err)
		}
	})
}
