// Package bus is the port over which events get from one function to the next.
// Drivers stand beside it: local (one process), http (receivers that listen) and eventbridge;
// each passes bustest, the one contract suite.
//
// A bus carries ids, states and times, never content (design.md, decision 6).
// It promises neither order nor that an event comes once.
package bus

import (
	"context"

	"github.com/okence/okence/events"
)

// Bus publishes events.
type Bus interface {
	// Publish hands events on, each to all who consume its type. Nil means
	// that every one is safe: a queue has it, or its consumers are done with
	// it. After an error, any of them may have been handed on, and the caller
	// publishes them all again: consumers know an event by source and id. It
	// may be called from many goroutines.
	Publish(ctx context.Context, es ...events.Event) error

	// Close lets go of what the bus holds. Publish fails after it.
	Close() error
}

// Receiver takes one event in. An error means: deliver it again; an event that
// can never succeed is set aside by the receiver itself, with nil.
type Receiver func(ctx context.Context, e events.Event) error
