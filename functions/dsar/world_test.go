package dsar

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is the function over drivers in memory, as one party of a tenant. What it
// emits and consumes itself is delivered at once; what goes to a peer is handed
// to the world of that name.
type world struct {
	*worktest.World
	t      *testing.T
	tenant string
	party  string
	env    *host.Env
	fn     *host.Function
	n      int
	queue  []events.Event
	sent   []string // letters: "template: text"
	peers  map[string]*world
	passed map[string]bool
	stuck  bool // no provider takes letters
	orders []events.DsarGranted
}

func newWorld(t *testing.T, tenant, party string) *world {
	t.Helper()
	if party != "" {
		t.Setenv(policy.PartyVariable(tenant), party)
	}
	w := &world{World: worktest.New(t), t: t, tenant: tenant, party: party, peers: map[string]*world{}, passed: map[string]bool{}}
	w.env = &host.Env{Work: w.Env, Tenants: map[string]bool{tenant: true}, Policy: policy.Builtin(), Log: obs.Discard()}
	w.env.Secrets = func(_ string, n channel.Name) ([]channel.Secret, error) {
		if n.Provider != "postmark" {
			return nil, nil
		}
		return []channel.Secret{{"server_token": "t", "from": "ekc@gov.si"}}, nil
	}
	w.Published = func(_ context.Context, _ string, es []events.Event) { w.queue = append(w.queue, es...) }
	var err error
	if w.fn, err = New(w.env); err != nil {
		t.Fatal(err)
	}
	return w
}

// run does a unit.
func (w *world) run(role access.Role, use access.Use, fn func(context.Context, *work.Unit) error) error {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: w.tenant, Function: "test", Actor: access.Actor{ID: string(role) + "-1", Role: role}, Use: use, Source: "/test/" + w.party, ID: fmt.Sprint(w.n)}
	_, err := w.Run(w.t.Context(), s, fn)
	return err
}

func (w *world) must(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	if err := w.run(access.Function, access.Rights, fn); err != nil {
		w.t.Fatal(err)
	}
}

// settle delivers everything until nothing is left, here and at the peers.
func (w *world) settle() {
	w.t.Helper()
	for range 50 {
		if !w.step() {
			idle := true
			for _, p := range w.peers {
				idle = idle && !p.step()
			}
			if idle {
				return
			}
		}
	}
	w.t.Fatal("it does not come to rest")
}

func (w *world) step() bool {
	w.t.Helper()
	waiting := w.queue
	w.queue = nil
	for _, e := range waiting {
		if d, err := events.As[events.DsarGranted](e); err == nil {
			w.orders = append(w.orders, *d)
		}
		if d, err := events.As[events.SendingRequested](e); err == nil {
			w.pass(d.SendingID)
		}
		if d, err := events.As[events.ReplyRequested](e); err == nil {
			w.post(d.MessageID)
		}
		if w.fn.Handlers[e.Type] != nil {
			if got, err := w.fn.Deliver(w.t.Context(), w.env, e, 1); err != nil || got == host.Buried {
				w.t.Fatalf("%s %s: %s %v", w.party, e.Type, got, err)
			}
		}
	}
	return len(waiting) > 0
}

// post notes a letter that is to be sent, as if a provider had taken it.
func (w *world) post(id string) {
	w.must(func(ctx context.Context, u *work.Unit) error {
		m, err := work.Load(ctx, u, record.Messages, id)
		if err == nil {
			text := m.Text
			for mask, secret := range m.Secrets {
				text = strings.ReplaceAll(text, mask, secret)
			}
			w.sent = append(w.sent, text)
			if w.stuck {
				return nil
			}
			m.Advance(message.Sent, "", u.Now())
			work.Save(u, record.Messages, m)
		}
		return err
	})
}

// pass hands a sending to the peer, as functions/peer takes it in.
func (w *world) pass(id string) {
	w.t.Helper()
	if w.passed[id] {
		return
	}
	w.passed[id] = true
	var s *exchange.Sending
	w.must(func(ctx context.Context, u *work.Unit) (err error) {
		s, err = work.Load(ctx, u, record.Sendings, id)
		return err
	})
	e, err := cloudevent.Unmarshal([]byte(s.Body))
	if err != nil {
		w.t.Fatal(err)
	}
	p := w.peers[s.Peer]
	if p == nil {
		w.t.Fatalf("no peer %s", s.Peer)
	}
	d, err := events.Decode(e)
	if err != nil {
		w.t.Fatal(err)
	}
	e.Source, e.Actor = "/peers/"+w.party+":"+e.Source, "peer:"+w.party
	if c, ok := d.(events.WithContent); ok {
		raw, _ := c.TakeContent()
		p.must(func(ctx context.Context, u *work.Unit) error {
			work.Save(u, record.Intakes, &intake.Intake{ID: "intake-" + id, Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: raw})
			return nil
		})
		c.SetIntake("intake-" + id)
		e.Data, _ = json.Marshal(c)
	}
	p.queue = append(p.queue, e)
}

// arrive tells that a request has arrived, with what it says of persons.
func (w *world) arrive(d events.DsarReceived, c events.DsarContent) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) error {
		raw, err := json.Marshal(c)
		if err != nil {
			return err
		}
		d.Intake, err = u.NewID(ctx, "intake")
		work.Save(u, record.Intakes, &intake.Intake{ID: d.Intake, Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: raw})
		if err != nil {
			return err
		}
		return u.Emit(ctx, "", &d)
	})
	w.settle()
}

// change does to a request what the portal does, then what follows.
func (w *world) change(id string, step events.DsarStep, ref string, fn func(*dsar.Request) error) error {
	w.t.Helper()
	err := w.run(access.Officer, access.Rights, func(ctx context.Context, u *work.Unit) error {
		r, err := work.Load(ctx, u, record.Requests, id)
		if err == nil {
			err = fn(r)
		}
		if err != nil {
			return err
		}
		work.Save(u, record.Requests, r)
		return u.Emit(ctx, id, &events.DsarStepTaken{Request: id, Step: step, Ref: ref})
	})
	if err == nil {
		w.settle()
	}
	return err
}

// request reads one back.
func (w *world) request(id string) (r *dsar.Request) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) (err error) {
		r, err = work.Load(ctx, u, record.Requests, id)
		return err
	})
	return r
}

// limit reads a limit of a request back; without one it is nil.
func (w *world) limit(id, name string) (l *deadline.Limit) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) (err error) {
		l, err = work.Load(ctx, u, record.Limits, deadline.ID(aboutRequest(id), name))
		if fault.Is(err, fault.NotFound) {
			l, err = nil, nil
		}
		return err
	})
	return l
}

// told asserts that some letter holds a text.
func (w *world) told(text string) {
	w.t.Helper()
	for _, s := range w.sent {
		if strings.Contains(s, text) {
			return
		}
	}
	w.t.Errorf("%s: no letter says %q; letters: %q", w.party, text, w.sent)
}

var access1 = []events.Ask{{Right: dsar.Access}}

func (w *world) at(d time.Duration) time.Time { return w.Clock.Now().Add(d) }
