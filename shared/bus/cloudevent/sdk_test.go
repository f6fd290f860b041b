package cloudevent

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"github.com/okence/okence/events"
)

// sdk reads a request in binary mode through the SDK's binding package.
func sdk(h http.Header, body []byte) (events.Event, error) {
	m := cehttp.NewMessage(h, io.NopCloser(bytes.NewReader(body)))
	e, err := binding.ToEvent(context.Background(), m)
	if err != nil {
		return events.Event{}, err
	}
	return from(e)
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
		if _, err := events.Decode(events.Event{ID: got[0].ID, Source: got[0].Source, Type: "org.okence.relay.due.v1", Subject: got[0].Subject, Tenant: got[0].Tenant, Time: got[0].Time, Data: []byte(`{"now":"2026-01-01T00:00:00Z"}`)}); err != nil {
			return // the catalogue refuses it in any case
		}
		theirs, err := sdk(h, []byte(body))
		if err != nil {
			t.Fatalf("the SDK refuses what we take: %v\n%v", err, h)
		}
		ours := got[0]
		if ours.ID != theirs.ID || ours.Source != theirs.Source || ours.Type != theirs.Type || ours.Subject != theirs.Subject ||
			!ours.Time.Equal(theirs.Time) || ours.Tenant != theirs.Tenant || string(ours.Data) != string(theirs.Data) {
			t.Fatalf("we read %+v\nthe SDK %+v", ours, theirs)
		}
	})
}

// FuzzUnmarshal: nothing that comes in panics, and what is read can be written
// and read again.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(`{"specversion":"1.0","data_base64":1}`))
	f.Add([]byte(`{"data_base64":"","specversion":"1.0"}`))
	f.Add([]byte(`{"specversion":"1.0","data":[1,{"a":"\ud800"}],"time":null,"tenant":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = UnmarshalBatch(b)
		e, err := Unmarshal(b)
		if err != nil {
			return
		}
		if _, err := events.Decode(e); err != nil {
			return
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
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Unmarshal([]byte(valid)); err != nil {
			b.Fatal(err)
		}
	}
}
