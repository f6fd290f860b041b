package breach

import (
	"time"

	"github.com/okence/okence/shared/domain/severity"
)

// Risk is the risk to the rights and freedoms of natural persons, as a named
// officer decided. A score is never one.
type Risk string

// Risks: art. 33(1) frees from the notice where a risk is unlikely; art. 34(1)
// adds the persons where it is likely high.
const (
	Unlikely Risk = "unlikely"
	Likely   Risk = "risk"
	HighRisk Risk = "high"
)

// Validate reports whether r is one of the risks above.
func (r Risk) Validate() error { return in("risk", r, Unlikely, Likely, HighRisk) }

// Assessment is one scoring, with all that led to it. It proposes and decides
// nothing.
type Assessment struct {
	No       int               `json:"no"`
	By       Person            `json:"by"`
	At       time.Time         `json:"at"`
	Reasons  map[string]string `json:"reasons"` // by input: "ei", "confidentiality" ...
	Result   severity.Result   `json:"result"`  // holds the input
	Proposal severity.Proposal `json:"proposal"`
}

// Advice is the data protection officer's (GDPR art. 39(1)).
type Advice struct {
	No   int       `json:"no"`
	By   Person    `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// DecisionKind says what was decided. The set is closed.
type DecisionKind string

// Kinds of decision.
const (
	DecideRisk    DecisionKind = "risk"
	DecideInstant DecisionKind = "instant"
	DecideRole    DecisionKind = "role"
	DecidePersons DecisionKind = "persons" // art. 34(3): no message to persons
	DecideNIS2    DecisionKind = "nis2"
	DecidePart    DecisionKind = "part" // whose part the breach is in (K26)
	DecideRelease DecisionKind = "release"
	DecideClose   DecisionKind = "close"
)

// Decision is what a named officer decided, and why.
type Decision struct {
	Kind     DecisionKind `json:"kind"`
	Value    string       `json:"value"`
	Relation string       `json:"relation,omitempty"`
	Instant  int          `json:"instant,omitempty"`
	By       Person       `json:"by"`
	At       time.Time    `json:"at"`
	Reason   string       `json:"reason"`
	Advice   int          `json:"advice,omitempty"` // the newest advice when it was taken
}

// Assess scores the breach by ENISA's method. No clock moves. The reasons are
// those of the inputs that carry none of their own; each named input needs one.
func (c *Case) Assess(input severity.Input, reasons map[string]string, table severity.Table, by Person, now time.Time) (Assessment, error) {
	for _, name := range []string{"data", "ei", "confidentiality", "integrity", "availability"} {
		if reasons[name] == "" {
			return Assessment{}, ErrReason
		}
	}
	r, err := severity.Score(input)
	if err != nil {
		return Assessment{}, err
	}
	p, err := severity.Propose(r, table)
	if err != nil {
		return Assessment{}, err
	}
	a := Assessment{No: len(c.Assessments) + 1, By: by, At: now.UTC(), Reasons: reasons, Result: r, Proposal: p}
	if err := c.act(by, "assessed", string(r.Level), now); err != nil {
		return Assessment{}, err
	}
	c.Assessments = append(c.Assessments, a)
	return a, nil
}

// Advise records the data protection officer's advice.
func (c *Case) Advise(text string, by Person, now time.Time) (Advice, error) {
	if by.Role != DPORole || by.ID == "" {
		return Advice{}, ErrDPO
	}
	if text == "" {
		return Advice{}, ErrReason
	}
	if err := c.act(by, "advised", "", now); err != nil {
		return Advice{}, err
	}
	a := Advice{No: len(c.Advices) + 1, By: by, At: now.UTC(), Text: text}
	c.Advices = append(c.Advices, a)
	return a, nil
}

// DecideRisk is an officer's decision. "Risk unlikely" is the only thing that
// ends a clock to an authority, and it follows the data protection officer's
// advice: given after the newest assessment, if there is one. Deciding again
// starts the clocks anew from the same awareness.
func (c *Case) DecideRisk(r Risk, by Person, reason string, now time.Time) error {
	if err := r.Validate(); err != nil {
		return err
	}
	if reason == "" {
		return ErrReason
	}
	if r == Unlikely && !c.advised() {
		return ErrAdvice
	}
	if err := c.decide(by, "risk_decided", string(r), now); err != nil {
		return err
	}
	c.Decisions = append(c.Decisions, Decision{Kind: DecideRisk, Value: string(r), By: by, At: now.UTC(), Reason: reason, Advice: len(c.Advices)})
	c.Risk = r
	return nil
}

func (c *Case) advised() bool {
	if len(c.Advices) == 0 {
		return false
	}
	last := c.Advices[len(c.Advices)-1]
	return len(c.Assessments) == 0 || !last.At.Before(c.Assessments[len(c.Assessments)-1].At)
}

// Exemption is a ground of art. 34(3) for no message to the persons.
type Exemption string

// Grounds. With Effort a public notice takes the message's place.
const (
	UnintelligibleData Exemption = "unintelligible"          // (a)
	RiskRemoved        Exemption = "risk_removed"            // (b)
	Effort             Exemption = "disproportionate_effort" // (c)
	NotExempt          Exemption = "none"                    // takes an earlier ground back; also the authority's order (34(4))
)

// Validate reports whether e is one of the grounds above.
func (e Exemption) Validate() error {
	return in("exemption", e, UnintelligibleData, RiskRemoved, Effort, NotExempt)
}

// Exempt decides that persons are not told one by one.
func (c *Case) Exempt(e Exemption, by Person, reason string, now time.Time) error {
	if err := e.Validate(); err != nil {
		return err
	}
	return c.note(DecidePersons, string(e), by, reason, now)
}

// Exemption is the ground that stands, or NotExempt.
func (c *Case) Exemption() Exemption {
	if d := c.last(DecidePersons); d != nil {
		return Exemption(d.Value)
	}
	return NotExempt
}

// BindNIS2 starts or ends the clocks of directive 2022/2555 art. 23(4).
func (c *Case) BindNIS2(on bool, by Person, reason string, now time.Time) error {
	value := map[bool]string{true: "bound", false: "not_bound"}[on]
	if err := c.note(DecideNIS2, value, by, reason, now); err != nil {
		return err
	}
	c.NIS2 = on
	return nil
}

// Submit records that an officer handed a report of NIS2 to the CSIRT, whose own
// entrance takes it.
func (c *Case) Submit(t Task, by Person, reason string, now time.Time) error {
	if !c.NIS2 || (t != NIS2Warning && t != NIS2Notice && t != NIS2Final) {
		return ErrUnknown
	}
	if err := c.note(DecideNIS2, string(t), by, reason, now); err != nil {
		return err
	}
	c.Finish(Name(t, ""), "", false, now)
	return nil
}

func (c *Case) note(k DecisionKind, value string, by Person, reason string, now time.Time) error {
	if reason == "" {
		return ErrReason
	}
	if err := c.decide(by, string(k)+"_decided", value, now); err != nil {
		return err
	}
	c.Decisions = append(c.Decisions, Decision{Kind: k, Value: value, By: by, At: now.UTC(), Reason: reason, Advice: len(c.Advices)})
	return nil
}

func (c *Case) last(k DecisionKind) *Decision {
	for i := len(c.Decisions) - 1; i >= 0; i-- {
		if c.Decisions[i].Kind == k {
			return &c.Decisions[i]
		}
	}
	return nil
}
