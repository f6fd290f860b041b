package message

import (
	"maps"
	"slices"
	"strings"
)

// Mask stands in a text for a secret: whoever reads the message later sees that
// there was a code, and not which.
func Mask(name string) string { return "•" + name + "•" }

// Revealed is Text as it goes out: with its secrets in place of their masks. What
// the addressee, and nobody else, is to read.
func (m *Message) Revealed() string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(m.Secrets)) {
		pairs = append(pairs, Mask(name), m.Secrets[name])
	}
	return strings.NewReplacer(pairs...).Replace(m.Text) // one pass: a value is never searched
}
