package breach

import "time"

// Part says whose part of the processing a breach is in, from our side (K26).
type Part string

// Parts.
const (
	Ours   Part = "ours"
	Theirs Part = "theirs"
	Both   Part = "both" // each notifies for its own part
)

// Validate reports whether p is one of the parts above.
func (p Part) Validate() error { return in("part", p, Ours, Theirs, Both) }

// Mirror is the part as the other side sees it.
func (p Part) Mirror() Part {
	switch p {
	case Ours:
		return Theirs
	case Theirs:
		return Ours
	}
	return p
}

// AgreementState says how two joint controllers stand.
type AgreementState string

// States, in the order in which an agreement that fails passes through them.
const (
	Unsettled AgreementState = "open"
	Agreed    AgreementState = "agreed"
	JointDue  AgreementState = "joint_due" // not agreed in time: a joint notice falls due
	EachOwn   AgreementState = "each_own"  // that failing, each notifies by itself
)

// Saying is one side's word on whose part it is, from our point of view.
type Saying struct {
	By     Person    `json:"by"`
	At     time.Time `json:"at"`
	Part   Part      `json:"part"`
	Reason string    `json:"reason,omitempty"`
}

// Agreement is how the part was settled under one relation.
type Agreement struct {
	Relation string         `json:"relation"`
	State    AgreementState `json:"state"`
	Part     Part           `json:"part,omitempty"` // once agreed
	Ours     []Saying       `json:"ours,omitempty"`
	Theirs   []Saying       `json:"theirs,omitempty"`
	LapsedAt time.Time      `json:"lapsed_at,omitzero"`
	FailedAt time.Time      `json:"failed_at,omitzero"`
}

// Agreement is the one under a joint relation, made when first asked for; nil
// where the relation is none.
func (c *Case) Agreement(pack string) *Agreement {
	if r := c.Relation(pack); r == nil || r.Role != Joint {
		return nil
	}
	for i := range c.Agreements {
		if c.Agreements[i].Relation == pack {
			return &c.Agreements[i]
		}
	}
	c.Agreements = append(c.Agreements, Agreement{Relation: pack, State: Unsettled})
	return &c.Agreements[len(c.Agreements)-1]
}

// Say records our officer's word. It is agreed once both sides say the same.
func (c *Case) Say(pack string, p Part, by Person, reason string, now time.Time) error {
	a := c.Agreement(pack)
	if a == nil {
		return ErrNotOurs
	}
	if err := p.Validate(); err != nil {
		return err
	}
	if reason == "" {
		return ErrReason
	}
	if err := c.decide(by, "part_said", pack, now); err != nil {
		return err
	}
	c.Decisions = append(c.Decisions, Decision{Kind: DecidePart, Value: string(p), Relation: pack, By: by, At: now.UTC(), Reason: reason})
	a.Ours = append(a.Ours, Saying{by, now.UTC(), p, reason})
	c.settle(a, now)
	return nil
}

// Hear records the other side's word, already mirrored to our point of view: by
// its event, or as an officer took it down.
func (c *Case) Hear(pack string, p Part, by Person, reason string, now time.Time) error {
	a := c.Agreement(pack)
	if a == nil {
		return ErrNotOurs
	}
	if err := p.Validate(); err != nil {
		return err
	}
	if err := c.act(by, "part_heard", pack, now); err != nil {
		return err
	}
	a.Theirs = append(a.Theirs, Saying{by, now.UTC(), p, reason})
	c.settle(a, now)
	return nil
}

func (c *Case) settle(a *Agreement, now time.Time) {
	if a.State == EachOwn || len(a.Ours) == 0 || len(a.Theirs) == 0 {
		return
	}
	if p := a.Ours[len(a.Ours)-1].Part; p == a.Theirs[len(a.Theirs)-1].Part {
		a.State, a.Part = Agreed, p
		c.Finish(Name(Agree, a.Relation), "", false, now)
	}
}

// Lapse says that the time to agree is over: a joint notice falls due. It
// reports whether that changed anything.
func (c *Case) Lapse(pack string, now time.Time) bool {
	a := c.Agreement(pack)
	if a == nil || a.State != Unsettled || c.State != Open || c.Risk == Unlikely {
		return false
	}
	a.State, a.LapsedAt = JointDue, now.UTC()
	c.History = append(c.History, Step{now.UTC(), Person{ID: "breach", Role: "function"}, "joint_notice_due", pack})
	return true
}

// Fail says that a joint notice is not possible either: each notifies by
// itself. An officer says so, or the last warning before the authority's limit
// passes without one. It reports whether that changed anything.
func (c *Case) Fail(pack string, by Person, now time.Time) bool {
	a := c.Agreement(pack)
	if a == nil || a.State != JointDue || c.State != Open || c.done(Name(JointNotice, pack)) != nil {
		return false
	}
	a.State, a.FailedAt = EachOwn, now.UTC()
	c.History = append(c.History, Step{now.UTC(), by, "each_notifies_by_itself", pack})
	return true
}

// jointly puts the agreements into the clocks. Until a joint notice has failed,
// it is what the authority's limit asks for; what the other side has taken on
// itself, we need not do.
func (c *Case) jointly(clocks []Clock) []Clock {
	out := clocks[:0:0]
	for _, k := range clocks {
		a := c.peek(k.Relation)
		if a == nil {
			out = append(out, k)
			continue
		}
		if k.Task == Agree && k.State == Due && (a.State == JointDue || a.State == EachOwn) {
			k.State, k.Why = Ended, "not agreed in time (K26)"
		}
		if k.Task == TellAuthority {
			joint := c.done(Name(JointNotice, k.Relation))
			switch {
			case joint != nil && k.State == Due:
				k.State, k.DoneAt, k.Late = Kept, joint.At, !joint.At.Before(k.EndAt)
			case a.State == Agreed && a.Part == Theirs && k.State == Due:
				k.State, k.Why = Ended, "agreed to be in the other party's part (K26)"
			}
			if a.State == JointDue || joint != nil {
				j := k
				j.Name, j.Task = Name(JointNotice, k.Relation), JointNotice
				out = append(out, j)
			}
		}
		out = append(out, k)
	}
	return out
}

func (c *Case) peek(pack string) *Agreement {
	for i := range c.Agreements {
		if pack != "" && c.Agreements[i].Relation == pack {
			return &c.Agreements[i]
		}
	}
	return nil
}
