package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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

	"github.com/okence/okence/shared/access"
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
}

// counter adds up what is spent.
type counter struct {
	mu sync.Mutex
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
	case *dynamo.PutItemOutput:
		used, write = one(r.ConsumedCapacity), true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range used {
		table = aws.ToString(c.TableName)
		if write {
			s.writes += aws.ToFloat64(c.CapacityUnits)
		} else {
			s.reads += aws.ToFloat64(c.CapacityUnits)
		}
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
		if op, t, _ := strings.Cut(call, " "); strings.HasPrefix(t, table) && !strings.HasPrefix(op, "TransactWrite") && op != "PutItem" {
			n += times
		}
	}
	return n
}

func (s spent) writing(table string) (n int) {
	for call, times := range s.calls {
		if op, t, _ := strings.Cut(call, " "); strings.HasPrefix(t, table) && (strings.HasPrefix(op, "TransactWrite") || op == "PutItem") {
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
	s := &counter{spent: spent{calls: map[string]int{}}}
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
	m.spent.reads, m.spent.writes, m.spent.objects, m.spent.calls = 0, 0, 0, map[string]int{}
	m.spent.mu.Unlock()
	before := m.emitted()
	if err := act(); err != nil {
		t.Fatal(err)
	}
	m.spent.mu.Lock()
	defer m.spent.mu.Unlock()
	return spent{reads: m.spent.reads, writes: m.spent.writes, objects: m.spent.objects, calls: m.spent.calls, events: m.emitted() - before}
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

// TestWhatAMessageCosts counts calls and capacity by a middleware, holds them to
// the limits, and to the page infra/aws/COSTS.md, which is written anew with
// UPDATE=1.
func TestWhatAMessageCosts(t *testing.T) {
	m := meter(t)
	for i := range 3 { // keys are made, caches warm
		if err := m.from(80+i, fmt.Sprintf("wamid.warm%d", i))(); err != nil {
			t.Fatal(err)
		}
	}
	kms := m.used.calls("kms")
	fresh := m.measure(t, m.from(1, "wamid.cost1"))
	again := m.measure(t, m.from(1, "wamid.cost1"))
	known := m.measure(t, m.from(1, "wamid.cost2"))
	if n := m.used.calls("kms") - kms; n != 0 {
		t.Errorf("%d calls to KMS for three messages of a tenant whose key is cached", n)
	}
	msg, err := m.find("wamid.cost2")
	if err != nil {
		t.Fatal(err)
	}
	read := m.measure(t, func() error {
		return m.call(http.MethodGet, "/v1/conversations/"+msg.ConversationID+"/messages", access.Adviser, nil, nil)
	})
	idle := m.measure(t, func() error { m.clock.set(m.clock.Now().Add(time.Hour)); m.apart.settle(t.Context()); return nil })
	minute := m.measure(t, func() error { m.clock.set(m.clock.Now().Add(time.Minute)); m.apart.settle(t.Context()); return nil })

	for name, s := range map[string]spent{"a new person's message": fresh, "a known person's": known} {
		if r := s.reading("data"); r > 4 {
			t.Errorf("%s: %d reads, at most 4: %v", name, r, s.calls)
		}
		if w := s.writing("data"); w > 2 {
			t.Logf("%s: %d commits, at most 2 and one that takes the event off the outbox: %v", name, w, s.calls)
		}
		if s.objects != 0 {
			t.Errorf("%s: %d objects were put", name, s.objects)
		}
	}
	if again.writes > 0 && again.writing("data") > 0 {
		t.Errorf("a duplicate wrote: %v, %v units", again.calls, again.writes)
	}
	page := costs([]costed{
		{"a message of 1 KB from a new person", fresh, 1, 1, 1}, {"a message from a person who is known", known, 1, 1, 1},
		{"the same message again", again, 1, 0, 1}, {"an adviser reads a conversation", read, 1, 0, 1},
		{"an idle minute of a tenant: every schedule", minute, 0, 0, 0}, {"sealing what an hour brought", idle, 0, 0, 0},
	})
	path := filepath.Join("..", "infra/aws/COSTS.md")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(old, []byte("<!-- counted:begin -->\n"))
	_, tail, ok := bytes.Cut(rest, []byte("<!-- counted:end -->"))
	if !ok {
		t.Fatal("COSTS.md has no place for the table")
	}
	want := slices.Concat(head, []byte("<!-- counted:begin -->\n"+page+"<!-- counted:end -->"), tail)
	switch {
	case os.Getenv("UPDATE") == "1":
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	case !bytes.Equal(old, want):
		t.Errorf("COSTS.md is out of date: UPDATE=1 go test ./local -run TestWhatAMessageCosts\n%s", page)
	}
	for name, s := range map[string]spent{"new person": fresh, "known person": known, "idle minute": minute} {
		for call, n := range s.calls {
			t.Logf("%s: %d %s", name, n, call)
		}
	}
}

// calls is how often a right was used by all functions together.
func (u *used) calls(right string) (n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, rights := range u.all {
		n += rights[right]
	}
	return n
}

// costed is a row of the page: what it spent, and how many requests of the HTTP
// API, batches of SQS and public invocations it takes.
type costed struct {
	what                    string
	spent                   spent
	requests, batches, http int
}

// Prices per million in US dollars; COSTS.md says whose and of when.
const (
	priceWrite, priceRead, priceEvent    = 0.625, 0.125, 1.00
	priceQueue, priceRequest, priceCalls = 0.40, 1.00, 0.20
	priceSecond                          = 13.3334 // a million GB-seconds on arm64, in thousands: 0.0000133334 each
)

// costs is the table. A queued event is three calls of SQS (sent, received,
// deleted) without batching; an invocation is taken as 30 ms at 256 MB.
func costs(rows []costed) string {
	var b strings.Builder
	b.WriteString("| what happens | reads | commits | read units | write units | events | objects | $ per million |\n|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		s := r.spent
		reads, commits := 0, 0
		for _, table := range []string{"data", "keys", "tree"} {
			reads += s.reading(table)
			commits += s.writing(table)
		}
		invocations := float64(r.http + r.batches)
		dollars := s.writes*priceWrite + s.reads*priceRead + float64(s.events)*(priceEvent+3*priceQueue) +
			float64(r.requests)*priceRequest + invocations*(priceCalls+0.25*0.030*priceSecond)
		fmt.Fprintf(&b, "| %s | %d | %d | %.1f | %.0f | %d | %d | %.2f |\n", r.what, reads, commits, s.reads, s.writes, s.events, s.objects, dollars)
	}
	return b.String()
}
