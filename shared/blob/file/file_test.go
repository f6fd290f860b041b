package file

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/blob/blobtest"
)

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, filepath.Join(t.TempDir(), "blobs")) })
}

func TestContractHoldsBehindTheFaultWrapper(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store { return blobtest.Faulty(open(t, t.TempDir())) })
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	s := open(t, dir)
	defer s.Close()
	if err := s.Put(context.Background(), "t/k/1", []byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{"": 0o700, "t": 0o700, "t/k": 0o700, "t/k/1+": 0o600, temp: 0o700} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", name, got, want)
		}
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	ctx := context.Background()
	for _, text := range []string{"x", "x", "y"} { // new, the same, and refused
		_ = s.Put(ctx, "t/k/1", []byte(text))
	}
	if err := s.Delete(ctx, "t/k/1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var left []string
	_ = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, _ error) error {
		if path != dir && filepath.Base(path) != temp {
			left = append(left, path)
		}
		return nil
	})
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	old, young := filepath.Join(dir, temp, "old"), filepath.Join(dir, temp, "young")
	for path, age := range map[string]time.Duration{old: left + time.Minute, young: left - time.Minute} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("what a crash left an hour ago is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("what may be a put under way in another process was removed")
	}
}

func TestASymbolicLinkLeadsNowhere(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "1+"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "t")); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	defer s.Close()
	if b, err := s.Get(context.Background(), "t/1", 100); err == nil {
		t.Errorf("got %q", b)
	}
	if err := s.Put(context.Background(), "t/2", []byte("x")); err == nil {
		t.Error("put outside")
	}
}
