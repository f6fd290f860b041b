package eventbridge_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	bridge "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	queues "github.com/aws/aws-sdk-go-v2/service/sqs"
	attribute "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/amazon/awstest"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/bustest"
	"github.com/okence/okence/shared/bus/eventbridge"
	"github.com/okence/okence/shared/bus/sqs"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
)

// world is a bus, a rule that puts every event into a queue, and the queue's
// dead-letter queue.
type world struct {
	bus, queue, dead string
}

func newWorld(t testing.TB, receives int) world {
	t.Helper()
	ctx := context.Background()
	config, err := awstest.Source(t, awstest.Moto(t))(ctx)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	name := "okence-" + rand.Text()[:8]
	q, b := queues.NewFromConfig(config), sdk.NewFromConfig(config)
	arn := func(url *string) *string {
		out, err := q.GetQueueAttributes(ctx, &queues.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []attribute.QueueAttributeName{"QueueArn"}})
		must(err)
		return aws.String(out.Attributes["QueueArn"])
	}
	dead, err := q.CreateQueue(ctx, &queues.CreateQueueInput{QueueName: aws.String(name + "-dead")})
	must(err)
	redrive, _ := json.Marshal(map[string]any{"deadLetterTargetArn": *arn(dead.QueueUrl), "maxReceiveCount": receives})
	queue, err := q.CreateQueue(ctx, &queues.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "1", "RedrivePolicy": string(redrive)}})
	must(err)
	_, err = b.CreateEventBus(ctx, &sdk.CreateEventBusInput{Name: &name})
	must(err)
	_, err = b.PutRule(ctx, &sdk.PutRuleInput{Name: &name, EventBusName: &name, EventPattern: aws.String(`{"source":["okence"],"detail-type":["` + events.RelayDueType + `"]}`)})
	must(err)
	_, err = b.PutTargets(ctx, &sdk.PutTargetsInput{Rule: &name, EventBusName: &name, Targets: []bridge.Target{{Id: aws.String("1"), Arn: arn(queue.QueueUrl)}}})
	must(err)
	return world{name, *queue.QueueUrl, *dead.QueueUrl}
}

// pumped stops the pump with the bus.
type pumped struct {
	bus.Bus
	stop func()
}

func (p pumped) Close() error {
	p.stop()
	return p.Bus.Close()
}

func (w world) open(t testing.TB, r bus.Receiver) bus.Bus {
	source := awstest.Source(t, awstest.Moto(t))
	q := sqs.New(sqs.Options{URL: w.queue, Wait: 1, Source: source})
	ctx, cancel := context.WithCancel(context.Background())
	var pump sync.WaitGroup
	pump.Go(func() {
		for ctx.Err() == nil {
			_, _ = q.Deliver(ctx, r) // what failed comes again
		}
	})
	return pumped{eventbridge.New(eventbridge.Options{Bus: w.bus, Source: source}), func() { cancel(); pump.Wait() }}
}

func TestContract(t *testing.T) {
	bustest.Run(t, func(t *testing.T, r bus.Receiver) bus.Bus { return newWorld(t, 5).open(t, r) })
}

func event(id string) events.Event {
	return events.Event{ID: id, Source: "/test", Type: events.RelayDueType, Tenant: "ekc", Time: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC),
		Data: json.RawMessage(`{"now":"2026-11-02T07:00:00Z"}`)}
}

func TestWhatNeverSucceedsEndsInTheDeadLetterQueueAlone(t *testing.T) {
	w := newWorld(t, 2)
	var good, bad atomic.Int32
	b := w.open(t, func(_ context.Context, e events.Event) error {
		if strings.HasPrefix(e.ID, "bad") {
			bad.Add(1)
			return errors.New("never")
		}
		good.Add(1)
		return nil
	})
	defer b.Close()
	if err := b.Publish(t.Context(), event("good1"), event("bad"), event("good2")); err != nil {
		t.Fatal(err)
	}
	dead := sqs.New(sqs.Options{URL: w.dead, Wait: 1, Source: awstest.Source(t, awstest.Moto(t))})
	for end := time.Now().Add(20 * time.Second); ; {
		ms, err := dead.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(ms) == 1 && strings.Contains(string(ms[0].Body), `"bad"`) {
			break
		}
		if len(ms) > 0 || time.Now().After(end) {
			t.Fatalf("%d dead letters", len(ms))
		}
	}
	if good.Load() != 2 || bad.Load() != 2 {
		t.Errorf("%d deliveries of two good events, %d of a bad one that may come twice", good.Load(), bad.Load())
	}
}

func TestAnEntryThatWasRefusedIsPutAgainAlone(t *testing.T) {
	for _, c := range []struct {
		name  string
		codes []string // of the second entry, call by call; "" is taken
		want  fault.Kind
		cause string
		puts  []int // entries of each call
	}{
		{"taken at once", []string{""}, "", "", []int{3}},
		{"throttled once", []string{"ThrottlingException", ""}, "", "", []int{3, 1}},
		{"throttled for good", []string{"ThrottlingException"}, fault.Overload, "throttle", []int{3, 1, 1}},
		{"failed for good", []string{"InternalFailure"}, fault.Unavailable, "service", []int{3, 1, 1}},
		{"a missing right", []string{"AccessDeniedException"}, fault.Unavailable, "right", []int{3, 1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var puts []int
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var in struct{ Entries []struct{ Detail string } }
				_ = json.NewDecoder(r.Body).Decode(&in)
				code := c.codes[min(len(puts), len(c.codes)-1)]
				puts = append(puts, len(in.Entries))
				var entries []string
				failed := 0
				for _, e := range in.Entries {
					if code != "" && strings.Contains(e.Detail, `"e2"`) {
						failed++
						entries = append(entries, fmt.Sprintf(`{"ErrorCode":%q,"ErrorMessage":"m"}`, code))
						continue
					}
					entries = append(entries, `{"EventId":"1"}`)
				}
				fmt.Fprintf(w, `{"FailedEntryCount":%d,"Entries":[%s]}`, failed, strings.Join(entries, ","))
			}))
			defer server.Close()
			b := eventbridge.New(eventbridge.Options{Bus: "b", Source: awstest.Source(t, server.URL)})
			err := b.Publish(context.Background(), event("e1"), event("e2"), event("e3"))
			if fault.Of(err) != c.want || fmt.Sprint(puts) != fmt.Sprint(c.puts) {
				t.Errorf("%v after calls of %v, want %q after %v", err, puts, c.want, c.puts)
			}
			if c.cause != "" && obs.Value("okence_aws_failures_total", "service", "eventbridge", "cause", c.cause) == 0 {
				t.Error("not counted")
			}
		})
	}
}

func TestACallIsNeverTooLarge(t *testing.T) {
	var largest, most atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Entries []struct{ Detail, DetailType, Source string }
		}
		_ = json.NewDecoder(r.Body).Decode(&in)
		size := 0
		for _, e := range in.Entries {
			size += len(e.Detail) + len(e.DetailType) + len(e.Source) + 14 // as EventBridge counts
		}
		largest.Store(max(largest.Load(), int64(size)))
		most.Store(max(most.Load(), int64(len(in.Entries))))
		fmt.Fprint(w, `{"FailedEntryCount":0,"Entries":[]}`)
	}))
	defer server.Close()
	b := eventbridge.New(eventbridge.Options{Bus: "b", Source: awstest.Source(t, server.URL)})
	var es []events.Event
	for i := range 40 {
		e := event(fmt.Sprint(i))
		if i < 20 {
			e.Data = json.RawMessage(`{"now":"` + strings.Repeat("x", events.MaxData-10) + `"}`)
		}
		es = append(es, e)
	}
	if err := b.Publish(context.Background(), es...); err != nil {
		t.Fatal(err)
	}
	if largest.Load() > 256<<10 || most.Load() != 10 {
		t.Errorf("the largest call has %d bytes, the fullest %d entries", largest.Load(), most.Load())
	}
}

func TestAClosedBusPublishesNothing(t *testing.T) {
	b := eventbridge.New(eventbridge.Options{Bus: "b"})
	_ = b.Close()
	if err := b.Publish(context.Background(), event("1")); !fault.Is(err, fault.Unavailable) {
		t.Error(err)
	}
}
