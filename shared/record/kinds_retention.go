package record

import (
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/store"
)

// What retention keeps for itself. None of it holds personal data.
var (
	Holds = Define[retention.Hold]("hold", 1, Indexed(holdIndex),
		EndsBy[retention.Hold]("nobody: it shows why data were kept, and names persons by id alone"))
	HoldLists  = Define[retention.HoldList]("holdlist", 1)
	Guards     = Define[retention.Guard]("guard", 1, EndsBy[retention.Guard]("shared/erasure with its contact"))
	Servants   = Define[retention.Servant]("servant", 1, Indexed(servantIndex), EndsBy[retention.Servant]("shared/erasure, with the last of the person's records"))
	Sweeps     = Define[retention.Sweep]("sweep", 4, From[retention.Sweep](1, asIs), From[retention.Sweep](2, asIs), From[retention.Sweep](3, asIs), Indexed(sweepIndex))
	Restrained = Define[retention.Restrained]("restrained", 1, Indexed(restrainedIndex), EndsBy[retention.Restrained]("functions/ledger, two years after the restriction ended"))
	Pages      = Define[retention.Page]("sweeppage", 3, From[retention.Page](1, asIs), From[retention.Page](2, asIs), Indexed(pageIndex))
)

// Processors' data (S22, laboss annex A).
var (
	Contracts   = Define[collection.Contract]("collectioncontract", 2, From[collection.Contract](1, asIs), Indexed(contractIndex))
	Collections = Define[collection.Item]("collected", 1, Indexed(itemIndex), Lives(itemLives), Along(itemParts),
		Under[collection.Item]("collectioncontract", ByNode))
	Scans = Define[collection.Scan]("scan", 1, GoesWith[collection.Scan]("its item"))
)

func restrainedIndex(r *retention.Restrained) []store.Entry {
	return []store.Entry{{Index: ByTime, Partition: "restrained", Sort: Sortable(r.SinceAt)}}
}

// restrictionIndex: those in force, which the processing log asks for.
func restrictionIndex(r *contact.Restriction) []store.Entry {
	in := []store.Entry{{Index: ByTime, Partition: "restriction", Sort: Sortable(r.SinceAt)}}
	if !r.LiftAt.IsZero() { // functions/dossier finds what is to be lifted
		in = append(in, store.Entry{Index: ByState, Partition: "restriction.lifting", Sort: Sortable(r.LiftUntil)})
	}
	return in
}

func holdIndex(h *retention.Hold) []store.Entry {
	return []store.Entry{{Index: ByTime, Partition: "hold", Sort: Sortable(h.AskedAt)}}
}

// servantIndex: those who are inactive, by since when.
func servantIndex(s *retention.Servant) []store.Entry {
	since := s.InactiveSince()
	if since.IsZero() {
		return nil
	}
	return []store.Entry{{Index: ByRetention, Partition: "servant", Sort: Sortable(since)}}
}

// sweepIndex: all by time; those that go on by themselves, or wait for a
// person, by state.
func sweepIndex(s *retention.Sweep) []store.Entry {
	in := []store.Entry{{Index: ByTime, Partition: "sweep", Sort: Sortable(s.StartedAt)}}
	if s.Active() || s.State == retention.Braked {
		in = append(in, store.Entry{Index: ByState, Partition: "sweep", Sort: Sortable(s.StartedAt)})
	}
	return in
}

// pageIndex: when a page was closed, before that laid down: functions/retention
// deletes those of jobs that are done.
func pageIndex(p *retention.Page) []store.Entry {
	return []store.Entry{{Index: ByExpiry, Partition: "page", Sort: Sortable(p.At)}}
}

// ByExpiry finds what may go after a time of its own.
const ByExpiry = "expiry"

// conversationLives: the interaction's date is that of its messages; the
// conversation is found by its first, and goes with its last (K15).
func conversationLives(c *conversation.Conversation) []retention.Life {
	return []retention.Life{{Store: "platform", Class: "channel", Of: string(c.Class), Subject: c.ContactID, Since: c.OpenedAt, Services: c.Services()}}
}

// waitingLives: what waits for a message that never comes.
func waitingLives(w *message.Waiting) []retention.Life {
	return []retention.Life{{Store: "platform", Class: "channel", Of: retention.Anyone, Since: w.SinceAt}}
}

// paceLives: a recipient's trace, though a keyed hash.
func paceLives(p *message.Pace) []retention.Life {
	return []retention.Life{{Store: "platform", Class: "channel", Of: retention.Anyone, Since: p.RestsTo}}
}

// messageParts: the files of a message, the mail as it came, and what leads to it.
func messageParts(m *message.Message) (out []retention.Part) {
	if m.RawID != "" {
		out = append(out, retention.Part{Kind: "attachment", ID: m.RawID})
	}
	for _, f := range m.Files {
		if f.FileID != "" && f.FileID != m.RawID {
			out = append(out, retention.Part{Kind: "attachment", ID: f.FileID})
		}
	}
	for _, a := range m.Aliases {
		out = append(out, retention.Part{Kind: "alias", ID: a})
	}
	return out
}

// contractIndex: all by time; those whose data may go, by when a sweep has to
// look at them.
func contractIndex(c *collection.Contract) []store.Entry {
	in := []store.Entry{{Index: ByTime, Partition: "contract", Sort: Sortable(c.BeganAt)}}
	if due := c.DueAt(); !due.IsZero() {
		in = append(in, store.Entry{Index: ByRetention, Partition: "contract", Sort: Sortable(due)})
	}
	return in
}

func itemIndex(i *collection.Item) []store.Entry {
	if i.ContractID == "" {
		return nil
	}
	return []store.Entry{{Index: ByNode, Partition: i.ContractID, Sort: i.ID}}
}

func itemLives(i *collection.Item) []retention.Life {
	return []retention.Life{{Store: "product", Class: "product", Of: i.Of, Subject: i.Subject, Since: i.FulfilledAt}}
}

func itemParts(i *collection.Item) (out []retention.Part) {
	for _, id := range i.Scans {
		out = append(out, retention.Part{Kind: "scan", ID: id})
	}
	return out
}
