package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/host"
)

// eventClients is how many connections bring events.
const eventClients = 16

// eventData is the data of the event that is sent: message.received, whole.
const eventData = `{"intake":"1n5k2v0k3p7q2m4x6r8t0w1y3z5b7d9f","channel":"whatsapp","provider":"meta","received_at":"2026-11-02T07:00:00Z"}`

// events measures how fast events are taken in over HTTP and validated whole,
// beside the same server that reads the same request and answers. What a
// function then does with the event is not part of it.
func (b *bench) events() error {
	checked := func(w http.ResponseWriter, r *http.Request) {
		es, err := host.ParseEvents(r)
		if err == nil {
			_, err = events.Decode(es[0])
		}
		if err != nil {
			host.WriteProblem(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	plain := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			host.WriteProblem(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	for _, mode := range []struct{ name, request string }{
		{"binary", request("Content-Type: application/json\r\nCe-Specversion: 1.0\r\nCe-Id: 1n5k2v0aaaabbbbccccddddeeee\r\nCe-Source: /functions/webhook\r\n"+
			"Ce-Type: "+events.MessageReceivedType+"\r\nCe-Subject: 1n5k2v0k3p7q2m4x\r\nCe-Time: 2026-11-02T07:00:00Z\r\nCe-Tenant: ekc\r\nCe-Actor: webhook\r\n", eventData)},
		{"structured", request("Content-Type: application/cloudevents+json\r\n",
			`{"specversion":"1.0","id":"1n5k2v0aaaabbbbccccddddeeee","source":"/functions/webhook","type":"`+events.MessageReceivedType+
				`","subject":"1n5k2v0k3p7q2m4x","time":"2026-11-02T07:00:00Z","tenant":"ekc","actor":"webhook","datacontenttype":"application/json","data":`+eventData+`}`)},
	} {
		var ours, limit []float64
		for range b.Rounds {
			for _, turn := range []struct {
				h    http.HandlerFunc
				into *[]float64
			}{{plain, &limit}, {checked, &ours}} {
				n, err := requests(turn.h, mode.request, b.Duration/3)
				if err != nil {
					return fmt.Errorf("%s: %w", mode.name, err)
				}
				*turn.into = append(*turn.into, n)
			}
		}
		b.add(figure{Name: "CloudEvents taken in and validated, " + mode.name, Value: median(ours), Unit: "/s"}.
			over(median(limit), "/s plain net/http, same request").atLeast(0.85))
	}
	return nil
}

func request(head, body string) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
}

// requests is how many such requests a second a handler answers with 204.
func requests(h http.Handler, request string, d time.Duration) (perSecond float64, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // ends by Close
	defer server.Close()
	var count atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, eventClients)
	began := time.Now()
	for n := range eventClients {
		wg.Go(func() {
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				failed[n] = err
				return
			}
			defer conn.Close()
			in, out := bufio.NewReader(conn), []byte(request)
			for time.Since(began) < d {
				if failed[n] = ask(conn, in, out); failed[n] != nil {
					return
				}
				count.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(count.Load()) / time.Since(began).Seconds(), errors.Join(failed...)
}

func ask(conn net.Conn, in *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("an event was answered %s", resp.Status)
	}
	return nil
}
