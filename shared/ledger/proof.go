package ledger

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Proof shows that a leaf is in the log: anyone who has the log's public key
// can check it, offline. Its text is C2SP tlog-proof, with the leaf's bytes as
// the extra data.
type Proof struct {
	Index      int64
	Leaf       []byte // canonical bytes
	Hashes     tlog.RecordProof
	Checkpoint []byte // signed
}

const proofHeader = "c2sp.org/tlog-proof@v1\n"

// String is the proof's text.
func (p Proof) String() string {
	var b strings.Builder
	b.WriteString(proofHeader)
	fmt.Fprintf(&b, "extra %s\nindex %d\n", base64.StdEncoding.EncodeToString(p.Leaf), p.Index)
	for _, h := range p.Hashes {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint)
	return b.String()
}

// ParseProof reads a proof's text. fault.Invalid: it is none, or has no leaf.
func ParseProof(text string) (Proof, error) {
	bad := fault.New(fault.Invalid, "ledger: not a tlog-proof with its leaf")
	rest, ok := strings.CutPrefix(text, proofHeader)
	head, checkpoint, ok2 := strings.Cut(rest, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || !ok2 || len(lines) < 2 || len(lines) > 2+64 {
		return Proof{}, bad
	}
	p := Proof{Checkpoint: []byte(checkpoint)}
	extra, ok := strings.CutPrefix(lines[0], "extra ")
	index, ok2 := strings.CutPrefix(lines[1], "index ")
	var err, err2 error
	p.Leaf, err = base64.StdEncoding.DecodeString(extra)
	p.Index, err2 = strconv.ParseInt(index, 10, 64)
	if !ok || !ok2 || err != nil || err2 != nil || p.Index < 0 {
		return Proof{}, bad
	}
	for _, l := range lines[2:] {
		h, err := tlog.ParseHash(l)
		if err != nil {
			return Proof{}, bad
		}
		p.Hashes = append(p.Hashes, h)
	}
	if p.String() != text {
		return Proof{}, bad
	}
	return p, nil
}

// Check verifies the proof and returns what it proves. fault.Invalid: it does
// not hold.
func (p Proof) Check(keys Keys) (Leaf, Checkpoint, error) {
	c, err := ParseCheckpoint(p.Checkpoint, keys, false)
	if err != nil {
		return Leaf{}, c, err
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Leaf)); err != nil {
		return Leaf{}, c, fault.New(fault.Invalid, "ledger: the proof does not hold")
	}
	l, err := ParseLeaf(p.Leaf)
	if err != nil {
		return Leaf{}, c, fault.New(fault.Invalid, "ledger: the proof holds, and is not about a leaf of this kind of log")
	}
	return l, c, nil
}

// Prover makes proofs about a tenant's newest log, as of one checkpoint.
type Prover struct {
	tree   store.Store
	tenant string
	st     *state
	reader tlog.HashReader
}

// NewProver reads the newest checkpoint. fault.NotFound: there is no log yet.
func NewProver(ctx context.Context, tree store.Store, tenant string) (*Prover, error) {
	st, err := open(ctx, tree, tenant)
	if err != nil {
		return nil, err
	}
	return &Prover{tree: tree, tenant: tenant, st: st, reader: hashes(ctx, at{st, tree, tenant}, st.checkpoint.tree())}, nil
}

// at is a TileSource that stays at one checkpoint.
type at struct {
	st     *state
	tree   store.Store
	tenant string
}

func (a at) Checkpoint(context.Context) ([]byte, error) { return a.st.note, nil }

// Tile implements TileSource: the tree may have grown meanwhile, and partial
// tiles with it.
func (a at) Tile(ctx context.Context, t Tile) ([]byte, error) {
	data, err := a.st.tile(ctx, a.tree, a.tenant, t)
	if fault.Is(err, fault.Internal) {
		return StoreSource{a.tree, a.tenant}.Tile(ctx, t)
	}
	return data, err
}

// Checkpoint is the checkpoint that the proofs lead to.
func (p *Prover) Checkpoint() Checkpoint { return p.st.checkpoint }

// Entry proves an entry by its id. fault.NotFound: it is not in the newest log,
// or not yet: Seal comes within MergeDelay.
func (p *Prover) Entry(ctx context.Context, id string) (Proof, error) {
	docs, err := places(ctx, p.tree, p.tenant, []string{id})
	if err != nil {
		return Proof{}, err
	}
	if !docs[0].Exists() {
		return Proof{}, fault.New(fault.NotFound, "ledger: entry %s is not in the log yet", id)
	}
	pl, err := parsePlace(docs[0].Body)
	if err != nil {
		return Proof{}, err
	}
	if pl.Generation != p.st.Generation || pl.Index >= p.st.checkpoint.Size {
		return Proof{}, fault.New(fault.NotFound, "ledger: entry %s is not in this log", id)
	}
	return p.Leaf(ctx, pl.Index)
}

// Leaf proves a leaf by its number. fault.NotFound: there is no such leaf.
func (p *Prover) Leaf(ctx context.Context, index int64) (Proof, error) {
	size := p.st.checkpoint.Size
	if index < 0 || index >= size {
		return Proof{}, fault.New(fault.NotFound, "ledger: the log has %d leaves", size)
	}
	s, err := p.leaf(ctx, index)
	if err != nil {
		return Proof{}, err
	}
	h, err := tlog.ProveRecord(size, index, p.reader)
	if err != nil {
		return Proof{}, fault.New(fault.Internal, "ledger: the tree is damaged; verify it").Because(err)
	}
	return Proof{Index: index, Leaf: s.leaf, Hashes: h, Checkpoint: p.st.note}, nil
}

func (p *Prover) leaf(ctx context.Context, index int64) (stored, error) {
	for size := p.st.checkpoint.Size; ; {
		n := index / tileWidth
		width := widthAt(size, 0, n)
		docs, err := p.tree.Get(ctx, p.st.leavesKey(p.tenant, n, width))
		if err != nil {
			return stored{}, err
		}
		if docs[0].Exists() {
			leaves, err := parseBundle(docs[0].Body, width)
			if err != nil {
				return stored{}, err
			}
			return leaves[index%tileWidth], nil
		}
		now, err := open(ctx, p.tree, p.tenant)
		if err != nil {
			return stored{}, err
		}
		if now.Generation != p.st.Generation || now.checkpoint.Size <= size {
			return stored{}, fault.New(fault.Internal, "ledger: the leaves around %d are missing; verify the log", index)
		}
		size = now.checkpoint.Size // the bundle grew meanwhile
	}
}

// Consistency proves that the log of an older size is a beginning of the
// newest. Its text is as C2SP tlog-witness has it: "old" and the size, the
// hashes, an empty line and the newest checkpoint. fault.NotFound: no such size.
func (p *Prover) Consistency(old int64) (proof tlog.TreeProof, text string, err error) {
	size := p.st.checkpoint.Size
	if old < 0 || old > size {
		return nil, "", fault.New(fault.NotFound, "ledger: the log has %d leaves", size)
	}
	if old > 0 {
		if proof, err = tlog.ProveTree(size, old, p.reader); err != nil {
			return nil, "", fault.New(fault.Internal, "ledger: the tree is damaged; verify it").Because(err)
		}
	}
	text = "old " + itoa(old) + "\n"
	for _, h := range proof {
		text += h.String() + "\n"
	}
	return proof, text + "\n" + string(p.st.note), nil
}
