package desk

import (
	"context"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/target"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// The targets of a ticket, as their limits are called (K01, S05): somebody has
// begun; it is solved.
const (
	ResponseLimit   = "ticket.response"
	ResolutionLimit = "ticket.resolution"
)

// TargetLimits are both.
var TargetLimits = []string{ResponseLimit, ResolutionLimit}

// Settle brings the limits of a ticket's targets in line with the ticket as it is
// now. Whoever changes a ticket's state, urgency or service calls it once, in the
// same unit; doing it again changes nothing. Targets are those of the terms that
// were in force when the ticket was reported. One that ends while it is met or
// missed keeps that: deadline.Limit's Late and EndedAt.
func Settle(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) error {
	spec, err := For(env, u.Tenant(), t.Service, t.ReportAt)
	if err != nil {
		return err
	}
	response, resolution := spec.Terms.Within(t.Service, t.Urgency)
	if err := settle(ctx, u, spec, t, ResponseLimit, response, target.Fact{DoneAt: t.BegunAt}); err != nil {
		return err
	}
	f := target.Fact{DoneAt: t.ResolvedAt}
	f.Dropped = f.DoneAt.IsZero() && !t.State.Open() // a duplicate, or cancelled
	return settle(ctx, u, spec, t, ResolutionLimit, resolution, f)
}

// settle deals with one target. Without a length there is none, and one that
// another urgency had is withdrawn.
func settle(ctx context.Context, u *work.Unit, spec Specification, t *ticket.Ticket, name string, within policy.Span, f target.Fact) error {
	about := targetRef(t)
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(about, name))
	if err != nil || !ok && (within.IsZero() || f != target.Fact{}) {
		return err
	}
	var course target.Course
	if within.IsZero() {
		f.Dropped = f.DoneAt.IsZero()
	} else if course, err = courseOf(spec, t, within); err != nil {
		return fault.New(fault.Internal, "desk: %s", err)
	}
	warn, changed := spec.Terms.TargetsFor(t.Service).Warn, true
	if !ok {
		l, err = target.Open(course, about, name, t.ReportAt, u.Now(), warn...)
	} else {
		changed, err = target.Settle(l, course, f, u.Now(), warn...)
	}
	if err != nil {
		return fault.New(fault.Internal, "desk: %s", err)
	}
	if !changed {
		return nil
	}
	l.Rule, l.Law, l.Party = "K01", spec.cite("targets."+strings.TrimPrefix(name, "ticket.")+"."+strconv.Itoa(t.Urgency)), spec.Service.Custodian
	if l.Law == "" { // a support contract's response time
		l.Rule, l.Law = "S05", spec.cite("operations.response")
	}
	if t.Level < 2 {
		l.Party = string(policy.Supervisor)
	}
	work.Save(u, record.Limits, l)
	return nil
}

// courseOf is how the time of a target passes: in minutes and hours by the opening
// hours that the terms name, else by the calendar.
func courseOf(spec Specification, t *ticket.Ticket, within policy.Span) (target.Course, error) {
	length, ok := within.Elapsed()
	hours, err := spec.Terms.Open(spec.Terms.TargetsFor(t.Service).Hours)
	if ok && err == nil {
		return target.Target{Start: t.ReportAt, Length: length, Hours: hours, Pauses: t.Rests}, nil
	}
	cal, err := spec.Terms.Calendar()
	if err != nil {
		return nil, err
	}
	term, err := within.Term()
	return target.Days{Start: t.ReportAt, Term: term, Calendar: cal, Pauses: t.Rests}, err
}

// Targets are the limits of a ticket's targets, open or ended; those that it has.
func Targets(ctx context.Context, u *work.Unit, t *ticket.Ticket) ([]*deadline.Limit, error) {
	var refs []work.Ref
	for _, name := range TargetLimits {
		refs = append(refs, work.Of(record.Limits, deadline.ID(targetRef(t), name)))
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return nil, err
	}
	var out []*deadline.Limit
	for _, name := range TargetLimits {
		l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(targetRef(t), name))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, l)
		}
	}
	return out, nil
}

func targetRef(t *ticket.Ticket) deadline.Ref {
	return deadline.Ref{Kind: record.Tickets.Name, ID: t.ID}
}
