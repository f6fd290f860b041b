package desk

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Specification is what the pack says of a service at an instant.
type Specification struct {
	Terms   *policy.Terms
	Service policy.Service
	Known   bool // whether the pack has such a service

	cite func(path string) string
}

// For is the specification of a service, by the agreement that covers it.
func For(env *host.Env, tenant, service string, now time.Time) (Specification, error) {
	p, err := env.Policy.ForTenant(tenant)
	if err != nil {
		return Specification{}, err
	}
	dated := p.ForService(service)
	s := Specification{Terms: dated.At(now), cite: func(path string) string { return dated.Cite(path, now) }}
	if service != "" {
		s.Service, s.Known = s.Terms.Services[service]
	}
	return s, nil
}

// Kept lists the structured fields that the desk may keep of a person of a class
// (K09): by the specification, or without a service by the general terms.
func (s Specification) Kept(t *ticket.Ticket) []string {
	if s.Known {
		return names(s.Service.Fields[policy.Desk][policy.Class(t.Class)])
	}
	return names(s.Terms.Allowed[policy.Desk][policy.Class(t.Class)])
}

// Shown lists the fields that the next level sees (K03).
func (s Specification) Shown(t *ticket.Ticket) []string {
	return names(s.Service.Escalate[policy.Class(t.Class)])
}

// Serves reports whether the service is there for persons of the ticket's class
// (K02).
func (s Specification) Serves(t *ticket.Ticket) bool {
	return len(s.Service.Classes) == 0 || slices.Contains(s.Service.Classes, policy.Class(t.Class))
}

func names(fields []policy.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = string(f)
	}
	return out
}

// Open stores a new ticket: with an id, a number that no other has, and the
// first line of its history. The caller has filled in the rest.
func Open(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) error {
	var err error
	if t.ID, err = u.NewID(ctx, "ticket"); err != nil {
		return err
	}
	t.State, t.Level, t.ReportAt, t.ChangedAt = ticket.New, 1, u.Now(), u.Now()
	if t.Urgency == 0 {
		t.Urgency = 3
	}
	if err := t.Validate(); err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	if err := number(ctx, u, env, t); err != nil {
		return err
	}
	work.Save(u, record.Tickets, t)
	if err := first(ctx, u, t); err != nil {
		return err
	}
	if err := Concern(ctx, u, t); err != nil {
		return err
	}
	if err := Settle(ctx, u, env, t); err != nil {
		return err
	}
	return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Status, Into: ticket.New})
}

// number gives the ticket its number. Two in a million meet: the second takes
// the next.
func number(ctx context.Context, u *work.Unit, env *host.Env, t *ticket.Ticket) error {
	zone := time.UTC
	if p, err := env.Policy.ForTenant(u.Tenant()); err == nil {
		zone = p.Zone
	}
	year := u.Now().In(zone).Year()
	for n := range 20 {
		h, err := u.Hash(ctx, "ticket number", t.ID, string(rune('a'+n)))
		if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(h))
		t.Number = ticket.Number(t.Kind, year, [8]byte(sum[:8]))
		_, taken, err := work.Find(ctx, u, record.Numberings, t.Number)
		if err != nil {
			return err
		}
		if !taken {
			work.Save(u, record.Numberings, &ticket.Numbering{ID: t.Number, TicketID: t.ID})
			return nil
		}
	}
	return fault.New(fault.Internal, "desk: no free number")
}

// Log writes a line of the ticket's work log (K12). It is the caller's to save
// the ticket.
func Log(ctx context.Context, u *work.Unit, t *ticket.Ticket, e *ticket.Entry) error {
	id, err := u.NewID(ctx, "worklog")
	if err != nil {
		return err
	}
	a := u.Actor()
	e.ID, e.TicketID, e.ContactID, e.At, e.Level = id, t.ID, t.ContactID, u.Now(), t.Level
	e.By, e.Role = a.ID, string(a.Role)
	t.Entries++
	work.Save(u, record.WorkLogs, e)
	u.NoteTicket(audit.Change, t.ContactID, t.ID, audit.Item{Kind: record.Tickets.Name, ID: t.ID, Fields: []string{string(e.Kind)}})
	return nil
}

// Moved writes the line of a change of state.
func Moved(ctx context.Context, u *work.Unit, t *ticket.Ticket, from ticket.State, reason string) error {
	return Log(ctx, u, t, &ticket.Entry{Kind: ticket.Status, From: from, Into: t.State, Text: reason})
}
