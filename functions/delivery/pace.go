package delivery

import (
	"context"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// paces are what may hold a message back: its account's, then its recipient's.
type paces [2]string // ids

const account, recipient = 0, 1

func pacesOf(ctx context.Context, u *work.Unit, n channel.Name, to string) (p paces, err error) {
	if p[account], err = u.Hash(ctx, "pace", n.String()); err == nil {
		p[recipient], err = u.Hash(ctx, "pace", n.String(), to)
	}
	return p, err
}

// try says until when a message has to wait, and for which code of the
// provider; the zero time is not at all.
func (p paces) try(ctx context.Context, u *work.Unit) (until time.Time, code string, err error) {
	if err := u.Fetch(ctx, work.Of(record.Paces, p[account]), work.Of(record.Paces, p[recipient])); err != nil {
		return until, "", err
	}
	var there []*message.Pace
	for _, id := range p {
		pace, ok, err := work.Find(ctx, u, record.Paces, id)
		if err != nil {
			return until, "", err
		}
		if !ok {
			continue
		}
		there = append(there, pace)
		if u.Now().Before(pace.RestsTo) && pace.RestsTo.After(until) {
			until, code = pace.RestsTo, pace.Code
		}
	}
	if !until.IsZero() {
		return until, code, nil
	}
	for _, pace := range there {
		pace.Try(u.Now())
		work.Save(u, record.Paces, pace)
	}
	return until, "", nil
}

// rest holds back one of the two. It returns until when.
func (p paces) rest(ctx context.Context, u *work.Unit, which int, code string, least time.Duration, grow func(int) time.Duration) (time.Time, error) {
	pace, _, err := work.Find(ctx, u, record.Paces, p[which])
	if err != nil {
		return time.Time{}, err
	}
	pace.ID = p[which]
	pace.RestsTo = time.Time{} // of the trial that has just ended
	pace.Rest(code, u.Now(), max(least, grow(pace.Failures+1)))
	work.Save(u, record.Paces, pace)
	return pace.RestsTo, nil
}

// clear lets everything go again.
func (p paces) clear(ctx context.Context, u *work.Unit) error {
	for _, id := range p {
		if err := work.Delete(ctx, u, record.Paces, id); err != nil {
			return err
		}
	}
	return nil
}
