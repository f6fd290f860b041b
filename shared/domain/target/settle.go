package target

import (
	"time"

	"github.com/okence/okence/shared/domain/deadline"
)

// Course is how the time of a target passes: Target, or Days.
type Course interface {
	// End is when it is over, UTC. ok is false while a pause lasts, unless it was
	// over before.
	End() (end time.Time, ok bool, err error)

	rests() (upTo Course, yes bool)
	stages(end time.Time, warn []float64) ([]deadline.Stage, error)
}

// Fact is how far the work has come with what a target asks for.
type Fact struct {
	DoneAt  time.Time // zero: not done
	Dropped bool      // nobody asks for it any more
}

// Open is the limit of a course that begins. One that rests already is paused.
func Open(c Course, about deadline.Ref, name string, start, now time.Time, warn ...float64) (*deadline.Limit, error) {
	l := deadline.New(about, name, start, start)
	if err := run(l, c, now, time.Time{}, warn, func(end time.Time) bool { l.EndAt = end; return true }); err != nil {
		return nil, err
	}
	return l, nil
}

// Settle brings the limit of a course in line with what has happened by now: met,
// withdrawn, paused, running on, moved to another end, or open again. It reports
// whether that changed anything; doing it again changes nothing. Warnings that lie
// in the past are left out where the end moves, the end never. A limit whose time
// was over before the pause is not paused: it stays overdue.
func Settle(l *deadline.Limit, c Course, f Fact, now time.Time, warn ...float64) (bool, error) {
	switch {
	case !f.DoneAt.IsZero():
		return l.Meet(f.DoneAt), nil
	case f.Dropped:
		return l.Withdraw(now), nil
	}
	before := *l
	err := run(l, c, now, now, warn, func(end time.Time) bool {
		switch l.State {
		case deadline.Running:
			return l.Move(now, end)
		case deadline.Paused:
			return l.Resume(now, end)
		}
		return l.Reopen(now, end)
	})
	return err == nil && (l.State != before.State || !l.EndAt.Equal(before.EndAt)), err
}

// run sets the end by way of set, and the stages after an instant where that
// changed something; or pauses what rests.
func run(l *deadline.Limit, c Course, now, after time.Time, warn []float64, set func(end time.Time) bool) error {
	end, ok, err := c.End()
	if err != nil {
		return err
	}
	if !ok {
		if l.State == deadline.Paused {
			return nil // when it goes on, its end is computed
		}
		if c, ok = c.rests(); !ok {
			return ErrPauses
		}
		if end, _, err = c.End(); err != nil {
			return err
		}
		defer l.Pause(now)
	}
	if !set(end) {
		return nil
	}
	stages, err := c.stages(end, warn)
	if err != nil {
		return err
	}
	l.Stages = nil
	for _, s := range stages {
		if s.At.After(after) {
			l.Stages = append(l.Stages, s)
		}
	}
	l.Stages = append(l.Stages, deadline.Stage{Name: deadline.Due, At: end})
	return nil
}
