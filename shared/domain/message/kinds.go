package message

import "fmt"

// Channel is how a person reached the contact centre (K04: six channels).
type Channel string

const (
	Voice    Channel = "voice"
	Email    Channel = "email"
	Viber    Channel = "viber"
	WhatsApp Channel = "whatsapp"
	SMS      Channel = "sms"
	LiveChat Channel = "livechat"
)

// Channels are the six.
var Channels = []Channel{Voice, Email, Viber, WhatsApp, SMS, LiveChat}

// Validate reports whether c is one of the six.
func (c Channel) Validate() error { return oneOf("channel", c, Channels...) }

// Kind is what a delivery from a provider is.
type Kind string

const (
	Said     Kind = "message"  // something a person said
	Edit     Kind = "edit"     // a new text for Target
	Deletion Kind = "delete"   // the sender took Target back
	Reaction Kind = "reaction" // an emoji on Target
	Report   Kind = "status"   // the fate of what we sent
	Control  Kind = "control"  // subscribed, chat started, keys pressed ...
	CallKind Kind = "call"     // a step of a phone call
)

// Validate reports whether k is one of the set.
func (k Kind) Validate() error {
	return oneOf("kind", k, Said, Edit, Deletion, Reaction, Report, Control, CallKind)
}

// Direction is seen from the contact centre.
type Direction string

const (
	In  Direction = "inbound"
	Out Direction = "outbound"
)

// Validate reports whether d is one of the two.
func (d Direction) Validate() error { return oneOf("direction", d, In, Out) }

// Scheme says what an address is. Phone numbers and mail addresses mean the
// same person on every channel; any other id means one only on its own account.
type Scheme string

const (
	Tel    Scheme = "tel"    // +E.164
	Mailto Scheme = "mailto" // addr-spec, lower-case domain
	ID     Scheme = "id"     // opaque, within one channel account
)

// Validate reports whether s is one of the three.
func (s Scheme) Validate() error { return oneOf("scheme", s, Tel, Mailto, ID) }

// State is the fate of a message that we sent. Ranks: see State.After.
type State string

const (
	Queued    State = "queued"
	Sending   State = "sending" // we are calling the provider, or died while we did
	Unknown   State = "unknown" // the call ended without an answer: it may have been taken, so it is not repeated
	Sent      State = "sent"
	Delayed   State = "delayed" // RFC 3464 action "delayed": not failed
	Delivered State = "delivered"
	Read      State = "read"
	Failed    State = "failed"
)

var stateRank = map[State]int{Queued: 1, Sending: 2, Unknown: 3, Sent: 4, Delayed: 5, Failed: 6, Delivered: 7, Read: 8}

// Validate reports whether s is one of the set.
func (s State) Validate() error {
	return oneOf("state", s, Queued, Sending, Unknown, Sent, Delayed, Delivered, Read, Failed)
}

// Reported reports whether s is one that a provider can tell: Sending and
// Unknown are ours alone.
func (s State) Reported() error {
	return oneOf("state", s, Queued, Sent, Delayed, Delivered, Read, Failed)
}

// After reports whether a message in state old moves on to s. A state never
// goes back; failed only comes before delivered (channels.md 1.5).
func (s State) After(old State) bool { return stateRank[s] > stateRank[old] }

// CallStep is what happened to a call or one of its legs.
type CallStep string

const (
	Started     CallStep = "started"
	Ringing     CallStep = "ringing"
	Answered    CallStep = "answered"
	Held        CallStep = "held"
	Transferred CallStep = "transferred"
	DTMF        CallStep = "dtmf"
	Recording   CallStep = "recording"
	Ended       CallStep = "ended"
)

// Validate reports whether s is one of the set.
func (s CallStep) Validate() error {
	return oneOf("call step", s, Started, Ringing, Answered, Held, Transferred, DTMF, Recording, Ended)
}

func oneOf[T ~string](what string, v T, set ...T) error {
	for _, s := range set {
		if v == s {
			return nil
		}
	}
	return fmt.Errorf("message: unknown %s", what)
}
