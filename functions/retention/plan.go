package retention

import (
	"context"
	"strconv"
	"time"

	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	pagesPerPiece = 40  // of a plan, in one commit, with what is written for offers
	roomForOffers = 55  // records of one commit beyond which nothing is offered any more
	seekPage      = 40  // heads of what is due, in one query
	maxTalk       = 500 // messages of one conversation in one plan; the rest is the next one's
)

// walk is one thing to look through: an index partition under a rule.
type walk struct {
	rule      *retention.Rule
	kind      *record.Shape
	index     string
	partition string
}

// walks are all that a schedule asks to be looked through, always in one order;
// of a sweep of one contract, what stands under that one.
func (s *schedule) walks(contract string) []walk {
	var out []walk
	for _, r := range s.rules {
		switch ends := r.Trigger == string(policy.ContractEnd); {
		case ends && contract != "":
			out = append(out, walk{r, record.Collections.Shape, record.ByNode, contract})
			continue
		case ends:
			out = append(out, walk{r, record.Contracts.Shape, record.ByRetention, "contract"})
			continue
		case contract != "":
			continue
		case r.Trigger == retention.InactiveSince && s.plain.byID[r.ID] == nil: // found by the general one
			continue
		case r.Trigger == retention.InactiveSince:
			out = append(out, walk{r, record.Servants.Shape, record.ByRetention, "servant"})
			continue
		}
		for _, k := range record.All() {
			if !k.LivesIn(r.Store, r.Class) {
				continue
			}
			for _, of := range persons {
				if !k.LivesOf(r.Store, string(of), r.Class) {
					continue
				}
				if mine := s.plain.ruleFor(r.Store, string(of), r.Class); mine != r {
					out = append(out, s.agreedWalks(r, k, string(of))...)
					continue
				}
				for n := range k.MaxLives() {
					index := record.ByRetention
					if n > 0 {
						index += strconv.Itoa(n + 1)
					}
					out = append(out, walk{r, k, index, record.LifePartition(k.Name, r.Store, string(of), r.Class)})
				}
			}
		}
	}
	return out
}

// persons are the classes of person that a record may be of.
var persons = []policy.Class{
	policy.Anyone, policy.Servant, policy.Other, policy.User, policy.Cashier, policy.Customer, policy.Patient, policy.Partner, policy.Employee, policy.Visitor,
}

// planner gathers the items of a piece of a plan.
type planner struct {
	*schedule
	f     *function
	u     *work.Unit
	sweep *retention.Sweep
	scale retention.Scale
	items []retention.Item
	pages int
	split bool // the page laid last ends within a conversation

	offering *erasure.Offering // of what goes to an archive first
	offered  int               // records written for that
}

// plan lays down the next pages of a sweep's plan.
func (f *function) plan(ctx context.Context, u *work.Unit, s *retention.Sweep) error {
	sch, err := f.schedule(u.Tenant())
	if err != nil {
		return err
	}
	p := &planner{schedule: sch, f: f, u: u, sweep: s, scale: f.scale, offering: erasure.NewOffering(sch.archival)}
	all := p.walks(s.Contract)
	for s.Walk < len(all) && p.pages+p.offered < pagesPerPiece && !s.Capped {
		more, err := p.step(ctx, all[s.Walk])
		if err != nil {
			return err
		}
		if !more {
			s.Walk, s.Token = s.Walk+1, ""
		}
	}
	if err := p.flush(ctx, true); err != nil {
		return err
	}
	if s.Walk < len(all) && !s.Capped {
		return nil
	}
	usual, err := usual(ctx, u)
	if err != nil {
		return err
	}
	s.Freeze(f.scale, usual, u.Now())
	if s.State == retention.Running && s.Pages == 0 {
		s.State = retention.Certify
		s.EndedAt = u.Now()
	}
	return nil
}

// step looks through one page of an index. It reports whether more may be due.
func (p *planner) step(ctx context.Context, w walk) (more bool, err error) {
	q := store.Query{Index: w.index, Partition: w.partition, Limit: seekPage, Token: p.sweep.Token}
	if w.index != record.ByNode { // whose order is no date
		q.To = record.Sortable(p.sweep.AsOf.Add(time.Nanosecond))
	}
	found, next, err := p.u.Seek(ctx, q, w.kind.Name)
	if err != nil {
		return false, err
	}
	for _, f := range found {
		over, err := p.take(ctx, w, f)
		if err != nil {
			return false, err
		}
		if over { // all that follows runs since later
			return false, nil
		}
		if p.sweep.Planned+len(p.items) >= p.scale.Cap {
			p.sweep.Capped = true
			return false, nil
		}
		if err := p.flush(ctx, false); err != nil {
			return false, err
		}
	}
	p.sweep.Token = next
	return next != "", nil
}

// take plans what one record found leads to. over: its time has not come.
func (p *planner) take(ctx context.Context, w walk, f work.Found) (over bool, err error) {
	asOf := p.sweep.AsOf
	switch rec := f.Rec.(type) {
	case *retention.Servant:
		due, err := p.perhaps(w.rule, rec.InactiveSince(), asOf)
		if err != nil || !due {
			return true, err
		}
		return false, p.person(ctx, w.rule, rec)
	case *collection.Contract:
		return false, p.contract(ctx, rec)
	case *collection.Item:
		if w.index == record.ByNode {
			return false, p.held(ctx, w.rule, rec)
		}
	}
	for _, l := range w.kind.Lives(f.Rec) {
		if l.Since.IsZero() || !w.about(l) {
			continue
		}
		early, err := p.early(w, l.Since)
		if err != nil {
			return false, err
		}
		if !early {
			over = true
			continue
		}
		over = false
		if w.index != record.ByAgreement && p.walked(w.kind, l) {
			continue
		}
		r, err := p.mine(l)
		if err != nil {
			return false, err
		}
		if r == nil {
			continue
		}
		if c, is := f.Rec.(*conversation.Conversation); is {
			return false, p.talk(ctx, r, c)
		}
		due, err := p.due(r, l.Since, asOf)
		if err != nil {
			return false, err
		}
		if !due { // its agreement's term runs on
			continue
		}
		if err := p.put(ctx, r, w.kind, f.Rec, f.ID(), l.Subject); err != nil {
			return false, err
		}
		if w.index != record.ByRetention {
			break
		}
	}
	return over, nil
}

// about reports whether a life stands in what is walked through.
func (w walk) about(l retention.Life) bool {
	life := record.LifePartition(w.kind.Name, l.Store, l.Of, l.Class)
	return w.partition == life || w.index == record.ByAgreement && w.partition == record.AgreedPartition(life, record.AgreedOf(l))
}

// put plans a person's part of a record. A case goes into the plan unless an archive is asked about it first:
// then it is offered now, and a later sweep finds it again (ZVDAGA; A8). A plan
// that is only looked at offers nothing.
func (p *planner) put(ctx context.Context, r *retention.Rule, k *record.Shape, rec any, id, subject string) error {
	t, is := rec.(*ticket.Ticket)
	if !is {
		p.add(r, k.Name, id, subject)
		return nil
	}
	free, made, err := p.offering.Ask(ctx, p.u, t, p.sweep.DryRun || p.pages+p.offered >= roomForOffers)
	p.offered += made
	if err == nil && free {
		p.add(r, k.Name, id, subject)
	}
	return err
}

func (p *planner) add(r *retention.Rule, kind, id, subject string) {
	it := retention.Item{Kind: kind, ID: id, Act: r.Act, Rule: r.ID}
	if r.Act == retention.Anonymise {
		it.Subject = subject
	}
	p.items = append(p.items, it)
}

// talk plans the messages of a conversation that are due, each by its own date,
// and the conversation itself if its last one is.
func (p *planner) talk(ctx context.Context, r *retention.Rule, c *conversation.Conversation) error {
	before := len(p.items)
	if err := p.messages(ctx, r, c); err != nil {
		return err
	}
	if len(p.items) <= retention.PageSize || before == 0 {
		return nil
	}
	return p.lay(ctx, before) // so that it begins a page of its own
}

func (p *planner) messages(ctx context.Context, r *retention.Rule, c *conversation.Conversation) error {
	q := store.Query{Index: record.ByConversation, Partition: c.ID, Limit: 100}
	for n := 0; n < maxTalk; {
		found, next, err := p.u.Seek(ctx, q, record.Messages.Name)
		if err != nil {
			return err
		}
		for _, f := range found {
			due, err := p.due(r, f.Rec.(*message.Message).ReceivedAt, p.sweep.AsOf)
			if err != nil || !due {
				return err
			}
			p.add(r, f.Shape().Name, f.ID(), "")
			n++
		}
		if q.Token = next; next == "" {
			due, err := p.due(r, c.LastAt, p.sweep.AsOf)
			if err == nil && due {
				p.add(r, record.Conversations.Name, c.ID, c.ContactID)
			}
			return err
		}
	}
	return nil
}

// person plans what the service desk has of a servant who has left (K13), each
// record by the terms for its service.
func (p *planner) person(ctx context.Context, r *retention.Rule, servant *retention.Servant) error {
	id := servant.ID
	all, err := erasure.Everything(ctx, p.u, id, func(s string) bool { return s == r.Store })
	if err != nil {
		return err
	}
	for _, it := range all {
		shape := record.ByName(it.Kind)
		rec, ok, err := p.u.Clear(ctx, work.Named(shape, it.ID))
		if err != nil {
			return err
		}
		for _, l := range shape.Lives(rec) {
			if !ok || l.Subject != id || l.Store != r.Store || l.Class != r.Class || l.Of != r.Of {
				continue
			}
			mine, err := p.mine(l)
			if err != nil {
				return err
			}
			since := servant.InactiveSince()
			if mine != nil && mine.Trigger != retention.InactiveSince {
				since = l.Since
			}
			if mine == nil {
				continue
			}
			due, err := p.due(mine, since, p.sweep.AsOf)
			if err != nil {
				return err
			}
			if due {
				if err := p.put(ctx, mine, shape, rec, it.ID, id); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// flush lays down full pages; last: what is left, too.
func (p *planner) flush(ctx context.Context, last bool) error {
	for len(p.items) >= retention.PageSize || last && len(p.items) > 0 {
		if err := p.lay(ctx, min(len(p.items), retention.PageSize)); err != nil {
			return err
		}
	}
	return nil
}

// lay lays down a page of the first n items. What follows continues it only
// where one conversation fills more than a page: see talk.
func (p *planner) lay(ctx context.Context, n int) error {
	page, err := erasure.Lay(ctx, p.u, p.sweep.ID, p.sweep.Pages, p.items[:n:n])
	if err != nil {
		return err
	}
	page.Continues = p.split
	p.sweep.Plan(page)
	p.split = len(p.items) > n && n == retention.PageSize && p.items[n-1].Kind == record.Messages.Name
	p.items, p.pages = p.items[n:], p.pages+1
	return nil
}

// usual is the mean size of the plans before.
func usual(ctx context.Context, u *work.Unit) (int, error) {
	page, err := work.Scan(ctx, u, record.Sweeps, store.Query{Index: record.ByTime, Partition: "sweep", Desc: true, Limit: 20})
	if err != nil {
		return 0, err
	}
	sum, n := 0, 0
	for _, s := range page.Items {
		if s.State == retention.Finished && s.Planned > 0 && s.Contract == "" && n < 5 {
			sum, n = sum+s.Planned, n+1
		}
	}
	return sum / max(n, 1), nil
}
