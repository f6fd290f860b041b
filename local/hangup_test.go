package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/host"
)

// A thousand clients that hang up in the middle of a request, each in one of
// many ways and places: afterwards every request is answered, no goroutine is
// left, and what they sent is there once or not at all.
func TestAThousandClientsThatHangUpLeaveNothingBehind(t *testing.T) {
	w := serve(t)
	w.server.Close() // the server of `okence serve` instead
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- host.Serve(ctx, listener, w.handler(), w.local.Timeout(), w.env.Settings.Grace) }()
	w.base = "http://" + listener.Addr().String()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	w.goesOn("wamid.before")
	before := goroutines(0)

	var wg sync.WaitGroup
	lanes := make(chan struct{}, 64)
	for n := range 1000 {
		request := w.raw(n)
		wg.Go(func() {
			lanes <- struct{}{}
			defer func() { <-lanes }()
			hangUp(t, listener.Addr().String(), request, n)
		})
	}
	wg.Wait()
	for n := range 100 {
		w.goesOn(fmt.Sprintf("wamid.later.%d", n))
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.json"} {
		if r := do(t, get(t, w.base+path)); r.status != 200 {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	if after := goroutines(before); after > before {
		buf := make([]byte, 1<<20)
		t.Errorf("%d goroutines before, %d after:\n%s", before, after, buf[:runtime.Stack(buf, true)])
	}
	for _, m := range all[talk](w, access.Adviser, "/v1/conversations") {
		there := map[string]bool{}
		for _, g := range all[got](w, access.Adviser, "/v1/conversations/"+m.ID+"/messages") {
			if there[g.ProviderID] {
				t.Errorf("%s is there twice", g.ProviderID)
			}
			there[g.ProviderID] = true
		}
		if len(there) != m.Messages {
			t.Errorf("the conversation counts %d messages and has %d", m.Messages, len(there))
		}
	}
	if err := w.local.Settle(context.Background()); err != nil {
		t.Error(err)
	}
	w.checkWhole()
}

// raw is a whole request as it goes over the wire, of one of several routes.
func (w *world) raw(n int) []byte {
	w.t.Helper()
	var call *http.Request
	switch n % 5 {
	case 0, 1:
		call = w.sign("ekc", "whatsapp/meta", wa(said(fmt.Sprintf("wamid.gone.%d", n), strings.Repeat("halo ", 200))))
	case 2:
		call = w.sign("ekc", "email/mime", mailWith(fmt.Sprintf("<gone.%d@example.si>", n), "x.txt", bytes.Repeat([]byte("x"), 8<<10)))
	case 3:
		call = posting(w.t, w.base+"/events", "application/cloudevents+json",
			fmt.Sprintf(`{"specversion":"1.0","id":"gone-%d","source":"/t","type":"org.okence.relay.due.v1","time":"2026-11-23T09:29:00Z","tenant":"ekc","data":{"now":"2026-11-23T09:29:00Z"}}`, n))
		call.Header.Set("Authorization", "Bearer "+w.token("ekc", access.Producer))
	default:
		call = get(w.t, w.base+"/v1/conversations")
		call.Header.Set("Authorization", "Bearer "+w.token("ekc", access.Adviser))
	}
	var b bytes.Buffer
	if err := call.Write(&b); err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes()
}

// hangUp sends some of a request, or all of it, and goes: politely, with a
// reset, or after half an answer.
func hangUp(t *testing.T, addr string, request []byte, n int) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	pick := rand.New(rand.NewPCG(uint64(n), 7)) //nolint:gosec // a test's choices
	cut := len(request)
	if n%4 != 0 {
		cut = pick.IntN(len(request))
	}
	_, _ = c.Write(request[:cut])
	switch pick.IntN(4) {
	case 0:
		time.Sleep(time.Duration(pick.IntN(20)) * time.Millisecond)
	case 1:
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		_, _ = io.ReadFull(c, make([]byte, 8))
	}
	if pick.IntN(2) == 0 {
		_ = c.(*net.TCPConn).SetLinger(0) // a reset
	}
	_ = c.Close()
}

// goroutines counts them, and waits a while for them to become no more than
// want.
func goroutines(want int) int {
	http.DefaultClient.CloseIdleConnections()
	n := 0
	for range 200 {
		runtime.GC()
		if n = runtime.NumGoroutine(); n <= want || want == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if want == 0 { // a baseline, once things have come to rest
		time.Sleep(200 * time.Millisecond)
		n = runtime.NumGoroutine()
	}
	return n
}
