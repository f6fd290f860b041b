package work

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// settle turns what the unit did into entries of the processing log: what it
// was told to note, and what it stores and erases of whom, generic over the
// field tags, so that no handler can forget it.
func (u *Unit) settle(ctx context.Context) error {
	for _, s := range u.order {
		if s.act == "" || s.noted {
			continue
		}
		if err := u.noteWrite(s); err != nil {
			return err
		}
	}
	for _, n := range u.notes {
		e, err := u.entry(ctx, n)
		if err != nil {
			return err
		}
		Save(u, record.Entries, e)
	}
	u.notes = nil
	return nil
}

// entry completes a note. An entry that names no retention class is of the
// platform's audit trail.
func (u *Unit) entry(ctx context.Context, n *note) (*audit.Entry, error) {
	id, err := u.NewID(ctx, "entry")
	if err != nil {
		return nil, err
	}
	e, a := n.entry, u.scope.Actor
	e.ID, e.At = id, u.now
	e.ActorID, e.ActorName, e.ActorRole, e.Source = a.ID, a.Name, string(a.Role), a.From
	e.Use, e.Event = string(u.scope.Use), u.scope.ID
	e.Items = append(e.Items, n.items...)
	if e.Retention == "" {
		e.Retention = audit.PlatformLog
		if e.Ticket != "" { // the desk's change audit ends with its ticket (K12, A8)
			e.Retention = audit.DeskLog
		}
	}
	e.Period = e.KeyPeriod()
	if e.Case == "" {
		e.Case = a.Case
	}
	if e.Result == "" {
		e.Result = audit.Success
	}
	e.SecretUntil = u.secretUntil(e.Subject)
	if e.Subject != "" {
		if e.About, err = About(ctx, u.env.Vault, u.scope.Tenant, e.Subject); err != nil {
			return nil, err
		}
	}
	e.Salt = make([]byte, audit.SaltSize)
	rand.Read(e.Salt)
	e.Commitment = e.Commit()
	return &e, nil
}

// secretUntil is how long anything that this unit does with a person's data is
// kept from that person: seeing a record in order to disclose it would give the
// disclosure away (S08).
func (u *Unit) secretUntil(subject string) (until time.Time) {
	for _, n := range u.notes {
		if n.entry.Subject == subject && n.entry.SecretUntil.After(until) {
			until = n.entry.SecretUntil
		}
	}
	return until
}

// About is the keyed hash under which the log's entries about a person stand in
// their index.
func About(ctx context.Context, v *vault.Vault, tenant, subject string) (string, error) {
	return v.Hash(ctx, tenant, "log about", subject)
}

// noteWrite notes the personal parts that a slot is about to store or erase.
func (u *Unit) noteWrite(s *slot) error {
	s.noted = true
	item := audit.Item{Kind: s.shape.Name, ID: s.key.ID}
	if s.act == store.Delete {
		for _, p := range s.body.Parts {
			if p.Owner.Personal() {
				u.noted(audit.Erase, p.Owner.Subject).add(item)
			}
		}
		return nil
	}
	if err := s.split(); err != nil {
		return err
	}
	act := audit.Change
	if s.version == "" {
		act = audit.Collect
	}
	for _, p := range s.plain.Parts {
		if p.Owner.Personal() && !s.unchanged(p) {
			u.notedOf(act, p.Owner.Subject, s.ticket()).add(item)
		}
	}
	return nil
}

// OfTicket is a record that belongs to the desk's audit: what is done to it
// stands in the log as long as its ticket does (K12).
type OfTicket interface{ AuditTicket() string }

// ticket is the ticket with which the log entry about a change of s ends, or "".
func (s *slot) ticket() string {
	if t, ok := s.rec.(OfTicket); ok {
		return t.AuditTicket()
	}
	return ""
}

// note gathers what one actor did in one way to one person's records.
type note struct {
	entry audit.Entry
	items []audit.Item
}

func (u *Unit) noted(act audit.Act, subject string) *note { return u.notedOf(act, subject, "") }

func (u *Unit) notedOf(act audit.Act, subject, ticket string) *note {
	for _, n := range u.notes {
		if n.entry.Act == act && n.entry.Subject == subject && n.entry.Ticket == ticket {
			return n
		}
	}
	n := &note{entry: audit.Entry{Act: act, Subject: subject, Ticket: ticket}}
	u.notes = append(u.notes, n)
	return n
}

// add notes an item once, with all the fields that were named; one that was noted
// without fields is noted whole.
func (n *note) add(item audit.Item) {
	for i := range n.items {
		known := &n.items[i]
		if known.Kind != item.Kind || known.ID != item.ID {
			continue
		}
		for _, field := range item.Fields {
			if len(known.Fields) > 0 && !slices.Contains(known.Fields, field) {
				known.Fields = append(slices.Clip(known.Fields), field)
			}
		}
		return
	}
	n.items = append(n.items, item)
}
