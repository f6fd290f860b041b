package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// sender posts WhatsApp messages of one person over one connection, signed as
// Meta signs them. It is lean on purpose: it shares the processor with what is
// measured.
type sender struct {
	addr, tenant, secret string
	number               int

	conn net.Conn
	in   *bufio.Reader
	out  bytes.Buffer
}

// text is what each message says: 120 characters, as people write.
const text = "Pozdravljeni, vlogo sem oddala v ponedeljek, številke pa še nimam. Kdaj jo dobim in kam naj se obrnem? Hvala, A. Horvat"

// body is one message as the Cloud API sends it.
func (s *sender) body(id string, at time.Time) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"38614788778","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ana Horvat"},"wa_id":"386411%05d"}],`+
		`"messages":[{"from":"386411%05d","id":%q,"timestamp":"%d","text":{"body":%q},"type":"text"}]},"field":"messages"}]}]}`,
		s.number, s.number, id, at.Unix(), text)
}

// send posts one message and returns the status. An error means that the
// connection is gone and nobody knows; the next call opens another.
func (s *sender) send(id string, at time.Time) (int, error) {
	if s.conn == nil {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			return 0, err
		}
		s.conn, s.in = c, bufio.NewReader(c)
	}
	body := s.body(id, at)
	mac := hmac.New(sha256.New, []byte(s.secret))
	mac.Write(body)
	s.out.Reset()
	fmt.Fprintf(&s.out, "POST /webhooks/%s/whatsapp/meta HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n",
		s.tenant, s.addr, hex.EncodeToString(mac.Sum(nil)), len(body))
	s.out.Write(body)
	status, err := s.exchange()
	if err != nil {
		s.conn.Close()
		s.conn = nil
	}
	return status, err
}

func (s *sender) exchange() (int, error) {
	if err := s.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return 0, err
	}
	if _, err := s.conn.Write(s.out.Bytes()); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

func (s *sender) close() {
	if s.conn != nil {
		s.conn.Close()
	}
}

// load lets senders post as fast as they are answered, for about a duration. It
// returns how many messages were accepted, the time it took, and the latencies
// of the first sender.
func load(addr, secret string, senders int, duration time.Duration) (accepted int64, took time.Duration, latencies []time.Duration, err error) {
	var count, serial atomic.Int64
	var failure atomic.Value
	var wg sync.WaitGroup
	began := time.Now()
	for n := range senders {
		wg.Go(func() {
			s := &sender{addr: addr, tenant: "ekc", secret: secret, number: n}
			defer s.close()
			for time.Since(began) < duration {
				at := time.Now()
				status, err := s.send(fmt.Sprintf("wamid.bench.%d.%d.%d", senders, began.UnixNano(), serial.Add(1)), at)
				if err != nil || status != http.StatusOK {
					failure.Store(fmt.Errorf("status %d: %w", status, err))
					return
				}
				count.Add(1)
				if n == 0 {
					latencies = append(latencies, time.Since(at))
				}
			}
		})
	}
	wg.Wait()
	if f, ok := failure.Load().(error); ok {
		err = f
	}
	return count.Load(), time.Since(began), latencies, err
}
