package retention

import (
	"maps"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
)

// What agreements say otherwise than the general terms, for the services that
// they cover (ekc 2.3, 7.1). A record says which services it is about
// (retention.Life.Services): a ticket's its own, a conversation's those of the
// tickets about it.

// agree adds an agreement's rules, where they are not the general ones (ekc 2.3,
// 7.1: agreements override the general terms).
func (s *schedule) agree(pack *policy.Pack, name string, now time.Time) error {
	a, _ := pack.Agreement(name)
	o := own{a.At(now), map[string]*retention.Rule{}, map[home]*retention.Rule{}}
	for id, r := range o.terms.Retention {
		plain := s.plain.byID[id]
		rule, err := ruleOf(policy.AgreedRule(id, name), r, pack.RetentionClause(policy.AgreedRule(id, name), now))
		if err != nil {
			return err
		}
		if plain != nil && same(plain, rule) || r.Trigger == policy.ContractEnd { // a contract's end has a limit of its own: contract.go
			o.byID[id] = plain
			continue
		}
		o.byID[id] = rule
		s.rules = append(s.rules, rule)
	}
	o.ready()
	for _, service := range a.Services {
		if _, first := s.agreed[service]; !first && pack.ForService(service) == policy.Dated(a) {
			s.agreed[service] = o
		}
	}
	return nil
}

// same reports whether two rules say the same.
func same(a, b *retention.Rule) bool {
	x, y := *a, *b
	x.ID, y.ID, x.Clause, y.Clause = "", "", "", ""
	return x == y
}

// mine is the rule for a life: the general one, or that of the agreement which
// covers its service. What is about several services is kept as long as any of
// them may need it.
func (s *schedule) mine(l retention.Life) (*retention.Rule, error) {
	var rules []*retention.Rule
	for _, service := range l.Services {
		if r := s.under(service).ruleFor(l.Store, l.Of, l.Class); r != nil && !slices.Contains(rules, r) {
			rules = append(rules, r)
		}
	}
	if len(l.Services) == 0 {
		return s.plain.ruleFor(l.Store, l.Of, l.Class), nil
	}
	if len(rules) == 0 {
		return nil, nil
	}
	longest, last := rules[0], time.Time{}
	for _, r := range rules {
		if len(rules) == 1 || l.Since.IsZero() {
			break
		}
		end, err := s.end(r, l.Since)
		if err != nil {
			return nil, err
		}
		if end.After(last) {
			longest, last = r, end
		}
	}
	return longest, nil
}

// under are the terms for a service.
func (s *schedule) under(service string) own {
	if o, ok := s.agreed[service]; ok {
		return o
	}
	return s.plain
}

// instead lists the rules that agreements have instead of a general one.
func (s *schedule) instead(r *retention.Rule) (out []*retention.Rule) {
	for _, o := range s.agreed {
		if mine := o.ruleFor(r.Store, r.Of, r.Class); mine != nil && mine.ID != r.ID && !slices.Contains(out, mine) {
			out = append(out, mine)
		}
	}
	return out
}

// perhaps reports whether what runs since an instant may be due, whatever it is
// about: by the rule, or by one that an agreement has instead.
func (s *schedule) perhaps(r *retention.Rule, since, now time.Time) (bool, error) {
	due, err := s.due(r, since, now)
	if err != nil || due || len(s.agreed) == 0 {
		return due, err
	}
	for _, other := range s.instead(r) {
		if due, err = s.due(other, since, now); err != nil || due {
			break
		}
	}
	return due, err
}

// agreedWalks look through what is about a service under an agreement's own rule.
func (s *schedule) agreedWalks(r *retention.Rule, k *record.Shape, of string) (out []walk) {
	for _, service := range slices.Sorted(maps.Keys(s.agreed)) {
		if k.Agreed && s.agreed[service].ruleFor(r.Store, of, r.Class) == r {
			life := record.LifePartition(k.Name, r.Store, of, r.Class)
			out = append(out, walk{r, k, record.ByAgreement, record.AgreedPartition(life, service)})
		}
	}
	return out
}

// walked reports whether a life is found under an agreement's own rule, and so
// not also under the general one.
func (s *schedule) walked(k *record.Shape, l retention.Life) bool {
	o, ok := s.agreed[record.AgreedOf(l)]
	return ok && k.Agreed && o.ruleFor(l.Store, l.Of, l.Class) != s.plain.ruleFor(l.Store, l.Of, l.Class)
}

// early reports whether what is walked through may be due where it runs since an
// instant: kinds that do not stand in ByAgreement are found by the shortest term.
func (p *planner) early(w walk, since time.Time) (bool, error) {
	if w.kind.Agreed {
		return p.due(w.rule, since, p.sweep.AsOf)
	}
	return p.perhaps(w.rule, since, p.sweep.AsOf)
}
