package breach

import (
	"context"
	"encoding/json"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// batch is how many persons one commit tells: each costs some seven operations
// of store.MaxOps.
const batch = 8

// due wakes the campaigns that still send: each minute has its share.
func (f *function) due(ctx context.Context, u *work.Unit, _ events.Event) error {
	page, err := work.Scan(ctx, u, record.BreachCampaigns, store.Query{Index: record.ByState, Partition: "breachcampaign", Limit: 20})
	if err != nil {
		return err
	}
	for _, c := range page.Items {
		if err := u.Emit(ctx, c.ID, &events.BreachCampaignStepped{CampaignID: c.ID}); err != nil {
			return err
		}
	}
	return nil
}

// step tells the next persons of a campaign and asks for the step after it, in
// one commit with the campaign's own place: whatever is killed in between, each
// person is told once. Two steps at a time meet at the campaign's version, and
// one of them goes again from where the other left.
func (f *function) step(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.BreachCampaignStepped](e)
	if err != nil {
		return err
	}
	c, err := work.Load(ctx, u, record.BreachCampaigns, d.CampaignID)
	if err != nil {
		return err
	}
	n := c.Allowance(u.Now(), batch)
	if n == 0 {
		return nil
	}
	raw, err := work.OpenFile(ctx, u, record.BreachCampaigns, c.ID, "Persons")
	if err != nil {
		return err
	}
	var persons []string
	if json.Unmarshal(raw, &persons) != nil || len(persons) != c.Total {
		return fault.New(fault.Poison, "campaign %s has no list of persons", c.ID)
	}
	for range n {
		person := persons[c.Next]
		reached, err := f.tell(ctx, u, c, person)
		if err != nil {
			return err
		}
		c.Step(person, reached, u.Now())
	}
	obs.Count("okence_breach_campaign_steps_total", "tenant", u.Tenant())
	work.Save(u, record.BreachCampaigns, c)
	if c.Allowance(u.Now(), 1) == 0 {
		return nil
	}
	return u.Emit(ctx, c.ID, &events.BreachCampaignStepped{CampaignID: c.ID})
}

// tell writes to one person over their own channel, in plain language (art.
// 34(2) GDPR). A person who has none left is counted, for a public notice.
func (f *function) tell(ctx context.Context, u *work.Unit, c *breach.Campaign, person string) (bool, error) {
	page, err := work.Scan(ctx, u, record.Conversations, store.Query{Index: record.ByContact, Partition: person, Desc: true, Limit: 20})
	if err != nil {
		return false, err
	}
	var used []string
	for _, conv := range page.Items {
		used = append(used, string(conv.Channel))
	}
	channel, ok := breach.Channel(used, c.Avoid)
	if !ok {
		return false, nil
	}
	for _, conv := range page.Items {
		if string(conv.Channel) != channel {
			continue
		}
		w := c.Form
		_, err := notice.Queue(ctx, u, f.env, notice.Letter{
			Template: "breach.persons", Language: c.Language, About: deadline.Ref{Kind: record.Breaches.Name, ID: c.BreachID},
			Values: map[string]string{
				"what": w.Facts.PersonsText, "consequences": w.Facts.Consequences, "measures": breachfile.Measures(w),
				"contact": breachfile.ContactLine(w), "organisation": w.Organisation,
			},
			To: notice.To{ContactID: person, ConversationID: conv.ID},
		})
		switch fault.Of(err) {
		case "":
			return true, nil
		case fault.NotFound, fault.Gone, fault.Invalid, fault.Forbidden: // nothing of theirs is left, or may be used
			return false, nil
		}
		return false, err
	}
	return false, nil
}
