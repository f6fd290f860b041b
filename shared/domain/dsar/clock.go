package dsar

import (
	"time"

	"github.com/okence/okence/shared/domain/period"
)

// Terms are the limits of a request as a pack sets them.
type Terms struct {
	Calendar period.Calendar
	Answer   []period.Term // final answer; of several the earliest counts (rules B2.9)
	Total    period.Term   // with an extension, from receipt in one step (B2.3)
	Tell     period.Term   // the reasons of an extension reach the person within
	Suspends bool          // doubt about identity, asked in time, stops the clock
	Ask      period.Term   // how soon doubt must be raised to do so
}

// Clock is by when a request is answered.
type Clock struct {
	DueAt      time.Time      `json:"due_at"`               // exclusive
	UnpausedAt time.Time      `json:"unpaused_at,omitzero"` // the end as it would be without pauses
	TellBy     time.Time      `json:"tell_by"`              // an extension must have reached the person before
	LatestAt   time.Time      `json:"latest_at"`            // three months from receipt: never later
	AskBy      time.Time      `json:"ask_by"`               // doubt about identity raised before this stops the clock
	Pauses     []period.Pause `json:"pauses,omitempty"`
	PausedAt   time.Time      `json:"paused_at,omitzero"` // while paused
	Extension  *Extension     `json:"extension,omitempty"`
	Steps      []period.Step  `json:"steps,omitempty"` // why DueAt is what it is
}

// Extension by two months, with its reasons (GDPR art. 12(3)).
type Extension struct {
	By       string    `json:"by"`
	At       time.Time `json:"at"`
	Ground   string    `json:"ground"`              // of the pack's list; words in Request.Words
	LetterID string    `json:"letter_id,omitempty"` // message that tells the person
	ToldAt   time.Time `json:"told_at,omitzero"`    // when the letter had reached the person
	Lapsed   bool      `json:"lapsed,omitempty"`    // it had not by TellBy: the extension never took effect
}

// Count computes the limits from the receipt, with pauses and an extension that
// stands. Errors are those of period.
func (r *Request) Count(t Terms) error {
	c := &r.Clock
	tell, err := t.Tell.From(t.Calendar, r.ReceivedAt)
	if err != nil {
		return err
	}
	total, err := t.Total.From(t.Calendar, r.ReceivedAt)
	if err != nil {
		return err
	}
	ask, err := t.Ask.From(t.Calendar, r.ReceivedAt)
	if err != nil {
		return err
	}
	c.TellBy, c.LatestAt, c.AskBy = tell.End.UTC(), total.End.UTC(), ask.End.UTC()
	answer := func(pauses []period.Pause) (period.Result, error) {
		if c.Extension != nil && !c.Extension.Lapsed {
			return total, nil
		}
		var all []period.Result
		for _, term := range t.Answer {
			one, err := term.From(t.Calendar, r.ReceivedAt, pauses...)
			if err != nil {
				return period.Result{}, err
			}
			all = append(all, one)
		}
		if len(all) == 1 {
			return all[0], nil
		}
		return period.EarliestOf("rules B2.9", all...)
	}
	due, err := answer(c.Pauses)
	if err != nil {
		return err
	}
	c.DueAt, c.Steps, c.UnpausedAt = due.End.UTC(), due.Steps, time.Time{}
	if len(c.Pauses) > 0 {
		plain, err := answer(nil)
		if err != nil {
			return err
		}
		c.UnpausedAt = plain.End.UTC()
	}
	if c.DueAt.After(c.LatestAt) { // EDPB 01/2022, 5.3: three months in all
		c.DueAt = c.LatestAt
		c.Steps = append(c.Steps, period.Step{Law: "EDPB Guidelines 01/2022, sec. 5.3", Text: "never later than three months from receipt", At: c.DueAt})
	}
	return nil
}

// pause stops the clock for doubt about identity raised in time. It reports
// whether it did.
func (c *Clock) pause(t Terms, now time.Time) bool {
	if !t.Suspends || !c.PausedAt.IsZero() || !now.Before(c.AskBy) || !now.Before(c.DueAt) {
		return false
	}
	c.PausedAt = now
	return true
}

// Resume lets the clock go on and counts anew. It reports whether it stood.
func (r *Request) Resume(t Terms, now time.Time) (bool, error) {
	c := &r.Clock
	if c.PausedAt.IsZero() {
		return false, nil
	}
	c.Pauses = append(c.Pauses, period.Pause{From: c.PausedAt, To: now})
	c.PausedAt = time.Time{}
	return true, r.Count(t)
}

// Extend is an officer's decision to take up to three months from receipt. It
// must be taken while the person can still be told in the first month.
func (r *Request) Extend(by, ground string, now time.Time) error {
	c := &r.Clock
	switch {
	case r.State.Closed() || r.State == Suggested || r.State == Review:
		return ErrState
	case c.Extension != nil:
		return ErrTwice
	case ground == "":
		return ErrReason
	case r.advised(by):
		return ErrBothRoles
	case !now.Before(c.TellBy) || !now.Before(c.DueAt):
		return ErrTooLate
	}
	c.Extension = &Extension{By: by, At: now, Ground: ground}
	return nil
}

// Told notes when the letter of the extension had reached the person. One that
// comes too late has no effect.
func (r *Request) Told(at time.Time) {
	if x := r.Clock.Extension; x != nil && x.ToldAt.IsZero() && at.Before(r.Clock.TellBy) {
		x.ToldAt = at
	}
}

// Lapse ends an extension of which the person was not told in time: the answer
// is due as if it had never been. It reports whether it did.
func (r *Request) Lapse(t Terms, now time.Time) (bool, error) {
	x := r.Clock.Extension
	if x == nil || x.Lapsed || !x.ToldAt.IsZero() || now.Before(r.Clock.TellBy) {
		return false, nil
	}
	x.Lapsed = true
	return true, r.Count(t)
}
