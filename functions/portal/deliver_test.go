package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// event is a valid event with content from outside; changes come after.
func event(change ...func(map[string]any)) string {
	e := map[string]any{
		"specversion": "1.0", "id": "e-1", "source": "/crm", "type": events.MessageReceivedType, "time": "2026-11-02T08:00:00Z", "tenant": "ekc",
		"data": map[string]any{
			"channel": "livechat", "provider": "standard", "received_at": "2026-11-02T08:00:00Z",
			"content": map[string]any{"provider_id": "m-1", "kind": "message", "direction": "inbound", "text": "Dober dan", "sender": map[string]any{"scheme": "id", "address": "v-1"}},
		},
	}
	for _, c := range change {
		c(e)
	}
	b, _ := json.Marshal(e)
	return string(b)
}

func set(name string, v any) func(map[string]any) { return func(e map[string]any) { e[name] = v } }

func data(name string, v any) func(map[string]any) {
	return func(e map[string]any) { e["data"].(map[string]any)[name] = v }
}

func (w *world) post(body string, change ...func(*http.Request)) reply {
	w.t.Helper()
	change = append([]func(*http.Request){w.as("ekc", access.Producer), with("Content-Type", "application/cloudevents+json")}, change...)
	return w.ask("POST", "/events", body, change...)
}

// published gathers what goes to the bus.
func (w *world) published() *[]events.Event {
	var all []events.Event
	w.Env.Published = func(_ context.Context, _ string, es []events.Event) { all = append(all, es...) }
	return &all
}

func TestEventsAreTakenInAndSealed(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	var taken takenView
	w.post(event()).want(202, "").schema("TakenOrList").into(&taken)
	if taken.EventID != "e-1" || taken.Duplicate || len(*out) != 1 {
		t.Fatalf("%+v, %d published", taken, len(*out))
	}
	e := (*out)[0]
	if strings.Contains(string(e.Data), "Dober") || e.ID != "e-1" || e.Source != "/crm" || e.Actor != "producer-1" {
		t.Errorf("published: %+v %s", e, e.Data)
	}
	d, err := events.As[events.MessageReceived](e)
	if err != nil || d.Content != nil || !d.ReceivedAt.Equal(time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v, %v", d, err)
	}
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		in, err := work.Load(ctx, u, record.Intakes, d.Intake)
		if err == nil && (in.Message.Text != "Dober dan" || in.Message.Channel != message.LiveChat || in.Message.Provider != "standard") {
			t.Errorf("sealed: %+v", in.Message)
		}
		return err
	})

	w.post(event(set("time", "2026-11-02T08:30:00Z"))).want(202, "").into(&taken)
	if !taken.Duplicate || len(*out) != 1 {
		t.Errorf("the same again: %+v, %d published", taken, len(*out))
	}
	w.post(event(set("source", "/other"))).want(202, "").into(&takenView{})
	if len(*out) != 2 {
		t.Errorf("the same id of another source is another event: %d published", len(*out))
	}
}

func TestEventsFromTheFutureAreOfNow(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	w.post(event(data("received_at", "2026-11-02T09:00:01Z"))).want(202, "")
	d, err := events.As[events.MessageReceived]((*out)[0])
	if err != nil || !d.ReceivedAt.Equal(w.Clock.Now()) {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestEventModes(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	batch := "[" + event() + "," + event(set("id", "e-2")) + "," + event() + "]"
	var l list[takenView]
	w.post(batch, with("Content-Type", "application/cloudevents-batch+json")).want(202, "").schema("TakenOrList").into(&l)
	if len(l.Items) != 3 || l.Items[0].Duplicate || l.Items[1].Duplicate || !l.Items[2].Duplicate || len(*out) != 2 {
		t.Errorf("%+v, %d published", l, len(*out))
	}
	var e struct{ Data json.RawMessage }
	if err := jsonInto([]byte(event()), &e); err != nil {
		t.Fatal(err)
	}
	w.post(string(e.Data), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/json")
		for k, v := range map[string]string{"specversion": "1.0", "id": "e-3", "source": "/crm", "type": events.MessageReceivedType, "tenant": "ekc"} {
			r.Header.Set("ce-"+k, v)
		}
	}).want(202, "").schema("TakenOrList") // without a time
	if len(*out) != 3 || !(*out)[2].Time.Equal(w.Clock.Now()) {
		t.Errorf("binary mode: %d published", len(*out))
	}
}

func TestEventsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	for name, c := range map[string]struct {
		body    string
		status  int
		problem string
	}{
		"no JSON":                           {"{", 400, "invalid_event"},
		"a type that nobody knows":          {event(set("type", "org.okence.other.v1")), 400, "invalid_event"},
		"no tenant":                         {event(set("tenant", "")), 400, "invalid_event"},
		"another tenant than the token's":   {event(set("tenant", "other")), 403, "foreign_tenant"},
		"a field that nobody knows":         {event(data("secret", "s3cret")), 400, "invalid_event"},
		"a channel that is none":            {event(data("channel", "fax")), 400, "invalid_event"},
		"a mail address as subject":         {event(set("subject", "ana@example.org")), 400, "invalid_event"},
		"data over the limit":               {event(data("provider", strings.Repeat("a", events.MaxData))), 413, "too_large"},
		"one of a batch":                    {"[" + event() + "," + event(set("id", "a b")) + "]", 400, "invalid_event"},
		"a body over every limit":           {"[" + strings.Repeat(" ", maxEvents) + "]", 413, "too_large"},
		"a batch with another tenant's one": {"[" + event() + "," + event(set("id", "e-2"), set("tenant", "other")) + "]", 403, "foreign_tenant"},
	} {
		t.Run(name, func(t *testing.T) {
			media := "application/cloudevents+json"
			if c.body[0] == '[' {
				media = "application/cloudevents-batch+json"
			}
			r := w.post(c.body, with("Content-Type", media)).want(c.status, c.problem)
			for _, secret := range []string{"fax", "ana@", "s3cret", "a b"} {
				if strings.Contains(string(r.body), secret) {
					t.Errorf("the problem quotes the event: %s", r.body)
				}
			}
		})
	}
	if len(*out) != 0 {
		t.Errorf("%d events of refused requests were published", len(*out))
	}
}

func TestEventsUnderAnIdempotencyKey(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	first := w.post(event(), key("k")).want(202, "")
	again := w.post(event(), key("k")).want(202, "")
	if string(first.body) != string(again.body) || again.header.Get(replayedHeader) != "true" || len(*out) != 1 {
		t.Errorf("first %s, again %s", first.body, again.body)
	}
	w.post(event(set("id", "e-2")), key("k")).want(422, "idempotency_key_reused")
	if len(*out) != 1 {
		t.Error("the refused one was taken all the same")
	}
}

func TestEventStatus(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	var taken takenView
	w.post(event()).want(202, "").into(&taken)
	state := func(want work.Progress) {
		t.Helper()
		var v eventView
		w.ask("GET", taken.StatusURL, "", w.as("ekc", access.Producer)).want(200, "").schema("EventStatus").into(&v)
		if v.State != want || v.EventID != "e-1" || v.Source != "/crm" {
			t.Errorf("%+v, want %s", v, want)
		}
	}
	state(work.Accepted)
	if err := w.Sent(context.Background(), "ekc", work.OutboxID((*out)[0])); err != nil {
		t.Fatal(err)
	}
	state(work.HandedOn)
	if err := w.Bury(context.Background(), "inbound", (*out)[0], 1, fault.New(fault.Poison, "shape")); err != nil {
		t.Fatal(err)
	}
	state(work.SetAside)
	w.ask("GET", taken.StatusURL, "", w.as("other", access.Producer)).want(404, "not_found")
	w.ask("GET", "/events/e-2?source=/crm", "", w.as("ekc", access.Producer)).want(404, "not_found")
	w.ask("GET", "/events/e-1", "", w.as("ekc", access.Producer)).want(400, "invalid")
}

func TestDeadLettersAndRedrive(t *testing.T) {
	w := newWorld(t)
	out := w.published()
	w.post(event()).want(202, "")
	if err := w.Sent(context.Background(), "ekc", work.OutboxID((*out)[0])); err != nil {
		t.Fatal(err)
	}
	if err := w.Bury(context.Background(), "inbound", (*out)[0], 3, fault.New(fault.Poison, "shape")); err != nil {
		t.Fatal(err)
	}
	admin := w.as("ekc", access.Administrator)
	var l list[deadLetterView]
	w.ask("GET", "/v1/deadletters", "", admin).want(200, "").schema("DeadLetterList").into(&l)
	if len(l.Items) != 1 || l.Items[0].EventID != "e-1" || l.Items[0].Reason != "shape" || l.Items[0].Attempts != 3 || l.Items[0].Function != "inbound" {
		t.Fatalf("%+v", l)
	}
	id := l.Items[0].ID
	r := w.ask("GET", "/v1/deadletters/"+id, "", admin).want(200, "").schema("DeadLetter")
	if strings.Contains(string(r.body), "Dober") {
		t.Errorf("content: %s", r.body)
	}
	w.ask("GET", "/v1/deadletters/"+id, "", w.as("other", access.Administrator)).want(404, "not_found")
	w.ask("POST", "/v1/deadletters/"+id+"/redrive", "", w.as("other", access.Administrator)).want(404, "not_found")

	var taken takenView
	w.ask("POST", "/v1/deadletters/"+id+"/redrive", "", admin, key("r")).want(202, "").schema("Taken").into(&taken)
	if taken.EventID != "e-1" || taken.StatusURL != "/v1/deadletters/"+id || len(*out) != 2 || (*out)[1].ID != "e-1" {
		t.Errorf("%+v, %d published", taken, len(*out))
	}
	w.ask("POST", "/v1/deadletters/"+id+"/redrive", "", admin, key("r")).want(202, "") // replayed
	w.ask("POST", "/v1/deadletters/"+id+"/redrive", "", admin).want(409, "already_redriven")
	if len(*out) != 2 {
		t.Error("redriven twice")
	}
	w.ask("GET", "/v1/deadletters", "", admin).want(200, "").into(&l)
	if len(l.Items) != 0 {
		t.Error("it still waits")
	}
	w.ask("GET", "/v1/deadletters?state=redriven", "", admin).want(200, "").schema("DeadLetterList").into(&l)
	if len(l.Items) != 1 || l.Items[0].RedrivenAt.IsZero() {
		t.Errorf("%+v", l)
	}
	w.ask("GET", "/v1/deadletters?state=other", "", admin).want(400, "invalid")
	if e := newest(w.entries("ekc")); !slices.ContainsFunc(w.entries("ekc"), func(e *audit.Entry) bool { return e.Act == audit.Manage && e.ActorRole == "administrator" }) {
		t.Errorf("the redrive is not noted: %+v", e)
	}
}

func TestTakersAreThoseOfTheManifests(t *testing.T) {
	files, err := filepath.Glob("../*/function.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Name     string
			Consumes []struct{ Type string }
		}
		if err := yaml.Unmarshal(text, &m); err != nil {
			t.Fatal(err)
		}
		if len(m.Consumes) > 0 && !slices.Contains(takers, m.Name) {
			t.Errorf("%s consumes events and is not among the takers", m.Name)
		}
	}
}

func TestMedia(t *testing.T) {
	w := newWorld(t)
	w.person("ekc", "p1", "Ana")
	w.talk("ekc", "c1", "p1")
	states := []message.FileState{message.Clean, message.Unscanned, message.Infected, message.Pending, message.Unavailable, message.Clean}
	w.say("ekc", "c1", "m1", "", func(m *message.Message) {
		for i, s := range states {
			m.Media = append(m.Media, message.Media{Name: "račun\r\n\"x\"/../1.pdf", Mime: "application/pdf"})
			m.Files = append(m.Files, message.File{State: s, FileID: "f1"})
			if i == 5 {
				m.Media[i].Mime, m.Media[i].Name = "text/html", ""
			}
		}
	})
	w.do("ekc", func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Attachments, &message.Attachment{ID: "f1", ContactID: "p1", MessageID: "m1", StoredAt: u.Now(), Bytes: []byte("%PDF-1.7 x"), Size: 10, SHA256: "x"})
		return nil
	})
	get := func(i int) reply { return w.ask("GET", fmt.Sprintf("/v1/messages/m1/media/%d", i), "") }
	for i, state := range states[:2] {
		r := get(i).want(200, "")
		kind, params, err := mime.ParseMediaType(r.header.Get("Content-Disposition"))
		if err != nil || kind != "attachment" || params["filename"] != `račun__"x"_.._1.pdf` {
			t.Errorf("Content-Disposition: %s", r.header.Get("Content-Disposition"))
		}
		if string(r.body) != "%PDF-1.7 x" || r.header.Get("Content-Type") != "application/pdf" || r.header.Get("Okence-Media-State") != string(state) ||
			r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
			t.Errorf("%v %s", r.header, r.body)
		}
	}
	get(2).want(403, "media_infected")
	get(3).want(409, "media_pending")
	get(4).want(410, "media_unavailable")
	if r := get(5).want(200, ""); r.header.Get("Content-Type") != "application/octet-stream" || r.header.Get("Content-Disposition") != "attachment" {
		t.Errorf("HTML goes out as %v", r.header)
	}
	get(6).want(404, "not_found")
	w.ask("GET", "/v1/messages/m1/media/x", "").want(404, "not_found")
	w.ask("GET", "/v1/messages/m1/media/-1", "").want(404, "not_found")
	w.ask("GET", "/v1/messages/m1/media/0", "", w.as("other", access.Adviser)).want(404, "not_found")
	if e := newest(w.entries("ekc")); e.Result != audit.Refused && !slices.ContainsFunc(e.Items, func(i audit.Item) bool { return i.Kind == "attachment" || i.Kind == "message" }) {
		t.Errorf("noted as %+v", e)
	}
}

func FuzzDisposition(f *testing.F) {
	for _, s := range []string{"", "a.pdf", "račun.pdf", "a\r\nX: y", `"`, "a;b", "\xff", "../..", "😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		h := disposition(name)
		if strings.ContainsAny(h, "\r\n\x00") || !strings.HasPrefix(h, "attachment") {
			t.Fatalf("%q", h)
		}
		if kind, _, err := mime.ParseMediaType(h); err != nil || kind != "attachment" {
			t.Fatalf("%q: %v", h, err)
		}
	})
}
