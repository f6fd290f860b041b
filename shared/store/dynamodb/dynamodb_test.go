package dynamodb_test

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/dynamodb"
	"github.com/okence/okence/shared/store/storetest"
)

// table makes a table with a name of its own.
func table(t testing.TB) dynamodb.Options {
	t.Helper()
	o := dynamodb.Options{Table: "okence-" + rand.Text()[:10], Source: awstest.Source(t, awstest.DynamoDB(t)), Blobs: blob.NewMemory()}
	if err := dynamodb.Create(context.Background(), o.Source, o.Table, dynamodb.TableOptions{Unprotected: true}); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestContract(t *testing.T) {
	o := table(t)
	storetest.Run(t, func(*testing.T) store.Store { return storetest.Faulty(dynamodb.New(o)) })
}

// The wrapped keys' table has no object storage.
func TestWithoutObjectStorageEveryBodyIsInItsItem(t *testing.T) {
	o := table(t)
	o.Blobs = nil
	s, ctx := dynamodb.New(o), context.Background()
	k := store.Key{Tenant: "t", Kind: "k", ID: "1"}
	for i, n := range []int{store.MaxBody, dynamodb.Inline + 1, 0} {
		if err := s.Commit(ctx, store.Op{Key: k, Act: store.Put, Body: make([]byte, n)}); err != nil {
			t.Fatal(err)
		}
		docs, err := s.Get(ctx, k)
		if err != nil || len(docs[0].Body) != n {
			t.Fatalf("%d: %d bytes, %v", i, len(docs[0].Body), err)
		}
	}
	if err := s.Commit(ctx, store.Op{Key: k, Act: store.Delete, Expect: store.Present()}); err != nil {
		t.Fatal(err)
	}
}

func TestDurable(t *testing.T) {
	storetest.RunDurable(t, func(t *testing.T) func() store.Store {
		o := table(t)
		return func() store.Store { return dynamodb.New(o) }
	})
}
