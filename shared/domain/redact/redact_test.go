package redact

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	ana  = Person{Names: []string{"Ana Žagar"}, Addresses: []string{"+38641123456", "ana@example.si"}}
	bor  = Person{Names: []string{"Bor Kos"}, Addresses: []string{"+38651222333", "bor.kos@example.org", "viber-Xy7=="}}
	petr = Person{Names: []string{"Peter Žagar"}}
)

func TestFind(t *testing.T) {
	r := New(ana, []Person{bor, petr})
	for name, c := range map[string]struct{ in, out string }{
		"the person's own name and number stay":            {"Ana Žagar, 041 123 456, ana@example.si", "Ana Žagar, 041 123 456, ana@example.si"},
		"another's name goes":                              {"Vprašajte Bor Kos.", "Vprašajte [redacted: other_name]."},
		"a name in another case goes":                      {"Govorila sem z Borom Kosom in Kosovo ženo", "Govorila sem z [redacted: other_name] in [redacted: other_name] ženo"},
		"a name with a mobile vowel goes":                  {"Videla sem Petra.", "Videla sem [redacted: other_name]."},
		"a name that both bear stays":                      {"družina Žagar", "družina Žagar"},
		"a name in a file name goes":                       {"Kos_Bor_2.pdf", "[redacted: other_name]_2.pdf"},
		"a joined name goes":                               {"pogodba-BorKos.pdf borkos.txt", "pogodba-[redacted: other_name].pdf [redacted: other_name].txt"},
		"a name without diacritics in small letters goes":  {"rekel je petru", "rekel je [redacted: other_name]"},
		"another's number goes, grouped and with its sign": {"Pokličite +386 51 222-333 ali 051/222 333!", "Pokličite [redacted: other_address] ali [redacted: other_address]!"},
		"another's number goes without sign":               {"wa 38651222333.", "wa [redacted: other_address]."},
		"another's mail goes":                              {"piši na Bor.Kos@Example.org", "piši na [redacted: other_address]"},
		"another's account goes":                           {"id viber-Xy7==", "id [redacted: other_address]"},
		"an unknown identifier goes":                       {"EMŠO 0101006500006", "EMŠO [redacted: identifier]"},
		"an unknown mail goes":                             {"sosed@example.net", "[redacted: identifier]"},
		"the person's mail in a file name stays":           {"ana@example.si.pdf", "ana@example.si.pdf"},
		"a common word that only begins like a name stays": {"Kositer in borovnice", "Kositer in borovnice"},
		"a date is nobody's":                               {"do 24. 12. 2026", "do 24. 12. 2026"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Apply(c.in, r.Find(c.in, false)); got != c.out {
				t.Errorf("%q, want %q", got, c.out)
			}
		})
	}
}

func TestDoubt(t *testing.T) {
	r := New(ana, []Person{bor})
	for name, c := range map[string]struct {
		in       string
		doubtful bool
	}{
		"a known name is certain":            {"Bor Kos", false},
		"a name in small letters is a doubt": {"kos", true},
		"a known number is certain":          {"051 222 333", false},
		"an unknown number is a doubt":       {"040 999 888", true},
	} {
		t.Run(name, func(t *testing.T) {
			cuts := r.Find(c.in, false)
			if len(cuts) != 1 || cuts[0].Doubtful != c.doubtful {
				t.Errorf("%+v", cuts)
			}
		})
	}
	if cuts := r.Find("040 999 888", true); len(cuts) != 0 {
		t.Errorf("a field of the person's own identifiers loses what is nobody's known: %+v", cuts)
	}
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"Bor Kos 051 222 333", "\xff+386 51 222 333", "ŽžBorKoS@example.org", "((51))222//333"} {
		f.Add(s)
	}
	r := New(ana, []Person{bor, petr})
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		cuts := r.Find(s, false)
		for _, c := range cuts {
			if c.Start < last || c.End <= c.Start || c.End > len(s) {
				t.Fatalf("%+v in %q", cuts, s)
			}
			last = c.End
		}
		out := Apply(s, cuts)
		if utf8.ValidString(s) && strings.Contains(strings.ToLower(out), "bor.kos@example.org") {
			t.Errorf("left in: %q", out)
		}
	})
}
