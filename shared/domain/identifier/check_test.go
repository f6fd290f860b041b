package identifier

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func TestCheck(t *testing.T) {
	long := strings.Repeat("a", 65)
	for _, c := range []struct {
		name  string
		kind  Kind
		value string
		want  error
	}{
		{"a known EMŠO", EMSO, "0101006500006", nil},
		{"an EMŠO in groups", EMSO, "010100 650-0006", nil},
		{"an EMŠO of another republic", EMSO, "0101950300007", ErrCheck},
		{"year code 799 is 2799", EMSO, emso(1, 1, 799, 50, 0), nil},
		{"year code 800 is 1800, no leap year, not 2800", EMSO, emso(29, 2, 800, 50, 0), ErrDate},
		{"nor is 1900", EMSO, emso(29, 2, 900, 50, 1), ErrDate},
		{"29 February 2000 exists", EMSO, emso(29, 2, 0, 50, 2), nil},
		{"29 February 2001 does not", EMSO, emso(29, 2, 1, 50, 0), ErrDate},
		{"31 April does not exist", EMSO, emso(31, 4, 990, 50, 0), ErrDate},
		{"day 0", EMSO, "0001006500006", ErrDate},
		{"month 13", EMSO, "0113006500006", ErrDate},
		{"a wrong check digit", EMSO, "0101006500007", ErrCheck},
		{"a number that would need K=10, with 0 in its place", EMSO, notIssued(), ErrNotIssued},
		{"twelve digits", EMSO, "010100650000", ErrShape},
		{"fourteen digits", EMSO, "01010065000060", ErrShape},
		{"a letter inside", EMSO, "0101006a00006", ErrShape},

		{"a known tax number", SITax, "35369396", nil},
		{"with its prefix", SITax, "SI 35369396", nil},
		{"with its prefix in small letters", SITax, "si35369396", nil},
		{"with the Slovak prefix", SITax, "SK35369396", ErrShape},
		{"with another prefix", SITax, "HR35369396", ErrShape},
		{"a wrong check digit", SITax, "35369397", ErrCheck},
		{"a leading zero", SITax, "05369396", ErrShape},
		{"a result of 10 is written 0", SITax, taxWith(10) + "0", nil},
		{"a result of 11 is not issued", SITax, taxWith(11) + "0", ErrNotIssued},
		{"nor with any other digit in its place", SITax, taxWith(11) + "1", ErrNotIssued},
		{"seven digits", SITax, "3536939", ErrShape},

		{"a woman of 1973", SKRC, "736028/5163", nil},
		{"without the slash", SKRC, "7360285163", nil},
		{"year 53 with ten digits is 2053", SKRC, birth(53, 1, 1, 0), nil},
		{"29 February 2000 exists", SKRC, birth(0, 2, 29, 0), nil},
		{"29 February of 1954 does not", SKRC, birth(54, 2, 29, 0), ErrDate},
		{"nine digits of 1953", SKRC, "531231/001", nil},
		{"nine digits of 1954 were not issued", SKRC, "540101/001", ErrNotIssued},
		{"not divisible by eleven", SKRC, "736028/5164", ErrCheck},
		{"Czech month plus 20", SKRC, birth(5, 21, 1, 0), ErrNotIssued},
		{"Czech month plus 32", SKRC, birth(5, 32, 1, 0), ErrNotIssued},
		{"Czech month plus 70", SKRC, birth(5, 71, 1, 0), ErrNotIssued},
		{"Czech remainder 10", SKRC, remainderTen(), ErrNotIssued},
		{"month 13", SKRC, birth(5, 13, 1, 0), ErrDate},
		{"month 50", SKRC, birth(5, 50, 1, 0), ErrDate},
		{"month 63", SKRC, birth(5, 63, 1, 0), ErrDate},
		{"eight digits", SKRC, "53123100", ErrShape},

		{"Slovenian", IBAN, "SI56 1910 0000 0123 438", nil},
		{"Slovak", IBAN, "SK31 1200 0000 1987 4263 7541", nil},
		{"British with letters", IBAN, "GB82 WEST 1234 5698 7654 32", nil},
		{"small letters", IBAN, "si56191000000123438", nil},
		{"one digit wrong", IBAN, "SI56191000000123439", ErrCheck},
		{"a Slovenian one with other check digits", IBAN, foreignCheck("SI", "191000000123439"), ErrCheck},
		{"a Slovak prefix that fails its own check", IBAN, foreignCheck("SK", "12000000188742637541"), ErrCheck},
		{"a Slovak account that fails its own check", IBAN, foreignCheck("SK", "12000000198742637542"), ErrCheck},
		{"too short for its country", IBAN, "SI5619100000012343", ErrShape},
		{"a country without IBANs", IBAN, "US56191000000123438", ErrShape},
		{"a letter in a Slovenian one", IBAN, "SI5619100000012343A", ErrShape},
		{"letters for check digits", IBAN, "SIAB191000000123438", ErrShape},

		{"a Visa test number", PAN, "4111 1111 1111 1111", nil},
		{"an Amex test number", PAN, "3782-822463-10005", nil},
		{"the shortest", PAN, luhn("50000000000"), nil},
		{"the longest", PAN, luhn("633311111111111111"), nil},
		{"eleven digits", PAN, luhn("5000000000"), ErrShape},
		{"twenty digits", PAN, luhn("6333111111111111111"), ErrShape},
		{"all equal", PAN, "0000000000000000", ErrNotIssued},
		{"one digit wrong", PAN, "4111111111111112", ErrCheck},

		{"Slovenian mobile", Phone, "+386 41 123 456", nil},
		{"with the trunk 0 in brackets", Phone, "+386 (0)41 123 456", nil},
		{"with 00 and the trunk 0 in brackets", Phone, "00386 (0)41 123 456", nil},
		{"with 00", Phone, "0038641123456", nil},
		{"with a trunk 0", Phone, "041/123-456", nil},
		{"Ljubljana", Phone, "(01) 478 87 78", nil},
		{"a free number of Slovenia", Phone, "080 2002", nil},
		{"a premium number of Slovenia", Phone, "090 1234", nil},
		{"Slovak mobile", Phone, "+421 905 123 456", nil},
		{"Bratislava", Phone, "02/1234 5678", nil},
		{"Austrian", Phone, "+43 1 5880 0", nil},
		{"the longest allowed", Phone, "+49 1234 5678 90123", nil},
		{"sixteen digits", Phone, "+49 1234 5678 901234", ErrShape},
		{"seven digits", Phone, "+49 12345", ErrShape},
		{"a country code that starts with 0", Phone, "+012 345 678", ErrShape},
		{"a block that is not assigned", Phone, "+89 1234 5678", ErrNotIssued},
		{"a Slovenian number one digit short", Phone, "+386 41 123 45", ErrShape},
		{"a Slovenian number one digit long", Phone, "+386 41 123 4567", ErrShape},
		{"a Slovenian number with its trunk 0", Phone, "+386 041 123 456", ErrShape},
		{"a Slovenian number of no area", Phone, "061 123 456", ErrShape},
		{"an area of Slovenia with 2 after it", Phone, "012 345 678", nil},
		{"with 1 after it", Phone, "011 345 678", ErrShape},
		{"with 8 after it", Phone, "018 345 678", nil},
		{"with 9 after it", Phone, "019 345 678", ErrShape},
		{"a new mobile code", Phone, "049 123 456", nil},
		{"a premium code", Phone, "089 123 456", nil},
		{"Bratislava with 0 after it", Phone, "020 2345 678", ErrShape},
		{"a Slovak area with 9 after it", Phone, "039 2345 678", ErrShape},
		{"a free number of Slovakia", Phone, "0800 123 456", nil},
		{"internet telephony of Slovakia", Phone, "0650 123 456", nil},
		{"a Slovak code not in use", Phone, "0840 123 456", ErrShape},
		{"nor this", Phone, "0610 123 456", ErrShape},
		{"a date", Phone, "24. 12. 2026", ErrShape},
		{"no prefix", Phone, "41 123 456", ErrShape},

		{"an ordinary address", Email, "ana.novak@example.si", nil},
		{"signs of RFC 5322", Email, "a!#$%&'*+-/=?^_`{|}~b@example.si", nil},
		{"an international domain", Email, "info@čebela.si", nil},
		{"an encoded international domain", Email, "info@xn--ebela-jwa.si", nil},
		{"64 octets before the @", Email, long[:64] + "@x.si", nil},
		{"65 octets before the @", Email, long + "@x.si", ErrShape},
		{"254 octets", Email, "a@" + strings.Repeat(long[:62]+".", 3) + long[:60] + ".si", nil},
		{"255 octets", Email, "a@" + strings.Repeat(long[:62]+".", 3) + long[:61] + ".si", ErrShape},
		{"a label of 63", Email, "a@" + long[:63] + ".si", nil},
		{"a label of 64", Email, "a@" + long[:64] + ".si", ErrShape},
		{"a leading dot", Email, ".ana@x.si", ErrShape},
		{"a trailing dot before the @", Email, "ana.@x.si", ErrShape},
		{"two dots", Email, "a..b@x.si", ErrShape},
		{"two dots in the domain", Email, "ana@x..si", ErrShape},
		{"no dot in the domain", Email, "ana@localhost", ErrShape},
		{"a trailing dot", Email, "ana@x.si.", ErrShape},
		{"a hyphen at an edge", Email, "ana@-x.si", ErrShape},
		{"a top level of digits", Email, "ana@1.2.34", ErrShape},
		{"a top level of one letter", Email, "ana@x.s", ErrShape},
		{"a space", Email, "ana novak@x.si", ErrShape},
		{"two @", Email, "a@b@x.si", ErrShape},
		{"nothing before the @", Email, "@x.si", ErrShape},
		{"not UTF-8", Email, "a\xff@x.si", ErrShape},

		{"nothing", EMSO, "", ErrShape},
		{"a plus sign before a tax number", SITax, "+35369396", ErrShape},
		{"something far too long", IBAN, strings.Repeat("1", 41), ErrShape},
		{"an unknown kind", "passport", "35369396", ErrKind},
	} {
		t.Run(string(c.kind)+": "+c.name, func(t *testing.T) {
			if err := Check(c.kind, c.value); !errors.Is(err, c.want) {
				t.Fatalf("%q: got %v, want %v", c.value, err, c.want)
			}
		})
	}
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if k.Validate() != nil {
			t.Errorf("%s is not valid", k)
		}
	}
	if len(Kinds()) != 7 || Kind("").Validate() == nil || Kind("EMSO").Validate() == nil {
		t.Error("the set is not closed")
	}
}

// TestEverySlipOfOneDigitIsSeen: modulo 11, modulo 97 and Luhn all see a single
// wrong digit.
func TestEverySlipOfOneDigitIsSeen(t *testing.T) {
	for kind, value := range map[Kind]string{
		EMSO: "0101006500006", SITax: "35369396", SKRC: "7360285163", IBAN: "SI56191000000123438", PAN: "4111111111111111",
	} {
		for i := range value {
			for c := byte('0'); c <= '9'; c++ {
				if value[i] == c || value[i] > '9' {
					continue
				}
				if Check(kind, value[:i]+string(c)+value[i+1:]) == nil {
					t.Errorf("%s with digit %d changed still passes", kind, i+1)
				}
			}
		}
	}
}

// The makers below compute check digits the long way round: by trying.

func emso(day, month, year, register, serial int) string {
	head := fmt.Sprintf("%02d%02d%03d%02d%03d", day, month, year, register, serial)
	sum := 0
	for i, c := range head {
		sum += int(c-'0') * (7 - i%6)
	}
	for k := range 10 {
		if (sum+k)%11 == 0 {
			return head + fmt.Sprint(k)
		}
	}
	return emso(day, month, year, register, serial+1)
}

func notIssued() string {
	for serial := range 1000 {
		head := fmt.Sprintf("010100650%03d", serial)
		sum := 0
		for i, c := range head {
			sum += int(c-'0') * (7 - i%6)
		}
		if (sum+10)%11 == 0 {
			return head + "0"
		}
	}
	panic("unreachable")
}

func tax(head string) (string, bool) {
	sum := 0
	for i, c := range head {
		sum += int(c-'0') * (8 - i)
	}
	k := 11 - sum%11
	return head + fmt.Sprint(k%10), k != 11
}

// taxWith is the first seven digits for which the rule gives k.
func taxWith(k int) string {
	for n := 1000000; ; n++ {
		sum := 0
		for i, c := range fmt.Sprint(n) {
			sum += int(c-'0') * (8 - i)
		}
		if 11-sum%11 == k {
			return fmt.Sprint(n)
		}
	}
}

func birth(year, month, day, serial int) string {
	for ; ; serial++ {
		s := fmt.Sprintf("%02d%02d%02d%04d", year, month, day, serial)
		alternating := 0
		for i, c := range s {
			alternating += int(c-'0') * (1 - i%2*2)
		}
		if alternating%11 == 0 {
			return s
		}
	}
}

func remainderTen() string {
	for serial := range 1000 {
		if s := 900101*1000 + serial; s%11 == 10 {
			return fmt.Sprint(s) + "0"
		}
	}
	panic("unreachable")
}

func luhn(head string) string {
	for k := range 10 {
		s, sum := head+fmt.Sprint(k), 0
		for i := range s {
			n := int(s[len(s)-1-i] - '0')
			sum += n + i%2*(n-n/5*9)
		}
		if sum%10 == 0 {
			return s
		}
	}
	panic("unreachable")
}

// foreignCheck gives any BBAN check digits that pass modulo 97.
func foreignCheck(country, bban string) string {
	for k := 2; k < 99; k++ {
		s := fmt.Sprintf("%s%02d%s", country, k, bban)
		if mod97(mod97(0, []byte(s[4:])), []byte(s[:4])) == 1 {
			return s
		}
	}
	panic("unreachable")
}

func genEMSO() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return emso(rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(1, 12).Draw(t, "month"),
			rapid.SampledFrom([]int{0, 12, 24, 930, 955, 999}).Draw(t, "year"), rapid.IntRange(0, 99).Draw(t, "register"), rapid.IntRange(0, 900).Draw(t, "serial"))
	})
}

func genTax() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		for n := rapid.IntRange(1000000, 9999000).Draw(t, "head"); ; n++ {
			if s, ok := tax(fmt.Sprint(n)); ok {
				return s
			}
		}
	})
}

func genBirth() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := birth(rapid.IntRange(0, 99).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month")+50*rapid.IntRange(0, 1).Draw(t, "woman"),
			rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(0, 9980).Draw(t, "serial"))
		return s[:6] + "/" + s[6:]
	})
}

func genCard() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		head := rapid.StringMatching(`[456][0-9]{14}`).Draw(t, "head")
		if head[0] == '5' {
			head = "51" + head[2:]
		}
		return luhn(head)
	})
}

func TestGeneratedValuesPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for kind, value := range map[Kind]string{
			EMSO: genEMSO().Draw(t, "emso"), SITax: genTax().Draw(t, "tax"), SKRC: genBirth().Draw(t, "rc"), PAN: genCard().Draw(t, "pan"),
		} {
			if err := Check(kind, value); err != nil {
				t.Fatalf("%s %s: %v", kind, value, err)
			}
		}
	})
}

func TestUnicodeDigitsStandInRowsOfTen(t *testing.T) {
	for _, r := range unicode.Nd.R16 {
		if r.Stride != 1 || (r.Hi-r.Lo+1)%10 != 0 {
			t.Errorf("range %U-%U breaks digitValue", r.Lo, r.Hi)
		}
	}
	for _, r := range unicode.Nd.R32 {
		if r.Stride != 1 || (r.Hi-r.Lo+1)%10 != 0 {
			t.Errorf("range %U-%U breaks digitValue", r.Lo, r.Hi)
		}
	}
	for r, want := range map[rune]byte{'٠': 0, '٩': 9, '۵': 5, '०': 0, '４': 4, '𝟗': 9, '𝟘': 0} {
		if c, size := digitAt(string(r), 0); c != '0'+want || size != len(string(r)) {
			t.Errorf("%c reads as %c in %d bytes", r, c, size)
		}
	}
}

func TestFolding(t *testing.T) {
	if len(folded) != 0x180-0xC0 {
		t.Fatalf("the table has %d entries", len(folded))
	}
	for text, want := range map[string]string{
		"DAVČNA": "davcna", "številka": "stevilka", "žiž": "ziz", "účet": "ucet", "daňové": "danove", "ľščťžýáíé": "lsctzyaie",
		"ĹĽŔŇĎŤÔÄ": "llrndtoa", "Ćđ": "cd", "s\u030Ctevilka": "stevilka", "ß": "s", "Ÿ": "y", "Ž": "z",
	} {
		var w word
		if !w.read(text, 0, len(text)) || string(w.text[:w.n]) != want || w.end != len(text) {
			t.Errorf("%s reads as %s", text, w.text[:w.n])
		}
	}
	for _, sign := range []string{"×", "÷", "–", "7", "€", "\xff", "\xc3"} {
		var w word
		if w.read(sign, 0, len(sign)) {
			t.Errorf("%q reads as a word", sign)
		}
	}
}
