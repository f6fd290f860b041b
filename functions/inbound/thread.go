package inbound

import (
	"context"
	"slices"
	"strings"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// maxReferences bounds how many ids of a mail's References are looked up.
const maxReferences = 6

// lookup is an address of a sender and the id of its lookup record.
type lookup struct {
	id      string
	address contact.Address
}

// person is whose contact an item belongs to: the sender, or where it is a copy
// of something our side wrote elsewhere, the one it was written to.
func person(in *message.Inbound) message.Party {
	if in.Direction == message.Out && len(in.Recipients) > 0 {
		return in.Recipients[0]
	}
	return in.Sender
}

// lookups returns the addresses by which the person of an item is known. Phone
// numbers and mail addresses mean the same person on every channel; other ids
// only on their own account.
func lookups(ctx context.Context, u *work.Unit, in *message.Inbound) ([]lookup, error) {
	var out []lookup
	add := func(scheme message.Scheme, address string) error {
		if address == "" {
			return nil
		}
		scope := ""
		if scheme == message.ID {
			scope = string(in.Channel) + "/" + in.Provider + "/" + in.Line
		}
		id, err := locate.AddressID(ctx, u, scheme, scope, address)
		if err != nil {
			return err
		}
		out = append(out, lookup{id, contact.Address{Scheme: scheme, Address: address, Channel: in.Channel}})
		return nil
	}
	s := person(in)
	if err := add(s.Scheme, s.Address); err != nil {
		return nil, err
	}
	if s.UserID != "" && s.UserID != s.Address {
		if err := add(message.ID, s.UserID); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 { // nobody said who it is: a withheld number, a mail without From
		if err := add(message.ID, "~anonymous "+in.Thread+" "+in.ProviderID); err != nil {
			return nil, err
		}
		out[0].address.Address = ""
	}
	return out, nil
}

// fold brings spellings of one address together: mail addresses differ in case
// in theory only.
func fold(scheme message.Scheme, address string) string {
	if scheme == message.Mailto {
		return strings.ToLower(address)
	}
	return address
}

// targets are the ids (locate.MessageID) of the messages that an item may
// answer or be about, the likeliest first.
func targets(ctx context.Context, u *work.Unit, c message.Channel, providerIDs ...string) ([]string, error) {
	var out []string
	for _, p := range providerIDs {
		if p == "" || len(out) == maxReferences {
			continue
		}
		id, err := locate.MessageID(ctx, u, c, p)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out, nil
}

// named are the records that stand under such ids: messages, and aliases that
// lead to others.
func named(ids []string) []work.Ref {
	var out []work.Ref
	for _, id := range ids {
		out = append(out, work.Of(record.Messages, id), work.Of(record.Aliases, id))
	}
	return out
}

// find returns the first of the targets that is there.
func find(ctx context.Context, u *work.Unit, targets []string) (*message.Message, bool, error) {
	for _, id := range targets {
		m, ok, err := work.Find(ctx, u, record.Messages, id)
		if ok || err != nil {
			return m, ok, err
		}
		a, ok, err := work.Find(ctx, u, record.Aliases, id)
		if err != nil {
			return nil, false, err
		}
		if !ok {
			continue
		}
		for _, id := range a.MessageIDs {
			if m, ok, err := work.Find(ctx, u, record.Messages, id); ok || err != nil {
				return m, ok, err
			}
		}
	}
	return new(message.Message), false, nil
}
