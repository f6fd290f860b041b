package dynamodb_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/dynamodb"
)

// refusing is a DynamoDB that answers each call with the next of bodies, the
// last one for good.
func refusing(t *testing.T, status int, bodies ...string) (*dynamodb.Store, *atomic.Int32) {
	calls := new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1))
		body := bodies[min(n, len(bodies))-1]
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if strings.HasPrefix(body, `{"__type"`) {
			w.WriteHeader(status)
		}
		fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return dynamodb.New(dynamodb.Options{Table: "t", Source: awstest.Source(t, server.URL), Blobs: blob.NewMemory()}), calls
}

func cancelled(codes ...string) string {
	var reasons []string
	for _, c := range codes {
		code, message, _ := strings.Cut(c, ":")
		reasons = append(reasons, fmt.Sprintf(`{"Code":%q,"Message":%q}`, code, message))
	}
	return `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[` + strings.Join(reasons, ",") + `]}`
}

func failure(code, message string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`, code, message)
}

func TestWhyACommitWasRefusedIsToldApart(t *testing.T) {
	put := store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: "1"}, Act: store.Put, Expect: store.Absent()}
	check := store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: "2"}, Act: store.Check, Expect: store.Present()}
	for _, c := range []struct {
		name   string
		bodies []string
		want   fault.Kind
		cause  string // of okence_store_refusals_total
		aws    string // of okence_aws_failures_total
	}{
		{"it is done", []string{`{}`}, "", "", ""},
		{"an expectation does not hold", []string{cancelled("None", "ConditionalCheckFailed")}, fault.Conflict, "condition", ""},
		{"an expectation does not hold while another transaction runs", []string{cancelled("TransactionConflict", "ConditionalCheckFailed")}, fault.Conflict, "condition", ""},
		{"another transaction runs, and then it is done", []string{cancelled("TransactionConflict", "None"), `{}`}, "", "conflict", ""},
		{"a hot key, and then it is done", []string{cancelled("ThrottlingError", "None"), `{}`}, "", "throttle", ""},
		{"an item too large", []string{cancelled("ValidationError:Item size has exceeded the maximum allowed size", "None")}, fault.TooLarge, "size", ""},
		{"a transaction too large", []string{failure("ValidationException", "Member must have size less than or equal to, exceeded")}, fault.TooLarge, "size", ""},
		{"a call that DynamoDB does not understand", []string{failure("ValidationException", "Invalid ConditionExpression")}, fault.Internal, "", "call"},
		{"a missing right", []string{failure("AccessDeniedException", "not authorized to perform: dynamodb:TransactWriteItems")}, fault.Unavailable, "", "right"},
		{"expired credentials", []string{failure("ExpiredTokenException", "expired")}, fault.Unavailable, "", "credentials"},
		{"a wrong region", []string{failure("ResourceNotFoundException", "Requested resource not found")}, fault.Unavailable, "", "place"},
		{"throttled for good", []string{failure("ThrottlingException", "Rate exceeded")}, fault.Overload, "", "throttle"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, calls := refusing(t, 400, c.bodies...)
			err := s.Commit(context.Background(), put, check)
			if n := int(calls.Load()); c.want != fault.Overload && n != len(c.bodies) {
				t.Errorf("%d calls, want %d", n, len(c.bodies))
			}
			if fault.Of(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			if c.cause != "" && obs.Value("okence_store_refusals_total", "cause", c.cause) == 0 {
				t.Errorf("no refusal counted for %s", c.cause)
			}
			if c.aws != "" && obs.Value("okence_aws_failures_total", "service", "dynamodb", "cause", c.aws) == 0 {
				t.Errorf("no failure counted for %s", c.aws)
			}
		})
	}
}

func TestATransactionInTheWayIsTriedUntilTheTimeIsUp(t *testing.T) {
	s, calls := refusing(t, 400, cancelled("TransactionConflict"))
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	err := s.Commit(ctx, store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: "1"}, Act: store.Put})
	if !fault.Is(err, fault.Unavailable) || calls.Load() < 3 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestABodyOutsideThatIsGoneIsReadAgain(t *testing.T) {
	s, calls := refusing(t, 400, `{"Item":{"k":{"S":"t/k/1"},"v":{"S":"abcdefghijklmnopqrstuvwxyz.x"},"x":{"N":"3"}}}`,
		`{"Item":{"k":{"S":"t/k/1"},"v":{"S":"abcdefghijklmnopqrstuvwxyz"},"b":{"B":"Ynll"}}}`)
	docs, err := s.Get(context.Background(), store.Key{Tenant: "t", Kind: "k", ID: "1"})
	if err != nil || string(docs[0].Body) != "bye" || calls.Load() != 2 {
		t.Errorf("%v after %d calls: %v", docs, calls.Load(), err)
	}
}

func TestSweepRemovesWhatACrashLeftAndNothingElse(t *testing.T) {
	o := table(t)
	s := dynamodb.New(o)
	ctx := context.Background()
	if err := s.Commit(ctx, store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: "1"}, Act: store.Put, Body: make([]byte, dynamodb.Inline+1)}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"t/document/aa/left.x", "u/document/aa/left.x", "t/attachment/1"} {
		if err := o.Blobs.Put(ctx, name, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name  string
		after time.Duration
		want  int
	}{{"young", 23 * time.Hour, 0}, {"old", 25 * time.Hour, 1}, {"again", 25 * time.Hour, 0}} {
		if n, err := s.Sweep(ctx, "t", time.Now().Add(c.after)); n != c.want || err != nil {
			t.Errorf("%s: %d removed, want %d: %v", c.name, n, c.want, err)
		}
	}
	if infos, _, _ := o.Blobs.List(ctx, "", ""); len(infos) != 3 {
		t.Errorf("%d are left", len(infos))
	}
}

func TestATableIsProtectedAndRecovered(t *testing.T) {
	in := dynamodb.Table("x", dynamodb.TableOptions{KeyID: "alias/x"})
	if !*in.DeletionProtectionEnabled || *in.SSESpecification.KMSMasterKeyId != "alias/x" || len(in.GlobalSecondaryIndexes) != store.MaxEntries {
		t.Errorf("%+v", in)
	}
}
