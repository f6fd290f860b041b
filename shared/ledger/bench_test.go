package ledger_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work/worktest"
)

// disk is a log on the embedded stores.
type disk struct {
	*worktest.World
	log  *ledger.Log
	docs *sqlite.Store
	tree *sqlite.Store
	dir  string
}

func onDisk(b *testing.B) *disk {
	b.Helper()
	d := &disk{World: worktest.New(b), dir: b.TempDir()}
	var err error
	if d.docs, err = sqlite.Open(filepath.Join(d.dir, "okence.db"), sqlite.Options{}); err != nil {
		b.Fatal(err)
	}
	if d.tree, err = sqlite.Open(filepath.Join(d.dir, "ledger.db"), sqlite.Options{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.docs.Close(); d.tree.Close() })
	d.log = &ledger.Log{Docs: d.docs, Tree: d.tree, Vault: d.Env.Vault, Now: d.Clock.Now}
	return d
}

// fill stores n entries that wait, 100 a commit, as units of work seal them.
func (d *disk) fill(b *testing.B, from, n int) {
	b.Helper()
	ctx := context.Background()
	keys, err := d.Vault.Keys(ctx, tenant, vault.Owner{Subject: "~log", Class: "log.2026-11"})
	if err != nil {
		b.Fatal(err)
	}
	var ops []store.Op
	for i := range n {
		e := &audit.Entry{
			ID: fmt.Sprintf("entry%021d", from+i), At: worktest.Start.Add(time.Duration(from+i) * time.Millisecond), Retention: audit.PlatformLog,
			Period: "log.2026-11", About: "aboutaboutaboutaboutaboutab", Act: audit.View, ActorID: "adviser-7", ActorName: "Maja Novak", ActorRole: "adviser",
			Source: "192.0.2.7", Subject: "ana", Items: []audit.Item{{Kind: "message", ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}}, Use: "service", Result: audit.Success,
			Salt: binary.BigEndian.AppendUint64(make([]byte, 8), uint64(i)),
		}
		e.Commitment = e.Commit()
		plain, err := record.Entries.Split(e)
		if err != nil {
			b.Fatal(err)
		}
		part := plain.Parts[0]
		place := vault.Place{Tenant: tenant, Subject: "~log", Kind: "entry", ID: e.ID, Field: part.Name, Schema: plain.Schema}
		body := record.Body{Schema: plain.Schema, Clear: plain.Clear, Parts: []record.Sealed{{Name: part.Name, Owner: part.Owner, Purpose: part.Purpose, Bytes: keys[0].Seal(place, part.Bytes)}}}
		ops = append(ops, store.Op{Key: record.Entries.Key(tenant, e.ID), Act: store.Put, Body: body.Pack(), Index: record.Entries.Entries(e)})
		if len(ops) == store.MaxOps || i == n-1 {
			if err := d.docs.Commit(ctx, ops...); err != nil {
				b.Fatal(err)
			}
			ops = nil
		}
	}
}

// BenchmarkBareHashing is the floor: the same leaves through tlog alone, in
// memory.
func BenchmarkBareHashing(b *testing.B) {
	leaf := ledger.Leaf{Kind: ledger.EntryLeaf, Class: audit.PlatformLog}
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, x := range at {
			out[i] = stored[x]
		}
		return out, nil
	})
	for i := range b.N {
		leaf.At = worktest.Start.Add(time.Duration(i))
		hashes, err := tlog.StoredHashes(int64(i), leaf.Bytes(), read)
		if err != nil {
			b.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
}

// BenchmarkSeal sequences entries on the embedded stores, durably.
func BenchmarkSeal(b *testing.B) {
	d := onDisk(b)
	d.fill(b, 0, b.N)
	d.Clock.Add(time.Duration(b.N) * time.Millisecond)
	b.ResetTimer()
	if s, err := d.log.Seal(b.Context(), tenant); err != nil || s.Added != b.N {
		b.Fatal(s, err)
	}
	b.StopTimer()
	for _, name := range []string{"okence.db", "ledger.db"} {
		if info, err := os.Stat(filepath.Join(d.dir, name)); err == nil && b.N > 1000 {
			b.ReportMetric(float64(info.Size())/float64(b.N), name+"-B/entry")
		}
	}
}

// BenchmarkCommit is what the commitment adds to a note within a unit.
func BenchmarkCommit(b *testing.B) {
	e := &audit.Entry{Act: audit.View, ActorID: "adviser-7", ActorName: "Maja Novak", ActorRole: "adviser", Source: "192.0.2.7", Subject: "ana",
		Items: []audit.Item{{Kind: "message", ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa"}}, Use: "service", Result: audit.Success, Salt: make([]byte, audit.SaltSize)}
	for b.Loop() {
		e.Commit()
	}
}

// BenchmarkVerify verifies a log of OKENCE_BENCH_ENTRIES entries (100,000
// without it; a million is for make bench) and reports its peak of memory.
func BenchmarkVerify(b *testing.B) {
	n := 100_000
	if text := os.Getenv("OKENCE_BENCH_ENTRIES"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			b.Fatal(err)
		}
	}
	d := onDisk(b)
	for at := 0; at < n; at += 20_000 {
		d.fill(b, at, min(20_000, n-at))
		d.Clock.Add(20 * time.Second)
		if _, err := d.log.Seal(b.Context(), tenant); err != nil {
			b.Fatal(err)
		}
	}
	var peak uint64
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	b.ResetTimer()
	for range b.N {
		r, err := ledger.Verify(b.Context(), d.docs, d.tree, tenant, ledger.Options{})
		if err != nil || !r.OK() || r.Entries != int64(n) {
			b.Fatal(r, err)
		}
	}
	b.StopTimer()
	close(done)
	<-stopped
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/entry")
	b.ReportMetric(float64(peak)/(1<<20), "peak-MiB")
}
