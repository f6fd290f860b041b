package host

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/fault"
)

// bodyTime is how long a client may take to send a body.
const bodyTime = 15 * time.Second

// pingSource is the event type of a Knative PingSource: a scheduler's call.
const pingSource = "dev.knative.sources.ping"

// ParseEvents reads the CloudEvents of a request, in binary, structured or
// batched mode (cloudevent.FromRequest tells the limits and errors). What they
// say has yet to be checked: events.Decode.
func ParseEvents(r *http.Request) ([]events.Event, error) { return cloudevent.FromRequest(r) }

// Receiver takes events in over HTTP and delivers them to f. It answers as
// CloudEvents hosts understand it, errors as problem details:
//
//	204  done
//	202  done before
//	400  no event of ours, 413 too large: sending it again can't help
//	409  still in conflict after retries, 500 a defect: send it again
//	422  it can't succeed: a dead letter now
//	429  too many at once, with Retry-After: send it again later
//	503  a dependency is down: send it again later
//
// A batch is delivered one by one and answered by the worst of its outcomes,
// one that asks to be sent again before one that does not: what was done then
// is a duplicate the next time.
//
// It also takes a scheduler's call: JSON of the form {"schedule": TYPE, "time":
// RFC3339}, plain or as the data of a Knative PingSource's event.
//
// Whoever can reach it is trusted: it belongs behind the platform's own check
// of callers (IAM, cluster-local), and a public function has none.
func Receiver(f *Function, env *Env) http.Handler {
	slots := make(chan struct{}, max(env.Settings.Concurrency, 1))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			WriteProblem(w, fault.New(fault.Overload, "too many events under way"))
			return
		}
		es, err := f.incoming(env, r)
		if err != nil {
			WriteProblem(w, err)
			return
		}
		status := http.StatusAccepted
		for _, e := range es {
			if s := f.receive(r.Context(), env, e); rank(s) > rank(status) {
				status = s
			}
		}
		answer(w, status)
	})
}

func (f *Function) receive(ctx context.Context, env *Env, e events.Event) int {
	d, err := f.Deliver(ctx, env, e, 1)
	switch {
	case d == Done:
		return http.StatusNoContent
	case d == Duplicate:
		return http.StatusAccepted
	case d == Buried:
		return http.StatusUnprocessableEntity
	}
	switch s := fault.Status(fault.Of(err)); s {
	case 400, 409, 413, 429, 503:
		return s
	default: // whatever it is, it is to be delivered again
		return http.StatusInternalServerError
	}
}

// rank orders outcomes, worst last.
func rank(status int) int {
	for i, s := range []int{202, 204, 422, 413, 400, 409, 429, 500, 503} {
		if s == status {
			return i
		}
	}
	return -1
}

// kinds by status, for outcomes that have no text of their own: the reason is
// in the log and with the dead letter.
var kinds = map[int]fault.Kind{
	400: fault.Invalid, 409: fault.Conflict, 413: fault.TooLarge, 422: fault.Poison, 429: fault.Overload, 500: fault.Internal, 503: fault.Unavailable,
}

func answer(w http.ResponseWriter, status int) {
	if status < 300 {
		w.WriteHeader(status)
		return
	}
	kind := kinds[status]
	Problem{Type: "urn:okence:problem:" + string(kind), Title: titles[kind], Status: status}.Write(w)
}

// incoming reads what a request brings: events, or a scheduler's call.
func (f *Function) incoming(env *Env, r *http.Request) ([]events.Event, error) {
	if r.Header.Get("Ce-Specversion") == "" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var c call
		if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 4<<10)).Decode(&c); err != nil || c.Schedule == "" {
			return nil, fault.New(fault.Invalid, "neither a CloudEvent nor a scheduler's call")
		}
		if at, err := time.Parse(time.RFC3339, r.Header.Get("X-CloudScheduler-ScheduleTime")); err == nil && c.Time.IsZero() {
			c.Time = at
		}
		return f.ticks(env, c)
	}
	es, err := ParseEvents(r)
	if err != nil || len(es) != 1 || es[0].Type != pingSource {
		return es, err
	}
	c := call{Time: es[0].Time}
	if err := json.Unmarshal(es[0].Data, &c); err != nil {
		return nil, fault.New(fault.Invalid, "a PingSource's data is {\"schedule\": TYPE}")
	}
	return f.ticks(env, c)
}
