package breachfile

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const (
	defaultPace = 600  // persons a minute, unless the officer says otherwise
	maxPace     = 6000 // what providers bear
)

// Release composes a notice, lets the rules decide, and stores the version that
// goes out, with the hashes of its documents in the processing log. In a drill
// it is stored and nothing is sent. The domain's refusals come back as they are;
// with breach.ErrIncomplete the notice returned says what is missing.
func Release(ctx context.Context, u *work.Unit, set *policy.Set, c *breach.Case, a Ask, by breach.Person) (*breach.Notice, error) {
	if !slices.Contains(Languages, a.Language) {
		return nil, fault.New(fault.Invalid, "breach: language is one of sl, en and sk")
	}
	if err := a.To.Validate(); err != nil {
		return nil, err
	}
	no := c.Notices + 1
	n := &breach.Notice{
		ID: breach.NoticeID(c.ID, no), BreachID: c.ID, No: no, To: a.To, Relation: a.Relation, Language: a.Language, Phased: a.Phased,
		Drill: c.Drill, ReleasedAt: u.Now(), ReleasedBy: by,
	}
	terms, err := Terms(set, c)
	if err != nil {
		return nil, err
	}
	clocks, err := c.Clocks(terms)
	if err != nil {
		return nil, err
	}
	r, err := recipient(set, c, a, u.Now())
	if err != nil {
		return nil, err
	}
	if n.Form, err = Compose(set, c, a, r); err != nil {
		return nil, err
	}
	n.Form.Earlier = earlier(ctx, u, c, a)
	if n.Form.Earlier != "" {
		n.Form.Type = "follow_up"
	}
	var campaign *breach.Campaign
	if a.To == breach.ToPersons && !c.Drill {
		if campaign, err = campaignOf(ctx, u, c, n, a); err != nil {
			return nil, err
		}
	}
	n.Missing, err = c.Let(breach.Release{
		To: a.To, Relation: a.Relation, Joint: a.Joint, Phased: a.Phased, FollowUpAt: a.FollowUpAt, Form: n.Form, By: by, Reason: a.Reason, NoticeID: n.ID, No: no, SpecialRead: a.SpecialRead,
	}, terms[a.Relation], clocks, u.Now())
	if posted(a.To) && r.Email == "" && !c.Drill && (err == nil || len(n.Missing) > 0) {
		n.Missing, err = append(n.Missing, "mailbox"), breach.ErrIncomplete
	}
	if err != nil {
		return n, err
	}
	if n.Phased = len(n.Missing) > 0; n.Phased {
		n.Form.Subtype, n.Form.Incomplete = "incomplete", "information in phases (GDPR art. 33(4))"
	}
	c.Notices, n.Mailbox, n.Task = no, r.Email, string(a.To)
	if err := Render(n, zoneOf(set, c, a.Relation)); err != nil {
		return n, err
	}
	work.Save(u, record.BreachNotices, n)
	e := u.Note(audit.Disclose, "", audit.Item{Kind: record.BreachNotices.Name, ID: n.ID, Fields: []string{"html.sha256." + n.SHA256, "pdf.sha256." + n.PDFSHA256}})
	e.Recipient, e.Reason = r.Party, "breach-notice"
	if _, err := Save(ctx, u, set, c); err != nil || c.Drill {
		return n, err
	}
	switch {
	case campaign != nil:
		work.Save(u, record.BreachCampaigns, campaign)
		err = u.Emit(ctx, campaign.ID, &events.BreachCampaignStepped{CampaignID: campaign.ID})
	case posted(a.To):
		err = u.Emit(ctx, c.ID, &events.BreachNoticeReleased{BreachID: c.ID, NoticeID: n.ID})
	}
	return n, err
}

// posted reports whether a notice goes by mail to one office.
func posted(to breach.Addressee) bool { return to != breach.ToPersons && to != breach.ToPublic }

func recipient(set *policy.Set, c *breach.Case, a Ask, now time.Time) (Recipient, error) {
	if !posted(a.To) {
		return Recipient{Party: string(a.To)}, nil
	}
	rel := c.Relation(a.Relation)
	if rel == nil {
		return Recipient{}, breach.ErrUnknown
	}
	return RecipientOf(set, *rel, a.To, now)
}

// earlier is the newest notice of the case to the same addressee.
func earlier(ctx context.Context, u *work.Unit, c *breach.Case, a Ask) string {
	for no := c.Notices; no > 0; no-- {
		if n, err := work.Peek(ctx, u, record.BreachNotices, breach.NoticeID(c.ID, no)); err == nil && n.To == a.To && n.Relation == a.Relation {
			return n.ID
		}
	}
	return ""
}

func zoneOf(set *policy.Set, c *breach.Case, pack string) *time.Location {
	if pack == "" && len(c.Relations) > 0 {
		pack = c.Relations[0].Pack
	}
	if p, ok := set.Pack(pack); ok {
		return p.Zone
	}
	return time.UTC
}

// campaignOf makes the campaign that a notice to persons starts: to those whom a
// finished scope lists, but never over a channel that may be compromised.
func campaignOf(ctx context.Context, u *work.Unit, c *breach.Case, n *breach.Notice, a Ask) (*breach.Campaign, error) {
	s, err := work.Load(ctx, u, record.BreachScopes, breach.ScopeID(c.ID, a.Scope))
	if err != nil || s.DoneAt.IsZero() {
		return nil, breach.ErrUnknown
	}
	raw, err := work.OpenFile(ctx, u, record.BreachScopes, s.ID, "Evidence")
	if err != nil {
		return nil, err
	}
	var ev Evidence
	if json.Unmarshal(raw, &ev) != nil {
		return nil, fault.New(fault.Internal, "breach: evidence can't be read")
	}
	if len(ev.Persons) == 0 {
		return nil, breach.ErrUnknown
	}
	persons, err := json.Marshal(ev.Persons)
	if err != nil {
		return nil, fault.New(fault.Internal, "breach: a list can't be encoded")
	}
	pace := a.PerMinute
	if pace == 0 {
		pace = defaultPace
	}
	if pace < 1 || pace > maxPace {
		return nil, fault.New(fault.Invalid, "breach: per_minute is 1 to %d", maxPace)
	}
	return &breach.Campaign{
		ID: breach.CampaignID(n.ID), BreachID: c.ID, NoticeID: n.ID, State: breach.Sending, Total: len(ev.Persons), PerMinute: pace, Avoid: c.Facts.CompromisedChannels,
		BeganAt: u.Now(), Language: a.Language, Persons: persons, Form: n.Form,
	}, nil
}
