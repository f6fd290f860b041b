package dynamodb

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store"
)

const service = "dynamodb"

// Inline is the longest body in bytes that stands in its item; a longer one
// goes to the object storage. With it, and five entries of the greatest length,
// a hundred documents stay under the 4 MB that a transaction may read
// (developer guide, "Quotas"), and an item of 32 KB costs as much to write as
// thirteen objects.
const Inline = 32 << 10

// Options say where a store is.
type Options struct {
	// Table is the table's name or ARN.
	Table string
	// Source is the configuration; nil is amazon.Config.
	Source amazon.Source
	// Blobs takes the bodies over Inline. Nil: they stay in their items, and a
	// Get of many of them may be refused as fault.TooLarge. The store doesn't
	// close it.
	Blobs blob.Store
}

// Store is a table. It makes no call until it is used.
type Store struct {
	table  string
	blobs  blob.Store
	client amazon.Lazy[*dynamodb.Client]
	gate   amazon.Gate
}

var _ store.Store = (*Store)(nil)

// New returns a store.
func New(o Options) *Store {
	s := &Store{table: o.Table, blobs: o.Blobs}
	s.client.Source, s.client.New = o.Source, client
	if o.Source == nil {
		s.client.Source = amazon.Config
	}
	return s
}

func client(c aws.Config) *dynamodb.Client { return dynamodb.NewFromConfig(c) }

// begin refuses a call after Close or with an ended context; done ends it.
func (s *Store) begin(ctx context.Context) (c *dynamodb.Client, done func(), err error) {
	if done, err = s.gate.Begin(ctx, service); err != nil {
		return nil, nil, err
	}
	if c, err = s.client.Get(ctx); err != nil {
		done()
		return nil, nil, amazon.Fault(service, err)
	}
	return c, done, nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.gate.Close()
	return nil
}

// token is 26 random characters: 130 bits.
func token() string { return strings.ToLower(rand.Text()) }

const (
	// patience is how long a call that others get in the way of is tried.
	patience = 10 * time.Second
	// shortest and longest are the bounds of the waits between tries: about
	// what a transaction takes, and ten.
	shortest, longest = 5 * time.Millisecond, 80 * time.Millisecond
)

// again waits before the next try, a random while that grows. It reports
// whether there is time for one.
func again(ctx context.Context, began time.Time, try int) bool {
	most := min(shortest<<min(try, 6), longest)
	var b [2]byte
	rand.Read(b[:])
	wait := most/2 + most/2*time.Duration(int(b[0])<<8|int(b[1]))/(1<<16)
	if time.Since(began)+wait > patience {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}

// refused counts why DynamoDB did not do what it was asked.
func refused(cause string) { obs.Count("okence_store_refusals_total", "cause", cause) }
