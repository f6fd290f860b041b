package ledger

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/okence/okence/shared/fault"
)

// Checkpoint is a signed state of the log (C2SP tlog-checkpoint): origin, size
// and root. The log signs it twice with its one key: as a plain note, which
// every verifier knows, and as a cosignature (C2SP tlog-cosignature, Ed25519),
// which adds when.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
	At     time.Time // UTC seconds, of the log's own cosignature; zero without one

	// Cosigned are the names of the witnesses whose signatures were verified.
	Cosigned []string
}

func (c Checkpoint) tree() tlog.Tree { return tlog.Tree{N: c.Size, Hash: c.Root} }

func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// parseText reads the note text of a checkpoint. Extension lines are refused:
// our log writes none.
func parseText(text string) (Checkpoint, error) {
	bad := fault.New(fault.Invalid, "ledger: no checkpoint")
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] == "" {
		return Checkpoint{}, bad
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return Checkpoint{}, bad
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil || c.text() != text {
		return Checkpoint{}, bad
	}
	return c, nil
}

// Keys are the public keys that checkpoints are verified with.
type Keys struct {
	Log       string   // verifier key of the log: "<origin>+<hash>+<base64>", C2SP signed-note
	Witnesses []string // verifier keys of witnesses, of cosignature type (0x04)
}

// ParseCheckpoint verifies a signed checkpoint: the log's signature must be
// there and right, its cosignature right where it is there, and those of known
// witnesses too. Other signatures are passed over. strict demands what our own
// log wrote, byte for byte: both of its signatures and canonical encoding.
// fault.Invalid: it is no checkpoint of this log.
func ParseCheckpoint(msg []byte, keys Keys, strict bool) (Checkpoint, error) {
	log, err := note.NewVerifier(keys.Log)
	if err != nil {
		return Checkpoint{}, fault.New(fault.Invalid, "ledger: not a verifier key")
	}
	timed, err := timedTwin(keys.Log)
	if err != nil {
		return Checkpoint{}, err
	}
	known := []note.Verifier{log, timed}
	for _, w := range keys.Witnesses {
		v, err := NewCosignatureVerifier(w)
		if err != nil {
			return Checkpoint{}, err
		}
		known = append(known, v)
	}
	n, err := note.Open(msg, note.VerifierList(known...))
	var wrong *note.InvalidSignatureError
	switch {
	case errors.As(err, &wrong):
		return Checkpoint{}, fault.New(fault.Invalid, "ledger: the checkpoint was changed: its signature is wrong")
	case err != nil:
		return Checkpoint{}, fault.New(fault.Invalid, "ledger: not a checkpoint signed by this log")
	}
	c, err := parseText(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	signed := false
	for _, s := range n.Sigs {
		switch {
		case s.Name == log.Name() && s.Hash == log.KeyHash():
			signed = true
		case s.Name == timed.Name() && s.Hash == timed.KeyHash():
			c.At = signatureTime(s)
		default:
			c.Cosigned = append(c.Cosigned, s.Name)
		}
	}
	if !signed || c.Origin != log.Name() {
		return Checkpoint{}, fault.New(fault.Invalid, "ledger: not a checkpoint signed by this log")
	}
	if strict && (c.At.IsZero() || string(msg) != format(n)) {
		return Checkpoint{}, fault.New(fault.Invalid, "ledger: the checkpoint was changed: it is not as the log wrote it")
	}
	return c, nil
}

// format writes a note from its parts, in the order in which they were read:
// base64 leaves room for several spellings of the same bytes.
func format(n *note.Note) string {
	b := n.Text + "\n"
	for _, s := range append(n.Sigs, n.UnverifiedSigs...) {
		raw, _ := base64.StdEncoding.DecodeString(s.Base64)
		b += "— " + s.Name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
	}
	return b
}

// sign signs a checkpoint with the log's key at an instant.
func sign(c Checkpoint, key crypto.Signer, at time.Time) ([]byte, error) {
	plain, err := newPlainSigner(c.Origin, key)
	if err != nil {
		return nil, err
	}
	timed, err := NewCosigner(c.Origin, key, func() time.Time { return at })
	if err != nil {
		return nil, err
	}
	msg, err := note.Sign(&note.Note{Text: c.text()}, plain, timed)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "ledger: the checkpoint can't be signed").Because(err)
	}
	return msg, nil
}

const (
	algPlain = 0x01 // Ed25519 over the note's text
	algTimed = 0x04 // Ed25519 cosignature/v1
)

// signer signs notes with a key that may live in a KMS. x/mod's own takes only
// keys in memory.
type signer struct {
	name string
	hash uint32
	key  crypto.Signer
	now  func() time.Time // nil: plain
}

func newPlainSigner(name string, key crypto.Signer) (note.Signer, error) {
	return newSigner(name, algPlain, key, nil)
}

// NewCosigner returns a signer of cosignatures by C2SP tlog-cosignature,
// Ed25519: for the log itself, and for a witness in tests.
func NewCosigner(name string, key crypto.Signer, now func() time.Time) (note.Signer, error) {
	return newSigner(name, algTimed, key, now)
}

func newSigner(name string, alg byte, key crypto.Signer, now func() time.Time) (note.Signer, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fault.New(fault.Invalid, "ledger: the signing key is not Ed25519")
	}
	return &signer{name: name, hash: keyHash(name, alg, pub), key: key, now: now}, nil
}

func keyHash(name string, alg byte, pub ed25519.PublicKey) uint32 {
	h := sha256.Sum256(append([]byte(name+"\n"+string([]byte{alg})), pub...))
	return binary.BigEndian.Uint32(h[:])
}

func (s *signer) Name() string    { return s.name }
func (s *signer) KeyHash() uint32 { return s.hash }

func (s *signer) Sign(msg []byte) ([]byte, error) {
	if s.now == nil {
		return s.key.Sign(rand.Reader, msg, crypto.Hash(0))
	}
	at := uint64(s.now().Unix())
	sig, err := s.key.Sign(rand.Reader, cosigned(at, msg), crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(nil, at), sig...), nil
}

func cosigned(at uint64, msg []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), msg...)
}

// cosignature verifies cosignatures of one key.
type cosignature struct {
	name string
	hash uint32
	pub  ed25519.PublicKey
}

// NewCosignatureVerifier reads a witness's verifier key, of type 0x04.
func NewCosignatureVerifier(vkey string) (note.Verifier, error) {
	name, alg, pub, err := parseKey(vkey)
	if err != nil || alg != algTimed {
		return nil, fault.New(fault.Invalid, "ledger: not a witness's verifier key")
	}
	return &cosignature{name, keyHash(name, algTimed, pub), pub}, nil
}

// VerifierKey is the verifier key of a cosigner's public key, type 0x04.
func VerifierKey(name string, pub ed25519.PublicKey) string {
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, algTimed, pub), base64.StdEncoding.EncodeToString(append([]byte{algTimed}, pub...)))
}

// timedTwin is the verifier of the log's own cosignatures.
func timedTwin(vkey string) (note.Verifier, error) {
	name, alg, pub, err := parseKey(vkey)
	if err != nil || alg != algPlain {
		return nil, fault.New(fault.Invalid, "ledger: not a verifier key")
	}
	return &cosignature{name, keyHash(name, algTimed, pub), pub}, nil
}

func parseKey(vkey string) (name string, alg byte, pub ed25519.PublicKey, err error) {
	parts := strings.SplitN(vkey, "+", 3)
	bad := fault.New(fault.Invalid, "ledger: not a verifier key")
	if len(parts) != 3 || parts[0] == "" {
		return "", 0, nil, bad
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return "", 0, nil, bad
	}
	alg, pub = raw[0], raw[1:]
	if parts[1] != fmt.Sprintf("%08x", keyHash(parts[0], alg, pub)) {
		return "", 0, nil, bad
	}
	return parts[0], alg, pub, nil
}

func (c *cosignature) Name() string    { return c.name }
func (c *cosignature) KeyHash() uint32 { return c.hash }

func (c *cosignature) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize || sig[0]&0x80 != 0 {
		return false
	}
	return ed25519.Verify(c.pub, cosigned(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

// signatureTime is the instant of a cosignature.
func signatureTime(s note.Signature) time.Time {
	raw, err := base64.StdEncoding.DecodeString(s.Base64)
	if err != nil || len(raw) < 12 {
		return time.Time{}
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC()
}
