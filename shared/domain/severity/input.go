package severity

import (
	"errors"
	"fmt"
)

// ErrInput is wrapped by every error of this package: the input or the policy
// table cannot be scored. Trying again without changing it fails again.
var ErrInput = errors.New("severity: input refused")

// Category is the kind of personal data concerned; it sets the base of DPC
// (ENISA 2013, annex 1). Credentials count as what they open.
type Category string

// The four categories, with bases 1 to 4.
const (
	Simple      Category = "simple"      // identity, contact, education, family
	Behavioural Category = "behavioural" // location, traffic, habits
	Financial   Category = "financial"   // income, transactions, cards
	Sensitive   Category = "sensitive"   // GDPR Article 9 and 10 data
)

// Ease is the ease of identification (EI): how easily somebody with the data
// can tell whose they are (ENISA 2013, annex 2).
type Ease string

// The four degrees: 0.25, 0.5, 0.75 and 1.
const (
	Negligible  Ease = "negligible"
	Limited     Ease = "limited"
	Significant Ease = "significant"
	Maximum     Ease = "maximum"
)

// Confidentiality says who may have learned the data.
type Confidentiality string

// No evidence 0, known recipients 0.25, an unknown number 0.5.
const (
	NotDisclosed      Confidentiality = "none"
	KnownRecipients   Confidentiality = "known_recipients"
	UnknownRecipients Confidentiality = "unknown_recipients"
)

// Integrity says whether the data were altered.
type Integrity string

// Unaltered 0, altered and recoverable 0.25, altered for good 0.5.
const (
	Unaltered            Integrity = "none"
	AlteredRecoverable   Integrity = "altered_recoverable"
	AlteredUnrecoverable Integrity = "altered_unrecoverable"
)

// Availability says whether the data could be reached.
type Availability string

// Available 0, lost for a time 0.25, lost for good 0.5.
const (
	Available            Availability = "none"
	TemporaryUnavailable Availability = "temporary"
	PermanentUnavailable Availability = "permanent"
)

// Reason says why a DPC base was moved (ENISA 2013, annex 1). The method gives
// the reasons no weights: the assessor chooses the steps and records why.
type Reason string

// Reasons that raise, reasons that lower, and two that may do either.
const (
	Volume            Reason = "volume"                // more data on a person, or over a longer time
	ControllerField   Reason = "controller_field"      // what the controller does says more than the data
	VulnerablePersons Reason = "vulnerable_persons"    // minors, patients and others in need of care
	InvalidOrOld      Reason = "invalid_or_old_data"   // wrong or outdated
	PublicBefore      Reason = "public_before"         // could be read publicly before the breach
	RevealsLittle     Reason = "nature_reveals_little" // true to its category, but says little
	OtherReason       Reason = "other"                 // explained in Adjustment.Note, which it requires
	Unstated          Reason = "unstated"              // the batch column dpc_adjust carries no reason
)

// Adjustment moves the DPC base by whole steps, up or down.
type Adjustment struct {
	Steps  int    `json:"steps"`  // -MaxSteps to MaxSteps; 0 records a factor that was weighed and left
	Reason Reason `json:"reason"` // direction must fit the sign of Steps
	// Note is the assessor's explanation. It is kept with the assessment and
	// never appears in an error; it should describe data, not name persons.
	Note string `json:"note,omitempty"`
}

// MaxSteps bounds one adjustment. The scale has four values, so anything above
// three is clamped anyway; more than this is a slip of the keyboard.
const MaxSteps = 100

// Datum is one category of data in the breach with its own adjustments.
type Datum struct {
	Category    Category     `json:"category"`
	Adjustments []Adjustment `json:"adjustments,omitempty"`
}

// Input is everything the score is made of. The names follow the columns of
// the severity verb; a batch line with category and dpc_adjust becomes one
// Datum through [Line].
type Input struct {
	Data            []Datum         `json:"data"` // at least one; several are scored apart and the highest DPC counts
	Ease            Ease            `json:"ei"`
	Confidentiality Confidentiality `json:"confidentiality"`
	Integrity       Integrity       `json:"integrity"`
	Availability    Availability    `json:"availability"`
	Malicious       bool            `json:"malicious"`
	Individuals     int64           `json:"individuals"` // persons concerned, 0 or more; 0 also where the number is not yet known
	Unintelligible  bool            `json:"unintelligible"`
}

// Line is the single Datum of a batch line: a category and the whole steps of
// its dpc_adjust column, whose reason is not stated there.
func Line(category Category, dpcAdjust int) []Datum {
	d := Datum{Category: category}
	if dpcAdjust != 0 {
		d.Adjustments = []Adjustment{{Steps: dpcAdjust, Reason: Unstated}}
	}
	return []Datum{d}
}

// Validate reports the first field that cannot be scored, wrapping [ErrInput].
func (in Input) Validate() error {
	if len(in.Data) == 0 {
		return refuse("data", "at least one category of data is needed")
	}
	for i, d := range in.Data {
		if err := d.Validate(); err != nil {
			return fmt.Errorf("data %d: %w", i+1, err)
		}
	}
	for _, check := range []func() error{
		in.Ease.Validate, in.Confidentiality.Validate, in.Integrity.Validate, in.Availability.Validate,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if in.Individuals < 0 {
		return refuse("individuals", "a number of persons is not negative")
	}
	return nil
}

// Validate reports whether the category is known and every adjustment lawful.
func (d Datum) Validate() error {
	if err := d.Category.Validate(); err != nil {
		return err
	}
	for i, a := range d.Adjustments {
		if err := a.Validate(); err != nil {
			return fmt.Errorf("adjustment %d: %w", i+1, err)
		}
	}
	return nil
}

// Validate reports whether the steps are within bounds, the reason is known
// and points the same way, and a reason "other" is explained.
func (a Adjustment) Validate() error {
	if err := a.Reason.Validate(); err != nil {
		return err
	}
	switch {
	case a.Steps > MaxSteps || a.Steps < -MaxSteps:
		return refuse("dpc_adjust", "more steps than the scale could ever need")
	case a.Steps < 0 && (a.Reason == Volume || a.Reason == ControllerField || a.Reason == VulnerablePersons):
		return refuse("reason", "this reason raises the context and cannot lower it")
	case a.Steps > 0 && (a.Reason == InvalidOrOld || a.Reason == PublicBefore || a.Reason == RevealsLittle):
		return refuse("reason", "this reason lowers the context and cannot raise it")
	case a.Reason == OtherReason && a.Note == "":
		return refuse("note", "the reason other needs an explanation")
	}
	return nil
}

// Validate reports whether c is one of the four categories.
func (c Category) Validate() error {
	_, err := lookup(bases, c, "category")
	return err
}

// Validate reports whether e is one of the four degrees.
func (e Ease) Validate() error {
	_, err := lookup(eases, e, "ei")
	return err
}

// Validate reports whether c is one of the three states.
func (c Confidentiality) Validate() error {
	_, err := lookup(confidentialities, c, "confidentiality")
	return err
}

// Validate reports whether i is one of the three states.
func (i Integrity) Validate() error {
	_, err := lookup(integrities, i, "integrity")
	return err
}

// Validate reports whether a is one of the three states.
func (a Availability) Validate() error {
	_, err := lookup(availabilities, a, "availability")
	return err
}

// Validate reports whether r is a known reason.
func (r Reason) Validate() error {
	switch r {
	case Volume, ControllerField, VulnerablePersons, InvalidOrOld, PublicBefore, RevealsLittle, OtherReason, Unstated:
		return nil
	}
	return refuse("reason", "not a known reason")
}

// lookup answers the value of a closed set's member, or says which field holds
// something else, without repeating it.
func lookup[K ~string, V any](table map[K]V, key K, field string) (V, error) {
	v, ok := table[key]
	if !ok {
		return v, refuse(field, "not one of the allowed values")
	}
	return v, nil
}

func refuse(field, why string) error {
	return fmt.Errorf("%w: %s: %s", ErrInput, field, why)
}
