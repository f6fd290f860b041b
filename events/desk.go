package events

// Events of the desk (functions/desk).
const (
	TicketMatchedType        = "org.okence.ticket.matched.v1"
	TicketPersonAnsweredType = "org.okence.ticket.person.answered.v1"
)

var (
	_ = define[TicketMatched](TicketMatchedType, "What a person wrote asks, by a rule of the pack, for a ticket.")
	_ = define[TicketPersonAnswered](TicketPersonAnsweredType, "A person wrote for whose answer a ticket may be waiting.")
)

// TicketMatched asks for a ticket of a conversation, which gets one at most.
type TicketMatched struct {
	MessageID      string `json:"message_id"` // that matched
	ConversationID string `json:"conversation_id"`
	Rule           string `json:"rule"` // of the pack (openings)
	Service        string `json:"service"`
	Kind           string `json:"kind"`              // of ticket
	Urgency        int    `json:"urgency,omitempty"` // 1 to 4; 0 is the usual one
}

// Validate implements Data.
func (m *TicketMatched) Validate() error {
	switch {
	case !idShape.MatchString(m.MessageID):
		return wrong("message_id")
	case !idShape.MatchString(m.ConversationID):
		return wrong("conversation_id")
	case !packShape.MatchString(m.Rule):
		return wrong("rule")
	case !packShape.MatchString(m.Service):
		return wrong("service")
	case !codeShape.MatchString(m.Kind):
		return wrong("kind")
	case m.Urgency < 0 || m.Urgency > 4:
		return wrong("urgency")
	}
	return nil
}

var packShape = newShape(61, lower+digits, lower+digits+"_-") // ^[a-z0-9][a-z0-9_-]{0,60}$

// TicketPersonAnswered lets a ticket go on, where it waits for the person.
type TicketPersonAnswered struct {
	TicketID  string `json:"ticket_id"`
	MessageID string `json:"message_id"` // what they wrote
}

// Validate implements Data.
func (a *TicketPersonAnswered) Validate() error {
	if !idShape.MatchString(a.TicketID) {
		return wrong("ticket_id")
	}
	if !idShape.MatchString(a.MessageID) {
		return wrong("message_id")
	}
	return nil
}
