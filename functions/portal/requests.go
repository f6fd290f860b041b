package portal

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

var (
	caseOffice = []access.Role{access.Officer, access.DPO}
	officers   = []access.Role{access.Officer}
)

// requestRoutes are those of data-subject requests. What a person may see of
// another's request is nothing: it is not there.
var requestRoutes = []*route{
	{
		pattern: "GET /v1/requests", id: "listRequests", title: "Data-subject requests, the newest first",
		text:  "A person sees their own; an adviser those recognised in messages that wait for a verdict. Without their words, which one request shows.",
		roles: slices.Concat(caseOffice, firstLevel, []access.Role{access.Subject}), handle: (*function).listRequests,
		query: []string{"cursor", "limit"}, gives: "RequestList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/requests", id: "postRequest", title: "Enter a data-subject request, or an earlier arrival of one",
		text: "A person asks for themselves. An officer or adviser enters what came in person, on paper, or late: the earliest arrival at an official address counts. " +
			"request names one that is there already.",
		roles: slices.Concat(officers, firstLevel, []access.Role{access.Subject}), noted: audit.Collect, handle: (*function).postRequest, status: http.StatusAccepted,
		schema: "RequestEntry", gives: "RequestTaken", problems: []string{"not_found"},
	},
	{
		pattern: "GET /v1/requests/{id}", id: "getRequest", title: "One data-subject request",
		roles: slices.Concat(caseOffice, []access.Role{access.Subject}), about: "request", handle: (*function).getRequest,
		gives: "Request", problems: []string{"not_found", "gone"},
	},
	{
		pattern: "POST /v1/requests/{id}/recognition", id: "judgeRequest", title: "Say whether a recognised message is a request",
		text:  "An adviser's \"no_request\" goes to review by an officer. The clock runs from the message's receipt all the while.",
		roles: slices.Concat(firstLevel, officers), about: "request", noted: audit.Change, handle: (*function).judgeRequest,
		schema: "RequestVerdict", gives: "RequestState", problems: []string{"not_found", "request_state", "own_review"},
	},
	{
		pattern: "POST /v1/requests/{id}/verification", id: "verifyRequest", title: "Check who asks",
		text: "A person asks for a one-time code to an address of theirs, or returns one: the answer is the same whether the address is known or not, and the same for every wrong code. " +
			"An officer raises doubt, records evidence, marks an address as shared, confirms a representative's authority, or offers the answer by post. Identity documents are never copied.",
		roles: slices.Concat(officers, []access.Role{access.Subject}), about: "request", noted: audit.Change, handle: (*function).verifyRequest,
		schema: "RequestVerification", gives: "RequestVerified", problems: []string{"not_found", "request_state", "done_already", "too_many", "ground_unlisted", "authority_missing"},
	},
	{
		pattern: "POST /v1/requests/{id}/handover", id: "handOverRequest", title: "Settle which controller answers",
		text:  "found says who answers, where the terms do not: the request is handed over at once and the person told. answer takes, disputes or settles a hand-over.",
		roles: officers, about: "request", noted: audit.Disclose, handle: (*function).handOverRequest,
		schema: "RequestHandover", gives: "RequestState", problems: []string{"not_found", "request_state", "done_already", "no_handover", "ground_unlisted"},
	},
	{
		pattern: "POST /v1/requests/{id}/extension", id: "extendRequest", title: "Take up to three months from receipt",
		text:  "Once, with a ground that the terms list, while the person can still be told within the first month. An extension of which the person was not told in time lapses.",
		roles: officers, about: "request", noted: audit.Change, handle: (*function).extendRequest,
		schema: "RequestExtension", gives: "RequestState", problems: []string{"not_found", "request_state", "done_already", "ground_unlisted", "too_late", "both_roles"},
	},
	{
		pattern: "POST /v1/requests/{id}/decision", id: "decideRequest", title: "Decide one right of a request",
		text:  "A named officer's act. A refusal has a reason; what the terms refuse can't be granted; nothing is granted before identity is proved.",
		roles: officers, about: "request", noted: audit.Change, handle: (*function).decideRequest,
		schema: "RequestDecision", gives: "RequestState", problems: []string{"not_found", "request_state", "request_item", "request_decided", "not_ours", "identity_unproved", "both_roles", "reason_missing", "ground_unlisted", "refused_by_terms", "authority_missing"},
	},
	{
		pattern: "POST /v1/requests/{id}/advice", id: "adviseRequest", title: "Advise in a request",
		text:  "The data protection officer's. Whoever advises does not decide in the same case.",
		roles: []access.Role{access.DPO}, about: "request", noted: audit.Change, handle: (*function).adviseRequest,
		schema: "RequestAdvice", gives: "RequestState", problems: []string{"not_found", "request_state", "both_roles"},
	},
	{
		pattern: "POST /v1/requests/{id}/complaint", id: "complainRequest", title: "Complain to the supervisory authority",
		text:  "It is registered and forwarded with the file.",
		roles: slices.Concat(officers, []access.Role{access.Subject}), about: "request", noted: audit.Change, handle: (*function).complainRequest,
		schema: "RequestComplaint", gives: "RequestState", problems: []string{"not_found", "request_state"},
	},
}

// requestBody enters a request (schema RequestEntry).
type requestBody struct {
	Request        string       `json:"request"`
	Way            dsar.Way     `json:"way"`
	ReceivedAt     time.Time    `json:"received_at"`
	Arrived        string       `json:"arrived"`
	ContactID      string       `json:"contact_id"`
	Proved         dsar.Means   `json:"proved"`
	MessageID      string       `json:"message_id"`
	Asks           []events.Ask `json:"asks"`
	Language       string       `json:"language"`
	Service        string       `json:"service"`
	Class          string       `json:"class"`
	Marketing      bool         `json:"marketing"`
	Found          dsar.Case    `json:"found"`
	Party          string       `json:"party"`
	Name           string       `json:"name"`
	Address        string       `json:"address"`
	Text           string       `json:"text"`
	Statement      string       `json:"statement"`
	Representative string       `json:"representative"`
	Authority      string       `json:"authority"`
}

// postRequest seals what was written, and tells that a request has arrived.
func (f *function) postRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b requestBody
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if c.who.Role == access.Subject { // for themselves, now, and no more
		if b.Request != "" || b.ContactID != "" || b.Proved != "" || b.Found != "" || b.Party != "" || b.MessageID != "" || !b.ReceivedAt.IsZero() {
			return answer{}, newProblem("invalid", "a person asks for themselves, and now")
		}
		b.Way, b.ContactID, b.Proved = dsar.Portal, c.who.Subject, dsar.ByToken
	} else if b.Way != dsar.InPerson && b.Way != dsar.Paper && b.Way != dsar.Late {
		return answer{}, newProblem("invalid", "way must be in_person, paper or late")
	}
	if b.Proved != "" && c.who.Role != access.Subject && (b.ContactID == "" || !slices.Contains([]dsar.Means{dsar.BySight, dsar.ByLast, dsar.ByOfficer}, b.Proved)) {
		return answer{}, newProblem("invalid", "proved goes with contact_id: in_person, last_communication or officer")
	}
	if b.ReceivedAt.IsZero() || b.ReceivedAt.After(u.Now()) {
		b.ReceivedAt = u.Now()
	}
	d := &events.DsarReceived{
		Request: b.Request, Way: b.Way, ReceivedAt: b.ReceivedAt.UTC(), Address: b.Arrived, ContactID: b.ContactID, Proved: b.Proved, MessageID: b.MessageID,
		Asks: b.Asks, Language: b.Language, Service: b.Service, Class: b.Class, Marketing: b.Marketing, Found: b.Found, Party: b.Party,
		Content: &events.DsarContent{Name: b.Name, Address: b.Address, Text: b.Text, Statement: b.Statement, Representative: b.Representative, Authority: b.Authority},
	}
	if d.Validate() != nil {
		return answer{}, newProblem("invalid", "the body is not JSON of the published schema")
	}
	if b.Request != "" {
		if _, err := work.Peek(ctx, u, record.Requests, b.Request); err != nil {
			return answer{}, err
		}
	}
	if b.ContactID != "" {
		if _, err := work.Peek(ctx, u, record.Contacts, b.ContactID); err != nil {
			return answer{}, err
		}
	}
	raw, err := d.TakeContent()
	if err != nil {
		return answer{}, fault.New(fault.Internal, "portal: content can't be encoded")
	}
	if d.Intake, err = sealContent(ctx, u, raw); err != nil {
		return answer{}, err
	}
	if d.Request == "" {
		if d.Request, err = u.NewID(ctx, "request"); err != nil {
			return answer{}, err
		}
	}
	if err := u.Emit(ctx, d.Request, d); err != nil {
		return answer{}, err
	}
	return answer{body: requestTaken{ID: d.Request, StatusURL: "/v1/requests/" + d.Request}}, nil
}

// requestTaken says where a request will be seen (schema RequestTaken).
type requestTaken struct {
	ID        string `json:"id"`
	StatusURL string `json:"status_url"`
}

// sealContent keeps what an event says of persons as an intake record.
func sealContent(ctx context.Context, u *work.Unit, raw []byte) (string, error) {
	id, err := u.NewID(ctx, "intake")
	if err == nil {
		work.Save(u, record.Intakes, &intake.Intake{ID: id, Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: raw})
	}
	return id, err
}

// listRequests shows clear parts only. A person sees their own.
func (f *function) listRequests(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q := store.Query{Index: record.ByTime, Partition: "request", Desc: true}
	switch c.who.Role {
	case access.Subject:
		q = store.Query{Index: record.ByContact, Partition: c.who.Subject, Desc: true}
	case access.Adviser, access.Supervisor:
		q = store.Query{Index: record.ByState, Partition: "request." + string(dsar.Suggested)}
	}
	q, _, err := c.cursor(q)
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	if c.who.Role == access.Subject {
		return ownRequests(ctx, u, q)
	}
	page, err := work.Scan(ctx, u, record.Requests, q)
	if err != nil {
		return answer{}, err
	}
	out := list[requestView]{Items: make([]requestView, 0, len(page.Items)), Next: page.Next}
	for _, r := range page.Items {
		out.Items = append(out.Items, viewRequest(r, c.who.Role))
	}
	return answer{body: out}, nil
}

// ownRequests shows a person the requests that are filed under their contact, and
// those that reach it from another one.
func ownRequests(ctx context.Context, u *work.Unit, q store.Query) (answer, error) {
	found, next, err := u.Seek(ctx, q, record.Requests.Name, record.Coverings.Name)
	if err != nil {
		return answer{}, err
	}
	out := list[requestView]{Items: make([]requestView, 0, len(found)), Next: next}
	for _, f := range found {
		r, is := f.Rec.(*dsar.Request)
		if way, covering := f.Rec.(*dsar.Covering); covering {
			if r, err = work.Peek(ctx, u, record.Requests, way.RequestID); fault.Is(err, fault.NotFound) {
				continue // it has gone since
			} else if err != nil {
				return answer{}, err
			}
		} else if !is {
			continue
		}
		if mine(r, q.Partition) {
			out.Items = append(out.Items, viewRequest(r, access.Subject))
		}
	}
	return answer{body: out}, nil
}

// mine: a person sees the requests filed under their contact that they made
// themselves, and those that are proved to be theirs.
func mine(r *dsar.Request, contactID string) bool {
	return r.ContactID == contactID && r.State != dsar.Suggested && r.State != dsar.Review || slices.Contains(r.Covered(), contactID)
}

// request reads the request in the path, if whoever asks may know of it. Another
// person's is not there, after the same one read of its clear part.
func (f *function) request(ctx context.Context, u *work.Unit, c *call) (*dsar.Request, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	r, err := work.Peek(ctx, u, record.Requests, id)
	if err != nil {
		return nil, err
	}
	if c.who.Role == access.Subject && !mine(r, c.who.Subject) {
		return nil, newProblem("not_found", "")
	}
	return work.Load(ctx, u, record.Requests, id)
}

func (f *function) getRequest(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	r, err := f.request(ctx, u, c)
	if err != nil {
		return answer{}, err
	}
	v := viewRequest(r, c.who.Role)
	v.Name, v.Address, v.Text, v.Statement, v.Words = r.Name, r.Address, r.Text, r.Statement, maps.Clone(r.Words)
	if c.who.Role == access.Subject { // advice is for the officer
		maps.DeleteFunc(v.Words, func(name, _ string) bool { return strings.HasPrefix(name, "advice.") })
	}
	if r.Representative != nil {
		v.Representative = r.Representative.Name
	}
	return answer{body: v}, nil
}

// terms are those that a request is held against: of the agreement that covers
// its service, as they stood at its receipt.
func (f *function) terms(u *work.Unit, r *dsar.Request) (*policy.Terms, error) {
	p, err := f.env.Policy.ForTenant(u.Tenant())
	if err != nil {
		return nil, err
	}
	return p.ForService(r.Service).At(r.ReceivedAt), nil
}

// stepped saves a request and tells what follows from the step.
func stepped(ctx context.Context, u *work.Unit, r *dsar.Request, step events.DsarStep, ref string) (answer, error) {
	work.Save(u, record.Requests, r)
	if err := u.Emit(ctx, r.ID, &events.DsarStepTaken{Request: r.ID, Step: step, Ref: ref}); err != nil {
		return answer{}, err
	}
	return answer{body: requestState{ID: r.ID, State: r.State}}, nil
}

// requestState is where a request stands (schema RequestState).
type requestState struct {
	ID    string     `json:"id"`
	State dsar.State `json:"state"`
}
