package dossier

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Disclosure is a line of the disclosure register (P16, S08): what of whom went
// to whom outside, when and on what ground. Erasure reads from it who must be
// told (art. 19 GDPR); it holds no content.
type Disclosure struct {
	_         struct{}  `data:"owner=.ContactID class=log purpose=proof"`
	ID        string    `json:"id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	At        time.Time `json:"at" data:"technical"`
	Recipient string    `json:"recipient" data:"technical"`         // party id of the pack, or a name of an organisation
	Mailbox   string    `json:"mailbox,omitempty" data:"technical"` // of the organisation, to tell it of an erasure
	Ground    string    `json:"ground" data:"technical"`            // a code: delivery, escalation, court_order, written_request, portability ...
	About     []string  `json:"about,omitempty" data:"technical"`   // "kind/id" of what was disclosed
	By        string    `json:"by" data:"technical"`                // opaque id of who disclosed
	Event     string    `json:"event,omitempty" data:"technical"`

	// SecretUntil is the end of a legal duty to keep it from the person: until
	// then it leaves no trace in what the person is shown (S08).
	SecretUntil time.Time `json:"secret_until,omitzero" data:"technical"`

	// Told are the notices of art. 19 that went to the recipient.
	Told []Telling `json:"told,omitempty" data:"technical"`
}

// Grounds of disclosures that we note ourselves.
const (
	ToPerson   = "own_copy"   // the person's package, handed to them or for them
	Escalation = "escalation" // a ticket at another organisation's level (K03)
	Handover   = "handover"   // a request, to the controller that answers it (K20)
	Answer     = "answer"     // of ours to whom handed a ticket to us (K03)
	Breach     = "breach"     // a report or notice of a breach that names the person (K25, K26)
	Return     = "return"     // a controller's own data, at the end of the contract (L08)
	Archive    = "archive"    // public archival material, before it goes here (ZVDAGA)
	Complaint  = "complaint"  // with the request's file, to the supervisory authority (K24)
)

// Telling is a notice to a recipient that something was rectified, erased or
// restricted (art. 19 GDPR), and its acknowledgement.
type Telling struct {
	Request        string    `json:"request"`
	Right          string    `json:"right"`
	At             time.Time `json:"at"`
	Notice         string    `json:"notice,omitempty"` // id of the letter, where one went out
	AcknowledgedAt time.Time `json:"acknowledged_at,omitzero"`
}

// Hidden reports whether the person may not learn of it yet.
func (d *Disclosure) Hidden(now time.Time) bool { return now.Before(d.SecretUntil) }

// Heard reports whether the recipient has been told of a right of a request.
func (d *Disclosure) Heard(t Telling) bool {
	return slices.ContainsFunc(d.Told, func(o Telling) bool { return o.Request == t.Request && o.Right == t.Right })
}

// Tell notes that the recipient was told, once a request and right.
func (d *Disclosure) Tell(t Telling) bool {
	if d.Heard(t) {
		return false
	}
	d.Told = append(d.Told, t)
	return true
}

// Acknowledge notes the recipient's answer. It reports whether one was open.
func (d *Disclosure) Acknowledge(request string, at time.Time) bool {
	done := false
	for i := range d.Told {
		if d.Told[i].Request == request && d.Told[i].AcknowledgedAt.IsZero() {
			d.Told[i].AcknowledgedAt, done = at, true
		}
	}
	return done
}

// How consent was given or withdrawn. Silence, a box ticked beforehand, and a
// sentence within general terms are no consent (art. 4(11), 7(2); P02) and are
// not in the set.
type How string

// Hows.
const (
	Tick      How = "tick"      // a box that the person ticked
	Message   How = "message"   // a message on a channel
	Voice     How = "voice"     // said in a call
	Signature How = "signature" // on paper
	Supplying How = "supplying" // by supplying the data, informed beforehand (ekc 7.2; K07)
)

// Validate reports whether h is one of the set.
func (h How) Validate() error {
	switch h {
	case Tick, Message, Voice, Signature, Supplying:
		return nil
	}
	return fmt.Errorf("dossier: unknown way of giving consent")
}

// Consent is the record of one consent and its withdrawal: proof, which erasure
// does not reach (A8). Who, which text, when, how (P02).
type Consent struct {
	_         struct{}  `data:"owner=.ContactID class=consent purpose=proof"`
	ID        string    `json:"id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	Purpose   string    `json:"purpose" data:"technical"` // id of a processing in the pack, or "marketing"
	Text      string    `json:"text" data:"technical"`    // key of the text that the person had before them
	Version   string    `json:"version" data:"technical"` // of that text
	Language  string    `json:"language,omitempty" data:"technical"`
	Channel   string    `json:"channel" data:"technical"`
	How       How       `json:"how" data:"technical"`
	Explicit  bool      `json:"explicit,omitempty" data:"technical"`
	GivenAt   time.Time `json:"given_at" data:"technical"` // UTC, of receipt
	MessageID string    `json:"message_id,omitempty" data:"technical"`
	By        string    `json:"by" data:"technical"` // who recorded it

	Withdrawn *Withdrawal `json:"withdrawn,omitempty" data:"technical"`
}

// Withdrawal of a consent: it works from the receipt on, and not before (art. 7(3)).
type Withdrawal struct {
	At        time.Time `json:"at"` // of receipt
	Channel   string    `json:"channel"`
	How       How       `json:"how"`
	MessageID string    `json:"message_id,omitempty"`
}

// ErrConsent says what a record of consent lacks.
var ErrConsent = errors.New("a consent names purpose, text, version, channel, instant and an act of the person that gives it")

// Validate reports whether the record proves a consent.
func (c *Consent) Validate() error {
	if c.ContactID == "" || c.Purpose == "" || c.Text == "" || c.Version == "" || c.Channel == "" || c.GivenAt.IsZero() || c.How.Validate() != nil {
		return ErrConsent
	}
	return nil
}

// Stands reports whether the consent holds at an instant.
func (c *Consent) Stands(at time.Time) bool {
	return !at.Before(c.GivenAt) && (c.Withdrawn == nil || at.Before(c.Withdrawn.At))
}

// Withdraw takes the consent back. The earliest receipt counts; it reports
// whether anything changed.
func (c *Consent) Withdraw(w Withdrawal) bool {
	if w.At.Before(c.GivenAt) || c.Withdrawn != nil && !w.At.Before(c.Withdrawn.At) {
		return false
	}
	c.Withdrawn = &w
	return true
}
