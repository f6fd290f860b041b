package events

import (
	"encoding/json"
	"time"

	"github.com/okence/okence/shared/domain/dsar"
)

// The names of what is told about data-subject requests.
const (
	DsarReceivedType         = "org.okence.dsar.received.v1"
	DsarRecognisedType       = "org.okence.dsar.recognised.v1"
	DsarStepTakenType        = "org.okence.dsar.step.taken.v1"
	DsarGrantedType          = "org.okence.dsar.granted.v1"
	DsarCarriedOutType       = "org.okence.dsar.carried.out.v1"
	DsarHandedOverType       = "org.okence.dsar.handed.over.v1"
	DsarHandoverAnsweredType = "org.okence.dsar.handover.answered.v1"
	DsarAnsweredType         = "org.okence.dsar.answered.v1"
)

var (
	_ = define[DsarReceived](DsarReceivedType, "A person's request about their data has arrived at an official address.")
	_ = define[DsarRecognised](DsarRecognisedType, "A message reads like a data-subject request.")
	_ = define[DsarStepTaken](DsarStepTakenType, "Somebody took a step in a data-subject request.")
	_ = define[DsarGranted](DsarGrantedType, "An officer granted a right: it is to be carried out.")
	_ = define[DsarCarriedOut](DsarCarriedOutType, "What an officer granted has been carried out.")
	_ = define[DsarHandedOver](DsarHandedOverType, "Another controller hands over a data-subject request.")
	_ = define[DsarHandoverAnswered](DsarHandoverAnsweredType, "Another controller says whether it answers what was handed over.")
	_ = define[DsarAnswered](DsarAnsweredType, "The competent controller gave the person the final answer.")
)

// Ask is a right over a scope; without a scope it is over the data.
type Ask struct {
	Right dsar.Right `json:"right"`
	Scope dsar.Scope `json:"scope,omitempty"`
}

// Key is the item that is asked for.
func (a Ask) Key() dsar.Key {
	if a.Scope == "" {
		return dsar.Key{Right: a.Right, Scope: dsar.Data}
	}
	return dsar.Key{Right: a.Right, Scope: a.Scope}
}

// Keys are the items of several.
func Keys(asks []Ask) []dsar.Key {
	out := make([]dsar.Key, len(asks))
	for i, a := range asks {
		out[i] = a.Key()
	}
	return out
}

// Asks are items as an event names them.
func Asks(keys []dsar.Key) []Ask {
	out := make([]Ask, len(keys))
	for i, k := range keys {
		out[i] = Ask{k.Right, k.Scope}
	}
	return out
}

const maxAsks = 20 // ten rights over two scopes

func checkAsks(asks []Ask) error {
	if len(asks) == 0 || len(asks) > maxAsks {
		return wrong("asks")
	}
	for _, a := range asks {
		if a.Right.Validate() != nil || a.Scope != "" && a.Scope.Validate() != nil {
			return wrong("asks")
		}
	}
	return nil
}

func checkLanguage(l string) error {
	switch l {
	case "", "sl", "sk", "en":
		return nil
	}
	return wrong("language")
}

func checkID(name, id string) error {
	if id != "" && !idShape.MatchString(id) {
		return wrong(name)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// DsarReceived starts a data-subject request, or adds an earlier arrival of one.
// At most one of Intake and Content is there: Content only where the event comes
// in from outside.
type DsarReceived struct {
	Request    string       `json:"request,omitempty"` // id for it, or of the one that arrived earlier; empty: a new one
	Way        dsar.Way     `json:"way"`
	ReceivedAt time.Time    `json:"received_at"`          // UTC, at the official address
	Address    string       `json:"address,omitempty"`    // id of the official address or office
	ContactID  string       `json:"contact_id,omitempty"` // the person, where known
	Proved     dsar.Means   `json:"proved,omitempty"`     // how ContactID was shown to be the requester
	MessageID  string       `json:"message_id,omitempty"`
	Asks       []Ask        `json:"asks"`
	Language   string       `json:"language,omitempty"`  // sl, sk, en
	Service    string       `json:"service,omitempty"`   // e-service of the pack
	Class      string       `json:"class,omitempty"`     // class of person, as the pack has them
	Marketing  bool         `json:"marketing,omitempty"` // that direct marketing end, and nothing else
	Found      dsar.Case    `json:"found,omitempty"`     // who answers, as a person found; empty: by the pack
	Party      string       `json:"party,omitempty"`     // whom Found names
	Intake     string       `json:"intake,omitempty"`    // id of the sealed intake record
	Content    *DsarContent `json:"content,omitempty"`
}

// DsarContent is what a request says of persons.
type DsarContent struct {
	Name           string `json:"name,omitempty"`
	Address        string `json:"address,omitempty"` // where the answer is wanted: mail address or +E.164
	Text           string `json:"text,omitempty"`
	Statement      string `json:"statement,omitempty"`      // supplementary statement (P12)
	Representative string `json:"representative,omitempty"` // name of whoever acts for the person
	Authority      string `json:"authority,omitempty"`      // the proof of that, in words; never a copy
}

// Validate implements Data.
func (d *DsarReceived) Validate() error {
	switch {
	case d.Way.Validate() != nil:
		return wrong("way")
	case !instant(d.ReceivedAt):
		return wrong("received_at")
	case d.Proved != "" && d.Proved.Validate() != nil:
		return wrong("proved")
	case d.Found != "" && d.Found.Validate() != nil:
		return wrong("found")
	case d.Intake != "" && d.Content != nil:
		return wrong("intake, content: both of them; the set")
	}
	return firstError(checkID("request", d.Request), checkID("address", d.Address), checkID("contact_id", d.ContactID), checkID("message_id", d.MessageID),
		checkID("service", d.Service), checkID("class", d.Class), checkID("party", d.Party), checkID("intake", d.Intake), checkAsks(d.Asks), checkLanguage(d.Language))
}

// TakeContent implements WithContent.
func (d *DsarReceived) TakeContent() (json.RawMessage, error) { return take(&d.Content) }

// SetIntake implements WithContent.
func (d *DsarReceived) SetIntake(id string) { d.Intake = id }

func take[T any](content **T) (json.RawMessage, error) {
	if *content == nil {
		return nil, nil
	}
	b, err := json.Marshal(*content)
	*content = nil
	return b, err
}

// DsarRecognised comes with the message, in the same commit; an adviser confirms
// or refuses. The clock runs from ReceivedAt, the message's.
type DsarRecognised struct {
	MessageID  string    `json:"message_id"`
	ContactID  string    `json:"contact_id"`
	ReceivedAt time.Time `json:"received_at"` // UTC
	Asks       []Ask     `json:"asks"`
	Confidence int       `json:"confidence"`         // percent, 1 to 100
	Language   string    `json:"language,omitempty"` // sl, sk, en
	Marketing  bool      `json:"marketing,omitempty"`
}

// Validate implements Data.
func (d *DsarRecognised) Validate() error {
	switch {
	case !idShape.MatchString(d.MessageID):
		return wrong("message_id")
	case !idShape.MatchString(d.ContactID):
		return wrong("contact_id")
	case !instant(d.ReceivedAt):
		return wrong("received_at")
	case d.Confidence < 1 || d.Confidence > 100:
		return wrong("confidence")
	}
	return firstError(checkAsks(d.Asks), checkLanguage(d.Language))
}

// DsarStep is what somebody did.
type DsarStep string

// Steps.
const (
	StepConfirmed  DsarStep = "confirmed"  // it is a request: an adviser's verdict, or the review's
	StepDismissed  DsarStep = "dismissed"  // it is none, twice looked at
	StepAsked      DsarStep = "asked"      // the person is to prove who they are
	StepChallenged DsarStep = "challenged" // a one-time code is to go out; Ref is the challenge
	StepProved     DsarStep = "proved"     // identity was shown: the clock goes on
	StepPost       DsarStep = "post"       // the answer by post is offered
	StepRouted     DsarStep = "routed"     // a person found who answers
	StepAccepted   DsarStep = "accepted"   // we answer what was handed to us
	StepDisputed   DsarStep = "disputed"   // we do not: a meeting is to settle it
	StepNamed      DsarStep = "named"      // our word on who is competent; Ref is the hand-over
	StepExtended   DsarStep = "extended"
	StepDecided    DsarStep = "decided" // Ref is the item
	StepComplained DsarStep = "complained"
	StepPosted     DsarStep = "posted"  // a letter for the post has left; Ref is the letter
	StepErasing    DsarStep = "erasing" // a granted erasure goes on: its letter has left, or what it waited for has ended
)

var dsarSteps = map[DsarStep]bool{
	StepConfirmed: true, StepDismissed: true, StepAsked: true, StepChallenged: true, StepProved: true, StepPost: true, StepRouted: true,
	StepAccepted: true, StepDisputed: true, StepNamed: true, StepExtended: true, StepDecided: true, StepComplained: true, StepErasing: true, StepPosted: true,
}

// DsarStepTaken says that a request was changed, for what follows from it.
type DsarStepTaken struct {
	Request string   `json:"request"`
	Step    DsarStep `json:"step"`
	Ref     string   `json:"ref,omitempty"` // what the step is about
}

// Validate implements Data.
func (d *DsarStepTaken) Validate() error {
	switch {
	case !idShape.MatchString(d.Request):
		return wrong("request")
	case !dsarSteps[d.Step]:
		return wrong("step")
	}
	return checkID("ref", d.Ref)
}

// DsarGranted asks whoever carries out a right to do so. It may come more than
// once for an item: the request says what is left to do.
type DsarGranted struct {
	Request string     `json:"request"`
	Right   dsar.Right `json:"right"`
	Scope   dsar.Scope `json:"scope"`
}

// Validate implements Data.
func (d *DsarGranted) Validate() error { return checkItem(d.Request, d.Right, d.Scope) }

func checkItem(request string, r dsar.Right, s dsar.Scope) error {
	switch {
	case !idShape.MatchString(request):
		return wrong("request")
	case r.Validate() != nil:
		return wrong("right")
	case s.Validate() != nil:
		return wrong("scope")
	}
	return nil
}

// DsarCarriedOut answers DsarGranted, once it is done.
type DsarCarriedOut struct {
	Request string      `json:"request"`
	Right   dsar.Right  `json:"right"`
	Scope   dsar.Scope  `json:"scope"`
	Outcome dsar.Result `json:"outcome"`
}

// Validate implements Data.
func (d *DsarCarriedOut) Validate() error {
	if d.Outcome.Validate() != nil {
		return wrong("outcome")
	}
	return checkItem(d.Request, d.Right, d.Scope)
}

// DsarHandedOver goes from one controller to another (K20). The clock is shared:
// ReceivedAt is the first receiver's. At most one of Intake and Content is there.
type DsarHandedOver struct {
	Handover   string       `json:"handover"` // the sender's id: names it on both sides
	Request    string       `json:"request"`  // the sender's id of the request
	Case       dsar.Case    `json:"case"`
	Asks       []Ask        `json:"asks"`
	ReceivedAt time.Time    `json:"received_at"` // UTC
	Reason     string       `json:"reason,omitempty"`
	Proved     bool         `json:"proved,omitempty"` // the sender established who asks
	Language   string       `json:"language,omitempty"`
	Service    string       `json:"service,omitempty"`
	Marketing  bool         `json:"marketing,omitempty"`
	Intake     string       `json:"intake,omitempty"`
	Content    *DsarContent `json:"content,omitempty"`
}

// Validate implements Data.
func (d *DsarHandedOver) Validate() error {
	switch {
	case !idShape.MatchString(d.Handover):
		return wrong("handover")
	case !idShape.MatchString(d.Request):
		return wrong("request")
	case d.Case.Validate() != nil || d.Case == dsar.Ours:
		return wrong("case")
	case !instant(d.ReceivedAt):
		return wrong("received_at")
	case d.Intake != "" && d.Content != nil:
		return wrong("intake, content: both of them; the set")
	}
	return firstError(checkID("reason", d.Reason), checkID("service", d.Service), checkID("intake", d.Intake), checkAsks(d.Asks), checkLanguage(d.Language))
}

// TakeContent implements WithContent.
func (d *DsarHandedOver) TakeContent() (json.RawMessage, error) { return take(&d.Content) }

// SetIntake implements WithContent.
func (d *DsarHandedOver) SetIntake(id string) { d.Intake = id }

// HandoverAnswer is what the other controller says.
type HandoverAnswer string

// Answers.
const (
	AnswerReceived HandoverAnswer = "received" // it has arrived; the rest follows
	AnswerAccepted HandoverAnswer = "accepted"
	AnswerDisputed HandoverAnswer = "disputed" // a meeting by MeetingBy
	AnswerNamed    HandoverAnswer = "named"    // Competent is its word on who answers
)

// DsarHandoverAnswered goes back to whoever handed over, and between both while
// they settle it.
type DsarHandoverAnswered struct {
	Handover  string         `json:"handover"`
	Request   string         `json:"request"` // id at whoever answers
	Answer    HandoverAnswer `json:"answer"`
	Competent string         `json:"competent,omitempty"`  // party id
	MeetingBy *time.Time     `json:"meeting_by,omitempty"` // UTC
}

// Validate implements Data.
func (d *DsarHandoverAnswered) Validate() error {
	switch {
	case !idShape.MatchString(d.Handover):
		return wrong("handover")
	case !idShape.MatchString(d.Request):
		return wrong("request")
	case d.MeetingBy != nil && !instant(*d.MeetingBy):
		return wrong("meeting_by")
	}
	switch d.Answer {
	case AnswerReceived, AnswerAccepted, AnswerDisputed, AnswerNamed:
		return checkID("competent", d.Competent)
	}
	return wrong("answer")
}

// DsarAnswered tells the other joint controller that the person has the final
// answer (K20 3c).
type DsarAnswered struct {
	Handover   string    `json:"handover"`
	Request    string    `json:"request"` // id at whoever answered
	AnsweredAt time.Time `json:"answered_at"`
}

// Validate implements Data.
func (d *DsarAnswered) Validate() error {
	switch {
	case !idShape.MatchString(d.Handover):
		return wrong("handover")
	case !idShape.MatchString(d.Request):
		return wrong("request")
	case !instant(d.AnsweredAt):
		return wrong("answered_at")
	}
	return nil
}
