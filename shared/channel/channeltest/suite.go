// Package channeltest is what holds for every provider, in one call: what its
// own Sign signs is accepted, everything else is refused, and what Parse makes
// of any bytes can be handled. Published known-answer vectors, mapping tables
// and the provider's own rules stay in its own test.
package channeltest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/fault"
)

// Case is a provider under test.
type Case struct {
	Provider channel.Provider
	Secret   channel.Secret // a good one
	Other    channel.Secret // of another account
	Proof    string         // the header that carries the proof
	Type     string         // Content-Type of the bodies; "" is application/json
	URL      string         // path and query of the requests; "" is /
	Bodies   []string       // real ones, small

	// Unsigned is set where the proof doesn't cover the body (Basic): then
	// only the header is tried.
	Unsigned bool
	// Alike, where it is set, reports bodies that the provider's own scheme
	// can't tell apart: both make the same signed bytes.
	Alike func(a, b []byte) bool
	// NoProof is the kind of the error where there is no proof at all; ""
	// is fault.Unauthenticated.
	NoProof fault.Kind
}

// At is the instant of every request here.
var At = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Request returns an unsigned request as the webhook function would build it.
func (c Case) Request(body string) channel.Request {
	u, err := url.Parse(c.URL)
	if err != nil {
		panic(err)
	}
	kind := c.Type
	if kind == "" {
		kind = "application/json"
	}
	return channel.Request{
		Method: http.MethodPost,
		URL:    u,
		Header: http.Header{"Content-Type": {kind}},
		Body:   []byte(body),
		At:     At,
	}
}

// Signed returns a request with the proof of the provider.
func (c Case) Signed(t testing.TB, body string) channel.Request {
	t.Helper()
	r := c.Request(body)
	if err := c.Provider.Sign(&r, c.Secret); err != nil {
		t.Fatalf("sign: %v", err)
	}
	return r
}

// Run checks what holds for every provider.
func Run(t *testing.T, c Case) {
	t.Run("what it signs is accepted, with its secret only", c.accepts)
	t.Run("a proof that is missing, empty or there twice is refused", c.once)
	t.Run("a secret without a key that it needs is as good as none", c.needs)
	t.Run("one changed byte of the proof is refused", c.proofByte)
	if !c.Unsigned {
		t.Run("one changed byte of the body is refused", c.bodyByte)
		t.Run("a mutated body is refused", c.mutated)
	}
	t.Run("real bodies map to items that can be handled", c.items)
	t.Run("parsing takes a time linear to the body", c.linear)
}

func (c Case) accepts(t *testing.T) {
	for _, body := range append(c.Bodies, "") {
		r := c.Signed(t, body)
		if err := c.Provider.Verify(r, c.Secret); err != nil {
			t.Errorf("%.60q: %v", body, err)
		}
		c.refused(t, r, c.Other, "another secret")
		c.refused(t, r, channel.Secret{}, "no secret")
	}
}

func (c Case) once(t *testing.T) {
	good := c.Signed(t, c.Bodies[0])
	value := good.Header.Get(c.Proof)
	if value == "" {
		t.Fatalf("Sign set no %s", c.Proof)
	}
	for what, set := range map[string][]string{
		"empty": {""}, "blank": {" "}, "twice": {value, value}, "twice, once empty": {value, ""}, "a word": {"x"},
		"in one line": {value + ", " + value}, "cut": {value[:len(value)-1]}, "longer": {value + "A"},
	} {
		r := good
		r.Header = good.Header.Clone()
		r.Header[http.CanonicalHeaderKey(c.Proof)] = set
		c.refused(t, r, c.Secret, what)
	}
	r := good
	r.Header = good.Header.Clone()
	r.Header.Del(c.Proof)
	want := c.NoProof
	if want == "" {
		want = fault.Unauthenticated
	}
	if err := c.Provider.Verify(r, c.Secret); !fault.Is(err, want) {
		t.Errorf("missing: got %v, want kind %s", err, want)
	}
}

func (c Case) needs(t *testing.T) {
	r := c.Signed(t, c.Bodies[0])
	for _, key := range c.Provider.Needs() {
		for _, v := range []any{nil, "", 1, []any{}} {
			s := channel.Secret{}
			for k, x := range c.Secret {
				s[k] = x
			}
			s[key] = v
			c.refused(t, r, s, fmt.Sprintf("%s=%v", key, v))
			fresh := c.Request(c.Bodies[0])
			if err := c.Provider.Sign(&fresh, s); !fault.Is(err, fault.Invalid) {
				t.Errorf("sign without %s: %v", key, err)
			}
		}
	}
}

func (c Case) refused(t testing.TB, r channel.Request, s channel.Secret, what string) {
	t.Helper()
	if err := c.Provider.Verify(r, s); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("%s: got %v, want unauthenticated", what, err)
	}
}

// proofByte changes each character to its neighbours. A change of case alone
// isn't a change where the proof is hex.
func (c Case) proofByte(t *testing.T) {
	good := c.Signed(t, c.Bodies[0])
	value := good.Header.Get(c.Proof)
	for i := range len(value) {
		for _, bit := range []byte{1, 2, 4, 8, 16, 64} {
			changed := []byte(value)
			changed[i] ^= bit
			if changed[i] < ' ' || changed[i] > '~' || strings.EqualFold(string(changed), value) {
				continue
			}
			r := good
			r.Header = good.Header.Clone()
			r.Header.Set(c.Proof, string(changed))
			c.refused(t, r, c.Secret, fmt.Sprintf("byte %d bit %d", i, bit))
		}
	}
}

// bodyByte goes through bodies from the first, until 1,200 bytes are done.
func (c Case) bodyByte(t *testing.T) {
	left := 1200
	for _, body := range c.Bodies {
		if left -= len(body); left < 0 {
			return
		}
		r := c.Signed(t, body)
		for i := range len(body) {
			for x := range 8 {
				r.Body = []byte(body)
				r.Body[i] ^= 1 << x
				c.refused(t, r, c.Secret, fmt.Sprintf("%.40q byte %d bit %d", body, i, x))
			}
			for _, b := range []byte("=&%+\x00 \"") {
				if body[i] != b {
					r.Body = []byte(body)
					r.Body[i] = b
					c.refused(t, r, c.Secret, fmt.Sprintf("%.40q byte %d is %q", body, i, b))
				}
			}
		}
	}
}

// mutated runs once per check: a million mutations are -rapid.checks=1000000.
func (c Case) mutated(t *testing.T) {
	signed := make([]channel.Request, len(c.Bodies))
	for i, b := range c.Bodies {
		signed[i] = c.Signed(t, b)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := signed[rapid.IntRange(0, len(signed)-1).Draw(t, "body")]
		body := bytes.Clone(r.Body)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			at := rapid.IntRange(0, len(body)).Draw(t, "at")
			to := rapid.IntRange(at, min(len(body), at+8)).Draw(t, "to")
			with := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "with")
			body = append(append(bytes.Clone(body[:at]), with...), body[to:]...)
		}
		if bytes.Equal(body, r.Body) {
			return
		}
		alike := c.Alike != nil && c.Alike(r.Body, body)
		r.Body = body
		if err := c.Provider.Verify(r, c.Secret); err == nil && alike {
			return
		} else if !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("%q: got %v, want unauthenticated", body, err)
		}
	})
}

func (c Case) items(t *testing.T) {
	for _, body := range c.Bodies {
		p := c.Provider.Parse(c.Request(body))
		Items(t, c.Provider, p)
		again := c.Provider.Parse(c.Request(body))
		for i := range p.Items {
			if p.Items[i].Dedupe != again.Items[i].Dedupe {
				t.Errorf("%.60q: a redelivery has another identity", body)
			}
		}
	}
}

// Items checks that whatever Parse made can be handled. Fuzz targets call it.
func Items(t testing.TB, p channel.Provider, got channel.Parsed) {
	t.Helper()
	if s := got.Answer.Status; s != 0 && (s < 200 || s > 299) {
		t.Errorf("answer %d makes the provider try again", s)
	}
	seen := map[string]bool{}
	for i, it := range got.Items {
		m := it.Message
		switch {
		case it.Dedupe == "":
			t.Errorf("item %d has no identity", i)
		case m.Channel != p.Name().Channel || m.Provider != p.Name().Provider:
			t.Errorf("item %d is of %s/%s", i, m.Channel, m.Provider)
		case len(it.Raw) == 0 && it.Parked != "" && it.Parked != "json" && it.Parked != "empty":
			t.Errorf("item %d is parked without its bytes", i)
		case seen[it.Dedupe]:
			continue // the same thing twice in a body
		}
		seen[it.Dedupe] = true
		if it.Parked != "" {
			continue
		}
		if err := m.Kind.Validate(); err != nil {
			t.Errorf("item %d: %v", i, err)
		}
		if err := m.Direction.Validate(); err != nil {
			t.Errorf("item %d: %v", i, err)
		}
		if m.Status != nil {
			if err := m.Status.State.Validate(); err != nil || m.Target == "" {
				t.Errorf("item %d: status of %q: %v", i, m.Target, err)
			}
		}
		if m.Call != nil {
			if err := m.Call.Step.Validate(); err != nil || m.Call.CallID == "" || m.ProviderID != m.Call.CallID {
				t.Errorf("item %d: call %q, provider id %q: %v", i, m.Call.CallID, m.ProviderID, err)
			}
		}
		for _, s := range []string{m.Subject, m.Sender.Name, m.Sender.Address, m.ProviderID, m.Line} {
			if strings.ContainsAny(s, "\r\n\x00") {
				t.Errorf("item %d has a line end or NUL in %q", i, s)
			}
		}
		if strings.ContainsRune(m.Text, 0) {
			t.Errorf("item %d has a NUL in its text", i)
		}
		if !m.SentAt.IsZero() && m.SentAt.Location() != time.UTC {
			t.Errorf("item %d has a time in %s", i, m.SentAt.Location())
		}
	}
}

// linear parses hostile bodies of a quarter megabyte. What is quadratic takes
// minutes; the limit leaves room for a slow machine with the race detector on.
func (c Case) linear(t *testing.T) {
	const limit = 5 * time.Second
	n := int(min(c.Provider.Limit(), 1<<18))
	fill := func(open, unit, end string) string {
		return open + strings.Repeat(unit, max(0, (n-len(open)-len(end))/len(unit))) + end
	}
	hostile := []string{
		fill("", "[", ""),
		fill("", `{"a":`, ""),
		fill(`{"results":[`, `{},`, `{}]}`),
		fill(`{"event":"message","message":{"text":"`, "e\u0301", `"}}`),
		fill("Body=", "%CC%81", ""),
		fill("a=b", "&a=b", ""),
		fill("NumMedia=999999999", "&MediaUrl1=x", ""),
		fill("", "\x00", ""),
	}
	for _, body := range append(hostile, c.Bodies...) {
		start := time.Now()
		Items(t, c.Provider, c.Provider.Parse(c.Request(body)))
		if took := time.Since(start); took > limit {
			t.Errorf("%d bytes of %.40q took %v", len(body), body, took)
		}
	}
}
