package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Witness cosigns checkpoints of logs that only ever grow (C2SP tlog-witness): it
// remembers the newest one that it saw, so that whoever trusts it knows that the
// log was neither forked nor taken back.
type Witness struct {
	URL string `json:"url"` // submission prefix: POST <prefix>/add-checkpoint
	Key string `json:"key"` // verifier key, of cosignature type (0x04)
}

// Check refuses a witness that can't work.
func (w Witness) Check() error {
	if _, err := NewCosignatureVerifier(w.Key); err != nil {
		return err
	}
	if !strings.HasPrefix(w.URL, "https://") && !strings.HasPrefix(w.URL, "http://") {
		return fault.New(fault.Invalid, "ledger: a witness needs the URL of its submission prefix")
	}
	return nil
}

// seen is what a witness cosigned last.
type seen struct {
	Key  string `json:"key"`
	Size int64  `json:"size"`
	Line string `json:"line"` // of the checkpoint of that size, with its newline
}

// kindWitnessed holds "<g>": a list of seen, JSON. It is beside the checkpoints,
// which stay as they were written.
const kindWitnessed = "witnessed"

func (id *identity) witnessedKey(tenant string) store.Key { return id.at(tenant, kindWitnessed, "") }

func parseSeen(body []byte) ([]seen, error) {
	var all []seen
	if len(body) == 0 {
		return nil, nil
	}
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, fault.New(fault.Internal, "ledger: the cosignatures are damaged")
	}
	return all, nil
}

// withCosignatures is a checkpoint with the lines of those witnesses who saw it.
func withCosignatures(msg []byte, size int64, all []seen) []byte {
	out := slices.Clone(msg)
	for _, s := range all {
		if s.Size == size {
			out = append(out, s.Line...)
		}
	}
	return out
}

// Cosign has a witness cosign the newest checkpoint of a tenant's log, and keeps
// its signature to be published with it. It reports whether there was anything
// to do. Doing it twice, or by several at once, changes nothing.
//
// fault.Unavailable: the witness does not answer, or not as it should.
// fault.Invalid: it does not know this log, or signs with another key.
// fault.Internal: it has seen a longer log, or another one: this log was taken
// back or forked.
func (l *Log) Cosign(ctx context.Context, tenant string, w Witness) (bool, error) {
	verifier, err := NewCosignatureVerifier(w.Key)
	if err != nil {
		return false, err
	}
	old := int64(-1)
	for range attempts {
		p, err := NewProver(ctx, l.Tree, tenant)
		if err != nil {
			return false, err
		}
		docs, err := l.Tree.Get(ctx, p.st.witnessedKey(tenant))
		if err != nil {
			return false, err
		}
		all, err := parseSeen(docs[0].Body)
		if err != nil {
			return false, err
		}
		i := slices.IndexFunc(all, func(s seen) bool { return s.Key == w.Key })
		if i < 0 {
			i, all = len(all), append(all, seen{Key: w.Key})
		}
		size := p.st.checkpoint.Size
		if size == 0 || all[i].Size == size {
			return false, nil
		}
		old = max(old, all[i].Size)
		if old > size {
			return false, fault.New(fault.Internal, "ledger: witness %s has seen %d leaves of the log of %s, which has %d: it was taken back", verifier.Name(), old, tenant, size)
		}
		_, text, err := p.Consistency(old)
		if err != nil {
			return false, err
		}
		line, known, err := w.submit(ctx, text, p.st.note, verifier)
		if err != nil {
			return false, err
		}
		if line == "" { // it has seen more than we thought
			old = known
			continue
		}
		all[i].Size, all[i].Line = size, line
		body, err := json.Marshal(all)
		if err != nil {
			return false, err
		}
		op := store.Op{Key: p.st.witnessedKey(tenant), Act: store.Put, Expect: store.Absent(), Body: body}
		if docs[0].Exists() {
			op.Expect = store.At(docs[0].Version)
		}
		if err := l.Tree.Commit(ctx, op); !fault.Is(err, fault.Conflict) {
			return err == nil, err
		}
	}
	return false, fault.New(fault.Conflict, "ledger: the log of %s grows faster than witness %s cosigns", tenant, verifier.Name())
}

// witnessLimit bounds what is read of a witness's answer.
const witnessLimit = 16 << 10

var witnessClient = &http.Client{Timeout: 10 * time.Second}

// submit asks for a cosignature. Without one it returns the size that the witness
// knows.
func (w Witness) submit(ctx context.Context, text string, msg []byte, v note.Verifier) (line string, known int64, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(w.URL, "/")+"/add-checkpoint", strings.NewReader(text))
	if err != nil {
		return "", 0, fault.New(fault.Invalid, "ledger: the URL of witness %s is none", v.Name())
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := witnessClient.Do(req)
	if err != nil {
		return "", 0, fault.New(fault.Unavailable, "ledger: witness %s does not answer", v.Name()).Because(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, witnessLimit+1))
	if err != nil || len(body) > witnessLimit {
		return "", 0, fault.New(fault.Unavailable, "ledger: the answer of witness %s breaks off or is too long", v.Name())
	}
	switch resp.StatusCode {
	case http.StatusOK:
		line, err = cosignatureLine(msg, body, v)
		return line, 0, err
	case http.StatusConflict:
		kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		known, err = strconv.ParseInt(strings.TrimSuffix(string(body), "\n"), 10, 64)
		if kind != "text/x.tlog.size" || err != nil || known < 0 {
			return "", 0, fault.New(fault.Unavailable, "ledger: witness %s answers 409 without the size that it knows", v.Name())
		}
		return "", known, nil
	case http.StatusUnprocessableEntity:
		return "", 0, fault.New(fault.Internal, "ledger: witness %s has seen another log of this name: this one was forked", v.Name())
	case http.StatusForbidden, http.StatusNotFound:
		return "", 0, fault.New(fault.Invalid, "ledger: witness %s does not know this log: have its public key registered there", v.Name())
	}
	return "", 0, fault.New(fault.Unavailable, "ledger: witness %s answers %d", v.Name(), resp.StatusCode)
}

// cosignatureLine finds the witness's signature of msg among the lines that it
// answered.
func cosignatureLine(msg, lines []byte, v note.Verifier) (string, error) {
	n, err := note.Open(append(slices.Clone(msg), lines...), note.VerifierList(v))
	if err != nil || len(n.Sigs) != 1 {
		return "", fault.New(fault.Invalid, "ledger: witness %s did not sign with its key", v.Name())
	}
	return fmt.Sprintf("— %s %s\n", n.Sigs[0].Name, n.Sigs[0].Base64), nil
}

// witnessed checks the cosignatures that are kept with a log, and names those who
// cosigned its newest checkpoint.
func (c *check) witnessed(id *identity, keys Keys, r *Report) error {
	docs, err := c.tree.Get(c.ctx, id.witnessedKey(c.tenant))
	if err != nil {
		return err
	}
	all, err := parseSeen(docs[0].Body)
	if err != nil {
		r.fault(Changed, -1, "", "the cosignatures of witnesses were changed")
		return nil
	}
	for _, s := range all {
		v, err := NewCosignatureVerifier(s.Key)
		if err != nil {
			r.fault(Changed, -1, "", "the cosignatures of witnesses were changed")
			continue
		}
		at, err := c.tree.Get(c.ctx, id.checkpointKey(c.tenant, s.Size))
		if err != nil {
			return err
		}
		switch line, err := cosignatureLine(at[0].Body, []byte(s.Line), v); {
		case s.Size > r.Size && !at[0].Exists():
			r.fault(RolledBack, r.Size, "", "the log ends here, and witness %s has seen %d leaves", v.Name(), s.Size)
		case err != nil || line != s.Line:
			r.fault(Changed, s.Size, "", "the cosignature of witness %s was changed, or is not of the checkpoint of size %d", v.Name(), s.Size)
		case s.Size == r.Size && slices.Contains(keys.Witnesses, s.Key):
			r.Cosigned = append(r.Cosigned, v.Name())
		}
	}
	return nil
}
