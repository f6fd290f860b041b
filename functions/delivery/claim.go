package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	// noSecret is how long a message waits where its account can't send.
	noSecret = 15 * time.Minute
	// held is how long one waits while its person's data is restricted.
	held = 24 * time.Hour
	// rereads is how often we ask whether a claim took place whose commit was
	// not answered.
	rereads = 5
)

// claim makes a message ours to send, by a commit of its own. Nil means that
// there is nothing to send now.
func (f *function) claim(ctx context.Context, tenant, id string) (*call, error) {
	attempt := strings.ToLower(rand.Text())
	c, err := f.claimFor(ctx, own(tenant), id, attempt)
	if errors.Is(err, errOfRights) {
		scope := own(tenant)
		scope.Use = access.Rights
		c, err = f.claimFor(ctx, scope, id, attempt)
	}
	if err == nil || c == nil {
		return c, err
	}
	// The commit may have taken place all the same. Nobody else can hold this
	// attempt, so if it stands there, it is ours and the call has not begun.
	for range rereads {
		ours, again := f.holds(ctx, tenant, id, attempt)
		if again == nil && ours {
			return c, nil
		}
		if again == nil {
			return nil, err
		}
	}
	return nil, err
}

// errOfRights is the answer to a claim for service of a message that goes all the
// same: about the own request of somebody whose data is restricted.
var errOfRights = errors.New("delivery: to be claimed for rights")

func (f *function) claimFor(ctx context.Context, s work.Scope, id, attempt string) (c *call, err error) {
	_, err = f.env.Work.Run(ctx, s, func(ctx context.Context, u *work.Unit) (err error) {
		c, err = f.prepare(ctx, u, id, attempt)
		return err
	})
	return c, err
}

func (f *function) holds(ctx context.Context, tenant, id, attempt string) (ours bool, err error) {
	_, err = f.env.Work.Run(ctx, own(tenant), func(ctx context.Context, u *work.Unit) error {
		m, err := work.Peek(ctx, u, record.Messages, id)
		ours = err == nil && m.State == message.Sending && m.Delivery.AttemptID == attempt
		return err
	})
	return ours, err
}

// prepare decides whether a message is to be sent now, and makes it ready.
func (f *function) prepare(ctx context.Context, u *work.Unit, id, attempt string) (*call, error) {
	m, err := work.Peek(ctx, u, record.Messages, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil // deleted meanwhile
	}
	if err != nil {
		return nil, err
	}
	now := u.Now()
	at, due := m.Due()
	if !due || now.Before(at) {
		return nil, nil
	}
	if m.State == message.Sending {
		if full, err := work.Load(ctx, u, record.Messages, id); err == nil {
			m = full // a secret that was never confirmed goes too
		}
		m.Claim(attempt, now)
		work.Save(u, record.Messages, m)
		obs.Count("okence_alarm_total", "alarm", "send_unknown", "tenant", u.Tenant(), "account", string(m.Channel)+"/"+m.Provider)
		return nil, nil
	}
	switch full, err := work.Load(ctx, u, record.Messages, id); {
	case fault.Is(err, fault.Forbidden) && m.Delivery.Rights:
		return nil, errOfRights
	case fault.Is(err, fault.Forbidden): // article 18: it waits, and an adviser sees why
		m.Postpone(message.CodeHeld, now.Add(held))
		work.Save(u, record.Messages, m)
		return nil, nil
	case fault.Is(err, fault.Gone):
		m.Advance(message.Failed, string(fault.Gone), now)
		work.Save(u, record.Messages, m)
		return nil, nil
	case err != nil:
		return nil, err
	default:
		m = full
	}
	work.Save(u, record.Messages, m)
	c, code, err := f.ready(ctx, u, m)
	if err != nil {
		return nil, err
	}
	if code != "" {
		m.Advance(message.Failed, code, now)
		return nil, nil
	}
	if c == nil { // no secret
		m.Postpone(message.CodeNoSecret, now.Add(noSecret))
		return nil, nil
	}
	if wait, code, err := c.paces.try(ctx, u); err != nil {
		return nil, err
	} else if now.Before(wait) {
		m.Postpone(code, wait)
		return nil, nil
	}
	if !m.Claim(attempt, now) {
		return nil, nil
	}
	c.attempt = attempt
	if n, ok := c.sender.(channel.Named); ok {
		m.ProviderID = n.SendID(c.out)
		if err := lead(ctx, u, m, m.ProviderID); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ready finds the way out for a message and what goes out. A code says why it
// can never go; nil without one that the account has no secret to send with.
func (f *function) ready(ctx context.Context, u *work.Unit, m *message.Message) (*call, string, error) {
	name := channel.Name{Channel: m.Channel, Provider: m.Provider}
	s, ok := registry.Lookup(name).(channel.Sender)
	if !ok {
		return nil, message.CodeChannel, nil
	}
	if len(m.Recipients) == 0 || m.Recipients[0].Address == "" {
		return nil, message.CodeAddress, nil
	}
	secrets, err := f.env.Secrets(u.Tenant(), name)
	if err != nil {
		return nil, "", err
	}
	secret := channel.Usable(secrets, s.Sends()...)
	if secret == nil {
		obs.Count("okence_alarm_total", "alarm", "account_cannot_send", "tenant", u.Tenant(), "account", name.String())
		return nil, "", nil
	}
	conv, err := work.Load(ctx, u, record.Conversations, m.ConversationID)
	if err != nil {
		return nil, "", err
	}
	if closed, err := windowClosed(ctx, u, m, conv); err != nil {
		return nil, "", err
	} else if closed {
		return nil, message.CodeWindow, nil
	}
	c := &call{tenant: u.Tenant(), message: m.ID, name: name, sender: s, secret: secret}
	if c.out, err = f.compose(ctx, u, m, conv, secret); err != nil {
		return nil, "", err
	}
	if m.Channel == message.SMS {
		m.Delivery.Parts, _ = channel.SMSParts(c.out.Text)
	}
	c.paces, err = pacesOf(ctx, u, name, m.Recipients[0].Address)
	return c, "", err
}

// lead lets a message be found by an id that the provider knows it by.
func lead(ctx context.Context, u *work.Unit, m *message.Message, providerID string) error {
	id, err := locate.MessageID(ctx, u, m.Channel, providerID)
	if err != nil {
		return err
	}
	a, _, err := work.Find(ctx, u, record.Aliases, id)
	if err != nil {
		return err
	}
	a.ID = id
	if a.Lead(m) {
		work.Save(u, record.Aliases, a)
	}
	return nil
}
