package portal

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/outage"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// networkDown is the pack's text of what the centre does while the network is down
// (ekc 7.13.4).
const networkDown = "network_down"

// incidentRoutes are the operational lead's (K05).
var incidentRoutes = []*route{
	{
		pattern: "POST /v1/incidents", id: "openIncident", title: "Record an incident of a service, of the centre, of the platform or of the network",
		text:  "A platform that is down switches the phone responder on at once, a network that is down the outside connection. What a custodian found (a custodian's own report always is), or what is wrong with the centre itself, is told to all who are concerned at once, as high; the rest when the operational lead has rated it.",
		roles: deskRoles, noted: audit.Manage, handle: (*function).openIncident,
		schema: "IncidentRequest", gives: "Incident",
	},
	{
		pattern: "GET /v1/fallback", id: "getFallback", title: "What is switched on while the platform or the network is down",
		text:  "A phone platform, or whoever looks after one, asks here; callers of the voice channel hear the responder's text by themselves.",
		roles: firstLevel, use: access.Service, handle: (*function).getFallback, gives: "Fallback",
	},
	{
		pattern: "GET /v1/incidents/{id}", id: "getIncident", title: "One incident, who was told, and who has no mailbox in the pack",
		roles: firstLevel, use: access.Service, about: "outage", handle: (*function).getIncident, gives: "Incident", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/incidents/{id}/rating", id: "rateIncident", title: "Rate the urgency of an incident, which tells every contact of the technical specification",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: "outage", noted: audit.Manage, handle: (*function).rateIncident,
		schema: "IncidentRating", gives: "Incident", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/incidents/{id}/closure", id: "closeIncident", title: "Say that an incident is over; fallbacks that nothing else needs are switched off",
		roles: []access.Role{access.Supervisor}, use: access.Service, about: "outage", noted: audit.Manage, handle: (*function).closeIncident,
		gives: "Incident", problems: []string{"not_found"},
	},
}

type fallbackView struct {
	Tenant    string       `json:"tenant"`
	Responder switchedView `json:"responder"`
	Network   switchedView `json:"network"`
	Since     time.Time    `json:"since,omitzero"`
}

// switchedView is one fallback: whether it is on, for which incidents, and what is
// said or done then, in the tenant's first language.
type switchedView struct {
	On        bool     `json:"on"`
	Incidents []string `json:"incidents"`
	Text      string   `json:"text"`
}

// getFallback shows what is switched on while the platform or the network is down.
func (f *function) getFallback(ctx context.Context, u *work.Unit, _ *call) (answer, error) {
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	s, _, err := work.Find(ctx, u, record.Fallbacks, outage.FallbackID)
	if err != nil {
		return answer{}, err
	}
	terms := p.At(u.Now())
	show := func(incidents []string, key string) switchedView {
		text, _, _ := terms.Text(key, p.Languages[0])
		return switchedView{On: len(incidents) > 0, Incidents: append([]string{}, incidents...), Text: text}
	}
	return answer{body: fallbackView{
		Tenant: u.Tenant(), Responder: show(s.Platform, "platform_down"), Network: show(s.Network, networkDown), Since: s.Since,
	}}, nil
}

type incidentView struct {
	ID          string         `json:"id"`
	Tenant      string         `json:"tenant"`
	Kind        outage.Kind    `json:"kind"`
	Service     string         `json:"service,omitempty"`
	ByCustodian bool           `json:"by_custodian,omitempty"`
	Summary     string         `json:"summary"`
	At          time.Time      `json:"at"`
	Urgency     outage.Urgency `json:"urgency,omitempty"`
	RatedAt     time.Time      `json:"rated_at,omitzero"`
	ClosedAt    time.Time      `json:"closed_at,omitzero"`
	Notices     []string       `json:"notices"`
	Unreached   []string       `json:"unreached,omitempty"`
}

func viewIncident(tenant string, o *outage.Outage) answer {
	return answer{body: incidentView{
		ID: o.ID, Tenant: tenant, Kind: o.Kind, Service: o.Service, ByCustodian: o.ByCustodian, Summary: o.Summary, At: o.At.UTC(), Urgency: o.Urgency,
		RatedAt: o.RatedAt, ClosedAt: o.ClosedAt, Notices: append([]string{}, o.Notices...), Unreached: o.Unreached,
	}}
}

func (f *function) openIncident(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Kind        outage.Kind `json:"kind"`
		Service     string      `json:"service"`
		ByCustodian bool        `json:"by_custodian"`
		Summary     string      `json:"summary"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	_, known := p.ForService(b.Service).At(u.Now()).Services[b.Service]
	switch {
	case b.Kind.Validate() != nil:
		return answer{}, newProblem("invalid", "kind must be service, own, platform or network")
	case (b.Kind == outage.Service) != (b.Service != ""), b.Service != "" && !known:
		return answer{}, newProblem("invalid", "service must be one of the pack, for an incident of a service")
	case strings.TrimSpace(b.Summary) == "", utf8.RuneCountInString(b.Summary) > 4000:
		return answer{}, newProblem("invalid", "summary must have 1 to 4000 characters")
	}
	if c.who.Role == access.Custodian {
		b.ByCustodian = true // whoever of the first level passes one on says so
	}
	id, err := u.NewID(ctx, "outage")
	if err != nil {
		return answer{}, err
	}
	o := &outage.Outage{ID: id, Kind: b.Kind, Service: b.Service, ByCustodian: b.ByCustodian, Summary: b.Summary, At: u.Now(), By: u.Actor().ID}
	work.Save(u, record.Outages, o)
	u.Note(audit.Manage, "", audit.Item{Kind: "outage", ID: id})
	if err := fallback(ctx, u, o); err != nil {
		return answer{}, err
	}
	if o.ByCustodian || o.Kind != outage.Service {
		o.Urgency = "high" // until the operational lead rates it
		if err := f.tellOfIncident(ctx, u, p, o); err != nil {
			return answer{}, err
		}
	}
	return viewIncident(u.Tenant(), o), nil
}

// fallback switches on, or off, what an incident of the platform or the network
// asks for.
func fallback(ctx context.Context, u *work.Unit, o *outage.Outage) error {
	if o.Kind != outage.Platform && o.Kind != outage.Network {
		return nil
	}
	s, _, err := work.Find(ctx, u, record.Fallbacks, outage.FallbackID)
	if err != nil {
		return err
	}
	s.Set(o, u.Now())
	work.Save(u, record.Fallbacks, s)
	return nil
}

// concerned are the parties that the pack names for an incident.
func concerned(terms *policy.Terms, o *outage.Outage) []string {
	switch {
	case o.ByCustodian:
		return terms.Incidents.Custodian
	case o.Kind == outage.Service:
		return terms.Incidents.Service
	}
	return terms.Incidents.Own
}

// tellOfIncident writes to every contact that the pack names. Who does not
// confirm is followed up with the operational lead.
func (f *function) tellOfIncident(ctx context.Context, u *work.Unit, p *policy.Pack, o *outage.Outage) error {
	offices, unreached := notice.Offices(p, o.Service, concerned(p.ForService(o.Service).At(u.Now()), o), u.Now())
	o.Unreached = unreached
	leads := notice.Lead(p.At(u.Now()))
	return f.inform(ctx, u, p, o, "incident.opened", offices, func(l *notice.Letter) {
		l.Values = map[string]string{
			"what": what(p, o, u.Now()), "urgency": string(o.Urgency), "at": clockIn(p, o.At), "summary": o.Summary, "reference": conversation.Reference(o.ID),
		}
		l.ConfirmBy = u.Now().Add(o.Urgency.Patience())
		if len(leads) > 0 && l.To.Mailbox != leads[0].Mailbox {
			l.Otherwise = leads
		}
	})
}

func (f *function) inform(ctx context.Context, u *work.Unit, p *policy.Pack, o *outage.Outage, template string, to []notice.Recipient, fill func(*notice.Letter)) error {
	for _, r := range to {
		l := notice.Letter{
			Template: template, Language: string(p.Languages[0]), About: aboutIncident(o),
			To: notice.To{Party: r.Party, Mailbox: r.Mailbox, Name: r.Name},
		}
		fill(&l)
		n, err := notice.Queue(ctx, u, f.env, l)
		if err != nil {
			return err
		}
		o.Notices = append(o.Notices, n.ID)
	}
	return nil
}

func aboutIncident(o *outage.Outage) deadline.Ref { return deadline.Ref{Kind: "outage", ID: o.ID} }

// what names what is down.
func what(p *policy.Pack, o *outage.Outage, now time.Time) string {
	if s, ok := p.ForService(o.Service).At(now).Services[o.Service]; ok && s.Title != "" {
		return s.Title
	}
	return string(o.Kind)
}

// clockIn is an instant as those who are written to read it, in their zone.
func clockIn(p *policy.Pack, t time.Time) string { return t.In(p.Zone).Format("2. 1. 2006 15:04") }

func clockText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func (f *function) getIncident(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	o, _, err := f.incident(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	return viewIncident(u.Tenant(), o), nil
}

func (f *function) incident(ctx context.Context, u *work.Unit, c *call) (*outage.Outage, *policy.Pack, error) {
	id, err := c.id()
	if err != nil {
		return nil, nil, err
	}
	o, err := work.Load(ctx, u, record.Outages, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := f.env.Policy.ForTenant(u.Tenant())
	return o, p, err
}

func (f *function) rateIncident(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Urgency outage.Urgency `json:"urgency"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if b.Urgency.Validate() != nil {
		return answer{}, newProblem("invalid", "urgency must be low, normal, high or critical")
	}
	o, p, err := f.incident(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if o.Rate(b.Urgency, u.Actor().ID, u.Now()) {
		work.Save(u, record.Outages, o)
		u.Note(audit.Manage, "", audit.Item{Kind: "outage", ID: o.ID, Fields: []string{"urgency"}})
		if err := notice.Settle(ctx, u, aboutIncident(o)); err != nil { // newer letters take their place
			return answer{}, err
		}
		if err := f.tellOfIncident(ctx, u, p, o); err != nil {
			return answer{}, err
		}
	}
	return viewIncident(u.Tenant(), o), nil
}

func (f *function) closeIncident(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	o, p, err := f.incident(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	if !o.Close(u.Actor().ID, u.Now()) {
		return viewIncident(u.Tenant(), o), nil
	}
	work.Save(u, record.Outages, o)
	u.Note(audit.Manage, "", audit.Item{Kind: "outage", ID: o.ID, Fields: []string{"closed_at"}})
	if err := fallback(ctx, u, o); err != nil {
		return answer{}, err
	}
	if err := notice.Settle(ctx, u, aboutIncident(o)); err != nil {
		return answer{}, err
	}
	if len(o.Notices) > 0 {
		offices, _ := notice.Offices(p, o.Service, concerned(p.ForService(o.Service).At(u.Now()), o), u.Now())
		err = f.inform(ctx, u, p, o, "incident.closed", offices, func(l *notice.Letter) {
			l.Values = map[string]string{"what": what(p, o, u.Now()), "at": clockIn(p, u.Now()), "reference": conversation.Reference(o.ID)}
		})
	}
	return viewIncident(u.Tenant(), o), err
}
