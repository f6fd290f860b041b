package host

import (
	"io"
	"path/filepath"

	"github.com/okence/okence/shared/blob"
	blobfile "github.com/okence/okence/shared/blob/file"
	"github.com/okence/okence/shared/bus"
	bushttp "github.com/okence/okence/shared/bus/http"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite"
	"github.com/okence/okence/shared/vault"
	vaultfile "github.com/okence/okence/shared/vault/file"
)

// drivers are the open ports of a process.
type drivers struct {
	store   store.Store
	keys    store.Store
	tree    store.Store // of the processing log, outside the backups of store
	blobs   blob.Store
	kms     vault.KMS
	bus     bus.Bus // nil: events wait in the outbox for a relay, or for Local
	closers []io.Closer
}

// open opens the embedded drivers, which are in every build: a cloud's own,
// once written, stand beside them behind that cloud's tag.
func open(s Settings) (d drivers, err error) {
	for _, c := range []struct{ name, value, want string }{
		{"OKENCE_STORE", s.Store, "sqlite"}, {"OKENCE_BLOB", s.Blob, "file"}, {"OKENCE_VAULT", s.Vault, "file"},
	} {
		if c.value != c.want {
			return d, fault.New(fault.Invalid, "settings: %s=%s is not in this build, which has %s", c.name, c.value, c.want)
		}
	}
	switch s.Bus {
	case "local":
	case "http":
		b, err := bushttp.New(s.BusURL...)
		if err != nil {
			return d, fault.New(fault.Invalid, "settings: OKENCE_BUS_URL").Because(err)
		}
		d.bus = b
		d.closers = append(d.closers, b)
	default:
		return d, fault.New(fault.Invalid, "settings: OKENCE_BUS=%s is not in this build, which has local and http", s.Bus)
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
