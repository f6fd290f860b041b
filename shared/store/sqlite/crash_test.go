package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/okence/okence/shared/store"
)

const crashDir = "OKENCE_TEST_CRASH_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		crashChild(dir)
	}
	os.Exit(m.Run())
}

// crashChild commits triples of documents as fast as it can, says on standard
// output which commits were acknowledged, and ends only by being killed.
func crashChild(dir string) {
	s, err := Open(filepath.Join(dir, "okence.db"), Options{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var mu sync.Mutex
	out := bufio.NewWriter(os.Stdout)
	run := rand.Uint64()
	for w := range 8 {
		go func() {
			for n := 0; ; n++ {
				id := fmt.Sprintf("%016x-%d-%06d", run, w, n)
				if err := s.Commit(context.Background(), crashOps(id, strings.Repeat("x", 1+n%3000))...); err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				mu.Lock()
				_, _ = fmt.Fprintln(out, "ok", id)
				_ = out.Flush()
				mu.Unlock()
			}
		}()
	}
	select {}
}

func crashOps(id, body string) (ops []store.Op) {
	for _, kind := range []string{"a", "b", "c"} {
		ops = append(ops, store.Op{Key: store.Key{Tenant: "t", Kind: kind, ID: id}, Act: store.Put, Expect: store.Absent(),
			Body: []byte(body), Index: []store.Entry{{Index: "all", Partition: kind, Sort: id}}})
	}
	return ops
}

// Ten times a process that commits is killed at a moment not chosen, and the
// file opened again: every acknowledged commit must be there, and no commit by
// half.
func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for range 10 {
		for _, id := range crashRun(t, dir, time.Duration(20+rand.IntN(200))*time.Millisecond) {
			acknowledged[id] = true
		}
		s := open(t, filepath.Join(dir, "okence.db"))
		found := map[string]map[string]bool{"a": {}, "b": {}, "c": {}}
		for kind, ids := range found {
			for q := (store.Query{Tenant: "t", Index: "all", Partition: kind, Limit: 1000}); ; {
				page, err := s.Query(context.Background(), q)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range page.Docs {
					ids[d.Key.ID] = true
				}
				if q.Token = page.Next; q.Token == "" {
					break
				}
			}
		}
		for id := range acknowledged {
			if !found["a"][id] {
				t.Fatalf("the acknowledged commit %s is lost", id)
			}
		}
		for _, kind := range []string{"b", "c"} {
			if len(found[kind]) != len(found["a"]) {
				t.Fatalf("%d documents of kind a, %d of kind %s", len(found["a"]), len(found[kind]), kind)
			}
			for id := range found[kind] {
				if !found["a"][id] {
					t.Fatalf("half of commit %s is there", id)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged commits", len(acknowledged))
	if len(acknowledged) < 100 {
		t.Errorf("only %d commits were acknowledged: the test proves little", len(acknowledged))
	}
}

func crashRun(t *testing.T, dir string, life time.Duration) (acknowledged []string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	started := false
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word == "error" {
			t.Errorf("child: %s", rest)
			continue
		}
		acknowledged = append(acknowledged, rest)
		if !started {
			started = true
			time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	return acknowledged
}
