package work

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

// The unit's own records. None holds personal data.
var (
	marks       = record.Define[Mark]("mark", 1, record.Indexed(markIndex))
	outbox      = record.Define[Outgoing]("outbox", 1, record.Indexed(outgoingIndex))
	DeadLetters = record.Define[DeadLetter]("deadletter", 1, record.Indexed(deadLetterIndex), record.Lives(deadLetterLives))
)

// Indexes of the unit's own records.
const (
	ByExpiry = "expiry" // marks, by the instant at which they may go
	ByDue    = "due"    // outbox, by when it is to be tried again
)

// Mark says that a function has handled an event. Its ID is a keyed hash of
// function, source and id.
type Mark struct {
	ID       string          `json:"id" data:"technical"`
	At       time.Time       `json:"at" data:"technical"`
	ExpireAt time.Time       `json:"expire_at" data:"technical"`
	Print    string          `json:"print,omitempty" data:"technical"`
	Answer   json.RawMessage `json:"answer,omitempty" data:"technical"` // ids and states, replayed to a repeated request
}

func markIndex(m *Mark) []store.Entry {
	return []store.Entry{{Index: ByExpiry, Partition: "mark", Sort: record.Sortable(m.ExpireAt)}}
}

// Outgoing is an event that waits to be published.
type Outgoing struct {
	ID       string       `json:"id" data:"technical"`
	Event    events.Event `json:"event" data:"technical"`
	DueAt    time.Time    `json:"due_at" data:"technical"`
	Attempts int          `json:"attempts,omitempty" data:"technical"`
}

func outgoingIndex(o *Outgoing) []store.Entry {
	return []store.Entry{{Index: ByDue, Partition: "outbox", Sort: record.Sortable(o.DueAt)}}
}

// DeadLetter is an event that can't succeed as things stand: it waits for a
// person to mend the cause and redrive it. It is never dropped.
type DeadLetter struct {
	ID       string       `json:"id" data:"technical"`
	Function string       `json:"function" data:"technical"`
	Event    events.Event `json:"event" data:"technical"`
	Kind     fault.Kind   `json:"kind" data:"technical"`
	Reason   string       `json:"reason" data:"technical"`
	At       time.Time    `json:"at" data:"technical"`
	Attempts int          `json:"attempts" data:"technical"`
	Redriven time.Time    `json:"redriven_at,omitzero" data:"technical"`
}

func deadLetterIndex(d *DeadLetter) []store.Entry {
	partition := "waiting"
	if !d.Redriven.IsZero() {
		partition = "redriven"
	}
	in := []store.Entry{{Index: record.ByState, Partition: "deadletter." + partition, Sort: record.Sortable(d.At)}}
	if d.Event.Subject != "" { // an erasure finds what tells of a record that goes
		in = append(in, store.Entry{Index: record.ByNode, Partition: d.Event.Subject, Sort: record.Sortable(d.At)})
	}
	return in
}

// deadLetterLives: a trace of what went wrong with a message lives no longer than
// the message.
func deadLetterLives(d *DeadLetter) []retention.Life {
	return []retention.Life{{Store: "platform", Class: "channel", Of: retention.Anyone, Since: d.At}}
}
