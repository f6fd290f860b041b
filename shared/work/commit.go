package work

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

const (
	// spill is the size in bytes from which a sealed part goes to the blob
	// store: documents stay small (local-cloud.md 1).
	spill = 48 << 10
	// maxBlob bounds what is read back into memory at once.
	maxBlob = 128 << 20
)

// commit writes everything at once. It returns the events that now stand in the
// outbox.
//
// A crash before the store's commit costs a key or a blob that nobody names; a
// crash after it costs a blob that nobody names any more.
func (u *Unit) commit(ctx context.Context) ([]events.Event, error) {
	if err := u.settle(ctx); err != nil {
		return nil, err
	}
	for _, e := range u.emitted {
		Save(u, outbox, &Outgoing{ID: OutboxID(e), Event: e, DueAt: u.now.Add(RelayAfter)})
	}
	if u.mark.ID != "" {
		Save(u, marks, &Mark{ID: u.mark.ID, At: u.now, ExpireAt: u.now.Add(MarkLife), Print: u.scope.Print, Answer: u.answer})
	}
	if !u.writes() {
		return nil, nil // a read that saw nothing personal
	}
	blobs, err := u.pack(ctx)
	if err != nil {
		return nil, err
	}
	for _, b := range blobs {
		if err := u.env.Blobs.Put(ctx, b.Blob, b.Bytes); err != nil {
			return nil, err
		}
	}
	if err := u.env.Store.Commit(ctx, u.ops()...); err != nil {
		if fault.Is(err, fault.Conflict) { // it is done anew, under other names
			for _, b := range blobs {
				// Only what no record names: a driver that repeats a call whose
				// answer was lost may meet its own commit. What stays, relay finds.
				_, _ = u.env.Unnamed(ctx, u.scope.Tenant, b.Blob)
			}
		}
		return nil, err
	}
	u.dropBlobs(ctx)
	return u.emitted, nil
}

func (u *Unit) writes() bool {
	return slices.ContainsFunc(u.order, func(s *slot) bool { return s.act != "" })
}

// onlyNotes reports whether nothing is written but entries of the log: a read.
func (u *Unit) onlyNotes() bool {
	return !slices.ContainsFunc(u.order, func(s *slot) bool { return s.act != "" && s.shape != record.Entries.Shape })
}

// pack seals what is saved. Keys are durable before anything is sealed under
// them. It returns the parts that go to the blob store.
func (u *Unit) pack(ctx context.Context) ([]record.Sealed, error) {
	var owners []vault.Owner
	for _, s := range u.order {
		if s.act != store.Put {
			continue
		}
		if err := s.split(); err != nil {
			return nil, err
		}
		if err := s.unnamed(); err != nil {
			return nil, err
		}
		for _, p := range s.plain.Parts {
			owners = append(owners, p.Owner)
		}
	}
	keys, err := u.env.Vault.Keys(ctx, u.scope.Tenant, owners...)
	if err != nil {
		return nil, err
	}
	var blobs []record.Sealed
	for _, s := range u.order {
		if s.act != store.Put {
			continue
		}
		body := record.Body{Schema: s.plain.Schema, Clear: s.plain.Clear}
		for _, part := range s.plain.Parts {
			sealed, fresh := u.seal(s, part, keys[0])
			keys = keys[1:]
			if fresh && len(sealed.Bytes) >= spill {
				sealed.Blob = s.key.String() + "/" + rand.Text()
				blobs = append(blobs, sealed)
				sealed.Bytes = nil
			}
			body.Parts = append(body.Parts, sealed)
		}
		for _, old := range s.body.Parts { // what was not opened can't have been emptied
			if _, opened := s.opened[old.Name]; opened || body.Has(old.Name) || !s.keeps(old.Name) {
				continue
			}
			if !old.File && s.body.Schema != body.Schema {
				return nil, fault.New(fault.Internal, "work: %s %s is of an older schema and was not opened whole", s.shape.Name, s.key.ID)
			}
			body.Parts = append(body.Parts, old)
		}
		s.packed = body
	}
	return blobs, nil
}

// seal seals one part, or takes over the stored one where nothing changed.
func (u *Unit) seal(s *slot, part record.Part, key *vault.Key) (sealed record.Sealed, fresh bool) {
	if s.unchanged(part) {
		for _, old := range s.body.Parts {
			if old.Name == part.Name && old.Owner == part.Owner {
				return old, false
			}
		}
	}
	place := u.place(s, part.Name, part.Owner, part.File, s.plain.Schema)
	return record.Sealed{Name: part.Name, Owner: part.Owner, Purpose: part.Purpose, File: part.File, Bytes: key.Seal(place, part.Bytes)}, true
}

// unchanged reports whether a part is what the unit opened.
func (s *slot) unchanged(p record.Part) bool {
	before, ok := s.opened[p.Name]
	return ok && s.body.Schema == s.plain.Schema && bytes.Equal(before, p.Bytes)
}

// place is where a part belongs. A file has no schema: its bytes are what they
// are, whatever becomes of the record around it.
func (u *Unit) place(s *slot, name string, o vault.Owner, file bool, schema int) vault.Place {
	if file {
		schema = 0
	}
	return vault.Place{Tenant: u.scope.Tenant, Subject: o.Subject, Kind: s.shape.Name, ID: s.key.ID, Field: name, Schema: schema}
}

// ops turns the slots into operations. What was read and not written is held as
// it was read; a mere read holds only that nobody is restricted.
func (u *Unit) ops() []store.Op {
	read := u.onlyNotes()
	ops := make([]store.Op, 0, len(u.order))
	for _, s := range u.order {
		op := store.Op{Key: s.key, Act: s.act, Expect: store.At(s.version)}
		switch s.act {
		case store.Put:
			op.Body, op.Index = s.packed.Pack(), s.shape.Entries(s.rec)
		case "":
			if !s.read || (read && s.shape != record.Restrictions.Shape) {
				continue
			}
			op.Act = store.Check
		}
		ops = append(ops, op)
	}
	return ops
}

// dropBlobs deletes, after the commit, the blobs that it left without a name.
// What a failure or a crash leaves, relay finds.
func (u *Unit) dropBlobs(ctx context.Context) {
	for _, s := range u.order {
		if s.act == "" {
			continue
		}
		for _, old := range s.body.Parts {
			kept := slices.ContainsFunc(s.packed.Parts, func(p record.Sealed) bool { return p.Blob == old.Blob })
			if old.Blob != "" && !kept {
				_ = u.env.Blobs.Delete(ctx, old.Blob)
			}
		}
	}
}
