//go:build !gcp

package host

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/fault"
)

const (
	// margin is what a Lambda keeps of its time to say how far it got, before
	// the platform kills it.
	margin = 500 * time.Millisecond
	// together is how many records of a batch are worked on at once.
	together = 8
)

// serveLambda asks the Lambda Runtime API for invocations, for good.
func serveLambda(f *Function, env *Env) error {
	lambda.StartWithOptions(&invoker{f, env, Handler(f, env)}, lambda.WithEnableSIGTERM(func() {
		env.Close() // Lambda stops a process between invocations only
		os.Exit(0)
	}))
	return nil
}

// invoker does what AWS Lambda invokes a function with:
//
//	an SQS batch          each record's body a CloudEvent in JSON, or EventBridge's
//	                      envelope around one. Records to be delivered again are
//	                      reported one by one; a malformed one too, so that the
//	                      queue's own dead-letter queue gets it
//	an EventBridge event  its detail is our CloudEvent; the envelope is not used
//	a scheduler's call    {"schedule": TYPE, "time": "<aws.scheduler.scheduled-time>"}
//	an HTTP request       of a function URL or an HTTP API (payload version 2.0)
//
// Anything else is an error. An event that can't succeed is a dead letter of
// ours, and no error to Lambda.
type invoker struct {
	f    *Function
	env  *Env
	http http.Handler
}

// invocation has what tells the shapes apart.
type invocation struct {
	Records        []record        `json:"Records"`
	Detail         json.RawMessage `json:"detail"`
	Version        string          `json:"version"`
	Schedule       string          `json:"schedule"`
	RequestContext *struct {
		HTTP *struct{} `json:"http"`
	} `json:"requestContext"`
}

// record is a message of an SQS batch.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type record struct {
	MessageID   string `json:"messageId"`
	Body        string `json:"body"`
	EventSource string `json:"eventSource"`
	Attributes  struct {
		Count string `json:"ApproximateReceiveCount"`
	} `json:"attributes"`
}

// Invoke implements lambda.Handler.
func (i *invoker) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-margin))
		defer cancel()
	}
	var in invocation
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, unknownShape()
	}
	switch {
	case len(in.Records) > 0 && in.Records[0].EventSource == "aws:sqs":
		return i.batch(ctx, in.Records)
	case in.RequestContext != nil && in.RequestContext.HTTP != nil && in.Version == "2.0":
		return i.request(ctx, payload)
	case in.Schedule != "":
		return nil, i.schedule(ctx, payload)
	case len(in.Detail) > 0:
		e, err := cloudevent.Unmarshal(in.Detail)
		if err != nil {
			return nil, err
		}
		_, err = i.f.Deliver(ctx, i.env, e, 1)
		return nil, err
	default:
		return nil, unknownShape()
	}
}

func unknownShape() error {
	return fault.New(fault.Invalid, "lambda: neither an SQS batch, nor an EventBridge event, a scheduler's call or an HTTP request")
}

// batch works on the records of an SQS batch and tells which must come again.
func (i *invoker) batch(ctx context.Context, records []record) ([]byte, error) {
	type failure struct {
		ItemIdentifier string `json:"itemIdentifier"`
	}
	answer := struct {
		BatchItemFailures []failure `json:"batchItemFailures"`
	}{[]failure{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, together)
	for _, r := range records {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := i.one(ctx, r); err != nil {
				i.env.Log.Warn("a record of a batch goes back to its queue", "function", i.f.Manifest.Name, "kind", string(fault.Of(err)), "error", err.Error())
				mu.Lock()
				defer mu.Unlock()
				answer.BatchItemFailures = append(answer.BatchItemFailures, failure{r.MessageID})
			}
		})
	}
	wg.Wait()
	return json.Marshal(answer)
}

func (i *invoker) one(ctx context.Context, r record) error {
	if err := ctx.Err(); err != nil { // no time left: it was not begun
		return err
	}
	e, err := cloudevent.UnmarshalBridged([]byte(r.Body))
	if err != nil {
		return err
	}
	tries, err := strconv.Atoi(r.Attributes.Count)
	if err != nil {
		tries = 1
	}
	_, err = i.f.Deliver(ctx, i.env, e, tries)
	return err
}

func (i *invoker) schedule(ctx context.Context, payload []byte) error {
	var c call
	if err := json.Unmarshal(payload, &c); err != nil {
		return fault.New(fault.Invalid, "lambda: a scheduler's call is {\"schedule\": TYPE, \"time\": RFC3339}")
	}
	es, err := i.f.ticks(i.env, c)
	if err != nil {
		return err
	}
	for _, e := range es {
		if _, failed := i.f.Deliver(ctx, i.env, e, 1); failed != nil {
			err = failed // the others first; the call comes again
		}
	}
	return err
}
