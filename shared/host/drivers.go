package host

import (
	"context"
	"crypto"
	"io"

	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/bus"
	bushttp "github.com/okence/okence/shared/bus/http"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/vault"
)

// drivers are the open ports of a process. Which a build has is said by its
// tags: those of a cloud alone, or, without one, the embedded ones.
type drivers struct {
	store   store.Store
	keys    store.Store
	tree    store.Store // of the processing log, outside the backups of store
	blobs   blob.Store
	kms     vault.KMS
	bus     bus.Bus // nil: events wait in the outbox for a relay, or for Local
	secrets Secrets // nil: EnvSecrets
	signer  func(ctx context.Context, tenant string) (crypto.Signer, error)
	closers []io.Closer // in order of opening
}

// driver is a setting that chooses one.
type driver struct{ name, value, want string }

// only refuses a driver that this build doesn't have.
func only(choices ...driver) error {
	for _, c := range choices {
		if c.value != c.want {
			return fault.New(fault.Invalid, "settings: %s=%s is not in this build, which has %s", c.name, c.value, c.want)
		}
	}
	return nil
}

// openBus opens one of the buses that every build has.
func (d *drivers) openBus(s Settings, own string) error {
	switch s.Bus {
	case "local":
		return nil
	case "http":
		b, err := bushttp.New(s.BusURL...)
		if err != nil {
			return fault.New(fault.Invalid, "settings: OKENCE_BUS_URL").Because(err)
		}
		d.bus = b
		d.closers = append(d.closers, b)
		return nil
	}
	return fault.New(fault.Invalid, "settings: OKENCE_BUS=%s is not in this build, which has %slocal and http", s.Bus, own)
}
