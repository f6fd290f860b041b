package erasure

import (
	"context"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

// perUnit is how many operations a unit of erasure gathers before it commits:
// room is left for the entries of the log under store.MaxOps.
const perUnit = 70

// took is what a removal took along.
type took struct {
	with    int      // records beside the one named
	persons []string // whose data went
	letters bool     // look for dead letters about what goes
	files   []string // that went with what was removed
	more    bool     // not all fits into this commit: the record itself stays for now
}

func (t *took) of(owners []vault.Owner) {
	for _, o := range owners {
		if o.Personal() {
			t.persons = append(t.persons, o.Subject)
		}
	}
}

// remove deletes a record with what goes with it: files, what leads to it,
// edges, limits. A record with more belongings than fit into one commit loses
// some of them, and itself in a later one. It is fine if there is none.
func remove(ctx context.Context, u *work.Unit, r work.Ref, t *took) error {
	rec, ok, err := u.Clear(ctx, r)
	if err != nil || !ok {
		return err
	}
	t.of(u.Owners(r))
	for _, p := range r.Shape().Along(rec) {
		if u.Weight() > perUnit {
			t.more = true
			return nil
		}
		if err := along(ctx, u, r, p.Kind, p.ID, t); err != nil {
			return err
		}
	}
	if err := unlink(ctx, u, rec, t); err != nil {
		return err
	}
	kinds, indexes := r.Shape().Children()
	for i, k := range kinds {
		if k.End.With == "" || k.Name == record.Messages.Name {
			continue // has a life of its own
		}
		found, _, err := u.Seek(ctx, store.Query{Index: indexes[i], Partition: r.ID(), Limit: store.MaxOps}, k.Name)
		if err != nil {
			return err
		}
		for _, c := range found {
			if u.Weight() > perUnit {
				t.more = true
				return nil
			}
			if err := remove(ctx, u, c.Ref, t); err != nil || t.more {
				return err
			}
			t.with++
		}
	}
	if t.letters { // those of what is old have gone by their own age
		if err := letters(ctx, u, r.ID(), t); err != nil || t.more {
			return err
		}
	}
	t.files = append(t.files, u.Blobs(r, "")...)
	return u.Remove(ctx, r)
}

// along removes one record that goes with another.
func along(ctx context.Context, u *work.Unit, of work.Ref, kind, id string, t *took) error {
	shape := record.ByName(kind)
	if shape == nil {
		return fault.New(fault.Internal, "erasure: no kind %s", kind)
	}
	r := work.Named(shape, id)
	if kind == record.Aliases.Name {
		a, ok, err := work.Find(ctx, u, record.Aliases, id)
		if err != nil || !ok {
			return err
		}
		t.with++
		if a.Lose(of.ID()) {
			work.Save(u, record.Aliases, a)
			return nil
		}
		return u.Remove(ctx, r)
	}
	there, err := u.There(ctx, r)
	if err != nil || !there {
		return err
	}
	t.with++
	return remove(ctx, u, r, t)
}

// unlink takes a record out of those that name it.
func unlink(ctx context.Context, u *work.Unit, rec any, t *took) error {
	switch rec := rec.(type) {
	case *message.Message:
		return unlinkMessage(ctx, u, rec)
	case *conversation.Conversation:
		return unmerge(ctx, u, record.Conversations, rec.Node(), (*conversation.Conversation).Node, t)
	case *contact.Contact:
		return unmerge(ctx, u, record.Contacts, nodeOf(rec), nodeOf, t)
	}
	return nil
}

func nodeOf(c *contact.Contact) conversation.Node {
	return conversation.Node{ID: c.ID, Into: &c.Into, Merge: &c.Merge, Parts: &c.Parts}
}

// unlinkMessage: a conversation's subject is that of its first mail, and goes
// with it. What somebody else wrote into it later is not its first.
func unlinkMessage(ctx context.Context, u *work.Unit, m *message.Message) error {
	if err := unwait(ctx, u, m); err != nil {
		return err
	}
	r := work.Of(record.Conversations, m.ConversationID)
	clear, ok, err := u.Clear(ctx, r)
	if err != nil || !ok || len(u.Owners(r)) == 0 {
		return err
	}
	if c := clear.(*conversation.Conversation); m.ContactID != c.ContactID || m.ReceivedAt.After(c.OpenedAt) {
		return nil
	}
	c, err := work.Load(ctx, u, record.Conversations, m.ConversationID)
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.Forbidden) {
		return nil // nobody can open it, or may: it stays sealed until it goes
	}
	if err != nil || c.Subject == "" {
		return err
	}
	c.Subject = ""
	work.Save(u, record.Conversations, c)
	return nil
}

// unwait takes an edit, a deletion or a reaction out of what waits for a message
// that has not come: it would lead to the one that goes.
func unwait(ctx context.Context, u *work.Unit, m *message.Message) error {
	if m.Kind != message.Edit && m.Kind != message.Deletion && m.Kind != message.Reaction {
		return nil
	}
	open, ok, err := u.Open(ctx, work.Of(record.Messages, m.ID))
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.Forbidden) || err == nil && !ok {
		return nil
	}
	if err != nil {
		return err
	}
	id, err := locate.MessageID(ctx, u, m.Channel, open.(*message.Message).Target)
	if err != nil {
		return err
	}
	w, ok, err := work.Find(ctx, u, record.Waitings, id)
	if err != nil || !ok || !w.Lose(m.ID) {
		return err
	}
	if len(w.States)+len(w.Changes) == 0 {
		return work.Delete(ctx, u, record.Waitings, id)
	}
	work.Save(u, record.Waitings, w)
	return nil
}

// unmerge takes the edges of a thing that goes: its head loses a part, its parts
// stand for themselves.
func unmerge[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], n conversation.Node, node func(*T) conversation.Node, t *took) error {
	if *n.Into != "" {
		head, ok, err := peek(ctx, u, k, *n.Into)
		if err != nil {
			return err
		}
		if ok {
			h := node(head)
			*h.Parts = without(*h.Parts, n.ID)
			work.Save(u, k, head)
		}
		if err := along(ctx, u, work.Of(k, n.ID), record.Merges.Name, *n.Merge, t); err != nil {
			return err
		}
	}
	for _, id := range *n.Parts {
		part, ok, err := peek(ctx, u, k, id)
		if err != nil || !ok {
			return err
		}
		p := node(part)
		*p.Into, *p.Merge = "", ""
		work.Save(u, k, part)
	}
	return nil
}

// peek reads a record to be saved again. Where it may not be opened, its sealed
// parts stay as they are.
func peek[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], id string) (*T, bool, error) {
	rec, ok, err := work.Find(ctx, u, k, id)
	if fault.Is(err, fault.Gone) || fault.Is(err, fault.Forbidden) {
		rec, err = work.Peek(ctx, u, k, id)
		ok = err == nil
	}
	return rec, ok, err
}

func without(list []string, id string) []string {
	var out []string
	for _, x := range list {
		if x != id {
			out = append(out, x)
		}
	}
	return out
}

// letters removes the dead letters about a record: they hold no content, and
// still tell that there was something.
func letters(ctx context.Context, u *work.Unit, id string, t *took) error {
	found, _, err := u.Seek(ctx, store.Query{Index: record.ByNode, Partition: id, Limit: store.MaxOps}, work.DeadLetters.Name)
	for _, f := range found {
		if u.Weight() > perUnit {
			t.more = true
			return nil
		}
		if err := u.Remove(ctx, f.Ref); err != nil {
			return err
		}
		t.with++
	}
	return err
}
