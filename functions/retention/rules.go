package retention

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/period"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// schedule is a tenant's retention schedule, ready to be applied: the general
// terms, and those of the agreements that differ.
type schedule struct {
	cal    period.Calendar
	terms  *policy.Terms
	rules  []*retention.Rule // of all terms, by id
	plain  own
	agreed map[string]own // by service, where an agreement has terms of its own
	ends   map[endOf]time.Time

	archival *erasure.Archival // what is offered to an archive first
}

// own are the rules of one set of terms.
type own struct {
	terms *policy.Terms
	byID  map[string]*retention.Rule // by the pack's id

	byLife map[home]*retention.Rule // what ruleFor answers most
}

// home is what a rule is about.
type home struct{ store, of, class string }

// ready prepares what ruleFor answers.
func (o own) ready() {
	for _, r := range o.terms.Retention {
		for _, of := range persons {
			h := home{string(r.Store), string(of), string(r.Class)}
			o.byLife[h] = o.seek(h)
		}
	}
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
	s := &schedule{terms: terms, cal: cal, plain: own{terms, map[string]*retention.Rule{}, map[home]*retention.Rule{}}, agreed: map[string]own{}, ends: map[endOf]time.Time{}, archival: erasure.ArchivalOf(pack)}
	for id, r := range terms.Retention {
		if s.plain.byID[id], err = ruleOf(id, r, pack.RetentionClause(id, now)); err != nil {
			return nil, err
		}
		s.rules = append(s.rules, s.plain.byID[id])
	}
	s.plain.ready()
	for _, name := range pack.Agreements() {
		if err := s.agree(pack, name, now); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(s.rules, func(a, b *retention.Rule) int { return strings.Compare(a.ID, b.ID) })
	return s, nil
}

func ruleOf(id string, r policy.Retention, clause string) (*retention.Rule, error) {
	rule := &retention.Rule{
		ID: id, Store: string(r.Store), Of: string(r.Of), Class: string(r.Class), Trigger: string(r.Trigger), Act: string(r.Action), Clause: clause,
	}
	if r.Trigger == policy.ContractEnd {
		rule.AtOnce = true // once it was returned; the period bounds the return
		return rule, nil
	}
	var err error
	rule.Term, rule.AtOnce, err = r.Term()
	return rule, err
}

func (s *schedule) rule(id string) *retention.Rule {
	i, ok := slices.BinarySearchFunc(s.rules, id, func(r *retention.Rule, id string) int { return strings.Compare(r.ID, id) })
	if !ok {
		return nil
	}
	return s.rules[i]
}

// ruleFor is the rule for data of a class of person in a store: the one that
// names the class of person before the one for anyone. A contract's end is a
// rule beside it.
func (o own) ruleFor(storeName, of, class string) *retention.Rule {
	if r, ok := o.byLife[home{storeName, of, class}]; ok {
		return r
	}
	return o.seek(home{storeName, of, class})
}

func (o own) seek(h home) *retention.Rule {
	for _, id := range o.terms.RetentionFor(policy.System(h.store), policy.Class(h.of)) {
		if r := o.byID[id]; r != nil && r.Class == h.class && r.Trigger != string(policy.ContractEnd) {
			return r
		}
	}
	return nil
}

// due reports whether what runs since an instant is out of its retention at
// another.
func (s *schedule) due(r *retention.Rule, since, now time.Time) (bool, error) {
	end, err := s.end(r, since)
	return err == nil && !now.Before(end), err
}

// end is when what runs since an instant is out of its retention. It is computed
// once for each local day.
func (s *schedule) end(r *retention.Rule, since time.Time) (time.Time, error) {
	if r.AtOnce {
		return since, nil
	}
	k := endOf{r.ID, period.DateOf(since.In(s.cal.Location()))}
	if end, ok := s.ends[k]; ok {
		return end, nil
	}
	end, err := r.End(s.cal, since)
	if err == nil && s.ends != nil { // no cache is shared by several hands
		s.ends[k] = end
	}
	return end, err
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
	if err := erasure.Case(ctx, u, it, &facts, s.archival); err != nil {
		return retention.Verdict{}, err
	}
	if r.Trigger != string(policy.ContractEnd) {
		if mine, err := s.mine(l); err != nil || mine == nil || mine.ID != r.ID {
			return retention.Verdict{}, err // another rule has come to apply
		}
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
