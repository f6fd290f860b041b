package message

import (
	"cmp"
	"slices"
	"time"
)

// Progress is what the steps of a call come to, as far as they are known.
type Progress struct {
	// State is Started, Ringing, Answered, Held, Transferred or Ended; "" of a
	// call without steps. Answered after Held means talking again.
	State CallStep
	Cause string // why it ended, in the provider's words

	StartedAt  time.Time // the earliest step of all
	AnsweredAt time.Time // zero: never, or nobody said so
	EndedAt    time.Time // zero while it lasts, or nobody said when

	// Duration is the provider's word, or else the time from AnsweredAt to
	// EndedAt; zero where neither is known.
	Duration time.Duration

	Digits   string // keys pressed, leg by leg, in order
	Recorded bool
	Legs     []Leg // in the order of their ids
}

// Leg is one party's part in a call.
type Leg struct {
	ID                  string
	State               CallStep
	Cause               string
	AnsweredAt, EndedAt time.Time
	Duration            time.Duration
}

// Follow tells how a call stands from its steps, which may come in any order,
// late, more than once, or not at all: the same steps in another order, with
// any of them repeated, come to the same. A step is the same as another by leg
// and Seq, or without Seq by leg, kind and time; where two that are the same
// differ otherwise, one of them counts, always the same one.
//
// In a leg, steps go by Seq and then by time (channels.md 6.2, 9). Nothing
// comes back from Ended, and nothing rings that has been answered. Keys pressed
// and recordings mean that it was. The call ends with its main leg (the one
// without an id, or with the call's); where there is none, with its last leg.
func Follow(steps []Call) Progress {
	order := slices.Clone(steps)
	slices.SortFunc(order, compareSteps)
	order = slices.CompactFunc(order, sameStep)

	var p Progress
	byID := map[string]int{}
	for _, s := range order {
		i, ok := byID[s.LegID]
		if !ok {
			i = len(p.Legs)
			byID[s.LegID] = i
			p.Legs = append(p.Legs, Leg{ID: s.LegID})
		}
		p.Legs[i].follow(s)
		p.StartedAt = earliest(p.StartedAt, s.At)
		p.Recorded = p.Recorded || s.Step == Recording
		if s.Step == DTMF {
			p.Digits += s.Digits
		}
	}
	p.settle(mainLeg(order, byID))
	return p
}

// mainLeg is the index of the leg that the call ends with, or -1.
func mainLeg(steps []Call, byID map[string]int) int {
	if i, ok := byID[""]; ok {
		return i
	}
	for _, s := range steps {
		if i, ok := byID[s.CallID]; ok {
			return i
		}
	}
	return -1
}

// rank of a state: it never goes back to a lower one.
func rank(s CallStep) int {
	switch s {
	case Started:
		return 1
	case Ringing:
		return 2
	case Answered, Held, Transferred:
		return 3
	case Ended:
		return 4
	}
	return 0
}

func (l *Leg) follow(s Call) {
	to := s.Step
	if to == DTMF || to == Recording { // somebody was there
		if to = Answered; rank(l.State) >= rank(Answered) {
			to = l.State
		}
	}
	if rank(to) >= rank(l.State) {
		l.State = to
	}
	switch s.Step {
	case Answered:
		l.AnsweredAt = earliest(l.AnsweredAt, s.At)
	case Ended:
		l.EndedAt, l.Cause = s.At, s.Cause
		l.Duration = max(l.Duration, s.Duration)
	}
}

// settle draws the call's own state from its legs; main is the index of one of
// them, or -1.
func (p *Progress) settle(main int) {
	last := max(main, 0)
	for i, l := range p.Legs {
		p.AnsweredAt = earliest(p.AnsweredAt, l.AnsweredAt)
		if main < 0 && l.EndedAt.After(p.Legs[last].EndedAt) {
			last = i
		}
		if l.State != Ended && rank(l.State) >= rank(p.State) {
			p.State = l.State
		}
	}
	switch {
	case len(p.Legs) == 0:
		return
	case main >= 0:
		p.State = p.Legs[main].State
	case p.State == "": // no leg lasts
		p.State = Ended
	}
	if p.State != Ended {
		return
	}
	l := p.Legs[last]
	p.EndedAt, p.Cause, p.Duration = l.EndedAt, l.Cause, l.Duration
	if p.Duration == 0 && !p.AnsweredAt.IsZero() && p.EndedAt.After(p.AnsweredAt) {
		p.Duration = p.EndedAt.Sub(p.AnsweredAt)
	}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// compareSteps is a total order: two that compare equal are equal in all that counts.
func compareSteps(a, b Call) int {
	return cmp.Or(
		cmp.Compare(a.LegID, b.LegID), cmp.Compare(a.Seq, b.Seq), a.At.Compare(b.At),
		cmp.Compare(rank(a.Step), rank(b.Step)), cmp.Compare(a.Step, b.Step),
		cmp.Compare(a.Digits, b.Digits), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Duration, b.Duration), cmp.Compare(a.CallID, b.CallID),
	)
}

// sameStep reports whether b is a again.
func sameStep(a, b Call) bool {
	if a.LegID != b.LegID || a.Seq != b.Seq {
		return false
	}
	return a.Seq != 0 || a.Step == b.Step && a.At.Equal(b.At)
}
