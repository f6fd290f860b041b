package host

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
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

// call is what an outside scheduler sends (a Knative PingSource, Cloud
// Scheduler, EventBridge Scheduler): which schedule, and when.
type call struct {
	Schedule string    `json:"schedule"` // an event type of the manifest's schedules
	Time     time.Time `json:"time"`     // when it was due; absent: now
}

// ticks are the events that a scheduler's call stands for, one a tenant. The
// instant is never ahead of the clock, and falls on a multiple of the
// schedule's period, so that a second call for the same one changes nothing.
func (f *Function) ticks(env *Env, c call) ([]events.Event, error) {
	i := slices.IndexFunc(f.Manifest.Schedules, func(s Schedule) bool { return s.Type == c.Schedule })
	if i < 0 {
		return nil, fault.New(fault.Invalid, "function %s has no such schedule", f.Manifest.Name)
	}
	now := env.Work.Now().UTC()
	at := c.Time.UTC()
	if c.Time.IsZero() || at.After(now) {
		at = now
	}
	var out []events.Event
	for _, tenant := range slices.Sorted(maps.Keys(env.Tenants)) {
		out = append(out, Tick(c.Schedule, tenant, at.Truncate(f.Manifest.Schedules[i].Every)))
	}
	return out, nil
}
