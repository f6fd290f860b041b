//go:build !aws

package host

import (
	"os"
	"path/filepath"

	blobfile "github.com/okence/okence/shared/blob/file"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store/sqlite"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// open opens the embedded drivers.
func open(s Settings) (d drivers, err error) {
	if err := only(driver{"OKENCE_STORE", s.Store, "sqlite"}, driver{"OKENCE_BLOB", s.Blob, "file"}, driver{"OKENCE_VAULT", s.Vault, "file"}); err != nil {
		return d, err
	}
	if err := d.openBus(s, ""); err != nil {
		return d, err
	}
	if _, err := os.Stat(filepath.Join(s.Data, RestoreMarker)); err == nil && !s.Restoring {
		return d, fault.New(fault.Unavailable, "settings: the data have been restored and what was erased since has not been erased again: run `okence restore` to its end")
	}
	if d.kms, err = vaultfile.Open(s.Keys); err != nil {
		return d, err
	}
	if d.keys, err = sqlite.Open(filepath.Join(s.Keys, "keys.db"), sqlite.Options{}); err != nil {
		return d, err
	}
	d.closers = append(d.closers, d.keys)
	if d.store, err = sqlite.Open(filepath.Join(s.Data, "okence.db"), sqlite.Options{}); err != nil {
		return d, err
	}
	d.closers = append(d.closers, d.store)
	if d.tree, err = sqlite.Open(filepath.Join(s.Data, "ledger", "ledger.db"), sqlite.Options{}); err != nil {
		return d, err
	}
	d.closers = append(d.closers, d.tree)
	if d.blobs, err = blobfile.Open(filepath.Join(s.Data, "blobs")); err != nil {
		return d, err
	}
	d.closers = append(d.closers, d.blobs)
	return d, nil
}
