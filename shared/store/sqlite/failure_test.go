package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Triggers make the engine fail where a disk would: at a statement, which
// leaves the transaction open, and at COMMIT.
func TestAnEngineErrorLeavesNothingBehind(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "okence.db"))
	defer s.Close()
	for _, q := range []string{
		"PRAGMA foreign_keys=ON",
		"CREATE TABLE late(key TEXT REFERENCES docs(key) DEFERRABLE INITIALLY DEFERRED)",
		"CREATE TRIGGER a AFTER INSERT ON docs WHEN NEW.key LIKE '%statement%' BEGIN SELECT RAISE(ABORT, 'no'); END",
		"CREATE TRIGGER b AFTER INSERT ON docs WHEN NEW.key LIKE '%commit%' BEGIN INSERT INTO late VALUES('none'); END",
	} {
		if err := s.writer.conn.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []string{"statement", "commit"} {
		err := s.Commit(context.Background(), put("first", at), put("fails at the "+at, at), put("third", at))
		if !fault.Is(err, fault.Internal) || strings.Contains(err.Error(), "fails at") {
			t.Errorf("failing at a %s: %v", at, err)
		}
		if got := body(t, s, "first") + body(t, s, "third"); got != "" {
			t.Errorf("half of a commit that failed at a %s is there", at)
		}
		if err := s.Commit(context.Background(), put("after", "x")); err != nil {
			t.Errorf("the next commit: %v", err)
		}
	}
}

// A caller may use its body again as soon as Commit has returned, however it
// returned; and a commit that was given up was not applied.
func TestACallerWhoseTimeIsUp(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "okence.db"))
	defer s.Close()
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			mine := make([]byte, 20_000)
			for n := range 40 {
				for i := range mine {
					mine[i] = byte(n)
				}
				id := fmt.Sprintf("%d-%d", w, n)
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(rand.IntN(3000))*time.Microsecond)
				err := s.Commit(ctx, store.Op{Key: put(id, "").Key, Act: store.Put, Body: mine})
				cancel()
				clear(mine)
				if err != nil && !fault.Is(err, fault.Unavailable) {
					t.Error(err)
				}
				switch got := body(t, s, id); {
				case err != nil && got != "":
					t.Errorf("commit %s was given up and is there", id)
				case err == nil && (len(got) != len(mine) || strings.Trim(got, string(byte(n))) != ""):
					t.Errorf("commit %s holds what its caller wrote later: %t", id, bytes.Contains([]byte(got), []byte{0}))
				}
			}
		})
	}
	all.Wait()
}
