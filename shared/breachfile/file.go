package breachfile

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Ref is what the limits of a case are about: a drill's are told apart.
func Ref(c *breach.Case) deadline.Ref {
	if c.Drill {
		return deadline.Ref{Kind: "drill", ID: c.ID}
	}
	return deadline.Ref{Kind: record.Breaches.Name, ID: c.ID}
}

// Clocks are the case's, under the terms in force.
func Clocks(set *policy.Set, c *breach.Case) ([]breach.Clock, error) {
	terms, err := Terms(set, c)
	if err != nil {
		return nil, err
	}
	return c.Clocks(terms)
}

// Save stores a case with the limits of its clocks: those new run, those done
// are met, those that a decision on record ended are withdrawn, and a start that
// was corrected moves its limit. It is idempotent.
func Save(ctx context.Context, u *work.Unit, set *policy.Set, c *breach.Case) ([]breach.Clock, error) {
	clocks, err := Clocks(set, c)
	if err != nil {
		return nil, err
	}
	ref := Ref(c)
	refs := make([]work.Ref, len(clocks))
	for i, k := range clocks {
		refs[i] = work.Of(record.Limits, deadline.ID(ref, k.Name))
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return nil, err
	}
	for _, k := range clocks {
		l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(ref, k.Name))
		if err != nil {
			return nil, err
		}
		if !ok || (k.State == breach.Due && !l.Open()) || !l.StartAt.Equal(k.StartAt) {
			told := 0
			if ok && l.EndAt.Equal(k.EndAt) {
				told = l.Told
			}
			fresh := deadline.New(ref, k.Name, k.StartAt, k.EndAt, warn(k)...)
			fresh.Party, fresh.Rule, fresh.Law, fresh.Told = k.Relation, k.Rule, k.Law, told
			if !ok && k.State == breach.Ended { // it never ran
				continue
			}
			*l = *fresh
		}
		switch k.State {
		case breach.Kept:
			l.Meet(k.DoneAt)
			l.Late = k.Late
		case breach.Ended:
			l.Withdraw(u.Now())
		default:
			l.Move(u.Now(), k.EndAt, warn(k)...)
		}
		work.Save(u, record.Limits, l)
	}
	if err := withdraw(ctx, u, ref, clocks); err != nil {
		return nil, err
	}
	work.Save(u, record.Breaches, c)
	return clocks, nil
}

// warn are the shares at which a clock warns: none where it is due at once.
func warn(k breach.Clock) []float64 {
	if k.AtOnce {
		return nil
	}
	return k.Warn
}

// withdraw ends the limits of clocks that the case has no longer: another role,
// another ground.
func withdraw(ctx context.Context, u *work.Unit, ref deadline.Ref, clocks []breach.Clock) error {
	page, err := work.Scan(ctx, u, record.Limits, store.Query{Index: record.ByNode, Partition: ref.ID, Limit: store.MaxPage})
	if err != nil {
		return err
	}
	for _, l := range page.Items {
		if l.About != ref || !l.Open() || slices.ContainsFunc(clocks, func(k breach.Clock) bool { return k.Name == l.Name }) {
			continue
		}
		held, ok, err := work.Find(ctx, u, record.Limits, l.ID)
		if err != nil {
			return err
		}
		if ok && held.Withdraw(u.Now()) {
			work.Save(u, record.Limits, held)
		}
	}
	return nil
}

// Refusal is the fault that a rule's refusal is to a caller.
func Refusal(err error) error {
	if err == nil || fault.Of(err) != fault.Internal {
		return err
	}
	return fault.New(fault.Invalid, "%s", err)
}
