package period

import (
	"errors"
	"time"
)

// ErrRule says that a rule code is not of the closed set.
var ErrRule = errors.New("period: unknown rule code")

// Rule is the code of a limit, stable in stored records and on the command
// line. What each means stands in [Definitions].
type Rule string

const (
	RuleDSAR1M             Rule = "DSAR_1M"
	RuleART14OneMonth      Rule = "ART14_1M"
	RuleDSAR3M             Rule = "DSAR_3M"
	RuleSKDSAR30D          Rule = "SK_DSAR_30D"
	RuleBreach72H          Rule = "BREACH_72H"
	RuleProcessor24H       Rule = "PROC_24H"
	RuleProcessor48H       Rule = "PROC_48H"
	RuleNIS2Warning24H     Rule = "NIS2_24H"
	RuleNIS2Notice72H      Rule = "NIS2_72H"
	RuleBreach72H1182      Rule = "BREACH_72H_1182"
	RuleNIS2Final1M        Rule = "NIS2_FINAL_1M"
	RuleZUP15D             Rule = "ZUP_15D"
	RuleRetention5Y        Rule = "RET_5Y"
	RuleRetention1Y        Rule = "RET_1Y"
	RuleRetention6M        Rule = "RET_6M"
	RuleZVOP22Log2Y        Rule = "ZVOP22_LOG_2Y"
	RuleZVOP22Log5Y        Rule = "ZVOP22_LOG_5Y"
	RuleNotice3M           Rule = "NOTICE_3M"
	RulePassword3M         Rule = "PASSWORD_3M"
	RuleLicenceIdle1Y      Rule = "LICENCE_IDLE_1Y"
	RuleReturnData30D      Rule = "RETURN_DATA_30D"
	RuleForceMajeure2D     Rule = "FORCE_MAJEURE_2D"
	RuleSaopResponse7D     Rule = "SAOP_RESPONSE_7D"
	RuleOnboardTraining7D  Rule = "ONBOARD_TRAINING_7D"
	RuleMaintenanceNotice  Rule = "MAINT_NOTICE_6H"
	RuleTermsNotice3D      Rule = "TERMS_NOTICE_3D"
	RuleTermsWithdraw5D    Rule = "TERMS_WITHDRAW_5D"
	RuleSubprocessorNotice Rule = "SUBPROC_NOTICE_7D"
	RuleAuditNotice30D     Rule = "AUDIT_NOTICE_30D"
	RuleEKCOpen            Rule = "EKC_OPEN"
	RuleSaopOpen           Rule = "SAOP_OPEN"
)

// Definition is what a rule code stands for. Exactly one of Term and Week is
// set.
type Definition struct {
	Rule  Rule
	From  string       // what the period starts with
	Term  Term         // zero for opening hours
	Week  Week         // zero for terms
	Law   string       // for opening hours; a term carries its own
	Home  Jurisdiction // of a national law that has no force elsewhere; empty for Union law and contracts
	Cites []string     // the rules of the seed documents behind it
}

// Validate returns [ErrRule] unless the code is of the closed set.
func (r Rule) Validate() error {
	if _, ok := definitions[r]; !ok {
		return ErrRule
	}
	return nil
}

// Define returns the definition of a rule, or [ErrRule].
func Define(rule Rule) (Definition, error) {
	d, ok := definitions[rule]
	if !ok {
		return Definition{}, ErrRule
	}
	return d, nil
}

// Options changes what is counted by. The zero Options is the law as it
// stands, without pauses.
type Options struct {
	// Calendar carries a pack's overrides; the zero Calendar is that of the
	// jurisdiction. One of another jurisdiction is [ErrJurisdiction].
	Calendar Calendar
	// Pauses stop forward terms; see [Pause].
	Pauses []Pause
}

// Compute returns the limit of a rule for an event at start. It is the whole
// of `okence due`. A national rule asked for the other jurisdiction is
// counted by that one's zone and holidays, and a step says that the law is
// foreign there. Errors: [ErrJurisdiction], [ErrRule], [ErrStart],
// [ErrPause].
func Compute(j Jurisdiction, rule Rule, start time.Time, opts Options) (Result, error) {
	if err := j.Validate(); err != nil {
		return Result{}, err
	}
	def, err := Define(rule)
	if err != nil {
		return Result{}, err
	}
	cal := opts.Calendar
	if cal.jurisdiction == "" {
		cal.jurisdiction = j
	}
	if cal.jurisdiction != j {
		return Result{}, ErrJurisdiction
	}
	var r Result
	if def.Term.Kind == "" {
		r, err = def.open(cal, start, opts.Pauses)
	} else {
		r, err = def.Term.From(cal, start, opts.Pauses...)
	}
	if err != nil {
		return Result{}, err
	}
	r.Rule = rule
	if rule == RuleBreach72H {
		r.showOuterBound(def.Term, cal)
	}
	if def.Home != "" && def.Home != j {
		r.step(r.Steps[0].Law, "a rule of "+string(def.Home)+" without force in "+string(j)+": only zone and holidays are taken from there", r.End)
	}
	return r, nil
}

// showOuterBound adds the reading by full hours (Regulation 1182/71, art.
// 3(1)), on which commentators disagree: the earlier instant stands.
func (r *Result) showOuterBound(t Term, cal Calendar) {
	outer, err := t.FromFullHour().From(cal, r.Start)
	if err != nil {
		return // can't be: the same term has just been counted
	}
	r.step(t.Regime.cite().dayZero, "outer bound, counted from the next full hour; the earlier instant, counted from awareness, stands", outer.End)
}

func (d Definition) open(cal Calendar, start time.Time, pauses []Pause) (Result, error) {
	if len(pauses) > 0 {
		return Result{}, ErrPause
	}
	r, err := begin(cal, start)
	if err != nil {
		return Result{}, err
	}
	hours, err := NewServiceHours(d.Week, cal)
	if err != nil {
		return Result{}, err
	}
	return r, hours.explainOpening(&r, d.Law)
}
