package breach

import (
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

// Limit is one limit of the terms, with the clause that it stands under. AtOnce
// ("without undue delay" that the terms do not put into hours) has no term: its
// task is due from its start on.
type Limit struct {
	Term   period.Term
	AtOnce bool
	Law    string // "ekc sec. 7.14; GDPR art. 33(1)"
	Rule   string // code of rules B5, or rule id
}

func (l Limit) none() bool { return !l.AtOnce && l.Term.Kind == "" }

// Terms are what binds our organisation and one party, at the instant that the
// clocks start.
type Terms struct {
	Calendar    period.Calendar
	Authority   Limit  // GDPR art. 33(1)
	Processor   Limit  // GDPR art. 33(2)
	Contractual bool   // the processor's hours stand in the contract; else they are ours (rules A8)
	TellOther   Limit  // K26
	Agree       Limit  // K26: whose part it is in
	TellFirst   string // clause of K27; "" where none asks for it
	Persons     string // clause of the notice to persons: GDPR art. 34(1)
	FollowUp    string // clause of further phases: GDPR art. 33(4)
	NIS2Warning Limit
	NIS2Notice  Limit
	NIS2Final   Limit // counts from the notification
	Warn        []float64
}

// Task is what a clock asks for.
type Task string

// Tasks.
const (
	TellAuthority  Task = "authority"    // notify the supervisory authority
	TellController Task = "controller"   // as processor: tell the controller, and nobody else
	TellOther      Task = "other"        // tell the other joint controller
	Agree          Task = "agree"        // settle whose part the breach is in
	JointNotice    Task = "joint_notice" // notify the authority jointly
	TellPersons    Task = "persons"      // art. 34
	PublicNotice   Task = "public"       // art. 34(3)(c)
	NIS2Warning    Task = "nis2_warning"
	NIS2Notice     Task = "nis2_notification"
	NIS2Final      Task = "nis2_final"
	FurtherPhase   Task = "follow_up" // art. 33(4)
)

// ClockState says where a clock stands.
type ClockState string

// States. A clock that is due past its end is overdue.
const (
	Due   ClockState = "due"
	Kept  ClockState = "done"
	Ended ClockState = "ended" // it no longer asks, by a decision or an agreement on record
)

// Clock is a task with its limit.
type Clock struct {
	Name        string        `json:"name"` // "breach.authority.ekc"
	Task        Task          `json:"task"`
	Relation    string        `json:"relation,omitempty"`
	StartAt     time.Time     `json:"start_at"`
	EndAt       time.Time     `json:"end_at"` // exclusive; StartAt where AtOnce
	AtOnce      bool          `json:"at_once,omitempty"`
	Law         string        `json:"law"`
	Rule        string        `json:"rule,omitempty"`
	Contractual bool          `json:"contractual"` // false: law, or a choice of the product where the terms are silent
	State       ClockState    `json:"state"`
	Why         string        `json:"why,omitempty"` // of Ended
	DoneAt      time.Time     `json:"done_at,omitzero"`
	Late        bool          `json:"late,omitempty"`
	Steps       []period.Step `json:"steps,omitempty"`
	Warn        []float64     `json:"-"`
}

// Overdue reports whether what the clock asks for is late and not done.
func (k Clock) Overdue(now time.Time) bool { return k.State == Due && !now.Before(k.EndAt) }

// Name is the name of the clock of a task, under a pack where there is one: lower
// case letters, digits, dots and underscores, as names of limits are.
func Name(t Task, pack string) string {
	if pack == "" {
		return "breach." + string(t)
	}
	return "breach." + string(t) + "." + strings.ReplaceAll(pack, "-", "_")
}

// Clocks are all that run in the case, at once: for each relation what our role
// asks of us under its terms (by pack), then what the case as a whole asks. The
// same case and terms always give the same clocks. It fails only where a term
// can't be counted.
func (c *Case) Clocks(terms map[string]Terms) ([]Clock, error) {
	var out []Clock
	add := func(t Task, rel string, l Limit, start time.Time, tm Terms) error {
		if l.none() || start.IsZero() {
			return nil
		}
		k := Clock{Name: Name(t, rel), Task: t, Relation: rel, StartAt: start.UTC(), EndAt: start.UTC(), AtOnce: l.AtOnce, Law: l.Law, Rule: l.Rule, State: Due, Warn: tm.Warn}
		if !l.AtOnce {
			r, err := l.Term.From(tm.Calendar, start)
			if err != nil {
				return err
			}
			k.EndAt, k.Steps = r.End.UTC(), r.Steps
		}
		if d := c.done(k.Name); d != nil {
			k.State, k.DoneAt = Kept, d.At
			k.Late = !k.AtOnce && !d.At.Before(k.EndAt)
		}
		out = append(out, k)
		return nil
	}
	aware, _ := c.At(Aware)
	var law Terms // of the case as a whole: those of the first relation as controller
	for _, rel := range c.Relations {
		tm := terms[rel.Pack]
		if rel.Role == Processor {
			start, ok := c.At(ProcessorAware)
			if !ok || (!aware.IsZero() && aware.Before(start)) {
				start = aware
			}
			if err := add(TellController, rel.Pack, tm.Processor, start, tm); err != nil {
				return nil, err
			}
			out[len(out)-1].Contractual = tm.Contractual
			continue
		}
		if law.Persons == "" {
			law = tm
		}
		if rel.Role == Joint {
			if err := add(TellOther, rel.Pack, tm.TellOther, aware, tm); err != nil {
				return nil, err
			}
			if c.Source == FromPartner && out[len(out)-1].State == Due { // K26: unless told by it
				out[len(out)-1].State, out[len(out)-1].Why = Ended, "the other party told us (K26)"
			}
			if err := add(Agree, rel.Pack, tm.Agree, aware, tm); err != nil {
				return nil, err
			}
		}
		if err := add(TellAuthority, rel.Pack, tm.Authority, aware, tm); err != nil {
			return nil, err
		}
	}
	if law.Persons != "" && c.Risk == HighRisk {
		task := TellPersons
		if c.Exemption() == Effort {
			task = PublicNotice
		}
		if err := add(task, "", Limit{AtOnce: true, Law: law.Persons}, c.highSince(), law); err != nil {
			return nil, err
		}
	}
	if c.NIS2 {
		for _, n := range []struct {
			task  Task
			limit Limit
			start time.Time
		}{{NIS2Warning, law.NIS2Warning, aware}, {NIS2Notice, law.NIS2Notice, aware}, {NIS2Final, law.NIS2Final, c.doneAt(Name(NIS2Notice, ""))}} {
			if err := add(n.task, "", n.limit, n.start, law); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range c.FollowUps {
		k := Clock{Name: f.Name, Task: FurtherPhase, Relation: f.Relation, StartAt: f.Since, EndAt: f.DueAt, Law: f.Law, State: Due, Warn: law.Warn}
		if d := c.done(f.Name); d != nil {
			k.State, k.DoneAt, k.Late = Kept, d.At, !d.At.Before(k.EndAt)
		}
		out = append(out, k)
	}
	for i := range out {
		c.end(&out[i])
	}
	return c.jointly(out), nil
}

// end withdraws what decisions on record have ended. A score is none of them,
// and what a processor owes its controller no decision of ours ends.
func (c *Case) end(k *Clock) {
	if k.State != Due {
		return
	}
	switch {
	case k.Task == TellAuthority && c.Risk == Unlikely:
		k.State, k.Why = Ended, "risk unlikely, decided by a named officer (GDPR art. 33(1))"
	case k.Task == TellPersons && (c.Exemption() == UnintelligibleData || c.Exemption() == RiskRemoved):
		k.State, k.Why = Ended, "exempt, decided by a named officer (GDPR art. 34(3))"
	case k.Task == Agree && c.Risk == Unlikely:
		k.State, k.Why = Ended, "nothing is to be notified"
	}
}

func (c *Case) doneAt(task string) time.Time {
	if d := c.done(task); d != nil {
		return d.At
	}
	return time.Time{}
}

// highSince is when the high risk that stands was first decided.
func (c *Case) highSince() (at time.Time) {
	for _, d := range c.Decisions {
		if d.Kind != DecideRisk {
			continue
		}
		switch {
		case d.Value != string(HighRisk):
			at = time.Time{}
		case at.IsZero():
			at = d.At
		}
	}
	return at
}
