package ledger

import (
	"context"
	"encoding/hex"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/okence/okence/shared/fault"
)

// attestation is the first line of what the log's key signs beside checkpoints.
// A checkpoint begins with the log's origin, so that neither passes for the other.
const attestation = "okence.org/attestation/v1"

// Attest signs a digest with a tenant's log key, as a C2SP signed-note:
//
//	okence.org/attestation/v1
//	<what>
//	<digest, hex>
//
// what is one line without spaces, such as "access-package". It makes the log's
// identity where there is none yet.
func (l *Log) Attest(ctx context.Context, tenant, what string, digest []byte) (string, error) {
	st, err := l.begin(ctx, tenant)
	if err != nil {
		return "", err
	}
	key, err := l.signer(ctx, tenant, &st.identity)
	if err != nil {
		return "", err
	}
	s, err := newPlainSigner(st.Origin, key)
	if err != nil {
		return "", err
	}
	msg, err := note.Sign(&note.Note{Text: attested(what, digest)}, s)
	if err != nil {
		return "", fault.New(fault.Unavailable, "ledger: the digest can't be signed").Because(err)
	}
	return string(msg), nil
}

// CheckAttested verifies, offline, that the log with the verifier key attested
// the digest. fault.Invalid: it did not.
func CheckAttested(text, key, what string, digest []byte) error {
	v, err := note.NewVerifier(key)
	if err != nil {
		return fault.New(fault.Invalid, "ledger: not a verifier key")
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil || n.Text != attested(what, digest) {
		return fault.New(fault.Invalid, "ledger: not attested by this log")
	}
	return nil
}

func attested(what string, digest []byte) string {
	return strings.Join([]string{attestation, what, hex.EncodeToString(digest), ""}, "\n")
}
