package record

import (
	"encoding/binary"
	"slices"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/vault"
)

const bodyVersion = 1

// Body is a stored document: the clear part and the sealed ones.
type Body struct {
	Schema int
	Clear  []byte
	Parts  []Sealed
}

// Sealed is one sealed part of a body. A large one stands in the blob store
// under Blob, and Bytes is empty.
type Sealed struct {
	Name    string
	Owner   vault.Owner
	Purpose Purpose
	File    bool
	Blob    string
	Bytes   []byte
}

// Has reports whether the body has a part of that name.
func (b Body) Has(name string) bool {
	return slices.ContainsFunc(b.Parts, func(p Sealed) bool { return p.Name == name })
}

// Pack encodes a body.
func (b Body) Pack() []byte {
	n := 16 + len(b.Clear)
	for _, p := range b.Parts {
		n += 24 + len(p.Name) + len(p.Owner.Subject) + len(p.Owner.Class) + len(p.Purpose) + len(p.Blob) + len(p.Bytes)
	}
	out := append(make([]byte, 0, n), bodyVersion)
	out = binary.AppendUvarint(out, uint64(b.Schema))
	out = appendBytes(out, b.Clear)
	out = binary.AppendUvarint(out, uint64(len(b.Parts)))
	for _, p := range b.Parts {
		out = appendBytes(out, []byte(p.Name))
		out = appendBytes(out, []byte(p.Owner.Subject))
		out = appendBytes(out, []byte(p.Owner.Class))
		out = appendBytes(out, []byte(p.Purpose))
		out = appendBytes(out, []byte(p.Blob))
		out = appendBytes(out, p.Bytes)
	}
	return out
}

func appendBytes(out, b []byte) []byte {
	out = binary.AppendUvarint(out, uint64(len(b)))
	return append(out, b...)
}

// Unpack decodes a body. The result shares memory with stored. fault.Internal:
// damaged, or of a later format.
func Unpack(stored []byte) (Body, error) {
	r := reader{rest: stored}
	if len(stored) == 0 || stored[0] != bodyVersion {
		return Body{}, fault.New(fault.Internal, "record: a body of an unknown format")
	}
	r.rest = stored[1:]
	b := Body{Schema: int(r.uvarint(1 << 16)), Clear: r.bytes()}
	n := r.uvarint(64)
	for range n {
		p := Sealed{Name: string(r.bytes())}
		p.Owner.Subject, p.Owner.Class = string(r.bytes()), string(r.bytes())
		p.Purpose = Purpose(r.bytes())
		p.Blob, p.Bytes = string(r.bytes()), r.bytes()
		p.File = len(p.Name) > 5 && p.Name[:5] == "file "
		b.Parts = append(b.Parts, p)
	}
	if r.bad || len(r.rest) != 0 {
		return Body{}, fault.New(fault.Internal, "record: a damaged body")
	}
	return b, nil
}

type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uvarint(limit uint64) uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > limit {
		r.bad = true
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.uvarint(1 << 30)
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}
