package main

import (
	"testing"
	"time"
)

// BenchmarkMessages is 64 senders on a system: for -cpuprofile and -memprofile.
func BenchmarkMessages(b *testing.B) {
	m := &bench{benchCmd: &benchCmd{Rounds: 1, Duration: 3 * time.Second}, dir: b.TempDir()}
	for range b.N {
		r, err := m.load(64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(r.perSecond, "messages/s")
		b.ReportMetric(micros(r.cpu), "µs-cpu/message")
	}
}
