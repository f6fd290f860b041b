package breach

import (
	"slices"
	"time"
)

// CampaignState says where a campaign stands.
type CampaignState string

// States.
const (
	Sending   CampaignState = "running"
	Complete  CampaignState = "done"
	Suspended CampaignState = "suspended" // by a person; it can go on
)

// Campaign tells many persons of a breach (GDPR art. 34), one after the other.
// What it says and to whom stands sealed; how far it is, in the clear.
type Campaign struct {
	_          struct{}      `data:"owner=~breach class=breach purpose=proof"`
	ID         string        `json:"id" data:"technical"`
	BreachID   string        `json:"breach_id" data:"technical"`
	NoticeID   string        `json:"notice_id" data:"technical"`
	State      CampaignState `json:"state" data:"technical"`
	Total      int           `json:"total" data:"technical"`
	Next       int           `json:"next" data:"technical"` // place of the next person, from 0
	Queued     int           `json:"queued" data:"technical"`
	Unreached  int           `json:"unreached" data:"technical"` // no channel of theirs is left, or their data has gone
	PerMinute  int           `json:"per_minute" data:"technical"`
	Minute     time.Time     `json:"minute,omitzero" data:"technical"` // that Spent counts for
	Spent      int           `json:"spent" data:"technical"`
	Avoid      []string      `json:"avoid,omitempty" data:"technical"` // channels that may be compromised
	BeganAt    time.Time     `json:"began_at" data:"technical"`
	EndedAt    time.Time     `json:"ended_at,omitzero" data:"technical"`
	Language   string        `json:"language" data:"technical"`
	Persons    []byte        `json:"-" data:"personal activity file"` // JSON list of contact ids, sorted
	Unanswered []string      `json:"unreached_persons,omitempty" data:"personal activity"`
	Form       Form          `json:"form" data:"personal content"`
}

// Allowance is how many persons may be told now, at most batch: the rest of
// this minute's share. Taking it is up to Sent.
func (c *Campaign) Allowance(now time.Time, batch int) int {
	if c.State != Sending {
		return 0
	}
	minute := now.UTC().Truncate(time.Minute)
	if minute.After(c.Minute) {
		c.Minute, c.Spent = minute, 0
	}
	return max(0, min(batch, c.PerMinute-c.Spent, c.Total-c.Next))
}

// Step says that the person at place Next was told, or could not be.
func (c *Campaign) Step(person string, reached bool, now time.Time) {
	c.Next++
	c.Spent++
	if reached {
		c.Queued++
	} else {
		c.Unreached++
		c.Unanswered = append(c.Unanswered, person)
	}
	if c.Next >= c.Total {
		c.State, c.EndedAt = Complete, now.UTC()
	}
}

// Steer lets a case's officer suspend a campaign, with a reason, and let it go on
// from where it stood. What has been handed to a provider is not called back.
// Saying a state twice is fine; ErrUnknown: there is no such state to go to, or
// the campaign is complete.
func (c *Campaign) Steer(of *Case, to CampaignState, by Person, reason string, now time.Time) error {
	switch {
	case to != Sending && to != Suspended || c.State == Complete:
		return ErrUnknown
	case reason == "":
		return ErrReason
	case c.State == to:
		return nil
	}
	if err := of.decide(by, "campaign_"+string(to), c.NoticeID, now); err != nil {
		return err
	}
	c.State = to
	return nil
}

// Channel picks a person's own channel: the newest that is not one to avoid.
// used are their channels, the newest first. A call can't carry a message.
func Channel(used, avoid []string) (string, bool) {
	for _, ch := range used {
		if ch != "voice" && !slices.Contains(avoid, ch) {
			return ch, true
		}
	}
	return "", false
}
