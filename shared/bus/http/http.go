// Package http is the bus to receivers that listen for CloudEvents over HTTP: a
// Knative broker, or functions at known addresses. It holds nothing, so an
// event that fails stays in its publisher's outbox.
//
// What an answer means (shared/host says the same of its receiver):
//
//	2xx            the receiver is done with it, or a broker has it
//	422            it can't succeed: a dead letter at the receiver, so done
//	404, 409, 429, 5xx, no answer    tried again, then fault.Unavailable
//	anything else  refused: fault.Poison; the relay keeps trying for a day, then
//	               sets the event aside
package http

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/fault"
)

const (
	// tries is how often an event is posted within one Publish.
	tries = 3
	// pause is the wait before the second try; it doubles.
	pause = 100 * time.Millisecond
	// maxPause bounds what a Retry-After can ask for within one Publish.
	maxPause = 2 * time.Second
	// timeout bounds one try.
	timeout = 30 * time.Second
)

// Bus posts events.
type Bus struct {
	client    *http.Client
	receivers map[string][]string // URLs by event type; "" is every type
}

var _ bus.Bus = (*Bus)(nil)

// New returns a bus to receivers, each TYPE=URL or, for every type, a URL.
// fault.Invalid: one is neither, or there is none.
func New(receivers ...string) (*Bus, error) {
	b := &Bus{receivers: map[string][]string{}, client: &http.Client{
		Timeout:       timeout,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, Proxy: http.ProxyFromEnvironment},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for i, r := range receivers {
		eventType, address, ok := strings.Cut(r, "=")
		if !ok || strings.ContainsAny(eventType, ":/") { // a URL with = in its query
			eventType, address = "", r
		}
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, fault.New(fault.Invalid, "bus: receiver %d is not a URL, nor TYPE=URL", i+1)
		}
		if eventType != "" && events.Lookup(eventType) == nil {
			return nil, fault.New(fault.Invalid, "bus: receiver %d is for a type that is not in the catalogue", i+1)
		}
		b.receivers[eventType] = append(b.receivers[eventType], address)
	}
	if len(receivers) == 0 {
		return nil, fault.New(fault.Invalid, "bus: no receiver")
	}
	return b, nil
}

// Publish implements bus.Bus.
func (b *Bus) Publish(ctx context.Context, es ...events.Event) error {
	var all []error
	for _, e := range es {
		to := append(b.receivers[e.Type], b.receivers[""]...)
		if len(to) == 0 {
			all = append(all, fault.New(fault.Poison, "bus: no receiver for %s", e.Type))
			continue
		}
		body, err := cloudevent.Marshal(e)
		if err != nil {
			all = append(all, err)
			continue
		}
		for _, address := range to {
			if err := b.send(ctx, address, body); err != nil {
				all = append(all, err)
			}
		}
	}
	return errors.Join(all...)
}

// send posts one event until it is taken, refused, or tried enough.
func (b *Bus) send(ctx context.Context, address string, body []byte) error {
	wait := pause
	for try := 1; ; try++ {
		after, err := b.post(ctx, address, body)
		if !fault.Is(err, fault.Unavailable) || try == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(min(max(wait, after), maxPause)):
			wait *= 2
		}
	}
}

// post posts once. It returns the wait that the receiver asks for.
func (b *Bus) post(ctx context.Context, address string, body []byte) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, fault.New(fault.Internal, "bus: no request").Because(err)
	}
	r.Header.Set("Content-Type", cloudevent.MediaType)
	answer, err := b.client.Do(r)
	if err != nil {
		return 0, fault.New(fault.Unavailable, "bus: no answer").Because(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300, code == http.StatusUnprocessableEntity:
		return 0, nil
	case code == http.StatusNotFound, code == http.StatusConflict, code == http.StatusTooManyRequests, code >= 500:
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return time.Duration(seconds) * time.Second, fault.New(fault.Unavailable, "bus: the receiver answered %d", code)
	default:
		return 0, fault.New(fault.Poison, "bus: the receiver refused it with %d", code)
	}
}

// Close implements bus.Bus.
func (b *Bus) Close() error {
	b.client.CloseIdleConnections()
	return nil
}
