package message

import "time"

// Inbound is the common form of whatever a provider tells us: a message, a
// change to one, a status of one that we sent, or a step of a call. Providers'
// packages map to it; the inbound function decides what it means.
//
// Every field is the provider's word. Times are UTC; a zero SentAt means that
// the provider gave none.
type Inbound struct {
	Channel    Channel   `json:"channel"`
	Provider   string    `json:"provider"`
	ProviderID string    `json:"provider_id"` // contract.md, Message: provider_id
	Kind       Kind      `json:"kind"`
	Direction  Direction `json:"direction"`

	Sender     Party   `json:"sender,omitzero"`
	Recipients []Party `json:"recipients,omitempty"` // the envelope's first, then the headers'
	Line       string  `json:"line,omitempty"`       // which of our numbers, addresses or bots was contacted

	Subject   string    `json:"subject,omitempty"`
	Text      string    `json:"text,omitempty"` // whole, quoted history included
	Media     []Media   `json:"media,omitempty"`
	Location  *Location `json:"location,omitempty"`
	Forwarded bool      `json:"forwarded,omitempty"`
	Automatic bool      `json:"automatic,omitempty"` // RFC 3834 and its relatives: never answered by a machine

	ReplyTo    string   `json:"reply_to,omitempty"`   // provider id of the message this one answers
	References []string `json:"references,omitempty"` // further candidates, the likeliest first
	Aliases    []string `json:"aliases,omitempty"`    // further ids of this message that answers may name: a mail's RFC Message-ID, where ProviderID is another
	Thread     string   `json:"thread,omitempty"`     // the provider's own conversation id, where it has one
	Target     string   `json:"target,omitempty"`     // provider id of what an edit, delete, reaction or status is about
	Reaction   string   `json:"reaction,omitempty"`   // the emoji; "" takes the reaction back
	Status     *Status  `json:"status,omitempty"`     // with kind status
	Call       *Call    `json:"call,omitempty"`       // with kind call
	Control    string   `json:"control,omitempty"`    // with kind control: subscribed, unsubscribed, started, typing ...

	SentAt time.Time `json:"sent_at,omitzero"`
}

// Party is a sender or recipient. Address is +E.164 for a phone number, the
// bare address for mail, and the provider's id for everything else; Scheme says
// which. Raw is what the provider wrote, where that differs.
type Party struct {
	Scheme  Scheme `json:"scheme,omitempty"`
	Address string `json:"address,omitempty"`
	Raw     string `json:"raw,omitempty"`
	Name    string `json:"name,omitempty"`
	UserID  string `json:"user_id,omitempty"` // a second id of the same person at the provider
}

// Media is a file that came with a message. Where the bytes are depends on the
// provider: behind URL, behind an id (Ref) that the provider's API turns into
// a URL, or inside the raw body (Part, from 1).
type Media struct {
	Ref    string `json:"ref,omitempty"`
	URL    string `json:"url,omitempty"`
	Part   int    `json:"part,omitempty"`
	Name   string `json:"name,omitempty"`
	Mime   string `json:"mime,omitempty"`
	Size   int64  `json:"size,omitempty"`   // bytes; 0 is unknown
	SHA256 string `json:"sha256,omitempty"` // hex, as claimed by the provider; checked after the fetch
	Inline bool   `json:"inline,omitempty"` // shown within the text
}

// Location is a place the person shared. Degrees, WGS 84.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

// Status is a provider's word on something that we sent.
type Status struct {
	State     State  `json:"state"`
	Code      string `json:"code,omitempty"`      // the provider's error code
	Recipient Party  `json:"recipient,omitzero"`  // for mail, one of several
	Ours      string `json:"ours,omitempty"`      // our own id, where the provider echoes it
	Permanent bool   `json:"permanent,omitempty"` // trying again can't help
}

// Call is one step of a phone call (contract.md, voice/event).
type Call struct {
	CallID   string        `json:"call_id"`
	LegID    string        `json:"leg_id,omitempty"`
	Seq      int64         `json:"seq,omitempty"`
	Step     CallStep      `json:"step"`
	Digits   string        `json:"digits,omitempty"`
	Cause    string        `json:"cause,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`
	At       time.Time     `json:"at,omitzero"` // UTC; Inbound.SentAt, kept with the step
}
