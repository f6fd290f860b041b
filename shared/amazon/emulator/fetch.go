package emulator

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The npm package that holds DynamoDB Local 1.25.1, and what its tarball hashes
// to.
const (
	packageName    = "amplify-dynamodb-simulator"
	packageVersion = "2.9.30"
	packageHash    = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
	fetchTime      = 5 * time.Minute
)

// fetch returns the folder that holds DynamoDBLocal.jar, in the user's cache
// directory, fetching it where it is missing. One of several processes fetches,
// the others wait for it.
func fetch() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	cache = filepath.Join(cache, "okence")
	dir := filepath.Join(cache, packageName+"-"+packageVersion)
	turn := dir + ".fetching"
	for end := time.Now().Add(fetchTime); ; time.Sleep(200 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "DynamoDBLocal.jar")); err == nil {
			return dir, nil
		}
		if err := os.MkdirAll(cache, 0o755); err != nil {
			return "", err
		}
		err := os.Mkdir(turn, 0o755)
		if err == nil {
			defer os.Remove(turn)
			return dir, download(cache, dir)
		}
		if info, statErr := os.Stat(turn); statErr == nil && time.Since(info.ModTime()) > fetchTime {
			_ = os.Remove(turn) // its process died
		}
		if !errors.Is(err, fs.ErrExist) || time.Now().After(end) {
			return "", fmt.Errorf("emulator: waiting for another process that fetches: %w", err)
		}
	}
}

// download fetches into a folder beside dir and renames it when it is whole.
func download(cache, dir string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("%w: DynamoDB Local is fetched with npm", ErrMissing)
	}
	part, err := os.MkdirTemp(cache, "part-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	c := exec.Command(npm, "pack", packageName+"@"+packageVersion, "--silent")
	c.Dir = part
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: npm pack: %s: %w", ErrMissing, strings.TrimSpace(string(out)), err)
	}
	whole := filepath.Join(part, "whole")
	if err := unpack(filepath.Join(part, packageName+"-"+packageVersion+".tgz"), whole); err != nil {
		return err
	}
	return os.Rename(whole, dir)
}

// unpack checks the tarball's hash and writes what lies below package/emulator.
func unpack(tarball, into string) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != packageHash {
		return fmt.Errorf("emulator: %s@%s hashes to %s, want %s", packageName, packageVersion, got, packageHash)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, ok := strings.CutPrefix(head.Name, "package/emulator/")
		if !ok || head.Typeflag != tar.TypeReg || !filepath.IsLocal(name) {
			continue
		}
		if err := write(filepath.Join(into, filepath.FromSlash(name)), r); err != nil {
			return err
		}
	}
}

func write(path string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
