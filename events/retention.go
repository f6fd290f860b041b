package events

import "time"

// The names of what retention is told (contract.md, Events).
const (
	RetentionSweepDueType    = "org.okence.retention.sweep.due.v1"
	RetentionSweepMovedType  = "org.okence.retention.sweep.moved.v1"
	ServantStatusChangedType = "org.okence.servant.status.changed.v1"
)

var (
	_ = define[RetentionSweepDue](RetentionSweepDueType, "It is time to look for data whose retention is over.")
	_ = define[RetentionSweepMoved](RetentionSweepMovedType, "A retention sweep has been started, or has done a piece and goes on.")
	_ = define[ServantStatusChanged](ServantStatusChangedType, "The register of staff says that a public servant is active or inactive.")
)

// RetentionSweepDue is sent by the scheduler. Now is the scheduler's instant,
// UTC, never ahead of the clock.
type RetentionSweepDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *RetentionSweepDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}

// RetentionSweepMoved carries a sweep on, a bounded piece at a time. Round
// counts the pieces: one that was done already changes nothing.
type RetentionSweepMoved struct {
	SweepID string `json:"sweep_id"`
	Round   int    `json:"round"`
}

// Validate implements Data.
func (d *RetentionSweepMoved) Validate() error {
	switch {
	case !idShape.MatchString(d.SweepID):
		return wrong("sweep_id")
	case d.Round < 0 || d.Round > 100_000_000:
		return wrong("round")
	}
	return nil
}

// ServantStatusChanged tells a servant's status and the instant from which it
// holds (K13). ContactID is our id of the person.
type ServantStatusChanged struct {
	ContactID   string    `json:"contact_id"`
	Status      string    `json:"status"`       // "active" or "inactive"
	EffectiveAt time.Time `json:"effective_at"` // UTC
}

// Validate implements Data.
func (d *ServantStatusChanged) Validate() error {
	switch {
	case !idShape.MatchString(d.ContactID):
		return wrong("contact_id")
	case d.Status != "active" && d.Status != "inactive":
		return wrong("status")
	case !instant(d.EffectiveAt):
		return wrong("effective_at")
	}
	return nil
}
