package ticket

import (
	"errors"
	"slices"
	"time"
)

// Queue is who works on what is handed to a queue of a technical specification.
// Its ID is the queue's name. One that nobody has staffed is open to every
// custodian of the tenant; one that is staffed, to its members alone.
type Queue struct {
	ID      string   `json:"id" data:"technical"`
	Members []Member `json:"members" data:"technical"`
}

// Member is a custodian of a queue, by an opaque id, and who stands in while they
// are away.
type Member struct {
	Person     string    `json:"person"`
	AwayFrom   time.Time `json:"away_from,omitzero"`
	AwayUntil  time.Time `json:"away_until,omitzero"` // exclusive
	Substitute string    `json:"substitute,omitempty"`
}

const maxMembers = 100

// Validate refuses what no roster may be.
func (q *Queue) Validate() error {
	if len(q.Members) > maxMembers {
		return errors.New("ticket: too many members of a queue")
	}
	for i, m := range q.Members {
		twice := slices.ContainsFunc(q.Members[:i], func(o Member) bool { return o.Person == m.Person })
		switch {
		case m.Person == "" || twice:
			return errors.New("ticket: each member is a person, named once")
		case m.AwayFrom.IsZero() != m.AwayUntil.IsZero() || m.AwayUntil.Before(m.AwayFrom):
			return errors.New("ticket: an absence has a beginning and an end")
		case !m.AwayFrom.IsZero() && (m.Substitute == "" || m.Substitute == m.Person):
			return errors.New("ticket: who is away names a substitute")
		}
	}
	return nil
}

// Away reports whether the member is away at an instant.
func (m Member) Away(now time.Time) bool { return !now.Before(m.AwayFrom) && now.Before(m.AwayUntil) }

// For lists the members for whom a person works at an instant: themselves, and
// those who are away and named them. Empty: the person has nothing to do here.
func (q *Queue) For(person string, now time.Time) []string {
	var out []string
	for _, m := range q.Members {
		if m.Person == person || (m.Away(now) && m.Substitute == person) {
			out = append(out, m.Person)
		}
	}
	return out
}

// Admits reports whether a custodian may see a hand-over to this queue, and work
// on it: once somebody has accepted it, that person and who stands in for them.
func (q *Queue) Admits(person string, h *Handover, now time.Time) (see, act bool) {
	if len(q.Members) == 0 {
		return true, h.AcceptedBy == "" || h.AcceptedBy == person
	}
	works := q.For(person, now)
	return len(works) > 0, len(works) > 0 && (h.AcceptedBy == "" || h.AcceptedBy == person || slices.Contains(works, h.AcceptedBy))
}
