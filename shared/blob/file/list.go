package file

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
)

// List implements blob.Store. The token is the last name of the page before.
func (s *Store) List(ctx context.Context, prefix, token string) (infos []blob.Info, next string, err error) {
	if err := blob.CheckPrefix(prefix); err != nil {
		return nil, "", err
	}
	if err := blob.CheckPrefix(token); err != nil {
		return nil, "", err
	}
	if token != "" && !strings.HasPrefix(token, prefix) {
		return nil, "", fault.New(fault.Invalid, "blob: a page token of another prefix")
	}
	done, err := s.begin(ctx)
	if err != nil {
		return nil, "", err
	}
	defer done()
	l := listing{files: s.root.FS(), ctx: ctx, prefix: prefix, after: token}
	if err := l.walk(""); err != nil && !errors.Is(err, errFull) {
		return nil, "", disk("list", err)
	}
	if len(l.infos) > blob.MaxPage {
		l.infos = l.infos[:blob.MaxPage]
		next = l.infos[blob.MaxPage-1].Name
	}
	return l.infos, next, nil
}

var errFull = errors.New("blob: the page is full")

// listing collects one blob more than a page has.
type listing struct {
	files         fs.FS
	ctx           context.Context
	prefix, after string
	infos         []blob.Info
}

// walk visits the blobs whose names begin with base, which is empty or ends in
// '/', in byte order. Directories without a name in question are not read.
func (l *listing) walk(base string) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	dir := "."
	if base != "" {
		dir = base[:len(base)-1]
	}
	entries, err := fs.ReadDir(l.files, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	// A directory's names go on with '/', and sort so among the files.
	names := make(map[string]fs.DirEntry, len(entries))
	order := make([]string, 0, len(entries))
	for _, e := range entries {
		name, isBlob := strings.CutSuffix(e.Name(), suffix)
		switch {
		case e.IsDir() && e.Name()[0] != '.':
			name = base + e.Name() + "/"
		case isBlob:
			name = base + name
		default:
			continue
		}
		names[name], order = e, append(order, name)
	}
	slices.Sort(order)
	for _, name := range order {
		if err := l.visit(name, names[name]); err != nil {
			return err
		}
	}
	return nil
}

func (l *listing) visit(name string, e fs.DirEntry) error {
	if e.IsDir() {
		below := strings.HasPrefix(name, l.prefix) || strings.HasPrefix(l.prefix, name)
		behind := name > l.after || strings.HasPrefix(l.after, name)
		if below && behind {
			return l.walk(name)
		}
		return nil
	}
	if !strings.HasPrefix(name, l.prefix) || name <= l.after {
		return nil
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return err
	}
	l.infos = append(l.infos, blob.Info{Name: name, Size: info.Size(), StoredAt: info.ModTime().UTC()})
	if len(l.infos) > blob.MaxPage {
		return errFull
	}
	return nil
}
