// Package exchange is an event on its way to another organisation: signed,
// repeated until that side has taken it, and given up aloud, never silently.
package exchange

import (
	"fmt"
	"time"
)

// State is how far a sending has come.
type State string

// States.
const (
	Queued  State = "queued"  // to be sent at DueAt
	Taken   State = "taken"   // the peer has it
	Refused State = "refused" // the peer answered that it never will: a dead letter says so
	Expired State = "expired" // the peer was silent for GiveUp: a dead letter says so
)

// Validate reports whether s is one of the states above.
func (s State) Validate() error {
	switch s {
	case Queued, Taken, Refused, Expired:
		return nil
	}
	return fmt.Errorf("exchange: unknown state")
}

const (
	// GiveUp is how long a silent peer is tried: an organisation may be closed
	// over Easter or New Year, four days and a bit.
	GiveUp = 7 * 24 * time.Hour
	// Kept is how long what a peer refused can still be redriven; then its
	// body goes. With GiveUp it is less than intake.KeyLife: the key goes then.
	Kept = 21 * 24 * time.Hour

	firstPause = time.Minute
	maxPause   = time.Hour
)

// Sending is one event to one peer. Its body, which may hold content about a
// person, is sealed under the tenant's intake key of the day, which is destroyed
// within 30 days, and goes as soon as the peer has it.
type Sending struct {
	_        struct{}  `data:"owner=~intake class=.Day purpose=service"`
	ID       string    `json:"id" data:"technical"`
	Day      string    `json:"day" data:"technical"`  // UTC date of queueing: names the key
	Peer     string    `json:"peer" data:"technical"` // by its name in the settings
	EventID  string    `json:"event_id" data:"technical"`
	Type     string    `json:"type" data:"technical"` // of the event
	State    State     `json:"state" data:"technical"`
	QueuedAt time.Time `json:"queued_at" data:"technical"`
	DueAt    time.Time `json:"due_at,omitzero" data:"technical"` // of the next try; once Refused or Expired, of the body's end
	EndedAt  time.Time `json:"ended_at,omitzero" data:"technical"`
	Tries    int       `json:"tries,omitempty" data:"technical"`
	Code     string    `json:"code,omitempty" data:"technical"` // how the last try ended: "http_503", "no_answer"

	Body string `json:"body,omitempty" data:"personal content"` // a CloudEvent in the JSON event format
}

// New is a sending to be tried at once. The outbox asks for the first try; the
// tick only for what that one left.
func New(id, peer string, now time.Time) *Sending {
	return &Sending{ID: id, Day: now.UTC().Format(time.DateOnly), Peer: peer, State: Queued, QueuedAt: now.UTC(), DueAt: now.UTC().Add(firstPause)}
}

// Due is when something is to be done with s, if ever.
func (s *Sending) Due() (time.Time, bool) { return s.DueAt, !s.DueAt.IsZero() }

// Sends reports whether s is still to be sent: also what was refused or has
// expired, when somebody redrives it while its body is there.
func (s *Sending) Sends() bool { return s.State != Taken && len(s.Body) > 0 }

// Take notes that the peer has it; the body is not needed any more.
func (s *Sending) Take(now time.Time) {
	s.State, s.EndedAt, s.DueAt, s.Code, s.Body = Taken, now.UTC(), time.Time{}, "", ""
	s.Tries++
}

// Miss notes a try that may go better next time: after a minute, doubling up to
// an hour. It reports whether that was the last.
func (s *Sending) Miss(code string, now time.Time) (last bool) {
	s.Tries++
	s.Code = code
	if now.Sub(s.QueuedAt) >= GiveUp {
		s.end(Expired, now)
		return true
	}
	s.State, s.EndedAt = Queued, time.Time{}
	s.DueAt = now.UTC().Add(min(firstPause<<min(s.Tries-1, 10), maxPause))
	return false
}

// Refuse notes that the peer will never take it.
func (s *Sending) Refuse(code string, now time.Time) {
	s.Tries++
	s.Code = code
	s.end(Refused, now)
}

func (s *Sending) end(state State, now time.Time) {
	s.State, s.EndedAt, s.DueAt = state, now.UTC(), now.UTC().Add(Kept)
}

// Forget drops the body when its time is over. It reports whether it did.
func (s *Sending) Forget(now time.Time) bool {
	if s.State == Queued || s.DueAt.IsZero() || now.Before(s.DueAt) {
		return false
	}
	s.Body, s.DueAt = "", time.Time{}
	return true
}
