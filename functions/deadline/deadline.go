package deadline

import (
	"context"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	// perCommit is how many limits one commit looks at. Each costs an operation
	// and one more for each of its stages.
	perCommit = 30
	// perTick is how many commits one tick makes: some ten thousand stages,
	// within the event's time also where a commit takes 50 ms.
	perTick = 400
	// counted is up to how many overdue limits are counted at each tick.
	counted = 200
)

type function struct{ env *host.Env }

// New returns the function.
func New(env *host.Env) (*host.Function, error) {
	f := &function{env: env}
	return &host.Function{Manifest: manifest, NextDue: f.next, Handlers: map[string]work.Handler{
		events.DeadlineDueType:     f.due,
		events.DeadlineReachedType: f.reached,
	}}, nil
}

// due tells what is due, piece by piece; what is more than a tick's share is the
// next one's. Its own unit holds the done mark alone.
func (f *function) due(ctx context.Context, u *work.Unit, _ events.Event) error {
	var p piece
	for n := 0; n < perTick && !p.done; n++ {
		var err error
		if p, err = f.tell(ctx, u.Tenant(), p); err != nil {
			return err
		}
	}
	return f.count(ctx, u.Tenant())
}

// piece is how far a tick has come: where in the index, and whether something
// before that was left out, because the commit was full.
type piece struct {
	token string
	left  bool
	done  bool
}

// tell tells the stages of some limits, in one commit.
func (f *function) tell(ctx context.Context, tenant string, at piece) (piece, error) {
	var next piece
	_, err := f.env.Work.Run(ctx, own(tenant), func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Limits, store.Query{
			Index: record.ByState, Partition: "limit", To: upTo(u.Now()), Limit: perCommit, Token: at.token,
		})
		if err != nil {
			return err
		}
		left, err := reach(ctx, u, page.Items)
		next = piece{token: page.Next, left: at.left || left}
		return err
	})
	if err != nil {
		return piece{}, err
	}
	if next.token == "" { // what was left out is found from the beginning: the rest is told
		next = piece{done: !next.left}
	}
	return next, nil
}

// reach marks stages as told and emits the events that tell them. The index may
// lag, so each limit is read again first. It reports whether the commit had no
// room for all of them.
func reach(ctx context.Context, u *work.Unit, found []*deadline.Limit) (left bool, err error) {
	refs := make([]work.Ref, len(found))
	for i, l := range found {
		refs[i] = work.Of(record.Limits, l.ID)
	}
	if err := u.Fetch(ctx, refs...); err != nil {
		return false, err
	}
	saved := false
	room := store.MaxOps - len(found) // a limit that is read and not changed is checked: an operation too
	for _, shown := range found {
		l, ok, err := work.Find(ctx, u, record.Limits, shown.ID)
		if err != nil {
			return false, err
		}
		if next, due := l.Next(); !ok || !due || next.At.After(u.Now()) {
			continue
		}
		stages := l.Reach(u.Now())
		if room -= len(stages); room < 0 && saved {
			return true, nil // read into the unit and not saved: nothing of it is stored
		}
		work.Save(u, record.Limits, l)
		for _, s := range stages {
			if err := u.Emit(ctx, l.About.ID, &events.DeadlineReached{
				Limit: l.ID, AboutKind: l.About.Kind, AboutID: l.About.ID, Name: l.Name, Stage: s.Name, StageAt: s.At, EndAt: l.EndAt,
			}); err != nil {
				return false, err
			}
		}
		saved = true
	}
	return false, nil
}

// reached is loud about a limit that is over and not met, whatever it is about.
func (f *function) reached(_ context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.DeadlineReached](e)
	if err != nil {
		return err
	}
	if d.Stage == deadline.Due && !strings.HasSuffix(d.Name, deadline.EndSuffix) {
		obs.Count("okence_alarm_total", "alarm", "deadline_overdue", "tenant", u.Tenant(), "limit", d.Name)
		f.env.Log.Error("a limit is over and was not met: see /v1/deadlines", "tenant", u.Tenant(), "kind", d.AboutKind, "type", d.Name)
	}
	return nil
}

// count shows how many limits are overdue, up to counted.
func (f *function) count(ctx context.Context, tenant string) error {
	_, err := f.env.Work.Run(ctx, own(tenant), func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Limits, store.Query{Index: record.ByEnd, Partition: "limit", To: upTo(u.Now()), Limit: counted})
		n := 0
		for _, l := range page.Items {
			if l.Overdue(u.Now()) {
				n++
			}
		}
		obs.Set("okence_deadlines_overdue", float64(n), "tenant", tenant)
		return err
	})
	return err
}

// next is when the next stage of a tenant's limits falls due, from an instant
// on: what a manual clock steps through (host.Function).
func (f *function) next(ctx context.Context, tenant string, from time.Time) (at time.Time, err error) {
	_, err = f.env.Work.Run(ctx, own(tenant), func(ctx context.Context, u *work.Unit) error {
		q := store.Query{Index: record.ByState, Partition: "limit", Limit: 1}
		if !from.IsZero() {
			q.From = record.Sortable(from)
		}
		page, err := work.Scan(ctx, u, record.Limits, q)
		for _, l := range page.Items {
			if s, ok := l.Next(); ok {
				at = s.At
			}
		}
		return err
	})
	return at, err
}

// upTo is the end of a range of an index that has the instant now in it.
func upTo(now time.Time) string { return record.Sortable(now.Add(time.Nanosecond)) }

// own is the scope of this function's own commits. They leave no mark: the limit
// says what has been told.
func own(tenant string) work.Scope {
	return work.Scope{Tenant: tenant, Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: manifest.Use}
}
