//go:build standin

package host

import (
	"os"
	"strings"
	"time"
)

// A function built for the stand-in (shared/host/standin) goes by the instant in
// the file OKENCE_STANDIN_CLOCK, if that is set, and takes the development
// issuer's tokens, whose keys are in OKENCE_KEYS.
var standinClock = func() func() time.Time {
	path := os.Getenv("OKENCE_STANDIN_CLOCK")
	if path == "" {
		return nil
	}
	return func() time.Time {
		body, err := os.ReadFile(path)
		if err == nil {
			if at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(body))); err == nil {
				return at
			}
		}
		return time.Now() // it is written before any process starts, and replaced whole
	}
}()

const standinTokens = true
