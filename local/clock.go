package main

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/okence/okence/shared/host"
)

// clock is the system's clock: the wall's, or one that is moved by hand.
type clock struct {
	mu     sync.Mutex
	manual bool
	at     time.Time
}

// Now is the instant of the clock, UTC.
func (c *clock) Now() time.Time {
	if !c.manual {
		return time.Now().UTC()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// set moves a manual clock forward. It reports whether it did: time never goes
// back.
func (c *clock) set(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.Before(c.at) {
		return false
	}
	c.at = t.UTC()
	return true
}

// clockAnswer is what /dev/clock says.
type clockAnswer struct {
	Now    time.Time `json:"now"`
	Manual bool      `json:"manual"`
}

// serveClock answers GET with the system's instant, and moves a manual clock by
// POST {"now": RFC 3339}, through every instant between at which something falls
// due: it answers when all of it has been done.
// Loopback only, no token: it exists in `okence serve` alone.
func serveClock(c *clock, l *host.Local) http.Handler {
	var moving sync.Mutex // one move after the other
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.RemoteAddr) {
			http.Error(w, "loopback only", http.StatusForbidden)
			return
		}
		if r.Method == http.MethodPost {
			moving.Lock()
			defer moving.Unlock()
			var in struct {
				Now time.Time `json:"now"`
			}
			switch err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&in); {
			case !c.manual:
				http.Error(w, "the clock is the wall's: start with --clock manual", http.StatusConflict)
				return
			case err != nil || in.Now.IsZero():
				http.Error(w, `want {"now": "2026-01-02T15:04:05Z"}`, http.StatusBadRequest)
				return
			}
			switch err := l.Advance(r.Context(), in.Now.UTC(), c.set); {
			case errors.Is(err, host.ErrBackward):
				http.Error(w, "time only moves forward", http.StatusConflict)
				return
			case err != nil:
				http.Error(w, "what fell due was not all done: "+err.Error(), http.StatusServiceUnavailable)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(clockAnswer{Now: c.Now(), Manual: c.manual}) // the client may be gone
	})
}

func loopback(addr string) bool {
	h, _, err := net.SplitHostPort(addr)
	return err == nil && net.ParseIP(h).IsLoopback()
}
