package ledger

import (
	"bytes"
	"context"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
)

// Options of a verification.
type Options struct {
	// Keys are trusted. An empty Keys.Log takes the key that the tree store
	// names: it shows that the log agrees with itself, not whose it is.
	Keys Keys
	// Outside is a signed checkpoint of the same log that was held elsewhere;
	// nil: truncation, rollback and forks can't be found.
	Outside []byte
}

// VerifyTiles checks a published log by its tiles alone: that they hash to the
// newest checkpoint, agree among themselves, and contain the checkpoint held
// outside. It knows no entries. The error is one of reading; what is wrong with
// the log stands in the report.
func VerifyTiles(ctx context.Context, src TileSource, o Options) (*Report, error) {
	msg, err := src.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	head, err := ParseCheckpoint(msg, o.Keys, false)
	if err != nil {
		return nil, err
	}
	v, err := newVerifier(ctx, head, o)
	if err != nil {
		return nil, err
	}
	v.tile = func(t Tile) ([]byte, error) { return src.Tile(ctx, t) }
	for n := int64(0); n*tileWidth < v.head.Size && v.report.FaultCount < maxFaults; n++ {
		t := Tile{0, n, widthAt(v.head.Size, 0, n)}
		data, err := v.read(t)
		if err != nil {
			return nil, err
		}
		for i := range t.Width {
			var h tlog.Hash
			if data != nil {
				copy(h[:], data[i*tlog.HashSize:])
			}
			if err := v.add(h); err != nil {
				return nil, err
			}
		}
	}
	return v.finish()
}

// verifier checks one tree as its leaves pass by.
type verifier struct {
	ctx     context.Context
	report  *Report
	head    Checkpoint
	outside *Checkpoint
	stream  stream
	tile    func(Tile) ([]byte, error)
	history func() (*Checkpoint, error) // the next older checkpoint of the log's own, nil after the last
	next    *Checkpoint                 // of history
	last    Checkpoint                  // of history, the one before next
	ended   bool                        // history has no more
	now     func() int64                // the size of the log at this moment
	newest  time.Time                   // the youngest leaf so far
}

// newVerifier starts from the newest checkpoint. fault.Invalid: the one held
// outside is not of this log.
func newVerifier(ctx context.Context, head Checkpoint, o Options) (*verifier, error) {
	v := &verifier{ctx: ctx, head: head, report: &Report{Origin: head.Origin, Size: head.Size, Root: head.Root.String(), At: head.At, Cosigned: head.Cosigned}}
	if o.Outside == nil {
		return v, nil
	}
	out, err := ParseCheckpoint(o.Outside, o.Keys, false)
	if err != nil {
		return nil, fault.New(fault.Invalid, "ledger: the checkpoint held outside is none of this log")
	}
	v.compare(out)
	return v, nil
}

// compare sets the log against a checkpoint held outside.
func (v *verifier) compare(out Checkpoint) {
	v.outside = &out
	v.report.Outside = "contains the checkpoint of size " + itoa(out.Size)
	v.report.Cosigned = append(v.report.Cosigned, out.Cosigned...)
	if out.Size > v.head.Size {
		v.report.Outside = "is older than the checkpoint of size " + itoa(out.Size)
		v.report.fault(RolledBack, v.head.Size, "", "the log ends here, and the checkpoint held outside has %d leaves: %d were cut off", out.Size, out.Size-v.head.Size)
	}
}

// read returns a tile, or nil and a fault where it is not there or has another
// length. The error is one of reading.
func (v *verifier) read(t Tile) ([]byte, error) {
	data, err := v.tile(t)
	switch {
	case fault.Is(err, fault.NotFound) || fault.Is(err, fault.Internal):
		v.report.fault(Removed, t.N<<(tileHeight*(t.Level+1)), "", "tile %s is missing or has another length", t.Path())
		return nil, nil
	case err != nil:
		return nil, err
	case len(data) != t.Width*tlog.HashSize:
		v.report.fault(Changed, t.N<<(tileHeight*(t.Level+1)), "", "tile %s has another length", t.Path())
		return nil, nil
	}
	return data, nil
}

// add takes the next leaf's hash, and checks the tiles above level 0 that it
// fills.
func (v *verifier) add(h tlog.Hash) error {
	if err := v.passed(); err != nil {
		return err
	}
	return v.tiles(v.stream.push(h))
}

func (v *verifier) tiles(list []filled) error {
	for _, f := range list {
		if f.Level == 0 {
			continue
		}
		data, err := v.read(f.Tile)
		if err != nil {
			return err
		}
		for i := 0; data != nil && i < f.Width; i++ {
			if !bytes.Equal(data[i*tlog.HashSize:(i+1)*tlog.HashSize], f.data[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
				first := (f.N*tileWidth + int64(i)) << (tileHeight * f.Level)
				v.report.fault(Changed, first, "", "tile %s is not the hash of what lies below it, from hash %d on", f.Path(), i)
				break
			}
		}
	}
	return nil
}

// passed compares the checkpoints of the size reached with the root so far.
func (v *verifier) passed() error {
	if v.outside != nil && v.outside.Size == v.stream.n && v.outside.Size <= v.head.Size && v.stream.root() != v.outside.Root {
		v.report.fault(Forked, v.stream.n, "", "the first %d leaves are not those of the checkpoint held outside", v.outside.Size)
	}
	for v.history != nil && !v.ended {
		if v.next == nil {
			c, err := v.history()
			if err != nil {
				return err
			}
			if v.next = c; c == nil {
				v.ended = true
				return nil
			}
		}
		if v.next.Size > v.stream.n {
			return nil
		}
		v.own(*v.next)
		v.last, v.next = *v.next, nil
	}
	return nil
}

// clockSkew is how far the clocks of two machines of one deployment may be
// apart.
const clockSkew = 5 * time.Minute

// own checks an older checkpoint of the log's own.
func (v *verifier) own(c Checkpoint) {
	v.report.Checkpoints++
	switch {
	case v.stream.root() != c.Root:
		v.report.fault(Changed, v.last.Size, "", "the signed checkpoint of size %d does not fit: something changed from leaf %d to %d", c.Size, v.last.Size, c.Size-1)
	case c.At.Before(v.last.At):
		v.report.fault(Changed, c.Size, "", "the checkpoint of size %d is older than the one before it", c.Size)
	case v.newest.After(c.At.Add(clockSkew)):
		v.report.fault(PostDated, c.Size-1, "", "a leaf before this one is younger than the checkpoint of size %d, signed %s", c.Size, c.At.Format(time.RFC3339))
	}
}

// finish compares the last tiles and the root.
func (v *verifier) finish() (*Report, error) {
	if v.stream.n < v.head.Size {
		return v.report, nil // given up after too many faults
	}
	if err := v.passed(); err != nil {
		return nil, err
	}
	if err := v.tiles(v.stream.rest()); err != nil {
		return nil, err
	}
	if v.next != nil && v.next.Size > v.now() {
		v.report.fault(RolledBack, v.head.Size, "", "the log ends here, and its own checkpoint of size %d still stands", v.next.Size)
	}
	if v.history != nil && (v.last.Size != v.head.Size || v.last.Root != v.head.Root) {
		v.report.fault(Removed, -1, "", "the stored checkpoint of size %d is missing", v.head.Size)
	}
	if v.stream.root() != v.head.Root {
		v.report.fault(Changed, v.last.Size, "", "the leaves are not those of the newest signed checkpoint, of size %d", v.head.Size)
	}
	return v.report, nil
}
