package inbound

import (
	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel/media"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/work"
)

type function struct {
	env   *host.Env
	fetch *media.Fetcher
	clamd *media.Clamd // nil without a scanner
}

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	if err := f.wireMedia(); err != nil {
		return nil, err
	}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.MessageReceivedType: f.received,
		events.MediaRequestedType:  f.mediaRequested,
	}}, nil
}
