package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/storetest"
)

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, filepath.Join(t.TempDir(), "d", "okence.db")) })
	storetest.RunDurable(t, func(t *testing.T) func() store.Store {
		path := filepath.Join(t.TempDir(), "okence.db")
		return func() store.Store { return open(t, path) }
	})
}
