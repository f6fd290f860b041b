package ledger

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/domain/audit"
)

// FaultKind says what is wrong with a log. The set is closed.
type FaultKind string

const (
	Changed    FaultKind = "changed"     // an entry, leaf, tile or checkpoint is not what it was
	Removed    FaultKind = "removed"     // an entry, leaf, tile or checkpoint is missing, and nothing says why
	Inserted   FaultKind = "inserted"    // something stands where the log has another or none
	BackDated  FaultKind = "back_dated"  // a leaf is older than one before it by more than MergeDelay
	PostDated  FaultKind = "post_dated"  // a leaf is younger than the checkpoint that has it
	PassedOver FaultKind = "passed_over" // an entry waits though younger ones were sequenced
	RolledBack FaultKind = "rolled_back" // the log is smaller than the checkpoint held outside
	Forked     FaultKind = "forked"      // the log is not the one of the checkpoint held outside
)

// Fault is one finding, with its place.
type Fault struct {
	Kind  FaultKind `json:"kind"`
	Leaf  int64     `json:"leaf"`            // number of the leaf, -1 where it is not about one
	Entry string    `json:"entry,omitempty"` // id of the entry
	Text  string    `json:"text"`
}

func (f Fault) String() string {
	s := string(f.Kind)
	if f.Leaf >= 0 {
		s += fmt.Sprintf(" leaf %d", f.Leaf)
	}
	if f.Entry != "" {
		s += " entry " + f.Entry
	}
	return s + ": " + f.Text
}

const (
	maxFaults = 100 // shown; all are counted
	maxShown  = 20  // entries that wait
)

// Withheld is what is no longer there of a class, by policy.
type Withheld struct {
	Count int64     `json:"count"`               // leaves whose entry is gone, as the log states
	Until time.Time `json:"kept_until,omitzero"` // when the term of the last of them ended
}

// Report is what a verification found.
type Report struct {
	Origin      string                    `json:"origin"`
	Size        int64                     `json:"size"`
	Root        string                    `json:"root"`
	At          time.Time                 `json:"at,omitzero"` // of the newest checkpoint
	Cosigned    []string                  `json:"cosigned,omitempty"`
	Checkpoints int64                     `json:"checkpoints,omitempty"` // older ones that were checked
	Entries     int64                     `json:"entries"`
	Withheld    map[audit.Class]*Withheld `json:"withheld,omitempty"`
	Lost        int64                     `json:"lost,omitempty"`       // missing after a restore, and declared
	Statements  []string                  `json:"statements,omitempty"` // the newest that are not about retention
	Pending     int64                     `json:"pending"`
	Waiting     []string                  `json:"waiting,omitempty"` // ids of the first that wait
	Outside     string                    `json:"outside,omitempty"` // what the checkpoint held outside was compared with
	Earlier     []*Report                 `json:"earlier,omitempty"` // logs that this one continues
	FaultCount  int64                     `json:"fault_count"`
	Faults      []Fault                   `json:"faults,omitempty"`

	generation  int
	unexplained map[audit.Class]ranges
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool {
	return r.FaultCount == 0 && !slices.ContainsFunc(r.Earlier, func(e *Report) bool { return !e.OK() })
}

func (r *Report) fault(kind FaultKind, leaf int64, entry, format string, args ...any) {
	r.FaultCount++
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, Fault{kind, leaf, entry, fmt.Sprintf(format, args...)})
	}
}

func (r *Report) withheldOf(c audit.Class) *Withheld {
	if r.Withheld == nil {
		r.Withheld = map[audit.Class]*Withheld{}
	}
	if r.Withheld[c] == nil {
		r.Withheld[c] = &Withheld{}
	}
	return r.Withheld[c]
}

func (r *Report) unexplainedOf(c audit.Class, left ranges) {
	if r.unexplained == nil {
		r.unexplained = map[audit.Class]ranges{}
	}
	r.unexplained[c] = left
}

// Write prints the report for people.
func (r *Report) Write(w io.Writer) {
	p := func(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }
	p("log        %s", r.Origin)
	p("size       %d leaves, root %s", r.Size, r.Root)
	if !r.At.IsZero() {
		p("checkpoint %s, and %d older ones", r.At.Format(time.RFC3339), r.Checkpoints)
	}
	for _, name := range r.Cosigned {
		p("cosigned   %s", name)
	}
	if r.Outside != "" {
		p("outside    %s", r.Outside)
	}
	if r.Entries > 0 || r.Pending > 0 {
		p("entries    %d checked, %d not yet sequenced", r.Entries, r.Pending)
	}
	for _, id := range r.Waiting {
		p("           waits: %s", id)
	}
	for _, c := range slices.Sorted(maps.Keys(r.Withheld)) {
		h := r.Withheld[c]
		p("withheld   %d of class %s by policy, kept until %s", h.Count, c, h.Until.Format(time.RFC3339))
	}
	if r.Lost > 0 {
		p("lost       %d, declared after a restore of the data", r.Lost)
	}
	for _, s := range r.Statements {
		p("statement  %s", s)
	}
	for _, f := range r.Faults {
		p("FAULT      %s", f)
	}
	if n := r.FaultCount - int64(len(r.Faults)); n > 0 {
		p("           and %d more", n)
	}
	if r.FaultCount == 0 {
		p("verified   nothing was changed, removed, reordered or back-dated")
	}
	for _, e := range r.Earlier {
		e.Write(w)
	}
}

// stream hashes leaves into a tree as they come: in memory that grows with the
// logarithm of their number.
type stream struct {
	n     int64
	stack []tlog.Hash // perfect subtrees, the largest first
	tiles [][]byte    // what the tile of each level holds so far
}

// push appends a leaf hash. It returns the tiles that it filled.
func (s *stream) push(h tlog.Hash) (full []filled) {
	carry := h
	for bit := s.n; bit&1 == 1; bit >>= 1 {
		last := len(s.stack) - 1
		carry = tlog.NodeHash(s.stack[last], carry)
		s.stack = s.stack[:last]
	}
	s.stack = append(s.stack, carry)
	for level := 0; ; level++ {
		if level == len(s.tiles) {
			s.tiles = append(s.tiles, nil)
		}
		s.tiles[level] = append(s.tiles[level], h[:]...)
		if len(s.tiles[level]) < tileWidth*tlog.HashSize {
			break
		}
		data := s.tiles[level]
		full = append(full, filled{Tile{level, s.n >> (tileHeight * (level + 1)), tileWidth}, data})
		s.tiles[level] = nil
		h = tileRoot(data)
	}
	s.n++
	return full
}

type filled struct {
	Tile
	data []byte
}

// rest are the tiles that are not full.
func (s *stream) rest() (out []filled) {
	for level, data := range s.tiles {
		if len(data) > 0 {
			out = append(out, filled{Tile{level, s.n >> (tileHeight * (level + 1)), len(data) / tlog.HashSize}, data})
		}
	}
	return out
}

// root is the root of what was pushed.
func (s *stream) root() tlog.Hash {
	if len(s.stack) == 0 {
		h, _ := tlog.TreeHash(0, nil)
		return h
	}
	h := s.stack[len(s.stack)-1]
	for i := len(s.stack) - 2; i >= 0; i-- {
		h = tlog.NodeHash(s.stack[i], h)
	}
	return h
}
