// Package file keeps blobs as files of one directory (mode 0700, files 0600).
//
// A blob named t/k/1 is the file t/k/1+ : '+' stands in no name, so a file
// never stands where another name needs a directory. New bytes are written to
// .tmp, synced, and linked to their name, which fails when the name is taken;
// then the directory is synced. A crash before the link costs a file in .tmp,
// which a later Open removes; a crash after it costs nothing, as a repeated Put
// of the same bytes succeeds.
//
// The directory must lie on a local disk that tells upper from lower case.
package file

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"sync/atomic"
	"time"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
)

const (
	suffix = "+"
	temp   = ".tmp"
	// left is the age from which a file in .tmp is what a crash left, and not
	// a Put under way in another process.
	left = time.Hour
)

// Store is an open directory. It may be used from many goroutines.
type Store struct {
	root   *os.Root
	closed atomic.Bool
	under  sync.WaitGroup // calls under way; added to under gate
	gate   sync.Mutex

	// dirs is held for reading while a file is linked into its directory, and
	// for writing while empty directories are removed.
	dirs sync.RWMutex
}

var _ blob.Store = (*Store)(nil)

// Open opens dir, creating it when absent, and removes what crashes left in
// .tmp more than an hour ago. fault.Unavailable: the disk.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, disk("open", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, disk("open", err)
	}
	s := &Store{root: root}
	if err := s.clean(time.Now().Add(-left)); err != nil {
		_ = root.Close()
		return nil, disk("open", err)
	}
	return s, nil
}

func (s *Store) clean(before time.Time) error {
	if err := s.root.Mkdir(temp, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	entries, err := fs.ReadDir(s.root.FS(), temp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.ModTime().Before(before) {
			_ = s.root.Remove(temp + "/" + e.Name())
		}
	}
	return nil
}

// begin refuses a call after Close or with an ended context; done ends it.
func (s *Store) begin(ctx context.Context) (done func(), err error) {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed.Load() {
		return nil, fault.New(fault.Unavailable, "blob: the store is closed")
	}
	if err := ctx.Err(); err != nil {
		return nil, fault.New(fault.Unavailable, "blob: not begun").Because(err)
	}
	s.under.Add(1)
	return s.under.Done, nil
}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, name string, b []byte) error {
	if err := blob.CheckPut(name, b); err != nil {
		return err
	}
	done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	part := temp + "/" + rand.Text()
	if err := s.write(part, b); err != nil {
		return disk("put", errors.Join(err, s.remove(part)))
	}
	err = s.link(part, name)
	if errors.Is(err, fs.ErrExist) {
		err = s.same(name, b)
	}
	return errors.Join(err, s.remove(part))
}

func (s *Store) write(part string, b []byte) error {
	f, err := s.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

// link gives the file its name. fs.ErrExist: the name is taken.
func (s *Store) link(part, name string) error {
	s.dirs.RLock()
	defer s.dirs.RUnlock()
	dir := path.Dir(name)
	for range 3 { // another process may be removing empty directories
		if err := s.root.MkdirAll(dir, 0o700); err != nil {
			return disk("put", err)
		}
		err := s.root.Link(part, name+suffix)
		switch {
		case err == nil:
			return s.syncUp(dir)
		case errors.Is(err, fs.ErrExist):
			return fs.ErrExist
		case !errors.Is(err, fs.ErrNotExist):
			return disk("put", err)
		}
	}
	return fault.New(fault.Unavailable, "blob: put: the directory is being removed")
}

// same is nil when the name holds b already. It was put by a call that may not
// have lived to sync the directory, so that is done again.
func (s *Store) same(name string, b []byte) error {
	old, err := s.read(name, int64(len(b)))
	switch {
	case fault.Is(err, fault.TooLarge), err == nil && !bytes.Equal(old, b):
		return fault.New(fault.Conflict, "blob: put: the name is taken by other bytes")
	case err != nil: // deleted meanwhile: the caller may try again
		return fault.New(fault.Unavailable, "blob: put: the name was taken a moment ago").Because(err)
	}
	s.dirs.RLock()
	defer s.dirs.RUnlock()
	return s.syncUp(path.Dir(name))
}

// syncUp makes the entries of dir, and dir's own up to the root, durable.
func (s *Store) syncUp(dir string) error {
	for {
		if err := s.sync(dir); err != nil {
			return disk("put", err)
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

func (s *Store) sync(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *Store) remove(file string) error {
	if err := s.root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return disk("remove", err)
	}
	return nil
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, name string, limit int64) ([]byte, error) {
	if err := blob.CheckName(name); err != nil {
		return nil, err
	}
	done, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.read(name, limit)
}

func (s *Store) read(name string, limit int64) ([]byte, error) {
	f, err := s.root.Open(name + suffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "blob: none of that name")
	}
	if err != nil {
		return nil, disk("get", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, disk("get", err)
	}
	if info.Size() > limit {
		return nil, fault.New(fault.TooLarge, "blob: %d bytes, at most %d asked for", info.Size(), limit)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, disk("get", err)
	}
	return b, nil
}

// Delete implements blob.Store. The directories that it leaves empty go too,
// as their names were the blob's.
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	s.dirs.Lock()
	defer s.dirs.Unlock()
	if err := s.remove(name + suffix); err != nil {
		return err
	}
	dir := path.Dir(name)
	for dir != "." && s.root.Remove(dir) == nil {
		dir = path.Dir(dir)
	}
	err = s.sync(dir)
	for errors.Is(err, fs.ErrNotExist) && dir != "." { // there was no such directory
		dir = path.Dir(dir)
		err = s.sync(dir)
	}
	if err != nil {
		return disk("delete", err)
	}
	return nil
}

// Close implements blob.Store: it waits for calls under way.
func (s *Store) Close() error {
	s.gate.Lock()
	again := s.closed.Swap(true)
	s.gate.Unlock()
	if again {
		return nil
	}
	s.under.Wait()
	if err := s.root.Close(); err != nil {
		return disk("close", err)
	}
	return nil
}

func disk(doing string, err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return known
	}
	return fault.New(fault.Unavailable, "blob: %s: the disk failed", doing).Because(err)
}
