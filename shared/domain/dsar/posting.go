package dsar

import (
	"errors"
	"fmt"
	"time"
)

// Posting is a letter about a request that an officer prints and sends by post, or
// hands over: no channel takes it. Only written on the list is nothing answered, so
// it has a limit of its own until somebody says when it left.
type Posting struct {
	_         struct{}  `data:"owner=.ContactID class=request purpose=proof"`
	ID        string    `json:"id" data:"technical"` // PostingID
	RequestID string    `json:"request_id" data:"technical"`
	ContactID string    `json:"contact_id" data:"technical"`
	Template  string    `json:"template" data:"technical"` // of shared/notice
	Version   string    `json:"version" data:"technical"`
	Language  string    `json:"language" data:"technical"`
	QueuedAt  time.Time `json:"queued_at" data:"technical"`
	PostBy    time.Time `json:"post_by" data:"technical"` // exclusive

	PostedAt time.Time `json:"posted_at,omitzero" data:"technical"`
	PostedBy string    `json:"posted_by,omitempty" data:"technical"` // opaque id of the officer
	NotedAt  time.Time `json:"noted_at,omitzero" data:"technical"`
	Handed   bool      `json:"handed,omitempty" data:"technical"` // handed over in person, and so received

	Name    string `json:"name,omitempty" data:"personal identity"`
	Address string `json:"address,omitempty" data:"personal address"` // as the request gives it; may be none
	Subject string `json:"subject" data:"personal content"`
	Text    string `json:"text" data:"personal content"`
}

// PostingLimit is the name of the limit by which a letter is to leave; it is about
// the letter.
const PostingLimit = "request.letter"

// ErrInstant says that a letter can't have left then.
var ErrInstant = errors.New("a letter leaves after it was written, and not ahead of the clock")

// PostingID is the id of the nth letter of a request that goes by post, from 1.
func PostingID(request string, n int) string { return fmt.Sprintf("%s.post%d", request, n) }

// Post notes when the letter left, or was handed over, as a named officer says it:
// once, not before it was written and not ahead of the clock.
func (p *Posting) Post(by string, at time.Time, handed bool, now time.Time) error {
	switch {
	case !p.PostedAt.IsZero():
		return ErrTwice
	case by == "":
		return ErrNeedsPerson
	case at.Before(p.QueuedAt) || at.After(now):
		return ErrInstant
	}
	p.PostedAt, p.PostedBy, p.NotedAt, p.Handed = at, by, now, handed
	return nil
}
