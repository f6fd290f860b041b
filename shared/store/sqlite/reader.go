package sqlite

import (
	"context"
	"errors"
	"sync"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/internal/engine"
)

// maxPageBytes ends a page early, so that a page of large bodies stays small.
const maxPageBytes = 4 << 20

// reader is a connection that only reads, with its statements.
type reader struct {
	conn       *engine.Conn
	begin, end *engine.Stmt
	get        *engine.Stmt
	up, down   *engine.Stmt
}

func openReader(path string, opts Options) (*reader, error) {
	c, err := engine.Open(path, engine.ReadOnly, opts.BusyTimeout)
	if err != nil {
		return nil, err
	}
	r := &reader{conn: c}
	for _, q := range []string{"PRAGMA cache_size=-8192"} {
		if err := c.Exec(q); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	for _, p := range []struct {
		into **engine.Stmt
		sql  string
	}{
		{&r.begin, "BEGIN"},
		{&r.end, "COMMIT"},
		{&r.get, "SELECT ver, body FROM docs WHERE key = ?1"},
		{&r.up, `SELECT sort, name FROM entries
			WHERE part = ?1 AND (sort, name) > (?2, ?3) AND sort < ?4 ORDER BY sort, name`},
		{&r.down, `SELECT sort, name FROM entries
			WHERE part = ?1 AND (sort, name) < (?2, ?3) AND sort >= ?4 ORDER BY sort DESC, name DESC`},
	} {
		if *p.into, err = c.Prepare(p.sql); err != nil {
			return nil, errors.Join(err, r.close())
		}
	}
	return r, nil
}

func (r *reader) close() error {
	for _, s := range []*engine.Stmt{r.begin, r.end, r.get, r.up, r.down} {
		if s != nil {
			s.Close()
		}
	}
	return r.conn.Close()
}

// readers is the pool: as many places as there may be reads at once. The
// connection that was used last is used first: after every commit a connection
// has to read its pages anew, so the fewer take turns the better.
type readers struct {
	path   string
	opts   Options
	places chan struct{} // one taken for each read under way
	closed chan struct{}

	mu   sync.Mutex
	idle []*reader
}

func newReaders(path string, opts Options) *readers {
	return &readers{path: path, opts: opts, places: make(chan struct{}, opts.Readers), closed: make(chan struct{})}
}

// with runs f on a connection. One on which f failed is not used again.
func (p *readers) with(ctx context.Context, doing string, f func(*reader) error) error {
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "sqlite: %s", doing).Because(err)
	}
	select {
	case <-p.closed:
		return errClosed
	default:
	}
	select {
	case p.places <- struct{}{}:
	case <-p.closed:
		return errClosed
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "sqlite: %s: given up while waiting", doing).Because(ctx.Err())
	}
	defer func() { <-p.places }()
	r, err := p.take()
	if err == nil {
		err = f(r)
	}
	if err != nil {
		if r != nil {
			_ = r.close()
		}
		return failed(doing, err)
	}
	p.mu.Lock()
	p.idle = append(p.idle, r)
	p.mu.Unlock()
	return nil
}

// take returns the connection used last, or opens one.
func (p *readers) take() (*reader, error) {
	p.mu.Lock()
	last := len(p.idle) - 1
	if last < 0 {
		p.mu.Unlock()
		return openReader(p.path, p.opts)
	}
	r := p.idle[last]
	p.idle = p.idle[:last]
	p.mu.Unlock()
	return r, nil
}

// close waits for the reads under way.
func (p *readers) close() error {
	close(p.closed)
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	var errs []error
	for _, r := range p.idle {
		errs = append(errs, r.close())
	}
	return errors.Join(errs...)
}

// Get is store.Store's.
func (s *Store) Get(ctx context.Context, keys ...store.Key) ([]store.Doc, error) {
	if err := store.CheckKeys(keys); err != nil {
		return nil, err
	}
	docs := make([]store.Doc, len(keys))
	err := s.readers.with(ctx, "get", func(r *reader) error { return r.read(keys, docs) })
	if err != nil {
		return nil, err
	}
	return docs, nil
}

// read fills docs. One key is read by one statement, which sees one moment by
// itself; more are read in one transaction.
func (r *reader) read(keys []store.Key, docs []store.Doc) error {
	if len(keys) == 1 {
		return r.load(keys[0], &docs[0])
	}
	return r.atOnce(func() error {
		for i, k := range keys {
			if err := r.load(k, &docs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// atOnce runs f in a read transaction, so that all it reads is of one moment.
func (r *reader) atOnce(f func() error) error {
	if err := r.begin.Run(); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err // the connection goes, and the transaction with it
	}
	return r.end.Run()
}

func (r *reader) load(k store.Key, d *store.Doc) error {
	d.Key = k
	var room [store.MaxKey + 2]byte
	if err := r.get.BindText(1, appendKey(room[:0], k)); err != nil {
		return err
	}
	defer r.get.Reset()
	row, err := r.get.Step()
	if err != nil || !row {
		return err
	}
	d.Version = versionText(r.get.Int(0))
	d.Body = r.get.Blob(1)
	return nil
}

// Query is store.Store's. A page is as of one moment and never lags behind.
func (s *Store) Query(ctx context.Context, q store.Query) (store.Page, error) {
	limit, err := store.CheckQuery(q)
	if err != nil {
		return store.Page{}, err
	}
	after, ok, err := q.Cursor()
	if err != nil {
		return store.Page{}, err
	}
	var page store.Page
	err = s.readers.with(ctx, "query", func(r *reader) error {
		return r.atOnce(func() error { return r.fill(&page, q, limit, after, ok) })
	})
	if err != nil {
		return store.Page{}, err
	}
	return page, nil
}

// fill reads the entries of one page, and the document of each.
func (r *reader) fill(page *store.Page, q store.Query, limit int, after store.Cursor, resumed bool) error {
	s, start, bound := r.up, edge{q.From, false}, edge{q.To, q.To == ""}
	if q.Desc {
		s, start, bound = r.down, bound, start
	}
	name := []byte{} // before every name
	if resumed && withinStart(q, after.Sort) {
		start, name = edge{after.Sort, false}, appendName(nil, after.Key)
	}
	if err := bindPage(s, q, start, name, bound); err != nil {
		return err
	}
	defer s.Reset()
	var last store.Cursor
	size := 0
	for {
		row, err := s.Step()
		if err != nil || !row {
			return err
		}
		if len(page.Docs) == limit || size > maxPageBytes {
			page.Next = q.After(last)
			return nil
		}
		last = store.Cursor{Sort: s.Text(0), Key: parseName(q.Tenant, s.Text(1))}
		var d store.Doc
		if err := r.load(last.Key, &d); err != nil {
			return err
		}
		if !d.Exists() {
			return fault.New(fault.Internal, "sqlite: an entry of index %s without its document", q.Index)
		}
		size += len(d.Body)
		page.Docs = append(page.Docs, d)
	}
}

// withinStart reports whether a token's place lies behind the start of the
// range, which may be another than that of the query that the token is from.
func withinStart(q store.Query, sort string) bool {
	if q.Desc {
		return q.To == "" || sort < q.To
	}
	return sort >= q.From
}

// edge is an end of a range of sorts; top is the one after every sort.
type edge struct {
	sort string
	top  bool
}

// bindPage sets ?1 to ?4. The top is an empty blob, which SQLite orders after
// every text.
func bindPage(s *engine.Stmt, q store.Query, start edge, name []byte, bound edge) error {
	for i, e := range map[int]edge{2: start, 4: bound} {
		bind, value := s.BindText, []byte(e.sort)
		if e.top {
			bind, value = s.BindBlob, nil
		}
		if err := bind(i, value); err != nil {
			return err
		}
	}
	if err := s.BindText(1, appendPart(nil, q.Tenant, q.Index, q.Partition)); err != nil {
		return err
	}
	return s.BindText(3, name)
}
