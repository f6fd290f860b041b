package host

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
)

const (
	// longPeriod is the period from which a schedule's runs are instants of
	// their own on a manual clock. Shorter ones only look for what is due, and
	// run at every instant at which something is.
	longPeriod = 24 * time.Hour
	// maxRounds bounds how often what falls due at one instant may make
	// something else fall due at that same instant.
	maxRounds = 1000
)

// Settle does all that is due at the clock's present instant, and returns when
// nothing is under way: short schedules fire, a schedule of a day or more once
// for each of its periods, and every event that follows has been handled or has
// failed and waits in the outbox. What that makes fall due at once is done too.
func (l *Local) Settle(ctx context.Context) error {
	var all []error
	for range maxRounds {
		if err := l.Idle(ctx); err != nil {
			return err
		}
		all = append(all, l.fire(ctx), l.Idle(ctx))
		at, err := l.nextDue(ctx, time.Time{})
		if all = append(all, err); errors.Join(all...) != nil || at.IsZero() || at.After(l.Env.Work.Now()) {
			return errors.Join(all...)
		}
	}
	return fault.New(fault.Internal, "what falls due makes more fall due at the same instant, again and again")
}

// Advance moves a manual clock to an instant, through every instant before it at
// which something falls due: the next stage of a limit, the next run of a
// schedule of a day or more, and whatever that leads to. set moves the clock.
// Each is done at its own instant, and nothing is waited for in between.
func (l *Local) Advance(ctx context.Context, to time.Time, set func(time.Time) bool) error {
	// What is due now is done now, and not as late as the clock will stand: the
	// processing log is sealed within the hour.
	if err := l.Settle(ctx); err != nil {
		return err
	}
	for {
		at, err := l.NextStep(ctx)
		if err != nil {
			return err
		}
		if last := at.IsZero() || at.After(to); last {
			at = to
		}
		if !set(at) {
			return ErrBackward
		}
		if err := l.Settle(ctx); err != nil || at.Equal(to) {
			return err
		}
	}
}

// ErrBackward says that a clock was to be moved back.
var ErrBackward error = fault.New(fault.Invalid, "time only moves forward")

// NextStep is the next instant, after now, at which something falls due; zero:
// nothing will. Systems that know each other move together by it.
func (l *Local) NextStep(ctx context.Context) (time.Time, error) {
	now := l.Env.Work.Now().UTC()
	first, err := l.nextDue(ctx, now.Add(time.Nanosecond))
	for _, f := range l.Functions {
		for _, s := range f.Manifest.Schedules {
			if s.Every >= longPeriod {
				first = earlier(first, now.Truncate(s.Every).Add(s.Every))
			}
		}
	}
	return first, err
}

// nextDue is when something falls due by time first, from an instant on.
func (l *Local) nextDue(ctx context.Context, from time.Time) (first time.Time, err error) {
	for _, f := range l.Functions {
		if f.NextDue == nil {
			continue
		}
		for tenant := range l.Env.Tenants {
			at, err := f.NextDue(ctx, tenant, from)
			if err != nil {
				return first, err
			}
			first = earlier(first, at)
		}
	}
	return first, nil
}

// earlier is the earlier of two instants that may be none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// fire lets every schedule run at the clock's instant.
func (l *Local) fire(ctx context.Context) error {
	var all []error
	now := l.Env.Work.Now().UTC()
	for _, f := range l.Functions {
		for _, s := range f.Manifest.Schedules {
			if s.Every < longPeriod {
				all = append(all, l.tick(ctx, f, s, now, l.again()))
				continue
			}
			if at := now.Truncate(s.Every); l.ran[s.Type].Before(at) {
				l.ran[s.Type] = at
				all = append(all, l.tick(ctx, f, s, at, ""))
			}
		}
	}
	return errors.Join(all...)
}

// again ends the id of an event that may be sent more than once at one instant
// of a manual clock, in this process or a later one.
func (l *Local) again() string {
	l.fired++
	return ":" + l.run + "-" + strconv.Itoa(l.fired)
}

// newRun names a process.
func newRun() string { return strings.ToLower(rand.Text()[:8]) }
