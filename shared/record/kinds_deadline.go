package record

import (
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/store"
)

// Limits are the limits that run (/v1/deadlines).
var Limits = Define[deadline.Limit]("limit", 1, Indexed(limitIndex))

// ByEnd orders open limits by their end, overdue ones first.
const ByEnd = "end"

// limitIndex: what is due is found by the next stage's instant (partition
// "limit" of ByState), what is open by its end, and all limits by what they are
// about (partition: the id of that record).
func limitIndex(l *deadline.Limit) []store.Entry {
	in := []store.Entry{{Index: ByNode, Partition: l.About.ID, Sort: Sortable(l.EndAt)}}
	if next, ok := l.Next(); ok {
		in = append(in, store.Entry{Index: ByState, Partition: "limit", Sort: Sortable(next.At)})
	}
	if l.Open() {
		in = append(in, store.Entry{Index: ByEnd, Partition: "limit", Sort: Sortable(l.EndAt)})
	}
	return in
}
