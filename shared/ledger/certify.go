package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/fault"
)

// Certify states in the log that a sweep did what the body of its certificate
// says, and returns the number of the leaf. Done twice, it is stated twice: both
// leaves say the same.
func (l *Log) Certify(ctx context.Context, tenant, sweep string, body []byte) (leaf int64, err error) {
	sum := sha256.Sum256(body)
	_, err = l.extend(ctx, tenant, func(g *growth) error {
		leaf = g.edge.size
		g.add(statementLeaf(l.Now(), audit.PlatformLog, Statement{Verb: StatesCertified, Sweep: sweep, SHA256: hex.EncodeToString(sum[:])}), "")
		return nil
	})
	return leaf, err
}

// Certificate is what is handed out: the body, and the proof that the log of the
// processing commits to it. Whoever has the log's public key, or trusts the one
// given here, checks it offline.
type Certificate struct {
	Body  json.RawMessage `json:"body"`
	Proof string          `json:"proof"` // C2SP tlog-proof
	Key   string          `json:"key"`   // of the log, C2SP signed-note: compare it with the published one
}

// Issue makes the certificate of a body that the log committed to at a leaf.
func (l *Log) Issue(ctx context.Context, tenant string, body []byte, leaf int64) (Certificate, error) {
	p, err := NewProver(ctx, l.Tree, tenant)
	if err != nil {
		return Certificate{}, err
	}
	proof, err := p.Leaf(ctx, leaf)
	if err != nil {
		return Certificate{}, err
	}
	c := Certificate{Body: body, Proof: proof.String(), Key: p.st.Key}
	_, err = c.Check(p.st.Key)
	return c, err // not of this log, where that was restarted since
}

// Check verifies a certificate offline, against the log's public key. It returns
// the checkpoint that stands behind it. fault.Invalid: it does not hold.
func (c Certificate) Check(key string) (Checkpoint, error) {
	p, err := ParseProof(c.Proof)
	if err != nil {
		return Checkpoint{}, err
	}
	l, cp, err := p.Check(Keys{Log: key})
	if err != nil {
		return cp, err
	}
	var b struct {
		Sweep string `json:"sweep"`
	}
	if err := json.Unmarshal(c.Body, &b); err != nil || b.Sweep == "" {
		return cp, fault.New(fault.Invalid, "ledger: the certificate's body can't be read")
	}
	var body bytes.Buffer // as it was signed for, also where somebody has indented it
	if err := json.Compact(&body, c.Body); err != nil {
		return cp, fault.New(fault.Invalid, "ledger: the certificate's body can't be read")
	}
	sum := sha256.Sum256(body.Bytes())
	want := Statement{Verb: StatesCertified, Sweep: b.Sweep, SHA256: hex.EncodeToString(sum[:])}
	if l.Kind != StatementLeaf || l.Text != want.String() {
		return cp, fault.New(fault.Invalid, "ledger: the log commits to another certificate than this: it was changed, or is of another sweep")
	}
	return cp, nil
}
