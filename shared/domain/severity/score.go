package severity

// The values of ENISA 2013. DPC in whole points, everything else in quarters.
var (
	bases             = map[Category]int{Simple: 1, Behavioural: 2, Financial: 3, Sensitive: 4}
	eases             = map[Ease]Quarters{Negligible: 1, Limited: 2, Significant: 3, Maximum: 4}
	confidentialities = map[Confidentiality]Quarters{NotDisclosed: 0, KnownRecipients: 1, UnknownRecipients: 2}
	integrities       = map[Integrity]Quarters{Unaltered: 0, AlteredRecoverable: 1, AlteredUnrecoverable: 2}
	availabilities    = map[Availability]Quarters{Available: 0, TemporaryUnavailable: 1, PermanentUnavailable: 2}
)

const (
	malicious Quarters = 2 // 0.5 where the breach was meant

	lowestContext, highestContext = 1, 4

	// crowd is the number of persons above which the method raises a flag.
	crowd = 100
)

// Level is the band of a score.
type Level string

// The four bands: low below 2, medium below 3, high below 4, very high from 4.
const (
	Low      Level = "low"
	Medium   Level = "medium"
	High     Level = "high"
	VeryHigh Level = "very_high"
)

// Validate reports whether l is one of the four levels.
func (l Level) Validate() error {
	switch l {
	case Low, Medium, High, VeryHigh:
		return nil
	}
	return refuse("level", "not one of the allowed values")
}

// LevelOf is the band of a score given in quarters.
func LevelOf(se Quarters) Level {
	switch {
	case se < 2*Whole:
		return Low
	case se < 3*Whole:
		return Medium
	case se < 4*Whole:
		return High
	}
	return VeryHigh
}

// Flag is a circumstance the method sets beside the score without points.
type Flag string

// The two flags of ENISA 2013.
const (
	ManyIndividuals Flag = "more_than_100_individuals" // 101 persons or more
	Unintelligible  Flag = "unintelligible"            // GDPR Article 34(3)(a) may apply
)

// Validate reports whether f is one of the two flags.
func (f Flag) Validate() error {
	if f == ManyIndividuals || f == Unintelligible {
		return nil
	}
	return refuse("flag", "not one of the allowed values")
}

// Context is the DPC of one Datum, explained: Base, moved by Steps, clamped to
// 1..4. The reasons stand in Datum.Adjustments.
type Context struct {
	Datum
	Base    int  `json:"base"`
	Steps   int  `json:"steps"` // sum of all adjustments
	DPC     int  `json:"dpc"`
	Clamped bool `json:"clamped"` // Base+Steps lay outside 1..4
}

// Result is a score with everything that led to it.
type Result struct {
	DPC      int       `json:"dpc"` // 1 to 4, the highest of Contexts
	EI       Quarters  `json:"ei"`  // 0.25 to 1
	CB       Quarters  `json:"cb"`  // 0 to 2
	SE       Quarters  `json:"se"`  // 0.25 to 6
	Level    Level     `json:"level"`
	Flags    []Flag    `json:"flags"` // never null
	Contexts []Context `json:"contexts"`
	Input    Input     `json:"input"`
}

// Score computes SE = DPC x EI + CB. It fails only where [Input.Validate] does.
// The same input always gives the same result.
func Score(in Input) (Result, error) {
	if err := in.Validate(); err != nil {
		return Result{}, err
	}
	r := Result{
		EI: eases[in.Ease],
		CB: confidentialities[in.Confidentiality] + integrities[in.Integrity] + availabilities[in.Availability],

		Flags: []Flag{},
		Input: in.clone(),
	}
	if in.Malicious {
		r.CB += malicious
	}
	for _, d := range r.Input.Data {
		c := context(d)
		r.Contexts = append(r.Contexts, c)
		r.DPC = max(r.DPC, c.DPC)
	}
	r.SE = Quarters(r.DPC)*r.EI + r.CB
	r.Level = LevelOf(r.SE)
	if in.Individuals > crowd {
		r.Flags = append(r.Flags, ManyIndividuals)
	}
	if in.Unintelligible {
		r.Flags = append(r.Flags, Unintelligible)
	}
	return r, nil
}

// context clamps the sum once, at the end: a step up and a step down cancel
// out also at the edge of the scale.
func context(d Datum) Context {
	c := Context{Datum: d, Base: bases[d.Category]}
	for _, a := range d.Adjustments {
		c.Steps += a.Steps
	}
	sum := c.Base + c.Steps
	c.DPC = min(max(sum, lowestContext), highestContext)
	c.Clamped = c.DPC != sum
	return c
}

// clone keeps the result free of later changes to the caller's slices.
func (in Input) clone() Input {
	data := make([]Datum, len(in.Data))
	for i, d := range in.Data {
		d.Adjustments = append([]Adjustment(nil), d.Adjustments...)
		data[i] = d
	}
	in.Data = data
	return in
}
