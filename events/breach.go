package events

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/domain/breach"
)

// The events of personal data breaches (functions/breach).
const (
	BreachReportedType        = "org.okence.breach.reported.v1"
	BreachAnsweredType        = "org.okence.breach.answered.v1"
	BreachNoticeReleasedType  = "org.okence.breach.notice.released.v1"
	BreachCampaignDueType     = "org.okence.breach.campaign.due.v1"
	BreachCampaignSteppedType = "org.okence.breach.campaign.stepped.v1"
	BreachScopeRequestedType  = "org.okence.breach.scope.requested.v1"
)

var (
	_ = define[BreachReported](BreachReportedType, "Somebody reported a personal data breach.")
	_ = define[BreachAnswered](BreachAnsweredType, "The other joint controller said whose part a breach is in.")
	_ = define[BreachNoticeReleased](BreachNoticeReleasedType, "A named officer released a notice of a breach.")
	_ = define[BreachCampaignDue](BreachCampaignDueType, "It is time to go on with telling persons of breaches.")
	_ = define[BreachCampaignStepped](BreachCampaignSteppedType, "Some persons were told of a breach, and more are to be.")
	_ = define[BreachScopeRequested](BreachScopeRequestedType, "The scope of a breach is to be computed from the processing log.")
)

var partShape = newShape(64, lower+digits, lower+digits+"-_") // ^[a-z0-9][a-z0-9_-]{0,63}$

// BreachReported starts a case in the register. At most one of Intake and
// Content is there: Content only where the event comes in from outside.
// Instants are UTC; awareness runs from our receipt unless an earlier one is
// stated. The event's subject is the sender's own reference.
type BreachReported struct {
	Source           breach.Source `json:"source"`
	Party            string        `json:"party,omitempty"`     // pack under which the sender is bound to us
	Service          string        `json:"service,omitempty"`   // concerned, for its agreement
	Packs            []string      `json:"packs,omitempty"`     // under which we answer for the data; without any, the tenant's own
	BreachID         string        `json:"breach_id,omitempty"` // the id that the case shall have; given by our own entrance
	Drill            bool          `json:"drill,omitempty"`
	OccurredFrom     time.Time     `json:"occurred_from,omitzero"`
	OccurredTo       time.Time     `json:"occurred_to,omitzero"`
	DetectedAt       time.Time     `json:"detected_at,omitzero"`
	ProcessorAwareAt time.Time     `json:"processor_aware_at,omitzero"`
	AwareAt          time.Time     `json:"aware_at,omitzero"`
	ConversationIDs  []string      `json:"conversation_ids,omitempty"`
	TicketIDs        []string      `json:"ticket_ids,omitempty"`
	Intake           string        `json:"intake,omitempty"` // id of the sealed intake record
	Content          *breach.Facts `json:"content,omitempty"`
}

// Validate implements Data.
func (b *BreachReported) Validate() error {
	switch {
	case b.Source.Validate() != nil:
		return wrong("source")
	case b.Party != "" && !partShape.MatchString(b.Party):
		return wrong("party")
	case b.Service != "" && !partShape.MatchString(b.Service):
		return wrong("service")
	case b.BreachID != "" && !idShape.MatchString(b.BreachID):
		return wrong("breach_id")
	case b.Intake != "" && !idShape.MatchString(b.Intake):
		return wrong("intake")
	case b.Intake != "" && b.Content != nil:
		return wrong("intake, content: at most one of them; the set")
	case len(b.Packs) > 20:
		return wrong("packs")
	case len(b.ConversationIDs) > 20 || len(b.TicketIDs) > 20:
		return wrong("conversation_ids, ticket_ids")
	case b.Content != nil && (b.Content.Persons < 0 || b.Content.Records < 0):
		return wrong("content: a number")
	}
	for _, at := range []time.Time{b.OccurredFrom, b.OccurredTo, b.DetectedAt, b.ProcessorAwareAt, b.AwareAt} {
		if !at.IsZero() && !instant(at) {
			return wrong("an instant")
		}
	}
	for _, p := range b.Packs {
		if !partShape.MatchString(p) {
			return wrong("packs")
		}
	}
	for _, ids := range [][]string{b.ConversationIDs, b.TicketIDs} {
		for _, id := range ids {
			if !idShape.MatchString(id) {
				return wrong("conversation_ids, ticket_ids")
			}
		}
	}
	return nil
}

// TakeContent implements WithContent.
func (b *BreachReported) TakeContent() (json.RawMessage, error) {
	if b.Content == nil {
		return nil, nil
	}
	out, err := json.Marshal(b.Content)
	b.Content = nil
	return out, err
}

// SetIntake implements WithContent.
func (b *BreachReported) SetIntake(id string) { b.Intake = id }

// BreachAnswered is the other side's word, from its own point of view: "ours"
// is its part. BreachID is our case, as we named it to the sender.
type BreachAnswered struct {
	BreachID string      `json:"breach_id"`
	Party    string      `json:"party"` // pack under which the two are joint controllers
	Part     breach.Part `json:"part"`
	Intake   string      `json:"intake,omitempty"` // id of the sealed reason
	Reason   string      `json:"reason,omitempty"` // content: only where the event comes in from outside
}

// Validate implements Data.
func (b *BreachAnswered) Validate() error {
	switch {
	case !idShape.MatchString(b.BreachID):
		return wrong("breach_id")
	case !partShape.MatchString(b.Party):
		return wrong("party")
	case b.Part.Validate() != nil:
		return wrong("part")
	case b.Intake != "" && !idShape.MatchString(b.Intake):
		return wrong("intake")
	case b.Intake != "" && b.Reason != "":
		return wrong("intake, reason: at most one of them; the set")
	}
	return nil
}

// TakeContent implements WithContent.
func (b *BreachAnswered) TakeContent() (json.RawMessage, error) {
	if b.Reason == "" {
		return nil, nil
	}
	out, err := json.Marshal(b.Reason)
	b.Reason = ""
	return out, err
}

// SetIntake implements WithContent.
func (b *BreachAnswered) SetIntake(id string) { b.Intake = id }

// BreachScopeRequested asks for a scope, whose record holds the query.
type BreachScopeRequested struct {
	BreachID string `json:"breach_id"`
	ScopeID  string `json:"scope_id"`
}

// Validate implements Data.
func (b *BreachScopeRequested) Validate() error {
	if !idShape.MatchString(b.BreachID) {
		return wrong("breach_id")
	}
	if !idShape.MatchString(b.ScopeID) {
		return wrong("scope_id")
	}
	return nil
}

// BreachNoticeReleased asks for a released notice to be sent.
type BreachNoticeReleased struct {
	BreachID string `json:"breach_id"`
	NoticeID string `json:"notice_id"`
}

// Validate implements Data.
func (b *BreachNoticeReleased) Validate() error {
	if !idShape.MatchString(b.BreachID) {
		return wrong("breach_id")
	}
	if !idShape.MatchString(b.NoticeID) {
		return wrong("notice_id")
	}
	return nil
}

// BreachCampaignDue is sent by the scheduler. Now is the scheduler's instant,
// UTC, never ahead of the clock.
type BreachCampaignDue struct {
	Now time.Time `json:"now"`
}

// Validate implements Data.
func (b *BreachCampaignDue) Validate() error {
	if !instant(b.Now) {
		return wrong("now")
	}
	return nil
}

// BreachCampaignStepped asks for the next persons of a campaign. It may come
// more than once: the campaign's record says who is next.
type BreachCampaignStepped struct {
	CampaignID string `json:"campaign_id"`
}

// Validate implements Data.
func (b *BreachCampaignStepped) Validate() error {
	if !idShape.MatchString(b.CampaignID) {
		return wrong("campaign_id")
	}
	return nil
}
