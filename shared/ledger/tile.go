package ledger

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight // hashes in a full tile
)

// Tile names a tile of the tree: the Width hashes at level Level*8 from number
// N*256 on. x/mod's own paths differ from tlog-tiles in having the height.
type Tile struct {
	Level int
	N     int64
	Width int // 1 to 256
}

// Path is the tile's path by tlog-tiles, without "tile/": 0/x001/234 for a full
// one, 0/x001/234.p/17 for a partial one.
func (t Tile) Path() string { return strconv.Itoa(t.Level) + "/" + numbered(t.N, t.Width) }

func numbered(n int64, width int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if width < tileWidth {
		s += ".p/" + strconv.Itoa(width)
	}
	return s
}

// ParseTile reads a path as Path writes it. fault.NotFound: it is none; the
// empty tile and other spellings are refused too.
func ParseTile(path string) (Tile, error) {
	none := fault.New(fault.NotFound, "no such tile")
	t := Tile{Width: tileWidth}
	level, rest, ok := strings.Cut(path, "/")
	l, err := strconv.Atoi(level)
	if !ok || err != nil || l < 0 || l > 63 || len(path) > 64 {
		return t, none
	}
	t.Level = l
	rest, width, partial := strings.Cut(rest, ".p/")
	if partial {
		if t.Width, err = strconv.Atoi(width); err != nil || t.Width < 1 || t.Width >= tileWidth {
			return t, none
		}
	}
	for part := range strings.SplitSeq(rest, "/") {
		d, err := strconv.Atoi(strings.TrimPrefix(part, "x"))
		if err != nil || d < 0 || d > 999 || t.N > 1<<50 {
			return t, none
		}
		t.N = t.N*1000 + int64(d)
	}
	if t.Path() != path {
		return t, none
	}
	return t, nil
}

// widthAt is how many hashes of the tile a tree of the given size has.
func widthAt(size int64, level int, n int64) int {
	if level > 7 { // 256^8 leaves are more than an int64 counts
		return 0
	}
	return int(min(max(size>>(tileHeight*level)-n*tileWidth, 0), tileWidth))
}

// TileSource is where tiles and the newest checkpoint come from: the tree store,
// or a published log over HTTP.
type TileSource interface {
	// Checkpoint returns the newest signed checkpoint. fault.NotFound: none.
	Checkpoint(ctx context.Context) ([]byte, error)
	// Tile returns a tile's Width*32 bytes. fault.NotFound: there is none.
	Tile(ctx context.Context, t Tile) ([]byte, error)
}

// tileReader is a TileSource for x/mod, which checks every tile it is given
// against the root.
type tileReader struct {
	ctx context.Context
	src TileSource
}

func (r tileReader) Height() int { return tileHeight }

func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, t := range tiles {
		b, err := r.src.Tile(r.ctx, Tile{Level: t.L, N: t.N, Width: t.W})
		if err != nil {
			return nil, err
		}
		out[i] = b
	}
	return out, nil
}

func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// hashes reads any hash of a tree from tiles, checked against its root.
func hashes(ctx context.Context, src TileSource, tree tlog.Tree) tlog.HashReader {
	return tlog.TileHashReader(tree, tileReader{ctx, src})
}

// tileRoot is the hash over a full tile: the tree hash of its 256 hashes.
func tileRoot(data []byte) tlog.Hash {
	if len(data) == tlog.HashSize {
		return tlog.Hash(data)
	}
	half := len(data) / 2
	return tlog.NodeHash(tileRoot(data[:half]), tileRoot(data[half:]))
}
