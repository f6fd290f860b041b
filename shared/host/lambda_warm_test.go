package host_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/host/lambdatest"
)

// TestAWarmInvocationBesideABareLambda prints what an invocation takes once the
// process runs, in rounds that take turns: a bare hello, an event that reads and
// commits through the unit of work, the same event again, and a read by HTTP. The
// store is the embedded one on a file system in memory where there is one, so that
// what is measured is ours and not a disk's. Part of `make bench` (OKENCE_BENCH=1).
func TestAWarmInvocationBesideABareLambda(t *testing.T) {
	if os.Getenv("OKENCE_BENCH") != "1" {
		t.Skip("OKENCE_BENCH=1 measures")
	}
	dir, err := os.MkdirTemp("/dev/shm", "okence")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	hello := lambdatest.New(t, lambdatest.Build(t, "./internal/hello"))
	ours := lambdatest.New(t, tally(t), "OKENCE_DATA="+dir, "OKENCE_LOG=error")
	const rounds = 1000
	cases := []struct {
		name    string
		runtime *lambdatest.Runtime
		payload func(round int) string
		took    []time.Duration
	}{
		{"bare", hello, func(int) string { return `{}` }, nil},
		{"an event, committed", ours, func(n int) string { return bridged(event(t, fmt.Sprint("warm.", n))) }, nil},
		{"the same event again", ours, func(n int) string { return bridged(event(t, fmt.Sprint("warm.", n))) }, nil},
		{"a read by HTTP", ours, func(int) string { return get("/count/warm.0") }, nil},
	}
	for round := range rounds {
		for i := range cases {
			c := &cases[i]
			payload := []byte(c.payload(round))
			began := time.Now()
			if _, err := c.runtime.Invoke(payload, 10*time.Second); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			c.took = append(c.took, time.Since(began))
		}
	}
	fmt.Printf("%-22s %10s %10s %9s\n%-22s %10s %10s %9s\n", "warm invocation", "median µs", "p99 µs", "of bare", "limit", "", "", "1.30")
	var bare float64
	for i, c := range cases {
		slices.Sort(c.took)
		median, p99 := float64(c.took[rounds/2].Microseconds()), float64(c.took[rounds*99/100].Microseconds())
		if i == 0 {
			bare = median
		}
		fmt.Printf("%-22s %10.0f %10.0f %9.2f\n", c.name, median, p99, median/bare)
	}
}
