// Package rawbench measures what plain SQLite does with the same rows: the
// yardstick beside which every benchmark of the store is given, in the same
// run and on the same disk.
//
// It is an honest baseline: the same compiled SQLite with the same durability
// (WAL, synchronous=FULL, fdatasync), group commit by one writer, prepared
// statements of database/sql, one clustered table, and no more than inserts:
// no expectations, no versions, no removal of old index entries.
package rawbench

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	sqlite "modernc.org/sqlite"
)

const batch = 256 // transactions in one group commit at most

// Run lets writers insert rows for about duration, each time all rows in one
// durable transaction under keys in time order, and returns transactions per
// second and the processor time of the whole process for one. The file is made
// anew in dir and left there.
func Run(dir string, writers int, rows [][]byte, duration time.Duration) (perSecond float64, cpuPerTx time.Duration, err error) {
	return RunKeys(dir, writers, rows, duration, Ordered)
}

// RunKeys is Run with the keys that the function gives.
func RunKeys(dir string, writers int, rows [][]byte, duration time.Duration, key func(writer, number, row int) string) (perSecond float64, cpuPerTx time.Duration, err error) {
	_, _ = sqlite.Fdatasync(true)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "raw.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(4000)&_pragma=cache_size(-65536)")
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	for _, q := range []string{"DROP TABLE IF EXISTS rows", "CREATE TABLE rows(key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID"} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return 0, 0, err
		}
	}
	insert, err := conn.PrepareContext(ctx, "INSERT INTO rows(key, body) VALUES(?, ?)")
	if err != nil {
		return 0, 0, err
	}
	defer insert.Close()

	queue, stop := make(chan request, batch), make(chan struct{})
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			done := make(chan error, 1)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				queue <- request{writer: w, number: n, done: done}
				if <-done != nil {
					return
				}
			}
		})
	}
	start, cpu := time.Now(), CPU()
	time.AfterFunc(duration, func() { close(stop) })
	go func() { all.Wait(); close(queue) }()
	count, err := write(ctx, conn, insert, rows, key, queue)
	elapsed, cpu := time.Since(start), CPU()-cpu
	if err != nil {
		return 0, 0, err
	}
	return float64(count) / elapsed.Seconds(), cpu / time.Duration(max(count, 1)), nil
}

type request struct {
	writer, number int
	done           chan error
}

// write is the one writer: what has queued up goes into one transaction.
func write(ctx context.Context, conn *sql.Conn, insert *sql.Stmt, rows [][]byte, key func(writer, number, row int) string, queue <-chan request) (count int, failed error) {
	for first := range queue {
		group := []request{first}
	drain:
		for len(group) < batch {
			select {
			case r, ok := <-queue:
				if !ok {
					break drain
				}
				group = append(group, r)
			default:
				break drain
			}
		}
		err := failed
		if err == nil {
			err = writeGroup(ctx, conn, insert, rows, key, group)
		}
		if err != nil {
			failed = err
		} else {
			count += len(group)
		}
		for _, r := range group {
			r.done <- err
		}
	}
	return count, failed
}

func writeGroup(ctx context.Context, conn *sql.Conn, insert *sql.Stmt, rows [][]byte, key func(writer, number, row int) string, group []request) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, r := range group {
		for i, body := range rows {
			if _, err := insert.ExecContext(ctx, key(r.writer, r.number, i), body); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

// Ordered is a key whose id begins with a number in time order, as ids do that
// begin with the time of their event.
func Ordered(writer, number, row int) string {
	return fmt.Sprintf("tenant/%010d%06d%016x-%d", number, writer, mix(writer, number, 0), row)
}

// Random is a key whose id is in no order, as keyed hashes are.
func Random(writer, number, row int) string {
	return fmt.Sprintf("tenant/%032x-%d", mix(writer, number, row+1), row)
}

func mix(writer, number, row int) uint64 {
	x := uint64(writer)<<40 | uint64(number)<<8 | uint64(row)
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// CPU is the processor time that this process has used.
func CPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
