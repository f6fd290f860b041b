package portal

import (
	"net/http"
	"os"
	"sync"

	"github.com/kelseyhightower/envconfig"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
)

// Settings are what the portal reads from its environment beside host.Settings.
type Settings struct {
	// Issuer is the OIDC issuer whose tokens are taken, a https URL as its
	// tokens write it. Without one, only those of the local development
	// issuer, and these in `okence serve` alone.
	Issuer string
	// Audience is what the issuer calls this API.
	Audience string `default:"okence"`
}

type function struct {
	env    *host.Env
	tokens *access.Verifier
	mux    *http.ServeMux
	busy   sync.Map // idempotency keys under way in this process

	parties map[string]string // by tenant: which party of the pack we are
}

// New returns the function. fault.Invalid: no issuer.
func New(env *host.Env) (*host.Function, error) {
	var s Settings
	if err := envconfig.Process("okence", &s); err != nil {
		return nil, fault.New(fault.Invalid, "settings: OKENCE_ISSUER and OKENCE_AUDIENCE must be text")
	}
	o := access.VerifierOptions{Issuer: s.Issuer, Audience: s.Audience, Tenants: env.Tenants, LocalNow: env.Work.Now}
	var err error
	if env.LocalTokens {
		if o.Local, err = access.OpenLocal(env.Settings.Keys); err != nil {
			return nil, err
		}
	}
	f := &function{env: env, mux: http.NewServeMux(), parties: map[string]string{}}
	for tenant := range env.Tenants {
		f.parties[tenant] = os.Getenv(policy.PartyVariable(tenant))
		if err := notice.CheckMailboxes(tenant); err != nil {
			return nil, err
		}
	}
	if f.tokens, err = access.NewVerifier(o); err != nil {
		return nil, err
	}
	for _, r := range routes {
		f.mux.HandleFunc(r.pattern, f.handler(r))
	}
	f.mux.HandleFunc("GET /openapi.json", serveOpenAPI)
	f.mux.HandleFunc("GET /docs", serveDocs)
	return &host.Function{Manifest: manifest, Routes: http.HandlerFunc(f.serve)}, nil
}
