package breach

import (
	"context"
	"encoding/json"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// roleOf is in which role somebody reports, by source: who a token belonged to
// stands in the entry of the log.
var roleOf = map[breach.Source]string{
	breach.FromPortal: "reporter", breach.FromProcessor: "processor", breach.FromPartner: "partner",
	breach.FromCustodian: "custodian", breach.FromAdviser: "adviser",
}

// reported opens a case. Awareness runs from the receipt at our edge unless an
// earlier instant is stated. A second report under an id that is there already
// is refused: it becomes a dead letter for a person to look at.
func (f *function) reported(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.BreachReported](e)
	if err != nil {
		return err
	}
	r := breach.Report{
		ID: d.BreachID, Source: d.Source, By: breach.Person{ID: e.Actor, Role: roleOf[d.Source]}, Drill: d.Drill,
		OccurredFrom: d.OccurredFrom, OccurredTo: d.OccurredTo, DetectedAt: d.DetectedAt, ProcessorAt: d.ProcessorAwareAt, AwareAt: d.AwareAt,
	}
	if r.ReceivedAt, err = f.intake(ctx, u, e, d, &r.Facts); err != nil {
		return err
	}
	r.Links = links(d, e)
	if r.ID == "" {
		if r.ID, err = u.NewID(ctx, "breach"); err != nil {
			return err
		}
	}
	if _, there, err := work.Find(ctx, u, record.Breaches, r.ID); err != nil || there {
		if there {
			err = fault.New(fault.Poison, "breach %s is in the register already", r.ID)
		}
		return err
	}
	if r.Relations, err = f.relations(u.Tenant(), d, r.ReceivedAt); err != nil {
		return err
	}
	c, err := breach.New(r)
	if err != nil {
		return fault.New(fault.Poison, "%s", err)
	}
	if _, err := breachfile.Save(ctx, u, f.env.Policy, c); err != nil {
		return err
	}
	obs.Count("okence_breaches_total", "tenant", u.Tenant(), "source", string(d.Source))
	if d.Intake == "" {
		return nil
	}
	return work.Delete(ctx, u, record.Intakes, d.Intake)
}

// intake reads the facts that came with the report, and when it reached us.
func (f *function) intake(ctx context.Context, u *work.Unit, e events.Event, d *events.BreachReported, into *breach.Facts) (time.Time, error) {
	at := e.Time.UTC()
	if at.After(u.Now()) {
		at = u.Now()
	}
	if d.Intake == "" {
		return at, nil
	}
	in, err := work.Load(ctx, u, record.Intakes, d.Intake)
	if err != nil {
		return at, err
	}
	raw, err := work.OpenFile(ctx, u, record.Intakes, d.Intake, "Raw")
	if err != nil && !fault.Is(err, fault.NotFound) {
		return at, err
	}
	if len(raw) > 0 && json.Unmarshal(raw, into) != nil {
		return at, fault.New(fault.Poison, "a report that can't be read")
	}
	return in.ReceivedAt.UTC(), nil
}

func links(d *events.BreachReported, e events.Event) []breach.Link {
	var out []breach.Link
	for _, id := range d.ConversationIDs {
		out = append(out, breach.Link{Kind: record.Conversations.Name, ID: id})
	}
	for _, id := range d.TicketIDs {
		out = append(out, breach.Link{Kind: "ticket", ID: id})
	}
	if d.Source == breach.FromProcessor || d.Source == breach.FromPartner {
		if e.Subject != "" { // their own reference: our answers carry it
			out = append(out, breach.Link{Kind: "peer_breach", ID: e.Subject})
		}
		if e.Actor != "" {
			out = append(out, breach.Link{Kind: "peer", ID: e.Actor})
		}
	}
	return out
}

// relations are our roles under the packs that the report names; without any,
// under the tenant's own.
func (f *function) relations(tenant string, d *events.BreachReported, at time.Time) ([]breach.Relation, error) {
	packs := d.Packs
	if len(packs) == 0 {
		p, err := f.env.Policy.ForTenant(tenant)
		if err != nil {
			return nil, err
		}
		packs = []string{p.ID}
	}
	var out []breach.Relation
	for _, p := range packs {
		service := ""
		if covers(f.env.Policy, p, d.Service) {
			service = d.Service
		}
		rel, err := breachfile.Relate(f.env.Policy, p, service, at)
		if err != nil {
			return nil, err
		}
		out = append(out, rel)
	}
	return out, nil
}

// covers reports whether an agreement of the pack is about the service.
func covers(set *policy.Set, pack, service string) bool {
	p, ok := set.Pack(pack)
	return ok && service != "" && p.ForService(service) != policy.Dated(p)
}

// answered records the other joint controller's word (K26).
func (f *function) answered(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.BreachAnswered](e)
	if err != nil {
		return err
	}
	c, err := work.Load(ctx, u, record.Breaches, d.BreachID)
	if err != nil {
		return err
	}
	reason := ""
	if d.Intake != "" {
		raw, err := work.OpenFile(ctx, u, record.Intakes, d.Intake, "Raw")
		if err != nil {
			return err
		}
		if json.Unmarshal(raw, &reason) != nil {
			return fault.New(fault.Poison, "an answer that can't be read")
		}
		if err := work.Delete(ctx, u, record.Intakes, d.Intake); err != nil {
			return err
		}
	}
	if err := c.Hear(d.Party, d.Part.Mirror(), breach.Person{ID: e.Actor, Role: "partner"}, reason, u.Now()); err != nil {
		return fault.New(fault.Poison, "%s", err)
	}
	_, err = breachfile.Save(ctx, u, f.env.Policy, c)
	return err
}
