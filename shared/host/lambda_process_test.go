package host_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/bus/cloudevent"
	"github.com/okence/okence/shared/host/lambdatest"
)

// program is the test function as a real program, built once.
var (
	build   sync.Once
	program string
)

func tally(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program")
	}
	build.Do(func() { program = lambdatest.Build(t, "./internal/tally") })
	return program
}

func event(t testing.TB, id string) string {
	t.Helper()
	b, err := cloudevent.Marshal(events.Event{
		ID: id, Source: "/test", Type: events.MediaRequestedType, Tenant: "ekc", Time: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC),
		Data: json.RawMessage(`{"message_id":"m1","index":0}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func bridged(detail string) string {
	return `{"version":"0","id":"7","detail-type":"org.okence.media.requested.v1","source":"okence","account":"000000000000",` +
		`"time":"2026-11-02T07:00:00Z","region":"eu-central-1","resources":[],"detail":` + detail + `}`
}

func get(path string) string {
	return `{"version":"2.0","routeKey":"$default","rawPath":"` + path + `","rawQueryString":"","headers":{"host":"x.lambda-url.eu-central-1.on.aws"},` +
		`"requestContext":{"http":{"method":"GET","path":"` + path + `","sourceIp":"192.0.2.1"},"stage":"$default"},"isBase64Encoded":false}`
}

type answer struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Cookies         []string          `json:"cookies"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

func invoke(t testing.TB, r *lambdatest.Runtime, payload string) answer {
	t.Helper()
	out, err := r.Invoke([]byte(payload), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return a
}

func counted(t testing.TB, r *lambdatest.Runtime, id string) string {
	t.Helper()
	a := invoke(t, r, get("/count/"+id))
	if a.StatusCode != 200 {
		t.Fatalf("answered %d: %s", a.StatusCode, a.Body)
	}
	return strings.TrimSpace(a.Body)
}

func TestFunctionAsALambdaProcess(t *testing.T) {
	dir := t.TempDir()
	asALambdaProcess(t, lambdatest.New(t, tally(t), "OKENCE_DATA="+dir+"/data", "OKENCE_KEYS="+dir+"/keys", "OKENCE_LOG=error"))
}

// asALambdaProcess is the test of a running tally, whatever its drivers.
func asALambdaProcess(t *testing.T, r *lambdatest.Runtime) {
	t.Run("an SQS batch: what fails comes again alone, poison does not, a crash costs nothing", func(t *testing.T) {
		q := lambdatest.Queue{MaxReceives: 3}
		q.Send(event(t, "fine.1"), event(t, "busy-1st.1"), event(t, "poison.1"), bridged(event(t, "fine.2")), event(t, "panic.1"),
			"no event", event(t, "fine.3"), event(t, "crash-1st.1"), event(t, "fine.1"))
		if err := q.Drain(r, 10*time.Second); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"fine.1", "fine.2", "fine.3", "busy-1st.1", "crash-1st.1"} {
			if n := counted(t, r, id); n != "1" {
				t.Errorf("%s took effect %s times", id, n)
			}
		}
		if n := counted(t, r, "poison.1"); n != "0" {
			t.Errorf("poison took effect %s times", n)
		}
		if len(q.Dead) != 2 || q.Dead[0] == q.Dead[1] { // the defect and the malformed one
			t.Errorf("%d messages in the queue's dead-letter queue: %q", len(q.Dead), q.Dead)
		}
		if r.Spawns() != 2 {
			t.Errorf("%d processes, want one and one after the crash", r.Spawns())
		}
	})
	t.Run("an EventBridge event with our event in its detail", func(t *testing.T) {
		for range 2 {
			if _, err := r.Invoke([]byte(bridged(event(t, "bridged.1"))), 10*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if n := counted(t, r, "bridged.1"); n != "1" {
			t.Errorf("it took effect %s times", n)
		}
		var failed *lambdatest.FunctionError
		if _, err := r.Invoke([]byte(bridged(event(t, "busy-1st.2"))), 10*time.Second); !errors.As(err, &failed) || failed.Type == lambdatest.Crashed {
			t.Errorf("a failure is not reported: %v", err)
		}
		if _, err := r.Invoke([]byte(bridged(event(t, "poison.2"))), 10*time.Second); err != nil {
			t.Errorf("a dead letter is reported: %v", err)
		}
	})
	t.Run("a scheduler's call", func(t *testing.T) {
		for range 2 {
			if _, err := r.Invoke([]byte(`{"schedule":"org.okence.relay.due.v1","time":"2026-11-02T07:00:20Z"}`), 10*time.Second); err != nil {
				t.Fatal(err)
			}
		}
		if n := counted(t, r, "org.okence.relay.due.v1_20261102T070000.000000000Z"); n != "1" {
			t.Errorf("it took effect %s times", n)
		}
	})
	t.Run("an HTTP request, byte for byte", func(t *testing.T) {
		body := "\x00\xff binary"
		payload := fmt.Sprintf(`{"version":"2.0","rawPath":"/prod/mirror","rawQueryString":"b=%%2B+1&a=&b=%%c5%%a1","cookies":["x=1","y=2"],`+
			`"headers":{"host":"api.example","x-multi":"1,2","content-type":"application/octet-stream"},`+
			`"requestContext":{"http":{"method":"POST","sourceIp":"2001:db8::1"},"stage":"prod"},"body":"%s","isBase64Encoded":true}`,
			base64.StdEncoding.EncodeToString([]byte(body)))
		a := invoke(t, r, payload)
		got, _ := base64.StdEncoding.DecodeString(a.Body)
		if a.StatusCode != 418 || !a.IsBase64Encoded || string(got) != body {
			t.Errorf("answered %+v", a)
		}
		if want := "POST api.example/mirror?b=%2B+1&a=&b=%c5%a1, 1,2, x=1; y=2, [2001:db8::1]:0"; a.Headers["X-Seen"] != want {
			t.Errorf("the route saw %q\nwant          %q", a.Headers["X-Seen"], want)
		}
		if len(a.Cookies) != 2 || a.Cookies[1] != "b=2" {
			t.Errorf("cookies %q", a.Cookies)
		}
		if a := invoke(t, r, strings.Replace(get("/"), `"method":"GET"`, `"method":"POST"`, 1)); a.StatusCode != 404 {
			t.Errorf("the receiver of events is open to whoever has the URL: %d", a.StatusCode)
		}
	})
	t.Run("a shape that is none of these is an error, and no process is lost", func(t *testing.T) {
		before := r.Spawns()
		for _, payload := range []string{`{}`, `[]`, `null`, `"x"`, `{"Records":[{"eventSource":"aws:s3"}]}`, `{"httpMethod":"GET","path":"/","requestContext":{}}`} {
			if out, err := r.Invoke([]byte(payload), 5*time.Second); err == nil {
				t.Errorf("%s is answered %s", payload, out)
			}
		}
		if r.Spawns() != before {
			t.Error("a process was lost")
		}
	})
	t.Run("before its time is over it says how far it got", func(t *testing.T) {
		q := lambdatest.Queue{MaxReceives: 1}
		q.Send(event(t, "slow.1"), event(t, "fine.9"))
		before := r.Spawns()
		if err := q.Drain(r, 1500*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		if r.Spawns() != before || len(q.Dead) != 1 || counted(t, r, "fine.9") != "1" {
			t.Errorf("%d processes lost, %d messages left over", r.Spawns()-before, len(q.Dead))
		}
	})
	if err := r.Stop(); err != nil {
		t.Errorf("on SIGTERM it ended with %v", err)
	}
}

func TestLambdaWithAWrongSettingRefusesToStart(t *testing.T) {
	r := lambdatest.New(t, tally(t), "OKENCE_DATA="+t.TempDir(), "OKENCE_STORE=oracle")
	var failed *lambdatest.FunctionError
	if _, err := r.Invoke([]byte(`{}`), 5*time.Second); !errors.As(err, &failed) || failed.Type != lambdatest.NoStart {
		t.Errorf("error %v", err)
	}
}
