package ledger

import (
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// edge is the right edge of a tree: its tiles and its bundle that are not full.
// It is all that is needed to add leaves.
type edge struct {
	tenant string
	id     *identity
	from   int64            // size when it was read
	size   int64            // size now
	tiles  map[int][]byte   // by level
	leaves []byte           // the bundle
	full   []store.Op       // tiles and bundles that became full
	added  map[int]struct{} // levels that changed
}

// levels is how many levels of tiles a tree of the given size has.
func levels(size int64) (n int) {
	for ; size > 0; size >>= tileHeight {
		n++
	}
	return n
}

// edgeKeys are the documents that hold the edge: a tile for each level that has
// a partial one, then the bundle.
func edgeKeys(tenant string, id *identity, size int64) (keys []store.Key, at []int) {
	for level := range levels(size) {
		if w := int(size>>(tileHeight*level)) % tileWidth; w > 0 {
			keys = append(keys, id.tileKey(tenant, Tile{level, size >> (tileHeight * (level + 1)), w}))
			at = append(at, level)
		}
	}
	if w := int(size % tileWidth); w > 0 {
		keys = append(keys, id.leavesKey(tenant, size/tileWidth, w))
		at = append(at, -1)
	}
	return keys, at
}

// newEdge builds the edge from the documents of edgeKeys, and refuses one that
// does not hash to the checkpoint: nothing is added to a damaged tree.
func newEdge(tenant string, st *state, at []int, docs []store.Doc) (*edge, error) {
	e := &edge{tenant: tenant, id: &st.identity, from: st.checkpoint.Size, size: st.checkpoint.Size, tiles: map[int][]byte{}, added: map[int]struct{}{}}
	damaged := fault.New(fault.Internal, "ledger: the tree of %s is damaged: its edge is not that of its checkpoint; verify it", tenant)
	for i, level := range at {
		switch b := docs[i].Body; {
		case level < 0:
			e.leaves = slices.Clone(b)
			if _, err := parseBundle(b, int(e.size%tileWidth)); err != nil {
				return nil, damaged
			}
		case len(b) != int(e.size>>(tileHeight*level))%tileWidth*tlog.HashSize:
			return nil, damaged
		default:
			e.tiles[level] = slices.Clone(b)
		}
	}
	if root, err := e.root(); err != nil || root != st.checkpoint.Root {
		return nil, damaged
	}
	return e, nil
}

// add appends a leaf.
func (e *edge) add(s stored) {
	e.leaves = appendStored(e.leaves, s)
	e.push(0, tlog.RecordHash(s.leaf))
	e.size++
	if e.size%tileWidth == 0 {
		e.full = append(e.full, once(e.id.leavesKey(e.tenant, e.size/tileWidth-1, tileWidth), e.leaves))
		e.leaves = nil
	}
}

// push appends a hash to a level's tile, and a full tile's root to the next.
func (e *edge) push(level int, h tlog.Hash) {
	e.added[level] = struct{}{}
	t := append(e.tiles[level], h[:]...)
	if e.tiles[level] = t; len(t) < tileWidth*tlog.HashSize {
		return
	}
	e.full = append(e.full, once(e.id.tileKey(e.tenant, Tile{level, e.size >> (tileHeight * (level + 1)), tileWidth}), t))
	delete(e.tiles, level)
	e.push(level+1, tileRoot(t))
}

// root is the root of the tree.
func (e *edge) root() (tlog.Hash, error) {
	return tlog.TreeHash(e.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			t := tlog.TileForIndex(tileHeight, x)
			h, err := tlog.HashFromTile(t, e.tiles[t.L], x)
			if err != nil {
				return nil, err
			}
			out[i] = h
		}
		return out, nil
	}))
}

// ops writes what became full, the new edge, and takes away the old one.
func (e *edge) ops() []store.Op {
	ops := e.full
	for level := range levels(e.size) {
		if _, changed := e.added[level]; !changed {
			continue
		}
		if t := e.tiles[level]; len(t) > 0 {
			ops = append(ops, once(e.id.tileKey(e.tenant, Tile{level, e.size >> (tileHeight * (level + 1)), len(t) / tlog.HashSize}), t))
		}
		if w := int(e.from>>(tileHeight*level)) % tileWidth; w > 0 {
			ops = append(ops, store.Op{Key: e.id.tileKey(e.tenant, Tile{level, e.from >> (tileHeight * (level + 1)), w}), Act: store.Delete})
		}
	}
	if len(e.leaves) > 0 {
		ops = append(ops, once(e.id.leavesKey(e.tenant, e.size/tileWidth, int(e.size%tileWidth)), e.leaves))
	}
	if w := int(e.from % tileWidth); w > 0 {
		ops = append(ops, store.Op{Key: e.id.leavesKey(e.tenant, e.from/tileWidth, w), Act: store.Delete})
	}
	return ops
}

func once(at store.Key, body []byte) store.Op {
	return store.Op{Key: at, Act: store.Put, Expect: store.Absent(), Body: body}
}
