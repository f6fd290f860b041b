package main

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/work"
)

// pair makes two systems peers of each other: the first is "centre" to the
// second, which is "lab" to the first. Each has its own data, keys and clock.
func pair(t *testing.T, accepts ...string) (a, b *world) {
	t.Helper()
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	a, b = serve(t), serve(t)
	types, err := json.Marshal(accepts)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("OKENCE_PEER_EKC_LAB", fmt.Sprintf(`{"url":"%s/peers/ekc/centre","secrets":[%q],"accepts":%s}`, b.base, secret, types))
	t.Setenv("OKENCE_PEER_EKC_CENTRE", fmt.Sprintf(`{"url":"%s/peers/ekc/lab","secrets":[%q],"accepts":%s}`, a.base, secret, types))
	return a, b
}

func TestTwoOrganisationsExchangeEvents(t *testing.T) {
	a, b := pair(t, events.MediaRequestedType)
	queue := func() {
		t.Helper()
		s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Service, Source: "/test", ID: "q"}
		_, err := a.env.Work.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
			_, err := peer.Queue(ctx, u, a.env, "lab", "m1", &events.MediaRequested{MessageID: "m1"}, nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		a.idle()
	}
	came := 0
	listen := func() {
		next := b.env.Work.Published
		b.env.Work.Published = func(ctx context.Context, tenant string, es []events.Event) {
			for _, e := range es {
				if e.Source == "/peers/centre:/functions/test" && e.Actor == "peer:centre" {
					came++
				}
			}
			next(ctx, tenant, es)
		}
	}
	at := b.clock.Now()
	b.shut() // the other organisation is down
	queue()
	a.settleTo(at.Add(26 * time.Hour))
	b.open(at.Add(26 * time.Hour)) // and comes back elsewhere
	listen()
	t.Setenv("OKENCE_PEER_EKC_LAB", fmt.Sprintf(`{"url":"%s/peers/ekc/centre","secrets":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}`, b.base))
	for range 3 {
		b.settleTo(b.clock.Now().Add(time.Hour)) // a signature holds for five minutes
		a.settleTo(b.clock.Now())
	}
	if came != 1 {
		t.Fatalf("%d events came, want 1", came)
	}
}

// settleTo moves the clock and does all that fell due.
func (w *world) settleTo(at time.Time) {
	w.t.Helper()
	w.clock.set(at)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.local.Settle(ctx); err != nil {
		w.t.Fatal(err)
	}
}
