package inbound

import (
	"context"
	"regexp"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// maxWaiting bounds what may wait for one message: a stranger can't fill the
// store with facts about nothing.
const maxWaiting = 100

// report notes a provider's word on the fate of something we sent; before the
// send's answer is known, it waits. It never becomes a message. Where it brings
// back our own id of the message, it needs no answer: then it also tells what
// became of a send that was never answered.
func (f *function) report(ctx context.Context, u *work.Unit, it *item) error {
	at := it.SentAt
	if at.IsZero() {
		at = it.at
	}
	ts, err := targets(ctx, u, it.Channel, it.Target)
	if err != nil {
		return err
	}
	refs := named(ts)
	for _, t := range ts {
		refs = append(refs, work.Of(record.Waitings, t))
	}
	if ours := it.ours(); ours != "" {
		refs = append(refs, work.Of(record.Messages, ours))
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return err
	}
	m, ok, err := find(ctx, u, ts)
	if err != nil {
		return err
	}
	if !ok {
		if m, ok, err = f.byOurs(ctx, u, it, ts); err != nil {
			return err
		}
	}
	if ok {
		if m.Direction == message.Out && m.Advance(it.Status.State, it.Status.Code, at) {
			work.Save(u, record.Messages, m)
		}
		return nil
	}
	if len(ts) == 0 {
		return nil // about nothing that could ever come
	}
	return f.wait(ctx, u, it, ts[0], func(w *message.Waiting) {
		w.States = append(w.States, message.WaitingState{State: it.Status.State, Code: it.Status.Code, At: at})
	})
}

// ours is our own id of the message that a report is about, where the provider
// brings back one that can be ours.
func (it *item) ours() string {
	if it.Status == nil || !ownID.MatchString(it.Status.Ours) {
		return ""
	}
	return it.Status.Ours
}

var ownID = regexp.MustCompile(`^[0-9a-z]{16,64}$`)

// byOurs finds the message by our own id, if it is one that we send through this
// very account, and lets it be found by the provider's id from now on.
func (f *function) byOurs(ctx context.Context, u *work.Unit, it *item, targets []string) (*message.Message, bool, error) {
	id := it.ours()
	if id == "" {
		return nil, false, nil
	}
	m, ok, err := work.Find(ctx, u, record.Messages, id)
	if err != nil || !ok || m.Delivery == nil || m.Channel != it.Channel || m.Provider != it.Provider {
		return nil, false, err
	}
	if m.ProviderID == "" {
		m.ProviderID = it.Target
		work.Save(u, record.Messages, m)
	}
	for _, t := range targets {
		a, _, err := work.Find(ctx, u, record.Aliases, t)
		if err != nil {
			return nil, false, err
		}
		a.ID = t
		if a.Lead(m) {
			work.Save(u, record.Aliases, a)
			work.Save(u, record.Messages, m)
		}
	}
	return m, true, nil
}

// change applies an edit, deletion or reaction to its target, or leaves it
// waiting for it. Only its author may edit or delete a message.
func (f *function) change(ctx context.Context, u *work.Unit, it *item, m *message.Message) error {
	switch it.Kind {
	case message.Edit, message.Deletion, message.Reaction:
	default:
		return nil
	}
	ts, err := targets(ctx, u, it.Channel, it.Target)
	if err != nil || len(ts) == 0 {
		return err
	}
	c := message.Change{Kind: it.Kind, MessageID: m.ID, At: it.at}
	if !it.SentAt.IsZero() {
		c.At = it.SentAt
	}
	old, ok, err := find(ctx, u, ts)
	if err != nil {
		return err
	}
	if !ok {
		return f.wait(ctx, u, it, ts[0], func(w *message.Waiting) { w.Changes = append(w.Changes, c) })
	}
	if it.Kind == message.Reaction || old.ContactID == m.ContactID {
		old.Apply(c)
		work.Save(u, record.Messages, old)
	}
	return nil
}

// wait leaves a fact under the target that it is about.
func (f *function) wait(ctx context.Context, u *work.Unit, it *item, target string, add func(*message.Waiting)) error {
	w, ok, err := work.Find(ctx, u, record.Waitings, target)
	if err != nil {
		return err
	}
	if !ok {
		w = &message.Waiting{ID: target, SinceAt: it.at}
	}
	if len(w.States)+len(w.Changes) >= maxWaiting {
		obs.Count("okence_waiting_full_total", "tenant", u.Tenant(), "channel", string(it.Channel))
		return nil
	}
	add(w)
	work.Save(u, record.Waitings, w)
	return nil
}

// waited applies to a new message what came before it.
func (f *function) waited(ctx context.Context, u *work.Unit, it *item, m *message.Message) error {
	w, ok, err := work.Find(ctx, u, record.Waitings, it.named)
	if err != nil || !ok {
		return err
	}
	for _, s := range w.States {
		if m.Direction == message.Out {
			m.Advance(s.State, s.Code, s.At)
		}
	}
	for _, c := range w.Changes {
		by, ok, err := work.Find(ctx, u, record.Messages, c.MessageID)
		if err != nil {
			return err
		}
		if ok && (c.Kind == message.Reaction || by.ContactID == m.ContactID) {
			m.Apply(c)
		}
	}
	return work.Delete(ctx, u, record.Waitings, it.named)
}
