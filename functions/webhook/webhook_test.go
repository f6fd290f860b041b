package webhook

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/work/worktest"
)

type world struct {
	*worktest.World
	t       *testing.T
	routes  http.Handler
	secrets map[string][]channel.Secret
}

var (
	whatsapp = channel.Name{Channel: "whatsapp", Provider: "meta"}
	secret   = channel.Secret{"app_secret": "s3cret", "verify_token": "ver1fy"}
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: worktest.New(t), t: t, secrets: map[string][]channel.Secret{whatsapp.String(): {secret}}}
	f, err := New(&host.Env{
		Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}, Log: obs.Discard(),
		Secrets: func(_ string, n channel.Name) ([]channel.Secret, error) { return w.secrets[n.String()], nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.routes = f.Routes
	return w
}

// text is one WhatsApp message as the Cloud API sends it.
func text(id, body string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"38612345678","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ana"},"wa_id":"38641123456"}],`+
		`"messages":[{"from":"38641123456","id":%q,"timestamp":"1793610000","type":"text","text":{"body":%q}}]}}]}]}`, id, body)
}

// post signs a body and posts it, changed by change after signing.
func (w *world) post(body []byte, s channel.Secret, change ...func(*http.Request)) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequest("POST", "/webhooks/ekc/whatsapp/meta", bytes.NewReader(body))
	req := channel.Request{Method: "POST", URL: r.URL, Header: r.Header, Body: body, At: w.Clock.Now()}
	if err := registry.Lookup(whatsapp).Sign(&req, s); err != nil {
		w.t.Fatal(err)
	}
	for _, c := range change {
		c(r)
	}
	rec := httptest.NewRecorder()
	w.routes.ServeHTTP(rec, r)
	return rec
}

// intakes counts what is stored.
func (w *world) count(index, partition string) int {
	w.t.Helper()
	page, err := w.Docs.Query(w.t.Context(), store.Query{Tenant: "ekc", Index: index, Partition: partition, Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(page.Docs)
}

func (w *world) stored() int { return w.count(record.ByState, "intake") }

func TestAGoodCallIsStoredOnceAndAnswered(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if rec := w.post(text("wamid.1", "Kje?"), secret); rec.Code != 200 || rec.Body.Len() != 0 {
			t.Fatal(rec.Code, rec.Body)
		}
	}
	if n := w.stored(); n != 1 {
		t.Fatalf("%d items stored, want 1", n)
	}
	if n := w.count("due", "outbox"); n != 1 {
		t.Fatalf("%d events in the outbox, want 1", n)
	}
}

func TestFiftyAtOnceAreOneAndAllAreAnswered(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if rec := w.post(text("wamid.1", "Kje?"), secret); rec.Code != 200 {
				t.Error(rec.Code)
			}
		})
	}
	wg.Wait()
	if n := w.stored(); n != 1 {
		t.Fatalf("%d items stored, want 1", n)
	}
}

func TestBadCallsLeaveNoTrace(t *testing.T) {
	body := text("wamid.1", "Kje?")
	tests := []struct {
		name   string
		status int
		call   func(*world) *httptest.ResponseRecorder
	}{
		{"one changed byte of the body", 401, func(w *world) *httptest.ResponseRecorder {
			return w.post(body, secret, func(r *http.Request) { r.Body = http.NoBody })
		}},
		{"another account's secret", 401, func(w *world) *httptest.ResponseRecorder {
			return w.post(body, channel.Secret{"app_secret": "other", "verify_token": "x"})
		}},
		{"no signature", 401, func(w *world) *httptest.ResponseRecorder {
			return w.post(body, secret, func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") })
		}},
		{"two signatures", 401, func(w *world) *httptest.ResponseRecorder {
			return w.post(body, secret, func(r *http.Request) { r.Header.Add("X-Hub-Signature-256", "sha256=00") })
		}},
		{"an unknown tenant", 404, func(w *world) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", "/webhooks/other/whatsapp/meta", bytes.NewReader(body))
			rec := httptest.NewRecorder()
			w.routes.ServeHTTP(rec, r)
			return rec
		}},
		{"an unknown provider", 404, func(w *world) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", "/webhooks/ekc/whatsapp/nobody", bytes.NewReader(body))
			rec := httptest.NewRecorder()
			w.routes.ServeHTTP(rec, r)
			return rec
		}},
		{"a body over the provider's limit", 413, func(w *world) *httptest.ResponseRecorder {
			return w.post(make([]byte, registry.Lookup(whatsapp).Limit()+1), secret)
		}},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			rec := c.call(w)
			if rec.Code != c.status || rec.Body.Len() != 0 && c.status == 401 {
				t.Errorf("answer %d %q, want %d and nothing", rec.Code, rec.Body, c.status)
			}
			if commits := w.Docs.Count().Commit; commits != 0 {
				t.Errorf("%d commits", commits)
			}
		})
	}
}

func TestTwoSecretsAreActiveWhileOneIsRotated(t *testing.T) {
	w := newWorld(t)
	next := channel.Secret{"app_secret": "next", "verify_token": "x"}
	w.secrets[whatsapp.String()] = []channel.Secret{secret, next}
	for i, s := range []channel.Secret{secret, next} {
		if rec := w.post(text(fmt.Sprint("wamid.", i), "Kje?"), s); rec.Code != 200 {
			t.Errorf("secret %d: %d", i, rec.Code)
		}
	}
}

func TestAnAccountWithoutItsSecretIsClosedAndTheOthersGoOn(t *testing.T) {
	w := newWorld(t)
	w.secrets["livechat/standard"] = []channel.Secret{{"webhook_secret": ""}}
	alarms := obs.Value("okence_alarm_total", "alarm", "account_without_secret", "tenant", "ekc", "account", "livechat/standard")
	r := httptest.NewRequest("POST", "/webhooks/ekc/livechat/standard", strings.NewReader("{}"))
	rec := httptest.NewRecorder()
	w.routes.ServeHTTP(rec, r)
	if rec.Code != 503 {
		t.Error(rec.Code)
	}
	if got := obs.Value("okence_alarm_total", "alarm", "account_without_secret", "tenant", "ekc", "account", "livechat/standard"); got != alarms+1 {
		t.Error("no alarm was raised")
	}
	if rec := w.post(text("wamid.1", "Kje?"), secret); rec.Code != 200 {
		t.Error("another account suffers:", rec.Code)
	}
}

func TestInvalidJSONUnderAGoodSignatureIsParked(t *testing.T) {
	w := newWorld(t)
	if rec := w.post([]byte(`{"object":`), secret); rec.Code != 200 {
		t.Fatal(rec.Code)
	}
	if w.stored() != 1 || w.count(record.ByState, "deadletter.waiting") != 1 || w.count("due", "outbox") != 0 {
		t.Fatalf("stored %d, dead letters %d, events %d", w.stored(), w.count(record.ByState, "deadletter.waiting"), w.count("due", "outbox"))
	}
}

func TestTheHandshake(t *testing.T) {
	for token, want := range map[string]int{"ver1fy": 200, "wrong": 403, "": 403} {
		w := newWorld(t)
		q := url.Values{"hub.mode": {"subscribe"}, "hub.verify_token": {token}, "hub.challenge": {"1158201444"}}
		rec := httptest.NewRecorder()
		w.routes.ServeHTTP(rec, httptest.NewRequest("GET", "/webhooks/ekc/whatsapp/meta?"+q.Encode(), nil))
		if rec.Code != want || (want == 200) != (rec.Body.String() == "1158201444") {
			t.Errorf("token %q: %d %q", token, rec.Code, rec.Body)
		}
	}
}

// TestACrashBeforeTheAnswerLosesNothing fails each call of the stores in turn;
// the provider, that got no 2xx, sends again.
func TestACrashBeforeTheAnswerLosesNothing(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for nth := 1; ; nth++ {
			w := newWorld(t)
			w.Docs.Fail(storetest.Plan{Nth: nth, Moment: moment})
			first := w.post(text("wamid.1", "Kje?"), secret)
			failed := w.Docs.Failed()
			w.Docs.Reset()
			if first.Code == 200 && w.stored() != 1 {
				t.Fatalf("call %d fails %s: answered 200 and nothing stored", nth, moment)
			}
			if rec := w.post(text("wamid.1", "Kje?"), secret); rec.Code != 200 || w.stored() != 1 {
				t.Fatalf("call %d fails %s: sent again: %d, %d stored", nth, moment, rec.Code, w.stored())
			}
			if failed == 0 {
				break
			}
		}
	}
}
