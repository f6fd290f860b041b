package sqlite

import (
	"bytes"
	"math/rand/v2"
	"strconv"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/internal/engine"
)

const (
	freeReserve = 1024 // free pages of 4 KiB that are kept for new rows
	freeStep    = 200  // pages given back at once
	freeEvery   = 64   // documents removed or replaced from one look to the next
)

// batcher is the writer's connection. It is used by the writer's goroutine
// alone.
type batcher struct {
	conn  *engine.Conn
	stmts []*engine.Stmt

	beginStmt, commitStmt, rollbackStmt *engine.Stmt
	lookup, insert, update, remove      *engine.Stmt
	addEntry, removeEntry               *engine.Stmt
	freePages, giveBack                 *engine.Stmt

	found []found // of the commit being applied, by operation
	old   []byte  // what found's idx point into
	text  []byte  // scratch: a key or an idx

	taken     []*commit
	removed   int  // since the free pages were last counted
	shrinking bool // there are pages to give back
}

// found is what was stored under an operation's key: ver 0 is nothing.
type found struct {
	ver        int64
	from, upto int // idx is old[from:upto]
}

func newBatcher(c *engine.Conn) (*batcher, error) {
	b := &batcher{conn: c}
	for _, p := range []struct {
		into **engine.Stmt
		sql  string
	}{
		{&b.beginStmt, "BEGIN IMMEDIATE"},
		{&b.commitStmt, "COMMIT"},
		{&b.rollbackStmt, "ROLLBACK"},
		{&b.lookup, "SELECT ver, idx FROM docs WHERE key = ?1"},
		{&b.insert, "INSERT INTO docs(key, ver, idx, body) VALUES(?1, ?2, ?3, ?4)"},
		{&b.update, "UPDATE docs SET ver = ?2, idx = ?3, body = ?4 WHERE key = ?1"},
		{&b.remove, "DELETE FROM docs WHERE key = ?1"},
		{&b.addEntry, "INSERT INTO entries(part, sort, name) VALUES(?1, ?2, ?3)"},
		{&b.removeEntry, "DELETE FROM entries WHERE part = ?1 AND sort = ?2 AND name = ?3"},
		{&b.freePages, "PRAGMA freelist_count"},
		{&b.giveBack, "PRAGMA incremental_vacuum(" + strconv.Itoa(freeStep) + ")"},
	} {
		s, err := c.Prepare(p.sql)
		if err != nil {
			b.closeStmts()
			return nil, err
		}
		*p.into = s
		b.stmts = append(b.stmts, s)
	}
	return b, nil
}

func (b *batcher) closeStmts() {
	for _, s := range b.stmts {
		s.Close()
	}
}

func (b *batcher) finish() error {
	b.closeStmts()
	return b.conn.Close()
}

func (b *batcher) begin() error { return b.beginStmt.Run() }

// end commits, or rolls back when there was an error or committing fails.
func (b *batcher) end(err error) error {
	if err == nil {
		err = b.commitStmt.Run()
	}
	if err != nil && b.conn.InTransaction() {
		_ = b.rollbackStmt.Run()
	}
	if b.removed >= freeEvery {
		b.removed, b.shrinking = 0, true
	}
	return err
}

// apply checks one commit and applies it. refused: fault.Conflict, nothing was
// changed. err: the engine failed and the transaction must be rolled back.
func (b *batcher) apply(ops []store.Op) (refused, err error) {
	b.found, b.old = b.found[:0], b.old[:0]
	for i := range ops {
		op := &ops[i]
		f := found{}
		if op.Act != store.Check || op.Expect.State != "" {
			if f, err = b.find(op.Key); err != nil {
				return nil, err
			}
		}
		if !holds(op.Expect, f.ver) {
			return fault.New(fault.Conflict, "sqlite: an expectation of the commit did not hold"), nil
		}
		b.found = append(b.found, f)
	}
	ver := int64(rand.Uint64() | 1)
	for i := range ops {
		switch op := &ops[i]; op.Act {
		case store.Put:
			err = b.put(op, b.found[i], ver)
		case store.Delete:
			err = b.drop(op.Key, b.found[i])
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func holds(e store.Expect, ver int64) bool {
	switch e.State {
	case "absent":
		return ver == 0
	case "present":
		return ver != 0
	case "version":
		return ver != 0 && e.Version == versionText(ver)
	}
	return true
}

func versionText(ver int64) string { return strconv.FormatUint(uint64(ver), 36) }

func (b *batcher) find(k store.Key) (found, error) {
	b.text = appendKey(b.text[:0], k)
	if err := b.lookup.BindText(1, b.text); err != nil {
		return found{}, err
	}
	defer b.lookup.Reset()
	row, err := b.lookup.Step()
	if err != nil || !row {
		return found{}, err
	}
	f := found{ver: b.lookup.Int(0), from: len(b.old)}
	b.old = append(b.old, b.lookup.Raw(1)...)
	f.upto = len(b.old)
	return f, nil
}

func (b *batcher) put(op *store.Op, f found, ver int64) error {
	s := b.insert
	if f.ver != 0 {
		s = b.update
		b.removed++
	}
	b.text = appendKey(b.text[:0], op.Key)
	if err := s.BindText(1, b.text); err != nil {
		return err
	}
	if err := s.BindInt(2, ver); err != nil {
		return err
	}
	b.text = b.text[:0]
	for _, e := range op.Index {
		b.text = appendEntry(b.text, op.Key.Tenant, e)
	}
	if err := s.BindBlob(3, b.text); err != nil {
		return err
	}
	if err := s.BindBlob(4, op.Body); err != nil {
		return err
	}
	if err := s.Run(); err != nil {
		return err
	}
	return b.reindex(op.Key, b.old[f.from:f.upto], b.text)
}

func (b *batcher) drop(k store.Key, f found) error {
	if f.ver == 0 {
		return nil
	}
	b.removed++
	b.text = appendKey(b.text[:0], k)
	if err := b.remove.BindText(1, b.text); err != nil {
		return err
	}
	if err := b.remove.Run(); err != nil {
		return err
	}
	return b.reindex(k, b.old[f.from:f.upto], nil)
}

// reindex removes the entries in old that are not in next, and adds those in
// next that are not in old.
func (b *batcher) reindex(k store.Key, old, next []byte) error {
	if bytes.Equal(old, next) {
		return nil
	}
	if err := b.eachMissing(old, next, k, b.removeEntry); err != nil {
		return err
	}
	return b.eachMissing(next, old, k, b.addEntry)
}

// eachMissing runs s for every entry of list that others does not have.
func (b *batcher) eachMissing(list, others []byte, k store.Key, s *engine.Stmt) error {
	for len(list) > 0 {
		var one []byte
		one, list = cutEntry(list)
		if hasEntry(others, one) {
			continue
		}
		part, sort := splitEntry(one)
		if err := s.BindText(1, part); err != nil {
			return err
		}
		if err := s.BindText(2, sort); err != nil {
			return err
		}
		n := len(b.text)
		b.text = appendName(b.text, k)
		err := s.BindText(3, b.text[n:])
		b.text = b.text[:n]
		if err != nil {
			return err
		}
		if err := s.Run(); err != nil {
			return err
		}
	}
	return nil
}

// shrink looks whether many pages are free, and gives one step of them back.
func (b *batcher) shrink() {
	b.shrinking = false
	row, err := b.freePages.Step()
	free := int64(0)
	if err == nil && row {
		free = b.freePages.Int(0)
	}
	b.freePages.Reset()
	if free > freeReserve && b.giveBack.Run() == nil {
		b.shrinking = free-freeStep > freeReserve
	}
}
