package retention

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// schedule is a tenant's retention schedule, ready to be applied.
type schedule struct {
	terms *policy.Terms
	cal   period.Calendar
	rules []*retention.Rule // by id
	ends  map[endOf]time.Time
}

// endOf: what runs since one local day under one rule ends at one instant.
type endOf struct {
	rule string
	day  period.Date
}

func (f *function) schedule(tenant string) (*schedule, error) {
	pack, err := f.env.Policy.ForTenant(tenant)
	if err != nil {
		return nil, err
	}
	now := f.env.Work.Now()
	terms := pack.At(now)
	cal, err := terms.Calendar()
	if err != nil {
		return nil, err
	}
	s := &schedule{terms: terms, cal: cal, ends: map[endOf]time.Time{}}
	for id, r := range terms.Retention {
		rule := &retention.Rule{
			ID: id, Store: string(r.Store), Of: string(r.Of), Class: string(r.Class), Trigger: string(r.Trigger), Act: string(r.Action),
			Clause: pack.Cite("retention."+id+".period", now),
		}
		if r.Trigger == policy.ContractEnd {
			rule.AtOnce = true // once it was returned; the period bounds the return
		} else if rule.Term, rule.AtOnce, err = r.Term(); err != nil {
			return nil, err
		}
		s.rules = append(s.rules, rule)
	}
	slices.SortFunc(s.rules, func(a, b *retention.Rule) int { return cmpString(a.ID, b.ID) })
	return s, nil
}

func cmpString(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (s *schedule) rule(id string) *retention.Rule {
	for _, r := range s.rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// ruleFor is the rule for data of a class of person in a store: the one that
// names the class of person before the one for anyone. A contract's end is a
// rule beside it.
func (s *schedule) ruleFor(storeName, of, class string) *retention.Rule {
	for _, id := range s.terms.RetentionFor(policy.System(storeName), policy.Class(of)) {
		if r := s.rule(id); r.Class == class && r.Trigger != string(policy.ContractEnd) {
			return r
		}
	}
	return nil
}

// due reports whether what runs since an instant is out of its retention at
// another. The end is computed once for each local day.
func (s *schedule) due(r *retention.Rule, since, now time.Time) (bool, error) {
	if r.AtOnce {
		return !now.Before(since), nil
	}
	k := endOf{r.ID, period.DateOf(since.In(s.cal.Location()))}
	end, ok := s.ends[k]
	if !ok {
		var err error
		if end, err = r.End(s.cal, since); err != nil {
			return false, err
		}
		s.ends[k] = end
	}
	return !now.Before(end), nil
}

// decide rechecks an item within the unit that would treat it.
func (s *schedule) decide(ctx context.Context, u *work.Unit, it retention.Item, l retention.Life) (retention.Verdict, error) {
	r := s.rule(it.Rule)
	if r == nil { // the pack has changed since the plan
		return retention.Verdict{}, nil
	}
	facts, err := erasure.Facts(ctx, u, l.Subject)
	if err != nil {
		return retention.Verdict{}, err
	}
	facts.Case = it.ID
	if err := erasure.Case(ctx, u, it, &facts); err != nil {
		return retention.Verdict{}, err
	}
	switch r.Trigger {
	case retention.InactiveSince:
		if facts.Servant, err = erasure.Status(ctx, u, l.Subject); err != nil {
			return retention.Verdict{}, err
		}
	case string(policy.ContractEnd):
		if l.Since, err = contractEnd(ctx, u, it); err != nil {
			return retention.Verdict{}, err
		}
	default:
		if mine := s.ruleFor(l.Store, l.Of, l.Class); mine == nil || mine.ID != r.ID {
			return retention.Verdict{}, nil // another rule has come to apply
		}
	}
	return retention.Decide(r, s.cal, l, facts)
}

// contractEnd is when what an item holds may be destroyed: the end of its
// contract, once the data were returned.
func contractEnd(ctx context.Context, u *work.Unit, it retention.Item) (time.Time, error) {
	item, ok, err := u.Clear(ctx, work.Named(record.ByName(it.Kind), it.ID))
	if err != nil || !ok {
		return time.Time{}, err
	}
	i, ok := item.(*collection.Item)
	if !ok {
		return time.Time{}, nil
	}
	c, ok, err := work.Find(ctx, u, record.Contracts, i.ContractID)
	if err != nil || !ok || !mayGo(c, u.Now()) {
		return time.Time{}, err
	}
	return c.DueAt(), nil
}
