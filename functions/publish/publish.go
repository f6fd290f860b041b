package publish

import (
	"net/http"

	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
)

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	mux := http.NewServeMux()
	h := ledger.Handler(env.Ledger.Source, func(tenant string) bool { return env.Tenants[tenant] })
	for _, pattern := range ledger.Patterns {
		mux.Handle(pattern, h)
	}
	return &host.Function{Manifest: manifest, Routes: mux}, nil
}
