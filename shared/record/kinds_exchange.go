package record

import (
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/store"
)

// Sendings are events on their way to other organisations.
var Sendings = Define[exchange.Sending]("sending", 1, Indexed(sendingIndex),
	EndsBy[exchange.Sending]("functions/delivery once it is done, and its key after 30 days"))

// sendingIndex: functions/delivery finds by time what is to be tried again, and
// bodies whose time is over (partition "sending").
func sendingIndex(s *exchange.Sending) []store.Entry {
	if at, due := s.Due(); due {
		return []store.Entry{{Index: ByState, Partition: "sending", Sort: Sortable(at)}}
	}
	return nil
}
