// Package eventbridge is the bus over Amazon EventBridge: an event is put on one
// bus, whose rules put it into the queue of each function that consumes its type
// (infra/aws makes them from the manifests), from where Lambda gets it in
// batches (shared/host). Others may be given rules of their own: what is on the
// bus is ids, states and times.
//
// An entry has source "okence", the event's type as detail-type, and the
// CloudEvent in JSON as detail.
//
// Publish returns when EventBridge has every event. From there to the queues it
// tries for 24 hours, and then puts it into the rule's dead-letter queue. An
// event that no rule matches is dropped without a word, so the rules are
// generated and a test holds them to the catalogue.
package eventbridge

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/cloudevent"
)

const (
	service = "eventbridge"
	// Source is every entry's.
	Source = "okence"
	// maxEntries and maxBytes are what a PutEvents takes ("Amazon EventBridge
	// quotas").
	maxEntries = 10
	maxBytes   = 256 << 10
	// overhead of an entry beyond its detail: source, type and time.
	overhead = 256
	// tries is how often entries that were refused one by one are put again; the
	// SDK tries a refused call by itself.
	tries = 3
)

// Options say which bus.
type Options struct {
	// Bus is its name or ARN.
	Bus string
	// Source is the configuration; nil is amazon.Config.
	Source amazon.Source
}

// Bus implements bus.Bus. It makes no call until it is used.
type Bus struct {
	name   string
	client amazon.Lazy[*eventbridge.Client]
	gate   amazon.Gate
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus.
func New(o Options) *Bus {
	b := &Bus{name: o.Bus}
	b.client.Source, b.client.New = o.Source, func(c aws.Config) *eventbridge.Client { return eventbridge.NewFromConfig(c) }
	if o.Source == nil {
		b.client.Source = amazon.Config
	}
	return b
}

// Close implements bus.Bus: it waits for calls under way.
func (b *Bus) Close() error {
	b.gate.Close()
	return nil
}

// Publish implements bus.Bus.
func (b *Bus) Publish(ctx context.Context, es ...events.Event) error {
	done, err := b.gate.Begin(ctx, service)
	if err != nil {
		return err
	}
	defer done()
	if len(es) == 0 {
		return nil
	}
	c, err := b.client.Get(ctx)
	if err != nil {
		return amazon.Fault(service, err)
	}
	var entries []types.PutEventsRequestEntry
	size := 0
	for _, e := range es {
		detail, err := cloudevent.Marshal(e)
		if err != nil {
			return err
		}
		if n := len(detail) + overhead; len(entries) == maxEntries || size+n > maxBytes {
			if err := b.put(ctx, c, entries); err != nil {
				return err
			}
			entries, size = nil, 0
		}
		size += len(detail) + overhead
		entries = append(entries, types.PutEventsRequestEntry{
			EventBusName: &b.name, Source: aws.String(Source), DetailType: aws.String(e.Type), Detail: aws.String(string(detail)), Time: aws.Time(e.Time),
		})
	}
	return b.put(ctx, c, entries)
}

// put puts entries, and again those that were refused.
func (b *Bus) put(ctx context.Context, c *eventbridge.Client, entries []types.PutEventsRequestEntry) error {
	for try := 1; ; try++ {
		out, err := c.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
		if err != nil {
			return amazon.Fault(service, err)
		}
		if out.FailedEntryCount == 0 {
			return nil
		}
		var left []types.PutEventsRequestEntry
		var why error
		for i, r := range out.Entries {
			if r.ErrorCode != nil && i < len(entries) {
				left = append(left, entries[i])
				why = &smithy.GenericAPIError{Code: *r.ErrorCode, Message: "an entry was refused"}
			}
		}
		if len(left) == 0 || try == tries {
			return amazon.Fault(service, why)
		}
		entries = left
		select {
		case <-ctx.Done():
			return amazon.Fault(service, ctx.Err())
		case <-time.After(time.Duration(try) * 50 * time.Millisecond):
		}
	}
}
