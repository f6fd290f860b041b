package work

import (
	"bytes"
	"context"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// Ref names a record.
type Ref struct {
	shape *record.Shape
	id    string
}

// Of names the record of a kind with an id.
func Of[T any](k *record.Kind[T], id string) Ref { return Ref{k.Shape, id} }

// Fetch reads records, all those not yet read in one strongly consistent call.
// Loading them afterwards costs nothing. A handler fetches together what it
// knows it will need. The first fetch of a unit also reads its done mark.
func (u *Unit) Fetch(ctx context.Context, refs ...Ref) error {
	var keys []store.Key
	var slots []*slot
	if u.mark.ID != "" && u.slots[u.mark] == nil {
		s := u.slot(marks.Shape, u.mark.ID)
		keys, slots = append(keys, s.key), append(slots, s)
	}
	for _, r := range refs {
		if r.id == "" {
			return fault.New(fault.Internal, "work: a %s without id", r.shape.Name)
		}
		s := u.slot(r.shape, r.id)
		if s.read || s.act != "" || slices.Contains(slots, s) {
			continue
		}
		keys, slots = append(keys, s.key), append(slots, s)
	}
	if len(keys) == 0 {
		return nil
	}
	docs, err := u.env.Store.Get(ctx, keys...)
	if err != nil {
		return err
	}
	for i, d := range docs {
		if err := slots[i].fill(d); err != nil {
			return err
		}
	}
	if s := u.slots[u.mark]; u.parent == nil && s != nil && s.version != "" {
		return errDuplicate
	}
	return nil
}

// slot returns the unit's slot for a record, taking over what the parent of an
// inline unit knows.
func (u *Unit) slot(shape *record.Shape, id string) *slot {
	key := shape.Key(u.scope.Tenant, id)
	if s := u.slots[key]; s != nil {
		return s
	}
	s := &slot{shape: shape, key: key}
	for p := u.parent; p != nil; p = p.parent {
		if known := p.slots[key]; known != nil {
			s = known.copy()
			break
		}
	}
	u.slots[key] = s
	u.order = append(u.order, s)
	return s
}

// copy gives an inline unit its own view: what it does to the record is taken
// over only if its handler succeeds.
func (s *slot) copy() *slot {
	c := *s
	c.plain = nil
	if s.rec != nil {
		c.rec = s.shape.Clone(s.rec)
	}
	return &c
}

func (s *slot) fill(d store.Doc) error {
	s.read, s.version = true, d.Version
	if !d.Exists() {
		return nil
	}
	body, err := record.Unpack(d.Body)
	if err != nil {
		return err
	}
	s.body = body
	return nil
}

// there reports whether the record exists, as the unit sees it.
func (s *slot) there() bool {
	return s.act == store.Put || (s.act == "" && s.version != "")
}

// Load reads a record and opens what the unit's purpose may open. Its files
// stay closed (OpenFile). fault.NotFound: there is none; fault.Forbidden: role,
// purpose or restriction forbid it; fault.Gone: its key has been destroyed.
func Load[T any](ctx context.Context, u *Unit, k *record.Kind[T], id string) (*T, error) {
	rec, ok, err := Find(ctx, u, k, id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no %s %s", k.Name, id)
	}
	return rec, err
}

// Find is Load for a record that may not be there; without one it returns an
// empty T and false. That it was not there is held until the commit.
func Find[T any](ctx context.Context, u *Unit, k *record.Kind[T], id string) (*T, bool, error) {
	if err := u.Fetch(ctx, Of(k, id)); err != nil {
		return new(T), false, err
	}
	s := u.slot(k.Shape, id)
	if !s.there() {
		return new(T), false, nil
	}
	if err := u.open(ctx, s); err != nil {
		return new(T), false, err
	}
	return s.rec.(*T), true, nil
}

// Peek reads the clear part of a record only: nothing is opened or noted.
// fault.NotFound: there is none.
func Peek[T any](ctx context.Context, u *Unit, k *record.Kind[T], id string) (*T, error) {
	if err := u.Fetch(ctx, Of(k, id)); err != nil {
		return nil, err
	}
	s := u.slot(k.Shape, id)
	if !s.there() {
		return nil, fault.New(fault.NotFound, "no %s %s", k.Name, id)
	}
	rec := new(T)
	if s.act == store.Put {
		plain, err := k.Split(s.rec)
		if err != nil {
			return nil, err
		}
		plain.Parts = nil
		return rec, k.Join(rec, plain)
	}
	return rec, k.Join(rec, record.Plain{Schema: s.body.Schema, Clear: s.body.Clear})
}

// open opens a slot's sealed parts, as far as the purpose reaches.
func (u *Unit) open(ctx context.Context, s *slot) error {
	if s.rec != nil {
		return nil
	}
	plain := record.Plain{Schema: s.body.Schema, Clear: s.body.Clear}
	var parts []record.Sealed
	for _, p := range s.body.Parts {
		if p.File {
			continue
		}
		if access.Opens(u.scope.Use, p.Purpose) {
			parts = append(parts, p)
		}
	}
	opened, err := u.unseal(ctx, s, parts)
	if err != nil {
		return err
	}
	s.opened = map[string][]byte{}
	for i, p := range parts {
		s.opened[p.Name] = opened[i]
		plain.Parts = append(plain.Parts, record.Part{Name: p.Name, Owner: p.Owner, Purpose: p.Purpose, Bytes: opened[i]})
	}
	rec := s.shape.New()
	if err := s.shape.Join(rec, plain); err != nil {
		return err
	}
	s.rec = rec
	u.saw(s, parts)
	return nil
}

// unseal opens parts of one record, after asking whether their persons' data is
// restricted.
func (u *Unit) unseal(ctx context.Context, s *slot, parts []record.Sealed) ([][]byte, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	if err := u.mayOpen(ctx, parts); err != nil {
		return nil, err
	}
	owners := make([]vault.Owner, len(parts))
	for i, p := range parts {
		owners[i] = p.Owner
	}
	keys, err := u.env.Vault.Existing(ctx, u.scope.Tenant, owners...)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(parts))
	for i, p := range parts {
		sealed := p.Bytes
		if p.Blob != "" {
			if sealed, err = u.env.Blobs.Get(ctx, p.Blob, maxBlob); err != nil {
				return nil, err
			}
		}
		place := u.place(s, p.Name, p.Owner, p.File, s.body.Schema)
		if out[i], err = keys[i].Open(place, sealed); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// mayOpen holds the gate of article 18: data of a restricted person opens for
// storage, claims and rights alone. The answer is held until the commit.
func (u *Unit) mayOpen(ctx context.Context, parts []record.Sealed) error {
	if access.UnderRestriction(u.scope.Use) {
		return nil
	}
	var refs []Ref
	for _, p := range parts {
		if p.Owner.Personal() {
			refs = append(refs, Of(record.Restrictions, p.Owner.Subject))
		}
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return err
	}
	for _, r := range refs {
		if u.slot(r.shape, r.id).there() {
			return fault.New(fault.Forbidden, "the data of this person is restricted (art. 18 GDPR): only storage, legal claims and the person's own requests are open")
		}
	}
	return nil
}

// saw notes that a person saw a record. What our own functions read in order to
// store something stands in the entry of what they store.
func (u *Unit) saw(s *slot, parts []record.Sealed) {
	if u.scope.Actor.Role == access.Function && u.scope.Use == access.Intake {
		return
	}
	for _, p := range parts {
		if !p.Owner.Personal() {
			continue
		}
		u.noted(audit.View, p.Owner.Subject).add(audit.Item{Kind: s.shape.Name, ID: s.key.ID})
	}
}

// OpenFile returns the bytes of a file field of a record. fault.NotFound: the
// record or the file is not there.
func OpenFile[T any](ctx context.Context, u *Unit, k *record.Kind[T], id, field string) ([]byte, error) {
	if err := u.Fetch(ctx, Of(k, id)); err != nil {
		return nil, err
	}
	s := u.slot(k.Shape, id)
	if s.act == store.Put && s.rec != nil {
		if b := k.File(s.rec, field); len(b) > 0 {
			return bytes.Clone(b), nil
		}
	}
	for _, p := range s.body.Parts {
		if !s.there() || p.Name != "file "+field {
			continue
		}
		if !access.Opens(u.scope.Use, p.Purpose) {
			return nil, fault.New(fault.Forbidden, "%s %s: not for this purpose", k.Name, id)
		}
		out, err := u.unseal(ctx, s, []record.Sealed{p})
		if err != nil {
			return nil, err
		}
		u.saw(s, []record.Sealed{p})
		return out[0], nil
	}
	return nil, fault.New(fault.NotFound, "no file in %s %s", k.Name, id)
}
