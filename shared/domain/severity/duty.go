package severity

import "slices"

// Duty is something a breach may oblige the controller to do.
type Duty string

// The duties of GDPR Articles 33 and 34.
const (
	Register  Duty = "register"  // Article 33(5): every breach, whatever its level
	Authority Duty = "authority" // Article 33(1): notify the supervisory authority
	Persons   Duty = "persons"   // Article 34(1): tell the persons concerned
)

// Validate reports whether d is one of the three duties.
func (d Duty) Validate() error {
	switch d {
	case Register, Authority, Persons:
		return nil
	}
	return refuse("duty", "not one of the allowed values")
}

// Table says which duties a level suggests. It is policy, not law: the GDPR
// asks for a judgement of the risk and knows no scores.
type Table map[Level][]Duty

// DefaultTable is the convention of practice: a low score is registered only,
// a medium one is notified to the authority, a high or very high one to the
// authority and the persons. Each call returns a fresh table.
func DefaultTable() Table {
	return Table{
		Low:      {Register},
		Medium:   {Register, Authority},
		High:     {Register, Authority, Persons},
		VeryHigh: {Register, Authority, Persons},
	}
}

// Validate refuses a table that leaves out a level, leaves the register out
// anywhere (Article 33(5) has no threshold), tells the persons but not the
// authority (a high risk is always also a risk), or asks less of a higher
// level. Errors wrap [ErrInput].
func (t Table) Validate() error {
	levels := []Level{Low, Medium, High, VeryHigh}
	if len(t) > len(levels) {
		return refuse("table", "a level that does not exist")
	}
	var before []Duty
	for _, l := range levels {
		duties, ok := t[l]
		if !ok {
			return refuse("table", "level "+string(l)+" is missing")
		}
		for _, d := range duties {
			if err := d.Validate(); err != nil {
				return err
			}
		}
		if !slices.Contains(duties, Register) {
			return refuse("table", "level "+string(l)+" is not registered")
		}
		if slices.Contains(duties, Persons) && !slices.Contains(duties, Authority) {
			return refuse("table", "level "+string(l)+" tells the persons but not the authority")
		}
		for _, d := range before {
			if !slices.Contains(duties, d) {
				return refuse("table", "level "+string(l)+" asks less than the level below")
			}
		}
		before = duties
	}
	return nil
}

// Standing says how binding a statement is. A proposal is the only standing
// this package gives.
type Standing string

// ForDecision marks a proposal that a named person still has to decide.
const ForDecision Standing = "proposal_for_decision"

// Remark is something the deciding person should weigh beside the level.
type Remark string

// The remarks that flags lead to.
const (
	// ConsiderRaising: more than 100 persons are concerned; the method leaves
	// open whether that raises the level.
	ConsiderRaising Remark = "many_individuals_consider_raising"
	// ConsiderExemption: the data are unintelligible to whoever has them;
	// GDPR Article 34(3)(a) may free from telling the persons.
	ConsiderExemption Remark = "unintelligible_consider_article_34_3_a"
)

// Proposal is what a table suggests for a score. Nothing follows from it until
// a person has decided.
type Proposal struct {
	Standing Standing `json:"standing"` // always ForDecision
	Level    Level    `json:"level"`
	Duties   []Duty   `json:"duties"`
	Remarks  []Remark `json:"remarks"` // never null
}

// Propose looks a result's level up in the table. Flags add remarks and change
// no duty. It fails only where the table or the level is not valid.
func Propose(r Result, t Table) (Proposal, error) {
	if err := t.Validate(); err != nil {
		return Proposal{}, err
	}
	if err := r.Level.Validate(); err != nil {
		return Proposal{}, err
	}
	p := Proposal{Standing: ForDecision, Level: r.Level, Duties: slices.Clone(t[r.Level]), Remarks: []Remark{}}
	if slices.Contains(r.Flags, ManyIndividuals) {
		p.Remarks = append(p.Remarks, ConsiderRaising)
	}
	if slices.Contains(r.Flags, Unintelligible) {
		p.Remarks = append(p.Remarks, ConsiderExemption)
	}
	return p, nil
}
