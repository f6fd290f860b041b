package events

import "time"

// LedgerSealDue is sent by the scheduler. Now is the scheduler's instant, UTC,
// never ahead of the clock.
type LedgerSealDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *LedgerSealDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}

// LedgerSweepDue is sent by the scheduler. Now is as in LedgerSealDue.
type LedgerSweepDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *LedgerSweepDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}
