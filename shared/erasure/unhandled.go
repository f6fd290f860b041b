package erasure

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// inOneLook is how many waiting items one unit opens.
const inOneLook = 20

// unhandled lists what came in from a person and could not be handled: it waits
// sealed beside its dead letter, under no person's key, and would otherwise go
// with its day's key after 30 days. What is still on its way has no dead letter,
// and becomes a message. Few wait at a time, so all are looked at.
func (e *Eraser) unhandled(ctx context.Context, tenant, person string) (out []retention.Item, err error) {
	q := store.Query{Index: record.ByState, Partition: "intake", Limit: inOneLook}
	for {
		var some []retention.Item
		var next string
		_, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
			some = nil
			c, ok, err := work.Find(ctx, u, record.Contacts, person)
			if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Gone) {
				return nil // restricted, which blocks all of it, or nobody can read who it was
			}
			if err != nil || !ok {
				return err
			}
			found, token, err := u.Seek(ctx, q, record.Intakes.Name)
			if next = token; err != nil {
				return err
			}
			for _, f := range found {
				theirs, err := cameFrom(ctx, u, f.ID(), c)
				if err != nil {
					return err
				}
				if theirs {
					some = append(some, retention.Item{Kind: record.Intakes.Name, ID: f.ID(), Subject: person, Act: retention.Delete})
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if q.Token = next; next == "" {
			return out, nil
		}
	}
}

// cameFrom reports whether an item that was set aside is a person's: by its
// sender, or where it could not be mapped, by an address in what came.
func cameFrom(ctx context.Context, u *work.Unit, id string, c *contact.Contact) (bool, error) {
	letters, _, err := u.Seek(ctx, store.Query{Index: record.ByNode, Partition: id, Limit: 1}, work.DeadLetters.Name)
	if err != nil || len(letters) == 0 {
		return false, err
	}
	in, ok, err := work.Find(ctx, u, record.Intakes, id)
	if fault.Is(err, fault.Gone) || err == nil && !ok {
		return false, nil // nobody can read it any more
	}
	if err != nil {
		return false, err
	}
	if in.Message != nil {
		return slices.ContainsFunc(c.Addresses, func(a contact.Address) bool { return sent(in, a) }), nil
	}
	raw, err := work.OpenFile(ctx, u, record.Intakes, id, "Raw")
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && tells(raw, c.Addresses), err
}

// sent reports whether an item's person is reached by an address.
func sent(in *intake.Intake, a contact.Address) bool {
	parties := []message.Party{in.Message.Sender}
	if in.Message.Direction == message.Out {
		parties = in.Message.Recipients
	}
	return slices.ContainsFunc(parties, func(p message.Party) bool {
		if p.Scheme == message.ID && a.Channel != in.Channel {
			return false // such an id means somebody on one channel alone
		}
		return a.Address != "" && p.Scheme == a.Scheme && strings.EqualFold(p.Address, a.Address) || p.UserID != "" && p.UserID == a.Address
	})
}

// tells reports whether an address stands in a body as a provider may write it.
func tells(raw []byte, addresses []contact.Address) bool {
	texts := [][]byte{bytes.ToLower(raw)}
	if plain, err := url.QueryUnescape(string(raw)); err == nil {
		texts = append(texts, bytes.ToLower([]byte(plain)))
	}
	for _, a := range addresses {
		want := strings.ToLower(strings.TrimPrefix(a.Address, "+"))
		if len(want) < 6 { // too short to mean one person
			continue
		}
		if slices.ContainsFunc(texts, func(t []byte) bool { return bytes.Contains(t, []byte(want)) }) {
			return true
		}
	}
	return false
}
