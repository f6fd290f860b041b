package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/period"
)

// This file hands what a pack says about data-subject requests to domain/dsar.

// RequestTerms are the limits of a request (GDPR art. 12(3); K21, P20). Periods in
// months roll to the next working day, those in days are a contract's and do not.
func (t *Terms) RequestTerms() (dsar.Terms, error) {
	q := t.Requests
	out := dsar.Terms{Suspends: q.Suspend != nil && *q.Suspend}
	var err error
	if out.Calendar, err = t.Calendar(); err != nil {
		return out, err
	}
	for _, s := range []Span{q.Answer.Within, q.Answer.Days} {
		if s.IsZero() {
			continue
		}
		term, err := s.request("GDPR art. 12(3)")
		if err != nil {
			return out, err
		}
		out.Answer = append(out.Answer, term)
	}
	if out.Total, err = q.Extension.Total.request("GDPR art. 12(3), second sentence"); err != nil {
		return out, err
	}
	if out.Tell, err = q.Extension.TellWithin.request("GDPR art. 12(3), third sentence"); err != nil {
		return out, err
	}
	out.Ask, err = q.Verify.AskWithin.request("GDPR art. 12(6); EDPB Guidelines 01/2022, sec. 5.3")
	return out, err
}

func (s Span) request(law string) (period.Term, error) {
	term, err := s.Term()
	switch {
	case err != nil:
		return term, err
	case term.Unit == period.Month || term.Unit == period.Year:
		return term.Under(law).Rolled(), nil
	}
	return term.Under(law).By(period.RegimeContract), nil
}

// CodeTerms bound one-time codes.
func (t *Terms) CodeTerms() dsar.CodeTerms {
	v := t.Requests.Verify
	life, _ := v.CodeLife.Elapsed()
	rest, _ := v.CodeRest.Elapsed()
	return dsar.CodeTerms{Life: life, Tries: v.CodeTries, Rest: rest}
}

// Meeting is how soon joint controllers meet where they do not agree who answers.
func (t *Terms) Meeting() time.Duration {
	d, _ := t.Requests.Routing.Meeting.Elapsed()
	return d
}

// EraseAfter is how long a granted erasure, or the lifting of a restriction, waits
// for its letter to leave.
func (t *Terms) EraseAfter() time.Duration {
	d, _ := t.Requests.EraseAfter.Elapsed()
	return d
}

// Competence is who answers a right over a scope, and how far.
func (t *Terms) Competence(k dsar.Key) (Competence, bool) {
	c, ok := t.Requests.Competence[Scope(k.Scope)][Right(k.Right)]
	return c, ok
}

// ControllerFor is the controller of a class of person's data where us only
// processes it (GDPR art. 28(3)(e); S12, L06): "" where us answers itself, in any
// processing of that class.
func (t *Terms) ControllerFor(us string, class Class) string {
	if class == "" {
		class = t.Classes.Default
	}
	controller := ""
	for _, id := range sortedKeys(t.Processings) {
		p := t.Processings[id]
		if !p.On() || !slices.Contains(p.Subjects, class) {
			continue
		}
		switch p.Roles[us] {
		case Controller, JointController:
			return ""
		case Processor, SubProcessor:
			for _, party := range sortedKeys(p.Roles) {
				if r := p.Roles[party]; r == Controller || r == JointController {
					controller = party
				}
			}
		}
	}
	return controller
}

// OtherController is the joint controller beside us, or "".
func (t *Terms) OtherController(us string) string {
	for _, id := range sortedKeys(t.Processings) {
		p := t.Processings[id]
		if p.Roles[us] != JointController {
			continue
		}
		for _, party := range sortedKeys(p.Roles) {
			if party != us && p.Roles[party] == JointController {
				return party
			}
		}
	}
	return ""
}

// Self is the party that a deployment acts as where nothing else is set: the one
// that the pack makes competent for access, else its processor, else its
// controller.
func (t *Terms) Self() string {
	if c, ok := t.Competence(dsar.Key{Right: dsar.Access, Scope: dsar.Data}); ok && c.By != dsar.Granter {
		return c.By
	}
	for _, role := range []Role{Processor, Controller} {
		for _, id := range sortedKeys(t.Processings) {
			for _, party := range sortedKeys(t.Processings[id].Roles) {
				if t.Processings[id].Roles[party] == role {
					return party
				}
			}
		}
	}
	return ""
}

// PartyVariable is the environment variable that names the party of the pack that
// a deployment acts as for a tenant.
func PartyVariable(tenant string) string {
	return "OKENCE_PARTY_" + strings.ToUpper(strings.ReplaceAll(tenant, "-", "_"))
}
