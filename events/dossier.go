package events

import "time"

// The names of what is told about packages and the registers.
const (
	DossierReviewedType = "org.okence.dossier.reviewed.v1"
	DossierDueType      = "org.okence.dossier.due.v1"
)

var (
	_ = define[DossierReviewed](DossierReviewedType, "A reviewer decided the doubtful places of a package: it is to be made.")
	_ = define[DossierDue](DossierDueType, "It is time to drop packages that have expired, and disclosures whose term is over.")
)

// DossierReviewed names a package whose places were decided.
type DossierReviewed struct {
	Package string `json:"package"`
}

// Validate implements Data.
func (d *DossierReviewed) Validate() error {
	if !idShape.MatchString(d.Package) {
		return wrong("package")
	}
	return nil
}

// DossierDue is sent by the scheduler. Now is the scheduler's instant, UTC, never
// ahead of the clock.
type DossierDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *DossierDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}
