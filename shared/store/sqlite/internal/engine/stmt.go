package engine

import (
	"bytes"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// keep is the size in bytes up to which a parameter's buffer is kept from one
// use of a statement to the next.
const keep = 64 << 10

// Stmt is a prepared statement. Parameters count from 1 and columns from 0,
// as in SQLite. Use: Bind…, Step until false or an error, Reset.
type Stmt struct {
	c      *Conn
	p      uintptr
	params []buffer
}

type buffer struct {
	p   uintptr
	cap int
}

// Prepare compiles one statement.
func (c *Conn) Prepare(sql string) (*Stmt, error) {
	text, err := libc.CString(sql)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, text)
	out := c.tls.Alloc(int(unsafe.Sizeof(uintptr(0))))
	defer c.tls.Free(int(unsafe.Sizeof(uintptr(0))))
	if rc := lib.Xsqlite3_prepare_v2(c.tls, c.db, text, -1, out, 0); rc != lib.SQLITE_OK {
		return nil, c.fail(rc)
	}
	s := &Stmt{c: c, p: *(*uintptr)(pointer(out))}
	s.params = make([]buffer, lib.Xsqlite3_bind_parameter_count(c.tls, s.p)+1)
	return s, nil
}

// Close frees the statement.
func (s *Stmt) Close() {
	lib.Xsqlite3_finalize(s.c.tls, s.p)
	for _, b := range s.params {
		libc.Xfree(s.c.tls, b.p)
	}
	s.p, s.params = 0, nil
}

// BindInt sets parameter i.
func (s *Stmt) BindInt(i int, v int64) error {
	return s.check(lib.Xsqlite3_bind_int64(s.c.tls, s.p, int32(i), v))
}

// BindText sets parameter i, text, to a copy of v.
func (s *Stmt) BindText(i int, v []byte) error {
	p, ok := s.room(i, len(v))
	if !ok {
		return s.c.fail(lib.SQLITE_NOMEM)
	}
	copy(view(p, len(v)), v)
	return s.check(lib.Xsqlite3_bind_text(s.c.tls, s.p, int32(i), p, int32(len(v)), lib.SQLITE_STATIC))
}

// BindBlob sets parameter i to a copy of v; nil is an empty blob, not NULL.
func (s *Stmt) BindBlob(i int, v []byte) error {
	p, ok := s.room(i, len(v))
	if !ok {
		return s.c.fail(lib.SQLITE_NOMEM)
	}
	copy(view(p, len(v)), v)
	return s.check(lib.Xsqlite3_bind_blob(s.c.tls, s.p, int32(i), p, int32(len(v)), lib.SQLITE_STATIC))
}

// room returns n bytes for parameter i that stay in place until it is bound
// again. The statement must be reset.
func (s *Stmt) room(i, n int) (uintptr, bool) {
	b := &s.params[i]
	if b.p == 0 || b.cap < n || b.cap > keep {
		libc.Xfree(s.c.tls, b.p)
		b.cap = max(n, 256)
		if b.cap < keep {
			b.cap = min(2*b.cap, keep)
		}
		if b.p = s.c.malloc(b.cap); b.p == 0 {
			b.cap = 0
			return 0, false
		}
	}
	return b.p, true
}

// Step goes to the next row; false without an error is the end. After an
// error, or before the statement is used again, call Reset.
func (s *Stmt) Step() (bool, error) {
	switch rc := lib.Xsqlite3_step(s.c.tls, s.p); rc {
	case lib.SQLITE_ROW:
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.fail(rc)
	}
}

// Run steps to the end and resets.
func (s *Stmt) Run() error {
	for {
		row, err := s.Step()
		if err != nil {
			s.Reset()
			return err
		}
		if !row {
			s.Reset()
			return nil
		}
	}
}

// Reset makes the statement ready to be bound and run again. What it would
// report has been reported by Step.
func (s *Stmt) Reset() { lib.Xsqlite3_reset(s.c.tls, s.p) }

// Int is column i of the row.
func (s *Stmt) Int(i int) int64 { return lib.Xsqlite3_column_int64(s.c.tls, s.p, int32(i)) }

// Raw is column i of the row, text or blob, as it lies in SQLite's memory:
// not to be changed, and gone with the next Step or Reset.
func (s *Stmt) Raw(i int) []byte {
	p := lib.Xsqlite3_column_blob(s.c.tls, s.p, int32(i))
	n := lib.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i))
	if p == 0 || n == 0 {
		return nil
	}
	return view(p, int(n))
}

// Blob is a copy of column i, never nil.
func (s *Stmt) Blob(i int) []byte {
	if raw := s.Raw(i); raw != nil {
		return bytes.Clone(raw)
	}
	return []byte{}
}

// Text is column i as a string.
func (s *Stmt) Text(i int) string { return string(s.Raw(i)) }

func (s *Stmt) check(rc int32) error {
	if rc != lib.SQLITE_OK {
		return s.c.fail(rc)
	}
	return nil
}
