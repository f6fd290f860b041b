// Package blob is the object storage port: sealed bytes that are too large for
// a document. Drivers stand beside it (file, s3; later gcs), and each passes
// blobtest.
package blob

import (
	"context"
	"time"
)

// Store is what a driver implements. All methods may be called at once from
// many goroutines. A name is opaque: tenant/kind/id/random, of letters, digits
// and . _ ~ - between single slashes, at most 300 bytes; it holds no personal
// data. What is stored is sealed already.
type Store interface {
	// Put stores b under a name that must be new. On nil it is durable. A name
	// that is taken: nil if it holds the same bytes, else fault.Conflict.
	Put(ctx context.Context, name string, b []byte) error

	// Get returns the bytes. fault.NotFound: none; fault.TooLarge: more than
	// limit.
	Get(ctx context.Context, name string, limit int64) ([]byte, error)

	// Delete removes the bytes; it is fine if there are none.
	Delete(ctx context.Context, name string) error

	// List returns a page of names with a prefix, in byte order, for finding
	// blobs that nobody names. An empty next is the last page.
	List(ctx context.Context, prefix, token string) (infos []Info, next string, err error)

	// Close ends it.
	Close() error
}

// Info is a stored blob.
type Info struct {
	Name     string
	Size     int64
	StoredAt time.Time // wall time, UTC
}
