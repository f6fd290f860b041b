package notice

import (
	"context"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// Settle ends the waiting for confirmations of all letters about a matter: it is
// over, or newer letters have gone out, so nobody is told next. Doing it again
// changes nothing.
func Settle(ctx context.Context, u *work.Unit, about deadline.Ref) error {
	page, err := work.Scan(ctx, u, record.Notices, store.Query{Index: record.ByNode, Partition: about.ID, Limit: store.MaxPage})
	if err != nil {
		return err
	}
	for _, n := range page.Items {
		if n.About != about || n.Confirmed() || n.Next != "" || n.ConfirmBy.IsZero() {
			continue
		}
		if err := end(ctx, u, n, func(l *deadline.Limit) bool { return l.Withdraw(u.Now()) }); err != nil {
			return err
		}
	}
	return nil
}
