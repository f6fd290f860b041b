package dsar

import (
	"context"
	"encoding/json"
	"os"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

type function struct {
	env     *host.Env
	parties map[string]string // by tenant: which party of the pack we are
}

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env, parties: map[string]string{}}
	for tenant := range env.Tenants {
		name := policy.PartyVariable(tenant)
		f.parties[tenant] = os.Getenv(name)
		terms, err := env.Terms(tenant)
		if err != nil {
			return nil, err
		}
		if p := f.parties[tenant]; p != "" && terms.Parties[p].Name == "" {
			return nil, fault.New(fault.Invalid, "settings: %s names no party of the pack", name)
		}
	}
	return &host.Function{Manifest: manifest, Handlers: map[string]work.Handler{
		events.DsarReceivedType:         f.received,
		events.DsarRecognisedType:       f.recognised,
		events.DsarStepTakenType:        f.step,
		events.DsarGrantedType:          f.granted,
		events.DsarCarriedOutType:       f.carriedOut,
		events.DsarHandedOverType:       f.handedOver,
		events.DsarHandoverAnsweredType: f.handoverAnswered,
		events.DsarAnsweredType:         f.answered,
		events.DeadlineReachedType:      f.reached,
		events.DsarDueType:              f.due,
	}}, nil
}

// matter is a request with what the pack says of it.
type matter struct {
	*dsar.Request
	terms  *policy.Terms
	limits dsar.Terms
	us     string
}

// matterOf puts the pack's terms beside a request: those of the agreement that
// covers its service, as they stood at its receipt.
func (f *function) matterOf(u *work.Unit, r *dsar.Request) (*matter, error) {
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return nil, err
	}
	at := r.ReceivedAt
	if at.IsZero() {
		at = u.Now()
	}
	m := &matter{Request: r, terms: p.ForService(r.Service).At(at), us: f.parties[u.Tenant()]}
	if m.us == "" {
		m.us = m.terms.Self()
	}
	if m.limits, err = m.terms.RequestTerms(); err != nil {
		return nil, fault.New(fault.Internal, "dsar: the pack's terms of requests: %s", err)
	}
	return m, nil
}

// load reads a request with its terms.
func (f *function) load(ctx context.Context, u *work.Unit, id string) (*matter, error) {
	r, err := work.Load(ctx, u, record.Requests, id)
	if err != nil {
		return nil, err
	}
	return f.matterOf(u, r)
}

// count computes the limits anew.
func (m *matter) count() error {
	if err := m.Count(m.limits); err != nil {
		return fault.New(fault.Poison, "dsar: its limits can't be computed: %s", err)
	}
	return nil
}

// content reads what an event brought from outside, and deletes the intake.
func content(ctx context.Context, u *work.Unit, intakeID string) (events.DsarContent, error) {
	var c events.DsarContent
	if intakeID == "" {
		return c, nil
	}
	raw, err := work.OpenFile(ctx, u, record.Intakes, intakeID, "Raw")
	if err != nil {
		return c, err
	}
	if json.Unmarshal(raw, &c) != nil {
		return c, fault.New(fault.Poison, "dsar: the sealed content is not of its schema")
	}
	return c, work.Delete(ctx, u, record.Intakes, intakeID)
}

// refused turns a rule's refusal into an error that no repetition mends.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Poison, "dsar: %s", err)
}
