package retention

import (
	"crypto/sha256"
	"encoding/hex"
)

// Taken is how far somebody has taken data that then go here: page after page,
// each item's digest joined to those before.
type Taken struct {
	Next   string `json:"next,omitempty"`   // the place of the page that is due
	Count  int    `json:"count,omitempty"`  // items
	Digest string `json:"digest,omitempty"` // Join of all so far
	All    bool   `json:"all,omitempty"`    // the last page has been given out
}

// Join is the digest over items in order: SHA-256, in hex, of the digest before
// (none at the beginning) and the SHA-256 of the item's line, both in hex.
func Join(before string, line []byte) string {
	one := sha256.Sum256(line)
	sum := sha256.Sum256([]byte(before + hex.EncodeToString(one[:])))
	return hex.EncodeToString(sum[:])
}

// Take notes that the page at a place was given out, and what follows it. The
// first page ("") begins anew. A page that was given out before counts once;
// one that is not due yet does not count.
func (t *Taken) Take(place, next string, lines [][]byte) {
	switch {
	case place == "":
		*t = Taken{}
	case place != t.Next || t.All:
		return
	}
	for _, l := range lines {
		t.Digest = Join(t.Digest, l)
	}
	t.Count += len(lines)
	t.Next, t.All = next, next == ""
}
