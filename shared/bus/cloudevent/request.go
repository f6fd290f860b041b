package cloudevent

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
)

const (
	// maxEnvelope is what the attributes of one event may take besides its
	// data, in bytes.
	maxEnvelope = 16 << 10
	// maxSingle bounds a body with one event: base64 makes data longer by a
	// third.
	maxSingle = events.MaxData/3*4 + maxEnvelope
	// maxBody bounds a batch.
	maxBody = 1 << 20
)

// FromRequest reads the events of an HTTP request, by its content type: a batch,
// one structured event, or one in binary mode. Errors are fault.Invalid,
// fault.TooLarge, and fault.Unavailable where the body breaks off; none quotes
// the request. A time limit on the body is the server's.
func FromRequest(r *http.Request) ([]events.Event, error) {
	contentType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	contentType = strings.ToLower(strings.TrimSpace(contentType))
	switch {
	case contentType == BatchMediaType:
		body, err := read(r, maxBody)
		if err != nil {
			return nil, err
		}
		return UnmarshalBatch(body)
	case contentType == MediaType:
		body, err := read(r, maxSingle)
		if err != nil {
			return nil, err
		}
		e, err := Unmarshal(body)
		return []events.Event{e}, err
	case strings.HasPrefix(contentType, "application/cloudevents"):
		return nil, fault.New(fault.Invalid, "cloudevent: of the event formats, only JSON")
	}
	e, err := attributes(r.Header)
	if err != nil {
		return nil, err
	}
	e.Data, err = read(r, events.MaxData)
	return []events.Event{e}, err
}

// read reads a body of at most limit bytes.
func read(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var body []byte
	var err error
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(r.Body, limit+1))
	}
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, tooLarge(limit)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "cloudevent: the body broke off").Because(err)
	case int64(len(body)) > limit:
		return nil, tooLarge(limit)
	}
	return body, nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "cloudevent: the body is over %d bytes", limit)
}

// attributes reads the ce- headers of binary mode (HTTP protocol binding 3.1).
// A header that stands twice is refused: senders and proxies choose differently
// which one counts.
func attributes(h http.Header) (e events.Event, err error) {
	version := ""
	for name, values := range h {
		if len(name) < 4 || name[:3] != "Ce-" {
			continue
		}
		if len(values) != 1 {
			return e, fault.New(fault.Invalid, "cloudevent: a ce- header stands twice")
		}
		to := &version
		switch name {
		case "Ce-Specversion":
		case "Ce-Id":
			to = &e.ID
		case "Ce-Source":
			to = &e.Source
		case "Ce-Type":
			to = &e.Type
		case "Ce-Subject":
			to = &e.Subject
		case "Ce-Tenant":
			to = &e.Tenant
		case "Ce-Actor":
			to = &e.Actor
		case "Ce-Traceparent":
			to = &e.TraceParent
		case "Ce-Time":
			if e.Time, err = parseTime(values[0]); err != nil {
				return e, err
			}
			continue
		default:
			if !validName(strings.ToLower(name[3:])) {
				return e, fault.New(fault.Invalid, "cloudevent: an attribute's name is malformed or stands twice")
			}
			continue
		}
		if *to, err = unescape(values[0]); err != nil {
			return e, err
		}
	}
	if version != "1.0" {
		return e, wrongVersion()
	}
	if ct := h["Content-Type"]; len(ct) > 1 || len(ct) == 1 && !isJSON(ct[0]) {
		return e, notJSON()
	}
	return e, nil
}

// unescape undoes percent-encoding. No value that the catalogue takes needs any,
// so what is encoded is refused rather than decoded.
func unescape(v string) (string, error) {
	if strings.IndexByte(v, '%') >= 0 {
		return "", fault.New(fault.Invalid, "cloudevent: an attribute with characters that the catalogue has not")
	}
	return v, nil
}
