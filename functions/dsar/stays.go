package dsar

import (
	"context"
	"fmt"
	"strings"

	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/work"
)

// stays says to the person, a line each, what an erasure leaves for now or for
// good, why, and until when (GDPR art. 12(4), 17(3); A8).
func (f *function) stays(ctx context.Context, u *work.Unit, m *matter) (string, error) {
	pack, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return "", err
	}
	archival := erasure.ArchivalOf(pack)
	var lines []string
	for _, person := range m.Covered() {
		found, _, err := erasure.Look(ctx, f.env.Work, reading(u), person, m.ID, archival)
		if err != nil {
			return "", err
		}
		for _, s := range found {
			line := m.word("stays " + string(s.Cause))
			if !s.Cause.Temporary() {
				line += " (" + s.Clause + ")"
			}
			if !s.Until.IsZero() {
				line += ", " + m.word("until") + " " + m.lastDay(s.Until)
			}
			lines = append(lines, line)
		}
	}
	for _, s := range dossier.OwnCopies(m.terms) {
		line := m.word(s.What)
		if term := m.lasting(s); term != "" {
			line += ", " + term
		}
		lines = append(lines, line)
	}
	seen := map[string]bool{}
	var out strings.Builder
	for _, l := range lines {
		if !seen[l] {
			out.WriteString("\n– " + l)
		}
		seen[l] = true
	}
	return out.String(), nil
}

// lasting is a term of the pack in words: "5 let od zaključka zadeve". Data under
// a term of a law has no term of ours.
func (m *matter) lasting(s register.Stay) string {
	trigger, term, ok := strings.Cut(s.Until, " + ")
	span, err := policy.ParseSpan(term)
	if !ok || err != nil {
		return ""
	}
	return m.span(span) + " " + m.word("from "+trigger)
}

// span is a length of time in words.
func (m *matter) span(s policy.Span) string {
	forms, ok := units[s.Unit]
	if !ok {
		return s.String()
	}
	return fmt.Sprintf("%d %s", s.N, forms[m.language()][plural(m.language(), s.N)])
}

// units are years, months and days after a number: one, two, a few (Slovenian 3
// and 4, Slovak 2 to 4), many.
var units = map[policy.Unit]map[string][4]string{
	policy.Year:  {"sl": {"leto", "leti", "leta", "let"}, "sk": {"rok", "roky", "roky", "rokov"}, "en": {"year", "years", "years", "years"}},
	policy.Month: {"sl": {"mesec", "meseca", "mesece", "mesecev"}, "sk": {"mesiac", "mesiace", "mesiace", "mesiacov"}, "en": {"month", "months", "months", "months"}},
	policy.Day:   {"sl": {"dan", "dneva", "dni", "dni"}, "sk": {"deň", "dni", "dni", "dní"}, "en": {"day", "days", "days", "days"}},
}

// plural is which of the four forms goes with a number. In Slovenian its last two
// digits say so.
func plural(language string, n int) int {
	if language == "sl" {
		n %= 100
	}
	switch {
	case n == 1:
		return 0
	case n == 2:
		return 1
	case n == 3 || n == 4:
		return 2
	}
	return 3
}
