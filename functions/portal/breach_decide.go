package portal

import (
	"context"
	"time"

	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/severity"
	"github.com/okence/okence/shared/work"
)

// changeBreach loads a case, lets fn change it, and stores it with its limits.
func (f *function) changeBreach(ctx context.Context, u *work.Unit, c *call, body any, fn func(*breach.Case, breach.Person) error) (*breach.Case, error) {
	if err := decode(c.body, body); err != nil {
		return nil, err
	}
	b, err := loadBreach(ctx, u, c)
	if err != nil {
		return nil, err
	}
	if err := fn(b, breach.Person{ID: u.Actor().ID, Role: string(u.Actor().Role)}); err != nil {
		return nil, breachProblem(err)
	}
	_, err = breachfile.Save(ctx, u, f.env.Policy, b)
	return b, err
}

// changed is changeBreach that answers with the case.
func (f *function) changed(ctx context.Context, u *work.Unit, c *call, body any, fn func(*breach.Case, breach.Person) error) (answer, error) {
	b, err := f.changeBreach(ctx, u, c, body, fn)
	if err != nil {
		return answer{}, err
	}
	v, err := f.viewBreach(c.who.Tenant, b, u.Now())
	return answer{body: v}, err
}

func (f *function) describeBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in breach.Facts
	return f.changed(ctx, u, c, &in, func(b *breach.Case, by breach.Person) error { return b.Describe(in, by, u.Now()) })
}

func (f *function) enterBreachInstant(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in struct {
		Kind   breach.InstantKind `json:"kind"`
		At     time.Time          `json:"at"`
		Reason string             `json:"reason"`
	}
	return f.changed(ctx, u, c, &in, func(b *breach.Case, by breach.Person) error {
		_, err := b.Enter(in.Kind, in.At, by, in.Reason, u.Now())
		return err
	})
}

// decisionBody is an officer's decision (schema BreachDecisionRequest).
type decisionBody struct {
	Kind     string          `json:"kind"`
	Value    string          `json:"value"`
	Reason   string          `json:"reason"`
	Instant  int             `json:"instant"`
	Relation string          `json:"relation"`
	Contact  *breach.Contact `json:"contact"` // of the other party, where the pack only refers; kind role
	Service  string          `json:"service"`
}

func (f *function) decideBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in decisionBody
	return f.changed(ctx, u, c, &in, func(b *breach.Case, by breach.Person) error { return f.decideIn(b, in, by, u.Now()) })
}

func (f *function) decideIn(b *breach.Case, in decisionBody, by breach.Person, now time.Time) error {
	if in.Reason == "" {
		return breach.ErrReason
	}
	switch in.Kind {
	case "risk":
		return b.DecideRisk(breach.Risk(in.Value), by, in.Reason, now)
	case "instant":
		if in.Value != "accepted" && in.Value != "rejected" {
			return breach.ErrUnknown
		}
		return b.Rule(in.Instant, in.Value == "accepted", by, in.Reason, now)
	case "persons":
		return b.Exempt(breach.Exemption(in.Value), by, in.Reason, now)
	case "nis2":
		if in.Value != "bound" && in.Value != "not_bound" {
			return breach.ErrUnknown
		}
		return b.BindNIS2(in.Value == "bound", by, in.Reason, now)
	case "nis2_submitted":
		return b.Submit(breach.Task(in.Value), by, in.Reason, now)
	case "part":
		return b.Say(in.Relation, breach.Part(in.Value), by, in.Reason, now)
	case "part_heard":
		return b.Hear(in.Relation, breach.Part(in.Value), by, in.Reason, now)
	case "joint":
		if in.Value != "failed" || !b.Fail(in.Relation, by, now) {
			return breach.ErrUnknown
		}
		return nil
	case "reopen":
		return b.Reopen(by, in.Reason, now)
	case "role":
		rel, err := breachfile.Relate(f.env.Policy, in.Relation, in.Service, now)
		if err != nil {
			return err
		}
		if in.Value != "" {
			rel.Role = breach.Role(in.Value)
		}
		if in.Contact != nil {
			rel.ContactName, rel.ContactEmail = in.Contact.Name, in.Contact.Email
		}
		return b.Relate(rel, by, in.Reason, now)
	}
	return breach.ErrUnknown
}

func (f *function) adviseBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in struct {
		Text string `json:"text"`
	}
	return f.changed(ctx, u, c, &in, func(b *breach.Case, by breach.Person) error {
		_, err := b.Advise(in.Text, by, u.Now())
		return err
	})
}

func (f *function) closeBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in struct {
		Reason string `json:"reason"`
	}
	return f.changed(ctx, u, c, &in, func(b *breach.Case, by breach.Person) error {
		clocks, err := breachfile.Clocks(f.env.Policy, b)
		if err != nil {
			return err
		}
		return b.Close(clocks, by, in.Reason, u.Now())
	})
}

// assessBreach scores by the table of the tenant's pack.
func (f *function) assessBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var in struct {
		Input   severity.Input    `json:"input"`
		Reasons map[string]string `json:"reasons"`
	}
	var a breach.Assessment
	_, err := f.changeBreach(ctx, u, c, &in, func(b *breach.Case, by breach.Person) error {
		terms, err := f.env.Terms(c.who.Tenant)
		if err != nil {
			return err
		}
		a, err = b.Assess(in.Input, in.Reasons, breachfile.Table(terms), by, u.Now())
		return err
	})
	return answer{body: a}, err
}

func (f *function) getBreachAssessment(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	b, err := loadBreach(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	return answer{body: list[breach.Assessment]{Items: filledList(b.Assessments)}}, nil
}
