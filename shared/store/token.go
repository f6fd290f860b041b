package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/okence/okence/shared/fault"
)

// Cursor is a place in an index partition: that of the last document seen.
type Cursor struct {
	Sort string
	Key  Key
}

// The text of a token is, in unpadded URL-safe base64: a format byte, 12 bytes
// of digest, then sort, kind and id with zero bytes between them. The digest
// covers tenant, index, partition, direction and the place, so that a token
// goes with no other query and a changed one is noticed. It guards against
// mistakes, not against forgery: a forged token names a place within a
// partition that its bearer may read anyway.
const (
	tokenFormat = 1
	tokenDigest = 12
	tokenMax    = 1 + tokenDigest + MaxSort + 1 + MaxKey + 1
)

var tokenText = base64.RawURLEncoding.Strict()

// After is the token that continues q behind c. For drivers.
func (q Query) After(c Cursor) string {
	place := c.Sort + "\x00" + c.Key.Kind + "\x00" + c.Key.ID
	b := make([]byte, 0, 1+tokenDigest+len(place))
	b = append(b, tokenFormat)
	b = append(b, q.digest(place)...)
	b = append(b, place...)
	return tokenText.EncodeToString(b)
}

// Cursor reads q's token; ok is false when there is none. fault.Invalid: the
// token is not one, or belongs to another query. For drivers.
func (q Query) Cursor() (c Cursor, ok bool, err error) {
	if q.Token == "" {
		return Cursor{}, false, nil
	}
	refused := fault.New(fault.Invalid, "store: a page token that does not belong to this query of index %s", q.Index)
	if len(q.Token) > tokenText.EncodedLen(tokenMax) {
		return Cursor{}, false, refused
	}
	b, err := tokenText.DecodeString(q.Token)
	if err != nil || len(b) <= 1+tokenDigest || b[0] != tokenFormat {
		return Cursor{}, false, refused
	}
	place := string(b[1+tokenDigest:])
	parts := strings.Split(place, "\x00")
	if len(parts) != 3 || !bytes.Equal(b[1:1+tokenDigest], q.digest(place)) {
		return Cursor{}, false, refused
	}
	c = Cursor{Sort: parts[0], Key: Key{Tenant: q.Tenant, Kind: parts[1], ID: parts[2]}}
	if len(c.Sort) > MaxSort || !clean(c.Sort) || CheckKey(c.Key) != nil {
		return Cursor{}, false, refused
	}
	return c, true, nil
}

func (q Query) digest(place string) []byte {
	direction := "up"
	if q.Desc {
		direction = "down"
	}
	h := sha256.New()
	for _, part := range []string{"okence store token", q.Tenant, q.Index, q.Partition, direction, place} {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(part)))
		h.Write(n[:])
		h.Write([]byte(part))
	}
	return h.Sum(nil)[:tokenDigest]
}
