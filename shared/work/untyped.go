package work

import (
	"context"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// What is generic over the kinds of record, such as erasure, names records
// without their Go types.

// Named is the Ref of a record of a shape.
func Named(shape *record.Shape, id string) Ref { return Ref{shape, id} }

// Shape is the kind of the record, and ID its id.
func (r Ref) Shape() *record.Shape { return r.shape }

// ID is the record's id.
func (r Ref) ID() string { return r.id }

// There reports whether the record exists, as the unit sees it. That is held
// until the commit.
func (u *Unit) There(ctx context.Context, r Ref) (bool, error) {
	if err := u.Fetch(ctx, r); err != nil {
		return false, err
	}
	return u.slot(r.shape, r.id).there(), nil
}

// Clear is Peek: a pointer to the Go form, sealed fields empty. ok is false
// where there is no such record.
func (u *Unit) Clear(ctx context.Context, r Ref) (rec any, ok bool, err error) {
	if ok, err := u.There(ctx, r); err != nil || !ok {
		return nil, false, err
	}
	s := u.slot(r.shape, r.id)
	rec = s.shape.New()
	if s.act != store.Put {
		return rec, true, s.shape.Join(rec, record.Plain{Schema: s.body.Schema, Clear: s.body.Clear})
	}
	plain, err := s.shape.Split(s.rec)
	if err != nil {
		return nil, false, err
	}
	plain.Parts = nil
	return rec, true, s.shape.Join(rec, plain)
}

// Open is Find: what the purpose may open is opened and noted.
func (u *Unit) Open(ctx context.Context, r Ref) (rec any, ok bool, err error) {
	if ok, err := u.There(ctx, r); err != nil || !ok {
		return nil, false, err
	}
	s := u.slot(r.shape, r.id)
	if err := u.open(ctx, s); err != nil {
		return nil, false, err
	}
	return s.rec, true, nil
}

// Put is Save.
func (u *Unit) Put(shape *record.Shape, rec any) {
	s := u.slot(shape, shape.ID(rec))
	s.act, s.rec, s.plain = store.Put, rec, nil
}

// Remove is Delete.
func (u *Unit) Remove(ctx context.Context, r Ref) error {
	if err := u.Fetch(ctx, r); err != nil {
		return err
	}
	s := u.slot(r.shape, r.id)
	s.act, s.rec, s.plain = store.Delete, nil, nil
	if s.version == "" {
		s.act = ""
	}
	return nil
}

// Owners lists whose keys seal the stored parts of a record that was read.
func (u *Unit) Owners(r Ref) []vault.Owner {
	var out []vault.Owner
	for _, p := range u.slot(r.shape, r.id).body.Parts {
		out = append(out, p.Owner)
	}
	return out
}

// Files is how many files the stored form of a record that was read has.
func (u *Unit) Files(r Ref) (n int) {
	for _, p := range u.slot(r.shape, r.id).body.Parts {
		if p.File {
			n++
		}
	}
	return n
}

// Blobs names what the stored form of a record that was read keeps in the blob
// store, of one person's or, with "", of everybody's.
func (u *Unit) Blobs(r Ref, subject string) (names []string) {
	for _, p := range u.slot(r.shape, r.id).body.Parts {
		if p.Blob != "" && (subject == "" || p.Owner.Subject == subject) {
			names = append(names, p.Blob)
		}
	}
	return names
}

// Anonymise stores a record in which one person's parts have given way to
// generic terms: every stored part of that person's goes, opened or not, files
// too. It is noted as an erasure. Only here may a part be written that belongs
// to record.Anonymous, and nothing takes it back (K17).
func (u *Unit) Anonymise(shape *record.Shape, rec any, subject string) {
	s := u.slot(shape, shape.ID(rec))
	s.act, s.rec, s.plain, s.anonymises = store.Put, rec, nil, true
	if s.opened == nil {
		s.opened = map[string][]byte{}
	}
	for _, p := range s.body.Parts {
		if _, ok := s.opened[p.Name]; !ok && p.Owner.Subject == subject {
			s.opened[p.Name] = nil
		}
	}
	u.noted(audit.Erase, subject).add(audit.Item{Kind: shape.Name, ID: s.key.ID})
}

// unnamed holds that what was made anonymous stays so: its terms do not change,
// and nobody who was not in the record comes into it.
func (s *slot) unnamed() error {
	if s.anonymises {
		return nil
	}
	before := map[string]bool{}
	for _, p := range s.body.Parts {
		before[p.Owner.Subject] = true
	}
	for _, p := range s.plain.Parts {
		owner := p.Owner.Subject
		back := before[record.Anonymous] && p.Owner.Personal() && !before[owner]
		if (owner == record.Anonymous || back) && !s.unchanged(p) {
			return fault.New(fault.Forbidden, "%s %s has been made anonymous: no personal data can be put back", s.shape.Name, s.key.ID)
		}
	}
	return nil
}

// Weight bounds from above how many operations the unit's commit has so far,
// where every person that it touches gets one entry of the log.
func (u *Unit) Weight() int {
	n := len(u.order) + len(u.notes) + len(u.emitted) + 1
	seen := map[string]bool{}
	for _, s := range u.order {
		if s.act == "" {
			continue
		}
		for _, p := range s.body.Parts {
			if p.Owner.Personal() && !seen[p.Owner.Subject] {
				seen[p.Owner.Subject] = true
				n++
			}
		}
	}
	return n
}

// Found is a record that an index led to, by its clear part.
type Found struct {
	Ref
	Rec    any
	Owners []vault.Owner // whose keys seal its stored parts
}

// Seek reads a page of an index, of whatever kinds, by clear parts: nothing is
// opened or noted. As an index may lag, what decides must read each record
// again. kinds bounds what comes back; none is all.
func (u *Unit) Seek(ctx context.Context, q store.Query, kinds ...string) (found []Found, next string, err error) {
	q.Tenant = u.scope.Tenant
	docs, err := u.env.Store.Query(ctx, q)
	if err != nil {
		return nil, "", err
	}
	for _, d := range docs.Docs {
		shape := record.ByName(d.Key.Kind)
		if shape == nil || len(kinds) > 0 && !contains(kinds, shape.Name) {
			continue
		}
		body, err := record.Unpack(d.Body)
		if err != nil {
			return nil, "", err
		}
		rec := shape.New()
		if err := shape.Join(rec, record.Plain{Schema: body.Schema, Clear: body.Clear}); err != nil {
			return nil, "", err
		}
		f := Found{Ref: Ref{shape, d.Key.ID}, Rec: rec}
		for _, part := range body.Parts {
			f.Owners = append(f.Owners, part.Owner)
		}
		found = append(found, f)
	}
	return found, docs.Next, nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
