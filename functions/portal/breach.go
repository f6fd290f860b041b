package portal

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/severity"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// byBreachRule names the problem for a refusal of the rules of breaches.
var byBreachRule = map[error]string{
	breach.ErrClosed: "breach_closed", breach.ErrOfficer: "officer_only", breach.ErrDPO: "dpo_only", breach.ErrBoth: "officer_and_dpo",
	breach.ErrReason: "reason_missing", breach.ErrAdvice: "advice_missing", breach.ErrFuture: "instant_ahead", breach.ErrUnknown: "not_in_case",
	breach.ErrNotOurs: "not_our_role", breach.ErrIncomplete: "notice_incomplete", breach.ErrTellFirst: "tell_other_first", breach.ErrSpecial: "special_detail", breach.ErrOpenTasks: "tasks_open",
}

// breachProblem is the problem that a refusal of the rules is, or err.
func breachProblem(err error) error {
	for rule, name := range byBreachRule {
		if errors.Is(err, rule) {
			return newProblem(name, "")
		}
	}
	if errors.Is(err, severity.ErrInput) {
		return newProblem("invalid", err.Error()) // names the field, never its value
	}
	if err != nil && fault.Of(err) == fault.Internal {
		return newProblem("invalid", "something is not of its closed set")
	}
	return err
}

// reportBody is a report of a breach (schema BreachReport).
type reportBody struct {
	Packs            []string     `json:"packs"`
	Service          string       `json:"service"`
	Drill            bool         `json:"drill"`
	OccurredFrom     time.Time    `json:"occurred_from"`
	OccurredTo       time.Time    `json:"occurred_to"`
	DetectedAt       time.Time    `json:"detected_at"`
	ProcessorAwareAt time.Time    `json:"processor_aware_at"`
	AwareAt          time.Time    `json:"aware_at"`
	ConversationIDs  []string     `json:"conversation_ids"`
	TicketIDs        []string     `json:"ticket_ids"`
	Facts            breach.Facts `json:"facts"`
}

// reportedView answers a report (schema BreachTaken).
type reportedView struct {
	ID        string `json:"id"`
	EventID   string `json:"event_id"`
	StatusURL string `json:"status_url"`
}

// sources by the role of who reports.
var reportSource = map[access.Role]breach.Source{access.Adviser: breach.FromAdviser, access.Custodian: breach.FromCustodian}

// reportBreach takes a report in: what it says is sealed as intake, the event
// goes to functions/breach. The receipt, from which awareness runs unless an
// earlier instant is stated, is now.
func (f *function) reportBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b reportBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	for _, at := range []time.Time{b.OccurredFrom, b.OccurredTo, b.DetectedAt, b.ProcessorAwareAt, b.AwareAt} {
		if at.After(u.Now()) {
			return answer{}, newProblem("instant_ahead", "")
		}
	}
	for _, p := range b.Packs {
		if _, err := breachfile.Relate(f.env.Policy, p, "", u.Now()); err != nil {
			return answer{}, err
		}
	}
	id, err := u.NewID(ctx, "breach")
	if err != nil {
		return answer{}, err
	}
	d := &events.BreachReported{
		Source: breach.FromPortal, BreachID: id, Packs: b.Packs, Service: b.Service, Drill: b.Drill,
		OccurredFrom: b.OccurredFrom, OccurredTo: b.OccurredTo, DetectedAt: b.DetectedAt, ProcessorAwareAt: b.ProcessorAwareAt, AwareAt: b.AwareAt,
		ConversationIDs: b.ConversationIDs, TicketIDs: b.TicketIDs,
	}
	if s, ok := reportSource[c.who.Role]; ok {
		d.Source = s
	}
	if d.Intake, err = sealReport(ctx, u, b.Facts); err != nil {
		return answer{}, err
	}
	if err := d.Validate(); err != nil {
		return answer{}, newProblem("invalid", err.Error())
	}
	e, err := u.Event(ctx, id, d)
	if err != nil {
		return answer{}, err
	}
	u.Forward(e)
	return answer{body: reportedView{ID: id, EventID: e.ID, StatusURL: "/v1/breaches/" + url.PathEscape(id)}}, nil
}

func sealReport(ctx context.Context, u *work.Unit, content any) (string, error) {
	raw, err := json.Marshal(content)
	if err != nil {
		return "", fault.New(fault.Internal, "portal: a report can't be encoded")
	}
	rec := &intake.Intake{Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: raw}
	if rec.ID, err = u.NewID(ctx, "intake"); err != nil {
		return "", err
	}
	work.Save(u, record.Intakes, rec)
	return rec.ID, nil
}

// breachView is a case as it goes out (schema Breach), with its clocks.
type breachView struct {
	ID          string              `json:"id"`
	Tenant      string              `json:"tenant"`
	Drill       bool                `json:"drill"`
	State       breach.State        `json:"state"`
	Source      breach.Source       `json:"source"`
	ReportedAt  time.Time           `json:"reported_at"`
	ClosedAt    time.Time           `json:"closed_at,omitzero"`
	Risk        breach.Risk         `json:"risk,omitempty"`
	NIS2        bool                `json:"nis2"`
	Facts       breach.Facts        `json:"facts"`
	Instants    []breach.Instant    `json:"instants"`
	Relations   []breach.Relation   `json:"relations"`
	Recipients  []recipientView     `json:"recipients"`
	Clocks      []clockView         `json:"clocks"`
	Agreements  []breach.Agreement  `json:"agreements"`
	Assessments []breach.Assessment `json:"assessments"`
	Advices     []breach.Advice     `json:"advices"`
	Decisions   []breach.Decision   `json:"decisions"`
	Told        []breach.Told       `json:"told"`
	Links       []breach.Link       `json:"links"`
	History     []breach.Step       `json:"history"`
}

type recipientView struct {
	Relation string           `json:"relation"`
	To       breach.Addressee `json:"to"`
	breachfile.Recipient
}

type clockView struct {
	breach.Clock
	Overdue bool `json:"overdue"`
}

// addressees by our role under a relation.
var breachAddressees = map[breach.Role][]breach.Addressee{
	breach.Controller: {breach.ToAuthority}, breach.Joint: {breach.ToOther, breach.ToAuthority}, breach.Processor: {breach.ToController},
}

func (f *function) viewBreach(tenant string, b *breach.Case, now time.Time) (breachView, error) {
	v := breachView{
		ID: b.ID, Tenant: tenant, Drill: b.Drill, State: b.State, Source: b.Source, ReportedAt: b.ReportedAt, ClosedAt: b.ClosedAt, Risk: b.Risk, NIS2: b.NIS2,
		Facts: b.Facts, Instants: b.Instants, Relations: b.Relations, Recipients: []recipientView{}, Clocks: []clockView{},
		Agreements: filledList(b.Agreements), Assessments: filledList(b.Assessments), Advices: filledList(b.Advices), Decisions: filledList(b.Decisions),
		Told: filledList(b.Told), Links: filledList(b.Links), History: b.History,
	}
	clocks, err := breachfile.Clocks(f.env.Policy, b)
	if err != nil {
		return v, err
	}
	for _, k := range clocks {
		v.Clocks = append(v.Clocks, clockView{k, k.Overdue(now)})
	}
	aware, _ := b.At(breach.Aware)
	for _, rel := range b.Relations {
		for _, to := range breachAddressees[rel.Role] {
			r, err := breachfile.RecipientOf(f.env.Policy, rel, to, aware)
			if err != nil {
				return v, err
			}
			v.Recipients = append(v.Recipients, recipientView{rel.Pack, to, r})
		}
	}
	return v, nil
}

func filledList[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func (f *function) getBreach(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	b, err := loadBreach(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	u.Note(audit.View, "", audit.Item{Kind: record.Breaches.Name, ID: b.ID})
	v, err := f.viewBreach(c.who.Tenant, b, u.Now())
	return answer{body: v}, err
}

func loadBreach(ctx context.Context, u *work.Unit, c *call) (*breach.Case, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	return work.Load(ctx, u, record.Breaches, id)
}

// breachLine is a case in a list (schema BreachLine): no content.
type breachLine struct {
	ID         string        `json:"id"`
	State      breach.State  `json:"state"`
	Source     breach.Source `json:"source"`
	ReportedAt time.Time     `json:"reported_at"`
	Risk       breach.Risk   `json:"risk,omitempty"`
	Notices    int           `json:"notices"`
	Missed     int           `json:"missed"` // ends of limits that passed
	Drill      bool          `json:"drill"`
}

// listBreaches shows the register, the newest first; drills stand apart.
func (f *function) listBreaches(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	partition := "breach"
	if c.r.URL.Query().Get("drill") == "true" {
		partition = "drill"
	}
	limit, err := c.limit(maxLimit)
	if err != nil {
		return answer{}, err
	}
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: partition, Desc: true, Limit: limit})
	if err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Breaches, q)
	if err != nil {
		return answer{}, err
	}
	out := list[breachLine]{Items: []breachLine{}, Next: page.Next}
	for _, b := range page.Items {
		l := breachLine{ID: b.ID, State: b.State, Source: b.Source, ReportedAt: b.ReportedAt, Risk: b.Risk, Notices: b.Notices, Drill: b.Drill}
		for _, t := range b.Told {
			if t.Stage == "due" {
				l.Missed++
			}
		}
		out.Items = append(out.Items, l)
	}
	u.Note(audit.View, "", audit.Item{Kind: record.Breaches.Name, ID: "register"})
	return answer{body: out}, nil
}

var (
	breachReporters = []access.Role{access.Adviser, access.Supervisor, access.Custodian, access.Officer, access.DPO}
	breachReaders   = []access.Role{access.Supervisor, access.Officer, access.DPO, access.Auditor}
	breachWorkers   = []access.Role{access.Supervisor, access.Officer, access.DPO}
	breachOfficers  = []access.Role{access.Officer}
	breachProblems  = []string{"not_found", "breach_closed", "officer_only", "officer_and_dpo", "reason_missing", "not_in_case"}
)

// breachRoutes are the register of breaches (GDPR art. 33(5)).
var breachRoutes = []*route{
	{
		pattern: "POST /v1/breaches", id: "reportBreach", title: "Report a personal data breach",
		text: "Anybody on either level reports; an adviser flags a conversation by naming it. The receipt counts as awareness unless an earlier instant is stated. " +
			"A drill has the same form, sends nothing, and never enters the register.",
		roles: breachReporters, use: access.Report, noted: audit.Collect, handle: (*function).reportBreach, status: http.StatusAccepted, limit: 64 << 10,
		schema: "BreachReport", gives: "BreachTaken", problems: []string{"instant_ahead"},
	},
	{
		pattern: "GET /v1/breaches", id: "listBreaches", title: "The register of breaches, the newest first",
		text:  "Without facts, which one case shows. With drill=true, the drills.",
		roles: breachReaders, use: access.Register, handle: (*function).listBreaches,
		query: []string{"drill", "cursor", "limit"}, gives: "BreachList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "GET /v1/breaches/{id}", id: "getBreach", title: "One breach, with all its clocks",
		text:  "Each clock names its clause, its end to the second and what it asks for; overdue ones stay so until it is done.",
		roles: breachReaders, use: access.Register, about: "breach", handle: (*function).getBreach,
		gives: "Breach", problems: []string{"not_found", "gone"},
	},
	{
		pattern: "POST /v1/breaches/{id}/facts", id: "describeBreach", title: "Replace what is known of a breach",
		roles: breachWorkers, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).describeBreach, limit: 64 << 10,
		schema: "BreachFacts", gives: "Breach", problems: slices.Concat(breachProblems, []string{"not_our_role"}),
	},
	{
		pattern: "POST /v1/breaches/{id}/instants", id: "enterBreachInstant", title: "Enter or correct an instant of a breach",
		text:  "What moves a clock earlier counts at once. What would move it later is proposed, whoever enters it, and counts once an officer has decided so.",
		roles: breachWorkers, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).enterBreachInstant,
		schema: "BreachInstantRequest", gives: "Breach", problems: slices.Concat(breachProblems, []string{"instant_ahead"}),
	},
	{
		pattern: "POST /v1/breaches/{id}/decisions", id: "decideBreach", title: "Decide in a breach",
		text: "By a named officer, with a reason, which stay on record. kind says what: risk (unlikely, which needs the data protection officer's advice; risk; high), instant (accepted, rejected), " +
			"persons (a ground of art. 34(3), or none), role (our role under a pack), nis2 (bound, not_bound), nis2_submitted (nis2_warning, nis2_notification, nis2_final), " +
			"part and part_heard (ours, theirs, both), joint (failed), reopen (open).",
		roles: breachOfficers, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).decideBreach,
		schema: "BreachDecisionRequest", gives: "Breach", problems: slices.Concat(breachProblems, []string{"advice_missing", "not_our_role"}),
	},
	{
		pattern: "POST /v1/breaches/{id}/advice", id: "adviseBreach", title: "Record the data protection officer's advice",
		roles: []access.Role{access.DPO}, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).adviseBreach,
		schema: "BreachAdviceRequest", gives: "Breach", problems: slices.Concat(breachProblems, []string{"dpo_only"}),
	},
	{
		pattern: "POST /v1/breaches/{id}/assessment", id: "assessBreach", title: "Score a breach by ENISA's method",
		text:  "Inputs and reasons are kept. The score proposes; it ends no clock.",
		roles: breachWorkers, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).assessBreach,
		schema: "BreachAssessmentRequest", gives: "BreachAssessment", problems: breachProblems,
	},
	{
		pattern: "GET /v1/breaches/{id}/assessment", id: "getBreachAssessment", title: "The assessments of a breach, the oldest first",
		roles: breachReaders, use: access.Register, about: "breach", handle: (*function).getBreachAssessment,
		gives: "BreachAssessmentList", problems: []string{"not_found", "gone"},
	},
	{
		pattern: "POST /v1/breaches/{id}/notices", id: "releaseBreachNotice", title: "Release a notice of a breach",
		text: "By a named officer only. One that lacks a required item is refused with what is missing; with phased and follow_up_at it goes, and the rest stays due. " +
			"The authority is contacted once the other joint controller was told of purpose and time (to: plan).",
		roles: breachOfficers, use: access.Incident, about: "breach", noted: audit.Disclose, handle: (*function).releaseBreachNotice,
		schema: "BreachNoticeRequest", gives: "BreachNotice", problems: slices.Concat(breachProblems, []string{"not_our_role", "notice_incomplete", "special_detail", "tell_other_first"}),
	},
	{
		pattern: "GET /v1/breaches/{id}/notices", id: "listBreachNotices", title: "The notices of a breach, the oldest first",
		roles: breachReaders, use: access.Register, about: "breach", handle: (*function).listBreachNotices,
		query: []string{"cursor", "limit"}, gives: "BreachNoticeList", problems: []string{"not_found", "bad_cursor"},
	},
	{
		pattern: "GET /v1/breaches/{id}/notices/{index}", id: "getBreachNotice", title: "A notice as a document",
		text:  "index is its number. format says how: json, by the fields of the common European template; html; pdf.",
		roles: breachReaders, use: access.Register, about: "breach", handle: (*function).getBreachNotice,
		query: []string{"format"}, problems: []string{"not_found", "gone"},
	},
	{
		pattern: "POST /v1/breaches/{id}/scopes", id: "computeBreachScope", title: "Compute who and what is concerned from the processing log",
		text:  "The answer is there when done_at is set. Running it again keeps both.",
		roles: breachWorkers, use: access.Incident, about: "breach", noted: audit.View, handle: (*function).computeBreachScope, status: http.StatusAccepted,
		schema: "BreachScopeRequest", gives: "BreachScope", problems: breachProblems,
	},
	{
		pattern: "GET /v1/breaches/{id}/scopes", id: "listBreachScopes", title: "The scopes of a breach, the oldest first",
		text:  "Counts only; whose data they are stands in the evidence that is kept with each.",
		roles: breachReaders, use: access.Register, about: "breach", handle: (*function).listBreachScopes,
		query: []string{"cursor", "limit"}, gives: "BreachScopeList", problems: []string{"not_found", "bad_cursor"},
	},
	{
		pattern: "GET /v1/breaches/{id}/campaigns", id: "listBreachCampaigns", title: "How far telling the persons is",
		text:  "A campaign starts with a released notice to persons. Each person is told once; unreached counts those who have no channel left but a compromised one.",
		roles: breachReaders, use: access.Register, about: "breach", handle: (*function).listBreachCampaigns,
		query: []string{"cursor", "limit"}, gives: "BreachCampaignList", problems: []string{"not_found", "bad_cursor"},
	},
	{
		pattern: "POST /v1/breaches/{id}/notices/{index}/campaign", id: "steerBreachCampaign", title: "Suspend telling the persons, or go on",
		text:  "By a named officer with a reason: state is suspended or running. It goes on from where it stood. What a provider has taken is not called back.",
		roles: breachOfficers, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).steerBreachCampaign,
		schema: "BreachCampaignState", gives: "BreachCampaign", problems: breachProblems,
	},
	{
		pattern: "POST /v1/breaches/{id}/close", id: "closeBreach", title: "Close a breach",
		text:  "By a named officer, when nothing is due any more.",
		roles: breachOfficers, use: access.Incident, about: "breach", noted: audit.Change, handle: (*function).closeBreach,
		schema: "BreachReason", gives: "Breach", problems: slices.Concat(breachProblems, []string{"tasks_open"}),
	},
}
