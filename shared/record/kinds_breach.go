package record

import (
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/store"
)

// The register of breaches, and what belongs to its cases. It is the tenant's
// own proof: a person's erasure never reaches it (K23, A8).
var (
	Breaches        = Define[breach.Case]("breach", 1, Indexed(breachIndex), Lives(breachLives), Along(breachParts))
	BreachNotices   = Define[breach.Notice]("breachnotice", 1, Indexed(breachNoticeIndex), GoesWith[breach.Notice]("its case"))
	BreachScopes    = Define[breach.Scope]("breachscope", 1, Indexed(breachScopeIndex), GoesWith[breach.Scope]("its case"))
	BreachCampaigns = Define[breach.Campaign]("breachcampaign", 1, Indexed(breachCampaignIndex), GoesWith[breach.Campaign]("its case"))
)

// breachIndex: the register, and apart from it the drills, by receipt.
func breachIndex(c *breach.Case) []store.Entry {
	partition := "breach"
	if c.Drill {
		partition = "drill"
	}
	return []store.Entry{{Index: ByTime, Partition: partition, Sort: Sortable(c.ReportedAt)}}
}

// breachLives: a case is kept for a time after it was closed.
func breachLives(c *breach.Case) []retention.Life {
	return []retention.Life{life("breach", "", c.ClosedAt)}
}

// breachParts: what belongs to a case goes with it.
func breachParts(c *breach.Case) []retention.Part {
	var out []retention.Part
	for no := 1; no <= c.Notices; no++ {
		id := breach.NoticeID(c.ID, no)
		out = append(out, retention.Part{Kind: "breachnotice", ID: id}, retention.Part{Kind: "breachcampaign", ID: breach.CampaignID(id)})
	}
	for no := 1; no <= c.Scopes; no++ {
		out = append(out, retention.Part{Kind: "breachscope", ID: breach.ScopeID(c.ID, no)})
	}
	return out
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
