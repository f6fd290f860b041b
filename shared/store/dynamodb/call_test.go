package dynamodb_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/dynamodb"
)

// recorded is a DynamoDB that answers as told and keeps what it was asked.
type recorded struct {
	mu    sync.Mutex
	calls []asked
}

type asked struct {
	what string // the operation
	body map[string]any
}

func record(t *testing.T, answer func(n int, a asked) (status int, body string)) (*dynamodb.Store, *recorded) {
	r := &recorded{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, what, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
		a := asked{what: what}
		b, _ := io.ReadAll(req.Body)
		if err := json.Unmarshal(b, &a.body); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		r.calls = append(r.calls, a)
		n := len(r.calls)
		r.mu.Unlock()
		status, body := answer(n, a)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return dynamodb.New(dynamodb.Options{Table: "t", Source: awstest.Source(t, server.URL), Blobs: blob.NewMemory()}), r
}

// What the SDK repeats after a lost answer is one transaction by its token; what
// we try again after a refusal is another.
func TestARepeatedCallIsOneTransaction(t *testing.T) {
	s, r := record(t, func(n int, _ asked) (int, string) {
		switch n {
		case 1:
			return 500, `{"__type":"InternalServerError"}`
		case 2:
			return 400, cancelled("TransactionConflict")
		}
		return 200, `{}`
	})
	if err := s.Commit(context.Background(), store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: "1"}, Act: store.Put}); err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for _, c := range r.calls {
		tokens = append(tokens, fmt.Sprint(c.body["ClientRequestToken"]))
	}
	if len(tokens) != 3 || tokens[0] != tokens[1] || tokens[1] == tokens[2] || len(tokens[0]) < 20 || len(tokens[0]) > 36 {
		t.Errorf("tokens %q", tokens)
	}
}

func TestEveryReadIsConsistent(t *testing.T) {
	const found = `{"k":{"S":"t/k/1"},"v":{"S":"a"},"p2":{"S":"t/i/p"},"s2":{"S":"now\u0001t/k/1"}}`
	s, r := record(t, func(_ int, a asked) (int, string) {
		switch a.what {
		case "Query":
			if a.body["IndexName"] == "by2" {
				return 200, `{"Items":[{"s2":{"S":"now\u0001t/k/1"}}]}`
			}
			return 200, `{"Items":[]}`
		case "BatchGetItem":
			return 200, `{"Responses":{"t":[` + found + `]}}`
		case "TransactGetItems":
			return 200, `{"Responses":[{},{}]}`
		}
		return 200, `{"Item":` + found + `}`
	})
	ctx, k := context.Background(), store.Key{Tenant: "t", Kind: "k", ID: "1"}
	if docs, err := s.Get(ctx, k); err != nil || docs[0].Version != "a" {
		t.Fatal(err)
	}
	if _, err := s.Get(ctx, k, store.Key{Tenant: "t", Kind: "k", ID: "2"}); err != nil {
		t.Fatal(err)
	}
	if page, err := s.Query(ctx, store.Query{Tenant: "t", Index: "i", Partition: "p"}); err != nil || len(page.Docs) != 1 {
		t.Fatalf("%+v, %v", page, err)
	}
	count := map[string]int{}
	for _, c := range r.calls {
		count[c.what]++
		switch c.what {
		case "GetItem":
			if c.body["ConsistentRead"] != true {
				t.Error("a get that is not consistent")
			}
		case "BatchGetItem":
			if c.body["RequestItems"].(map[string]any)["t"].(map[string]any)["ConsistentRead"] != true {
				t.Error("a batch that is not consistent")
			}
		}
	}
	if fmt.Sprint(count) != "map[BatchGetItem:1 GetItem:1 Query:5 TransactGetItems:1]" {
		t.Errorf("calls: %v", count)
	}
}

// An index that lags names documents that are gone, or have left the place.
func TestWhatALaggingIndexNamesIsReadAgain(t *testing.T) {
	for _, c := range []struct {
		name, item string
		want       int
	}{
		{"it stands there", `{"k":{"S":"t/k/1"},"v":{"S":"a"},"p1":{"S":"t/i/p"},"s1":{"S":"1\u0001t/k/1"}}`, 1},
		{"it stands there by another of its indexes", `{"k":{"S":"t/k/1"},"v":{"S":"a"},"p3":{"S":"t/i/p"},"s3":{"S":"1\u0001t/k/1"}}`, 1},
		{"it has moved within the partition", `{"k":{"S":"t/k/1"},"v":{"S":"a"},"p1":{"S":"t/i/p"},"s1":{"S":"2\u0001t/k/1"}}`, 0},
		{"it has left the partition", `{"k":{"S":"t/k/1"},"v":{"S":"a"},"p1":{"S":"t/i/q"},"s1":{"S":"1\u0001t/k/1"}}`, 0},
		{"it has no entry any more", `{"k":{"S":"t/k/1"},"v":{"S":"a"}}`, 0},
		{"it is gone", ``, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := record(t, func(_ int, a asked) (int, string) {
				switch {
				case a.what == "BatchGetItem":
					return 200, `{"Responses":{"t":[` + c.item + `]}}`
				case a.body["IndexName"] == "by1" || a.body["IndexName"] == "by4": // twice, as an entry moves from one to another
					return 200, `{"Items":[{"s` + strings.TrimPrefix(a.body["IndexName"].(string), "by") + `":{"S":"1\u0001t/k/1"}}]}`
				}
				return 200, `{"Items":[]}`
			})
			page, err := s.Query(context.Background(), store.Query{Tenant: "t", Index: "i", Partition: "p"})
			if err != nil || len(page.Docs) != c.want {
				t.Errorf("%d documents, want %d: %v", len(page.Docs), c.want, err)
			}
		})
	}
}

func TestADamagedItemIsADefect(t *testing.T) {
	for name, item := range map[string]string{
		"no version":            `{"k":{"S":"t/k/1"}}`,
		"a length of no number": `{"k":{"S":"t/k/1"},"v":{"S":"a.x"},"x":{"N":"1.5"}}`,
		"a body of two minds":   `{"k":{"S":"t/k/1"},"v":{"S":"a"},"x":{"N":"3"}}`,
	} {
		s, _ := record(t, func(int, asked) (int, string) { return 200, `{"Item":` + item + `}` })
		if _, err := s.Get(context.Background(), store.Key{Tenant: "t", Kind: "k", ID: "1"}); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A blind put meets a body outside; before it comes again, the document has been
// replaced by one without.
func TestABlindPutExpectsWhatItMetLast(t *testing.T) {
	met := func(version string) string {
		return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":{"k":{"S":"t/k/1"},"v":{"S":"` + version + `"}}}]}`
	}
	s, r := record(t, func(n int, _ asked) (int, string) {
		switch n {
		case 1:
			return 400, met("a.x")
		case 2:
			return 400, met("b")
		}
		return 200, `{}`
	})
	if err := s.Commit(context.Background(), store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: "1"}, Act: store.Put}); err != nil {
		t.Fatal(err)
	}
	var conditions []string
	for _, c := range r.calls {
		put := c.body["TransactItems"].([]any)[0].(map[string]any)["Put"].(map[string]any)
		conditions = append(conditions, fmt.Sprint(put["ConditionExpression"]))
	}
	if got := strings.Join(conditions, ", "); got != "attribute_not_exists(x), v = :v, attribute_not_exists(x)" {
		t.Error(got)
	}
}

func TestABodyOutsideOfAnotherLengthIsADefect(t *testing.T) {
	const version = "abcdefghijklmnopqrstuvwxyz.x"
	s, _ := record(t, func(int, asked) (int, string) {
		return 200, `{"Item":{"k":{"S":"t/k/1"},"v":{"S":"` + version + `"},"x":{"N":"3"}}}`
	})
	for body, ok := range map[string]bool{"ab": false, "abc": true, "abcd": false} {
		blobs := blob.NewMemory()
		if err := blobs.Put(context.Background(), "t/document/ab/"+version, []byte(body)); err != nil {
			t.Fatal(err)
		}
		s := dynamodb.WithBlobs(s, blobs)
		docs, err := s.Get(context.Background(), store.Key{Tenant: "t", Kind: "k", ID: "1"})
		if ok != (err == nil) || ok && string(docs[0].Body) != body {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// A deletion alone that expects nothing is one plain call, for half of what a
// transaction takes; anything else may not be repeated and is a transaction.
func TestADeletionAloneIsNoTransaction(t *testing.T) {
	k := func(id string) store.Key { return store.Key{Tenant: "t", Kind: "k", ID: id} }
	const outside = `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`
	met := `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":{"k":{"S":"t/k/1"},"v":{"S":"abcdefghijklmnopqrstuvwxyz.x"}}}]}`
	for _, c := range []struct {
		name    string
		ops     []store.Op
		answers []string // with 400; then 200
		want    string
	}{
		{"it expects nothing", []store.Op{{Key: k("1"), Act: store.Delete}}, nil, "DeleteItem"},
		{"it expects a version", []store.Op{{Key: k("1"), Act: store.Delete, Expect: store.At("a")}}, nil, "TransactWriteItems"},
		{"it expects a document", []store.Op{{Key: k("1"), Act: store.Delete, Expect: store.Present()}}, nil, "TransactWriteItems"},
		{"two", []store.Op{{Key: k("1"), Act: store.Delete}, {Key: k("2"), Act: store.Delete}}, nil, "TransactWriteItems"},
		{"a put", []store.Op{{Key: k("1"), Act: store.Put}}, nil, "TransactWriteItems"},
		{"its body is outside: that goes too", []store.Op{{Key: k("1"), Act: store.Delete}}, []string{outside, met}, "DeleteItem TransactWriteItems TransactWriteItems"},
		{"another transaction is at it", []store.Op{{Key: k("1"), Act: store.Delete}}, []string{`{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException"}`}, "DeleteItem TransactWriteItems"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, r := record(t, func(n int, _ asked) (int, string) {
				if n <= len(c.answers) {
					return 400, c.answers[n-1]
				}
				return 200, `{}`
			})
			if err := s.Commit(context.Background(), c.ops...); err != nil {
				t.Fatal(err)
			}
			var whats []string
			for _, a := range r.calls {
				whats = append(whats, a.what)
			}
			if got := strings.Join(whats, " "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
