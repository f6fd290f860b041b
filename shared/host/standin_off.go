//go:build !standin

package host

import "time"

// A deployed function goes by the wall clock and takes no development tokens:
// there is no code in it that could do otherwise (standin_on.go).
var standinClock func() time.Time

const standinTokens = false
