package channel

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/okence/okence/shared/domain/message"
)

// Sender is a provider through which messages go out, by its real send API. A
// provider keeps no state here either: what is sent, with which secret, over
// which client, is given, and what came of it is returned.
type Sender interface {
	// Sends lists the keys that a secret must have for sending, by the
	// provider's own names. They may be others than those of Needs: an account
	// that only receives has none of them.
	Sends() []string

	// Send makes one call, once. It never tries again by itself: whether the
	// call may be repeated is in its error, which is a *SendError.
	Send(ctx context.Context, do Doer, s Secret, out Outgoing) (Sent, error)
}

// Doer makes HTTP calls (an http.Client that follows no redirect).
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Named is a Sender that lets us choose the id under which its statuses come
// back, so that a message is found by it even if the call is never answered.
type Named interface {
	// SendID is the provider id that out will have.
	SendID(out Outgoing) string
}

// Outgoing is a message on its way out.
type Outgoing struct {
	ID   string        // our own id: goes along wherever the provider brings it back
	Line string        // our side: the number, mailbox or bot that was written to
	From string        // the name that the person is shown, where the channel has one
	To   message.Party // who gets it
	Text string

	// Mail.
	Subject   string
	MessageID string   // ours, with angle brackets
	ReplyTo   string   // the plus-address of the conversation
	Thread    []string // References, the oldest first; the last is what is answered
	Automatic bool     // a machine wrote it (RFC 3834)
	At        time.Time

	Answers string // provider id of the message that this answers, or ""
	Chat    string // the provider's own id of the conversation, or ""
	Files   []File
}

// AutoSubmitted is the header of that name of a mail that a machine wrote: an
// answer to a message, or a letter that answers nothing (RFC 3834, section 5).
func (o Outgoing) AutoSubmitted() string {
	if len(o.Thread) > 0 || o.Answers != "" {
		return "auto-replied"
	}
	return "auto-generated"
}

// File is an attachment.
type File struct {
	Name  string
	Mime  string
	Bytes []byte
}

// Sent is a provider's word that it took a message.
type Sent struct {
	ProviderID string   // under which statuses of it come
	Also       []string // further ids that answers or reports may name
}

// Class says what to do about a message that did not go out.
type Class string

const (
	// Retry: it was not taken; the same call may go well later.
	Retry Class = "retry"
	// Throttled: so for everything that goes through this account.
	Throttled Class = "throttled"
	// Window: free text is not taken now: the person has to write first.
	Window Class = "window"
	// Final: this message, or any to this recipient, will not be taken.
	Final Class = "final"
	// Blocked: the account is refused: its token, its balance, its rights.
	Blocked Class = "blocked"
	// Lost: the call may have been taken or not. It must not be repeated.
	Lost Class = "lost"
)

// Validate reports whether c is one of the set.
func (c Class) Validate() error {
	switch c {
	case Retry, Throttled, Window, Final, Blocked, Lost:
		return nil
	}
	return fmt.Errorf("channel: unknown class of a failed send")
}

// SendError is why a message did not go out, or may not have.
type SendError struct {
	Class Class
	Code  string        // the provider's code, or a word of ours; never content
	After time.Duration // how long the provider asks to wait; 0 if it doesn't say
}

// Error is class and code.
func (e *SendError) Error() string { return "send: " + string(e.Class) + " " + e.Code }

// Failed makes a SendError. A code is cut to one short line: it is stored in
// the clear and shown.
func Failed(c Class, code string) *SendError {
	if code = Line(code); len(code) > 64 {
		code = code[:64]
	}
	return &SendError{Class: c, Code: code}
}
