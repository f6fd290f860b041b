package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
)

// witness is a witness by C2SP tlog-witness: it checks with the tlog and note
// packages alone, and cosigns what is consistent with what it saw last.
type witness struct {
	ledger.Witness
	t      testing.TB
	signer note.Signer
	log    string // verifier key of the log that it knows

	mu     sync.Mutex
	tree   tlog.Tree
	asked  int
	answer func(http.ResponseWriter) bool // instead, where it returns true
}

func newWitness(t testing.TB, name, log string) *witness {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{t: t, log: log}
	if w.signer, err = ledger.NewCosigner(name, key, time.Now); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(w)
	t.Cleanup(srv.Close)
	w.Witness = ledger.Witness{URL: srv.URL + "/", Key: ledger.VerifierKey(name, pub)}
	return w
}

func (w *witness) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	body, _ := io.ReadAll(r.Body)
	if w.answer != nil && w.answer(rw) {
		return
	}
	head, msg, ok := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	size, found := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(size, 10, 64)
	if r.Method != http.MethodPost || r.URL.Path != "/add-checkpoint" || !ok || !found || err != nil {
		http.Error(rw, "bad request", http.StatusBadRequest)
		return
	}
	v, err := note.NewVerifier(w.log)
	if err != nil {
		w.t.Error(err)
	}
	n, err := note.Open([]byte(msg), note.VerifierList(v))
	if err != nil {
		http.Error(rw, "unknown", http.StatusForbidden)
		return
	}
	parts := strings.Split(n.Text, "\n")
	to, _ := strconv.ParseInt(parts[1], 10, 64)
	root, err := tlog.ParseHash(parts[2])
	if err != nil || old > to {
		http.Error(rw, "bad request", http.StatusBadRequest)
		return
	}
	if old != w.tree.N {
		rw.Header().Set("Content-Type", "text/x.tlog.size")
		rw.WriteHeader(http.StatusConflict)
		fmt.Fprintln(rw, w.tree.N)
		return
	}
	var proof tlog.TreeProof
	for _, l := range lines[1:] {
		h, err := tlog.ParseHash(l)
		if err != nil {
			http.Error(rw, "bad request", http.StatusBadRequest)
			return
		}
		proof = append(proof, h)
	}
	if old > 0 && tlog.CheckTree(proof, to, root, old, w.tree.Hash) != nil {
		http.Error(rw, "forked", http.StatusUnprocessableEntity)
		return
	}
	signed, err := note.Sign(&note.Note{Text: n.Text}, w.signer)
	if err != nil {
		w.t.Error(err)
	}
	w.tree = tlog.Tree{N: to, Hash: root}
	_, _ = rw.Write(signed[len(n.Text)+1:])
}

func (w *world) key(t testing.TB) string {
	t.Helper()
	k, err := w.log.PublicKey(t.Context(), tenant)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (w *world) cosign(t testing.TB, by *witness) bool {
	t.Helper()
	did, err := w.log.Cosign(t.Context(), tenant, by.Witness)
	if err != nil {
		t.Fatal(err)
	}
	return did
}

func TestWitnessesCosignWhatGrew(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.seal(t)
	one, two := newWitness(t, "one.example.org", w.key(t)), newWitness(t, "two.example.org", w.key(t))
	known := ledger.Options{Keys: ledger.Keys{Log: w.key(t), Witnesses: []string{one.Key, two.Key}}}
	cosigned := func() string {
		t.Helper()
		c, err := ledger.ParseCheckpoint(w.checkpoint(t), known.Keys, false)
		if err != nil {
			t.Fatal(err)
		}
		if r := w.verify(t, known); !r.OK() || fmt.Sprint(r.Cosigned) != fmt.Sprint(c.Cosigned) {
			t.Fatalf("the published checkpoint says %v, the stored log %v %v", c.Cosigned, r.Cosigned, r.Faults)
		}
		return fmt.Sprint(c.Cosigned)
	}
	if !w.cosign(t, one) || !w.cosign(t, two) || cosigned() != "[one.example.org two.example.org]" {
		t.Fatal("both have seen it")
	}
	if asked := one.asked; w.cosign(t, one) || one.asked != asked {
		t.Error("it was asked for the same again")
	}
	w.note(t, 300)
	w.seal(t)
	if cosigned() != "[]" {
		t.Error("nobody has seen what is newer")
	}
	if !w.cosign(t, two) || cosigned() != "[two.example.org]" {
		t.Error("one of them has")
	}
	// The witness has more than we remember: an answer was lost.
	one.tree.N, one.tree.Hash = two.tree.N, two.tree.Hash
	w.cosign(t, one)
	if cosigned() != "[one.example.org two.example.org]" {
		t.Error("an answer that was lost is made up for")
	}
	w.clean(t)
}

func TestAWitnessTellsALogThatWasTakenBackOrForked(t *testing.T) {
	for name, c := range map[string]struct {
		tree func(*witness)
		kind fault.Kind
	}{
		"it has seen more leaves": {func(w *witness) { w.tree.N = 1000 }, fault.Internal},
		"it has seen other leaves": {func(w *witness) {
			w.tree.N = 2
			w.tree.Hash[0]++
		}, fault.Internal},
		"it does not know the log": {func(w *witness) { w.log = otherLog }, fault.Invalid},
		"it signs with another key": {func(w *witness) {
			other := newWitness(w.t, "one.example.org", w.log)
			w.signer = other.signer
		}, fault.Invalid},
		"it is down":                {func(w *witness) { w.answer = status(http.StatusServiceUnavailable) }, fault.Unavailable},
		"it conflicts with no size": {func(w *witness) { w.answer = status(http.StatusConflict) }, fault.Unavailable},
		"it never stops talking": {func(w *witness) {
			w.answer = func(rw http.ResponseWriter) bool {
				_, _ = rw.Write(bytes.Repeat([]byte("— x AAAA\n"), 10000))
				return true
			}
		}, fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.note(t, 5)
			w.seal(t)
			by := newWitness(t, "one.example.org", w.key(t))
			c.tree(by)
			if did, err := w.log.Cosign(t.Context(), tenant, by.Witness); did || !fault.Is(err, c.kind) {
				t.Errorf("cosigned: %v, %v", did, err)
			}
			w.clean(t)
		})
	}
}

func TestEveryByteOfACosignatureIsChecked(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.seal(t)
	by := newWitness(t, "one.example.org", w.key(t))
	w.cosign(t, by)
	at := store.Key{Tenant: tenant, Kind: "witnessed", ID: "1"}
	docs, err := w.tree.Get(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	for i := range docs[0].Body {
		body := bytes.Clone(docs[0].Body)
		body[i] ^= 1
		if err := w.tree.Commit(t.Context(), store.Op{Key: at, Act: store.Put, Expect: store.Any(), Body: body}); err != nil {
			t.Fatal(err)
		}
		if r := w.verify(t, ledger.Options{}); r.OK() {
			t.Errorf("byte %d: nobody noticed %q", i, body)
		}
	}
}

func TestACosignatureIsNotLostByAFault(t *testing.T) {
	w := newWorld(t)
	w.note(t, 3)
	w.seal(t)
	by := newWitness(t, "one.example.org", w.key(t))
	moments := []storetest.Moment{storetest.Before, storetest.After}
	for n := 1; ; n++ {
		w.tree.Reset()
		w.tree.Fail(storetest.Plan{Nth: n, Moment: moments[n%2]})
		_, err := w.log.Cosign(t.Context(), tenant, by.Witness)
		failed := w.tree.Failed()
		w.tree.Reset()
		if failed == 0 {
			break
		}
		if err == nil {
			t.Error("a fault was not told")
		}
		w.clean(t)
	}
	w.cosign(t, by)
	if c, err := ledger.ParseCheckpoint(w.checkpoint(t), ledger.Keys{Log: w.key(t), Witnesses: []string{by.Key}}, false); err != nil || len(c.Cosigned) != 1 {
		t.Error(c, err)
	}
}

func status(code int) func(http.ResponseWriter) bool {
	return func(rw http.ResponseWriter) bool {
		rw.WriteHeader(code)
		return true
	}
}

// otherLog is the verifier key of some other log.
var otherLog = func() string {
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	k, err := note.NewEd25519VerifierKey("other.example.org/log", pub)
	if err != nil {
		panic(err)
	}
	return k
}()
