package events

import (
	"encoding/json"
	"math"
	"time"

	"github.com/okence/okence/shared/domain/message"
)

// The names of the catalogue.
const (
	MessageReceivedType = "org.okence.message.received.v1"
	MediaRequestedType  = "org.okence.media.requested.v1"
	ReplyRequestedType  = "org.okence.reply.requested.v1"
	DeliveryDueType     = "org.okence.delivery.due.v1"
	RelayDueType        = "org.okence.relay.due.v1"
	LedgerSealDueType   = "org.okence.ledger.seal.due.v1"
	LedgerSweepDueType  = "org.okence.ledger.sweep.due.v1"
)

var (
	_ = define[MessageReceived](MessageReceivedType, "A provider delivered something, verified at the edge and sealed.")
	_ = define[MediaRequested](MediaRequestedType, "A stored message names a file that lies at the provider.")
	_ = define[ReplyRequested](ReplyRequestedType, "A stored message is to go out to a person.")
	_ = define[DeliveryDue](DeliveryDueType, "It is time to try again what could not be sent.")
	_ = define[RelayDue](RelayDueType, "It is time to publish what a crash left behind.")
	_ = define[LedgerSealDue](LedgerSealDueType, "It is time to sequence the entries of the processing log that wait.")
	_ = define[LedgerSweepDue](LedgerSweepDueType, "It is time to delete the entries of the processing log whose retention is over.")
)

// MessageReceived starts the main job. Exactly one of Intake and Content is
// there: Content only where the event comes in from outside.
type MessageReceived struct {
	Intake     string           `json:"intake,omitempty"` // id of the sealed intake record
	Channel    message.Channel  `json:"channel"`
	Provider   string           `json:"provider"`
	ReceivedAt time.Time        `json:"received_at"` // UTC, set by the edge: legal limits run from it
	Content    *message.Inbound `json:"content,omitempty"`
}

// Validate implements Data.
func (m *MessageReceived) Validate() error {
	switch {
	case m.Channel.Validate() != nil:
		return wrong("channel")
	case !providerShape.MatchString(m.Provider):
		return wrong("provider")
	case !instant(m.ReceivedAt):
		return wrong("received_at")
	case (m.Intake == "") == (m.Content == nil):
		return wrong("intake, content: exactly one of them; the set")
	case m.Intake != "" && !idShape.MatchString(m.Intake):
		return wrong("intake")
	case m.Content != nil:
		return checkContent(m)
	}
	return nil
}

func checkContent(m *MessageReceived) error {
	c := m.Content
	parties := append([]message.Party{c.Sender}, c.Recipients...)
	if c.Status != nil {
		parties = append(parties, c.Status.Recipient)
	}
	for _, p := range parties {
		if p.Scheme != "" && p.Scheme.Validate() != nil {
			return wrong("content: the scheme of an address")
		}
	}
	switch {
	case c.Kind.Validate() != nil:
		return wrong("content.kind")
	case c.Direction.Validate() != nil:
		return wrong("content.direction")
	case c.ProviderID == "":
		return missing("content.provider_id")
	case c.Kind == message.Report && (c.Status == nil || c.Status.State.Reported() != nil):
		return wrong("content.status")
	case c.Kind == message.CallKind && (c.Call == nil || c.Call.Step.Validate() != nil):
		return wrong("content.call")
	case c.Location != nil && (math.Abs(c.Location.Latitude) > 90 || math.Abs(c.Location.Longitude) > 180):
		return wrong("content.location")
	}
	return nil
}

// TakeContent implements WithContent.
func (m *MessageReceived) TakeContent() (json.RawMessage, error) {
	if m.Content == nil {
		return nil, nil
	}
	m.Content.Channel, m.Content.Provider = m.Channel, m.Provider
	b, err := json.Marshal(m.Content)
	m.Content = nil
	return b, err
}

// SetIntake implements WithContent.
func (m *MessageReceived) SetIntake(id string) { m.Intake = id }

// MediaRequested asks for one file of a message to be fetched, checked and
// stored.
type MediaRequested struct {
	MessageID string `json:"message_id"`
	Index     int    `json:"index"` // place in the message's media, from 0
}

// Validate implements Data.
func (m *MediaRequested) Validate() error {
	switch {
	case !idShape.MatchString(m.MessageID):
		return wrong("message_id")
	case m.Index < 0 || m.Index > 999:
		return wrong("index")
	}
	return nil
}

// ReplyRequested asks for an outbound message to be sent through its provider.
// It may come more than once: the message's state says what is left to do.
type ReplyRequested struct {
	MessageID string `json:"message_id"`
}

// Validate implements Data.
func (r *ReplyRequested) Validate() error {
	if !idShape.MatchString(r.MessageID) {
		return wrong("message_id")
	}
	return nil
}

// DeliveryDue is sent by the scheduler. Now is the scheduler's instant, UTC,
// never ahead of the clock.
type DeliveryDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (d *DeliveryDue) Validate() error {
	if !instant(d.Now) {
		return wrong("now")
	}
	return nil
}

// RelayDue is sent by the scheduler. Now is the scheduler's instant, UTC, never
// ahead of the clock.
type RelayDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (r *RelayDue) Validate() error {
	if !instant(r.Now) {
		return wrong("now")
	}
	return nil
}
