package sqlite

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "d", "okence.db")) })
	storetest.RunDurable(t, func(t *testing.T) func() store.Store {
		path := filepath.Join(t.TempDir(), "okence.db")
		return func() store.Store { return open(t, path) }
	})
}

func put(id, body string) store.Op {
	return store.Op{Key: store.Key{Tenant: "t", Kind: "k", ID: id}, Act: store.Put, Body: []byte(body)}
}

func body(t *testing.T, s *Store, id string) string {
	t.Helper()
	docs, err := s.Get(context.Background(), store.Key{Tenant: "t", Kind: "k", ID: id})
	if err != nil {
		t.Fatal(err)
	}
	return string(docs[0].Body)
}

func TestOpenRefusesAFileThatIsNotOurs(t *testing.T) {
	sql := func(statements ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			s := open(t, path)
			for _, q := range statements {
				if err := s.writer.conn.Exec(q); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want fault.Kind
	}{
		{"an empty file", func(t *testing.T, path string) { write(t, path, "") }, ""},
		{"a text", func(t *testing.T, path string) { write(t, path, strings.Repeat("no database\n", 1000)) }, fault.Internal},
		{"a directory", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, fault.Unavailable},
		{"a store of this version", sql(), ""},
		{"a store of the next version", sql("PRAGMA user_version=2"), fault.Internal},
		{"a store without a version", sql("PRAGMA user_version=0"), fault.Internal},
		{"a database of another application", sql("PRAGMA application_id=7"), fault.Internal},
		{"a database of an application without an id", sql("PRAGMA application_id=0", "PRAGMA user_version=0"), fault.Internal},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "okence.db")
			c.make(t, path)
			s, err := Open(path, Options{})
			if fault.Of(err) != c.want {
				t.Errorf("error %v, want kind %q", err, c.want)
			}
			if err == nil {
				_ = s.Close()
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, filepath.Join(dir, "okence.db"))
	defer s.Close()
	if err := s.Commit(context.Background(), put("a", "b")); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(context.Background(), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"": 0o700, "okence.db": 0o600, "okence.db-wal": 0o600, "okence.db-shm": 0o600, "copy.db": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", name, got, want)
		}
	}
}

func TestBackupIsAStoreAsOfOneMoment(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "okence.db"))
	defer s.Close()
	ctx := context.Background()
	stop, writer := make(chan struct{}), sync.WaitGroup{}
	var n atomic.Int64
	writer.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			text := strconv.FormatInt(n.Add(1), 10)
			if err := s.Commit(ctx, put("a", text), put("b", text)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for n.Load() < 10 {
		time.Sleep(time.Millisecond)
	}
	path := filepath.Join(dir, "it's a copy.db")
	if err := s.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(ctx, path); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second backup to the same file: %v", err)
	}
	close(stop)
	writer.Wait()
	c := open(t, path)
	defer c.Close()
	if a, b := body(t, c, "a"), body(t, c, "b"); a != b || a == "" {
		t.Errorf("the copy holds a %q and b %q", a, b)
	}
	if v, err := c.writer.conn.Int("PRAGMA auto_vacuum"); v != 2 || err != nil {
		t.Errorf("auto_vacuum %d %v in the copy", v, err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Backup(gone, filepath.Join(dir, "none.db")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a cancelled backup: %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "none*"))
	if len(left) > 0 {
		t.Errorf("a cancelled backup left %q", left)
	}
}

// Two Stores on one file stand for two processes: they share nothing but the
// file.
func TestTwoProcessesTakeTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okence.db")
	one, two := open(t, path), open(t, path)
	defer one.Close()
	defer two.Close()
	ctx := context.Background()
	var all sync.WaitGroup
	for i, s := range []*Store{one, two} {
		for w := range 2 {
			all.Go(func() {
				for n := range 50 {
					k := store.Key{Tenant: "t", Kind: "k", ID: "n"}
					for {
						docs, err := s.Get(ctx, k)
						if err != nil {
							t.Error(err)
							return
						}
						count, _ := strconv.Atoi(string(docs[0].Body))
						err = s.Commit(ctx, store.Op{Key: k, Act: store.Put, Expect: store.At(docs[0].Version), Body: []byte(strconv.Itoa(count + 1))},
							put(strconv.Itoa(i)+"-"+strconv.Itoa(w)+"-"+strconv.Itoa(n), "x"))
						if err == nil {
							break
						}
						if !fault.Is(err, fault.Conflict) {
							t.Error(err)
							return
						}
					}
				}
			})
		}
	}
	all.Wait()
	if got := body(t, one, "n"); got != "200" {
		t.Errorf("%s after 200 increments", got)
	}
}

func TestALockHeldByAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okence.db")
	s, err := Open(path, Options{BusyTimeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := open(t, path)
	defer other.Close()
	if err := other.writer.conn.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if err := s.Commit(ctx, put("a", "given up")); !fault.Is(err, fault.Unavailable) || time.Since(begin) > 250*time.Millisecond {
		t.Errorf("a caller whose time is up: %v after %s", err, time.Since(begin))
	}
	if err := s.Commit(context.Background(), put("b", "too long")); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a lock held too long: %v", err)
	}
	if got := body(t, s, "a") + body(t, s, "b"); got != "" {
		t.Errorf("reads see %q", got)
	}
	if err := other.writer.conn.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(context.Background(), put("c", "free")); err != nil {
		t.Error(err)
	}
	if got := body(t, s, "a") + body(t, s, "b") + body(t, s, "c"); got != "free" {
		t.Errorf("after the lock is free: %q", got)
	}
}

func TestAnEngineErrorFailsTheWholeBatchAndTheNextGoesOn(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "okence.db"))
	defer s.Close()
	ctx := context.Background()
	// A file that may not grow is a full disk to SQLite.
	pages, err := s.writer.conn.Int("PRAGMA page_count")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.writer.conn.Exec("PRAGMA max_page_count=" + strconv.FormatInt(pages+2, 10)); err != nil {
		t.Fatal(err)
	}
	big := put("big", strings.Repeat("x", 100_000))
	if err := s.Commit(ctx, put("small", "1"), big); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("a full disk: %v", err)
	}
	if got := body(t, s, "small"); got != "" {
		t.Errorf("half of a failed commit is there: %q", got)
	}
	if err := s.Commit(ctx, put("small", "2")); err != nil {
		t.Errorf("a commit that fits: %v", err)
	}
	if err := s.writer.conn.Exec("PRAGMA max_page_count=1000000"); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(ctx, big); err != nil {
		t.Error(err)
	}
}

func TestFreedPagesAreGivenBack(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "okence.db"))
	ctx := context.Background()
	text := strings.Repeat("x", 100_000)
	for i := range 100 {
		if err := s.Commit(ctx, put(strconv.Itoa(i), text)); err != nil {
			t.Fatal(err)
		}
	}
	s.writer.mu.Lock() // the writer is idle: look at its connection
	before, err := s.writer.conn.Int("PRAGMA page_count")
	s.writer.mu.Unlock()
	if err != nil || before < 2*freeReserve {
		t.Fatalf("%d pages, %v", before, err)
	}
	for i := range 100 {
		if err := s.Commit(ctx, store.Op{Key: put(strconv.Itoa(i), "").Key, Act: store.Delete}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, s.path)
	defer s.Close()
	after, err := s.writer.conn.Int("PRAGMA page_count")
	if err != nil || after > before-500 {
		t.Errorf("%d pages before and %d after all was deleted, %v", before, after, err)
	}
}

func TestOpeningAgainIsInstantWhateverTheSize(t *testing.T) {
	path := filepath.Join(t.TempDir(), "okence.db")
	s := open(t, path)
	var all sync.WaitGroup
	for w := range 20 {
		all.Go(func() {
			for n := range 10 {
				var ops []store.Op
				for i := range 100 {
					ops = append(ops, put(strconv.Itoa(w*1000+n*100+i), "x"))
				}
				if err := s.Commit(context.Background(), ops...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	s = open(t, path)
	if took := time.Since(begin); took > 200*time.Millisecond {
		t.Errorf("opening took %s", took)
	}
	if got := body(t, s, "12345"); got != "x" {
		t.Errorf("body %q", got)
	}
	_ = s.Close()
}
