package ledger_test

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
)

// The proof in testdata, its checkpoint and its two kinds of signature were made
// by github.com/transparency-dev/formats v0.1.1 and merkle v0.0.2, an
// implementation of the C2SP specifications that is not ours. Its keys are
// Ed25519 from seeds of 32 bytes 7 (the log) and 9 (the witness).
const (
	theirLog     = "example.org/log+5e2cef00+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
	theirWitness = "witness.example.org+69b225e9+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY"
)

func TestAProofAndACosignedCheckpointByAnotherImplementation(t *testing.T) {
	text, err := os.ReadFile("testdata/good_proof.txt")
	if err != nil {
		t.Fatal(err)
	}
	p, err := ledger.ParseProof(string(text))
	if err != nil || p.Index != 6 || string(p.Leaf) != "leaf 6" || p.String() != string(text) {
		t.Fatalf("%+v, %v", p, err)
	}
	keys := ledger.Keys{Log: theirLog, Witnesses: []string{theirWitness}}
	c, err := ledger.ParseCheckpoint(p.Checkpoint, keys, false)
	if err != nil || c.Size != 11 || len(c.Cosigned) != 1 || c.Cosigned[0] != "witness.example.org" || c.At.Year() < 2026 {
		t.Fatalf("%+v, %v", c, err)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Leaf)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Check(keys); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "holds") {
		t.Fatal("it holds, and is about no leaf of ours:", err)
	}
	for i := range p.Checkpoint {
		b := bytes.Clone(p.Checkpoint)
		b[i] ^= 1
		if c, err := ledger.ParseCheckpoint(b, keys, false); err == nil && (c.Size != 11 || (len(c.Cosigned) == 1 && !c.At.IsZero() && !sameBytes(b, p.Checkpoint))) {
			t.Errorf("byte %d: %+v", i, c)
		}
	}
	p.Leaf[0] ^= 1
	if _, _, err := p.Check(keys); err == nil {
		t.Fatal("another leaf is proved")
	}
}

// sameBytes reports whether two notes say the same: base64 has spare bits.
func sameBytes(a, b []byte) bool {
	n, err := note.Open(a, note.VerifierList())
	_ = n
	if u, ok := err.(*note.UnverifiedNoteError); ok {
		v, err := note.Open(b, note.VerifierList())
		_ = v
		w, ok := err.(*note.UnverifiedNoteError)
		return ok && u.Note.Text == w.Note.Text && len(u.Note.UnverifiedSigs) == len(w.Note.UnverifiedSigs)
	}
	return false
}

func TestPublicVerifiersAcceptEveryProof(t *testing.T) {
	w := newWorld(t)
	sizes := []int64{}
	var points [][]byte
	for _, n := range []int{1, 6, 250, 30} {
		w.fill(t, n)
		sizes = append(sizes, w.checkpoint0(t))
		points = append(points, w.checkpoint(t))
	}
	v, err := note.NewVerifier(w.keys(t).Log)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ledger.NewProver(t.Context(), w.tree, tenant)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Checkpoint().Size {
		proof, err := p.Leaf(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		n, err := note.Open(proof.Checkpoint, note.VerifierList(v)) // x/mod alone
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(n.Text, "\n")
		root, err := tlog.ParseHash(lines[2])
		if err != nil || lines[0] != "okence.org/ekc" {
			t.Fatal(n.Text, err)
		}
		if err := tlog.CheckRecord(proof.Hashes, p.Checkpoint().Size, root, i, tlog.RecordHash(proof.Leaf)); err != nil {
			t.Fatal(i, err)
		}
		if tlog.CheckRecord(proof.Hashes, p.Checkpoint().Size, root, (i+1)%p.Checkpoint().Size, tlog.RecordHash(proof.Leaf)) == nil {
			t.Fatal(i, "is proved at another place")
		}
	}
	for i, size := range sizes {
		old, err := ledger.ParseCheckpoint(points[i], w.keys(t), true)
		if err != nil || old.Size != size {
			t.Fatal(err)
		}
		hashes, _, err := p.Consistency(size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(hashes, p.Checkpoint().Size, p.Checkpoint().Root, size, old.Root); err != nil {
			t.Fatal(size, err)
		}
	}
}

func TestPublished(t *testing.T) {
	w := newWorld(t)
	w.fill(t, 300)
	outside := w.checkpoint(t)
	w.fill(t, 7)
	mux := http.NewServeMux()
	for _, pattern := range ledger.Patterns {
		mux.Handle(pattern, ledger.Handler(w.log.Source, func(name string) bool { return name == tenant }))
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	url := server.URL + "/ledger/" + tenant
	var out bytes.Buffer
	ok, err := ledger.VerifyCommand{URL: url, Checkpoint: outside}.Run(t.Context(), &out)
	if err != nil || !ok || !strings.Contains(out.String(), "307 leaves") {
		t.Fatal(ok, err, out.String())
	}
	for path, want := range map[string]int{
		"/checkpoint": 200, "/key": 200, "/tile/0/000": 200, "/tile/0/001.p/51": 200, "/tile/0/001.p/44": 200, "/tile/1/000.p/1": 200,
		"/tile/0/001": 404, "/tile/0/001.p/52": 404, "/tile/0/000.p/0": 404, "/tile/0/0": 404, "/tile/00/000": 404, "/tile/0/x000/000": 404,
		"/tile/0/000.p/256": 404, "/tile/1/000": 404, "/tile/63/000": 404, "/tile/64/000": 404, "/tile/-1/000": 404, "/tile/entries/000": 404, "/tile/8/0/000": 404, "/other": 404,
	} {
		resp, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, want)
		}
	}
	if resp, err := http.Get(server.URL + "/ledger/nobody/checkpoint"); err != nil || resp.StatusCode != 404 {
		t.Fatal(resp, err)
	}
	// A tile that was changed on its way, or at the server.
	w.tamper(t, w.tree, "tile", "1/0/000", func(b []byte) []byte { b[77] ^= 4; return b })
	out.Reset()
	if ok, err := (ledger.VerifyCommand{URL: url, Key: w.keys(t).Log}).Run(t.Context(), &out); err != nil || ok {
		t.Fatal(ok, err, out.String())
	}
	if ok, err := (ledger.VerifyCommand{URL: url, Key: theirLog}).Run(t.Context(), &out); !fault.Is(err, fault.Invalid) || ok {
		t.Fatal("another's key:", ok, err)
	}
}

// The examples of C2SP tlog-tiles.
func TestTilePaths(t *testing.T) {
	for path, tile := range map[string]ledger.Tile{
		"0/x001/x234/067": {Level: 0, N: 1234067, Width: 256},
		"1/000.p/17":      {Level: 1, N: 0, Width: 17},
		"0/273.p/112":     {Level: 0, N: 273, Width: 112}, // of a tree of 70,000
		"2/000.p/1":       {Level: 2, N: 0, Width: 1},
	} {
		got, err := ledger.ParseTile(path)
		if err != nil || got != tile || tile.Path() != path {
			t.Errorf("%s: %+v, %v, %s", path, got, err, tile.Path())
		}
	}
}

// The bytes of leaves are part of every tree ever signed.
func TestLeafVectors(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 30, 0, 123456789, time.UTC)
	entry := ledger.Leaf{Kind: ledger.EntryLeaf, At: at, Class: audit.PlatformLog}
	for i := range 32 {
		entry.Entry[i], entry.Commitment[i] = byte(i), byte(0xff-i)
	}
	statement := ledger.Leaf{Kind: ledger.StatementLeaf, At: at, Class: audit.LoginLog, Text: "withheld log=1 leaves=0-2 kept_until=2027-05-01T00:00:00Z"}
	for name, c := range map[string]struct {
		leaf ledger.Leaf
		hex  string
	}{
		"an entry": {entry, "010118eaa29dcec9bd15036c6f67" + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" +
			"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0"},
		"a statement": {statement, "010218eaa29dcec9bd15096c6f67696e5f6c6f67" + "0039" + hex.EncodeToString([]byte(statement.Text))},
	} {
		if got := hex.EncodeToString(c.leaf.Bytes()); got != c.hex {
			t.Errorf("%s: %s", name, got)
		}
		back, err := ledger.ParseLeaf(c.leaf.Bytes())
		if err != nil || back != c.leaf {
			t.Errorf("%s: %+v, %v", name, back, err)
		}
	}
	e := audit.Entry{
		Act: audit.Disclose, ActorID: "officer-1", ActorName: "Rok Zajc", ActorRole: "officer", Source: "192.0.2.8", Subject: "ana",
		Items: []audit.Item{{Kind: "message", ID: "m1", Fields: []string{"text"}}}, Use: "rights", Result: audit.Success, Reason: "court order",
		Recipient: "court", Case: "P-1", Event: "e-1", SecretUntil: at, Salt: bytes.Repeat([]byte{5}, audit.SaltSize),
	}
	const commitment = "75e6cf40ed82c7fb6d1fa21727dccdb1ffa8c59dd7ae3c64113d6d927d8c139c" // computed apart from this code, by the text in audit/commit.go
	if got := hex.EncodeToString(e.Commit()); got != commitment {
		t.Errorf("commitment %s", got)
	}
}

func FuzzDecoders(f *testing.F) {
	text, err := os.ReadFile("testdata/good_proof.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[bytes.Index(text, []byte("example.org/log")):])
	f.Add(ledger.Leaf{Kind: ledger.EntryLeaf, Class: "log"}.Bytes())
	f.Add(ledger.Leaf{Kind: ledger.StatementLeaf, Class: "log", Text: "lost log=1 leaves=1-3,9"}.Bytes())
	f.Add([]byte("0/x001/x234/067.p/9"))
	f.Add([]byte("withheld log=1 leaves=0-79,85 kept_until=2027-11-24T00:00:00Z"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if l, err := ledger.ParseLeaf(b); err == nil && !bytes.Equal(l.Bytes(), b) {
			t.Errorf("a leaf has two spellings: %x", b)
		}
		if p, err := ledger.ParseProof(string(b)); err == nil && p.String() != string(b) {
			t.Errorf("a proof has two spellings: %q", b)
		}
		if tile, err := ledger.ParseTile(string(b)); err == nil && tile.Path() != string(b) {
			t.Errorf("a tile has two paths: %q", b)
		}
		_, _ = ledger.ParseCheckpoint(b, ledger.Keys{Log: theirLog, Witnesses: []string{theirWitness}}, true)
		if s := ledger.ParseStatement(string(b)); len(s.Leaves) > len(b) {
			t.Errorf("%q", b)
		}
	})
}
