package notice

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// write writes to an organisation's mailbox, in the one conversation about a
// matter with it.
func write(ctx context.Context, u *work.Unit, env *host.Env, to To, about deadline.Ref, a Answer) (Sent, error) {
	who, err := organisation(ctx, u, to)
	if err != nil {
		return Sent{}, err
	}
	id, err := u.Hash(ctx, "matter", who.ID, about.Kind, about.ID)
	if err != nil {
		return Sent{}, err
	}
	var last *message.Message
	conv, ok, err := work.Find(ctx, u, record.Conversations, id)
	switch {
	case err != nil:
		return Sent{}, err
	case ok:
		if _, last, err = addressee(ctx, u, conv, ""); err != nil && err != ErrNoAddress {
			return Sent{}, err
		}
		conv.State = conversation.Open
	default:
		conv = &conversation.Conversation{
			ID: id, ContactID: who.ID, Channel: message.Email, Provider: account(env, u.Tenant()), Line: line(env, u.Tenant()),
			Class: conversation.Partner, State: conversation.Open, OpenedAt: u.Now(), LastAt: u.Now(), Subject: a.Subject,
		}
	}
	return put(ctx, u, conv, message.Party{Scheme: message.Mailto, Address: to.Mailbox, Name: to.Name}, last, a)
}

// organisation finds the contact of a mailbox, or makes one: the same that an
// answer from there is stored with.
func organisation(ctx context.Context, u *work.Unit, to To) (*contact.Contact, error) {
	lookupID, err := locate.AddressID(ctx, u, message.Mailto, "", to.Mailbox)
	if err != nil {
		return nil, err
	}
	look, ok, err := work.Find(ctx, u, record.Lookups, lookupID)
	if err != nil {
		return nil, err
	}
	if ok {
		if known, ok, err := work.Find(ctx, u, record.Contacts, look.ContactID); ok || err != nil {
			return known, err
		}
	}
	id, err := u.NewID(ctx, "contact")
	if err != nil {
		return nil, err
	}
	c := &contact.Contact{
		ID: id, CreatedAt: u.Now(), Party: to.Party, Name: to.Name,
		Addresses: []contact.Address{{Scheme: message.Mailto, Address: to.Mailbox, Channel: message.Email, SeenAt: u.Now()}},
	}
	look.ID, look.ContactID = lookupID, id
	work.Save(u, record.Lookups, look)
	work.Save(u, record.Contacts, c)
	return c, nil
}

// account is the tenant's mail account to send from: one with a secret to send
// with; where none has, that of raw mail, whose messages then wait, visibly.
func account(env *host.Env, tenant string) string {
	var names []string
	for _, n := range registry.Names() {
		if s, ok := registry.Lookup(n).(channel.Sender); ok && n.Channel == message.Email && env.Secrets != nil {
			secrets, err := env.Secrets(tenant, n)
			if err == nil && channel.Usable(secrets, s.Sends()...) != nil {
				names = append(names, n.Provider)
			}
		}
	}
	if len(names) == 0 {
		return "mime"
	}
	return slices.Min(names)
}

// line is the tenant's mailbox, by its pack: what is written to, and answered.
func line(env *host.Env, tenant string) string {
	if env.Policy == nil {
		return ""
	}
	terms, err := env.Terms(tenant)
	if err != nil {
		return ""
	}
	for _, id := range slices.Sorted(maps.Keys(terms.Lines)) {
		if l := terms.Lines[id]; l.Channel == policy.Email && len(l.Account) > 0 && strings.Contains(l.Account[0], "@") {
			return strings.ToLower(l.Account[0])
		}
	}
	return ""
}
