package host

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/work"
)

// listen serves h until the test ends, or until stop is called.
func listen(t testing.TB, h http.Handler, timeout, grace time.Duration) (address string, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, h, timeout, grace) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = stop() })
	return l.Addr().String(), stop
}

// TestClientsThatHangUpLeaveNothingBehind is what wedges the SDK's receiver for
// good (cloudevents/sdk-go issue 1332).
func TestClientsThatHangUpLeaveNothingBehind(t *testing.T) {
	env := openEnv(t, nil)
	slow := func(ctx context.Context, _ *work.Unit, _ events.Event) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
			return nil
		}
	}
	before := goleak.IgnoreCurrent()
	address, stop := listen(t, Handler(keeper(slow), env), 5*time.Second, 5*time.Second)
	contentType, body := structured(t, media("hangup"))
	whole := fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(body), body)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 100)
	for i := range 1000 {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			// In the head, in the body, and while the event is handled.
			_, _ = io.WriteString(c, whole[:len(whole)*(i%20+1)/20])
			if i%3 == 0 {
				_ = c.(*net.TCPConn).SetLinger(0) // reset, not closed
			}
			_ = c.Close()
		})
	}
	wg.Wait()
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	for i := range 100 {
		contentType, body := structured(t, media(fmt.Sprint("after", i)))
		for {
			r, err := client.Post("http://"+address, contentType, strings.NewReader(body))
			if err != nil {
				t.Fatalf("request %d after the storm: %v", i, err)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			if r.StatusCode == 429 { // those who hung up are still under way
				time.Sleep(10 * time.Millisecond)
				continue
			}
			if r.StatusCode != 204 {
				t.Fatalf("request %d after the storm is answered %d", i, r.StatusCode)
			}
			break
		}
	}
	client.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}

func TestSlowClientsAreCutOff(t *testing.T) {
	s := newServer(nil, time.Second)
	s.ReadHeaderTimeout, s.IdleTimeout = s.ReadHeaderTimeout/100, s.IdleTimeout/1000
	s.Handler = http.NotFoundHandler()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l) }()
	defer s.Close()
	for _, sent := range []string{"POST / HTTP/1.1\r\nHost:", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, sent)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := io.Copy(io.Discard, c); err != nil { // until the server closes
			t.Errorf("%q: %v", sent, err)
		}
		_ = c.Close()
	}
}

func TestSlowBodyIsCutOff(t *testing.T) {
	env := openEnv(t, nil)
	address, _ := listen(t, guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.Body.(*timedBody).control.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) // in place of bodyTime
		if _, err := io.ReadAll(r.Body); err == nil {
			t.Error("the body never came, and was read")
		}
		w.WriteHeader(http.StatusRequestTimeout)
	}), env.Log), time.Second, time.Second)
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%v %v", r, err)
	}
}

func TestStopLetsRequestsUnderWayFinish(t *testing.T) {
	env := openEnv(t, nil)
	entered, release := make(chan struct{}), make(chan struct{})
	f := keeper(func(context.Context, *work.Unit, events.Event) error { close(entered); <-release; return nil })
	address, stop := listen(t, Handler(f, env), 5*time.Second, 5*time.Second)
	contentType, body := structured(t, media("last"))
	answered := make(chan int, 1)
	go func() {
		r, err := http.Post("http://"+address, contentType, strings.NewReader(body))
		if err != nil {
			answered <- 0
			return
		}
		_ = r.Body.Close()
		answered <- r.StatusCode
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for { // no more are let in
		c, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		_ = c.Close()
		time.Sleep(time.Millisecond)
	}
	close(release)
	if code := <-answered; code != 204 {
		t.Errorf("the request under way is answered %d", code)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestStopWaitsNoLongerThanItsGrace(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	address, stop := listen(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(entered); <-release }), time.Minute, 50*time.Millisecond)
	go func() {
		r, err := http.Get("http://" + address)
		if err == nil {
			_ = r.Body.Close()
		}
	}()
	<-entered
	began := time.Now()
	if err := stop(); err != nil || time.Since(began) > 3*time.Second {
		t.Errorf("stopped after %s: %v", time.Since(began), err)
	}
}

// routed is a function with one route.
func routed(h http.HandlerFunc) *Function {
	f := keeper(fine)
	f.Manifest.Routes, f.Routes = []string{"POST /thing"}, h
	return f
}

func TestPanicInARouteIsAnsweredWithAnIDAndNoContent(t *testing.T) {
	env := openEnv(t, nil)
	var logged bytes.Buffer
	env.Log = obs.NewLogger(&logged, slog.LevelInfo)
	address, _ := listen(t, Handler(routed(func(http.ResponseWriter, *http.Request) { panic("Janez Novak") }), env), time.Second, time.Second)
	r, err := http.Post("http://"+address+"/thing", "text/plain", strings.NewReader("Janez Novak"))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	var p Problem
	if err := json.Unmarshal(text, &p); err != nil || r.StatusCode != 500 || p.ID == "" || p.Type != "urn:okence:problem:internal" {
		t.Errorf("answered %d: %s", r.StatusCode, text)
	}
	if out := logged.String(); !strings.Contains(out, p.ID) || !strings.Contains(out, "serve_test.go") {
		t.Errorf("the log does not tell id and place: %s", out)
	}
	if all := logged.String() + string(text); strings.Contains(all, "Janez") {
		t.Error("content got out")
	}
}

func TestPanicWithinAnAnswerBreaksItOff(t *testing.T) {
	env := openEnv(t, nil)
	address, _ := listen(t, Handler(routed(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("x")
	}), env), time.Second, time.Second)
	r, err := http.Post("http://"+address+"/thing", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text, err := io.ReadAll(r.Body); err == nil {
		t.Errorf("half an answer passed for a whole one: %q", text)
	}
}

func TestRouteMayTakeLongerThanItsBody(t *testing.T) {
	env := openEnv(t, nil)
	f := routed(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		control := r.Body.(*timedBody).control
		if control != nil {
			http.Error(w, "the limit on the body still stands", 500)
		}
		if d, ok := r.Context().Deadline(); !ok || time.Until(d) > 5*time.Second {
			http.Error(w, "no limit on the route", 500)
		}
	})
	address, _ := listen(t, Handler(f, env), time.Second, time.Second)
	r, err := http.Post("http://"+address+"/thing", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text, _ := io.ReadAll(r.Body); r.StatusCode != 200 {
		t.Errorf("answered %d: %s", r.StatusCode, text)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	env := openEnv(t, nil)
	inside := keeper(fine)
	outside := keeper(fine)
	outside.Manifest.Public = true
	get := func(f *Function, path string) int {
		w := httptest.NewRecorder()
		Handler(f, env).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Code
	}
	for _, c := range []struct {
		name string
		f    *Function
		path string
		want int
	}{
		{"it lives", inside, "/healthz", 200},
		{"it can work", inside, "/readyz", 200},
		{"its metrics are for the inside", inside, "/metrics", 200},
		{"its metrics do not face the internet", outside, "/metrics", 404},
		{"the receiver takes POST only", inside, "/", 405},
	} {
		if got := get(c.f, c.path); got != c.want {
			t.Errorf("%s: %s is answered %d, want %d", c.name, c.path, got, c.want)
		}
	}
	env.Close() // the store is gone
	if live, ready := get(inside, "/healthz"), get(inside, "/readyz"); live != 200 || ready != 503 {
		t.Errorf("without a store, /healthz is answered %d and /readyz %d", live, ready)
	}
}

// BenchmarkReceive is an event received with full validation beside plain
// net/http that reads the same request, by turns: the goal is at least 0.85 of
// it (issue 2).
func BenchmarkReceive(b *testing.B) {
	env := openEnv(b, nil)
	f := keeper(fine)
	e := media("e1")
	plain := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	validated := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		es, err := f.incoming(env, r)
		if err == nil {
			_, err = events.Decode(es[0])
		}
		if err != nil {
			WriteProblem(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	head := "POST / HTTP/1.1\r\nHost: a\r\n"
	contentType, body := structured(b, e)
	for mode, raw := range map[string]string{
		"binary": head + "Content-Type: application/json\r\nCe-Specversion: 1.0\r\nCe-Id: " + e.ID + "\r\nCe-Source: " + e.Source + "\r\nCe-Type: " + e.Type +
			"\r\nCe-Tenant: ekc\r\nCe-Time: 2026-11-02T07:00:00Z\r\nContent-Length: " + fmt.Sprint(len(e.Data)) + "\r\n\r\n" + string(e.Data),
		"structured": head + "Content-Type: " + contentType + "\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body,
	} {
		b.Run(mode, func(b *testing.B) {
			one, two := caller(b, plain, raw), caller(b, guarded(validated, env.Log), raw)
			var plainTime, ourTime time.Duration
			for b.Loop() {
				began := time.Now()
				for range 50 {
					one()
				}
				middle := time.Now()
				for range 50 {
					two()
				}
				plainTime, ourTime = plainTime+middle.Sub(began), ourTime+time.Since(middle)
			}
			b.ReportMetric(float64(plainTime)/float64(ourTime), "of-plain")
			b.ReportMetric(50*float64(b.N)/ourTime.Seconds(), "events/s")
		})
	}
}

// caller makes one request over a connection of its own.
func caller(b *testing.B, h http.Handler, raw string) func() {
	address, _ := listen(b, h, time.Second, time.Second)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	in := bufio.NewReader(conn)
	return func() {
		_, _ = io.WriteString(conn, raw)
		r, err := http.ReadResponse(in, nil)
		if err != nil || r.StatusCode != 204 {
			b.Fatal(r, err)
		}
	}
}
