package record

import (
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/store"
)

// The register of breaches, and what belongs to its cases. It is the tenant's
// own proof: a person's erasure never reaches it (K23, A8).
var (
	Breaches        = Define[breach.Case]("breach", 1, Indexed(breachIndex))
	BreachNotices   = Define[breach.Notice]("breachnotice", 1, Indexed(breachNoticeIndex))
	BreachScopes    = Define[breach.Scope]("breachscope", 1, Indexed(breachScopeIndex))
	BreachCampaigns = Define[breach.Campaign]("breachcampaign", 1, Indexed(breachCampaignIndex))
)

// breachIndex: the register, and apart from it the drills, by receipt; what a
// case is linked with finds it.
func breachIndex(c *breach.Case) []store.Entry {
	if c.Drill {
		return []store.Entry{{Index: ByTime, Partition: "drill", Sort: Sortable(c.ReportedAt)}}
	}
	in := []store.Entry{{Index: ByTime, Partition: "breach", Sort: Sortable(c.ReportedAt)}}
	for _, l := range c.Links {
		in = append(in, store.Entry{Index: ByNode, Partition: l.ID, Sort: Sortable(c.ReportedAt)})
	}
	return in
}

func breachNoticeIndex(n *breach.Notice) []store.Entry {
	return []store.Entry{{Index: ByNode, Partition: n.BreachID, Sort: Sortable(n.ReleasedAt)}}
}

func breachScopeIndex(s *breach.Scope) []store.Entry {
	return []store.Entry{{Index: ByNode, Partition: s.BreachID, Sort: Sortable(s.AskedAt)}}
}

// breachCampaignIndex: those of a case, and those that still send.
func breachCampaignIndex(c *breach.Campaign) []store.Entry {
	in := []store.Entry{{Index: ByNode, Partition: c.BreachID, Sort: Sortable(c.BeganAt)}}
	if c.State == breach.Sending {
		in = append(in, store.Entry{Index: ByState, Partition: "breachcampaign", Sort: Sortable(c.BeganAt)})
	}
	return in
}
