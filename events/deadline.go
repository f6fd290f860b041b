package events

import "time"

// The events of limits (functions/deadline).
const (
	DeadlineDueType     = "org.okence.deadline.due.v1"
	DeadlineReachedType = "org.okence.deadline.reached.v1"
)

var (
	_ = define[DeadlineDue](DeadlineDueType, "It is time to look for limits that reach a stage.")
	_ = define[DeadlineReached](DeadlineReachedType, "A limit reached a stage: a warning before its end, or the end itself.")
)

var (
	nounShape  = newShape(32, lower, lower+digits+"_")    // ^[a-z][a-z0-9_]{0,31}$
	limitShape = newShape(200, word, word)                // ^[A-Za-z0-9._:-]{1,200}$
	nameShape  = newShape(64, lower, lower+digits+"._")   // ^[a-z][a-z0-9._]{0,63}$
	stageShape = newShape(32, lower, lower+digits+"._%-") // ^[a-z][a-z0-9._%-]{0,31}$
)

// DeadlineDue is sent by the scheduler. Now is the scheduler's instant, UTC,
// never ahead of the clock.
type DeadlineDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *DeadlineDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}

// DeadlineReached is told once for each limit and stage. Several functions take
// it; each ignores limits about kinds of record that aren't its own.
type DeadlineReached struct {
	Limit     string    `json:"limit"`      // id of the limit
	AboutKind string    `json:"about_kind"` // kind of the record that the limit is about
	AboutID   string    `json:"about_id"`
	Name      string    `json:"name"`     // what must be done: "ticket.response"
	Stage     string    `json:"stage"`    // "warn_50", or "due": the end itself
	StageAt   time.Time `json:"stage_at"` // UTC: when it was to be told, perhaps long ago
	EndAt     time.Time `json:"end_at"`   // UTC, exclusive
}

// Validate implements Data.
func (d *DeadlineReached) Validate() error {
	switch {
	case !limitShape.MatchString(d.Limit):
		return wrong("limit")
	case !nounShape.MatchString(d.AboutKind):
		return wrong("about_kind")
	case !idShape.MatchString(d.AboutID):
		return wrong("about_id")
	case !nameShape.MatchString(d.Name):
		return wrong("name")
	case !stageShape.MatchString(d.Stage):
		return wrong("stage")
	case !instant(d.StageAt):
		return wrong("stage_at")
	case !instant(d.EndAt):
		return wrong("end_at")
	}
	return nil
}
