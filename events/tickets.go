package events

import (
	"encoding/json"
	"time"
)

// Events about tickets.
const (
	TicketEscalationRequestedType = "org.okence.ticket.escalation.requested.v1"
	TicketEscalationAnsweredType  = "org.okence.ticket.escalation.answered.v1"
)

var (
	_ = define[TicketEscalationRequested](TicketEscalationRequestedType, "A ticket is to be handed to the next level of support.")
	_ = define[TicketEscalationAnswered](TicketEscalationAnsweredType, "The level that a ticket was handed to has answered.")
)

// TicketEscalationRequested hands a ticket on. Within one organisation it names
// a ticket of ours. From another organisation it names theirs, and brings what
// the agreement lets us see of it: Content on the way, Intake once sealed.
type TicketEscalationRequested struct {
	TicketID string          `json:"ticket_id"`
	Handover string          `json:"handover,omitempty"` // theirs: an answer names it, so that a late one can't be taken for another's
	Level    int             `json:"level,omitempty"`    // that it goes to, from 2; 0 is the next
	Intake   string          `json:"intake,omitempty"`   // id of the sealed intake record
	Content  *TicketHandover `json:"content,omitempty"`
}

// TicketHandover is what the next level sees of a ticket (K03): the fields that
// the technical specification permits for the service and the class of person, and
// what was granted or refused beyond them. Sent anew whenever that changes: it is
// all that is to be seen from then on.
type TicketHandover struct {
	Number     string        `json:"number"` // of the record, as the person knows it
	Kind       string        `json:"kind"`   // service_request, incident …
	Service    string        `json:"service"`
	Class      string        `json:"class"` // of person
	Urgency    int           `json:"urgency"`
	ReportedAt time.Time     `json:"reported_at"`
	AnswerBy   time.Time     `json:"answer_by,omitzero"` // until when it is to be accepted
	Fields     []TicketField `json:"fields"`

	Revision int             `json:"revision,omitempty"` // rising within a hand-over: a lower one came late
	Refused  []TicketRefusal `json:"refused,omitempty"`  // of what was asked for
}

// TicketField is one permitted field.
type TicketField struct {
	Name  string    `json:"name"` // as the pack names fields
	Value string    `json:"value"`
	Until time.Time `json:"until,omitzero"` // exclusive: then it is not to be seen any more

	Widening string `json:"widening,omitempty"` // the asker's, where it was asked for
}

// TicketRefusal says that a field which was asked for is not shown.
type TicketRefusal struct {
	Name     string       `json:"name"`
	Cause    RefusalCause `json:"cause"`
	Text     string       `json:"text,omitempty"`     // why, where a person decided
	Widening string       `json:"widening,omitempty"` // the asker's
}

// RefusalCause is why a field is not shown.
type RefusalCause string

// Causes.
const (
	RefusedBySpecification RefusalCause = "specification" // nobody may keep it for the service and the class of person
	RefusedByPerson        RefusalCause = "decision"
)

// Validate reports whether c is one of the causes above.
func (c RefusalCause) Validate() error {
	if c != RefusedBySpecification && c != RefusedByPerson {
		return wrong("cause")
	}
	return nil
}

var codeShape = newShape(40, lower, lower+digits+"_-") // ^[a-z][a-z0-9_-]{0,39}$

// Validate implements Data.
func (r *TicketEscalationRequested) Validate() error {
	switch {
	case !idShape.MatchString(r.TicketID):
		return wrong("ticket_id")
	case r.Handover != "" && !idShape.MatchString(r.Handover):
		return wrong("handover")
	case r.Level != 0 && (r.Level < 2 || r.Level > 9):
		return wrong("level")
	case r.Intake != "" && !idShape.MatchString(r.Intake):
		return wrong("intake")
	case r.Intake != "" && r.Content != nil:
		return wrong("intake, content: at most one of them; the set")
	case r.Content != nil:
		return r.Content.check()
	}
	return nil
}

func (h *TicketHandover) check() error {
	switch {
	case !idShape.MatchString(h.Number):
		return wrong("content.number")
	case !codeShape.MatchString(h.Kind):
		return wrong("content.kind")
	case !codeShape.MatchString(h.Service):
		return wrong("content.service")
	case !codeShape.MatchString(h.Class):
		return wrong("content.class")
	case h.Urgency < 1 || h.Urgency > 4:
		return wrong("content.urgency")
	case !instant(h.ReportedAt):
		return wrong("content.reported_at")
	case !h.AnswerBy.IsZero() && !instant(h.AnswerBy):
		return wrong("content.answer_by")
	case len(h.Fields) > 40:
		return wrong("content.fields")
	case h.Revision < 0 || h.Revision > 1_000_000:
		return wrong("content.revision")
	case len(h.Refused) > 40:
		return wrong("content.refused")
	}
	for _, f := range h.Fields {
		if !codeShape.MatchString(f.Name) || (!f.Until.IsZero() && !instant(f.Until)) || (f.Widening != "" && !idShape.MatchString(f.Widening)) {
			return wrong("content.fields: a name, its end or its widening")
		}
	}
	for _, f := range h.Refused {
		if !codeShape.MatchString(f.Name) || f.Cause.Validate() != nil || (f.Widening != "" && !idShape.MatchString(f.Widening)) {
			return wrong("content.refused: a name, its cause or its widening")
		}
	}
	return nil
}

// TakeContent implements WithContent.
func (r *TicketEscalationRequested) TakeContent() (json.RawMessage, error) {
	if r.Content == nil {
		return nil, nil
	}
	b, err := json.Marshal(r.Content)
	r.Content = nil
	return b, err
}

// SetIntake implements WithContent.
func (r *TicketEscalationRequested) SetIntake(id string) { r.Intake = id }

// EscalationAnswer is what the next level says.
type EscalationAnswer string

// Answers.
const (
	EscalationAccepted EscalationAnswer = "accepted"
	EscalationAsked    EscalationAnswer = "asked" // for one more field
	EscalationReturned EscalationAnswer = "returned"
	EscalationResolved EscalationAnswer = "resolved"
)

// Validate reports whether a is one of the answers above.
func (a EscalationAnswer) Validate() error {
	switch a {
	case EscalationAccepted, EscalationAsked, EscalationReturned, EscalationResolved:
		return nil
	}
	return wrong("answer")
}

// TicketEscalationAnswered tells who handed a ticket on what became of it. The
// ticket and the hand-over are the asker's own; Content comes from another
// organisation only. Widening is the asker's own id of what is asked for, which
// the decision names.
type TicketEscalationAnswered struct {
	TicketID string           `json:"ticket_id"`
	Handover string           `json:"handover,omitempty"`
	Answer   EscalationAnswer `json:"answer"`
	Widening string           `json:"widening,omitempty"`
	Intake   string           `json:"intake,omitempty"`
	Content  *TicketAnswer    `json:"content,omitempty"`
}

// TicketAnswer is what an answer says.
type TicketAnswer struct {
	Text  string `json:"text"`            // the reason, or the solution
	Field string `json:"field,omitempty"` // that is asked for
}

// Validate implements Data.
func (a *TicketEscalationAnswered) Validate() error {
	switch {
	case !idShape.MatchString(a.TicketID):
		return wrong("ticket_id")
	case a.Handover != "" && !idShape.MatchString(a.Handover):
		return wrong("handover")
	case a.Widening != "" && !idShape.MatchString(a.Widening):
		return wrong("widening")
	case a.Answer.Validate() != nil:
		return wrong("answer")
	case a.Intake != "" && !idShape.MatchString(a.Intake):
		return wrong("intake")
	case a.Intake != "" && a.Content != nil:
		return wrong("intake, content: at most one of them; the set")
	case a.Content != nil && a.Content.Field != "" && !codeShape.MatchString(a.Content.Field):
		return wrong("content.field")
	}
	return nil
}

// TakeContent implements WithContent.
func (a *TicketEscalationAnswered) TakeContent() (json.RawMessage, error) {
	if a.Content == nil {
		return nil, nil
	}
	b, err := json.Marshal(a.Content)
	a.Content = nil
	return b, err
}

// SetIntake implements WithContent.
func (a *TicketEscalationAnswered) SetIntake(id string) { a.Intake = id }
