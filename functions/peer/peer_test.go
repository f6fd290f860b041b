package peer

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/peer"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// world is a tenant that one other organisation, "body", may send escalations
// to.
type world struct {
	*worktest.World
	t    *testing.T
	h    http.Handler
	took []events.Event
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t}
	t.Setenv("OKENCE_PEER_EKC_BODY", `{"secrets":["`+secret+`"],"accepts":["`+events.TicketEscalationRequestedType+`"]}`)
	t.Setenv("OKENCE_PEER_EKC_MUTE", `{"url":"https://mute.example.si/"}`)
	t.Setenv("OKENCE_PEER_EKC_TORN", `{`)
	w.Env.Published = func(_ context.Context, _ string, es []events.Event) { w.took = append(w.took, es...) }
	f, err := New(&host.Env{Work: w.Env, Tenants: map[string]bool{"ekc": true}, Log: obs.Discard()})
	if err != nil {
		t.Fatal(err)
	}
	w.h = f.Routes
	return w
}

func escalation(change ...func(*events.Event)) []byte {
	e := events.Event{
		ID: "e1", Source: "/functions/portal", Type: events.TicketEscalationRequestedType, Subject: "t1", Time: worktest.Start, Tenant: "theirs", Actor: "adviser-1",
		Data: json.RawMessage(`{"ticket_id":"t1","content":{"number":"SR-1","kind":"incident","service":"residence","class":"other","urgency":2,"reported_at":"2026-11-02T08:00:00Z","fields":[{"name":"name","value":"Ana Žagar"}]}}`),
	}
	for _, c := range change {
		c(&e)
	}
	b, err := cloudevent.Marshal(e)
	if err != nil {
		panic(err)
	}
	return b
}

func (w *world) post(path string, body []byte, change ...func(*http.Request)) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(string(body)))
	if err := (&peer.Peer{Secrets: []string{secret}}).Sign(r.Header, "e1", body, w.Clock.Now()); err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", cloudevent.MediaType)
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func TestContentIsSealedAndTheEventIsThePeers(t *testing.T) {
	w := newWorld(t)
	for i := range 2 {
		a := w.post("/peers/ekc/body", escalation())
		var got taken
		if a.Code != 202 || json.Unmarshal(a.Body.Bytes(), &got) != nil || got.EventID != "e1" || got.Duplicate != (i == 1) {
			t.Fatalf("time %d: %d %s", i, a.Code, a.Body)
		}
	}
	if len(w.took) != 1 {
		t.Fatalf("%d events came of one that was sent twice", len(w.took))
	}
	e := w.took[0]
	if e.Tenant != "ekc" || e.Actor != "peer:body" || e.Source != "/peers/body:/functions/portal" || strings.Contains(string(e.Data), "Ana") {
		t.Errorf("%+v", e)
	}
	d, err := events.As[events.TicketEscalationRequested](e)
	if err != nil || d.Intake == "" {
		t.Fatal(err)
	}
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Escalation}
	_, err = w.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
		raw, err := work.OpenFile(ctx, u, record.Intakes, d.Intake, "Raw")
		if !strings.Contains(string(raw), "Ana Žagar") {
			t.Errorf("sealed %q", raw)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		path   string
		body   []byte
		change func(*http.Request)
		status int
	}{
		"an unknown tenant":                {path: "/peers/other/body", status: 404},
		"a name that is none":              {path: "/peers/ekc/Body", status: 404},
		"a peer that nobody has described": {path: "/peers/ekc/stranger", status: 503},
		"a peer without a secret":          {path: "/peers/ekc/mute", status: 503},
		"a peer whose setting is torn":     {path: "/peers/ekc/torn", status: 503},
		"another secret": {change: func(r *http.Request) {
			r.Header.Set("Webhook-Signature", "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=")
		}, status: 401},
		"another id than was signed": {change: func(r *http.Request) { r.Header.Set("Webhook-Id", "e2") }, status: 401},
		"no proof":                   {change: func(r *http.Request) { r.Header.Del("Webhook-Signature") }, status: 401},
		"a type that it may not send": {body: escalation(func(e *events.Event) {
			e.Type, e.Data = events.RelayDueType, json.RawMessage(`{"now":"2026-11-02T08:00:00Z"}`)
		}), status: 403},
		"data of another schema":            {body: escalation(func(e *events.Event) { e.Data = json.RawMessage(`{"ticket_id":""}`) }), status: 400},
		"no CloudEvent":                     {body: []byte(`{"hello":1}`), status: 400},
		"a body beyond the greatest":        {body: append(escalation(), make([]byte, maxBody)...), status: 413},
		"a source that is longer than fits": {body: escalation(func(e *events.Event) { e.Source = "/" + strings.Repeat("a", maxSource) }), status: 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if c.path == "" {
				c.path = "/peers/ekc/body"
			}
			if c.body == nil {
				c.body = escalation()
			}
			if c.change == nil {
				c.change = func(*http.Request) {}
			}
			a := w.post(c.path, c.body, c.change)
			if a.Code != c.status || (a.Code == 401 && a.Body.Len() > 0) {
				t.Errorf("%d %s, want %d", a.Code, a.Body, c.status)
			}
			if strings.Contains(a.Body.String(), "Ana") || len(w.took) > 0 {
				t.Errorf("took %d, said %s", len(w.took), a.Body)
			}
			page, err := w.Env.Store.Query(t.Context(), store.Query{Tenant: "ekc", Index: record.ByState, Partition: "intake"})
			if err != nil || len(page.Docs) > 0 {
				t.Errorf("it left %d records, %v", len(page.Docs), err)
			}
		})
	}
}

func TestATimeYetToComeIsNow(t *testing.T) {
	w := newWorld(t)
	w.post("/peers/ekc/body", escalation(func(e *events.Event) { e.Time = worktest.Start.Add(time.Hour) }))
	if len(w.took) != 1 || !w.took[0].Time.Equal(worktest.Start) {
		t.Errorf("%+v", w.took)
	}
}
