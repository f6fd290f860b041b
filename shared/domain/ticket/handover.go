package ticket

import (
	"errors"
	"slices"
	"time"
)

// HandState is how far a hand-over has come.
type HandState string

// States of a hand-over.
const (
	Handed   HandState = "handed"   // waits to be accepted; its clock runs
	Accepted HandState = "accepted" // the next level works on it
	Returned HandState = "returned" // with a reason
	Solved   HandState = "resolved"
	Passed   HandState = "passed" // on to a further level
)

// Validate reports whether s is one of the states above.
func (s HandState) Validate() error {
	switch s {
	case Handed, Accepted, Returned, Solved, Passed:
		return nil
	}
	return errors.New("ticket: unknown state of a hand-over")
}

// Open reports whether the next level still has it.
func (s HandState) Open() bool { return s == Handed || s == Accepted }

// Handover is one passing of a ticket to a level of support (K03). Fields are
// the names that the specification then in force permitted; what the level sees
// is these, and what was granted beyond them for a time.
type Handover struct {
	_         struct{}  `data:"owner=.ContactID class=case purpose=service"`
	ID        string    `json:"id" data:"technical"`
	TicketID  string    `json:"ticket_id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	Level     int       `json:"level" data:"technical"`
	Service   string    `json:"service" data:"technical"`
	Queue     string    `json:"queue" data:"technical"`
	Party     string    `json:"party,omitempty" data:"technical"` // of the pack
	Peer      string    `json:"peer,omitempty" data:"technical"`  // where the level is another organisation's
	State     HandState `json:"state" data:"technical"`
	Fields    []string  `json:"fields" data:"technical"`

	By         string    `json:"by" data:"technical link"` // opaque id
	At         time.Time `json:"at" data:"technical"`
	AnswerBy   time.Time `json:"answer_by,omitzero" data:"technical"` // end of its clock, exclusive
	AcceptedBy string    `json:"accepted_by,omitempty" data:"technical link"`
	AcceptedAt time.Time `json:"accepted_at,omitzero" data:"technical"`
	EndedBy    string    `json:"ended_by,omitempty" data:"technical link"`
	EndedAt    time.Time `json:"ended_at,omitzero" data:"technical"`

	Widenings []Widening        `json:"widenings,omitempty" data:"technical link"`
	Reasons   map[string]string `json:"reasons,omitempty" data:"personal content"` // by widening, that of a refusal with RefusalSuffix; "" is that of the return or the solution

	// PeerHand is the hand-over's id at the organisation that handed the matter
	// to us, and Revision of what that shows; ours, where Peer has it.
	PeerHand string `json:"peer_hand,omitempty" data:"technical link"`
	Revision int    `json:"revision,omitempty" data:"technical"`
}

// RefusalSuffix is behind a widening's id where Reasons say why it was refused.
const RefusalSuffix = ".refused"

// Widening is a field beyond the permitted ones: asked for with a reason,
// granted by somebody of the first level for a time, or refused.
type Widening struct {
	ID      string    `json:"id"`
	Field   string    `json:"field"`
	AskedBy string    `json:"asked_by"`
	AskedAt time.Time `json:"asked_at"`
	By      string    `json:"by,omitempty"` // who decided
	At      time.Time `json:"at,omitzero"`
	Until   time.Time `json:"until,omitzero"`  // exclusive; zero: refused, or not decided
	Cause   Cause     `json:"cause,omitempty"` // of a refusal
}

// Cause is why a widening was refused.
type Cause string

// Causes.
const (
	BySpecification Cause = "specification" // nobody may keep the field for the service and the class of person
	ByDecision      Cause = "decision"      // of a person of the first level
)

// Validate reports whether c is one of the causes above.
func (c Cause) Validate() error {
	if c != BySpecification && c != ByDecision {
		return errors.New("ticket: unknown cause of a refusal")
	}
	return nil
}

// The reasons for which a widening is refused.
var (
	ErrSeen     = errors.New("the field is permitted already, or has been asked for")
	ErrNotAsked = errors.New("nobody has asked for it, or it has been decided")
)

const maxWidenings = 20

// Sees lists the names of the fields that the level sees at an instant.
func (h *Handover) Sees(now time.Time) []string {
	out := slices.Clone(h.Fields)
	for _, w := range h.Widenings {
		if now.Before(w.Until) && !slices.Contains(out, w.Field) {
			out = append(out, w.Field)
		}
	}
	return out
}

// Ask asks for a field. Which fields can be asked for is the pack's: the caller
// has seen to it.
func (h *Handover) Ask(id, field, reason, by string, now time.Time) error {
	asked := slices.ContainsFunc(h.Widenings, func(w Widening) bool { return w.ID == id || w.Field == field && w.At.IsZero() })
	switch {
	case !h.State.Open():
		return ErrNotHanded
	case asked || slices.Contains(h.Sees(now), field) || len(h.Widenings) >= maxWidenings:
		return ErrSeen
	}
	h.Widenings = append(h.Widenings, Widening{ID: id, Field: field, AskedBy: by, AskedAt: now})
	h.because(id, reason)
	return nil
}

// Grant shows what was asked for until an instant. It returns the field.
func (h *Handover) Grant(id, by string, now, until time.Time) (string, error) {
	w, err := h.decide(id, by, now)
	if err != nil {
		return "", err
	}
	w.Until = until
	return w.Field, nil
}

// Refuse says no to what was asked for. It returns the field.
func (h *Handover) Refuse(id, by string, cause Cause, reason string, now time.Time) (string, error) {
	w, err := h.decide(id, by, now)
	if err != nil {
		return "", err
	}
	w.Cause = cause
	h.because(id+RefusalSuffix, reason)
	return w.Field, nil
}

func (h *Handover) decide(id, by string, now time.Time) (*Widening, error) {
	for i := range h.Widenings {
		w := &h.Widenings[i]
		if w.ID != id || !w.At.IsZero() {
			continue
		}
		if !h.State.Open() {
			return nil, ErrNotHanded
		}
		w.By, w.At = by, now
		return w, nil
	}
	return nil, ErrNotAsked
}

func (h *Handover) because(id, reason string) {
	if reason == "" {
		return
	}
	if h.Reasons == nil {
		h.Reasons = map[string]string{}
	}
	h.Reasons[id] = reason
}

// HandOn passes the ticket to a further level at an instant. What stood open with
// the level before is passed on.
func (t *Ticket) HandOn(h, open *Handover, levels int, now time.Time) (from State, err error) {
	switch {
	case t.Service == "":
		return t.State, ErrNoService
	case h.Level <= t.Level || h.Level > levels:
		return t.State, ErrLastLevel
	case t.State != Escalated && !t.State.May(Escalated):
		return t.State, ErrState
	}
	from = t.State
	if open != nil && open.State.Open() {
		open.State, open.EndedAt, open.EndedBy = Passed, now, h.By
	}
	t.turn(Escalated, now)
	t.Level, t.Queue, t.Hand, t.OwnerID, t.ChangedAt = h.Level, h.Queue, h.ID, "", now
	t.Hands++
	h.TicketID, h.ContactID, h.State, h.At = t.ID, t.ContactID, Handed, now
	return from, nil
}

// Accept says who of the level works on it.
func (t *Ticket) Accept(h *Handover, by string, now time.Time) error {
	if t.Hand != h.ID || h.State != Handed {
		return ErrNotHanded
	}
	h.State, h.AcceptedBy, h.AcceptedAt = Accepted, by, now
	t.OwnerID, t.ChangedAt = by, now
	return nil
}

// Return gives the ticket back to the first level with a reason.
func (t *Ticket) Return(h *Handover, reason, by string, now time.Time) error {
	return t.end(h, Returned, InProgress, reason, by, now)
}

// Solve ends the matter with what its solution is. Whoever solves what nobody has
// accepted has accepted it with that (decision 0110).
func (t *Ticket) Solve(h *Handover, solution, by string, now time.Time) error {
	return t.end(h, Solved, Resolved, solution, by, now)
}

func (t *Ticket) end(h *Handover, how HandState, state State, text, by string, now time.Time) error {
	if t.Hand != h.ID || !h.State.Open() {
		return ErrNotHanded
	}
	if _, err := t.Become(state, now); err != nil {
		return err
	}
	if how == Solved && h.State == Handed {
		h.AcceptedBy, h.AcceptedAt = by, now
	}
	h.State, h.EndedAt, h.EndedBy = how, now, by
	h.because("", text)
	t.Hand, t.OwnerID = "", ""
	if how == Returned {
		t.Level, t.Queue = 1, ""
	}
	return nil
}
