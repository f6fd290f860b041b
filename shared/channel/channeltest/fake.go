package channeltest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Mood is how a Fake treats a call.
type Mood string

const (
	Takes   Mood = "takes"   // and answers
	Refuses Mood = "refuses" // with the Reaction's own answer; it took nothing
	Mute    Mood = "mute"    // it took it, and never answers
	Drops   Mood = "drops"   // it took it, and the line breaks
	Garbles Mood = "garbles" // it took it, and answers with half of its JSON
	Drips   Mood = "drips"   // it took it, and the answer never ends
)

// Reaction is what a Fake does with one call. Status, Header and Body are the
// answer of Refuses.
type Reaction struct {
	Mood   Mood
	Status int
	Header http.Header
	Body   string
}

// Received is a call that came.
type Received struct {
	Request *http.Request
	Body    []byte
	Taken   bool
}

// Fake is a provider's send API on this machine. Accept answers as the provider
// does what it takes; what it would not take it refuses by its status. Plan says
// what happens to the next calls; without a plan they are taken.
type Fake struct {
	Accept func(r *http.Request, body []byte) (status int, answer string)

	server *httptest.Server
	done   chan struct{}
	mu     sync.Mutex
	plan   []Reaction
	calls  []Received
}

// NewFake starts a Fake that ends with the test.
func NewFake(t testing.TB, accept func(r *http.Request, body []byte) (int, string)) *Fake {
	f := &Fake{Accept: accept, done: make(chan struct{})}
	f.server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(func() {
		close(f.done)
		f.server.CloseClientConnections()
		f.server.Close()
	})
	return f
}

// Addr is HOST:PORT.
func (f *Fake) Addr() string { return strings.TrimPrefix(f.server.URL, "http://") }

// Plan adds reactions to the calls to come.
func (f *Fake) Plan(rs ...Reaction) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = append(f.plan, rs...)
}

// Calls are all that came so far.
func (f *Fake) Calls() []Received {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Received(nil), f.calls...)
}

// Taken counts the calls that were taken, answered or not.
func (f *Fake) Taken() (n int) {
	for _, c := range f.Calls() {
		if c.Taken {
			n++
		}
	}
	return n
}

// Client sends every call to the Fake, whatever its host, and follows no
// redirect. Silence of wait ends a call.
func (f *Fake) Client(wait time.Duration) *http.Client {
	return &http.Client{Timeout: wait, Transport: detour{f.Addr()}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type detour struct{ to string }

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host = r.URL.Host
	r.URL.Scheme, r.URL.Host = "http", d.to
	t := http.Transport{DisableKeepAlives: true}
	return t.RoundTrip(r)
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	do := Reaction{Mood: Takes}
	if len(f.plan) > 0 {
		do, f.plan = f.plan[0], f.plan[1:]
	}
	status, answer := do.Status, do.Body
	taken := false
	if do.Mood != Refuses {
		status, answer = f.Accept(r, body)
		taken = status < 300
	}
	f.calls = append(f.calls, Received{r, body, taken})
	f.mu.Unlock()
	switch do.Mood {
	case Mute:
		f.wait(r)
		return
	case Drops:
		panic(http.ErrAbortHandler)
	case Garbles:
		answer = answer[:len(answer)/2]
	}
	for k, v := range do.Header {
		w.Header()[k] = v
	}
	if do.Mood == Drips {
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer[:len(answer)/2])
		_ = http.NewResponseController(w).Flush()
		f.wait(r)
		return
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, answer)
}

// wait lasts until the caller, or the test, is gone.
func (f *Fake) wait(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-f.done:
	}
}
