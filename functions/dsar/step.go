package dsar

import (
	"context"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/work"
)

// step handles dsar.step.taken: somebody changed a request at the portal, and
// this follows.
func (f *function) step(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DsarStepTaken](e)
	if err != nil {
		return err
	}
	m, err := f.load(ctx, u, d.Request)
	if err != nil {
		return err
	}
	switch d.Step {
	case events.StepConfirmed:
		return f.proceed(ctx, u, m)
	case events.StepRouted:
		if err := f.route(ctx, u, m); err != nil {
			return err
		}
	case events.StepAccepted:
		return f.accept(ctx, u, m)
	case events.StepDisputed:
		return f.dispute(ctx, u, m)
	case events.StepNamed:
		return f.nominate(ctx, u, m, d.Ref)
	case events.StepAsked:
		if err := f.tellCheck(ctx, u, m); err != nil {
			return err
		}
	case events.StepChallenged:
		if err := f.challenge(ctx, u, m, d.Ref); err != nil {
			return err
		}
	case events.StepProved:
		if _, err := m.Resume(m.limits, u.Now()); err != nil {
			return refused(err)
		}
	case events.StepPost:
		if err := f.tell(ctx, u, m, "post", nil); err != nil {
			return err
		}
	case events.StepPosted:
		return f.posted(ctx, u, m, d.Ref)
	case events.StepExtended:
		if err := f.extended(ctx, u, m); err != nil {
			return err
		}
	case events.StepDecided:
		return f.decided(ctx, u, m, d.Ref)
	case events.StepErasing:
		return f.erasing(ctx, u, m)
	case events.StepComplained:
		if err := f.complained(ctx, u, m, d.Ref); err != nil {
			return err
		}
	}
	return f.keep(ctx, u, m)
}

// nominate passes our word on who answers to the other side.
func (f *function) nominate(ctx context.Context, u *work.Unit, m *matter, handover string) error {
	h := m.Handover(handover)
	if h == nil {
		return refused(dsar.ErrNoHandover)
	}
	if err := f.say(ctx, u, m, &events.DsarHandoverAnswered{Handover: h.ID, Request: m.ID, Answer: events.AnswerNamed, Competent: h.Our}); err != nil {
		return err
	}
	if h.State == dsar.Agreed && h.Our == m.us {
		return f.ours(ctx, u, m)
	}
	return f.keep(ctx, u, m)
}

// ask asks the person to prove who they are, and stops the clock where that is in
// time.
func (f *function) ask(ctx context.Context, u *work.Unit, m *matter, need dsar.Need, by string) error {
	if _, err := m.AskIdentity(m.limits, need, by, u.Now()); err != nil {
		return refused(err)
	}
	return f.tellCheck(ctx, u, m)
}

func (f *function) tellCheck(ctx context.Context, u *work.Unit, m *matter) error {
	return f.tell(ctx, u, m, "identity", nil)
}

// extended counts anew and tells the person why, within the first month.
func (f *function) extended(ctx context.Context, u *work.Unit, m *matter) error {
	if err := m.count(); err != nil {
		return err
	}
	id, err := f.write(ctx, u, m, "extended", map[string]string{
		"deadline": m.lastDay(m.Clock.DueAt), "reason": m.worded("extension", m.Clock.Extension.Ground), "authority": m.authority(),
	})
	if err != nil {
		return err
	}
	m.Clock.Extension.LetterID = id
	return nil
}

// complained registers the complaint and forwards it to the authority with the
// file (K24).
func (f *function) complained(ctx context.Context, u *work.Unit, m *matter, id string) error {
	for i := range m.Complaints {
		c := &m.Complaints[i]
		if c.ID != id || !c.ForwardedAt.IsZero() {
			continue
		}
		letter, err := f.toAuthority(ctx, u, m, c)
		if err != nil {
			return err
		}
		c.ForwardedAt, c.LetterID = u.Now(), letter
		return f.tell(ctx, u, m, "complaint", map[string]string{"authority": m.authority()})
	}
	return nil
}
