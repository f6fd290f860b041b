package ticket

import (
	"slices"
	"strings"
	"time"
)

// Shown is what the organisation that handed a matter to us lets us see of it,
// all of it, from now on.
type Shown struct {
	Fields  []string      // for as long as we have it
	Granted []ShownField  // for a time
	Refused []RefusedView // of what we asked for
}

// ShownField is a field that is shown until an instant, exclusive.
type ShownField struct {
	Field, Widening string // Widening is ours, "" where we did not ask
	Until           time.Time
}

// RefusedView is a field that is not shown.
type RefusedView struct {
	Field, Widening string
	Cause           Cause
	Reason          string
}

// Learn takes in what the other organisation shows. What it has decided of what
// we asked for is decided here, by it; what it granted and shows no more has
// ended.
func (h *Handover) Learn(s Shown, by string, now time.Time) {
	h.Fields = slices.Clone(s.Fields)
	for i := range h.Widenings {
		w := &h.Widenings[i]
		still := slices.ContainsFunc(s.Granted, func(g ShownField) bool { return g.Field == w.Field })
		if now.Before(w.Until) && !still {
			w.Until = now
		}
		if w.At.IsZero() && slices.Contains(s.Fields, w.Field) { // shown for good
			w.By, w.At = by, now
		}
	}
	for _, g := range s.Granted {
		h.learnt(g, by, now)
	}
	for _, r := range s.Refused {
		if w := h.asked(r.Widening, r.Field); w != nil && w.At.IsZero() {
			w.By, w.At, w.Cause = by, now, r.Cause
			h.because(w.ID+RefusalSuffix, r.Reason)
		}
	}
}

// learnt notes one grant, which is told again with whatever follows it.
func (h *Handover) learnt(g ShownField, by string, now time.Time) {
	w := h.asked(g.Widening, g.Field)
	if w == nil {
		w = h.shownBefore(g.Field)
	}
	if w == nil {
		h.Widenings = append(h.Widenings, Widening{ID: "shown." + g.Field, Field: g.Field, AskedBy: by, AskedAt: now})
		w = &h.Widenings[len(h.Widenings)-1]
	}
	if w.At.IsZero() {
		w.By, w.At = by, now
	}
	w.Until = g.Until
}

// asked finds what we asked for: by its id, or, where the other side names none,
// by its field among what is undecided.
func (h *Handover) asked(id, field string) *Widening {
	for i := range h.Widenings {
		w := &h.Widenings[i]
		if w.Field == field && (w.ID == id || id == "" && w.At.IsZero()) {
			return w
		}
	}
	return nil
}

// shownBefore finds what was granted without having been asked for.
func (h *Handover) shownBefore(field string) *Widening {
	for i := range h.Widenings {
		if w := &h.Widenings[i]; w.Field == field && !w.Until.IsZero() {
			return w
		}
	}
	return nil
}

// Expired lists the fields that were shown for a time which is over.
func (h *Handover) Expired(now time.Time) (fields []string) {
	sees := h.Sees(now)
	for _, w := range h.Widenings {
		if !w.Until.IsZero() && !slices.Contains(sees, w.Field) && !slices.Contains(fields, w.Field) {
			fields = append(fields, w.Field)
		}
	}
	return fields
}

// Expires is the next instant at which something is not shown any more.
func (h *Handover) Expires(now time.Time) (next time.Time, ok bool) {
	for _, w := range h.Widenings {
		if w.Until.After(now) && (!ok || w.Until.Before(next)) {
			next, ok = w.Until, true
		}
	}
	return next, ok
}

// Outgoing is a field as another organisation is shown it.
type Outgoing struct {
	Name, Value string
	Widening    string    // by which it is shown; "" where it is permitted
	Until       time.Time // exclusive; zero where it is permitted
}

// Outgoing lists what a level at another organisation is shown at an instant. A
// free text masks there whatever is shown for a time only: it stays when that
// ends. What is granted and holds nothing is told too, with an empty value.
func (t *Ticket) Outgoing(h *Handover, now time.Time) (out []Outgoing) {
	lasting := t.View(h.Fields)
	for _, name := range Names {
		if v, ok := lasting[name]; ok {
			out = append(out, Outgoing{Name: name, Value: v})
			continue
		}
		for _, w := range h.Widenings {
			if !now.Before(w.Until) || (w.Field != name && w.Field != strings.TrimPrefix(name, "treated_")) {
				continue
			}
			if v, ok := t.View(append(slices.Clone(h.Fields), w.Field))[name]; ok {
				out = append(out, Outgoing{Name: name, Value: v, Widening: w.ID, Until: w.Until})
				break
			}
		}
	}
	for _, w := range h.Widenings {
		told := slices.ContainsFunc(out, func(o Outgoing) bool { return o.Name == w.Field })
		if now.Before(w.Until) && !told {
			out = append(out, Outgoing{Name: w.Field, Widening: w.ID, Until: w.Until})
		}
	}
	return out
}

// Hide takes out the fields that a hand-over showed for a time which is over, but
// for those that the present one shows. It returns the names of those that held
// something.
func (t *Ticket) Hide(h, present *Handover, now time.Time) (gone []string) {
	values, sees := map[string]string{}, present.Sees(now)
	for _, name := range h.Expired(now) {
		if at := t.at(name); at != nil && *at != "" && !slices.Contains(sees, name) {
			values[name], gone = "", append(gone, name)
		}
	}
	if t.Set(values, Names) != nil {
		return nil
	}
	return gone
}
