package cloudevent

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/strictjson"
)

// Media types of the JSON event format.
const (
	MediaType      = "application/cloudevents+json"
	BatchMediaType = "application/cloudevents-batch+json"
)

// maxAttributes bounds the members of an event.
const maxAttributes = 64

// MaxBatch is the greatest number of events in a batch.
const MaxBatch = 100

// Marshal writes an event in the JSON event format, by the reference
// implementation: what leaves us is what others expect. fault.Invalid: it is no
// event, or its data is not JSON.
func Marshal(e events.Event) ([]byte, error) {
	out := event.New()
	out.SetID(e.ID)
	out.SetSource(e.Source)
	out.SetType(e.Type)
	out.SetTime(e.Time)
	out.SetDataContentType("application/json")
	if e.Subject != "" {
		out.SetSubject(e.Subject)
	}
	for name, value := range map[string]string{"tenant": e.Tenant, "actor": e.Actor, "traceparent": e.TraceParent} {
		if value != "" {
			out.SetExtension(name, value)
		}
	}
	out.DataEncoded = e.Data
	if !json.Valid(e.Data) || out.Validate() != nil {
		return nil, fault.New(fault.Invalid, "cloudevent: no event, or data that is not JSON")
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fault.New(fault.Invalid, "cloudevent: it can't be written")
	}
	return b, nil
}

// Unmarshal reads an event in the JSON event format: one JSON object and
// nothing behind it. The error is fault.Invalid and quotes nothing. The event's
// data is part of b.
func Unmarshal(b []byte) (events.Event, error) {
	if !utf8.Valid(b) || !json.Valid(b) {
		return events.Event{}, malformed()
	}
	return unmarshal(b)
}

// unmarshal reads an event from valid JSON.
func unmarshal(b []byte) (e events.Event, err error) {
	var version, contentType, at, base64Data, ignored string
	var hasData, hasBase64 bool
	err = members(b, func(name string, value []byte) (err error) {
		to := &ignored
		switch name {
		case "specversion":
			to = &version
		case "id":
			to = &e.ID
		case "source":
			to = &e.Source
		case "type":
			to = &e.Type
		case "subject":
			to = &e.Subject
		case "time":
			to = &at
		case "datacontenttype":
			to = &contentType
		case "tenant":
			to = &e.Tenant
		case "actor":
			to = &e.Actor
		case "traceparent":
			to = &e.TraceParent
		case "dataschema":
		case "data":
			hasData, e.Data = true, value
			return nil
		case "data_base64":
			to, hasBase64 = &base64Data, true
		default: // an extension of somebody else's: of a simple type, and not kept
			if value[0] == '{' || value[0] == '[' {
				return malformed()
			}
			return nil
		}
		*to, err = text(value)
		return err
	})
	switch {
	case err != nil:
	case version != "1.0":
		err = wrongVersion()
	case contentType != "" && !isJSON(contentType):
		err = notJSON()
	case hasData && hasBase64:
		err = fault.New(fault.Invalid, "cloudevent: both data and data_base64")
	case hasBase64:
		if e.Data, err = base64.StdEncoding.Strict().DecodeString(base64Data); err != nil {
			err = malformed()
		}
	}
	if err == nil && at != "" {
		e.Time, err = parseTime(at)
	}
	if err != nil {
		return events.Event{}, err
	}
	return e, nil
}

// UnmarshalBridged reads an event in JSON, or EventBridge's envelope around one
// as its rules put it into a queue: detail is the event, the rest is not used.
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
func UnmarshalBridged(b []byte) (events.Event, error) {
	var envelope struct {
		SpecVersion string          `json:"specversion"`
		Detail      json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(b, &envelope); err == nil && envelope.SpecVersion == "" && len(envelope.Detail) > 0 {
		b = envelope.Detail
	}
	return Unmarshal(b)
}

// UnmarshalBatch reads a JSON array of events: MaxBatch at most, and none is
// fine.
func UnmarshalBatch(b []byte) ([]events.Event, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil || parts == nil || !utf8.Valid(b) {
		return nil, fault.New(fault.Invalid, "cloudevent: a batch is a JSON array")
	}
	if len(parts) > MaxBatch {
		return nil, fault.New(fault.TooLarge, "cloudevent: %d events in a batch, at most %d", len(parts), MaxBatch)
	}
	out := make([]events.Event, len(parts))
	for i, p := range parts {
		var err error
		if out[i], err = unmarshal(p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func malformed() error {
	return fault.New(fault.Invalid, "cloudevent: not of the JSON event format")
}

// members calls each for every member of a valid JSON object. Names are those of
// attributes, each once: of two members with one name, parsers choose
// differently.
func members(b []byte, each func(name string, value []byte) error) error {
	seen := make([]string, 0, 16)
	object, err := strictjson.Object(b, func(name string, value []byte) error {
		if slices.Contains(seen, name) || (name != "data_base64" && !validName(name)) || len(seen) == maxAttributes {
			return fault.New(fault.Invalid, "cloudevent: an attribute's name is malformed or stands twice, or there are too many")
		}
		seen = append(seen, name)
		return each(name, value)
	})
	if !object {
		return malformed()
	}
	return err
}

// text is a JSON string; null is "", as if the attribute were not there.
func text(value []byte) (s string, err error) {
	switch {
	case value[0] != '"':
		if string(value) != "null" {
			err = fault.New(fault.Invalid, "cloudevent: an attribute that must be a string")
		}
		return "", err
	case bytes.IndexByte(value, '\\') < 0:
		return string(value[1 : len(value)-1]), nil
	}
	if json.Unmarshal(value, &s) != nil {
		return "", malformed()
	}
	return s, nil
}

func validName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// parseTime reads an instant of RFC 3339; in UTC it must still have four digits
// of year, or it could not be written again.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if t = t.UTC(); err != nil || t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}, fault.New(fault.Invalid, "cloudevent: time is not of RFC 3339")
	}
	return t, nil
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
