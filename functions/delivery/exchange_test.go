package delivery

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const peerSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// partner is another organisation that answers with a status; 0 hangs up.
type partner struct {
	status atomic.Int32
	took   atomic.Int32
}

func newPartner(t *testing.T, w *world, status int) *partner {
	p := &partner{}
	p.status.Store(int32(status))
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := (&peer.Peer{Secrets: []string{peerSecret}}).Verify(r.Header, body, w.Clock.Now()); err != nil {
			t.Error("the peer would refuse it:", err)
		}
		if p.status.Load() == 0 {
			panic(http.ErrAbortHandler)
		}
		if p.status.Load() < 300 {
			p.took.Add(1)
		}
		rw.WriteHeader(int(p.status.Load()))
	}))
	t.Cleanup(s.Close)
	t.Setenv("OKENCE_PEER_EKC_BODY", fmt.Sprintf(`{"url":%q,"secrets":[%q]}`, s.URL, peerSecret))
	return p
}

// queueEvent queues one event for the peer and returns the id of its sending.
func (w *world) queueEvent() (id string) {
	w.t.Helper()
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Escalation, Source: "/test", ID: "q1"}
	_, err := w.Run(w.t.Context(), s, func(ctx context.Context, u *work.Unit) (err error) {
		id, err = peer.Queue(ctx, u, w.env, "body", "t1", &events.TicketEscalationAnswered{
			TicketID: "t1", Answer: events.EscalationReturned, Content: &events.TicketAnswer{Text: "Manjka naslov Ane Žagar."},
		}, []*dossier.Disclosure{{ContactID: "ana", Ground: dossier.Answer}})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) sending(id string) (s *exchange.Sending) {
	w.t.Helper()
	_, err := w.Run(w.t.Context(), work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Service}, func(ctx context.Context, u *work.Unit) (err error) {
		s, err = work.Load(ctx, u, record.Sendings, id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) askSending(id string) {
	w.t.Helper()
	if d, err := w.fn.Deliver(w.t.Context(), w.env, w.event(&events.SendingRequested{SendingID: id}), 1); err != nil || d != host.Done {
		w.t.Fatal(d, err)
	}
}

func (w *world) deadLetters() int {
	page, err := w.Env.Store.Query(w.t.Context(), store.Query{Tenant: "ekc", Index: record.ByState, Partition: "deadletter.waiting"})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(page.Docs)
}

func TestAnEventGoesToAPeerOnce(t *testing.T) {
	w := newWorld(t, time.Second)
	p := newPartner(t, w, 202)
	id := w.queueEvent()
	w.askSending(id)
	w.askSending(id)
	if s := w.sending(id); s.State != exchange.Taken || s.Body != "" || p.took.Load() != 1 {
		t.Errorf("%s, taken %d times, body %q", s.State, p.took.Load(), s.Body)
	}
}

func TestAPeerThatIsDownIsTriedForDays(t *testing.T) {
	for _, status := range []int{503, 0, 429, 301} {
		w := newWorld(t, time.Second)
		p := newPartner(t, w, status)
		id := w.queueEvent()
		w.askSending(id)
		for range 3 * 24 {
			w.Clock.Add(time.Hour)
			w.tick()
			w.askSending(id)
		}
		if s := w.sending(id); s.State != exchange.Queued || w.deadLetters() > 0 {
			t.Fatalf("%d: after three days it is %s", status, s.State)
		}
		p.status.Store(202)
		w.askSending(id)
		if s := w.sending(id); s.State != exchange.Taken || p.took.Load() != 1 {
			t.Errorf("%d: %s after the peer came back", status, s.State)
		}
	}
}

func TestARefusalIsADeadLetterAndItsBodyGoesInTime(t *testing.T) {
	w := newWorld(t, time.Second)
	p := newPartner(t, w, 400)
	id := w.queueEvent()
	w.askSending(id)
	if s := w.sending(id); s.State != exchange.Refused || s.Code != "http_400" || w.deadLetters() != 1 {
		t.Fatalf("%s %s, %d dead letters", s.State, s.Code, w.deadLetters())
	}
	w.tick() // nothing is asked for again by itself
	w.Clock.Add(exchange.Kept - time.Second)
	w.tick()
	if w.sending(id).Body == "" {
		t.Error("the body went a second early")
	}
	w.Clock.Add(time.Second)
	w.tick()
	if w.sending(id).Body != "" {
		t.Error("the body stayed")
	}
	p.status.Store(202)
	w.askSending(id)
	if p.took.Load() > 0 {
		t.Error("something was sent without a body")
	}
}

func TestARefusedEventGoesWhenItIsRedriven(t *testing.T) {
	w := newWorld(t, time.Second)
	p := newPartner(t, w, 403)
	id := w.queueEvent()
	w.askSending(id)
	p.status.Store(202)
	w.askSending(id)
	if s := w.sending(id); s.State != exchange.Taken || p.took.Load() != 1 {
		t.Errorf("%s", s.State)
	}
}
