package retention

import "time"

// Restrained remembers that a person's data is or was restricted (art. 18 GDPR),
// for as long as the statutory processing log about that person must be kept for
// it (ZVOP-2 art. 22; IP opinion 07121-1/2026/37). Its ID is the person's.
type Restrained struct {
	ID      string    `json:"id" data:"technical"`
	SinceAt time.Time `json:"since_at" data:"technical"`          // UTC, of the newest restriction
	EndedAt time.Time `json:"ended_at,omitzero" data:"technical"` // UTC; zero while it lasts
}

// Follow takes in whether the person's data is restricted now. A new restriction
// does away with the end of the one before: two years run from the last. It
// reports whether anything changed.
func (r *Restrained) Follow(restricted bool, now time.Time) bool {
	switch {
	case restricted && (r.SinceAt.IsZero() || !r.EndedAt.IsZero()):
		r.SinceAt, r.EndedAt = now.UTC(), time.Time{}
	case !restricted && r.EndedAt.IsZero():
		r.EndedAt = now.UTC()
	default:
		return false
	}
	return true
}
