package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store/sqlite/internal/engine"
)

// Backup writes a copy of the store, as of one moment and compacted, to a new
// file at path (mode 0600), which Open opens. It is there, whole and durable,
// when nil is returned, and not at all otherwise; a crash may leave
// path+".part". Commits go on meanwhile. fault.Conflict: path exists.
func (s *Store) Backup(ctx context.Context, path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.New(fault.Conflict, "sqlite: backup: the file exists")
	}
	err := s.readers.with(ctx, "backup", func(r *reader) error { return backup(ctx, r.conn, path) })
	if ctx.Err() != nil && err != nil {
		return fault.New(fault.Unavailable, "sqlite: backup: given up").Because(ctx.Err())
	}
	return err
}

func backup(ctx context.Context, c *engine.Conn, path string) (err error) {
	part := path + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return disk(err)
	}
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return disk(err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	stop := context.AfterFunc(ctx, c.Interrupt)
	err = c.Exec("VACUUM INTO '" + strings.ReplaceAll(part, "'", "''") + "'")
	if !stop() || err != nil {
		// Stopped, or the interrupt may still come: the connection is given up.
		return errors.Join(err, ctx.Err())
	}
	if err := f.Sync(); err != nil {
		return disk(err)
	}
	if err := os.Link(part, path); err != nil { // unlike a rename, never replaces
		return disk(err)
	}
	if err := os.Remove(part); err != nil {
		return disk(err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return disk(err)
	}
	return nil
}

func disk(err error) error {
	return fault.New(fault.Unavailable, "sqlite: backup: the file can't be written").Because(err)
}
