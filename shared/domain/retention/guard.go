package retention

import (
	"slices"
	"time"
)

// Guard says what stands in the way of erasing one person's data. Its ID is the
// person's. It has a key of its own, so that a decision which has read it holds
// until its commit. No guard: nothing stands in the way.
type Guard struct {
	ID    string `json:"id" data:"technical"`
	Stays []Stay `json:"stays,omitempty" data:"technical"`
}

// Stay is one reason to keep a person's data.
type Stay struct {
	Cause  Cause     `json:"cause"`
	Ref    string    `json:"ref"`              // id of the request, or the party's name for the term
	Class  string    `json:"class,omitempty"`  // retention class that it is about; "" is all
	Clause string    `json:"clause,omitempty"` // the law behind it
	Until  time.Time `json:"until,omitzero"`   // exclusive; zero: until it is taken away
}

// Keep adds a stay, or replaces the one of the same cause, reference and class.
func (g *Guard) Keep(s Stay) {
	g.Free(s.Cause, s.Ref, s.Class)
	g.Stays = append(g.Stays, s)
}

// Free takes a stay away. It reports whether there was one.
func (g *Guard) Free(c Cause, ref, class string) bool {
	n := len(g.Stays)
	g.Stays = slices.DeleteFunc(g.Stays, func(s Stay) bool { return s.Cause == c && s.Ref == ref && s.Class == class })
	return len(g.Stays) < n
}

// Blocks lists the stays for a class of data that are in force at an instant.
func (g *Guard) Blocks(class string, now time.Time) []Blocked {
	var out []Blocked
	for _, s := range g.Stays {
		if (s.Class == "" || s.Class == class) && (s.Until.IsZero() || now.Before(s.Until)) {
			out = append(out, Blocked{Cause: s.Cause, Ref: s.Ref, Clause: s.Clause, Until: s.Until})
		}
	}
	return out
}
