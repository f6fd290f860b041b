package dsar

import (
	"context"
	"fmt"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// The limits of a request.
const (
	answerLimit    = "request.answer"    // the final answer (K21)
	extensionLimit = "request.extension" // the person has the reasons of an extension
	identityLimit  = "request.identity"  // the person answers who they are
	handoverLimit  = "request.handover"  // the other controller confirms
	meetingLimit   = "request.meeting"   // joint controllers settle who answers
	eraseLimit     = "request.erase"     // a granted erasure waits for its letter no longer
)

// aboutRequest is what the limits and letters of a request are about.
func aboutRequest(id string) deadline.Ref { return deadline.Ref{Kind: record.Requests.Name, ID: id} }

// keep saves a request and makes its limits say what it says.
func (f *function) keep(ctx context.Context, u *work.Unit, m *matter) error {
	work.Save(u, record.Requests, m.Request)
	if err := guard(ctx, u, m.Request); err != nil {
		return err
	}
	if err := lead(ctx, u, m.Request); err != nil {
		return err
	}
	due := m.Clock.DueAt
	if err := f.limit(ctx, u, m, answerLimit, m.ReceivedAt, due, m.answerState()); err != nil {
		return err
	}
	if x := m.Clock.Extension; x != nil {
		s := deadline.Running
		switch {
		case !x.ToldAt.IsZero():
			s = deadline.Met
		case x.Lapsed || m.State.Closed():
			s = deadline.Withdrawn
		}
		if err := f.limit(ctx, u, m, extensionLimit, x.At, m.Clock.TellBy, s); err != nil {
			return err
		}
	}
	if asked := m.Identity.AskedAt; !asked.IsZero() {
		s := deadline.Running
		if !m.Identity.ProvedAt.IsZero() {
			s = deadline.Met
		} else if m.State.Closed() {
			s = deadline.Withdrawn
		}
		if err := f.limit(ctx, u, m, identityLimit, asked, m.waits(asked), s); err != nil {
			return err
		}
	}
	if i := m.Item(dsar.Key{Right: dsar.Erasure, Scope: dsar.Data}); i != nil && i.Erasing != nil {
		s := deadline.Running
		if !i.Erasing.OrderedAt.IsZero() {
			s = deadline.Met
		}
		if err := f.limit(ctx, u, m, eraseLimitOf(i.Erasing.Pass), i.Erasing.ToldAt, i.Erasing.Until, s); err != nil {
			return err
		}
	}
	return f.between(ctx, u, m)
}

// between keeps the limits that run between two controllers.
func (f *function) between(ctx context.Context, u *work.Unit, m *matter) error {
	for _, h := range append([]dsar.Handover{}, m.Handovers...) {
		if h.Case == dsar.Theirs {
			s := deadline.Running
			if h.State != dsar.Sent {
				s = deadline.Met
			}
			if err := f.limit(ctx, u, m, handoverLimit, h.At, h.At.Add(m.terms.Meeting()), s); err != nil {
				return err
			}
		}
		if err := f.meeting(ctx, u, m, h); err != nil {
			return err
		}
	}
	if m.Origin != nil {
		return f.meeting(ctx, u, m, *m.Origin)
	}
	return nil
}

// meeting is the tracked task of settling who answers (K20 3a, 3b).
func (f *function) meeting(ctx context.Context, u *work.Unit, m *matter, h dsar.Handover) error {
	if h.MeetingBy.IsZero() {
		return nil
	}
	s := deadline.Running
	if h.State != dsar.Disputed {
		s = deadline.Met
	}
	return f.limit(ctx, u, m, meetingLimit, h.At, h.MeetingBy, s)
}

// answered reports whether the person has the final answer: all is carried out, or
// only an erasure that was answered beforehand is left.
func (m *matter) answered() bool {
	return m.State == dsar.Answered || m.State == dsar.Carrying && m.Informed()
}

// eraseLimitOf names the limit of a pass of an erasure: each has one of its own.
func eraseLimitOf(pass int) string {
	if pass == 1 {
		return eraseLimit
	}
	return fmt.Sprintf("%s.%d", eraseLimit, pass)
}

func (m *matter) answerState() deadline.State {
	switch {
	case m.State == dsar.Dismissed || m.State == dsar.Forwarded:
		return deadline.Withdrawn
	case m.answered():
		return deadline.Met
	case !m.Clock.PausedAt.IsZero():
		return deadline.Paused
	}
	return deadline.Running
}

// waits is by when a question about identity is to be answered.
func (m *matter) waits(asked time.Time) time.Time {
	term, err := m.terms.Requests.Verify.Wait.Term()
	if err != nil {
		return asked
	}
	r, err := term.Under("okence default").From(m.limits.Calendar, asked)
	if err != nil {
		return asked
	}
	return r.End.UTC()
}

// limit brings one limit where it should be.
func (f *function) limit(ctx context.Context, u *work.Unit, m *matter, name string, start, end time.Time, s deadline.State) error {
	about, now, warn := aboutRequest(m.ID), u.Now(), m.terms.Breach.Warn
	l, there, err := work.Find(ctx, u, record.Limits, deadline.ID(about, name))
	if err != nil {
		return err
	}
	changed := false
	if there && name == answerLimit && l.State == deadline.Met && s == deadline.Running { // what was told proved impossible: it is to be answered after all
		there = false
	}
	if !there {
		if s == deadline.Met || s == deadline.Withdrawn {
			return nil
		}
		l, changed = deadline.New(about, name, start, end, warn...), true
		l.Party, l.Law = m.us, "GDPR art. 12(3)"
	}
	l.StartAt = start.UTC()
	switch s {
	case deadline.Paused:
		changed = l.Pause(now) || changed
	case deadline.Met:
		changed = l.Meet(now) || changed
	case deadline.Withdrawn:
		changed = l.Withdraw(now) || changed
	default:
		if l.State == deadline.Paused {
			changed = l.Resume(now, end, warn...) || changed
		} else {
			changed = l.Move(now, end, warn...) || changed
		}
	}
	if changed {
		work.Save(u, record.Limits, l)
	}
	return nil
}
