package main

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	dynamo "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/store/dynamodb"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// spent is what calls to AWS were made, counted by a middleware of the SDK, and
// what DynamoDB said of the capacity that they took.
type spent struct {
	reads, writes float64        // capacity units
	calls         map[string]int // by operation, and by table: "TransactWriteItems data"
	events        int
	objects       int
	actions       []action
}

// counter adds up what is spent.
type counter struct {
	mu   sync.Mutex
	seen map[string]lastSeen // items by key, as they were written last
	spent
}

// source is a configuration whose calls are counted.
func (s *counter) source(endpoint string) amazon.Source {
	return func(ctx context.Context) (aws.Config, error) {
		return amazon.Load(ctx, config.WithRegion(awstest.Region), config.WithBaseEndpoint(endpoint),
			config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("test", "test", "")),
			config.WithAPIOptions([]func(*middleware.Stack) error{func(stack *middleware.Stack) error {
				return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("spent", s.count), middleware.Before)
			}}))
	}
}

func (s *counter) count(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	table := ""
	switch p := in.Parameters.(type) {
	case *dynamo.GetItemInput:
		p.ReturnConsumedCapacity, table = dynamotypes.ReturnConsumedCapacityTotal, aws.ToString(p.TableName)
	case *dynamo.QueryInput:
		p.ReturnConsumedCapacity, table = dynamotypes.ReturnConsumedCapacityTotal, aws.ToString(p.TableName)
	case *dynamo.BatchGetItemInput:
		p.ReturnConsumedCapacity = dynamotypes.ReturnConsumedCapacityTotal
	case *dynamo.TransactGetItemsInput:
		p.ReturnConsumedCapacity = dynamotypes.ReturnConsumedCapacityTotal
	case *dynamo.TransactWriteItemsInput:
		p.ReturnConsumedCapacity = dynamotypes.ReturnConsumedCapacityTotal
	case *dynamo.DeleteItemInput:
		p.ReturnConsumedCapacity, table = dynamotypes.ReturnConsumedCapacityTotal, aws.ToString(p.TableName)
	case *dynamo.PutItemInput:
		p.ReturnConsumedCapacity, table = dynamotypes.ReturnConsumedCapacityTotal, aws.ToString(p.TableName)
	}
	out, metadata, err := next.HandleInitialize(ctx, in)
	var used []dynamotypes.ConsumedCapacity
	write := false
	switch r := out.Result.(type) {
	case *dynamo.GetItemOutput:
		used = one(r.ConsumedCapacity)
	case *dynamo.QueryOutput:
		used = one(r.ConsumedCapacity)
	case *dynamo.BatchGetItemOutput:
		used = r.ConsumedCapacity
	case *dynamo.TransactGetItemsOutput:
		used = r.ConsumedCapacity
	case *dynamo.TransactWriteItemsOutput:
		used, write = r.ConsumedCapacity, true
	case *dynamo.DeleteItemOutput:
		used, write = one(r.ConsumedCapacity), true
	case *dynamo.PutItemOutput:
		used, write = one(r.ConsumedCapacity), true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := out.Result.(*dynamo.QueryOutput); ok && len(used) == 1 && aws.ToFloat64(used[0].CapacityUnits) == 0 {
		s.reads += 0.5 // what Amazon takes at least; DynamoDB Local takes nothing for an empty page
	}
	for _, c := range used {
		table = aws.ToString(c.TableName)
		if write {
			s.writes += aws.ToFloat64(c.CapacityUnits)
		} else {
			s.reads += aws.ToFloat64(c.CapacityUnits)
		}
	}
	if write {
		s.priced(in.Parameters)
	}
	s.calls[middleware.GetOperationName(ctx)+" "+table]++
	return out, metadata, err
}

func one(c *dynamotypes.ConsumedCapacity) []dynamotypes.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []dynamotypes.ConsumedCapacity{*c}
}

// reading and writing are calls to the table of documents.
func (s spent) reading(table string) (n int) {
	for call, times := range s.calls {
		if op, t, _ := strings.Cut(call, " "); strings.HasPrefix(t, table) && !strings.HasPrefix(op, "TransactWrite") && op != "PutItem" && op != "DeleteItem" {
			n += times
		}
	}
	return n
}

func (s spent) writing(table string) (n int) {
	for call, times := range s.calls {
		if op, t, _ := strings.Cut(call, " "); strings.HasPrefix(t, table) && (strings.HasPrefix(op, "TransactWrite") || op == "PutItem" || op == "DeleteItem") {
			n += times
		}
	}
	return n
}

// countedBlobs counts PUTs of objects.
type countedBlobs struct {
	blob.Store
	spent *counter
}

func (c countedBlobs) Put(ctx context.Context, name string, b []byte) error {
	c.spent.mu.Lock()
	c.spent.objects++
	c.spent.mu.Unlock()
	return c.Store.Put(ctx, name, b)
}

// metered is the deployed functions on DynamoDB Local, with a meter.
type metered struct {
	*demo
	apart *apart
	spent *counter
	used  *used
}

func meter(t *testing.T) *metered {
	t.Helper()
	endpoint := awstest.DynamoDB(t)
	s := &counter{seen: map[string]lastSeen{}, spent: spent{calls: map[string]int{}}}
	u := &used{all: map[string]map[string]int{}}
	suffix := fmt.Sprint(time.Now().UnixNano())
	for _, table := range []string{"data", "keys", "tree"} {
		if err := dynamodb.Create(t.Context(), s.source(endpoint), table+suffix, dynamodb.TableOptions{Unprotected: true}); err != nil {
			t.Fatal(err)
		}
	}
	kms, err := vaultfile.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	blobs := countedBlobs{blob.NewMemory(), s}
	a, d := startApart(t, u, func(string) ports {
		at := func(table string) *dynamodb.Store {
			return dynamodb.New(dynamodb.Options{Table: table + suffix, Source: s.source(endpoint), Blobs: blobs})
		}
		return ports{docs: at("data"), keys: at("keys"), tree: at("tree"), blobs: blobs, kms: kms}
	})
	return &metered{d, a, s, u}
}

// measure is what an act spends.
func (m *metered) measure(t *testing.T, act func() error) spent {
	t.Helper()
	m.spent.mu.Lock()
	m.spent.reads, m.spent.writes, m.spent.objects, m.spent.calls, m.spent.actions = 0, 0, 0, map[string]int{}, nil
	m.spent.mu.Unlock()
	before := m.emitted()
	if err := act(); err != nil {
		t.Fatal(err)
	}
	m.spent.mu.Lock()
	defer m.spent.mu.Unlock()
	return spent{reads: m.spent.reads, writes: m.spent.writes, objects: m.spent.objects, actions: m.spent.actions, calls: maps.Clone(m.spent.calls), events: m.emitted() - before}
}

// emitted is how many events went over the bus so far.
func (m *metered) emitted() (n int) {
	m.used.mu.Lock()
	defer m.used.mu.Unlock()
	for _, rights := range m.used.all {
		n += rights["emit"]
	}
	return n
}

// from is a WhatsApp message of 1 KB from a person.
func (m *metered) from(person int, id string) func() error {
	body := whatsappText(id, strings.Repeat("Kje dobim potrdilo? ", 20), m.clock.Now(), "")
	body = strings.ReplaceAll(body, "38641123456", fmt.Sprintf("386411234%02d", person))
	return func() error { return m.arrive(message.WhatsApp, "meta", body) }
}
