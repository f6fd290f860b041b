package dynamodb

import "github.com/okence/okence/shared/blob"

// WithBlobs is the same table with other object storage.
func WithBlobs(s *Store, b blob.Store) *Store {
	return New(Options{Table: s.table, Source: s.client.Source, Blobs: b})
}
