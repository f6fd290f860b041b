package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/rawbench"
)

// Five documents of 200 to 400 bytes and five index entries: with its keys
// about 2 KB, what one message costs.
var bodySizes = []int{400, 350, 300, 250, 200}

func benchOps(writer, n int, bodies [][]byte) []store.Op {
	ops := make([]store.Op, len(bodies))
	for i := range ops {
		key := rawbench.Key(writer, n, i)
		ops[i] = store.Op{Key: parseKey(key), Act: store.Put, Expect: store.Absent(), Body: bodies[i],
			Index: []store.Entry{{Index: "recent", Partition: fmt.Sprintf("p%d", i), Sort: fmt.Sprintf("%013d", n*64+writer)}}}
	}
	return ops
}

// BenchmarkCommit commits five new documents with five index entries. The
// metric ratio is its rate divided by that of plain SQLite group commits of
// ten rows with the same bytes, measured just before on the same disk.
func BenchmarkCommit(b *testing.B) {
	bodies := make([][]byte, len(bodySizes))
	var raw [][]byte
	for i, n := range bodySizes {
		bodies[i] = make([]byte, n)
		raw = append(raw, bodies[i], make([]byte, 40))
	}
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			rawRate, rawCPU, err := rawbench.Run(b.TempDir(), writers, raw, 2*time.Second)
			if err != nil {
				b.Fatal(err)
			}
			s, err := Open(filepath.Join(b.TempDir(), "bench.db"), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			var next atomic.Int64
			var all sync.WaitGroup
			b.ResetTimer()
			b.ReportAllocs()
			cpu := rawbench.CPU()
			for w := range writers {
				all.Go(func() {
					for n := 0; next.Add(1) <= int64(b.N); n++ {
						if err := s.Commit(context.Background(), benchOps(w, n, bodies)...); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			rate := float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "commits/s")
			b.ReportMetric(float64((rawbench.CPU()-cpu).Microseconds())/float64(b.N), "cpu-µs/commit")
			b.ReportMetric(rawRate, "raw/s")
			b.ReportMetric(float64(rawCPU.Microseconds()), "raw-cpu-µs")
			b.ReportMetric(rate/rawRate, "ratio")
		})
	}
}
