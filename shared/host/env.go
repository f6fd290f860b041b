package host

import (
	"io"
	"log/slog"
	"time"

	"github.com/okence/okence/shared/bus"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

// Env is what a function is given: one a process. Cloud drivers hide behind
// Work; nothing else of the outside is there.
type Env struct {
	Settings Settings
	Work     *work.Env
	Bus      bus.Bus // nil where nothing carries events onward: they wait in the outbox
	Ledger   *ledger.Log
	Policy   *policy.Set
	Tenants  map[string]bool // those that this deployment serves
	Secrets  Secrets
	Log      *slog.Logger

	// LocalTokens says that the local development issuer's tokens are taken
	// (access.Local): `okence serve` alone sets it.
	LocalTokens bool

	closers []io.Closer // in order of opening
}

// Open wires the drivers that the settings name. A process opens one Env and
// closes it. now is the system's clock; nil is the wall clock.
func Open(s Settings, log *slog.Logger, now func() time.Time) (*Env, error) {
	if now == nil {
		now = time.Now
	}
	env := &Env{Settings: s, Tenants: map[string]bool{}, Secrets: EnvSecrets, Log: log}
	var err error
	if env.Policy, err = packs(s.Policy); err != nil {
		return nil, err
	}
	for _, t := range s.Tenants {
		if _, err := env.Policy.ForTenant(t); err != nil {
			return nil, err
		}
		env.Tenants[t] = true
	}
	d, err := open(s)
	env.closers = d.closers
	if err != nil {
		env.Close()
		return nil, err
	}
	env.Work = &work.Env{Store: d.store, Vault: vault.New(d.kms, d.keys), Blobs: d.blobs, Now: now}
	env.Ledger = &ledger.Log{Docs: d.store, Tree: d.tree, Vault: env.Work.Vault, Now: now, Origin: s.origin}
	env.Ledger.Signer = d.signer
	if d.secrets != nil {
		env.Secrets = d.secrets
	}
	if d.bus != nil {
		env.Bus, env.Work.Published = d.bus, env.publish
	}
	return env, nil
}

// Close closes the drivers, the last opened first.
func (env *Env) Close() {
	for i := len(env.closers) - 1; i >= 0; i-- {
		if err := env.closers[i].Close(); err != nil {
			env.Log.Error("a driver did not close", "error", err.Error())
		}
	}
	env.closers = nil
}

// Terms returns what a tenant's pack says at the system's present instant.
func (env *Env) Terms(tenant string) (*policy.Terms, error) {
	p, err := env.Policy.ForTenant(tenant)
	if err != nil {
		return nil, err
	}
	return p.At(env.Work.Now()), nil
}

func levelOf(name string) slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(name)) // checked with the settings
	return l
}

// NewLogger returns the log that the settings ask for.
func (s Settings) NewLogger(w io.Writer) *slog.Logger { return obs.NewLogger(w, levelOf(s.Log)) }
