// Package fault is the closed set of error kinds. Each kind is mapped once,
// at the edge, to an HTTP status and to what a transport does with an event:
// acknowledge, deliver again, or set aside as a dead letter.
//
// An error says what happened and to which record, by kind and opaque id. It
// never carries content, a name, an address or a provider's message id: errors
// reach logs, and logs hold no personal data. So the cause of a failed decoder
// is not kept (decoders quote their input); the cause of a failed disk or
// network call is.
package fault

import (
	"context"
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error.
type Kind string

const (
	Invalid         Kind = "invalid"         // malformed input; the sender must change it
	Unauthenticated Kind = "unauthenticated" // no valid proof of who is asking
	Forbidden       Kind = "forbidden"       // known, and not allowed
	NotFound        Kind = "not_found"       // no such record for this tenant
	Gone            Kind = "gone"            // it was there; its key has been destroyed
	Conflict        Kind = "conflict"        // somebody else wrote first; read again and retry
	TooLarge        Kind = "too_large"       // over a documented limit
	Poison          Kind = "poison"          // well-formed, and can never succeed: dead letter
	Overload        Kind = "overload"        // too much at once; retry later
	Unavailable     Kind = "unavailable"     // a dependency failed; retry later
	Internal        Kind = "internal"        // a defect of ours, a panic included
)

// Kinds lists the whole set, in the order of the constants.
var Kinds = []Kind{Invalid, Unauthenticated, Forbidden, NotFound, Gone, Conflict, TooLarge, Poison, Overload, Unavailable, Internal}

// Validate reports whether k is one of the set.
func (k Kind) Validate() error {
	for _, known := range Kinds {
		if k == known {
			return nil
		}
	}
	return fmt.Errorf("fault: unknown kind %q", string(k))
}

// Error is an error with a kind. Text is a constant sentence plus opaque ids.
type Error struct {
	Kind  Kind
	Text  string
	cause error
}

// New returns an error of kind k. The arguments may be ids, kinds, sizes and
// times; never content.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Text: fmt.Sprintf(format, args...)}
}

// Because returns a copy of e that wraps cause, whose text is shown. Use it
// for infrastructure (disk, network, KMS), never for a decoder of input.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is the kind, the text and, where one is kept, the cause.
func (e *Error) Error() string {
	if e.cause != nil {
		return string(e.Kind) + ": " + e.Text + ": " + e.cause.Error()
	}
	return string(e.Kind) + ": " + e.Text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// Of returns the kind of err: the kind of the outermost Error in its chain,
// Unavailable for an expired or cancelled context, Internal for anything else,
// and "" for nil.
func Of(err error) Kind {
	var e *Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e):
		return e.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Unavailable
	default:
		return Internal
	}
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return Of(err) == k }

// Permanent reports whether delivering the same event again can't help.
// Everything else is retried: at-least-once delivery makes that safe.
func Permanent(err error) bool {
	switch Of(err) {
	case Invalid, Forbidden, NotFound, Gone, TooLarge, Poison:
		return true
	}
	return false
}

// Status is the HTTP status for kind k, as CloudEvents hosts read it: 2xx is
// done, 4xx is never sent again except 404, 409 and 429, 5xx is sent again
// (local-cloud.md 4, "Any host").
func Status(k Kind) int {
	switch k {
	case "":
		return 200
	case Invalid:
		return 400
	case Unauthenticated:
		return 401
	case Forbidden:
		return 403
	case NotFound:
		return 404
	case Gone:
		return 410
	case Conflict:
		return 409
	case TooLarge:
		return 413
	case Poison:
		return 422
	case Overload:
		return 429
	case Unavailable:
		return 503
	default:
		return 500
	}
}
