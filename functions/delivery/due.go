package delivery

import (
	"context"
	"strconv"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

const (
	perCommit = 80 // events of one commit, under store.MaxOps with their marks
	perTick   = 20 // commits of one tick; the rest is the next one's
)

// due asks again for what is to be tried now, and for calls that never ended.
// It finds them by time, so it costs what is due and not what exists.
func (f *function) due(ctx context.Context, u *work.Unit, e events.Event) error {
	next := ""
	for n := range perTick {
		scope := own(u.Tenant())
		scope.Source, scope.ID, scope.At = e.Source, e.ID+":"+strconv.Itoa(n), e.Time
		more := ""
		_, err := f.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
			page, err := work.Scan(ctx, u, record.Messages, store.Query{
				Index: record.ByState, Partition: "delivery", To: record.Sortable(u.Now().Add(time.Nanosecond)), Limit: perCommit, Token: next,
			})
			if err != nil {
				return err
			}
			more = page.Next
			return ask(ctx, u, page.Items)
		})
		if err != nil {
			return err
		}
		if more == "" {
			break
		}
		next = more
	}
	return f.sendings(ctx, u, e)
}

func ask(ctx context.Context, u *work.Unit, ms []*message.Message) error {
	for _, m := range ms {
		if err := u.Emit(ctx, m.ID, &events.ReplyRequested{MessageID: m.ID}); err != nil {
			return err
		}
	}
	return nil
}

// inOneLook is how many messages next looks at: those that wait for a secret come
// up every quarter of an hour.
const inOneLook = 50

// next is when a message, or a call to another organisation, wants attention first,
// from an instant on: a manual clock stops there, so that retries come at their own
// times and not all at the end of a move. Where an account can't send, only somebody
// who gives it a secret changes that: a clock that stopped every quarter of an hour for
// it would not get through a year.
func (f *function) next(ctx context.Context, tenant string, from time.Time) (first time.Time, err error) {
	keep := func(at time.Time, due bool) {
		if due && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	q := func(partition string) store.Query {
		q := store.Query{Index: record.ByState, Partition: partition, Limit: inOneLook}
		if !from.IsZero() {
			q.From = record.Sortable(from)
		}
		return q
	}
	_, err = f.env.Work.Run(ctx, own(tenant), func(ctx context.Context, u *work.Unit) error {
		first = time.Time{}
		messages, err := work.Scan(ctx, u, record.Messages, q("delivery"))
		if err != nil {
			return err
		}
		for _, m := range messages.Items {
			if m.Code != message.CodeNoSecret {
				keep(m.Due())
			}
		}
		calls, err := work.Scan(ctx, u, record.Sendings, q("sending"))
		if err != nil {
			return err
		}
		for _, s := range calls.Items {
			keep(s.Due())
		}
		return nil
	})
	return first, err
}
