package record

import (
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/store"
)

// What was offered to the archive before it went: ids, numbers and codes.
var (
	Offers    = Define[retention.Offer]("offer", 1, Indexed(offerIndex), EndsBy[retention.Offer]("nobody: it shows that archival material was offered before it went"))
	Offerings = Define[retention.Offering]("offering", 1, EndsBy[retention.Offering]("nobody: it leads from a case's id to its offer"))
)

func offerIndex(o *retention.Offer) []store.Entry {
	return []store.Entry{{Index: ByTime, Partition: "offer", Sort: Sortable(o.MadeAt)}}
}
