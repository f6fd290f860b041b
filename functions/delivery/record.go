package delivery

import (
	"context"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// notes is how often we try to note how a call ended. What can't be noted stays
// "sending", and is unknown when its time is over.
const notes = 6

// record notes how a call ended, by a commit of its own. It goes on when the
// event's time is over: what the provider has taken must not be forgotten. An
// error is worth nothing to whoever delivers the event: it would find the
// message under way, and leave it.
func (f *function) record(ctx context.Context, c *call, o outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	var err error
	for n := range notes {
		_, err = f.env.Work.Run(ctx, own(c.tenant), func(ctx context.Context, u *work.Unit) error { return f.note(ctx, u, c, o) })
		if err == nil || fault.Permanent(err) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(f.pause << n):
		}
	}
	if fault.Is(err, fault.NotFound) {
		return nil // deleted while it was on its way
	}
	if err != nil {
		f.env.Log.Error("how a message was sent could not be noted; it will be shown as unknown",
			"tenant", c.tenant, "provider", c.name.String(), "kind", string(fault.Of(err)), "error", err.Error())
	}
	return nil
}

// note is the decision: what an outcome means for the message, and for what
// else goes to this person or through this account.
func (f *function) note(ctx context.Context, u *work.Unit, c *call, o outcome) error {
	m, err := work.Load(ctx, u, record.Messages, c.message)
	if fault.Is(err, fault.Forbidden) { // restricted meanwhile: the fate alone is noted
		m, err = work.Peek(ctx, u, record.Messages, c.message)
	}
	if err != nil {
		return err
	}
	work.Save(u, record.Messages, m)
	now := u.Now()
	if o.err == nil {
		return c.taken(ctx, u, m, o.sent)
	}
	code := o.err.Code
	switch o.err.Class {
	case channel.Lost:
		m.Settle(c.attempt, message.Unknown, code, now, time.Time{})
	case channel.Final:
		m.Settle(c.attempt, message.Failed, code, now, time.Time{})
	case channel.Window:
		m.Settle(c.attempt, message.Failed, message.CodeWindow, now, time.Time{})
	case channel.Retry, channel.Throttled, channel.Blocked:
		which, grow := recipient, message.Backoff
		if o.err.Class != channel.Retry {
			which = account
		}
		if o.err.Class == channel.Blocked {
			grow = message.Pause
		}
		next, err := c.paces.rest(ctx, u, which, code, o.err.After, grow)
		if err != nil {
			return err
		}
		m.Settle(c.attempt, message.Queued, code, now, next)
		return nil
	}
	return nil
}

// taken notes that the provider took a message, under which ids it knows it, and
// what it has told of it meanwhile.
func (c *call) taken(ctx context.Context, u *work.Unit, m *message.Message, sent channel.Sent) error {
	m.Settle(c.attempt, message.Sent, "", u.Now(), time.Time{})
	m.SentAt = u.Now()
	m.ProviderID = sent.ProviderID
	for _, p := range append([]string{sent.ProviderID}, sent.Also...) {
		if p == "" {
			continue
		}
		if err := lead(ctx, u, m, p); err != nil {
			return err
		}
		if err := catchUp(ctx, u, m, p); err != nil {
			return err
		}
	}
	return c.paces.clear(ctx, u)
}

// catchUp applies the statuses that came before the call was answered, and
// removes the copy that a provider told us of our own message (Chatwoot).
func catchUp(ctx context.Context, u *work.Unit, m *message.Message, providerID string) error {
	id, err := locate.MessageID(ctx, u, m.Channel, providerID)
	if err != nil {
		return err
	}
	w, ok, err := work.Find(ctx, u, record.Waitings, id)
	if err != nil {
		return err
	}
	if ok {
		for _, s := range w.States {
			m.Advance(s.State, s.Code, s.At)
		}
		for _, change := range w.Changes {
			m.Apply(change)
		}
		if err := work.Delete(ctx, u, record.Waitings, id); err != nil {
			return err
		}
	}
	switch copied, err := work.Peek(ctx, u, record.Messages, id); {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case copied.ID != m.ID && copied.Direction == message.Out && copied.Delivery == nil:
		return work.Delete(ctx, u, record.Messages, id)
	}
	return nil
}
