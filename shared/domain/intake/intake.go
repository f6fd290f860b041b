// Package intake is what came in from outside, sealed at the edge before
// anything else happened: under the tenant's key of the day, which is destroyed
// within 30 days. It is deleted as soon as it has been handled.
package intake

import (
	"time"

	"github.com/okence/okence/shared/domain/message"
)

// KeyLife is how long a day's intake key lives (design.md 6).
const KeyLife = 30 * 24 * time.Hour

// Day names the key of an instant: its UTC date.
func Day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// Intake is one item of a webhook call, or the content of an event from
// outside.
type Intake struct {
	_          struct{}        `data:"owner=~intake class=.Day purpose=service"`
	ID         string          `json:"id" data:"technical"`
	Day        string          `json:"day" data:"technical"`
	Channel    message.Channel `json:"channel" data:"technical"`
	Provider   string          `json:"provider" data:"technical"`
	ReceivedAt time.Time       `json:"received_at" data:"technical"`
	Parked     string          `json:"parked,omitempty" data:"technical"` // why it could not be mapped, a code
	KeepRaw    bool            `json:"keep_raw,omitempty" data:"technical"`

	Message *message.Inbound `json:"message,omitempty" data:"personal content"`
	Raw     []byte           `json:"-" data:"personal content file"`
}
