// Package outage is an incident of a service, of the contact centre itself, or of
// what it stands on (ekc 4, 7.13.4; K05): what is down, how urgent the
// operational lead rates it, and which fallback is on meanwhile.
//
// Pure: values in, values out, no clock and no I/O.
package outage

import (
	"fmt"
	"slices"
	"time"
)

// Kind is what is down.
type Kind string

// Kinds.
const (
	Service  Kind = "service"  // an e-service that the centre supports
	Own      Kind = "own"      // the centre itself
	Platform Kind = "platform" // the channels' platform: the phone responder tells callers
	Network  Kind = "network"  // the administration's network: outside internet or phone
)

// Validate reports whether k is one of the set.
func (k Kind) Validate() error {
	switch k {
	case Service, Own, Platform, Network:
		return nil
	}
	return fmt.Errorf("outage: unknown kind")
}

// Urgency is how urgent the operational lead rates an incident.
type Urgency string

// patience is how long whoever is told has to confirm: a default of ours.
var patience = map[Urgency]time.Duration{
	"low": 24 * time.Hour, "normal": 4 * time.Hour, "high": time.Hour, "critical": 30 * time.Minute,
}

// Validate reports whether u is one of low, normal, high, critical.
func (u Urgency) Validate() error {
	if _, ok := patience[u]; !ok {
		return fmt.Errorf("outage: unknown urgency")
	}
	return nil
}

// Patience is how long whoever is told of an incident has to confirm.
func (u Urgency) Patience() time.Duration { return patience[u] }

// Outage is one incident.
type Outage struct {
	_           struct{}  `data:"owner=~outage class=channel purpose=service"`
	ID          string    `json:"id" data:"technical"`
	Kind        Kind      `json:"kind" data:"technical"`
	Service     string    `json:"service,omitempty" data:"technical"`      // id in the pack
	ByCustodian bool      `json:"by_custodian,omitempty" data:"technical"` // a custodian found it
	At          time.Time `json:"at" data:"technical"`                     // UTC, when it was recorded
	By          string    `json:"by" data:"technical"`                     // opaque id
	Urgency     Urgency   `json:"urgency,omitempty" data:"technical"`
	RatedAt     time.Time `json:"rated_at,omitzero" data:"technical"`
	RatedBy     string    `json:"rated_by,omitempty" data:"technical"`
	ClosedAt    time.Time `json:"closed_at,omitzero" data:"technical"`
	ClosedBy    string    `json:"closed_by,omitempty" data:"technical"`
	Notices     []string  `json:"notices,omitempty" data:"technical"`        // ids, as they went out
	Unreached   []string  `json:"unreached,omitempty" data:"technical"`      // parties without a mail address in the pack: to be called
	Summary     string    `json:"summary,omitempty" data:"personal content"` // in the words of who recorded it
}

// Rate sets the urgency. It reports whether that changed anything: a closed one
// is not rated any more.
func (o *Outage) Rate(u Urgency, by string, at time.Time) bool {
	if !o.ClosedAt.IsZero() || o.Urgency == u {
		return false
	}
	o.Urgency, o.RatedBy, o.RatedAt = u, by, at
	return true
}

// Close ends it, once.
func (o *Outage) Close(by string, at time.Time) bool {
	if !o.ClosedAt.IsZero() {
		return false
	}
	o.ClosedBy, o.ClosedAt = by, at
	return true
}

// FallbackID is the id of a tenant's one Fallback.
const FallbackID = "fallback"

// Fallback says what is switched on while something is down. None stored: all
// is well.
type Fallback struct {
	ID       string    `json:"id" data:"technical"`
	Platform []string  `json:"platform,omitempty" data:"technical"` // incidents for which the phone responder is on
	Network  []string  `json:"network,omitempty" data:"technical"`  // incidents for which the outside connection is used
	Since    time.Time `json:"since,omitzero" data:"technical"`
}

// Set switches a fallback on for an incident, or off when it is over: it stays
// on while another one needs it.
func (f *Fallback) Set(o *Outage, at time.Time) {
	f.ID = FallbackID
	for kind, list := range map[Kind]*[]string{Platform: &f.Platform, Network: &f.Network} {
		if o.Kind != kind {
			continue
		}
		*list = slices.DeleteFunc(*list, func(id string) bool { return id == o.ID })
		if o.ClosedAt.IsZero() {
			*list = append(*list, o.ID)
		}
	}
	f.Since = at
}

// Responder reports whether callers are told that the platform is down.
func (f *Fallback) Responder() bool { return len(f.Platform) > 0 }

// Outside reports whether the outside connection is in use.
func (f *Fallback) Outside() bool { return len(f.Network) > 0 }
