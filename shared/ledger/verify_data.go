package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Verify checks a tenant's log against the stored entries, from the two stores
// alone: no key opens anything. Its memory does not grow with the log, but for
// 16 bytes a run of leaves whose entries are gone. The error is one of reading,
// or fault.Invalid: the newest checkpoint, or the one held outside, is not
// signed by this log.
//
// The log may grow meanwhile: what is verified is the log as of the checkpoint
// that was the newest when Verify began.
func Verify(ctx context.Context, docs, tree store.Store, tenant string, o Options) (*Report, error) {
	for attempt := 1; ; attempt++ {
		c := &check{ctx: ctx, docs: docs, tree: tree, tenant: tenant, logs: map[int]*generation{}}
		r, err := c.verify(o)
		if err != nil || r.OK() || attempt == retries || c.now(c.logs[r.generation].id) == r.Size {
			return r, err
		}
		// A sweep under way may have deleted what the log states only later.
	}
}

// retries bounds how often a verification that found something is repeated
// because the log grew meanwhile.
const retries = 4

func (c *check) verify(o Options) (*Report, error) {
	verifiers, err := c.prepare(o)
	if err != nil {
		return nil, err
	}
	report := verifiers[0].report
	back := c.apart()
	other := &Report{At: report.At}
	var reverse error
	var wg sync.WaitGroup
	wg.Go(func() { reverse = back.entries(other) })
	var forward error
	for _, v := range verifiers {
		if forward = c.run(v); forward != nil {
			break
		}
	}
	wg.Wait()
	if err := errors.Join(forward, reverse); err != nil {
		return nil, err
	}
	if err := c.account(); err != nil {
		return nil, err
	}
	for _, v := range verifiers[1:] {
		report.Earlier = append(report.Earlier, v.report)
	}
	report.Pending, report.Waiting = other.Pending, other.Waiting
	report.FaultCount += other.FaultCount
	report.Faults = append(report.Faults, other.Faults[:min(len(other.Faults), maxFaults-len(report.Faults))]...)
	return report, nil
}

// prepare reads the newest checkpoints of the log and of those it continues.
func (c *check) prepare(o Options) ([]*verifier, error) {
	id, err := c.identity("current")
	if err != nil {
		return nil, err
	}
	if id == nil {
		return nil, fault.New(fault.NotFound, "ledger: tenant %s has no log yet", c.tenant)
	}
	var out []*verifier
	for g := id.Generation; g > 0; g-- {
		if g != id.Generation {
			// Where an earlier log's documents are lost, nothing can be said
			// of it but what the first leaf of the next one states.
			if id, err = c.identity(fmt.Sprint(g)); err != nil {
				return nil, err
			}
			if id == nil {
				continue
			}
			o.Keys.Log = ""
		}
		if o.Keys.Log == "" {
			o.Keys.Log = id.Key
		}
		own := o
		if _, err := ParseCheckpoint(o.Outside, o.Keys, false); err != nil {
			own.Outside = nil // of an earlier log, or of none
		} else {
			o.Outside = nil
		}
		v, err := c.generation(id, own)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if o.Outside != nil {
		return nil, fault.New(fault.Invalid, "ledger: the checkpoint held outside is none of this log")
	}
	return out, nil
}

// apart is a check of the same logs that may run beside this one.
func (c *check) apart() *check {
	d := &check{ctx: c.ctx, docs: c.docs, tree: c.tree, tenant: c.tenant, logs: map[int]*generation{}}
	for n, g := range c.logs {
		d.logs[n] = &generation{id: g.id, size: g.size, head: g.head}
	}
	return d
}

// now is the size of a log at this moment, 0 where it can't be told.
func (c *check) now(id *identity) int64 {
	docs, err := c.tree.Get(c.ctx, id.headKey(c.tenant))
	if err != nil {
		return 0
	}
	if g := c.logs[id.Generation]; g != nil && docs[0].Version == g.head.Version {
		return g.size
	}
	head, err := ParseCheckpoint(docs[0].Body, Keys{Log: id.Key}, true)
	if err != nil {
		return 0
	}
	return head.Size
}

// check is a verification of a tenant's stores.
type check struct {
	ctx        context.Context
	docs, tree store.Store
	tenant     string
	logs       map[int]*generation // the newest, and those it continues
	cacheAt    store.Key           // the bundle read last
	cache      []stored
}

// generation is one log of a tenant as it was verified.
type generation struct {
	id      *identity
	head    store.Doc // the newest checkpoint, verified
	size    int64
	report  *Report
	missing map[audit.Class]*ranges // leaves without a stored entry
	stated  map[audit.Class]*ranges // those that statements name
	lost    map[audit.Class]*ranges // those of them that a restore lost
	until   map[audit.Class]time.Time
}

func (c *check) log(g int) *generation {
	if c.logs[g] == nil {
		c.logs[g] = &generation{
			missing: map[audit.Class]*ranges{}, stated: map[audit.Class]*ranges{},
			lost: map[audit.Class]*ranges{}, until: map[audit.Class]time.Time{},
		}
	}
	return c.logs[g]
}

// identity reads who a log is; nil: there is none.
func (c *check) identity(name string) (*identity, error) {
	docs, err := c.tree.Get(c.ctx, store.Key{Tenant: c.tenant, Kind: kindLog, ID: name})
	if err != nil || !docs[0].Exists() {
		return nil, err
	}
	id := new(identity)
	if err := json.Unmarshal(docs[0].Body, id); err != nil || id.Generation < 1 || id.Generation > maxGeneration {
		return nil, fault.New(fault.Invalid, "ledger: the identity of the log is damaged")
	}
	return id, nil
}

// generation makes ready to verify one tree.
func (c *check) generation(id *identity, o Options) (*verifier, error) {
	head, err := c.tree.Get(c.ctx, id.headKey(c.tenant))
	if err != nil {
		return nil, err
	}
	newest, err := ParseCheckpoint(head[0].Body, o.Keys, true)
	if err != nil {
		return nil, err
	}
	v, err := newVerifier(c.ctx, newest, o)
	if err != nil {
		return nil, err
	}
	st := &state{identity: *id, checkpoint: v.head}
	g := c.log(id.Generation)
	g.id, g.size, g.report, g.head = id, v.head.Size, v.report, head[0]
	v.report.generation = id.Generation
	v.now = func() int64 { return c.now(id) }
	v.tile = func(t Tile) ([]byte, error) {
		at := *st
		for {
			data, err := at.tile(c.ctx, c.tree, c.tenant, t)
			if !fault.Is(err, fault.Internal) || t.Width == tileWidth {
				return data, err
			}
			size := v.now() // it may be a wider one by now
			if size <= at.checkpoint.Size {
				return nil, err
			}
			at.checkpoint.Size = size
		}
	}
	if err := c.witnessed(id, o.Keys, v.report); err != nil {
		return nil, err
	}
	v.history = c.checkpoints(id, o.Keys, v.report, head[0].Body, newest)
	return v, nil
}

// run verifies one tree and the entries that its leaves stand for.
func (c *check) run(v *verifier) error {
	g := c.log(v.report.generation)
	for n := int64(0); n*tileWidth < v.head.Size && v.report.FaultCount < maxFaults; n++ {
		if err := c.bundle(v, g, n); err != nil {
			return err
		}
	}
	_, err := v.finish()
	return err
}

// checkpoints reads the stored checkpoints in order of size. The newest one,
// msg, has been verified.
func (c *check) checkpoints(id *identity, keys Keys, r *Report, msg []byte, newest Checkpoint) func() (*Checkpoint, error) {
	q := store.Query{Tenant: c.tenant, Index: indexSize, Partition: fmt.Sprint(id.Generation), Limit: store.MaxPage}
	var page []store.Doc
	more := true
	return func() (*Checkpoint, error) {
		for {
			if len(page) == 0 {
				if !more {
					return nil, nil //nolint:nilnil // the end of a list
				}
				p, err := c.tree.Query(c.ctx, q)
				if err != nil {
					return nil, err
				}
				page, q.Token, more = p.Docs, p.Next, p.Next != ""
				continue
			}
			d := page[0]
			page = page[1:]
			cp, err := newest, error(nil)
			if !bytes.Equal(d.Body, msg) {
				cp, err = ParseCheckpoint(d.Body, keys, true)
			}
			if err != nil || d.Key != id.checkpointKey(c.tenant, cp.Size) {
				r.fault(Changed, -1, "", "the stored checkpoint %s was changed", d.Key.ID)
				continue
			}
			return &cp, nil
		}
	}
}

// bundle verifies up to 256 leaves and their entries.
func (c *check) bundle(v *verifier, g *generation, n int64) error {
	width := widthAt(v.head.Size, 0, n)
	first := n * tileWidth
	leaves, err := c.leaves(g.id, n, width)
	if err != nil && !fault.Is(err, fault.Internal) {
		return err
	}
	if err != nil {
		v.report.fault(Changed, first, "", "the leaves %d to %d are missing or damaged", first, first+int64(width)-1)
	}
	tile, err := v.read(Tile{0, n, width})
	if err != nil {
		return err
	}
	for i := range width {
		var h tlog.Hash
		if tile != nil {
			copy(h[:], tile[i*tlog.HashSize:])
		}
		if leaves != nil {
			from := tlog.RecordHash(leaves[i].leaf)
			if tile != nil && from != h {
				v.report.fault(Changed, first+int64(i), leaves[i].id, "the leaf is not the one that its tile has: one of the two was changed")
			}
			h = from
		}
		if err := v.add(h); err != nil {
			return err
		}
	}
	if leaves == nil {
		return nil
	}
	return c.compare(v, g, first, leaves)
}

func (c *check) leaves(id *identity, n int64, width int) ([]stored, error) {
	at := id.leavesKey(c.tenant, n, width)
	if c.cacheAt == at {
		return c.cache, nil
	}
	for held := width; ; {
		docs, err := c.tree.Get(c.ctx, id.leavesKey(c.tenant, n, held))
		if err != nil {
			return nil, err
		}
		if !docs[0].Exists() {
			if w := widthAt(c.now(id), 0, n); w > held { // the bundle grew meanwhile
				held = w
				continue
			}
		}
		leaves, err := parseBundle(docs[0].Body, held)
		if err != nil {
			return nil, err
		}
		c.cacheAt, c.cache = at, leaves[:width]
		return c.cache, nil
	}
}

// compare sets leaves against the stored entries that they stand for.
func (c *check) compare(v *verifier, g *generation, first int64, leaves []stored) error {
	var keys []store.Key
	var of []int
	parsed := make([]Leaf, len(leaves))
	for i, s := range leaves {
		l, err := ParseLeaf(s.leaf)
		if err != nil || (l.Kind == EntryLeaf) != (s.id != "") {
			v.report.fault(Changed, first+int64(i), s.id, "the leaf can't be read")
			continue
		}
		parsed[i] = l
		if l.At.Before(v.newest.Add(-MergeDelay)) {
			v.report.fault(BackDated, first+int64(i), s.id, "it says %s, and a leaf before it %s", l.At.Format(timeForm), v.newest.Format(timeForm))
		}
		if l.At.After(v.newest) {
			v.newest = l.At
		}
		if l.Kind == StatementLeaf {
			c.stated(g, l)
			continue
		}
		k := record.Entries.Key(c.tenant, s.id)
		if store.CheckKey(k) != nil {
			v.report.fault(Changed, first+int64(i), "", "the leaf's entry has no possible id")
			continue
		}
		keys, of = append(keys, k), append(of, i)
	}
	for chunk := range slices.Chunk(keys, store.MaxKeys) {
		docs, err := c.docs.Get(c.ctx, chunk...)
		if err != nil {
			return err
		}
		for j, d := range docs {
			i := of[j]
			if !d.Exists() {
				add(g.missing, parsed[i].Class, first+int64(i))
				continue
			}
			v.report.Entries++
			c.same(v.report, first+int64(i), parsed[i], d)
		}
		of = of[len(docs):]
	}
	return nil
}

const timeForm = "2006-01-02T15:04:05.999999999Z07:00"

func (c *check) same(r *Report, at int64, l Leaf, d store.Doc) {
	if sha256.Sum256(d.Body) != l.Entry {
		r.fault(Changed, at, d.Key.ID, "the stored entry is not the one that was sequenced")
		return
	}
	e, err := readEntry(d)
	if err != nil || !e.At.Equal(l.At) || e.Retention != l.Class || !bytes.Equal(e.Commitment, l.Commitment[:]) {
		r.fault(Changed, at, d.Key.ID, "the leaf does not say what its entry says")
	}
}

// account asks of all leaves without an entry whether a statement names them.
func (c *check) account() error {
	for _, g := range c.logs {
		if g.id == nil {
			continue
		}
		for class, missing := range g.missing {
			left := missing.without(g.stated[class])
			byPolicy := missing.without(g.lost[class]).count() - left.count()
			g.report.Lost += missing.count() - left.count() - byPolicy
			if byPolicy > 0 {
				g.report.withheldOf(class).Count = byPolicy
				g.report.withheldOf(class).Until = g.until[class]
			}
			if len(left) > 0 {
				g.report.unexplainedOf(class, left)
			}
			for _, r := range left {
				if err := c.unexplained(g, class, r); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// unexplained names leaves whose entries are gone without a word.
func (c *check) unexplained(g *generation, class audit.Class, r span) error {
	for i := r.from; i < r.to; i++ {
		n := i / tileWidth
		leaves, err := c.leaves(g.id, n, widthAt(g.size, 0, n))
		if err != nil {
			return err
		}
		g.report.fault(Removed, i, leaves[i%tileWidth].id, "the entry, of class %s, is gone, and the log does not say why", class)
		if g.report.FaultCount >= maxFaults {
			g.report.FaultCount += r.to - i - 1
			break
		}
	}
	return nil
}

// entries looks for stored entries that the log does not have.
func (c *check) entries(r *Report) error {
	for _, class := range audit.Classes {
		q := store.Query{Tenant: c.tenant, Index: record.ByClass, Partition: string(class), Limit: store.MaxPage}
		for {
			page, err := c.docs.Query(c.ctx, q)
			if err != nil {
				return err
			}
			if err := c.placed(r, page.Docs); err != nil {
				return err
			}
			if q.Token = page.Next; q.Token == "" {
				break
			}
		}
	}
	return nil
}

func (c *check) placed(r *Report, list []store.Doc) error {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.Key.ID
	}
	at, err := places(c.ctx, c.tree, c.tenant, ids)
	if err != nil {
		return err
	}
	for i, d := range list {
		if !at[i].Exists() {
			c.unsequenced(r, d)
			continue
		}
		p, err := parsePlace(at[i].Body)
		g := c.logs[p.Generation]
		if err == nil && g != nil && g.id != nil && p.Index >= g.size {
			g.size = c.now(g.id) // sequenced meanwhile
		}
		if err != nil || g == nil || g.id == nil || p.Index < 0 || p.Index >= g.size {
			r.fault(Inserted, -1, ids[i], "the entry's place in the log is none")
			continue
		}
		n := p.Index / tileWidth
		leaves, err := c.leaves(g.id, n, widthAt(g.size, 0, n))
		if fault.Is(err, fault.Internal) {
			continue // told already
		}
		if err != nil {
			return err
		}
		if leaves[p.Index%tileWidth].id != ids[i] {
			r.fault(Inserted, p.Index, ids[i], "the entry claims the place of another")
		}
	}
	return nil
}

// unsequenced names an entry that waits.
func (c *check) unsequenced(r *Report, d store.Doc) {
	e, err := readEntry(d)
	switch {
	case err != nil:
		r.fault(Changed, -1, d.Key.ID, "the entry is not yet sequenced and can't be read")
	case e.At.Before(r.At.Add(-MergeDelay)):
		r.fault(PassedOver, -1, d.Key.ID, "the entry of %s is not in the log, which went on until %s: it was put in later, or kept from the log", e.At.Format(timeForm), r.At.Format(timeForm))
	default:
		if r.Pending++; len(r.Waiting) < maxShown {
			r.Waiting = append(r.Waiting, d.Key.ID)
		}
	}
}
