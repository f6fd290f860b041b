package engine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

const schemaOne = `CREATE TABLE docs(key TEXT PRIMARY KEY, ver INTEGER NOT NULL, idx BLOB NOT NULL, body BLOB NOT NULL) WITHOUT ROWID`

func prep(b *testing.B) string {
	path := filepath.Join(b.TempDir(), "x.db")
	_ = os.WriteFile(path, nil, 0o600)
	c, err := Open(path, ReadWrite, time.Second)
	if err != nil {
		b.Fatal(err)
	}
	for _, q := range []string{"PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=4000", schemaOne} {
		if err := c.Exec(q); err != nil {
			b.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func key() string { return fmt.Sprintf("tenant/kind/%016x", rand.Uint64()) }

// One operation is a lookup and an insert of 300 bytes, in transactions of 200.
func BenchmarkAccess(b *testing.B) {
	body := make([]byte, 300)
	b.Run("engine", func(b *testing.B) {
		c, err := Open(prep(b), ReadWrite, time.Second)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		sel, _ := c.Prepare("SELECT ver, idx FROM docs WHERE key=?")
		ins, _ := c.Prepare("REPLACE INTO docs VALUES(?,?,?,?)")
		b.ReportAllocs()
		_ = c.Exec("BEGIN")
		for i := range b.N {
			if i%200 == 199 {
				_ = c.Exec("COMMIT")
				_ = c.Exec("BEGIN")
			}
			k := key()
			_ = sel.BindText(1, []byte(k))
			if row, err := sel.Step(); row || err != nil {
				b.Fatal(row, err)
			}
			sel.Reset()
			_ = ins.BindText(1, []byte(k))
			_ = ins.BindInt(2, 123456789)
			_ = ins.BindBlob(3, nil)
			_ = ins.BindBlob(4, body)
			if err := ins.Run(); err != nil {
				b.Fatal(err)
			}
		}
		_ = c.Exec("COMMIT")
	})
	b.Run("driver", func(b *testing.B) {
		db, _ := sql.Open("sqlite", prep(b))
		defer db.Close()
		cn, _ := db.Conn(context.Background())
		_ = cn.Raw(func(dc any) error {
			ctx := context.Background()
			c := dc.(driver.Conn)
			sel, _ := c.Prepare("SELECT ver, idx FROM docs WHERE key=?")
			ins, _ := c.Prepare("REPLACE INTO docs VALUES(?,?,?,?)")
			ex := func(q string) {
				s, _ := c.Prepare(q)
				_, _ = s.(driver.StmtExecContext).ExecContext(ctx, nil)
				s.Close()
			}
			ex("BEGIN")
			b.ReportAllocs()
			dest := make([]driver.Value, 2)
			for i := range b.N {
				if i%200 == 199 {
					ex("COMMIT")
					ex("BEGIN")
				}
				k := key()
				r, err := sel.(driver.StmtQueryContext).QueryContext(ctx, []driver.NamedValue{{Ordinal: 1, Value: k}})
				if err != nil {
					b.Fatal(err)
				}
				_ = r.Next(dest)
				r.Close()
				if _, err := ins.(driver.StmtExecContext).ExecContext(ctx, []driver.NamedValue{{Ordinal: 1, Value: k}, {Ordinal: 2, Value: int64(123456789)}, {Ordinal: 3, Value: []byte{}}, {Ordinal: 4, Value: body}}); err != nil {
					b.Fatal(err)
				}
			}
			ex("COMMIT")
			return nil
		})
	})
	b.Run("database/sql", func(b *testing.B) {
		db, _ := sql.Open("sqlite", prep(b))
		defer db.Close()
		ctx := context.Background()
		cn, _ := db.Conn(ctx)
		tx, _ := cn.BeginTx(ctx, nil)
		sel, _ := cn.PrepareContext(ctx, "SELECT ver, idx FROM docs WHERE key=?")
		ins, _ := cn.PrepareContext(ctx, "REPLACE INTO docs VALUES(?,?,?,?)")
		b.ReportAllocs()
		var v int64
		var x []byte
		for i := range b.N {
			if i%200 == 199 {
				_ = tx.Commit()
				tx, _ = cn.BeginTx(ctx, nil)
			}
			k := key()
			if err := sel.QueryRowContext(ctx, k).Scan(&v, &x); err != sql.ErrNoRows {
				b.Fatal(err)
			}
			if _, err := ins.ExecContext(ctx, k, int64(123456789), []byte{}, body); err != nil {
				b.Fatal(err)
			}
		}
		_ = tx.Commit()
	})
}
