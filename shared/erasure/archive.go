package erasure

import (
	"context"
	"fmt"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// Archival is what a pack says of public archival material: cases of which
// services are offered to an archive before they go (ZVDAGA; A8). nil: of none.
type Archival struct{ pack *policy.Pack }

// ArchivalOf is what a tenant's pack says.
func ArchivalOf(pack *policy.Pack) *Archival { return &Archival{pack} }

// terms are those under which a case is offered, by the part of any person in it.
func (a *Archival) terms(t *ticket.Ticket, now time.Time) (o policy.Offer, clause string, ok bool) {
	if a == nil {
		return o, "", false
	}
	for _, l := range record.Tickets.Lives(t) {
		o, clause, ok = a.pack.OfferFor(policy.System(l.Store), policy.Class(l.Of), policy.RetentionClass(l.Class), t.Service, now)
		if ok {
			break
		}
	}
	return o, clause, ok
}

// offered reads where a case was offered, and whether it may go now.
func offered(ctx context.Context, u *work.Unit, id string) (offer string, free bool, err error) {
	at, ok, err := work.Find(ctx, u, record.Offerings, id)
	if err != nil || !ok {
		return "", false, err
	}
	o, err := work.Load(ctx, u, record.Offers, at.OfferID)
	if err != nil {
		return at.OfferID, false, err
	}
	return o.ID, o.Free(id, u.Now()), nil
}

// block is what stands in the way of a case that must be offered first: it was
// not, the archive may still answer, or it wants the case and has not got it.
func (a *Archival) block(ctx context.Context, u *work.Unit, t *ticket.Ticket) (out []retention.Blocked, err error) {
	_, clause, ok := a.terms(t, u.Now())
	offer, free, err := offered(ctx, u, t.ID)
	if err != nil || free || !ok && offer == "" {
		return nil, err
	}
	return []retention.Blocked{{Cause: retention.ByArchive, Ref: offer, Clause: clause}}, nil
}

// Offering makes offers within one unit, as few as hold its cases.
type Offering struct {
	*Archival
	open map[string]*retention.Offer // by archive and clause: those with room
}

// NewOffering begins.
func NewOffering(a *Archival) *Offering { return &Offering{a, map[string]*retention.Offer{}} }

// Ask reports whether a case may go: it need not be offered, or the archive has
// it, does not want it or did not answer in time. One that was not offered yet is
// put into an offer, unless that is only asked about. made counts the records
// that the unit has to write more.
func (o *Offering) Ask(ctx context.Context, u *work.Unit, t *ticket.Ticket, only bool) (free bool, made int, err error) {
	terms, clause, ok := o.terms(t, u.Now())
	if !ok {
		return true, 0, nil
	}
	offer, free, err := offered(ctx, u, t.ID)
	if err != nil || offer != "" || only {
		return free, 0, err
	}
	made, err = o.put(ctx, u, t, terms, clause)
	return false, made, err
}

// put puts a case into an offer that is being made.
func (o *Offering) put(ctx context.Context, u *work.Unit, t *ticket.Ticket, terms policy.Offer, clause string) (made int, err error) {
	it := retention.Offered{ID: t.ID, Number: t.Number, Kind: string(t.Kind), Class: string(t.Class), Service: t.Service, ReportAt: t.ReportAt.UTC()}
	k := terms.To + "\n" + clause
	if o.open[k] == nil || !o.open[k].Add(it) {
		if o.open[k], err = o.begin(ctx, u, terms, clause); err != nil {
			return 0, err
		}
		o.open[k].Add(it)
		made = 2
	}
	work.Save(u, record.Offers, o.open[k])
	work.Save(u, record.Offerings, &retention.Offering{ID: t.ID, OfferID: o.open[k].ID})
	return made + 1, nil
}

// begin makes an offer, with the limit by which the archive answers.
func (o *Offering) begin(ctx context.Context, u *work.Unit, terms policy.Offer, clause string) (*retention.Offer, error) {
	id, err := u.NewID(ctx, "offer")
	if err != nil {
		return nil, err
	}
	cal, err := o.pack.At(u.Now()).Calendar()
	if err != nil {
		return nil, err
	}
	term, err := terms.Answer.Term()
	if err != nil {
		return nil, fmt.Errorf("erasure: the pack's time for an archive to answer: %w", err)
	}
	by, err := term.From(cal, u.Now())
	if err != nil {
		return nil, err
	}
	l := deadline.New(deadline.Ref{Kind: record.Offers.Name, ID: id}, retention.OfferLimit, u.Now(), by.End, 0.5, 0.9)
	l.Party, l.Rule, l.Law = terms.To, "K23", clause
	work.Save(u, record.Limits, l)
	return &retention.Offer{ID: id, Archive: terms.To, Clause: clause, State: retention.OfferMade, MadeAt: u.Now(), AnswerBy: by.End.UTC()}, nil
}

// waiting lists the offers in which cases of a person wait for the archive, as
// Obstacles names them.
func waiting(ctx context.Context, u *work.Unit, person string) (out []string, err error) {
	var refs []string
	if err := eachOf(ctx, u, person, func(f work.Found) {
		if f.Shape() == record.Tickets.Shape {
			refs = append(refs, f.ID())
		}
	}); err != nil {
		return nil, err
	}
	for _, id := range refs {
		offer, free, err := offered(ctx, u, id)
		if err != nil {
			return nil, err
		}
		if offer != "" && !free {
			out = append(out, string(retention.ByArchive)+"/"+offer)
		}
	}
	return out, nil
}
