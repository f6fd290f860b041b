package events

import "time"

// DsarDueType is the name of the schedule of data-subject requests.
const DsarDueType = "org.okence.dsar.due.v1"

var _ = define[DsarDue](DsarDueType, "It is time to look for granted erasures that can go on.")

// DsarDue is sent by the scheduler. Now is the scheduler's instant, UTC, never
// ahead of the clock.
type DsarDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *DsarDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}
