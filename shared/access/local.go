package access

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/okence/okence/shared/fault"
)

// The names of the development issuer.
const (
	LocalIssuer   = "urn:okence:local"
	LocalAudience = "okence"

	localFile = "issuer.pem"
)

// LocalLife is how long a development token lives: a working day.
const LocalLife = 12 * time.Hour

// Local is the development issuer: an Ed25519 key in the keys directory.
// Whoever can read that directory can issue tokens, as they can open everything
// sealed anyway; so no deployed function takes its tokens.
type Local struct {
	private ed25519.PrivateKey
	public  ed25519.PublicKey
}

// OpenLocal reads the key in dir, or makes it there: mode 0600, a file that
// others can read is refused. `okence serve` and `okence token` may do so at
// once and get the same.
func OpenLocal(dir string) (*Local, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "access: can't make the key directory").Because(err)
	}
	path := filepath.Join(dir, localFile)
	l, err := readLocal(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeLocal(dir, path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fault.New(fault.Unavailable, "access: can't write the development issuer's key").Because(err)
		}
		l, err = readLocal(path) // ours, or that of a process that was faster
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "access: can't read the development issuer's key").Because(err)
	}
	return l, nil
}

func readLocal(path string) (*Local, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, errors.New(localFile + " can be read by others: chmod 600 it")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	damaged := errors.New(localFile + " is damaged")
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, damaged
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, damaged
	}
	return &Local{private: key, public: key.Public().(ed25519.PublicKey)}, nil
}

// makeLocal writes a new key durably, and only if there is none.
func makeLocal(dir, path string) error {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".issuer-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path) // fs.ErrExist: another process was first
}

// Issue makes a token for id, valid from now for LocalLife. Now is the clock of
// the server that shall take it. factor says whether it claims a second factor.
// fault.Invalid: an identity that no token can carry.
func (l *Local) Issue(id Identity, factor bool, now time.Time) (string, error) {
	if err := id.Role.Validate(); err != nil {
		return "", fault.New(fault.Invalid, "%s", err)
	}
	if id.Tenant == "" || !opaqueShape.MatchString(id.Subject) {
		return "", fault.New(fault.Invalid, "access: a token needs a tenant, and a subject of letters, digits and . _ : -")
	}
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: LocalIssuer, Audience: jwt.ClaimStrings{LocalAudience}, Subject: id.Subject, ID: strings.ToLower(rand.Text()),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(LocalLife)),
		},
		Name: id.Name, Tenant: id.Tenant, Role: id.Role, AMR: []string{"pwd"},
	}
	if factor {
		c.AMR = append(c.AMR, "otp")
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c).SignedString(l.private)
	if err != nil {
		return "", fault.New(fault.Internal, "access: a token can't be signed")
	}
	return text, nil
}

// IssueLocal is OpenLocal and Issue in one, for `okence token`.
func IssueLocal(dir string, id Identity, factor bool, now time.Time) (string, error) {
	l, err := OpenLocal(dir)
	if err != nil {
		return "", err
	}
	return l.Issue(id, factor, now)
}
