package host

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/work"
)

func structured(t testing.TB, es ...events.Event) (contentType, body string) {
	t.Helper()
	var parts []string
	for _, e := range es {
		b, err := cloudevent.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(b))
	}
	if len(es) == 1 {
		return cloudevent.MediaType, parts[0]
	}
	return cloudevent.BatchMediaType, "[" + strings.Join(parts, ",") + "]"
}

func send(h http.Handler, contentType, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestReceiverAnswersByOutcome(t *testing.T) {
	env := openEnv(t, nil)
	for _, c := range []struct {
		name string
		do   work.Handler
		want int
	}{
		{"done", fine, 204},
		{"poison", failing(fault.Poison), 422},
		{"a record that is not there", failing(fault.NotFound), 422},
		{"a conflict after all retries", failing(fault.Conflict), 409},
		{"too much at once further down", failing(fault.Overload), 429},
		{"a dependency that is down", failing(fault.Unavailable), 503},
		{"a defect", failing(fault.Internal), 500},
		{"a dependency that wants a token", failing(fault.Unauthenticated), 500},
		{"a panic", func(context.Context, *work.Unit, events.Event) error { panic("Janez Novak") }, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := Handler(keeper(c.do), env)
			contentType, body := structured(t, media("answer-"+strings.ReplaceAll(c.name, " ", "-")))
			w := send(h, contentType, body)
			if w.Code != c.want || strings.Contains(w.Body.String(), "Janez") {
				t.Fatalf("answered %d, want %d: %s", w.Code, c.want, w.Body)
			}
			if c.want >= 300 {
				var p Problem
				if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || !strings.HasPrefix(p.Type, "urn:okence:problem:") || p.Status != c.want || p.Title == "" {
					t.Errorf("problem %s: %v", w.Body, err)
				}
			}
			if retry := w.Header().Get("Retry-After"); (retry != "") != (c.want == 429 || c.want == 503) {
				t.Errorf("Retry-After %q", retry)
			}
			again := map[int]int{204: 202, 422: 422}[c.want]
			if w := send(h, contentType, body); again != 0 && w.Code != again {
				t.Errorf("a duplicate is answered %d, want %d", w.Code, again)
			}
		})
	}
}

func TestReceiverRefusesWhatIsNoEventOfOurs(t *testing.T) {
	env := openEnv(t, nil)
	h := Handler(keeper(fine), env)
	other, content, foreign := media("e1"), media("e1"), media("e1")
	other.Tenant = "nobody"
	content.Type, content.Data = events.MessageReceivedType, json.RawMessage(`{"channel":"sms","provider":"infobip","received_at":"2026-11-02T07:00:00Z","content":{"channel":"sms","provider":"infobip","kind":"message","direction":"inbound","provider_id":"x"}}`)
	foreign.Data = json.RawMessage(`{"message_id":"m1","index":0,"name":"Janez"}`)
	for _, c := range []struct {
		name        string
		event       events.Event
		contentType string
		want        int
	}{
		{"an unknown tenant", other, "", 400},
		{"an event with content in it", content, "", 400},
		{"data with a field that is not published", foreign, "", 400},
		{"plain text", media("e1"), "text/plain", 400},
		{"no event at all", media("e1"), "application/json", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			contentType, body := structured(t, c.event)
			if c.contentType != "" {
				contentType = c.contentType
			}
			f := keeper(fine)
			f.Handlers[events.MessageReceivedType] = fine
			if w := send(Handler(f, env), contentType, body); w.Code != c.want || strings.Contains(w.Body.String(), "Janez") {
				t.Errorf("answered %d, want %d: %s", w.Code, c.want, w.Body)
			}
		})
	}
	contentType, body := structured(t, media("e1"))
	if w := send(h, contentType, strings.Replace(body, `"index":0`, `"index":0`+strings.Repeat(" ", events.MaxData), 1)); w.Code != 413 {
		t.Errorf("too much data is answered %d", w.Code)
	}
	if w := send(h, cloudevent.BatchMediaType, "[]"); w.Code != 202 {
		t.Errorf("an empty batch is answered %d", w.Code)
	}
}

func TestBatchIsAnsweredByItsWorstOutcome(t *testing.T) {
	env := openEnv(t, nil)
	outcomes := map[string]fault.Kind{"ok": "", "bad": fault.Poison, "busy": fault.Conflict, "down": fault.Unavailable, "wrong": fault.Internal}
	f := keeper(func(_ context.Context, _ *work.Unit, e events.Event) error {
		if k := outcomes[strings.SplitN(e.ID, ".", 2)[1]]; k != "" {
			return fault.New(k, "as it was told to")
		}
		return nil
	})
	for _, c := range []struct {
		batch []string
		want  int
	}{
		{[]string{"ok", "ok"}, 204},
		{[]string{"ok", "bad"}, 422},
		{[]string{"bad", "busy", "ok"}, 409},
		{[]string{"busy", "wrong"}, 500},
		{[]string{"down", "bad", "wrong"}, 503},
	} {
		name := strings.Join(c.batch, "-")
		t.Run(name, func(t *testing.T) {
			var es []events.Event
			for i, b := range c.batch {
				es = append(es, media(name+string(rune('a'+i))+"."+b))
			}
			contentType, body := structured(t, es...)
			if w := send(Handler(f, env), contentType, body); w.Code != c.want {
				t.Errorf("answered %d, want %d", w.Code, c.want)
			}
		})
	}
}

func TestOverloadIsAnsweredAtOnce(t *testing.T) {
	env := openEnv(t, nil, func(s *Settings) { s.Concurrency = 2 })
	release, entered := make(chan struct{}), make(chan struct{}, 2)
	h := Handler(keeper(func(context.Context, *work.Unit, events.Event) error {
		entered <- struct{}{}
		<-release
		return nil
	}), env)
	done := make(chan int, 2)
	for _, id := range []string{"a", "b"} {
		contentType, body := structured(t, media(id))
		go func() { done <- send(h, contentType, body).Code }()
		<-entered
	}
	contentType, body := structured(t, media("c"))
	w := send(h, contentType, body)
	if w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("answered %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	close(release)
	if a, b := <-done, <-done; a != 204 || b != 204 {
		t.Errorf("those under way were answered %d and %d", a, b)
	}
	if w := send(h, contentType, body); w.Code != 204 {
		t.Errorf("after the rush it is answered %d", w.Code)
	}
}

func TestSchedulersCallTicksOncePerPeriod(t *testing.T) {
	at := time.Date(2026, 11, 2, 7, 5, 30, 0, time.UTC)
	env := openEnv(t, func() time.Time { return at })
	var now time.Time
	h := Handler(keeper(func(_ context.Context, _ *work.Unit, e events.Event) error {
		d, err := events.As[events.RelayDue](e)
		now = d.Now
		return err
	}), env)
	ping := []string{"Ce-Specversion", "1.0", "Ce-Id", "x", "Ce-Source", "/ping", "Ce-Type", "dev.knative.sources.ping"}
	schedule := `{"schedule":"org.okence.relay.due.v1"}`
	for _, c := range []struct {
		name    string
		body    string
		headers []string
		want    int
		now     time.Time
	}{
		{"a plain call ticks at the full minute", schedule, nil, 204, at.Truncate(time.Minute)},
		{"again in the same minute it changes nothing", schedule, nil, 202, at.Truncate(time.Minute)},
		{"a time ahead of the clock counts as now", `{"schedule":"org.okence.relay.due.v1","time":"2027-01-01T00:00:00Z"}`, nil, 202, at.Truncate(time.Minute)},
		{"a late call is for its own time", `{"schedule":"org.okence.relay.due.v1","time":"2026-11-02T07:03:01Z"}`, nil, 204, at.Truncate(time.Minute).Add(-2 * time.Minute)},
		{"Cloud Scheduler says the time in a header", schedule, []string{"X-CloudScheduler-ScheduleTime", "2026-11-02T07:02:00Z"}, 204, at.Truncate(time.Minute).Add(-3 * time.Minute)},
		{"a PingSource's event ticks too", schedule, append([]string{"Ce-Time", "2026-11-02T07:01:00Z"}, ping...), 204, at.Truncate(time.Minute).Add(-4 * time.Minute)},
		{"a PingSource's event in the same minute changes nothing", schedule, append([]string{"Ce-Time", "2026-11-02T07:05:00Z"}, ping...), 202, at.Truncate(time.Minute)},
		{"another schedule is refused", `{"schedule":"org.okence.media.requested.v1"}`, nil, 400, at.Truncate(time.Minute)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := send(h, "application/json", c.body, c.headers...)
			if w.Code != c.want || !now.Equal(c.now) {
				t.Errorf("answered %d, ticked at %s, want %d, %s: %s", w.Code, now, c.want, c.now, w.Body)
			}
		})
	}
}
