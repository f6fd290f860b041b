package host

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/events"
)

// scheduler is the source of events that a schedule sends.
const scheduler = "/schedule"

// Tick is the event of type eventType that a schedule sends a tenant at an
// instant. The same instant makes the same event: a scheduler may fire twice.
func Tick(eventType, tenant string, at time.Time) events.Event {
	at = at.UTC()
	data, _ := json.Marshal(struct { // a time of this century always encodes
		Now time.Time `json:"now"`
	}{at})
	return events.Event{
		ID: eventType + ":" + at.Format("20060102T150405.000000000Z"), Source: scheduler, Type: eventType,
		Time: at, Tenant: tenant, Data: data,
	}
}
