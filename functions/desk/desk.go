package desk

import (
	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/work"
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.TicketMatchedType:        f.matched,
		events.TicketPersonAnsweredType: f.answered,
		events.DeadlineReachedType:      f.reached,
	}}, nil
}

// closed reports that a record can't be opened: deleted meanwhile, its key
// destroyed, or its person's data restricted. Nothing is done then.
func closed(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || fault.Is(err, fault.Forbidden)
}
