package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// maxEvents bounds the body of POST /events in bytes.
const maxEvents = 8 << 20

// takers are the functions that handle events (design.md, Layout): their dead
// letters tell how far one has come. A test holds it against the manifests.
var takers = []string{"inbound", "escalation", "desk", "breach", "dsar", "dossier", "retention", "deadline", "delivery", "ledger", "relay", "notice"}

// eventView says how far an event has come (schema EventStatus).
type eventView struct {
	EventID string        `json:"event_id"`
	Source  string        `json:"source"`
	State   work.Progress `json:"state"`
}

// takeEvents takes events in from outside: all of a request are checked before
// the first is taken, and each is taken once, by its source and id. Posting the
// same again changes nothing.
func (f *function) takeEvents(ctx context.Context, c *call) (answer, error) {
	r := c.r.Clone(ctx)
	r.Body = io.NopCloser(bytes.NewReader(c.body))
	es, err := host.ParseEvents(r)
	if err != nil {
		return answer{}, eventProblem("", err)
	}
	for i := range es {
		e := &es[i]
		if e.Time.IsZero() { // optional in CloudEvents
			e.Time = f.env.Work.Now().UTC()
		}
		if e.Actor == "" {
			e.Actor = c.who.Subject
		}
		if !traceShape.MatchString(e.TraceParent) {
			e.TraceParent = ""
		}
		if _, err := events.Decode(*e); err != nil {
			return answer{}, eventProblem(fmt.Sprintf("event %d: ", i), err)
		}
		if e.Tenant != c.who.Tenant {
			return answer{}, newProblem("foreign_tenant", "")
		}
	}
	out := list[takenView]{Items: make([]takenView, 0, len(es))}
	for _, e := range es {
		taken, err := f.take(ctx, c, e)
		if err != nil {
			return answer{}, err
		}
		out.Items = append(out.Items, taken)
	}
	if len(out.Items) == 1 && !batched(c.r) {
		return answer{status: http.StatusAccepted, body: out.Items[0]}, nil
	}
	return answer{status: http.StatusAccepted, body: out}, nil
}

// take makes one event durable: content sealed as an intake record, the event,
// which names the record instead, in the outbox.
func (f *function) take(ctx context.Context, c *call, e events.Event) (takenView, error) {
	s := f.scope(c)
	s.Source, s.ID, s.At, s.TraceParent = e.Source, e.ID, e.Time, e.TraceParent
	out, err := f.env.Work.Run(ctx, s, func(ctx context.Context, u *work.Unit) error {
		if err := u.Fetch(ctx); err != nil { // taken before
			return err
		}
		sealed, err := seal(ctx, u, e)
		if err == nil {
			u.Forward(sealed)
		}
		return err
	})
	status := "/events/" + url.PathEscape(e.ID) + "?source=" + url.QueryEscape(e.Source)
	return takenView{EventID: e.ID, StatusURL: status, Duplicate: out.Duplicate}, err
}

// seal takes the content out of an event that brings any.
func seal(ctx context.Context, u *work.Unit, e events.Event) (events.Event, error) {
	d, err := events.Decode(e)
	if err != nil {
		return e, err
	}
	m, ok := d.(*events.MessageReceived)
	if !ok {
		if r, ok := d.(*events.DsarReceived); ok {
			return sealRequest(ctx, u, e, r)
		}
		if b, ok := d.(*events.BreachReported); ok && b.Content != nil {
			if b.Intake, err = sealReport(ctx, u, b.Content); err != nil {
				return e, err
			}
			b.Content = nil
			if e.Data, err = json.Marshal(b); err != nil {
				return e, fault.New(fault.Internal, "portal: an event can't be encoded")
			}
			return e, nil
		}
		if c, ok := d.(events.WithContent); ok {
			if content, err := c.TakeContent(); err != nil || content != nil {
				return e, newProblem("invalid_event", "content of this type comes from a peer alone: POST /peers/{tenant}/{peer}")
			}
		}
		return e, nil
	}
	if m.ReceivedAt.After(u.Now()) { // no limit runs from an instant that is yet to come
		m.ReceivedAt = u.Now()
	}
	content, err := m.TakeContent()
	if err != nil {
		return e, fault.New(fault.Internal, "portal: content can't be encoded")
	}
	if content != nil {
		rec := &intake.Intake{Day: intake.Day(u.Now()), Channel: m.Channel, Provider: m.Provider, ReceivedAt: m.ReceivedAt.UTC(), Message: new(message.Inbound)}
		if rec.ID, err = u.NewID(ctx, "intake"); err != nil {
			return e, err
		}
		if json.Unmarshal(content, rec.Message) != nil {
			return e, fault.New(fault.Internal, "portal: content can't be read")
		}
		work.Save(u, record.Intakes, rec)
		m.SetIntake(rec.ID)
	}
	if e.Data, err = json.Marshal(m); err != nil {
		return e, fault.New(fault.Internal, "portal: an event can't be encoded")
	}
	return e, nil
}

// sealRequest takes out what a data-subject request says of persons. No limit runs
// from an instant that is yet to come.
func sealRequest(ctx context.Context, u *work.Unit, e events.Event, d *events.DsarReceived) (events.Event, error) {
	if d.ReceivedAt.After(u.Now()) {
		d.ReceivedAt = u.Now()
	}
	raw, err := d.TakeContent()
	if err == nil && raw != nil {
		d.Intake, err = sealContent(ctx, u, raw)
	}
	if err != nil {
		return e, err
	}
	if e.Data, err = json.Marshal(d); err != nil {
		return e, fault.New(fault.Internal, "portal: an event can't be encoded")
	}
	return e, nil
}

// eventProblem tells what is wrong with an event. The texts of decoders name
// fields, never values.
func eventProblem(which string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	switch f.Kind {
	case fault.Invalid:
		return newProblem("invalid_event", which+f.Text)
	case fault.TooLarge:
		return newProblem("too_large", which+f.Text)
	}
	return err
}

// getEvent says how far an event has come that was taken in here.
func (f *function) getEvent(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	source := c.r.URL.Query().Get("source")
	if source == "" || len(source) > 200 {
		return answer{}, newProblem("invalid", "source must be there: source and id together name an event")
	}
	state, err := work.Trace(ctx, u, manifest.Name, source, id, takers...)
	if err != nil {
		return answer{}, err
	}
	return answer{body: eventView{EventID: id, Source: source, State: state}}, nil
}

func batched(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), cloudevent.BatchMediaType)
}
