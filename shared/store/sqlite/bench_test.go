package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
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

func benchOps(key func(writer, n, row int) string, writer, n int, bodies [][]byte) []store.Op {
	ops := make([]store.Op, len(bodies))
	for i := range ops {
		id := strings.TrimPrefix(key(writer, n, i), "tenant/")
		ops[i] = store.Op{Key: store.Key{Tenant: "tenant", Kind: "kind", ID: id}, Act: store.Put, Expect: store.Absent(), Body: bodies[i],
			Index: []store.Entry{{Index: "recent", Partition: fmt.Sprintf("p%d", i), Sort: fmt.Sprintf("%013d", n*64+writer)}}}
	}
	return ops
}

// BenchmarkCommit commits five new documents with five index entries. The
// metric ratio is its rate divided by that of plain SQLite group commits of
// ten rows with the same bytes and the same order of keys, measured just
// before on the same disk.
func BenchmarkCommit(b *testing.B) {
	bodies := make([][]byte, len(bodySizes))
	var raw [][]byte
	for i, n := range bodySizes {
		bodies[i] = make([]byte, n)
		raw = append(raw, bodies[i], []byte{})
	}
	for name, key := range map[string]func(writer, n, row int) string{"ordered": rawbench.Ordered, "random": rawbench.Random} {
		for _, writers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("ids=%s/writers=%d", name, writers), func(b *testing.B) {
				rawRate, rawCPU, err := rawbench.RunKeys(b.TempDir(), writers, raw, 2*time.Second, func(writer, n, row int) string {
					if row%2 == 1 { // an index entry: those are in time order always
						return fmt.Sprintf("recent/p%d/", row) + rawbench.Ordered(writer, n, row)
					}
					return key(writer, n, row)
				})
				if err != nil {
					b.Fatal(err)
				}
				benchCommit(b, key, writers, bodies)
				rate := float64(b.N) / b.Elapsed().Seconds()
				b.ReportMetric(rawRate, "raw/s")
				b.ReportMetric(float64(rawCPU.Microseconds()), "raw-cpu-µs")
				b.ReportMetric(rate/rawRate, "ratio")
			})
		}
	}
}

func benchCommit(b *testing.B, key func(writer, n, row int) string, writers int, bodies [][]byte) {
	s, err := Open(filepath.Join(b.TempDir(), "bench.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	cpu := rawbench.CPU()
	for w := range writers {
		all.Go(func() {
			for n := 0; next.Add(1) <= int64(b.N); n++ {
				if err := s.Commit(context.Background(), benchOps(key, w, n, bodies)...); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	b.ReportMetric(float64((rawbench.CPU()-cpu).Microseconds())/float64(b.N), "cpu-µs/commit")
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkGet reads one document, and five at once, of 20,000.
func BenchmarkGet(b *testing.B) {
	s, err := Open(filepath.Join(b.TempDir(), "bench.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	const n = 20_000
	key := func(i int) store.Key {
		return store.Key{Tenant: "tenant", Kind: "kind", ID: strings.TrimPrefix(rawbench.Random(0, i, 0), "tenant/")}
	}
	for i := 0; i < n; i += 100 {
		var ops []store.Op
		for j := range 100 {
			ops = append(ops, store.Op{Key: key(i + j), Act: store.Put, Body: make([]byte, 300)})
		}
		if err := s.Commit(ctx, ops...); err != nil {
			b.Fatal(err)
		}
	}
	for _, size := range []int{1, 5} {
		b.Run(fmt.Sprintf("keys=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			keys := make([]store.Key, size)
			for i := 0; b.Loop(); i++ {
				for j := range keys {
					keys[j] = key((i*size + j) * 7919 % n)
				}
				if _, err := s.Get(ctx, keys...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
