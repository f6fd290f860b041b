package record

import (
	"github.com/okence/okence/shared/domain/outage"
	"github.com/okence/okence/shared/store"
)

// Outages are incidents of services and of the centre; Fallbacks say what is
// switched on meanwhile, one record a tenant.
var (
	Outages = Define[outage.Outage]("outage", 1, Indexed(outageIndex),
		EndsBy[outage.Outage]("nobody: an incident names no person; kept as evidence"))
	Fallbacks = Define[outage.Fallback]("fallback", 1, EndsBy[outage.Fallback]("nobody: a switch, one a tenant"))
)

func outageIndex(o *outage.Outage) []store.Entry {
	state := "open"
	if !o.ClosedAt.IsZero() {
		state = "closed"
	}
	return []store.Entry{{Index: ByState, Partition: "outage." + state, Sort: Sortable(o.At)}}
}
