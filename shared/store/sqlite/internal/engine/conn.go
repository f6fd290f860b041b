package engine

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/libc/sys/types"
	lib "modernc.org/sqlite/lib"
)

// Mode is how a connection opens its file.
type Mode string

const (
	ReadWrite Mode = "readwrite" // the file exists
	ReadOnly  Mode = "readonly"  // the file exists and a writer may be at work
)

// Result codes that callers tell apart (https://sqlite.org/rescode.html).
const (
	Busy        = lib.SQLITE_BUSY
	Locked      = lib.SQLITE_LOCKED
	Full        = lib.SQLITE_FULL
	Interrupted = lib.SQLITE_INTERRUPT
	Corrupt     = lib.SQLITE_CORRUPT
	NotADB      = lib.SQLITE_NOTADB
	IOErr       = lib.SQLITE_IOERR
	CantOpen    = lib.SQLITE_CANTOPEN
	ReadOnlyDB  = lib.SQLITE_READONLY
)

// Error is a result code of SQLite. It holds the code's own English text and
// never a statement or a value.
type Error struct {
	Code int // extended result code; Code & 0xff is the primary one
	text string
}

// Error is the text and the code.
func (e *Error) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.text, e.Code) }

// Code is the primary result code of err, 0 when err is not from SQLite.
func Code(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Code & 0xff
	}
	return 0
}

// Conn is one connection. It and its statements may be used by one goroutine
// at a time; only Interrupt may be called from another.
type Conn struct {
	tls *libc.TLS
	db  uintptr
}

// Open opens the file at path, which must exist. Locks held by others are
// waited for up to busy.
func Open(path string, mode Mode, busy time.Duration) (*Conn, error) {
	flags := int32(lib.SQLITE_OPEN_NOMUTEX)
	switch mode {
	case ReadWrite:
		flags |= lib.SQLITE_OPEN_READWRITE
	case ReadOnly:
		flags |= lib.SQLITE_OPEN_READONLY
	default:
		return nil, fmt.Errorf("sqlite: unknown mode %q", string(mode))
	}
	name, err := libc.CString(path)
	if err != nil {
		return nil, err
	}
	c := &Conn{tls: libc.NewTLS()}
	defer libc.Xfree(c.tls, name)
	out := c.tls.Alloc(int(unsafe.Sizeof(uintptr(0))))
	rc := lib.Xsqlite3_open_v2(c.tls, name, out, flags, 0)
	c.db = *(*uintptr)(pointer(out))
	c.tls.Free(int(unsafe.Sizeof(uintptr(0))))
	if rc != lib.SQLITE_OK {
		err := c.fail(rc)
		_ = c.Close()
		return nil, err
	}
	lib.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	lib.Xsqlite3_busy_timeout(c.tls, c.db, int32(busy.Milliseconds()))
	return c, nil
}

// Close closes the connection; its statements must be closed before.
func (c *Conn) Close() error {
	var err error
	if c.db != 0 {
		if rc := lib.Xsqlite3_close_v2(c.tls, c.db); rc != lib.SQLITE_OK {
			err = c.fail(rc)
		}
		c.db = 0
	}
	if c.tls != nil {
		c.tls.Close()
		c.tls = nil
	}
	return err
}

// Interrupt makes the statement under way fail with Interrupted. It may be
// called from any goroutine while the connection is open.
func (c *Conn) Interrupt() {
	tls := libc.NewTLS()
	lib.Xsqlite3_interrupt(tls, c.db)
	tls.Close()
}

// Exec runs one statement without parameters to its end.
func (c *Conn) Exec(sql string) error {
	s, err := c.Prepare(sql)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Run()
}

// Int runs one statement without parameters and returns the first column of
// its first row, 0 when there is none.
func (c *Conn) Int(sql string) (int64, error) {
	s, err := c.Prepare(sql)
	if err != nil {
		return 0, err
	}
	defer s.Close()
	row, err := s.Step()
	if err != nil || !row {
		return 0, err
	}
	return s.Int(0), nil
}

// InTransaction reports whether a transaction is open.
func (c *Conn) InTransaction() bool {
	return lib.Xsqlite3_get_autocommit(c.tls, c.db) == 0
}

func (c *Conn) fail(rc int32) error {
	return &Error{Code: int(rc), text: libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))}
}

func (c *Conn) malloc(n int) uintptr { return libc.Xmalloc(c.tls, types.Size_t(n)) }

// pointer turns an address of memory that SQLite or libc allocated, which the
// garbage collector neither moves nor frees, into a pointer. Never use it on
// an address of Go memory.
func pointer(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func view(p uintptr, n int) []byte { return unsafe.Slice((*byte)(pointer(p)), n) }
