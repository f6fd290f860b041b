package sqlite

import (
	"bytes"
	"strings"

	"github.com/okence/okence/shared/store"
)

// The columns as they are stored. The parts of keys and entries hold no
// control characters, and tenant, kind and index no '/' (store.CheckOps), so
// '/' and zero bytes separate them for certain.

// appendKey is docs.key and entries.key: tenant/kind/id.
func appendKey(b []byte, k store.Key) []byte {
	b = append(b, k.Tenant...)
	b = append(b, '/')
	b = append(b, k.Kind...)
	b = append(b, '/')
	return append(b, k.ID...)
}

// parseKey is the inverse of appendKey.
func parseKey(s string) store.Key {
	tenant, rest, _ := strings.Cut(s, "/")
	kind, id, _ := strings.Cut(rest, "/")
	return store.Key{Tenant: tenant, Kind: kind, ID: id}
}

// appendPart is entries.part: tenant/index/partition.
func appendPart(b []byte, tenant, index, partition string) []byte {
	b = append(b, tenant...)
	b = append(b, '/')
	b = append(b, index...)
	b = append(b, '/')
	return append(b, partition...)
}

// appendEntry adds an entry to docs.idx: part, 0, sort, 0.
func appendEntry(b []byte, tenant string, e store.Entry) []byte {
	b = appendPart(b, tenant, e.Index, e.Partition)
	b = append(b, 0)
	b = append(b, e.Sort...)
	return append(b, 0)
}

// cutEntry splits docs.idx after its first entry.
func cutEntry(idx []byte) (first, rest []byte) {
	part := bytes.IndexByte(idx, 0) + 1
	n := part + bytes.IndexByte(idx[part:], 0) + 1
	return idx[:n], idx[n:]
}

func splitEntry(one []byte) (part, sort []byte) {
	part, sort, _ = bytes.Cut(one[:len(one)-1], []byte{0})
	return part, sort
}

func hasEntry(idx, one []byte) bool {
	for len(idx) > 0 {
		var e []byte
		if e, idx = cutEntry(idx); bytes.Equal(e, one) {
			return true
		}
	}
	return false
}
