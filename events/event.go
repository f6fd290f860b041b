// Package events is the catalogue: every event that functions exchange, with
// its Go type, JSON Schema, examples and AsyncAPI description.
//
// An event is a fact in the past tense. It carries ids, states and times, never
// content: attributes and data pass through queues, outboxes and dead letters
// that nobody seals. What arrives with content (Content fields, at the HTTP
// entrance only) is sealed into an intake record first and replaced by its id.
//
// Validation happens at every entrance, by the Go types; a test proves that the
// published schemas accept and refuse the same.
package events

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"time"

	"github.com/okence/okence/shared/fault"
)

// MaxData is the greatest data of an event in bytes (contract.md, Events).
const MaxData = 64 << 10

// Event is a CloudEvent 1.0 with the extensions of the catalogue. Source and ID
// together identify it; delivering it again changes nothing.
type Event struct {
	ID      string    `json:"id"`
	Source  string    `json:"source"`
	Type    string    `json:"type"`
	Subject string    `json:"subject,omitempty"` // opaque id of what it is about
	Time    time.Time `json:"time"`              // UTC; when the fact came about

	Tenant      string `json:"tenant"`
	Actor       string `json:"actor,omitempty"`       // opaque id of who caused it
	TraceParent string `json:"traceparent,omitempty"` // W3C Trace Context

	Data json.RawMessage `json:"data"`
}

// Data is the body of an event of one type.
type Data interface {
	// Validate refuses what the schema refuses, with a text that names the
	// field and never its value.
	Validate() error
}

// Type describes an event type.
type Type struct {
	Name    string // org.okence.<noun>.<fact>.v1
	Title   string // one sentence
	decode  func([]byte) (Data, error)
	Content bool // data may carry content at the HTTP entrance
}

var (
	catalogue = map[string]*Type{}
	names     = map[reflect.Type]string{} // of the types of Data
)

// define puts an event type into the catalogue.
func define[T any, P interface {
	*T
	Data
}](name, title string) *Type {
	t := &Type{Name: name, Title: title}
	t.decode = func(b []byte) (Data, error) {
		d := P(new(T))
		if err := json.Unmarshal(b, d); err != nil {
			return nil, fault.New(fault.Invalid, "event %s: data is not of the published schema", name)
		}
		if err := exact(b, reflect.TypeFor[T]()); err != nil {
			return nil, fault.New(fault.Invalid, "event %s: %s", name, err)
		}
		if err := d.Validate(); err != nil {
			return nil, fault.New(fault.Invalid, "event %s: %s", name, err)
		}
		return d, nil
	}
	_, t.Content = any(P(new(T))).(WithContent)
	if catalogue[name] != nil {
		panic("events: " + name + " defined twice")
	}
	catalogue[name], names[reflect.TypeFor[P]()] = t, name
	return t
}

// WithContent is data that may arrive with content from outside.
type WithContent interface {
	Data
	// TakeContent removes the content and returns it as JSON, or nil where
	// there is none.
	TakeContent() (json.RawMessage, error)
	// SetIntake names the record that now holds the content.
	SetIntake(id string)
}

// Types lists the catalogue by name.
func Types() []*Type {
	out := make([]*Type, 0, len(catalogue))
	for _, t := range catalogue {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Lookup returns the type with the given name, or nil.
func Lookup(name string) *Type { return catalogue[name] }

const (
	lower  = "abcdefghijklmnopqrstuvwxyz"
	digits = "0123456789"
	word   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + lower + digits + "._:-"
)

// The shapes of names, as the schemas' patterns have them. Every event passes
// half a dozen, which as regular expressions cost more than the rest of its
// validation.
var (
	idShape       = newShape(128, word, word)                    // ^[A-Za-z0-9._:-]{1,128}$
	sourceShape   = newShape(200, word+"/", word+"/")            // ^[A-Za-z0-9._:/-]{1,200}$
	tenantShape   = newShape(32, lower+digits, lower+digits+"-") // ^[a-z0-9][a-z0-9-]{0,31}$
	providerShape = newShape(32, lower, lower+digits)            // ^[a-z][a-z0-9]{0,31}$
)

// shape is a text of 1 to max bytes from two sets: its first byte's and the
// rest's.
type shape struct {
	max         int
	first, rest [256]bool
}

func newShape(max int, first, rest string) *shape {
	s := &shape{max: max}
	for _, c := range []byte(first) {
		s.first[c] = true
	}
	for _, c := range []byte(rest) {
		s.rest[c] = true
	}
	return s
}

// MatchString reports whether t is of the shape.
func (s *shape) MatchString(t string) bool {
	if t == "" || len(t) > s.max || !s.first[t[0]] {
		return false
	}
	for _, c := range []byte(t[1:]) {
		if !s.rest[c] {
			return false
		}
	}
	return true
}

// ValidTenant reports whether t can name a tenant: lower-case letters, digits
// and hyphens, at most 32.
func ValidTenant(t string) bool { return tenantShape.MatchString(t) }

// Decode validates e whole and returns its data: fault.Invalid names the first
// thing that is wrong, fault.TooLarge data over MaxData.
func Decode(e Event) (Data, error) {
	t := catalogue[e.Type]
	switch {
	case t == nil:
		return nil, fault.New(fault.Invalid, "event: type is not in the catalogue")
	case !idShape.MatchString(e.ID):
		return nil, fault.New(fault.Invalid, "event %s: id must be 1 to 128 letters, digits or . _ : -", e.Type)
	case !sourceShape.MatchString(e.Source):
		return nil, fault.New(fault.Invalid, "event %s: source must be a URI reference of 1 to 200 characters", e.Type)
	case !ValidTenant(e.Tenant):
		return nil, fault.New(fault.Invalid, "event %s: extension tenant is missing or malformed", e.Type)
	case e.Subject != "" && !idShape.MatchString(e.Subject):
		return nil, fault.New(fault.Invalid, "event %s: subject must be an opaque id", e.Type)
	case e.Actor != "" && !idShape.MatchString(e.Actor):
		return nil, fault.New(fault.Invalid, "event %s: actor must be an opaque id", e.Type)
	case e.Time.IsZero():
		return nil, fault.New(fault.Invalid, "event %s: time is missing", e.Type)
	case len(e.Data) > MaxData:
		return nil, fault.New(fault.TooLarge, "event %s: %d bytes of data, at most %d", e.Type, len(e.Data), MaxData)
	}
	return t.decode(e.Data)
}

// As is Decode for a handler that knows what it gets.
func As[T any](e Event) (*T, error) {
	d, err := Decode(e)
	if err != nil {
		return nil, err
	}
	t, ok := any(d).(*T)
	if !ok {
		return nil, fault.New(fault.Internal, "event %s is not what its handler takes", e.Type)
	}
	return t, nil
}

// New makes an event of the type that belongs to d. ID, source, tenant and time
// are the unit of work's to fill.
func New(subject string, d Data) (Event, error) {
	name := names[reflect.TypeOf(d)]
	if name == "" {
		return Event{}, fault.New(fault.Internal, "events: %T is not in the catalogue", d)
	}
	if err := d.Validate(); err != nil {
		return Event{}, fault.New(fault.Internal, "events: %s made with a fault: %s", name, err)
	}
	body, err := json.Marshal(d)
	if err != nil {
		return Event{}, fault.New(fault.Internal, "events: %s can't be encoded", name)
	}
	return Event{Type: name, Subject: subject, Data: body}, nil
}

func missing(field string) error { return fmt.Errorf("%s is missing", field) }
func wrong(field string) error   { return fmt.Errorf("%s is not of its published form", field) }

// instant reports whether t can be an instant that we set ourselves.
func instant(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 3000 }
