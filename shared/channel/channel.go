// Package channel is what a messaging provider's webhook must tell us, and
// nothing of how it is stored. One folder a provider holds its verification,
// its mapping to message.Inbound, and how it would sign a request (for `okence
// send` and tests). A provider is pure: bytes, secrets and an instant in, items
// out. The webhook function around it does sizes, secrets, storing and answers.
//
// The order is law (channels.md 1): verify over the raw bytes, only then parse.
package channel

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/message"
)

// Name is a provider on a channel, as in the route /webhooks/{tenant}/{channel}/{provider}.
type Name struct {
	Channel  message.Channel
	Provider string
}

// String is channel/provider.
func (n Name) String() string { return string(n.Channel) + "/" + n.Provider }

// Request is a webhook call, its body read once and whole.
type Request struct {
	Method string
	URL    *url.URL // path and query as received; the public URL is in the secret where it is signed
	Header http.Header
	Body   []byte
	At     time.Time // when it was received: the edge's clock, UTC

	// Say returns a text of the tenant's policy pack for an answer that goes
	// back in the response (a Viber welcome, a voice prompt). Nil says nothing.
	Say func(key, language string) string
}

// Provider is one provider's webhook. Implementations keep no state and may be
// called from many goroutines.
type Provider interface {
	Name() Name

	// Limit is the greatest body in bytes that the provider sends.
	Limit() int64

	// Needs lists the keys that a secret must have, by the provider's own
	// names (contract.md, HTTP). A secret without them is as good as none.
	Needs() []string

	// Verify proves that the provider sent r, over the raw bytes, in constant
	// time, with one secret. An error is of kind fault.Unauthenticated, or
	// fault.Forbidden where the sender is real and not ours (an SNS topic that
	// is not listed), and says which check failed, never a value.
	Verify(r Request, s Secret) error

	// Parse maps a verified body, in time linear to its length. What it can't
	// map is an item with a Parked reason, never an error and never dropped.
	Parse(r Request) Parsed

	// Sign adds to r what the provider would send for r.Body at r.At.
	Sign(r *Request, s Secret) error
}

// Handshaker is a provider that proves the endpoint before it sends anything
// (Meta's hub.challenge). Such calls are answered and never stored.
type Handshaker interface {
	// Handshake returns the answer to r and true, or false where r is none. A
	// refused handshake is an Answer with status 403.
	Handshake(r Request, s Secret) (Answer, bool)
}

// Opener is a provider whose files come inside the body (mail).
type Opener interface {
	// OpenPart returns the bytes of part n (Media.Part, from 1) of a raw body
	// that Parse has seen, unchanged by any character set conversion.
	OpenPart(raw []byte, n int) ([]byte, error)
}

// Developer is a provider whose development secret is more than random text
// (SES: a certificate and its key).
type Developer interface {
	// DevelopmentSecret makes a secret that Sign and Verify both take, for an
	// account at the given public URL.
	DevelopmentSecret(url string) (Secret, error)
}

// Parsed is what a body means and what the provider wants to hear.
type Parsed struct {
	Items  []Item
	Answer Answer // zero: 200 with an empty body
}

// Item is one thing to be handled once.
type Item struct {
	// Dedupe is the identity of this item at the provider: the same for every
	// redelivery, different for everything else. It is personal (a WhatsApp id
	// holds a phone number), so it is only ever hashed.
	Dedupe string

	Message message.Inbound

	// Raw is the part of the body that the item was made from; all of it for
	// a mail. It is sealed, and kept as long as the message (mail) or until
	// the item is handled (everything else).
	Raw []byte
	// KeepRaw says that Raw is the message itself (a mail), to be kept with it.
	KeepRaw bool

	// Parked is why the item can't be mapped, as a short code (json, shape,
	// type, address ...); the raw part waits for a person.
	Parked string
}

// Answer is an HTTP answer as the provider expects it.
type Answer struct {
	Status      int // 0 means 200
	ContentType string
	Body        []byte
}

// Secret is one account's secret: keys as the provider names them.
type Secret map[string]any

// Text returns the value of key, or "".
func (s Secret) Text(key string) string {
	v, _ := s[key].(string)
	return v
}

// List returns the texts under key; a single text counts as a list of one.
func (s Secret) List(key string) []string {
	switch v := s[key].(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, x := range v {
			if t, ok := x.(string); ok {
				out = append(out, t)
			}
		}
		return out
	}
	return nil
}

// Has reports whether every key has a non-empty value.
func (s Secret) Has(keys ...string) bool {
	for _, k := range keys {
		if len(s.List(k)) == 0 || s.List(k)[0] == "" {
			return false
		}
	}
	return true
}

// Usable returns the first secret that has all the keys, or nil.
func Usable(all []Secret, keys ...string) Secret {
	for _, s := range all {
		if s.Has(keys...) {
			return s
		}
	}
	return nil
}

// String hides the values, so that a secret printed by mistake tells nothing.
func (s Secret) String() string {
	keys := make([]string, 0, len(s))
	for k := range s {
		keys = append(keys, k)
	}
	return "secret(" + strings.Join(keys, ",") + ")"
}

// GoString hides the values from %#v too.
func (s Secret) GoString() string { return s.String() }
