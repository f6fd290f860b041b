package dossier_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
)

// hashes are salts, hashes and signatures: three letters turn up there by chance.
var hashes = regexp.MustCompile(`[A-Za-z0-9+/]{12,}={1,2}|[A-Za-z0-9+/]{44,}`)

var (
	given  = []string{"Ana", "Bor", "Cvetka", "Žiga", "Eva", "Franc", "Ján", "Zuzana", "Peter", "Ljubica", "Milan", "Saša"}
	family = []string{"Novak", "Kovačič", "Žagar", "Zupanc", "Horváth", "Ďurica", "Hrovat", "Šuštar", "Peterlin", "Oblak", "Vidmar", "Čeh"}
)

// TestThreePeopleInOneConversation plants names, numbers and addresses of three
// people all over a conversation that they share, and looks for them in
// each one's package: a few times, or as often as OKENCE_CONVERSATIONS says
// (1000 without the race detector takes under a minute).
func TestThreePeopleInOneConversation(t *testing.T) {
	n := 30
	if more, err := strconv.Atoi(os.Getenv("OKENCE_CONVERSATIONS")); err == nil {
		n = more
	}
	for seed := range n {
		three(t, uint64(seed))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func three(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 10))
	w := newWorld(t)
	g, f := rnd.Perm(len(given)), rnd.Perm(len(family))
	var people []person
	for i := range 3 {
		name := given[g[i]] + " " + family[f[i]]
		people = append(people, person{
			id: fmt.Sprintf("contact%d", i), name: name, phone: fmt.Sprintf("+386%d%06d", []int{31, 40, 51}[i], rnd.IntN(1e6)),
			mail: fmt.Sprintf("%s%d@primer%d.example", strings.ToLower(ascii(given[g[i]])), rnd.IntN(1000), i),
		})
		w.person(people[i])
	}
	w.talk("conv", people[0], "Zadeva moja0 "+people[1].name)
	own := [3][]string{{"moja0"}}
	last := ""
	for k := range 3 + rnd.IntN(5) {
		i := rnd.IntN(3)
		if k < 3 {
			i = k
		}
		word := fmt.Sprintf("beseda%dx%d", k, i)
		own[i] = append(own[i], word)
		text := word + ". "
		for range 1 + rnd.IntN(4) {
			text += plant(rnd, people[rnd.IntN(3)]) + " in še nekaj besed. "
		}
		text += "Moj telefon je " + people[i].phone + ", piše " + people[i].name + "."
		other := people[(i+1+rnd.IntN(2))%3]
		if last != "" && rnd.IntN(2) == 0 {
			text += "\n\nDne 1. 11. 2026 je " + other.name + " <" + other.mail + "> napisal:\n> " + strings.ReplaceAll(last, "\n", "\n> ")
		}
		last = word + " " + plant(rnd, people[i])
		w.say("conv", fmt.Sprintf("m%d", k), people[i], text, func(m *message.Message) {
			m.Recipients = append(m.Recipients, message.Party{Scheme: message.Mailto, Address: other.mail, Name: other.name})
			m.Subject = "Re: " + plant(rnd, other)
			m.ReplyTo, m.Thread = "<"+other.mail+">", []string{"<x." + other.mail + ">"}
			if rnd.IntN(2) == 0 {
				m.Media = []message.Media{{Name: plant(rnd, other) + ".txt", Mime: "text/plain"}}
			}
		})
	}
	// Our own answer, to the person whose conversation it is, speaks of all.
	w.say("conv", "answer", people[0], "Odgovor0 za "+people[0].name+"; "+plant(rnd, people[1])+", "+plant(rnd, people[2]), func(m *message.Message) {
		m.Direction, m.Sender = message.Out, message.Party{Scheme: message.Mailto, Address: line}
		m.Recipients = []message.Party{{Scheme: message.Mailto, Address: people[0].mail}, {Scheme: message.Mailto, Address: people[2].mail}}
	})
	own[0] = append(own[0], "Odgovor0")
	for i, p := range people {
		_, all := w.build(model.Access, nil, p.id)
		all = hashes.ReplaceAllString(all, "…")
		for _, want := range append(own[i], p.name, p.mail, p.phone) {
			if !strings.Contains(all, want) {
				t.Errorf("the package of %s lacks their own %q", p.name, want)
			}
		}
		for j, o := range people {
			if i == j {
				continue
			}
			for _, not := range append(own[j], planted(o)...) {
				if at := find(fold(all), fold(not)); at >= 0 {
					t.Errorf("the package of %s (%d) holds %q of %s: …%s…", p.name, i, not, o.name, fold(all)[max(0, at-60):min(len(fold(all)), at+60)])
				}
			}
		}
	}
}

// plant writes a value of a person in one of the ways in which people do.
func plant(rnd *rand.Rand, p person) string {
	first, last, _ := strings.Cut(p.name, " ")
	d := p.phone[4:]
	switch rnd.IntN(10) {
	case 0:
		return p.name
	case 1:
		return strings.ToUpper(p.name)
	case 2:
		return strings.ToLower(last) + "a"
	case 3:
		return ascii(first) + ascii(last)
	case 4:
		return last + "_" + first
	case 5:
		return p.mail
	case 6:
		return p.phone
	case 7:
		return "0" + d[:2] + " " + d[2:5] + "-" + d[5:]
	case 8:
		return "00386" + d
	}
	return first + "om"
}

// planted are what must not be found of a person: as a detector, not as the
// redactor, would know it.
func planted(p person) []string {
	first, last, _ := strings.Cut(p.name, " ")
	d := p.phone[4:]
	return []string{p.name, last, first + "om", p.mail, p.phone, d, "0" + d[:2] + " " + d[2:5] + "-" + d[5:], ascii(first) + ascii(last)}
}

// find is strings.Index at the beginning of a word or number: three letters turn
// up within longer names.
func find(s, what string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], what)
		if i < 0 {
			return -1
		}
		i += from
		if r, _ := utf8.DecodeLastRuneInString(s[:i]); !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return i
		}
		from = i + 1
	}
}

func fold(s string) string { return strings.ToLower(ascii(s)) }

func ascii(s string) string {
	const from, to = "čČšŠžŽáÁďĎćĆ", "cCsSzZaAdDcC"
	f, at := []rune(from), []rune(to)
	return strings.Map(func(r rune) rune {
		for i := range f {
			if f[i] == r {
				return at[i]
			}
		}
		if r > unicode.MaxLatin1 {
			return r
		}
		return r
	}, s)
}
