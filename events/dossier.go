package events

import "time"

// The names of what is told about packages and the registers.
const (
	DossierReviewedType = "org.okence.dossier.reviewed.v1"
	DossierDueType      = "org.okence.dossier.due.v1"

	CircularSteppedType  = "org.okence.dossier.circular.stepped.v1"
	ConsentWithdrawnType = "org.okence.consent.withdrawn.v1"
)

var (
	_ = define[DossierReviewed](DossierReviewedType, "A reviewer decided the doubtful places of a package: it is to be made.")
	_ = define[DossierDue](DossierDueType, "It is time to drop packages that have expired, and disclosures whose term is over.")
	_ = define[CircularStepped](CircularSteppedType, "Some recipients of a person's data were told of what was granted, and more are to be.")
	_ = define[ConsentWithdrawn](ConsentWithdrawnType, "A person took consents back of which some still stand in the register.")
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

// CircularStepped carries the telling of recipients on, a bounded piece at a time.
// Step counts the pieces: one that was done already changes nothing.
type CircularStepped struct {
	Circular string `json:"circular"`
	Step     int    `json:"step"`
}

// Validate implements Data.
func (d *CircularStepped) Validate() error {
	switch {
	case !idShape.MatchString(d.Circular):
		return wrong("circular")
	case d.Step < 0 || d.Step > 100_000_000:
		return wrong("step")
	}
	return nil
}

// ConsentWithdrawn carries a withdrawal on where the person has more consents than
// one unit of work takes back. It works from At, its receipt (art. 7(3) GDPR),
// whenever it is noted.
type ConsentWithdrawn struct {
	ContactID string    `json:"contact_id"`
	Purpose   string    `json:"purpose,omitempty"` // "": all
	At        time.Time `json:"at"`                // of receipt, UTC
	Channel   string    `json:"channel"`
	How       string    `json:"how"` // dossier.How
	MessageID string    `json:"message_id,omitempty"`
}

// Validate implements Data.
func (d *ConsentWithdrawn) Validate() error {
	switch {
	case !idShape.MatchString(d.ContactID):
		return wrong("contact_id")
	case d.Purpose != "" && !idShape.MatchString(d.Purpose):
		return wrong("purpose")
	case !instant(d.At):
		return wrong("at")
	case !idShape.MatchString(d.Channel):
		return wrong("channel")
	case !idShape.MatchString(d.How):
		return wrong("how")
	case d.MessageID != "" && !idShape.MatchString(d.MessageID):
		return wrong("message_id")
	}
	return nil
}
