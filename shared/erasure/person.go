package erasure

import (
	"context"
	"fmt"
	"slices"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Report is what an erasure did and what it left, without personal data.
type Report struct {
	Planned int                       // records named
	Done    map[string]int            // by kind
	With    int                       // records that went along
	Left    []retention.Difference    // what stays, and why
	Count   map[retention.Outcome]int // of all
	Keys    int                       // destroyed
	Residue int                       // what should be gone and is not: 0

	Searched int // places in which it was looked for
}

// spared are the retention classes that an erasure on request never reaches: the
// request's own file, the breach register, proof of consent (A8). The processing
// log is not a person's.
var spared = []string{"request", "breach", "consent"}

// Everything lists the records of a person, found by their owner. Each is an item
// to be deleted, except that records of a store in which the pack has data made
// anonymous are named so (K22 d: erasure on the service desk is anonymising).
// The contact itself and its addresses go when its records have. Files, and what
// leads to a message, go with it and are not named.
func Everything(ctx context.Context, u *work.Unit, person string, anonymised func(store string) bool) ([]retention.Item, error) {
	var out, last []retention.Item
	err := eachOf(ctx, u, person, func(f work.Found) {
		k := f.Shape()
		switch it, ok := itemOf(u, f, person, anonymised); {
		case !ok:
		case k == record.Conversations.Shape: // after its messages
			last = append(last, it)
		default:
			out = append(out, it)
		}
	})
	return append(out, last...), err
}

// eachOf sees every record of a person, by its clear part.
func eachOf(ctx context.Context, u *work.Unit, person string, see func(work.Found)) error {
	for i := range record.MaxOwners() {
		q := store.Query{Index: record.OwnerIndex(i), Partition: person, Limit: store.MaxPage}
		for {
			found, next, err := u.Seek(ctx, q)
			if err != nil {
				return err
			}
			for _, f := range found {
				see(f)
			}
			if q.Token = next; next == "" {
				break
			}
		}
	}
	return nil
}

// itemOf is what an erasure does with a person's part of one record.
func itemOf(u *work.Unit, f work.Found, person string, anonymised func(string) bool) (retention.Item, bool) {
	k := f.Shape()
	it := retention.Item{Kind: k.Name, ID: f.ID(), Act: retention.Delete}
	if k == record.Messages.Shape {
		return it, true
	}
	if p, is := f.Rec.(*dossier.Package); is {
		it.Act = retention.Empty
		return it, emptied(u, p)
	}
	for _, l := range k.Lives(f.Rec) {
		if l.Subject != person {
			continue
		}
		if slices.Contains(spared, l.Class) {
			return it, false
		}
		if anonymised(l.Store) {
			it.Act, it.Subject = retention.Anonymise, person
		}
		return it, true
	}
	return it, false // it goes with another record, or never on request
}

// Erase erases the named records as a job of its own, whose id must be the same
// when it is repeated. except is the id of the request being granted, which does
// not stand in its own way. persons are those who may have nothing left afterwards,
// beside those whose records are named.
func (e *Eraser) Erase(ctx context.Context, tenant, job string, items []retention.Item, g Generic, except string, persons ...string) (Report, error) {
	r := Report{Done: map[string]int{}, Count: map[retention.Outcome]int{}}
	decide := func(ctx context.Context, u *work.Unit, it retention.Item, l retention.Life) (retention.Verdict, error) {
		blocks, err := Blocked(ctx, u, it, l, except, e.archival)
		return retention.Verdict{Act: it.Act, Blocks: blocks}, err
	}
	// All pages before any is treated: whoever goes on after a crash finds fewer
	// records than were named, and must not name them anew.
	for n := 0; n == 0 || n*retention.PageSize < len(items); n++ {
		_, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
			_, err := Lay(ctx, u, job, n, items[n*retention.PageSize:min((n+1)*retention.PageSize, len(items))], persons...)
			return err
		})
		if err != nil {
			return r, err
		}
	}
	for n := 0; ; n++ {
		id := retention.PageID(job, n)
		there, err := e.there(ctx, tenant, work.Of(record.Pages, id))
		if err == nil && !there {
			return r, nil
		}
		if err == nil {
			err = e.Execute(ctx, tenant, id, g, decide)
		}
		var p *retention.Page
		if err == nil {
			p, err = e.Close(ctx, tenant, id, except)
		}
		if err != nil {
			return r, err
		}
		r.add(p)
	}
}

func (e *Eraser) there(ctx context.Context, tenant string, ref work.Ref) (there bool, err error) {
	_, err = e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) (err error) {
		there, err = u.There(ctx, ref)
		return err
	})
	return there, err
}

func (r *Report) add(p *retention.Page) {
	r.Planned += len(p.Items)
	r.Keys, r.Residue, r.Searched = r.Keys+p.Keys, r.Residue+p.Residue, r.Searched+p.Searched
	for i, res := range p.Results {
		it := p.Items[i]
		r.Count[res.Outcome]++
		r.With += res.With
		if res.Outcome == retention.Done {
			r.Done[it.Kind]++
		} else if res.Outcome != retention.Absent {
			r.Left = append(r.Left, retention.Difference{Kind: it.Kind, ID: it.ID, Rule: it.Rule, Outcome: res.Outcome, Why: res.Why})
		}
	}
}

// rounds bounds how often Person looks again for what came in meanwhile.
const rounds = 20

// Person erases everything of a person: Everything, then Erase; and again for what
// came in while it did, until nothing is left, or what is left is blocked. It needs
// no unit of the caller's; the caller decides and notes before it.
func (e *Eraser) Person(ctx context.Context, tenant, job, person string, g Generic, anonymised func(store string) bool, except string) (Report, error) {
	r := Report{Done: map[string]int{}, Count: map[retention.Outcome]int{}}
	for n := range rounds {
		var all []retention.Item
		if _, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) (err error) {
			all, err = Everything(ctx, u, person, anonymised)
			return err
		}); err != nil {
			return r, err
		}
		aside, err := e.unhandled(ctx, tenant, person)
		if err != nil {
			return r, err
		}
		leaving, err := e.onTheWay(ctx, tenant, person)
		if err != nil {
			return r, err
		}
		all = slices.Concat(all, aside, leaving)
		name := job
		if n > 0 {
			name = fmt.Sprintf("%s.again%d", job, n)
		}
		one, err := e.Erase(ctx, tenant, name, all, g, except, person)
		if err != nil {
			return r, err
		}
		r.join(one)
		again, err := e.remains(ctx, tenant, person, except, anonymised, &r)
		if err != nil || !again {
			return r, err
		}
	}
	return r, fault.New(fault.Unavailable, "erasure: more of a person came in as often as it was erased")
}

func (r *Report) join(o Report) {
	r.Planned, r.With, r.Keys, r.Residue = r.Planned+o.Planned, r.With+o.With, r.Keys+o.Keys, r.Residue+o.Residue
	r.Searched += o.Searched
	for kind, n := range o.Done {
		r.Done[kind] += n
	}
	for outcome, n := range o.Count {
		r.Count[outcome] += n
	}
	r.Left = append(r.Left, o.Left...)
}

// remains looks at the contact itself: its name and addresses are the person's
// too. Where it stays, it is among what is left, with the causes, unless more has
// come in that can go: then there is another round.
func (e *Eraser) remains(ctx context.Context, tenant, person, except string, anonymised func(string) bool, r *Report) (again bool, err error) {
	_, err = e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
		again = false
		there, err := u.There(ctx, work.Of(record.Contacts, person))
		if err != nil || !there {
			return err
		}
		blocks, err := Blocked(ctx, u, retention.Item{}, retention.Life{Subject: person, Class: "channel"}, except, nil)
		if err != nil {
			return err
		}
		why := causes(blocks)
		if why == "" && len(r.Left) > 0 {
			why = r.Left[0].Why
		}
		if why == "" {
			all, err := Everything(ctx, u, person, anonymised)
			if again = err == nil && len(all) > 0; again || err != nil {
				return err
			}
		}
		r.Left = append(r.Left, retention.Difference{Kind: record.Contacts.Name, ID: person, Outcome: retention.HeldBack, Why: why})
		return nil
	})
	return again, err
}
