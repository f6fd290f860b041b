package cloudevent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudevents/sdk-go/v2/binding"
	"github.com/cloudevents/sdk-go/v2/event"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/okence/okence/events"
)

// from takes over what we know of the SDK's event.
func from(e *event.Event) events.Event {
	text := func(name string) string { s, _ := e.Extensions()[name].(string); return s }
	return events.Event{
		ID: e.ID(), Source: e.Source(), Type: e.Type(), Subject: e.Subject(), Time: e.Time().UTC(), Data: e.Data(),
		Tenant: text("tenant"), Actor: text("actor"), TraceParent: text("traceparent"),
	}
}

// structuredSDK reads a structured event through the SDK. It panics on some
// malformed ones (v2.16.2: data_base64 of one digit before specversion).
func structuredSDK(b []byte) (out events.Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the SDK panics: %v", p)
		}
	}()
	var e event.Event
	if err := json.Unmarshal(b, &e); err != nil {
		return out, err
	}
	return from(&e), nil
}

// acceptable reports whether the catalogue takes the attributes of e.
func acceptable(e events.Event) bool {
	e.Type, e.Data = events.RelayDueType, []byte(`{"now":"2026-01-01T00:00:00Z"}`)
	_, err := events.Decode(e)
	return err == nil
}

func compare(t *testing.T, ours, theirs events.Event) {
	t.Helper()
	if ours.ID != theirs.ID || ours.Source != theirs.Source || ours.Type != theirs.Type || ours.Subject != theirs.Subject || !ours.Time.Equal(theirs.Time) ||
		ours.Tenant != theirs.Tenant || ours.Actor != theirs.Actor || ours.TraceParent != theirs.TraceParent || !bytes.Equal(bytes.TrimSpace(ours.Data), bytes.TrimSpace(theirs.Data)) {
		t.Fatalf("we read %+v\nthe SDK %+v", ours, theirs)
	}
}

// sdk reads a request in binary mode through the SDK's binding package.
func sdk(h http.Header, body []byte) (events.Event, error) {
	m := cehttp.NewMessage(h, io.NopCloser(bytes.NewReader(body)))
	e, err := binding.ToEvent(context.Background(), m)
	if err != nil {
		return events.Event{}, err
	}
	return from(e), nil
}

// FuzzBinary holds our reading of the headers against the SDK's: what we take,
// it takes, and alike. (It takes more: double headers, version 0.3, times that
// RFC 3339 does not know.)
func FuzzBinary(f *testing.F) {
	f.Add("1.0", "e1", "/a", "t", "s", "2026-11-02T07:00:00Z", "ekc", "x", "1", "application/json", "{}")
	f.Add("0.3", "", " ", "%41", "č", "2026-11-02T07:00:00.123456789+14:00", "", "Extension", "", "", "")
	f.Fuzz(func(t *testing.T, version, id, source, typ, subject, at, tenant, name, value, contentType, body string) {
		h := http.Header{}
		for k, v := range map[string]string{
			"Ce-Specversion": version, "Ce-Id": id, "Ce-Source": source, "Ce-Type": typ, "Ce-Subject": subject,
			"Ce-Time": at, "Ce-Tenant": tenant, "Content-Type": contentType, "Ce-" + name: value,
		} {
			if v != "" && !strings.ContainsAny(k+v, "\r\n\x00") {
				h.Set(k, v)
			}
		}
		r, _ := http.NewRequest("POST", "/", strings.NewReader(body))
		r.Header = h
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(contentType)), "application/cloudevents") {
			return
		}
		got, err := FromRequest(r)
		if err != nil {
			return
		}
		if !acceptable(got[0]) {
			return
		}
		theirs, err := sdk(h, []byte(body))
		if err != nil {
			t.Fatalf("the SDK refuses what we take: %v\n%v", err, h)
		}
		compare(t, got[0], theirs)
	})
}

// FuzzUnmarshal: nothing that comes in panics; what we take and the catalogue
// does, the SDK takes and alike; and it can be written and read again.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(`{"specversion":"1.0","data_base64":1}`))
	f.Add([]byte(`{"data_base64":"","specversion":"1.0"}`))
	f.Add([]byte("[" + valid + " , " + valid + "]"))
	f.Add([]byte(strings.Replace(valid, `"data":`, `"x":1.5e3,"y":"a\\"}","z":true,"data":  `, 1)))
	f.Add([]byte(`{"specversion":"1.0","data":[1,{"a":"\ud800"}],"time":null,"tenant":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = UnmarshalBatch(b)
		e, err := Unmarshal(b)
		if err != nil {
			return
		}
		if !acceptable(e) {
			return
		}
		var declared struct{ DataContentType string }
		_ = json.Unmarshal(b, &declared)
		theirs, err := structuredSDK(b)
		if declared.DataContentType != "application/json" && declared.DataContentType != "" {
			return // of other JSON media types, the SDK knows few, and those in lower case only
		}
		if err != nil {
			t.Fatalf("the SDK refuses what we take: %v\n%s", err, b)
		}
		compare(t, e, theirs)
		if len(e.Data) == 0 || !json.Valid(e.Data) {
			return // the catalogue refuses it
		}
		w, err := Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Unmarshal(w); err != nil {
			t.Fatalf("%s: %v", w, err)
		}
	})
}

func BenchmarkBinary(b *testing.B) {
	r := binary()
	body := want().Data
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r.Body = io.NopCloser(bytes.NewReader(body))
			if _, err := FromRequest(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sdk", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := sdk(r.Header, body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkStructured(b *testing.B) {
	for name, read := range map[string]func([]byte) (events.Event, error){"ours": Unmarshal, "sdk": structuredSDK} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read([]byte(valid)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
