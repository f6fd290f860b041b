package breach

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/contact"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/identifier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// lines are what the disclosure register says of a notice that goes to a party: one
// for each person whom its words name (P16). Nobody is named by being counted.
func (f *function) lines(ctx context.Context, c *breach.Case, n *breach.Notice, party, tenant string) ([]*register.Disclosure, error) {
	words, err := json.Marshal(n.Form.Facts)
	if err != nil {
		return nil, fault.New(fault.Internal, "breach: a notice can't be encoded")
	}
	text := strings.ToLower(string(words))
	var named []string
	// Read apart from the unit that sends, a link at a time: a case may have more
	// than one commit holds, and nothing of it decides what is sent.
	s := work.Scope{Tenant: tenant, Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: manifest.Use}
	read := func(fn func(context.Context, *work.Unit) (string, error)) error {
		_, err := f.env.Work.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
			id, err := fn(ctx, u)
			if id != "" && err == nil {
				named = append(named, id)
			}
			return err
		})
		return err
	}
	for _, l := range c.Links {
		if err := read(func(ctx context.Context, u *work.Unit) (string, error) { return linked(ctx, u, l, text) }); err != nil {
			return nil, err
		}
	}
	for _, m := range identifier.Detect(text) {
		value := text[m.Start:m.End]
		if err := read(func(ctx context.Context, u *work.Unit) (string, error) { return known(ctx, u, m.Kind, value) }); err != nil {
			return nil, err
		}
	}
	out := []*register.Disclosure{}
	for _, id := range dossier.Unique(named) {
		out = append(out, &register.Disclosure{ContactID: id, Recipient: party, Mailbox: n.Mailbox, Ground: register.Breach, About: []string{record.BreachNotices.Name + "/" + n.ID}})
	}
	return out, nil
}

// linked is the person of a conversation or ticket that the case is about, where
// the text names them. Whose data may not be opened now counts as named.
func linked(ctx context.Context, u *work.Unit, l breach.Link, text string) (string, error) {
	id := ""
	switch l.Kind {
	case record.Conversations.Name:
		c, err := work.Peek(ctx, u, record.Conversations, l.ID)
		if err == nil {
			id = c.ContactID
		} else if !fault.Is(err, fault.NotFound) {
			return "", err
		}
	case record.Tickets.Name:
		t, err := work.Peek(ctx, u, record.Tickets, l.ID)
		if err == nil {
			id = t.ContactID
		} else if !fault.Is(err, fault.NotFound) {
			return "", err
		}
	}
	if id == "" {
		return "", nil
	}
	who, ok, err := work.Find(ctx, u, record.Contacts, id)
	switch {
	case fault.Is(err, fault.Forbidden):
		return id, nil
	case fault.Is(err, fault.Gone) || err == nil && !ok:
		return "", nil
	case err != nil:
		return "", err
	}
	if says(text, who.Name) || slices.ContainsFunc(who.Addresses, func(a contact.Address) bool { return says(text, a.Address) }) {
		return id, nil
	}
	return "", nil
}

// says reports whether a text in lower case has a name or address in it. What is
// shorter than three letters names nobody.
func says(text, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return len([]rune(name)) > 2 && strings.Contains(text, name)
}

// known is whom a mail address or phone number in the text belongs to.
func known(ctx context.Context, u *work.Unit, kind identifier.Kind, value string) (string, error) {
	scheme := message.Mailto
	if kind == identifier.Phone {
		scheme = message.Tel
		value = "+" + strings.TrimPrefix(strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, value), "00")
	} else if kind != identifier.Email {
		return "", nil
	}
	id, err := locate.AddressID(ctx, u, scheme, "", value)
	if err != nil {
		return "", err
	}
	l, ok, err := work.Find(ctx, u, record.Lookups, id)
	if err != nil || !ok {
		return "", err
	}
	return l.ContactID, nil
}
