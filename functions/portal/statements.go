package portal

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// statementView is what a person has stated beside data of theirs which they hold to
// be wrong (art. 16 GDPR; schema Statement): whoever reads the data reads it too.
type statementView struct {
	ContactID string    `json:"contact_id"`
	RequestID string    `json:"request_id"`
	At        time.Time `json:"at"`
	Text      string    `json:"text"`
}

// statements are those of some contacts, the oldest first: at most maxOpened of
// each. What can't be opened now is left out, as what it is about is.
func statements(ctx context.Context, u *work.Unit, contacts ...string) (out []statementView, err error) {
	slices.Sort(contacts)
	for _, id := range slices.Compact(contacts) {
		if id == "" {
			continue
		}
		page, err := work.Scan(ctx, u, record.Statements, store.Query{Index: record.ByContact, Partition: id, Limit: maxOpened})
		if err != nil {
			return nil, err
		}
		if len(page.Items) == 0 {
			continue
		}
		opened, _, err := open(ctx, u, record.Statements, idsOf(record.Statements, page.Items))
		if err != nil {
			return nil, err
		}
		for _, s := range opened {
			out = append(out, statementView{ContactID: s.ContactID, RequestID: s.RequestID, At: s.At.UTC(), Text: s.Text})
		}
	}
	return out, nil
}
