package notice

import (
	"maps"
	"slices"
	"time"

	"github.com/okence/okence/shared/policy"
)

// lead is how a pack names the operational lead among those who are told.
const lead = "supervisor"

// Offices are the mailboxes of parties at an instant, by the terms that cover a
// service ("" for the general ones): those for incidents and the custodians, each
// once. "supervisor" is the centre's own operational lead, wherever the pack puts
// that office. Whom the pack gives no mailbox has perhaps one in the settings
// (MailboxVariable); unreached are those who have none in either.
func Offices(p *policy.Pack, service string, parties []string, now time.Time) (found []Recipient, unreached []string) {
	general := p.At(now)
	terms := p.ForService(service).At(now)
	add := func(party string, r policy.Reach) {
		if r.Email == "" || slices.ContainsFunc(found, func(o Recipient) bool { return o.Mailbox == r.Email }) {
			return
		}
		found = append(found, Recipient{Party: party, Mailbox: r.Email, Name: r.Name})
	}
	set, _ := mailboxes(p.ID) // checked at start
	for _, id := range parties {
		before := len(found)
		if id == lead {
			leads := Lead(general)
			found = append(found, leads...)
		} else if party, ok := terms.Parties[id]; ok {
			add(id, party.Duty)
			add(id, party.Custodian)
			if len(found) == before {
				add(id, policy.Reach{Email: party.Email, Name: party.Name})
			}
		}
		if len(found) == before {
			add(id, policy.Reach{Email: set[id], Name: terms.Parties[id].Name})
		}
		if len(found) == before {
			unreached = append(unreached, id)
		}
	}
	return found, unreached
}

// Lead is the mailbox of the operational lead: the duty office of the general
// terms that has one.
func Lead(general *policy.Terms) []Recipient {
	for _, id := range sorted(general.Parties) {
		if d := general.Parties[id].Duty; d.Email != "" {
			return []Recipient{{Party: id, Mailbox: d.Email, Name: d.Name}}
		}
	}
	return nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
