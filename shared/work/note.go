package work

import (
	"context"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// retention is the retention class of entries that don't name another; the
// policy pack says how long it is (K15: one year).
const retention = "platform"

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
		id, err := u.NewID(ctx, "entry")
		if err != nil {
			return err
		}
		e, a := n.entry, u.scope.Actor
		e.ID, e.At = id, u.now
		e.ActorID, e.ActorName, e.ActorRole, e.Source = a.ID, a.Name, string(a.Role), a.From
		e.Use, e.Event = string(u.scope.Use), u.scope.ID
		e.Items = append(e.Items, n.items...)
		if e.Retention == "" {
			e.Retention = retention
		}
		e.Period = audit.Period(e.Retention, u.now)
		if e.Case == "" {
			e.Case = a.Case
		}
		if e.Result == "" {
			e.Result = audit.Success
		}
		Save(u, record.Entries, &e)
	}
	u.notes = nil
	return nil
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
			u.noted(act, p.Owner.Subject).add(item)
		}
	}
	return nil
}

// note gathers what one actor did in one way to one person's records.
type note struct {
	entry audit.Entry
	items []audit.Item
}

func (u *Unit) noted(act audit.Act, subject string) *note {
	for _, n := range u.notes {
		if n.entry.Act == act && n.entry.Subject == subject {
			return n
		}
	}
	n := &note{entry: audit.Entry{Act: act, Subject: subject}}
	u.notes = append(u.notes, n)
	return n
}

func (n *note) add(item audit.Item) {
	for _, known := range n.items {
		if known.Kind == item.Kind && known.ID == item.ID {
			return
		}
	}
	n.items = append(n.items, item)
}
