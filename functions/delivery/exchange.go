package delivery

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// exchange sends one event to a peer. Unlike a message to a person it needs no
// claim: the peer takes an event once, so a crash between the call and the note
// costs a second call and nothing else.
func (f *function) exchange(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.SendingRequested](e)
	if err != nil {
		return err
	}
	var s *exchange.Sending
	_, err = f.env.Work.Run(ctx, own(u.Tenant()), func(ctx context.Context, u *work.Unit) error {
		s, err = work.Load(ctx, u, record.Sendings, d.SendingID)
		return err
	})
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil // its time is over
	}
	if err != nil || !s.Sends() {
		return err
	}
	code, retry := f.post(ctx, u.Tenant(), s, u.Now())
	return f.settle(ctx, u.Tenant(), e, code, retry)
}

// post makes the call. An empty code: the peer took it.
func (f *function) post(ctx context.Context, tenant string, s *exchange.Sending, now time.Time) (code string, retry bool) {
	defer func() {
		outcome := code
		if outcome == "" {
			outcome = "taken"
		}
		obs.Count("okence_sendings_total", "tenant", tenant, "peer", s.Peer, "outcome", outcome)
	}()
	body := []byte(s.Body)
	p, err := peer.Find(tenant, s.Peer)
	if err != nil || p.URL == "" {
		return "no_peer", true
	}
	ctx, cancel := context.WithTimeout(ctx, f.callTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil || p.Sign(r.Header, s.EventID, body, now) != nil {
		return "no_secret", true
	}
	r.Header.Set("Content-Type", cloudevent.MediaType)
	a, err := f.peers.Do(r)
	if err != nil {
		return "no_answer", true
	}
	defer a.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(a.Body, 64<<10))
	switch {
	case a.StatusCode >= 200 && a.StatusCode < 300:
		return "", false
	case a.StatusCode == http.StatusRequestTimeout, a.StatusCode == http.StatusConflict, a.StatusCode == http.StatusTooEarly, a.StatusCode == http.StatusTooManyRequests:
		retry = true
	default:
		retry = a.StatusCode < 400 || a.StatusCode >= 500 // a redirect is not followed: somebody has to mend the URL
	}
	return "http_" + strconv.Itoa(a.StatusCode), retry
}

// settle notes how the call ended, by a commit of its own.
func (f *function) settle(ctx context.Context, tenant string, e events.Event, code string, retry bool) error {
	d, err := events.As[events.SendingRequested](e)
	if err != nil {
		return err
	}
	_, err = f.env.Work.Run(ctx, own(tenant), func(ctx context.Context, u *work.Unit) error {
		s, err := work.Load(ctx, u, record.Sendings, d.SendingID)
		if err != nil {
			return err
		}
		work.Save(u, record.Sendings, s)
		switch {
		case s.State == exchange.Taken:
			return nil
		case code == "":
			s.Take(u.Now())
			return nil
		case retry && !s.Miss(code, u.Now()):
			return nil
		case !retry:
			s.Refuse(code, u.Now())
		}
		obs.Count("okence_alarm_total", "alarm", "peer_refused", "tenant", tenant, "peer", s.Peer)
		return u.Park(ctx, manifest.Name, e, s.Tries, fault.New(fault.Poison, "peer %s: %s", s.Peer, code))
	})
	return err
}

// sendings asks again for what is to be tried now, and drops bodies whose time
// is over.
func (f *function) sendings(ctx context.Context, u *work.Unit, e events.Event) error {
	scope := own(u.Tenant())
	scope.Source, scope.ID, scope.At = e.Source, e.ID+":peers", e.Time
	_, err := f.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Sendings, store.Query{
			Index: record.ByState, Partition: "sending", To: record.Sortable(u.Now().Add(time.Nanosecond)), Limit: perCommit / 2,
		})
		if err != nil {
			return err
		}
		for _, s := range page.Items {
			if s.State == exchange.Queued {
				if err := u.Emit(ctx, s.ID, &events.SendingRequested{SendingID: s.ID}); err != nil {
					return err
				}
				continue
			}
			s, err := work.Load(ctx, u, record.Sendings, s.ID)
			if err != nil {
				return err
			}
			if s.Forget(u.Now()) {
				work.Save(u, record.Sendings, s)
			}
		}
		return nil
	})
	return err
}
