package policy

import (
	"time"

	"github.com/okence/okence/shared/domain/period"
)

// NoticeBy is until when a change of terms that takes effect at an instant is to
// be told: the end of the last day that leaves the agreed days between (saopnet
// 13.2; S09). A pack that agrees on none gets the three days of that clause.
func (c Changes) NoticeBy(j period.Jurisdiction, effect time.Time) (period.Result, error) {
	return before(c.Notice, period.RuleTermsNotice3D, j, effect)
}

// WithdrawBy is until when a party may withdraw from terms that take effect at
// an instant (exclusive, UTC). Told in time, by the end of the agreed day before
// (saopnet 13.3: the fifth; S09). Told when that day was over, which the same
// terms allow, until the later day that the pack gives in its place: the clause
// would end the right before anybody knew of it. A pack that agrees on none gets
// the fifth day, and the day before.
func (c Changes) WithdrawBy(j period.Jurisdiction, effect, told time.Time) (time.Time, error) {
	r, err := before(c.Withdraw, period.RuleTermsWithdraw5D, j, effect)
	if err != nil || !r.Expired(told) {
		return r.End.UTC(), err
	}
	late := c.WithdrawLate
	if late.IsZero() && c.Withdraw.IsZero() {
		late = Span{1, Day}
	}
	if late.IsZero() { // the agreed day is never over before the last day of notice
		return r.End.UTC(), nil
	}
	r, err = before(late, "", j, effect)
	return r.End.UTC(), err
}

// before counts an agreed span back from an instant, or a rule where none is
// agreed.
func before(s Span, rule period.Rule, j period.Jurisdiction, effect time.Time) (period.Result, error) {
	if s.IsZero() {
		return period.Compute(j, rule, effect, period.Options{})
	}
	term, err := s.Notice()
	if err != nil {
		return period.Result{}, err
	}
	cal, err := period.NewCalendar(j)
	if err != nil {
		return period.Result{}, err
	}
	return term.From(cal, effect)
}
