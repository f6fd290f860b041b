package standin

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// clock is the deployment's: the wall's, or one in a file that is moved by hand.
type clock struct {
	mu   sync.Mutex
	path string // of a manual one
	at   time.Time
}

func (c *clock) start(path string, at time.Time) error {
	if at.IsZero() {
		return nil
	}
	c.path = path
	return c.set(at)
}

// variable is the functions' OKENCE_STANDIN_CLOCK.
func (c *clock) variable() string { return c.path }

// Now is the deployment's instant, UTC.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path == "" {
		return time.Now().UTC()
	}
	return c.at
}

func (c *clock) set(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.Before(c.at) {
		return errBack
	}
	next := c.path + ".next"
	if err := os.WriteFile(next, []byte(at.UTC().Format(time.RFC3339Nano)), 0o600); err != nil {
		return err
	}
	c.at = at.UTC()
	return os.Rename(next, c.path)
}

type clockError string

func (e clockError) Error() string { return string(e) }

const errBack = clockError("time only moves forward")

// serveClock is POST /dev/clock of `okence serve --clock manual`.
func (s *Standin) serveClock(w http.ResponseWriter, r *http.Request) {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err != nil || !net.ParseIP(host).IsLoopback() {
		http.Error(w, "loopback only", http.StatusForbidden)
		return
	}
	if r.Method == http.MethodPost {
		var in struct {
			Now time.Time `json:"now"`
		}
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&in); err != nil || in.Now.IsZero() || s.clock.path == "" {
			http.Error(w, `want {"now": "2026-01-02T15:04:05Z"}, and a manual clock`, http.StatusBadRequest)
			return
		}
		err := s.Settle(r.Context())
		if err == nil {
			err = s.clock.set(in.Now)
		}
		if err == nil {
			err = s.Settle(r.Context())
		}
		if err != nil {
			http.Error(w, "what fell due was not all done: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"now": s.clock.Now(), "manual": s.clock.path != ""}) // the client may be gone
}
