package ledger

import (
	"encoding/binary"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
)

// LeafKind says what a leaf is. The set is closed.
type LeafKind byte

const (
	EntryLeaf     LeafKind = 1 // stands for an entry of the processing log
	StatementLeaf LeafKind = 2 // what the log says about itself: Statement
)

// Leaf is one leaf of the tree. Its canonical bytes, all numbers big-endian:
//
//	byte 1, byte kind, int64 nanoseconds since 1970 UTC,
//	byte length and bytes of the class, then
//	  of an entry:     32 bytes entry hash, 32 bytes commitment
//	  of a statement:  uint16 length and bytes of its text
//
// The leaf's hash in the tree is that of RFC 6962: SHA-256(0x00 || bytes).
type Leaf struct {
	Kind       LeafKind
	At         time.Time // UTC; of an entry, when it was made
	Class      audit.Class
	Entry      [32]byte // SHA-256 of the entry as it is stored
	Commitment [32]byte // salted, to the entry's content
	Text       string   // of a statement
}

const leafVersion = 1

// Bytes encodes a leaf.
func (l Leaf) Bytes() []byte {
	b := make([]byte, 0, 96)
	b = append(b, leafVersion, byte(l.Kind))
	b = binary.BigEndian.AppendUint64(b, uint64(l.At.UnixNano()))
	b = append(b, byte(len(l.Class)))
	b = append(b, l.Class...)
	if l.Kind == StatementLeaf {
		b = binary.BigEndian.AppendUint16(b, uint16(len(l.Text)))
		return append(b, l.Text...)
	}
	b = append(b, l.Entry[:]...)
	return append(b, l.Commitment[:]...)
}

// ParseLeaf decodes a leaf. It takes the canonical bytes only. fault.Internal:
// damaged, or of a later version.
func ParseLeaf(b []byte) (Leaf, error) {
	bad := fault.New(fault.Internal, "ledger: a leaf that is damaged or of a later version")
	if len(b) < 11 || b[0] != leafVersion {
		return Leaf{}, bad
	}
	l := Leaf{Kind: LeafKind(b[1]), At: time.Unix(0, int64(binary.BigEndian.Uint64(b[2:]))).UTC()}
	n, rest := int(b[10]), b[11:]
	if len(rest) < n {
		return Leaf{}, bad
	}
	l.Class, rest = audit.Class(rest[:n]), rest[n:]
	switch {
	case l.Kind == EntryLeaf && len(rest) == 64:
		copy(l.Entry[:], rest)
		copy(l.Commitment[:], rest[32:])
	case l.Kind == StatementLeaf && len(rest) >= 2 && len(rest)-2 == int(binary.BigEndian.Uint16(rest)):
		l.Text = string(rest[2:])
	default:
		return Leaf{}, bad
	}
	return l, nil
}

// stored is a leaf with the id of its entry, which is no part of the tree: it
// only helps to find the entry.
type stored struct {
	leaf []byte
	id   string // "" for a statement
}

// appendStored adds to a bundle: uint16 length and leaf (as an entry bundle of
// tlog-tiles has it), byte length and id.
func appendStored(b []byte, s stored) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s.leaf)))
	b = append(b, s.leaf...)
	b = append(b, byte(len(s.id)))
	return append(b, s.id...)
}

// parseBundle decodes a bundle of exactly want leaves.
func parseBundle(b []byte, want int) ([]stored, error) {
	bad := fault.New(fault.Internal, "ledger: a damaged bundle of leaves")
	out := make([]stored, 0, want)
	for len(b) > 0 {
		if len(b) < 3 {
			return nil, bad
		}
		n := int(binary.BigEndian.Uint16(b))
		if len(b) < 2+n+1 {
			return nil, bad
		}
		s := stored{leaf: b[2 : 2+n]}
		m := int(b[2+n])
		b = b[2+n+1:]
		if len(b) < m {
			return nil, bad
		}
		s.id, b = string(b[:m]), b[m:]
		out = append(out, s)
	}
	if len(out) != want {
		return nil, bad
	}
	return out, nil
}
