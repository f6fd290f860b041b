// Package file is the embedded KMS: root keys in one file, readable by its
// owner alone. Whoever can read the file can unwrap every tenant key, so it
// stands with the wrapped keys and apart from the data.
package file

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/vault"
)

const name = "root.json"

// KMS implements vault.KMS.
type KMS struct {
	roots []cipher.AEAD // by generation; the last one wraps
}

// stored is the file: 32-byte keys, base64, the newest last.
type stored struct {
	V     int      `json:"v"`
	Roots [][]byte `json:"roots"`
}

// Open reads the root keys in dir, or makes the first one there. The directory
// is created with mode 0700, the file with 0600; a file that others can read is
// refused.
func Open(dir string) (*KMS, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.New(fault.Unavailable, "vault/file: can't make the key directory").Because(err)
	}
	s, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		first := make([]byte, 32)
		rand.Read(first)
		if err := create(dir, stored{V: 1, Roots: [][]byte{first}}); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fault.New(fault.Unavailable, "vault/file: can't write the root key").Because(err)
		}
		s, err = read(dir) // ours, or that of a process that was faster
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "vault/file: can't read the root keys").Because(err)
	}
	k := &KMS{}
	for _, root := range s.Roots {
		block, err := aes.NewCipher(root)
		if err != nil {
			return nil, fault.New(fault.Invalid, "vault/file: a root key has the wrong length")
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fault.New(fault.Internal, "vault/file: no AES-GCM").Because(err)
		}
		k.roots = append(k.roots, aead)
	}
	return k, nil
}

func read(dir string) (stored, error) {
	var s stored
	path := filepath.Join(dir, name)
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return s, errors.New("root.json can be read by others: chmod 600 it")
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(body, &s); err != nil || s.V != 1 || len(s.Roots) == 0 || len(s.Roots) > 255 {
		return s, errors.New("root.json is damaged or from a newer version")
	}
	return s, nil
}

// create writes the file durably, and only if there is none: a half-written
// root key would lose everything sealed under it.
func create(dir string, s stored) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".root-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), filepath.Join(dir, name)); err != nil {
		return err // fs.ErrExist: another process was first
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Wrap implements vault.KMS.
func (k *KMS) Wrap(_ context.Context, c vault.Context, plaintext []byte) ([]byte, error) {
	if len(plaintext) > 4096 {
		return nil, fault.New(fault.TooLarge, "vault/file: %d bytes to wrap, at most 4096", len(plaintext))
	}
	generation := len(k.roots) - 1
	return k.roots[generation].Seal([]byte{1, byte(generation)}, nil, plaintext, associated(c)), nil
}

// Unwrap implements vault.KMS.
func (k *KMS) Unwrap(_ context.Context, c vault.Context, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 2 || wrapped[0] != 1 || int(wrapped[1]) >= len(k.roots) {
		return nil, fault.New(fault.Forbidden, "vault/file: not wrapped by these root keys")
	}
	plain, err := k.roots[wrapped[1]].Open(nil, nil, wrapped[2:], associated(c))
	if err != nil {
		return nil, fault.New(fault.Forbidden, "vault/file: wrapped for another context, or changed")
	}
	return plain, nil
}

func associated(c vault.Context) []byte { return []byte(c.Tenant + "\x00" + c.Purpose) }
