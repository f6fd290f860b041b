// Package sqs takes events out of a queue of Amazon SQS where no Lambda does: in
// tests, on a machine with emulators, and in a container. On Lambda the event
// source mapping polls, and shared/host answers it record by record.
//
// A message whose receiver fails becomes visible again after the queue's
// visibility timeout, and after the queue's maxReceiveCount SQS itself moves it
// to the dead-letter queue. One that is no event of ours is left to that too.
package sqs

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/fault"
)

const (
	service = "sqs"
	// batch is what a ReceiveMessage returns at most.
	batch = 10
)

// Options say which queue.
type Options struct {
	// URL is the queue's, as SQS gives it; it is never put together from parts.
	URL string
	// Wait is how long a receive waits for a message, in seconds: 0 to 20.
	Wait int32
	// Source is the configuration; nil is amazon.Config.
	Source amazon.Source
}

// Queue is a queue. It makes no call until it is used.
type Queue struct {
	options Options
	client  amazon.Lazy[*sqs.Client]
}

// New returns a queue.
func New(o Options) *Queue {
	q := &Queue{options: o}
	q.client.Source, q.client.New = o.Source, func(c aws.Config) *sqs.Client { return sqs.NewFromConfig(c) }
	if o.Source == nil {
		q.client.Source = amazon.Config
	}
	return q
}

// Message is a message of the queue.
type Message struct {
	ID       string
	Body     []byte
	Receives int // how often it has been received, this time included

	handle *string
}

// Receive waits for messages and returns up to ten, or none.
func (q *Queue) Receive(ctx context.Context) ([]Message, error) {
	c, err := q.client.Get(ctx)
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	out, err := c.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &q.options.URL, MaxNumberOfMessages: batch, WaitTimeSeconds: q.options.Wait,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	var ms []Message
	for _, m := range out.Messages {
		receives, _ := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		ms = append(ms, Message{ID: aws.ToString(m.MessageId), Body: []byte(aws.ToString(m.Body)), Receives: receives, handle: m.ReceiptHandle})
	}
	return ms, nil
}

// Delete takes messages off the queue: up to ten that one Receive returned.
func (q *Queue) Delete(ctx context.Context, ms ...Message) error {
	if len(ms) == 0 {
		return nil
	}
	c, err := q.client.Get(ctx)
	if err != nil {
		return amazon.Fault(service, err)
	}
	in := &sqs.DeleteMessageBatchInput{QueueUrl: &q.options.URL}
	for i, m := range ms {
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.handle})
	}
	out, err := c.DeleteMessageBatch(ctx, in)
	if err != nil {
		return amazon.Fault(service, err)
	}
	if n := len(out.Failed); n > 0 {
		return fault.New(fault.Unavailable, "aws: sqs: %d messages were not deleted: %s", n, aws.ToString(out.Failed[0].Code))
	}
	return nil
}

// Deliver receives once and hands the events on, all at the same time. What a
// receiver took is deleted. It returns how many messages there were; the errors
// of receivers are joined to its own.
func (q *Queue) Deliver(ctx context.Context, receive bus.Receiver) (int, error) {
	ms, err := q.Receive(ctx)
	if err != nil {
		return 0, err
	}
	failed := make([]error, len(ms))
	var all sync.WaitGroup
	for i, m := range ms {
		all.Go(func() {
			e, err := cloudevent.UnmarshalBridged(m.Body)
			if err == nil {
				err = receive(ctx, e)
			}
			failed[i] = err
		})
	}
	all.Wait()
	var done []Message
	for i, m := range ms {
		if failed[i] == nil {
			done = append(done, m)
		}
	}
	return len(ms), errors.Join(append(failed, q.Delete(ctx, done...))...)
}
