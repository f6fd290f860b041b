package breach

import (
	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/work"
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.BreachReportedType:        f.reported,
		events.BreachAnsweredType:        f.answered,
		events.BreachScopeRequestedType:  f.scope,
		events.BreachNoticeReleasedType:  f.send,
		events.BreachCampaignDueType:     f.due,
		events.BreachCampaignSteppedType: f.step,
		events.DeadlineReachedType:       f.reached,
	}}, nil
}
