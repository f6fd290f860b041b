package erasure

import (
	"context"
	"slices"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Eraser does the work for one function. It is safe for many goroutines.
type Eraser struct {
	env      *work.Env
	tombs    store.Store
	function string
	use      access.Use
	archival *Archival
}

// New returns the eraser of a function. tombs is a store outside the backups of
// the data: tombstones must survive a restore (P13). The embedded one is that of
// the processing log.
func New(env *work.Env, tombs store.Store, function string, use access.Use) *Eraser {
	return &Eraser{env: env, tombs: tombs, function: function, use: use}
}

// First has the eraser of one tenant keep what an archive is asked about first,
// also from an erasure on request.
func (e *Eraser) First(a *Archival) *Eraser {
	e.archival = a
	return e
}

// scope is of a unit that leaves no done mark: pages say what is done.
func (e *Eraser) scope(tenant string) work.Scope {
	return work.Scope{Tenant: tenant, Function: e.function, Actor: access.FunctionActor(e.function), Use: e.use}
}

// Decider rechecks an item in the unit that would treat it. l is the record's
// life as it is now, read in the same unit.
type Decider func(ctx context.Context, u *work.Unit, it retention.Item, l retention.Life) (retention.Verdict, error)

// Lay writes a page of a job within a unit. A page that is there stays as it is.
// persons are some who may have nothing left once it is done.
func Lay(ctx context.Context, u *work.Unit, job string, number int, items []retention.Item, persons ...string) (*retention.Page, error) {
	id := retention.PageID(job, number)
	if p, ok, err := work.Find(ctx, u, record.Pages, id); err != nil || ok {
		return p, err
	}
	p := &retention.Page{ID: id, Job: job, Number: number, State: retention.PagePlanned, Items: items, Persons: persons, At: u.Now()}
	if len(items) == 0 {
		p.State = retention.PageTreated
	}
	work.Save(u, record.Pages, p)
	return p, nil
}

// Execute treats the items of a page that have no result yet: each commit some
// of them, with their results. Several may do so at once.
func (e *Eraser) Execute(ctx context.Context, tenant, page string, g Generic, decide Decider) error {
	for {
		more := false
		_, err := e.env.Run(ctx, e.scope(tenant), func(ctx context.Context, u *work.Unit) error {
			p, err := work.Load(ctx, u, record.Pages, page)
			if err != nil || p.State != retention.PagePlanned {
				more = false
				return err
			}
			if err := prefetch(ctx, u, p.Items[p.Next():]); err != nil {
				return err
			}
			for p.State == retention.PagePlanned && u.Weight() < perUnit {
				done, err := e.treat(ctx, u, p, g, decide)
				if err != nil {
					return err
				}
				if !done {
					break
				}
			}
			more = p.State == retention.PagePlanned
			work.Save(u, record.Pages, p)
			return nil
		})
		if err != nil || !more {
			return err
		}
	}
}

// prefetch reads together what the next items will need: two calls of the store
// instead of five for each.
func prefetch(ctx context.Context, u *work.Unit, items []retention.Item) error {
	items = items[:min(len(items), 24)]
	refs := []work.Ref{work.Of(record.HoldLists, retention.HoldListID)}
	for _, it := range items {
		if shape := record.ByName(it.Kind); shape != nil {
			refs = append(refs, work.Named(shape, it.ID))
		}
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return err
	}
	var next []work.Ref
	for _, r := range refs[1:] {
		rec, ok, err := u.Clear(ctx, r)
		if err != nil {
			return err
		}
		if !ok || len(next) > store.MaxKeys-8 {
			continue
		}
		if m, is := rec.(*message.Message); is {
			next = append(next, work.Of(record.Conversations, m.ConversationID))
			next = append(next, factRefs(m.ContactID)[1:]...)
			continue
		}
		for _, l := range r.Shape().Lives(rec) {
			if l.Subject != "" {
				next = append(next, factRefs(l.Subject)[1:]...)
			}
		}
	}
	return u.Fetch(ctx, next...)
}

// treat settles the next item of a page. done is false where the item needs a
// commit of its own before.
func (e *Eraser) treat(ctx context.Context, u *work.Unit, p *retention.Page, g Generic, decide Decider) (done bool, err error) {
	it := p.Items[p.Next()]
	shape := record.ByName(it.Kind)
	if shape == nil {
		return false, fault.New(fault.Internal, "erasure: no kind %s", it.Kind)
	}
	r := work.Named(shape, it.ID)
	rec, ok, err := u.Clear(ctx, r)
	if err != nil {
		return false, err
	}
	if !ok {
		p.Settle(retention.Result{Outcome: retention.Absent})
		return true, nil
	}
	l, ok, err := lifeOf(ctx, u, shape, rec, it.Subject)
	if err != nil {
		return false, err
	}
	if !ok { // the person has left the record since
		p.Settle(retention.Result{Outcome: retention.Absent})
		return true, nil
	}
	v, err := decide(ctx, u, it, l)
	switch {
	case err != nil:
		return false, err
	case v.Act == "":
		p.Settle(retention.Result{Outcome: retention.NotDue})
		return true, nil
	case len(v.Blocks) > 0:
		p.Settle(retention.Result{Outcome: retention.HeldBack, Why: causes(v.Blocks)})
		return true, nil
	}
	t := took{letters: it.Rule == ""}
	defer func() { p.Files = append(p.Files, t.files...) }() // also of what needs several commits
	switch {
	case it.Act == retention.Empty:
		t.files = u.Blobs(r, "")
		if err := Empty(ctx, u, it.ID); err != nil {
			return false, err
		}
	case it.Act == retention.Anonymise:
		if err := e.anonymise(ctx, u, r, rec, l.Subject, g, &t); err != nil || t.more {
			return false, err
		}
	default:
		stays, err := removeFree(ctx, u, r, it.Rule == "", &t)
		if err != nil || t.more {
			return false, err
		}
		if stays {
			p.Settle(retention.Result{Outcome: retention.Followed})
			return true, nil
		}
	}
	for _, person := range t.persons {
		p.Concerns(person)
	}
	p.Settle(retention.Result{Outcome: retention.Done, With: t.with, Warning: v.Warning})
	return true, nil
}

// lifeOf is the life of a person's part of a record. A message has that of its
// own receipt, and the class of person of its conversation (A8, K15).
func lifeOf(ctx context.Context, u *work.Unit, shape *record.Shape, rec any, subject string) (retention.Life, bool, error) {
	if m, is := rec.(*message.Message); is {
		l := retention.Life{Store: "platform", Class: "channel", Of: retention.Anyone, Subject: m.ContactID, Since: m.ReceivedAt}
		c, ok, err := u.Clear(ctx, work.Of(record.Conversations, m.ConversationID))
		if ok {
			l.Of, l.Services = string(c.(*conversation.Conversation).Class), c.(*conversation.Conversation).Services()
		}
		return l, true, err
	}
	for _, l := range shape.Lives(rec) {
		if subject == "" || l.Subject == subject {
			return l, true, nil
		}
	}
	if len(shape.Lives(rec)) == 0 && (shape.End.With != "" || shape.End.By != "") { // named by itself, in an erasure on request
		if owner := ownerOf(shape, rec); owner != "" {
			subject = owner
		}
		return retention.Life{Subject: subject}, true, nil
	}
	return retention.Life{}, false, nil
}

// causes lists the causes of blocks, each once, in order.
func causes(bs []retention.Blocked) string {
	var out string
	for _, c := range retention.Causes {
		for _, b := range bs {
			if b.Cause == c {
				if out != "" {
					out += ","
				}
				out += string(c)
				break
			}
		}
	}
	return out
}

// anonymise makes one person's part of a record anonymous; files of its own go.
func (e *Eraser) anonymise(ctx context.Context, u *work.Unit, r work.Ref, rec any, subject string, g Generic, t *took) error {
	for _, p := range r.Shape().Along(rec) {
		if u.Weight() > perUnit {
			t.more = true
			return nil
		}
		if err := along(ctx, u, r, p.Kind, p.ID, t); err != nil {
			return err
		}
	}
	if err := e.beneath(ctx, u, r, subject, g, t); err != nil || t.more {
		return err
	}
	return unname(ctx, u, r, subject, g, t)
}

// beneath makes anonymous what goes with a record: a ticket's work log and
// hand-overs stay, as their number, times and cost do (K17), without the person
// and without who wrote them (K18). What does not fit into this commit comes in
// the next; the record itself is the last.
func (e *Eraser) beneath(ctx context.Context, u *work.Unit, r work.Ref, subject string, g Generic, t *took) error {
	kinds, indexes := r.Shape().Children()
	for i, k := range kinds {
		if k.End.With == "" {
			continue // has a life of its own
		}
		q := store.Query{Index: indexes[i], Partition: r.ID(), Limit: store.MaxPage}
		for {
			found, next, err := u.Seek(ctx, q, k.Name)
			if err != nil {
				return err
			}
			for _, c := range found {
				if !slices.Contains(k.Owners(c.Rec), subject) {
					continue
				}
				if u.Weight() > perUnit {
					t.more = true
					return nil
				}
				if err := unname(ctx, u, c.Ref, subject, g, t); err != nil {
					return err
				}
				t.with++
			}
			if q.Token = next; next == "" {
				break
			}
		}
	}
	return nil
}

// unname takes a person out of one record.
func unname(ctx context.Context, u *work.Unit, r work.Ref, subject string, g Generic, t *took) error {
	open, ok, err := u.Open(ctx, r)
	if fault.Is(err, fault.Gone) { // its key went before: what is sealed is nothing any more
		open, ok, err = u.Clear(ctx, r)
	}
	if err != nil || !ok {
		return err
	}
	if Anonymous(r.Shape(), open, subject, g) {
		t.files = append(t.files, u.Blobs(r, subject)...)
		t.persons = append(t.persons, subject)
		u.Anonymise(r.Shape(), open, subject)
	}
	return nil
}
