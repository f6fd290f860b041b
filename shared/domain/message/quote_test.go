package message

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNewText(t *testing.T) {
	for what, c := range map[string][2]string{
		"a text without any history":                  {"Dober dan,\n\nkje je račun?\nAna", "Dober dan,\n\nkje je račun?\nAna"},
		"Gmail in English":                            {"Hvala!\n\nOn Mon, Nov 23, 2026 at 12:00 PM Podpora <podpora@okence.si> wrote:\n\n> Dober dan\n> > staro\n", "Hvala!"},
		"Gmail in English, wrapped":                   {"Hvala!\n\nOn Mon, Nov 23, 2026 at 12:00 PM Podpora za uporabnike e-storitev\n<podpora@okence.si> wrote:\n\n> Dober dan", "Hvala!"},
		"Gmail in Slovenian":                          {"Hvala!\n\nV pon., 23. nov. 2026 ob 12:00 je oseba Podpora <podpora@okence.si>\nnapisala:\n\n> Dober dan", "Hvala!"},
		"Thunderbird in Slovenian":                    {"Hvala!\n\nDne 23. 11. 2026 ob 12:00 je Ana Novak napisal(a):\n> Dober dan", "Hvala!"},
		"Apple Mail in Slovenian":                     {"Hvala!\n\n> Dne 23. nov. 2026, ob 12:00, je Ana <a@okence.si> napisal/-a:\n> \n> Dober dan", "Hvala!"},
		"Slovak":                                      {"Ďakujem\n\nDňa 23. 11. 2026 o 12:00 Ana napísal(a):\n> Dobrý deň", "Ďakujem"},
		"German":                                      {"Danke\n\nAm 23.11.2026 um 12:00 schrieb Ana Novak:\n> Guten Tag", "Danke"},
		"Russian":                                     {"Спасибо\n\n23.11.2026 12:00, Ana пишет:\n> Здравствуйте", "Спасибо"},
		"a quotation that no line marks":              {"Hvala!\n\nDne 23. 11. 2026 ob 12:00 je Ana Novak napisala:\n\nDober dan,\nračun je priložen.", "Hvala!"},
		"an answer below the quotation":               {"Dne 23. 11. 2026 ob 12:00 je Ana Novak napisal(a):\n> Kdaj pridete?\n\nJutri ob osmih.\n\nBor", "Jutri ob osmih.\n\nBor"},
		"answers between quotations":                  {"On 23.11.2026 at 12:00, Ana wrote:\n> ena?\nda\n> dva?\nne\n", "da\nne"},
		"levels without an attribution":               {">> staro\n> manj staro\nnovo", "novo"},
		"a quotation that is set in":                  {"novo\n  > staro", "novo"},
		"Outlook in Slovenian":                        {"Hvala!\n\n________________________________\nOd: Podpora <podpora@okence.si>\nPoslano: ponedeljek, 23. november 2026 12:00\nZa: Ana\nZadeva: Račun\n\nDober dan", "Hvala!"},
		"Outlook in English, in bold":                 {"Hvala!\n\n*From:* Podpora\n*Sent:* Monday\n*To:* Ana\n*Subject:* Račun\n\nDober dan", "Hvala!"},
		"Outlook with its old line":                   {"Hvala!\n\n-----Izvirno sporočilo-----\nOd: Podpora\n\nDober dan", "Hvala!"},
		"Outlook with its old line in English":        {"Thanks\n\n-----Original Message-----\nwhat was", "Thanks"},
		"a letter that speaks of from and to":         {"Vlak\nOd: Celje\nDo: Kranj\nZa: vse\nLep dan", "Vlak\nOd: Celje\nDo: Kranj\nZa: vse\nLep dan"},
		"a forwarded message is what is told":         {"Poglejte:\n\n---------- Forwarded message ---------\nFrom: Bor\nDate: 23. 11. 2026\nSubject: x\nTo: Ana\n\n> staro\nvsebina", "Poglejte:\n\n---------- Forwarded message ---------\nFrom: Bor\nDate: 23. 11. 2026\nSubject: x\nTo: Ana\n\n> staro\nvsebina"},
		"a forwarded message of Apple Mail":           {"Začetek posredovanega sporočila:\n\nOd: Bor\nZadeva: x\nDatum: 1\n\nvsebina", "Začetek posredovanega sporočila:\n\nOd: Bor\nZadeva: x\nDatum: 1\n\nvsebina"},
		"the signature goes":                          {"Hvala!\n-- \nAna Novak\n041 123 456", "Hvala!"},
		"a signature before the quotation":            {"Hvala!\n-- \nAna\n\nOn 23.11.2026, Bor wrote:\n> staro", "Hvala!"},
		"a signature before an answer":                {"> staro\n-- \nAna\n> še\nodgovor", "odgovor"},
		"two dashes within the text stay":             {"ena\n--\ndva", "ena\n--\ndva"},
		"somebody is said to have written":            {"Minister je napisal:\nvse bo dobro", "Minister je napisal:\nvse bo dobro"},
		"a sentence that begins with On and a number": {"On 3 occasions I wrote to you:\nno answer", "On 3 occasions I wrote to you:\nno answer"},
		"an attribution over three lines":             {"Hvala!\n\nDne 23. 11. 2026 ob 12:00 je\nPodpora za uporabnike\n<podpora@okence.si> napisala:\n> staro", "Hvala!"},
		"an attribution over four lines is none":      {"Dne 23. 11. 2026\nob 12:00 je\nPodpora\n<podpora@okence.si> x", "Dne 23. 11. 2026\nob 12:00 je\nPodpora\n<podpora@okence.si> x"},
		"dashes at the very end go":                   {"Hvala!\n--", "Hvala!"},
		"only a quotation":                            {"> staro", ""},
		"nothing":                                     {"", ""},
		"line ends of Windows":                        {"Hvala!\r\n\r\n> staro\r\n", "Hvala!"},
		"many empty lines are one":                    {"\n\na\n\n\n\nb\n\n", "a\n\nb"},
	} {
		t.Run(what, func(t *testing.T) {
			if got := NewText(c[0]); got != c[1] {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestNewTextInventsNothing(t *testing.T) {
	line := rapid.SampledFrom([]string{"", "> q", "novo", "-- ", "--", "On 1.1.2026, A wrote:", "Od: a", "Za: b", "Zadeva: c", "Poslano: d", "-----Original Message-----", "je napisala:", "Dne 1. 1. 2026", "____", "a@b.example"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(line).Draw(t, "lines"), "\n")
		have := map[string]int{}
		for _, l := range strings.Split(text, "\n") {
			have[strings.TrimRight(l, " ")]++
		}
		for _, l := range strings.Split(NewText(text), "\n") {
			if have[l]--; l != "" && have[l] < 0 {
				t.Fatalf("%q is not from the text", l)
			}
		}
	})
}

func TestNewTextIsLinear(t *testing.T) {
	for _, s := range []string{"On 1 a@b.example\n", "> \n", ">", "Od: a\n", "\n", "-- \n", "Dne 1 je napisala", "a@", "____\n", "-"} {
		text := strings.Repeat(s, 1<<20/len(s))
		start := time.Now()
		NewText(text)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("1 MiB of %q took %s", s, took)
		}
	}
}

func FuzzNewText(f *testing.F) {
	f.Add("Hvala!\n\nDne 23. 11. 2026 ob 12:00 je Ana napisal(a):\n> staro\n-- \nAna")
	f.Add("x\nFrom: a\nSent: b\nTo: c\n\n> y")
	f.Fuzz(func(t *testing.T, text string) {
		if got := NewText(text); len(got) > len(text) {
			t.Fatal("longer than the text")
		}
	})
}
