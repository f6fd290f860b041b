package escalation

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.TicketEscalationRequestedType: f.requested,
		events.TicketEscalationAnsweredType:  f.answered,
		events.DeadlineReachedType:           f.reached,
	}}, nil
}

// peerOf is the organisation that an event came from, "" for our own.
func peerOf(e events.Event) string {
	rest, ok := strings.CutPrefix(e.Source, "/peers/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, ":")
	return name
}

// content reads what an event from outside brought, sealed at the entrance, and
// lets the intake record go.
func content(ctx context.Context, u *work.Unit, intake string, into any) error {
	raw, err := work.OpenFile(ctx, u, record.Intakes, intake, "Raw")
	if err != nil {
		return err
	}
	if json.Unmarshal(raw, into) != nil {
		return fault.New(fault.Poison, "escalation: content can't be read")
	}
	return work.Delete(ctx, u, record.Intakes, intake)
}
