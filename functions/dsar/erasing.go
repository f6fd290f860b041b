package dsar

import (
	"context"
	"slices"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// erasuresPerRun bounds how many erasures one run of the schedule sets going.
const erasuresPerRun = 40

// announce answers a granted erasure before it is carried out: the address that
// the answer goes to is erased too. The letter says what stays, why and until
// when. Where nobody has proved to be the person, there is nothing to announce.
func (f *function) announce(ctx context.Context, u *work.Unit, m *matter) error {
	if len(m.Covered()) == 0 {
		return f.order(ctx, u, m)
	}
	stays, err := f.stays(ctx, u, m)
	if err != nil {
		return err
	}
	until := u.Now().Add(m.terms.EraseAfter())
	letter, err := f.write(ctx, u, m, "erasing", map[string]string{"until": m.lastDay(until), "stays": stays})
	if err != nil {
		return err
	}
	if err := refused(m.Announce(letter, until, u.Now())); err != nil {
		return err
	}
	return f.close(ctx, u, m)
}

// order orders the erasure that is granted.
func (f *function) order(ctx context.Context, u *work.Unit, m *matter) error {
	return u.Emit(ctx, m.ID, &events.DsarGranted{Request: m.ID, Right: dsar.Erasure, Scope: dsar.Data})
}

// erasing handles the step: the letter has left and the erasure is ordered, or
// something that it waited for has ended and the person hears that it goes on.
func (f *function) erasing(ctx context.Context, u *work.Unit, m *matter) error {
	blocks, err := obstacles(ctx, u, m.Request)
	if err != nil {
		return err
	}
	over, err := lettersOver(ctx, u, m.Request)
	switch {
	case err != nil:
		return err
	case m.Changed(blocks):
		return f.announce(ctx, u, m)
	case !m.Ripe(over, u.Now()):
		return nil // it was done before
	}
	if err := refused(m.Order(blocks, u.Now())); err != nil {
		return err
	}
	if err := f.order(ctx, u, m); err != nil {
		return err
	}
	return f.keep(ctx, u, m)
}

// due handles dsar.due: it looks at the granted erasures that are not done, and
// sets going those that can go on, each in a unit of its own.
func (f *function) due(ctx context.Context, u *work.Unit, _ events.Event) error {
	q := store.Query{Index: record.ByState, Partition: "request." + string(dsar.Carrying), Limit: store.MaxPage}
	for n := 0; ; {
		page, err := work.Scan(ctx, u, record.Requests, q)
		if err != nil {
			return err
		}
		for _, r := range page.Items {
			goes, err := f.goesOn(ctx, u, r)
			if err != nil {
				return err
			}
			if !goes {
				continue
			}
			if err := u.Emit(ctx, r.ID, &events.DsarStepTaken{Request: r.ID, Step: events.StepErasing}); err != nil {
				return err
			}
			if n++; n == erasuresPerRun {
				return nil
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
	}
}

// goesOn reports whether an erasure can go on. It reads in a unit of its own, so
// that many of them hold no commit up.
func (f *function) goesOn(ctx context.Context, u *work.Unit, r *dsar.Request) (goes bool, err error) {
	i := r.Item(dsar.Key{Right: dsar.Erasure, Scope: dsar.Data})
	if i == nil || i.Erasing == nil {
		return false, nil
	}
	_, err = f.env.Work.Run(ctx, reading(u), func(ctx context.Context, u *work.Unit) error {
		if r.Waits() {
			blocks, err := obstacles(ctx, u, r)
			goes = err == nil && r.Changed(blocks)
			return err
		}
		over, err := lettersOver(ctx, u, r)
		goes = err == nil && r.Ripe(over, u.Now())
		return err
	})
	return goes, err
}

// reading is the scope of units that change nothing.
func reading(u *work.Unit) work.Scope {
	return work.Scope{Tenant: u.Tenant(), Function: manifest.Name, Actor: access.FunctionActor(manifest.Name), Use: access.Rights}
}

// obstacles are what is temporary and may keep data of the persons that a
// request covers.
func obstacles(ctx context.Context, u *work.Unit, r *dsar.Request) ([]string, error) {
	var out []string
	for _, id := range r.Covered() {
		found, err := erasure.Obstacles(ctx, u, id, r.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// lettersOver reports whether all letters to the person about the request have
// left or never will. One for the post has when an officer says so.
func lettersOver(ctx context.Context, u *work.Unit, r *dsar.Request) (bool, error) {
	i := r.Item(dsar.Key{Right: dsar.Erasure, Scope: dsar.Data})
	if i == nil || i.Erasing == nil {
		return false, nil
	}
	if i.Erasing.LetterID == "" {
		return left(ctx, u, r, "erasing")
	}
	ids := []string{i.Erasing.LetterID}
	covered := r.Covered()
	page, err := work.Scan(ctx, u, record.Notices, store.Query{Index: record.ByNode, Partition: r.ID, Limit: store.MaxPage, Desc: true})
	if err != nil {
		return false, err
	}
	for _, n := range page.Items {
		if slices.Contains(covered, n.ContactID) && !slices.Contains(ids, n.MessageID) {
			ids = append(ids, n.MessageID)
		}
	}
	for _, id := range ids {
		m, err := work.Peek(ctx, u, record.Messages, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return false, err
		}
		if m.State == message.Queued || m.State == message.Sending {
			return false, nil
		}
	}
	return true, nil
}
