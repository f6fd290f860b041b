package dsar

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"strings"

	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// challenge sends the one-time code of a challenge, if its address is one that we
// know. The portal answered long before, the same either way. The code stands in
// the message alone; the request keeps a keyed hash.
func (f *function) challenge(ctx context.Context, u *work.Unit, m *matter, id string) error {
	contactID, err := f.knows(ctx, u, m, id)
	if err != nil || contactID == "" {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1e8))
	if err != nil {
		return fault.New(fault.Unavailable, "dsar: no randomness").Because(err)
	}
	code := fmt.Sprintf("%08d", n)
	hash, err := dsar.CodeHash(func(parts ...string) (string, error) { return u.Hash(ctx, dsar.CodeLabel, parts...) }, m.ID, id, code)
	if err != nil {
		return err
	}
	if m.Request.Sent(id, contactID, hash) != nil { // sent before
		return nil
	}
	ends := ""
	for _, c := range m.Identity.Challenges {
		if c.ID == id {
			ends = c.EndsAt.In(m.limits.Calendar.Location()).Format("15:04")
		}
	}
	letter, ok, err := f.queue(ctx, u, m, contactID, "code", map[string]string{"code": code, "ends": ends})
	if err != nil || !ok || letter.ContactID == contactID || m.Representative != nil { // a representative's mailbox is not the person's
		return err
	}
	if who, err := work.Peek(ctx, u, record.Contacts, letter.ContactID); err != nil || who.Party != "" {
		return err // an organisation's mailbox is nobody's own
	}
	m.SentTo(id, letter.ContactID)
	return nil
}

// knows is the contact whose address a challenge names, or that the request is
// filed under where it names none: "" where we know nobody there.
func (f *function) knows(ctx context.Context, u *work.Unit, m *matter, id string) (string, error) {
	for _, c := range m.Claims {
		if c.Challenge != id {
			continue
		}
		a, ok := addressOf(c.Address)
		if !ok || m.Representative != nil && a.Address == strings.TrimSpace(m.Address) { // the representative's own proves nothing of the person
			return "", nil
		}
		lookup, err := locate.AddressID(ctx, u, a.Scheme, "", a.Address)
		if err != nil {
			return "", err
		}
		l, ok, err := work.Find(ctx, u, record.Lookups, lookup)
		if err != nil || !ok {
			return "", err
		}
		return l.ContactID, nil
	}
	return m.ContactID, nil
}
