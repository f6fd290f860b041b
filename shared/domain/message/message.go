package message

import (
	"slices"
	"time"
)

// Message is a stored message. It belongs to the contact whose conversation it
// stands in, and is sealed under that contact's key.
type Message struct {
	_              struct{}  `data:"owner=.ContactID class=channel purpose=service"`
	ID             string    `json:"id" data:"technical"`
	ConversationID string    `json:"conversation_id" data:"technical"`
	ContactID      string    `json:"contact_id" data:"technical"`
	Channel        Channel   `json:"channel" data:"technical"`
	Provider       string    `json:"provider" data:"technical"`
	Kind           Kind      `json:"kind" data:"technical"`
	Direction      Direction `json:"direction" data:"technical"`
	Automatic      bool      `json:"automatic,omitempty" data:"technical"`
	Forwarded      bool      `json:"forwarded,omitempty" data:"technical"`
	SentAt         time.Time `json:"sent_at,omitzero" data:"technical"`
	ReceivedAt     time.Time `json:"received_at" data:"technical"`

	State   State     `json:"state,omitempty" data:"technical"` // of what we sent
	StateAt time.Time `json:"state_at,omitzero" data:"technical"`
	Code    string    `json:"code,omitempty" data:"technical"` // provider's error code, or one of ours

	Delivery *Delivery `json:"delivery,omitempty" data:"technical"` // of what we are to send

	// Changes are the edits, deletions and reactions that name this message,
	// oldest first. The message itself stays as it was written.
	Changes []Change `json:"changes,omitempty" data:"technical"`

	// Files says what became of each of Media, in its order.
	Files []File `json:"files,omitempty" data:"technical"`
	RawID string `json:"raw_id,omitempty" data:"technical"` // file that holds the raw mail

	Aliases []string `json:"aliases,omitempty" data:"technical"` // records that lead to it: they go with it

	ProviderID string    `json:"provider_id" data:"personal identifier"`
	Sender     Party     `json:"sender,omitzero" data:"personal address parties"`
	Recipients []Party   `json:"recipients,omitempty" data:"personal address parties"`
	Subject    string    `json:"subject,omitempty" data:"personal content"`
	Text       string    `json:"text,omitempty" data:"personal content"`
	Media      []Media   `json:"media,omitempty" data:"personal content"`
	Location   *Location `json:"location,omitempty" data:"personal place"`
	ReplyTo    string    `json:"reply_to,omitempty" data:"personal identifier parties"`
	Thread     []string  `json:"thread,omitempty" data:"personal identifier parties"` // of a mail: References, the oldest first (RFC 5322, 3.6.4): up to itself if it came in, up to what it answers if it goes out
	Target     string    `json:"target,omitempty" data:"personal identifier parties"`
	Reaction   string    `json:"reaction,omitempty" data:"personal content"`
	Control    string    `json:"control,omitempty" data:"personal content"`
	Calls      []Call    `json:"calls,omitempty" data:"personal activity"` // the steps of a call as they came

	// Secrets are what Text names by a Mask until it is sent: codes and links that
	// are for the addressee alone. No view shows them, and Advance forgets them.
	Secrets map[string]string `json:"secrets,omitempty" data:"personal credential"`
}

// Change is an edit, deletion or reaction of a message, itself stored as the
// message MessageID.
type Change struct {
	Kind      Kind      `json:"kind"`
	MessageID string    `json:"message_id"`
	At        time.Time `json:"at"`
}

// File is the fate of a media item.
type File struct {
	State  FileState `json:"state"`
	FileID string    `json:"file_id,omitempty"` // record that holds the bytes
	SHA256 string    `json:"sha256,omitempty"`  // hex, of what was stored
	Size   int64     `json:"size,omitempty"`    // bytes
	Code   string    `json:"code,omitempty"`    // why unavailable or refused
}

// FileState is where a file is on its way.
type FileState string

const (
	Pending     FileState = "pending"     // to be fetched from the provider
	Unscanned   FileState = "unscanned"   // stored, seen by no scanner yet
	Clean       FileState = "clean"       // passed by the scanner
	Infected    FileState = "infected"    // kept sealed, never handed out
	Unavailable FileState = "unavailable" // the provider no longer has it, or we may not fetch it
)

// Validate reports whether s is one of the set.
func (s FileState) Validate() error {
	return oneOf("file state", s, Pending, Unscanned, Clean, Infected, Unavailable)
}

// Apply adds a change in order of time, once.
func (m *Message) Apply(c Change) {
	at := len(m.Changes)
	for i, old := range m.Changes {
		if old.MessageID == c.MessageID {
			return
		}
		if c.At.Before(old.At) && i < at {
			at = i
		}
	}
	m.Changes = append(m.Changes[:at], append([]Change{c}, m.Changes[at:]...)...)
}

// Advance notes a provider's word on the fate of m. It reports whether it was
// news: states never go back.
func (m *Message) Advance(s State, code string, at time.Time) bool {
	if !s.After(m.State) {
		return false
	}
	m.State, m.StateAt, m.Code = s, at, code
	if s != Queued && s != Sending {
		m.Secrets = nil
	}
	return true
}

// Step adds a step of a call, once. Steps come in any order, and are kept in
// the order in which they came.
func (m *Message) Step(c Call, at time.Time) {
	c.At = at
	for _, old := range m.Calls {
		if old.LegID == c.LegID && old.Seq == c.Seq && old.Step == c.Step && old.At.Equal(c.At) {
			return
		}
	}
	m.Calls = append(m.Calls, c)
}

// Waiting is what arrived about a message that is not there yet: statuses
// before the send's answer, edits before the original. Its ID is the keyed hash
// of the target's provider id.
type Waiting struct {
	ID      string         `json:"id" data:"technical"`
	SinceAt time.Time      `json:"since_at" data:"technical"`
	States  []WaitingState `json:"states,omitempty" data:"technical"`
	Changes []Change       `json:"changes,omitempty" data:"technical"`
}

// WaitingState is a status that waits.
type WaitingState struct {
	State State     `json:"state"`
	Code  string    `json:"code,omitempty"`
	At    time.Time `json:"at"`
}

// Lose forgets the changes that a message makes. It reports whether there were any.
func (w *Waiting) Lose(messageID string) bool {
	n := len(w.Changes)
	w.Changes = slices.DeleteFunc(w.Changes, func(c Change) bool { return c.MessageID == messageID })
	return len(w.Changes) < n
}

// Alias finds messages by a provider id that is not their own: what we sent,
// once the provider has named it; a mail that has two ids; a mail under an id
// that another one had before. Its ID is the keyed hash of that provider id.
type Alias struct {
	ID         string   `json:"id" data:"technical"`
	MessageIDs []string `json:"message_ids" data:"technical"` // at most MaxAliases, the oldest first
}

// MaxAliases bounds the messages that one id leads to: a stranger who sends a
// thousand mails under one Message-ID fills nothing.
const MaxAliases = 20

// Lead adds a message, which notes it too. It reports whether there was room.
func (a *Alias) Lead(m *Message) bool {
	if !slices.Contains(a.MessageIDs, m.ID) {
		if len(a.MessageIDs) >= MaxAliases {
			return false
		}
		a.MessageIDs = append(a.MessageIDs, m.ID)
	}
	if !slices.Contains(m.Aliases, a.ID) {
		m.Aliases = append(m.Aliases, a.ID)
	}
	return true
}

// Lose takes a message away. It reports whether the alias still leads anywhere.
func (a *Alias) Lose(messageID string) bool {
	a.MessageIDs = slices.DeleteFunc(a.MessageIDs, func(id string) bool { return id == messageID })
	return len(a.MessageIDs) > 0
}

// Attachment is the bytes of a file, or of a raw mail, sealed by themselves.
type Attachment struct {
	_         struct{}  `data:"owner=.ContactID class=channel purpose=service"`
	ID        string    `json:"id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	MessageID string    `json:"message_id" data:"technical"`
	StoredAt  time.Time `json:"stored_at" data:"technical"`
	Mime      string    `json:"mime,omitempty" data:"technical"`
	SHA256    string    `json:"sha256" data:"technical"`
	Size      int64     `json:"size" data:"technical"`
	Bytes     []byte    `json:"-" data:"personal content file"`
}
