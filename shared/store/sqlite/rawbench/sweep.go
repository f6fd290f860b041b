package rawbench

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	sqlite "modernc.org/sqlite"
)

// Sweep measures what plain SQLite does when rows go: of total rows with body
// bytes each and as many index rows as entries says, due are deleted in batches,
// one durable transaction each, with their index rows, while one row is appended
// for each. It returns rows per second. The file is made anew in dir.
func Sweep(dir string, total, due, batch, entries, body, appended int) (perSecond float64, err error) {
	_, _ = sqlite.Fdatasync(true)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "rawsweep.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(4000)&_pragma=cache_size(-65536)")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	for _, q := range []string{
		"CREATE TABLE rows(key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
		"CREATE TABLE entries(part TEXT, sort TEXT, key TEXT, PRIMARY KEY(part, sort, key)) WITHOUT ROWID",
		"CREATE TABLE log(key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return 0, err
		}
	}
	key := func(n int) string { return fmt.Sprintf("tenant/%016x", mix(n, n, 1)) }
	part := func(n, e int) string { return fmt.Sprintf("tenant/index%d/%016x", e, mix(n/10, e, 2)) }
	sort := func(n int) string { return fmt.Sprintf("2026-11-02T09:00:00.%09dZ", n) }
	if err := inTx(ctx, conn, total, 10_000, func(tx *sql.Tx, n int) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO rows VALUES(?, zeroblob(?))", key(n), body); err != nil {
			return err
		}
		for e := range entries {
			if _, err := tx.ExecContext(ctx, "INSERT INTO entries VALUES(?, ?, ?)", part(n, e), sort(n), key(n)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	stmts := make([]*sql.Stmt, 3)
	for i, q := range []string{"DELETE FROM rows WHERE key = ?", "DELETE FROM entries WHERE part = ? AND sort = ? AND key = ?", "INSERT INTO log VALUES(?, zeroblob(?))"} {
		if stmts[i], err = conn.PrepareContext(ctx, q); err != nil {
			return 0, err
		}
		defer stmts[i].Close()
	}
	began := time.Now()
	err = inTx(ctx, conn, due, batch, func(_ *sql.Tx, n int) error {
		if _, err := stmts[0].ExecContext(ctx, key(n)); err != nil {
			return err
		}
		for e := range entries {
			if _, err := stmts[1].ExecContext(ctx, part(n, e), sort(n), key(n)); err != nil {
				return err
			}
		}
		_, err := stmts[2].ExecContext(ctx, fmt.Sprintf("tenant/%012d", n), appended)
		return err
	})
	return float64(due) / time.Since(began).Seconds(), err
}

// inTx does something for each of n rows, so many in one transaction.
func inTx(ctx context.Context, conn *sql.Conn, n, batch int, do func(*sql.Tx, int) error) error {
	for from := 0; from < n; from += batch {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for i := from; i < min(from+batch, n); i++ {
			if err := do(tx, i); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}
