package identifier

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// unmark takes ⟨kind value⟩ and ⟨kind! value⟩ (not valid) out of a text and
// answers the findings they stand for.
func unmark(marked string) (text string, want []Match) {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(marked, "⟨")
		b.WriteString(before)
		if !ok {
			return b.String(), want
		}
		inside, after, _ := strings.Cut(rest, "⟩")
		kind, value, _ := strings.Cut(inside, " ")
		kind, broken := strings.CutSuffix(kind, "!")
		want = append(want, Match{Kind: Kind(kind), Start: b.Len(), End: b.Len() + len(value), Valid: !broken})
		b.WriteString(value)
		marked = after
	}
}

func show(text string, found []Match) (s string) {
	for _, m := range found {
		s += fmt.Sprintf("%s %v %.2f [%d,%d) %q\n", m.Kind, m.Valid, m.Confidence, m.Start, m.End, text[m.Start:m.End])
	}
	return s
}

func expect(t *testing.T, marked string) {
	t.Helper()
	text, want := unmark(marked)
	got := Detect(text)
	same := len(got) == len(want)
	for i := 0; same && i < len(got); i++ {
		g := got[i]
		same = g.Kind == want[i].Kind && g.Start == want[i].Start && g.End == want[i].End && g.Valid == want[i].Valid
	}
	if !same {
		t.Errorf("%q\ngot\n%swant\n%s", text, show(text, got), show(text, want))
	}
}

func TestDetect(t *testing.T) {
	for name, texts := range map[string][]string{
		"EMŠO needs no word": {
			"⟨emso 0101006500006⟩", "x⟨emso 0101006500006⟩y", "⟨emso 010100 650 0006⟩.", "⟨emso 0101006-500006⟩", "a,⟨emso 0101006500006⟩,b",
			"EMŠO⟨emso 0101006500006⟩", "<b>⟨emso 0101006500006⟩</b>",
		},
		"a broken EMŠO needs one": {
			"0101006500007", "EMŠO: ⟨emso! 0101006500007⟩", "emso ⟨emso! 0101006500007⟩", "njenega emša ⟨emso! 0101006500007⟩",
			"enotna matična številka občana ⟨emso! 0101006500007⟩", "z ENOTNO MATIČNO ŠTEVILKO ⟨emso! 0101006500007⟩",
			"jednotné matičné číslo: ⟨emso! 0101006500007⟩", "personal number ⟨emso! 0101006500007⟩", "EMS\u030CO ⟨emso! 0101006500007⟩",
			"⟨emso! 0101006500007⟩ (EMŠO)", "matična številka 0101006500007",
		},
		"digits end where they end": {
			"10101006500006", "01010065000061", "٣0101006500006", "0101006500006٣", "4111111111111111123456",
		},
		"a valid EMŠO that passes Luhn too is no card": {"⟨emso " + luhnEMSO() + "⟩", "card ⟨emso " + luhnEMSO() + "⟩"},
		"an EMŠO with a slip that passes Luhn is still no card after the word": {
			"⟨pan 4222222222222⟩", "EMŠO ⟨emso! 4222222222222⟩",
		},
		"tax numbers need a word or their prefix": {
			"35369396", "številka 35369396", "davčna številka: ⟨si_tax 35369396⟩", "DAVČNA ŠT. ⟨si_tax 35369396⟩", "davcna ⟨si_tax 35369396⟩",
			"davčne številke ⟨si_tax 35369396⟩", "z davčno številko ⟨si_tax 35369396⟩", "DŠ: ⟨si_tax 35369396⟩", "d.š. ⟨si_tax 35369396⟩", "ds ⟨si_tax 35369396⟩",
			"ID za DDV: ⟨si_tax SI35369396⟩", "⟨si_tax SI35369396⟩", "⟨si_tax SI 35369396⟩", "⟨si_tax SI\u00a035369396⟩", "⟨si_tax si35369396⟩", "zapišite si 35369396",
			"slovinské daňové číslo ⟨si_tax 35369396⟩", "tax number ⟨si_tax 35369396⟩", "VAT no. ⟨si_tax 35369396⟩", "taxNumber=⟨si_tax 35369396⟩",
			"⟨si_tax 35369396⟩ je moja davčna številka", "davčna številka ⟨si_tax 3536 9396⟩", "davčna ⟨si_tax! 35369397⟩", "⟨si_tax! SI35369397⟩",
			"davčna 05369396", "taxi 35369396", "ASI35369396", "ŠSI35369396", "davcna_stevilka: ⟨si_tax 35369396⟩", "davčna\t⟨si_tax 35369396⟩", "davčna:\n⟨si_tax 35369396⟩",
		},
		"a word must be near and the nearest": {
			"davčna" + strings.Repeat(" ", Near-7) + "⟨si_tax 35369396⟩",
			"davčna" + strings.Repeat(" ", Near-6) + "35369396",
			"davčna " + strings.Repeat("čž", 13) + " ⟨si_tax 35369396⟩",
			"davčna ⟨si_tax 35369396⟩, matična 35369396", "davčna ⟨si_tax 35369396⟩, sklic 35369396", "davčne: ⟨si_tax 35369396⟩, ⟨si_tax 35369396⟩ in ⟨si_tax 35369396⟩",
			"davčna številka ali EMŠO: ⟨si_tax 35369396⟩", "naročilo 35369396, davčna: ⟨si_tax 35369396⟩", "35369396, davčna", "35369396\ndavčna", "35369396 davčna: ni",
			"davčna in matična številka 35369396", "tel. 35369396 (davčna)", "davčna 1 2 3 4 5 6 7" + strings.Repeat(" ", 50) + "tel. 35369396",
			"davčna 123456 tel. 35369396", "davčna ⟨si_tax 35369396⟩, tel. ⟨phone 041 123 456⟩, 35369396",
			"davčna ⟨si_tax 35369396⟩" + strings.Repeat(" ", 60) + "35369396",
		},
		"birth numbers": {
			"⟨sk_rc 736028/5163⟩", "⟨sk_rc 7360285163⟩", "⟨sk_rc 736028 5163⟩", "⟨sk_rc 736028 / 5163⟩", "rodné číslo ⟨sk_rc 736028/5163⟩",
			"rodného čísla ⟨sk_rc! 736028/5164⟩", "RODNÉ ČÍSLO ⟨sk_rc! 7360285164⟩", "rodnym cislom ⟨sk_rc! 7360285164⟩", "r.č. ⟨sk_rc! 736028/5164⟩", "r. č.: ⟨sk_rc! 736028/5164⟩",
			"RČ ⟨sk_rc! 736028/5164⟩", "birth number ⟨sk_rc! 736028/5164⟩", "rodná številka ⟨sk_rc! 736028/5164⟩", "736028/5164", "rodná sestra 736028/5164",
			"531231/001", "531231001", "rodné číslo ⟨sk_rc 531231/001⟩", "r.č. ⟨sk_rc 531231001⟩", "rod. č. ⟨sk_rc! 540101/001⟩", "rodné číslo ⟨sk_rc 73 60 28 / 5163⟩",
		},
		"Czech variants are masked": {
			"⟨sk_rc! " + slash(birth(5, 21, 1, 0)) + "⟩", "⟨sk_rc! " + slash(birth(5, 71, 1, 0)) + "⟩", "⟨sk_rc! " + slash(remainderTen()) + "⟩", "r.č. ⟨sk_rc! " + remainderTen() + "⟩", remainderTen(),
		},
		"IBAN": {
			"⟨iban SI56191000000123438⟩", "IBAN:⟨iban SI56 1910 0000 0123 438⟩.", "⟨iban SI56-1910-0000-0123-438⟩", "⟨iban SI 56 1910 0000 0123 438⟩", "⟨iban si56 1910 0000 0123 438⟩",
			"⟨iban SK31 1200 0000 1987 4263 7541⟩", "⟨iban GB82 WEST 1234 5698 7654 32⟩", "⟨iban DE89370400440532013000⟩",
			"⟨iban! SI56 1910 0000 0123 439⟩", "⟨iban! SK31 1200 0000 1987 4263 7542⟩", "DE89370400440532013001", "račun ⟨iban! DE89370400440532013001⟩", "na účet ⟨iban! DE89370400440532013001⟩",
			"account ⟨iban! DE89370400440532013001⟩", "XSI56191000000123438", "SI561910000001234380", "SI56191000000123438A", "⟨iban SI56191000000123438⟩ ⟨iban SI56191000000123438⟩",
			"⟨iban SI56 1910 0000 0123 438⟩ 12", "⟨iban SI56\u00a01910\u20090000\u202f0123\u2007438⟩",
		},
		"cards": {
			"⟨pan 4111111111111111⟩", "⟨pan 4111 1111 1111 1111⟩ 12/28", "⟨pan 4111-1111-1111-1111⟩", "⟨pan 4111 - 1111 - 1111 - 1111⟩", "⟨pan 3782 822463 10005⟩",
			"⟨pan 4111\u00a01111\u20091111\u202f1111⟩", "⟨pan ４１１１１１１１１１１１１１１１⟩", "⟨pan 4111\u200b1111\u200b1111\u200b1111⟩", "⟨pan 4111–1111–1111–1111⟩",
			"4111111111111112", "kartica ⟨pan! 4111111111111112⟩", "številka kartice: ⟨pan! 4111 1111 1111 1112⟩", "číslo karty ⟨pan! 4111111111111112⟩", "card ⟨pan! 4111111111111112⟩",
			"41 11 11 11 11 11 11 11", "kreditna kartica ⟨pan 41 11 11 11 11 11 11 11⟩", "1111111111111111", "0,4111111111111111", "0.4111111111111111", "1,⟨pan 4111111111111111⟩,2",
			"a4111111111111111", "4111111111111111b", "Visa⟨pan 4111111111111111⟩", "4111\t1111\t1111\t1111", "4111\n1111\n1111\n1111", "550e8400-e29b-41d4-a716-446655440000",
		},
		"phones": {
			"⟨phone +386 41 123 456⟩", "⟨phone +386 (0)41 123 456⟩", "⟨phone (+386) 41 123 456⟩", "⟨phone 00386 41 123 456⟩", "⟨phone 0038641123456⟩", "⟨phone 041 123 456⟩", "⟨phone 041/123-456⟩",
			"⟨phone 041123456⟩", "⟨phone 041.123.456⟩", "⟨phone (01) 478 87 78⟩", "⟨phone 01 478 87 78⟩", "⟨phone 080 2002⟩", "0802002", "tel. ⟨phone 0802002⟩", "⟨phone 090 12 34⟩", "tel:⟨phone +38641123456⟩",
			"⟨phone +421 905 123 456⟩", "⟨phone 0905 123 456⟩", "⟨phone 02/1234 5678⟩", "⟨phone +421/2/1234 5678⟩", "⟨phone 00421905123456⟩", "⟨phone +43 1 588 00⟩", "⟨phone + 43 1 588 00⟩", "⟨phone ＋43158800⟩",
			"⟨phone +386 41 123 456⟩ 7", "⟨phone 041 123 456⟩ 1", "⟨phone 041 123 456⟩, ⟨phone 051 123 456⟩", "⟨phone 041 123 456⟩ ⟨phone 051 123 456⟩", "⟨phone 041123456⟩/⟨phone 051123456⟩",
			"⟨phone! +386 41 123 45⟩", "⟨phone! +386 041 123 456⟩", "tel. ⟨phone! 041 123 45⟩", "Telefón: ⟨phone! 0405 123 4567⟩", "mobile ⟨phone! 041 123 45⟩", "na gsm ⟨phone! 041 123 45⟩", "041 123 45",
			"41 123 456", "tel. 41 123 456", "tel. 478 87 78", "C++386 41 123 456", "1+38641123456", "A041123456", "041123456A", "12.041.123.456", "041.123.456.789", "0,041123456",
			"sklic ⟨phone 041 123 456⟩", "041. 123. 456", "041-123-456-789", "⟨phone 05/12 2012 12⟩",
		},
		"a date is no phone": {
			"24. 12. 2026", "24.12.2026", "01. 02. 2026", "01.02.2026", "tel. 01.02.2026", "01/02/2026 12", "02.04.2026 12:30", "2026-12-24 08:15:00", "tel. do 01.02.2026 ⟨phone 041 123 456⟩",
			"02.02.2026 ⟨phone 041 123 456⟩", "20261224153000", luhn("2026122415300"), "kartica ⟨pan " + luhn("2026122415300") + "⟩",
		},
		"a word for a phone outweighs a chance birth number": {
			"⟨sk_rc " + phoneBirth() + "⟩", "tel. ⟨phone " + phoneBirth() + "⟩", "rodné číslo ⟨sk_rc " + phoneBirth() + "⟩",
		},
		"e-mail": {
			"⟨email ana.novak@example.si⟩", "<⟨email ana@example.si⟩>", "pišite na ⟨email ana@example.si⟩.", "mailto:⟨email ana@example.si⟩?subject=x", "„⟨email ana@čebela.si⟩“", "⟨email jože@čebela.si⟩",
			"'⟨email ana@example.si⟩'", "to=⟨email ana@example.si⟩;", "*⟨email ana@example.si⟩*", "-⟨email ana@example.si⟩-", "⟨email a+b@example.si⟩", "⟨email 38641123456@sms.example.si⟩",
			"⟨email 0101006500006@example.si⟩", "⟨phone 041 123 456⟩ ⟨email ana@example.si⟩ ⟨emso 0101006500006⟩", "041 123 ⟨email 456ana@example.si⟩",
			"⟨email! a..b@x.si⟩", "⟨email! .ana@x.si⟩", "⟨email! ana.@x.si⟩", "⟨email! ana@x..si⟩", "⟨email! ana@x.s⟩", "ana@localhost", "package@1.2.3", "@ana", "ana@", "a @ b.si", "@@@@", "⟨email a@b.si⟩@c.si",
			"⟨email! " + strings.Repeat("a", 65) + "@x.si⟩",
		},
		"whatever the script of the digits":  {"⟨emso ٠١٠١٠٠٦٥٠٠٠٠٦⟩", "davčna ⟨si_tax ３５３６９３９６⟩", "⟨phone +٣٨٦ ٤١ ١٢٣ ٤٥٦⟩"},
		"zero-width characters hide nothing": {"⟨emso 0101\u200b006\u2060500\u00ad006⟩", "⟨iban SI56\u200b1910\u200b0000\u200b0123\u200b438⟩"},
		"not UTF-8":                          {"\xff⟨emso 0101006500006⟩\xff", "\xc3⟨emso 0101006500006⟩\xd9"},
		"the samples of the seed documents": {
			"Davčna številka: ⟨si_tax SI 35369396⟩", "telefonskih številk ⟨phone 01 478 87 78⟩ (javni uslužbenci), ⟨phone 01 478 85 90⟩ (tujina), ⟨phone 080 2002⟩ (ostali), ⟨email ekc@gov.si⟩",
		},
		"nothing": {"", " ", "brez številk", "člen 12, 28. april 2025, 1.234,56 EUR, 08:00-22:00, 100 %"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range texts {
				expect(t, text)
			}
		})
	}
}

// luhnEMSO is a valid EMŠO that also passes the check of cards.
func luhnEMSO() string {
	for serial := range 1000 {
		if s := emso(13, 3, 990, 50, serial); checkCard([]byte(s)) == nil {
			return s
		}
	}
	panic("unreachable")
}

// phoneBirth is a Slovak mobile number that is also a valid birth number.
func phoneBirth() string { return birth(9, 5, 12, 1000) }

func slash(s string) string { return s[:6] + "/" + s[6:] }

// TestLongRunsAreReadInParts puts a card after every number of single digits
// around the size of the read-ahead.
func TestLongRunsAreReadInParts(t *testing.T) {
	for n := range 3 * runGroups {
		expect(t, strings.Repeat("9 ", n)+"⟨pan 4111 1111 1111 1111⟩")
		expect(t, strings.Repeat("99999999 ", n/8)+"⟨emso 0101006500006⟩ 9")
	}
}

func TestConfidenceTellsValidFromBroken(t *testing.T) {
	at := func(text string) float64 { return Detect(text)[0].Confidence }
	for name, pair := range map[string][2]string{
		"a word raises a birth number": {"rodné číslo 7360285163", "7360285163"},
		"a slash raises one":           {"736028/5163", "7360285163"},
		"a word raises a card":         {"kartica 4111111111111111", "4111111111111111"},
		"a known issuer raises a card": {"4111111111111111", luhn("811111111111111")},
		"groups raise a phone":         {"041 123 456", "041123456"},
		"a word raises a phone":        {"tel. 041123456", "041 123 456"},
		"a word raises an EMŠO":        {"EMŠO 0101006500006", "0101006500006"},
		"Slovenia raises an EMŠO":      {"0101006500006", emso(1, 1, 6, 10, 1)},
		"valid above broken":           {luhn("811111111111111"), "EMŠO 0101006500007"},
	} {
		if at(pair[0]) <= at(pair[1]) {
			t.Errorf("%s: %v is not above %v", name, at(pair[0]), at(pair[1]))
		}
	}
}

func TestJSONNames(t *testing.T) {
	text, err := json.Marshal(Detect("tel. 041 123 456"))
	if want := `[{"kind":"phone","start":5,"end":16,"valid":true,"confidence":0.95}]`; err != nil || string(text) != want {
		t.Fatalf("got %s, %v; want %s", text, err, want)
	}
}

// TestPlantedValuesAreFound hides generated values in generated prose.
func TestPlantedValuesAreFound(t *testing.T) {
	prose := rapid.SampledFrom([]string{"gospa je poklicala", "in 3 dni", "bez odkladu,", "člen 12", "the caller said:", "24. 12. 2026", "—", "(glej 2.1)", "\n", "100 EUR;"})
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		n := rapid.IntRange(1, 12).Draw(t, "parts")
		for range n {
			b.WriteString(strings.Join(rapid.SliceOfN(prose, 0, 4).Draw(t, "prose"), " ") + ". ")
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				b.WriteString("⟨emso " + genEMSO().Draw(t, "v") + "⟩")
			case 1:
				b.WriteString("davčna št. ⟨si_tax " + genTax().Draw(t, "v") + "⟩")
			case 2:
				b.WriteString("⟨sk_rc " + genBirth().Draw(t, "v") + "⟩")
			case 3:
				b.WriteString("⟨pan " + genCard().Draw(t, "v") + "⟩")
			case 4:
				b.WriteString("⟨phone " + rapid.StringMatching(`\+386 (31|41|51) [0-9]{3} [0-9]{3}|\+421 9[0-9]{2} [0-9]{3} [0-9]{3}`).Draw(t, "v") + "⟩")
			}
			b.WriteString(rapid.SampledFrom([]string{". ", ", ", " je to\n", "; "}).Draw(t, "after"))
		}
		text, want := unmark(b.String())
		got := Detect(text)
		if len(got) != len(want) {
			t.Fatalf("%q\ngot\n%swant\n%s", text, show(text, got), show(text, want))
		}
		for i, m := range got {
			if m.Kind != want[i].Kind || m.Start != want[i].Start || m.End != want[i].End || !m.Valid {
				t.Fatalf("%q\ngot\n%swant\n%s", text, show(text, got), show(text, want))
			}
		}
	})
}
