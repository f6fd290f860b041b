package cloudevent

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
)

// valid is an event that nothing is wrong with; each case breaks one thing.
const valid = `{"specversion":"1.0","id":"e1","source":"/functions/webhook","type":"org.okence.relay.due.v1",` +
	`"subject":"s1","time":"2026-11-02T08:00:00.5+01:00","tenant":"ekc","actor":"a1",` +
	`"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",` +
	`"datacontenttype":"application/json","data":{"now":"2026-11-02T07:00:00Z"}}`

func want() events.Event {
	return events.Event{
		ID: "e1", Source: "/functions/webhook", Type: "org.okence.relay.due.v1", Subject: "s1",
		Time: time.Date(2026, 11, 2, 7, 0, 0, 5e8, time.UTC), Tenant: "ekc", Actor: "a1",
		TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		Data:        json.RawMessage(`{"now":"2026-11-02T07:00:00Z"}`),
	}
}

func binary() *http.Request {
	e := want()
	r := httptest.NewRequest("POST", "/", bytes.NewReader(e.Data))
	for k, v := range map[string]string{
		"ce-specversion": "1.0", "ce-id": e.ID, "ce-source": e.Source, "ce-type": e.Type, "ce-subject": e.Subject,
		"ce-time": "2026-11-02T08:00:00.5+01:00", "ce-tenant": e.Tenant, "ce-actor": e.Actor, "ce-traceparent": e.TraceParent,
		"content-type": "application/json; charset=UTF-8",
	} {
		r.Header.Set(k, v)
	}
	return r
}

func post(contentType, body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

func same(t *testing.T, got, want events.Event) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if !bytes.Equal(g, w) {
		t.Errorf("read %s\nwant %s", g, w)
	}
	if _, err := events.Decode(got); err != nil {
		t.Error(err)
	}
}

func TestEveryModeReadsTheSameEvent(t *testing.T) {
	base64 := strings.Replace(valid, `"data":{"now":"2026-11-02T07:00:00Z"}`, `"data_base64":"eyJub3ciOiIyMDI2LTExLTAyVDA3OjAwOjAwWiJ9"`, 1)
	chunked := binary()
	chunked.ContentLength = -1
	for _, c := range []struct {
		name string
		r    *http.Request
		n    int
	}{
		{"binary", binary(), 1},
		{"binary without a length", chunked, 1},
		{"structured", post("application/cloudevents+json; charset=utf-8", valid), 1},
		{"structured, with data in base64", post("application/cloudevents+json", base64), 1},
		{"structured, with foreign extensions", post("Application/CloudEvents+JSON", strings.Replace(valid, "{", `{"knativearrivaltime":"2026-11-02T07:00:00Z","sequence":7,`, 1)), 1},
		{"batched", post("application/cloudevents-batch+json", "["+valid+","+valid+"]"), 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			es, err := FromRequest(c.r)
			if err != nil || len(es) != c.n {
				t.Fatalf("%d events, %v", len(es), err)
			}
			for _, e := range es {
				same(t, e, want())
			}
		})
	}
}

func TestEmptyBatchIsNoEvents(t *testing.T) {
	es, err := FromRequest(post(BatchMediaType, "[]"))
	if err != nil || len(es) != 0 {
		t.Errorf("%v, %v", es, err)
	}
}

func many(n int) string {
	var parts []string
	for i := range n {
		parts = append(parts, fmt.Sprintf(`"x%d":1`, i))
	}
	return strings.Join(parts, ",")
}

func TestBrokenStructuredEventIsRefused(t *testing.T) {
	for _, c := range []struct{ name, old, new string }{
		{"no version", `"specversion":"1.0",`, ``},
		{"version 0.3", `"1.0"`, `"0.3"`},
		{"version 1.1", `"1.0"`, `"1.1"`},
		{"a version that is a number", `"1.0"`, `1.0`},
		{"an attribute in upper case", `"id"`, `"ID"`},
		{"an attribute with an underscore", `"subject"`, `"sub_ject"`},
		{"an attribute without a name", `"subject"`, `""`},
		{"an attribute that stands twice", `"id":"e1",`, `"id":"e1","id":"e2",`},
		{"an attribute that stands twice, once escaped", `"id":"e1",`, `"id":"e1","\u0069d":"e2",`},
		{"data and data_base64", `"data":`, `"data_base64":"e30=","data":`},
		{"data_base64 that is a number", `"data":{"now":"2026-11-02T07:00:00Z"}`, `"data_base64":1`},
		{"data_base64 that is not base64", `"data":{"now":"2026-11-02T07:00:00Z"}`, `"data_base64":"?"`},
		{"a tenant that is a number", `"tenant":"ekc"`, `"tenant":7`},
		{"a tenant that is an object", `"tenant":"ekc"`, `"tenant":{"a":"b"}`},
		{"a time that is none", `2026-11-02T08`, `2026-13-02T08`},
		{"a time before the year 0", `2026-11-02T08:00:00.5+01:00`, `0000-01-01T00:00:00+01:00`},
		{"a time after the year 9999", `2026-11-02T08:00:00.5+01:00`, `9999-12-31T23:59:59-01:00`},
		{"data of XML", `application/json`, `application/xml`},
		{"data in another charset", `application/json`, `application/json; charset=iso-8859-2`},
		{"half an object", `}}`, `}`},
		{"something behind the object", `}}`, `}}{}`},
		{"no object", valid, `"x"`},
		{"null", valid, `null`},
		{"an array", valid, `[` + valid + `]`},
		{"nothing", valid, ``},
		{"an extension that is an object", `"subject":"s1"`, `"foreign":{"a":1}`},
		{"text that is not UTF-8", `"s1"`, "\"\xff\""},
		{"more attributes than an event can have", `"subject":"s1"`, many(65)},
		{"nesting without end", `{"now":"2026-11-02T07:00:00Z"}`, strings.Repeat(`[`, 20000)},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(valid, c.old, c.new, 1)
			if broken == valid {
				t.Fatal("the case breaks nothing")
			}
			_, err := FromRequest(post(MediaType, broken))
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("error %v", err)
			}
			if _, err = FromRequest(post(BatchMediaType, "["+valid+","+broken+"]")); !fault.Is(err, fault.Invalid) && c.new != "" && c.name != "an array" {
				t.Errorf("in a batch: error %v", err)
			}
		})
	}
}

func TestBrokenBinaryEventIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*http.Request)
		want  fault.Kind
	}{
		{"no version", func(r *http.Request) { r.Header.Del("ce-specversion") }, fault.Invalid},
		{"version 0.3", func(r *http.Request) { r.Header.Set("ce-specversion", "0.3") }, fault.Invalid},
		{"a header that stands twice", func(r *http.Request) { r.Header.Add("ce-id", "e2") }, fault.Invalid},
		{"a foreign header that stands twice", func(r *http.Request) { r.Header["Ce-X"] = []string{"1", "2"} }, fault.Invalid},
		{"a header with a hyphen in its name", func(r *http.Request) { r.Header.Set("ce-ten-ant", "ekc") }, fault.Invalid},
		{"a percent sign", func(r *http.Request) { r.Header.Set("ce-id", "e%31") }, fault.Invalid},
		{"a time that is none", func(r *http.Request) { r.Header.Set("ce-time", "yesterday") }, fault.Invalid},
		{"a time before the year 0", func(r *http.Request) { r.Header.Set("ce-time", "0000-01-01T00:00:00+01:00") }, fault.Invalid},
		{"data of plain text", func(r *http.Request) { r.Header.Set("content-type", "text/plain") }, fault.Invalid},
		{"two content types", func(r *http.Request) { r.Header.Add("content-type", "application/json") }, fault.Invalid},
		{"another event format", func(r *http.Request) { r.Header.Set("content-type", "application/cloudevents+avro") }, fault.Invalid},
		{"a length over the limit", func(r *http.Request) { r.ContentLength = events.MaxData + 1 }, fault.TooLarge},
		{"a body over the limit", func(r *http.Request) {
			r.ContentLength, r.Body = -1, io.NopCloser(strings.NewReader(strings.Repeat(" ", events.MaxData+1)))
		}, fault.TooLarge},
		{"a body that breaks off", func(r *http.Request) {
			r.ContentLength, r.Body = -1, io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
		}, fault.Unavailable},
		{"a body shorter than its length", func(r *http.Request) { r.ContentLength++ }, fault.Unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := binary()
			c.spoil(r)
			if _, err := FromRequest(r); !fault.Is(err, c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestLimitsOfStructuredModesHoldToTheByte(t *testing.T) {
	pad := func(n int) string { return valid + strings.Repeat(" ", n-len(valid)) }
	one := "[" + valid
	for _, c := range []struct {
		name, contentType, body string
		want                    fault.Kind
	}{
		{"one event at the limit is read", MediaType, pad(maxSingle), ""},
		{"one event a byte over is refused", MediaType, pad(maxSingle + 1), fault.TooLarge},
		{"a batch of 100 is read", BatchMediaType, one + strings.Repeat(","+valid, 99) + "]", ""},
		{"a batch of 101 is refused", BatchMediaType, one + strings.Repeat(","+valid, 100) + "]", fault.TooLarge},
		{"a batch over the limit is refused", BatchMediaType, one + strings.Repeat(" ", maxBody) + "]", fault.TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, length := range []int64{int64(len(c.body)), -1} {
				r := post(c.contentType, c.body)
				r.ContentLength = length
				if _, err := FromRequest(r); fault.Of(err) != c.want {
					t.Errorf("error %v, want %q", err, c.want)
				}
			}
		})
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, _ := json.Marshal(rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "data"))
		e := events.Event{
			ID: rapid.StringMatching(`[A-Za-z0-9._:-]{1,128}`).Draw(t, "id"), Source: rapid.StringMatching(`/[A-Za-z0-9._-][A-Za-z0-9._/-]{0,20}`).Draw(t, "source"),
			Type: "org.okence.relay.due.v1", Subject: rapid.StringMatching(`[a-z0-9]{0,5}`).Draw(t, "subject"),
			Time:   time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "seconds"), rapid.Int64Range(0, 999999999).Draw(t, "nanoseconds")).UTC(),
			Tenant: rapid.StringMatching(`[a-z0-9][a-z0-9-]{0,31}`).Draw(t, "tenant"), Data: data,
		}
		b, err := Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Unmarshal(b)
		if err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		again, err := Marshal(got)
		if err != nil || !bytes.Equal(b, again) {
			t.Errorf("wrote %s\nthen  %s", b, again)
		}
	})
}

func TestErrorsQuoteNothing(t *testing.T) {
	const secret = "Janez.Novak@example.org"
	for _, r := range []*http.Request{
		post(MediaType, strings.Replace(valid, `"1.0"`, `"`+secret+`"`, 1)),
		post(MediaType, strings.Replace(valid, `"subject"`, `"`+secret+`"`, 1)),
		post(MediaType, strings.Replace(valid, `2026-11-02T08:00:00.5+01:00`, secret, 1)),
		post(MediaType, strings.Replace(valid, `application/json`, secret, 1)),
		post(BatchMediaType, secret),
		post(secret, "{}"),
	} {
		_, err := FromRequest(r)
		if err == nil || strings.Contains(err.Error(), "Janez") {
			t.Errorf("error %v", err)
		}
	}
}
