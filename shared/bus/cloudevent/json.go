package cloudevent

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
)

// Media types of the JSON event format.
const (
	MediaType      = "application/cloudevents+json"
	BatchMediaType = "application/cloudevents-batch+json"
)

// MaxBatch is the greatest number of events in a batch.
const MaxBatch = 100

// Marshal writes an event in the JSON event format.
func Marshal(e events.Event) ([]byte, error) {
	b, err := json.Marshal(struct {
		SpecVersion     string `json:"specversion"`
		DataContentType string `json:"datacontenttype"`
		events.Event
	}{"1.0", "application/json", e})
	if err != nil {
		return nil, fault.New(fault.Invalid, "cloudevent: data is not JSON")
	}
	return b, nil
}

// Unmarshal reads an event in the JSON event format: one JSON object and
// nothing behind it. The error is fault.Invalid and quotes nothing.
func Unmarshal(b []byte) (events.Event, error) {
	if err := checkNames(b); err != nil {
		return events.Event{}, err
	}
	var e event.Event
	if err := unmarshal(b, &e); err != nil {
		return events.Event{}, err
	}
	return from(&e)
}

// unmarshal is the SDK's parser. It has been seen to panic on malformed events
// (data_base64 of one digit before specversion, in v2.16.2).
func unmarshal(b []byte, e *event.Event) (err error) {
	defer func() {
		if recover() != nil {
			err = malformed()
		}
	}()
	if json.Unmarshal(b, e) != nil {
		return malformed()
	}
	return nil
}

// UnmarshalBatch reads a JSON array of events: MaxBatch at most, and none is
// fine.
func UnmarshalBatch(b []byte) ([]events.Event, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil || parts == nil {
		return nil, fault.New(fault.Invalid, "cloudevent: a batch is a JSON array")
	}
	if len(parts) > MaxBatch {
		return nil, fault.New(fault.TooLarge, "cloudevent: %d events in a batch, at most %d", len(parts), MaxBatch)
	}
	out := make([]events.Event, len(parts))
	for i, p := range parts {
		var err error
		if out[i], err = Unmarshal(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func malformed() error {
	return fault.New(fault.Invalid, "cloudevent: not of the JSON event format")
}

// checkNames wants an object whose members are named as attributes are, each
// once: of two members with one name, parsers choose differently, and the SDK's
// minds neither.
func checkNames(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return malformed()
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return malformed()
		}
		if seen[name] || (name != "data_base64" && !validName(name)) {
			return fault.New(fault.Invalid, "cloudevent: an attribute's name is malformed or stands twice")
		}
		seen[name] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return malformed()
		}
		if name == "data_base64" && value[0] != '"' { // the SDK takes it for no data
			return malformed()
		}
	}
	if seen["data"] && seen["data_base64"] {
		return fault.New(fault.Invalid, "cloudevent: both data and data_base64")
	}
	if _, err := dec.Token(); err != nil {
		return malformed()
	}
	if _, err := dec.Token(); err != io.EOF {
		return malformed()
	}
	return nil
}

func validName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// from takes over what the catalogue knows of a generic event.
func from(e *event.Event) (events.Event, error) {
	c, ok := e.Context.(*event.EventContextV1)
	if !ok {
		return events.Event{}, wrongVersion()
	}
	if c.DataContentType != nil && !isJSON(*c.DataContentType) {
		return events.Event{}, notJSON()
	}
	out := events.Event{ID: c.ID, Source: c.Source.String(), Type: c.Type, Data: e.DataEncoded}
	if c.Subject != nil {
		out.Subject = *c.Subject
	}
	if c.Time != nil {
		if out.Time, ok = instant(c.Time.Time); !ok {
			return events.Event{}, noTime()
		}
	}
	for name, to := range map[string]*string{"tenant": &out.Tenant, "actor": &out.Actor, "traceparent": &out.TraceParent} {
		v, there := c.Extensions[name]
		if *to, ok = v.(string); there && !ok {
			return events.Event{}, fault.New(fault.Invalid, "cloudevent: extension %s must be a string", name)
		}
	}
	return out, nil
}

// instant is t in UTC, if RFC 3339 can write it: four digits of year.
func instant(t time.Time) (time.Time, bool) {
	t = t.UTC()
	return t, t.Year() >= 0 && t.Year() <= 9999
}

func noTime() error {
	return fault.New(fault.Invalid, "cloudevent: time is not of RFC 3339")
}

// isJSON reports whether a media type is application/json or ends in +json. A
// charset other than UTF-8 is not JSON (RFC 8259, 8.1).
func isJSON(contentType string) bool {
	media, params, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	if i := strings.Index(params, "charset="); i >= 0 {
		charset, _, _ := strings.Cut(params[i+len("charset="):], ";")
		if strings.Trim(charset, `" `) != "utf-8" {
			return false
		}
	}
	return media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json")
}

func wrongVersion() error {
	return fault.New(fault.Invalid, "cloudevent: specversion is missing or not 1.0")
}

func notJSON() error {
	return fault.New(fault.Invalid, "cloudevent: data is not of a JSON media type")
}
