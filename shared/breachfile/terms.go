package breachfile

import (
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/severity"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
)

// dated are the terms under which a relation stands: of the agreement that
// covers the service, or of the pack.
func dated(set *policy.Set, rel breach.Relation) (policy.Dated, error) {
	p, ok := set.Pack(rel.Pack)
	if !ok {
		return nil, fault.New(fault.Invalid, "breach: there is no pack %q", rel.Pack)
	}
	if rel.Service == "" {
		return p, nil
	}
	return p.ForService(rel.Service), nil
}

// Terms are what binds us under each relation of a case, as in force when its
// clocks start, with the clause of each.
func Terms(set *policy.Set, c *breach.Case) (map[string]breach.Terms, error) {
	out := map[string]breach.Terms{}
	for _, rel := range c.Relations {
		at, _ := c.At(breach.Aware)
		if p, ok := c.At(breach.ProcessorAware); ok && rel.Role == breach.Processor {
			at = p
		}
		d, err := dated(set, rel)
		if err != nil {
			return nil, err
		}
		if out[rel.Pack], err = termsOf(d, at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func termsOf(d policy.Dated, at time.Time) (t breach.Terms, err error) {
	terms := d.At(at)
	b := terms.Breach
	if t.Calendar, err = terms.Calendar(); err != nil {
		return t, err
	}
	cite := func(path string) string { return d.Cite("breach."+path, at) }
	for _, l := range []struct {
		into *breach.Limit
		span policy.Span
		path string
		rule string
	}{
		{&t.Authority, b.Authority.Within, "authority.within", b.Authority.Code},
		{&t.Processor, b.Processor.Within, "processor.within", b.Processor.Code},
		{&t.TellOther, b.Joint.TellOther, "joint.tell_other", "K26"},
		{&t.Agree, b.Joint.Agree, "joint.agree", "K26"},
		{&t.NIS2Warning, b.NIS2.Warning, "nis2.warning", "NIS2_24H"},
		{&t.NIS2Notice, b.NIS2.Notification, "nis2.notification", "NIS2_72H"},
		{&t.NIS2Final, b.NIS2.Final, "nis2.final", "NIS2_FINAL_1M"},
	} {
		switch {
		case l.span.IsZero() && l.path == "joint.tell_other": // told without undue delay, whatever the pack says
			*l.into = breach.Limit{AtOnce: true, Law: "GDPR art. 26", Rule: l.rule}
			continue
		case l.span.IsZero():
			continue
		case l.span.N == 0:
			*l.into = breach.Limit{AtOnce: true, Law: cite(l.path), Rule: l.rule}
			continue
		}
		term, err := l.span.Term()
		if err != nil {
			return t, err
		}
		*l.into = breach.Limit{Term: term, Law: cite(l.path), Rule: l.rule}
	}
	t.Contractual = b.Processor.Contractual != nil && *b.Processor.Contractual
	if b.Joint.TellBeforeCall != nil && *b.Joint.TellBeforeCall {
		t.TellFirst = cite("joint.tell_before_call")
	}
	t.Persons, t.FollowUp, t.Warn = cite("persons.when"), "GDPR art. 33(4)", b.Warn
	return t, nil
}

// Table is the pack's mapping of ENISA levels to duties: a proposal, never a
// decision.
func Table(t *policy.Terms) severity.Table {
	table := severity.Table{}
	for _, l := range []severity.Level{severity.Low, severity.Medium, severity.High, severity.VeryHigh} {
		table[l] = []severity.Duty{severity.Register}
		if slices.Contains(t.Breach.Severity.Authority, string(l)) {
			table[l] = append(table[l], severity.Authority)
		}
		if slices.Contains(t.Breach.Severity.Persons, string(l)) {
			table[l] = append(table[l], severity.Persons)
		}
	}
	return table
}

// Relate is our role under a pack, as the pack's processings have it: where it
// has several, joint controller before processor before controller, as the pack
// is what we agreed with others; an officer may decide otherwise. fault.Invalid:
// there is no such pack, or it does not say who we are.
func Relate(set *policy.Set, pack, service string, at time.Time) (breach.Relation, error) {
	rel := breach.Relation{Pack: pack, Service: service}
	d, err := dated(set, rel)
	if err != nil {
		return rel, err
	}
	terms := d.At(at)
	if rel.We = terms.Breach.Us; rel.We == "" {
		rel.We = "controller"
	}
	order := []policy.Role{policy.JointController, policy.Processor, policy.Controller}
	best := len(order)
	for _, name := range sortedNames(terms.Processings) {
		p := terms.Processings[name]
		ours, ok := p.Roles[rel.We]
		rank := slices.Index(order, ours)
		if !ok || !p.On() || rank < 0 || rank >= best {
			continue
		}
		best, rel.Role, rel.Other = rank, breach.Role(ours), ""
		for _, party := range sortedNames(p.Roles) {
			if party != rel.We && rel.Other == "" {
				rel.Other = party
			}
		}
	}
	if best == len(order) {
		return rel, fault.New(fault.Invalid, "breach: pack %q gives us no role", pack)
	}
	return rel, nil
}

func sortedNames[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Recipient is an office that a notice goes to.
type Recipient struct {
	Party string `json:"party"` // id in the pack, or "authority"
	Name  string `json:"name"`
	Email string `json:"email,omitempty"` // "" where the pack only says where it stands
	DPO   bool   `json:"dpo,omitempty"`
	Where string `json:"where,omitempty"`
	Law   string `json:"law,omitempty"`
}

// RecipientOf is who is told under a relation: the authority, or the other
// party's data protection officer, else its contact (M09). What an officer has
// entered where the pack only refers comes first.
func RecipientOf(set *policy.Set, rel breach.Relation, to breach.Addressee, at time.Time) (Recipient, error) {
	d, err := dated(set, rel)
	if err != nil {
		return Recipient{}, err
	}
	terms := d.At(at)
	if to == breach.ToAuthority {
		return Recipient{Party: "authority", Name: terms.Authority.Name, Email: terms.Authority.Email, Law: d.Cite("authority.email", at)}, nil
	}
	p := terms.Parties[rel.Other]
	r := Recipient{Party: rel.Other, Name: p.Name, Law: d.Cite("breach.processor.to", at)}
	if rel.ContactEmail != "" {
		r.Email = rel.ContactEmail
		if rel.ContactName != "" {
			r.Name = rel.ContactName
		}
		return r, nil
	}
	for _, office := range []struct {
		reach policy.Reach
		dpo   bool
	}{{p.DPO, true}, {p.Duty, false}, {p.Custodian, false}} {
		if r.Email == "" && office.reach.Email != "" {
			r.Email, r.DPO = office.reach.Email, office.dpo
		}
		if r.Where == "" {
			r.Where = office.reach.Where
		}
	}
	if r.Email == "" {
		r.Email = p.Email
	}
	if r.Email != "" {
		r.Where = ""
	}
	return r, nil
}
