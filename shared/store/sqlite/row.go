package sqlite

import (
	"bytes"
	"strings"

	"github.com/okence/okence/shared/store"
)

// The columns as they are stored. The parts of keys and entries hold no
// control characters, and tenant, kind and index no '/' (store.CheckOps), so
// '/' and zero bytes separate them for certain.

// appendKey is docs.key: tenant/id/kind. The id comes before the kind so that
// the documents of one commit, whose ids begin alike, lie on one page: a page
// is what a commit has to write, however small the document.
func appendKey(b []byte, k store.Key) []byte {
	b = append(b, k.Tenant...)
	b = append(b, '/')
	b = append(b, k.ID...)
	b = append(b, '/')
	return append(b, k.Kind...)
}

// appendName is entries.key: kind/id, in the order that a query promises.
func appendName(b []byte, k store.Key) []byte {
	b = append(b, k.Kind...)
	b = append(b, '/')
	return append(b, k.ID...)
}

// parseName is the inverse of appendName.
func parseName(tenant, s string) store.Key {
	kind, id, _ := strings.Cut(s, "/")
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
