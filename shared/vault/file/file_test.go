package file_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/vault/file"
	"github.com/okence/okence/shared/vault/vaulttest"
)

func TestContract(t *testing.T) {
	dirs := map[*testing.T]string{}
	vaulttest.Run(t, func(t *testing.T) vault.KMS {
		if dirs[t] == "" {
			dirs[t] = filepath.Join(t.TempDir(), "keys")
		}
		k, err := file.Open(dirs[t])
		if err != nil {
			t.Fatal(err)
		}
		return k
	})
}

func TestRootKeyThatOthersCanReadIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := file.Open(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "root.json")
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v", info.Mode())
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Open(dir); err == nil {
		t.Fatal("a root key that everybody can read was taken")
	}
}

func TestManyFirstOpensMakeOneRootKey(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	ks := make([]*file.KMS, 8)
	for i := range ks {
		wg.Go(func() {
			k, err := file.Open(dir)
			if err != nil {
				t.Error(err)
			}
			ks[i] = k
		})
	}
	wg.Wait()
	c := vault.Context{Tenant: "ekc", Purpose: "tenant"}
	w, err := ks[0].Wrap(t.Context(), c, []byte("k"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ks {
		if _, err := k.Unwrap(t.Context(), c, w); err != nil {
			t.Fatal(err)
		}
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Fatalf("%d files left, want root.json alone", len(left))
	}
}
