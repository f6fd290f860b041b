package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	driver "modernc.org/sqlite"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/internal/engine"
)

// Options of a store. The zero value is good for a server.
type Options struct {
	// Readers is how many reads run at once, each on a connection of its own,
	// opened when first needed; 0 means 8.
	Readers int
	// CacheBytes is the page cache of the writer; 0 means 64 MiB.
	CacheBytes int64
	// BusyTimeout is how long a transaction waits for one of another process;
	// 0 means 10 s.
	BusyTimeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.Readers <= 0 {
		o.Readers = 8
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 64 << 20
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = 10 * time.Second
	}
	return o
}

// Store is an open file. Its methods may be called from many goroutines.
type Store struct {
	path    string
	opts    Options
	writer  *writer
	readers *readers
	closing sync.Once
	closed  error
}

var _ store.Store = (*Store)(nil)

var processWide = sync.OnceFunc(func() {
	// Both are refused where the platform lacks them, which costs time, not
	// safety. With fdatasync a commit does not wait for the file's timestamps.
	// Open-file-description locks survive that other code of this process
	// opens and closes the file, to copy it for instance.
	_, _ = driver.Fdatasync(true)
	_, _ = driver.OFDLocking(true)
})

// Open opens the file at path and creates it (mode 0600), and its directory
// (0700), when absent. fault.Internal: it is not a file of this package, or of
// a newer version. fault.Unavailable: the disk, or another process's lock.
func Open(path string, opts Options) (*Store, error) {
	processWide()
	opts = opts.withDefaults()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "sqlite: open").Because(err)
	}
	if err := create(path); err != nil {
		return nil, fault.New(fault.Unavailable, "sqlite: create the file").Because(err)
	}
	c, err := engine.Open(path, engine.ReadWrite, opts.BusyTimeout)
	if err != nil {
		return nil, failed("open", err)
	}
	if err := prepareFile(c); err != nil {
		_ = c.Close()
		return nil, err
	}
	w, err := newWriter(c, opts)
	if err != nil {
		_ = c.Close()
		return nil, failed("open", err)
	}
	return &Store{path: path, opts: opts, writer: w, readers: newReaders(path, opts)}, nil
}

// create makes an empty file with the rights that SQLite will copy to -wal and
// -shm. A file that is there keeps its own.
func create(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close waits for the commits that were queued and the reads under way.
// Closing again changes nothing.
func (s *Store) Close() error {
	s.closing.Do(func() {
		readErr := s.readers.close()
		s.closed = errors.Join(s.writer.close(), readErr)
	})
	if s.closed != nil {
		return failed("close", s.closed)
	}
	return nil
}

var errClosed = fault.New(fault.Unavailable, "sqlite: the store is closed")

// failed gives an error of the engine its kind. The engine's texts hold no
// statement and no value.
func failed(doing string, err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		return known
	}
	kind, why := fault.Internal, "engine error"
	switch engine.Code(err) {
	case engine.Full:
		kind, why = fault.Unavailable, "the disk is full"
	case engine.Busy, engine.Locked:
		kind, why = fault.Unavailable, "locked by another process"
	case engine.IOErr, engine.CantOpen, engine.ReadOnlyDB:
		kind, why = fault.Unavailable, "the file can't be read or written"
	case engine.Interrupted:
		kind, why = fault.Unavailable, "interrupted"
	case engine.NotADB, engine.Corrupt:
		why = "not a database, or damaged"
	}
	return fault.New(kind, "sqlite: %s: %s", doing, why).Because(err)
}
