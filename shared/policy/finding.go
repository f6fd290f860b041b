package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Level of a finding.
type Level string

// Levels. Only errors keep a pack from loading.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Note    Level = "note"
)

var levels = []Level{Error, Warning, Note}

// Validate reports whether l is one of the levels above.
func (l Level) Validate() error { return inSet("level", l, levels) }

// Strict is the rule of findings about the form of a pack: packs load
// strictly or not at all.
const Strict = "STRICT"

// Finding is one thing wrong or notable in a pack.
type Finding struct {
	File   string `json:"file"`
	Line   int    `json:"line"` // 1-based
	Pack   string `json:"pack,omitempty"`
	Path   string `json:"path,omitempty"` // dotted, within the terms
	Rule   string `json:"rule"`           // rule ids and articles, or STRICT
	Level  Level  `json:"level"`
	Fault  Fault  `json:"fault"`
	Text   string `json:"text"`
	Remedy string `json:"remedy"`
}

// String is one line: file:line: level: text [rule] -> remedy.
func (f Finding) String() string {
	path := ""
	if f.Path != "" {
		path = f.Path + ": "
	}
	return fmt.Sprintf("%s:%d: %s: %s%s [%s]; remedy: %s", f.File, f.Line, f.Level, path, f.Text, f.Rule, f.Remedy)
}

// Findings is the error that [Load] returns: every error found, in file order.
type Findings []Finding

// Error lists the findings, one a line.
func (f Findings) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// AsFindings unwraps an error of [Load].
func AsFindings(err error) (Findings, bool) {
	var f Findings
	ok := errors.As(err, &f)
	return f, ok
}

func sortFindings(fs []Finding) []Finding {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			strings.Compare(a.Path, b.Path), strings.Compare(string(a.Fault), string(b.Fault)), strings.Compare(a.Text, b.Text))
	})
	return slices.Compact(fs)
}

// Fault names a kind of mistake. A known_defect excuses the one it names.
type Fault string

// Faults of form.
const (
	FaultSyntax  Fault = "syntax"
	FaultSchema  Fault = "schema"
	FaultClause  Fault = "clause"  // value without a clause, clause without a source
	FaultExtends Fault = "extends" // unknown base, circle, version order
	FaultRefers  Fault = "refers"  // names a party, processing, text … that is not there
	FaultMark    Fault = "mark"    // known_defect that excuses nothing
)

// Faults of substance; these can be marked as known_defect.
const (
	FaultAuthorityClock Fault = "authority-clock"
	FaultProcessorClock Fault = "processor-clock"
	FaultLogMinimum     Fault = "log-minimum"
	FaultLogMaximum     Fault = "log-maximum"
	FaultLogDeclared    Fault = "log-declared"
	FaultTransfer       Fault = "transfer"
	FaultSubProcessing  Fault = "sub-processing"
	FaultStorage        Fault = "storage"
	FaultAnswer         Fault = "answer-deadline"
	FaultExtension      Fault = "extension"
	FaultRetention      Fault = "retention"
	FaultAnonymisation  Fault = "anonymisation"
	FaultConsent        Fault = "consent"
	FaultRight          Fault = "right"
	FaultBasis          Fault = "basis"
	FaultIDCopy         Fault = "identity-copy"
	FaultNoticeDates    Fault = "notice-dates"
	FaultContradiction  Fault = "contradiction" // stated differently in two places
	FaultReference      Fault = "reference"     // wrong cross-reference
	FaultRepealed       Fault = "repealed"      // relies on a repealed law
	FaultFields         Fault = "fields"
	FaultRoles          Fault = "roles"
	FaultCompetence     Fault = "competence"
	FaultLine           Fault = "line"
	FaultHours          Fault = "hours"
	FaultText           Fault = "text"
	FaultContent        Fault = "notice-content"
	FaultWarn           Fault = "warnings"
	FaultDecider        Fault = "decider"
	FaultPurpose        Fault = "own-purpose"
)

var faults = []Fault{
	FaultSyntax, FaultSchema, FaultClause, FaultExtends, FaultRefers, FaultMark,
	FaultAuthorityClock, FaultProcessorClock, FaultLogMinimum, FaultLogMaximum, FaultLogDeclared,
	FaultTransfer, FaultSubProcessing, FaultStorage, FaultAnswer, FaultExtension, FaultRetention,
	FaultAnonymisation, FaultConsent, FaultRight, FaultBasis, FaultIDCopy, FaultNoticeDates,
	FaultContradiction, FaultReference, FaultRepealed, FaultFields, FaultRoles, FaultCompetence,
	FaultLine, FaultHours, FaultText, FaultContent, FaultWarn, FaultDecider, FaultPurpose,
}

// Validate reports whether f is one of the faults above.
func (f Fault) Validate() error { return inSet("fault", f, faults) }
