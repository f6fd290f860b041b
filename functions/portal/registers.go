package portal

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

var registrars = []access.Role{access.Auditor, access.DPO, access.Administrator}

// registerRoutes show the registers, and take in consents and disclosures.
var registerRoutes = []*route{
	{
		pattern: "GET /v1/registers/processing", id: "listProcessing", title: "Records of processing activities (art. 30)",
		text:  "From the tenant's policy pack, each value as it is in force now.",
		roles: registrars, use: access.Audit, handle: (*function).listProcessing, gives: "ProcessingRegister",
	},
	{
		pattern: "GET /v1/registers/subprocessors", id: "listSubprocessors", title: "Sub-processors, and whether data may go there",
		roles: registrars, use: access.Audit, handle: (*function).listSubprocessors, gives: "SubprocessorRegister",
	},
	{
		pattern: "GET /v1/registers/disclosures", id: "listDisclosures", title: "The disclosure register, the newest first",
		roles: registrars, use: access.Audit, handle: (*function).listDisclosures,
		query: []string{"cursor", "limit"}, gives: "DisclosureList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/registers/disclosures", id: "addDisclosure", title: "Record a disclosure on a court order or a written request",
		text:  "Under a duty of secrecy it leaves no trace in what the person is shown until its date.",
		roles: deciders, use: access.Claims, noted: audit.Disclose, handle: (*function).addDisclosure,
		schema: "DisclosureRequest", gives: "Disclosure",
	},
	{
		pattern: "POST /v1/registers/disclosures/{id}/acknowledgement", id: "acknowledgeDisclosure", title: "Record that a recipient acknowledged what it was told",
		text:  "A recipient is told of a rectification, erasure or restriction (art. 19). Acknowledging again changes nothing.",
		roles: deciders, use: access.Rights, about: "disclosure", noted: audit.Change, handle: (*function).acknowledgeDisclosure,
		schema: "Acknowledgement", gives: "Disclosure", problems: []string{"not_found"},
	},
	{
		pattern: "GET /v1/registers/consents", id: "listConsents", title: "Consents and their withdrawals, the newest first",
		roles: registrars, use: access.Audit, handle: (*function).listConsents,
		query: []string{"cursor", "limit"}, gives: "ConsentList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/registers/consents", id: "addConsent", title: "Record a consent",
		text:  "Which text, on which channel, when and how. Silence, boxes ticked beforehand and terms of use are no consent.",
		roles: firstLevel, use: access.Service, noted: audit.Collect, handle: (*function).addConsent,
		schema: "ConsentRequest", gives: "Consent", problems: []string{"not_found", "restricted"},
	},
	{
		pattern: "POST /v1/registers/consents/{id}/withdrawal", id: "withdrawConsent", title: "Withdraw a consent",
		text:  "It works from the receipt on; what was done before stays lawful.",
		roles: receivers, use: access.Rights, about: "consent", noted: audit.Change,
		handle: (*function).withdrawConsent, schema: "WithdrawalRequest", gives: "Consent", problems: []string{"not_found"},
	},
}

// processingView is one processing of the record of processing activities.
type processingView struct {
	ID         string                        `json:"id"`
	Purpose    string                        `json:"purpose"`
	Parties    map[string]policy.Role        `json:"parties"` // name of the party -> role
	Contacts   []string                      `json:"contacts"`
	Basis      map[policy.Class]policy.Basis `json:"basis,omitempty"`
	Law        string                        `json:"law,omitempty"`
	Subjects   []policy.Class                `json:"subjects,omitempty"`
	Data       []policy.Field                `json:"data,omitempty"`
	Recipients []string                      `json:"recipients"`
	Transfers  string                        `json:"transfers,omitempty"`
	Erasure    []string                      `json:"erasure"` // limits for erasure
	Security   string                        `json:"security,omitempty"`
	Active     bool                          `json:"active"`
}

func (f *function) listProcessing(_ context.Context, u *work.Unit, _ *call) (answer, error) {
	t, err := f.env.Terms(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	out := list[processingView]{Items: []processingView{}}
	for _, id := range slices.Sorted(maps.Keys(t.Processings)) {
		p := t.Processings[id]
		v := processingView{
			ID: id, Purpose: p.Purpose, Parties: map[string]policy.Role{}, Contacts: []string{}, Basis: p.Basis, Law: p.Law, Subjects: p.Subjects, Data: p.Data,
			Recipients: slices.Clone(p.Recipients), Transfers: t.Storage.Transfers, Erasure: []string{}, Security: p.Security, Active: p.On(),
		}
		for _, party := range slices.Sorted(maps.Keys(p.Roles)) {
			who := t.Parties[party]
			v.Parties[cmpOr(who.Name, party)] = p.Roles[party]
			for _, c := range []string{who.Email, who.DPO.Email, who.DPO.Where} {
				if c != "" && !slices.Contains(v.Contacts, c) {
					v.Contacts = append(v.Contacts, c)
				}
			}
		}
		if v.Recipients == nil {
			v.Recipients = []string{}
		}
		for _, rule := range slices.Sorted(maps.Keys(t.Retention)) {
			r := t.Retention[rule]
			v.Erasure = append(v.Erasure, string(r.Store)+"/"+string(r.Of)+": "+string(r.Trigger)+" + "+r.Period.String()+", "+string(r.Action))
		}
		out.Items = append(out.Items, v)
	}
	return answer{body: out}, nil
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// subprocessorView says of one sub-processor under which regime it stands (S15:
// prior written consent; L04: notice and objection).
type subprocessorView struct {
	ID            string              `json:"id"`
	Name          string              `json:"name"`
	Country       policy.Country      `json:"country"`
	Service       string              `json:"service,omitempty"`
	Data          []policy.Field      `json:"data,omitempty"`
	Authorisation string              `json:"authorisation,omitempty"`
	Notice        string              `json:"notice,omitempty"` // least time between notice and use
	Approved      bool                `json:"approved"`
	Usable        bool                `json:"usable"`
	Instruction   string              `json:"instruction,omitempty"`
	Tool          policy.TransferTool `json:"tool,omitempty"`
}

func (f *function) listSubprocessors(_ context.Context, u *work.Unit, _ *call) (answer, error) {
	t, err := f.env.Terms(u.Tenant())
	if err != nil {
		return answer{}, err
	}
	out := list[subprocessorView]{Items: []subprocessorView{}}
	for _, id := range slices.Sorted(maps.Keys(t.SubProcessors)) {
		s := t.SubProcessors[id]
		v := subprocessorView{
			ID: id, Name: s.Name, Country: s.Country, Service: s.Service, Data: s.Data, Authorisation: t.SubProcessing.Authorisation,
			Approved: s.Approved != nil && *s.Approved, Usable: s.Usable == nil || *s.Usable, Instruction: s.Instruction, Tool: s.Tool,
		}
		if !t.SubProcessing.Notice.IsZero() {
			v.Notice = t.SubProcessing.Notice.String()
		}
		out.Items = append(out.Items, v)
	}
	return answer{body: out}, nil
}

func (f *function) listDisclosures(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return listRegister(ctx, u, c, record.Disclosures, "disclosure")
}

func (f *function) listConsents(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	return listRegister(ctx, u, c, record.Consents, "consent")
}

// listRegister shows a register whose records are technical throughout.
func listRegister[T any](ctx context.Context, u *work.Unit, c *call, k *record.Kind[T], partition string) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: partition, Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(maxLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, k, q)
	if err != nil {
		return answer{}, err
	}
	u.Note(audit.View, "", audit.Item{Kind: k.Name, ID: "register"})
	out := list[*T]{Items: page.Items, Next: page.Next}
	if out.Items == nil {
		out.Items = []*T{}
	}
	return answer{body: out}, nil
}

func (f *function) addDisclosure(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		ContactID   string    `json:"contact_id"`
		Recipient   string    `json:"recipient"`
		Mailbox     string    `json:"mailbox"`
		Ground      string    `json:"ground"`
		About       []string  `json:"about"`
		SecretUntil time.Time `json:"secret_until"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.ContactID) || b.Recipient == "" || len(b.Recipient) > 200 || len(b.Mailbox) > 254 || !idShape.MatchString(b.Ground) || len(b.About) > 50 {
		return answer{}, newProblem("invalid", "contact_id, recipient and ground say who, to whom and why")
	}
	d := &model.Disclosure{ContactID: b.ContactID, Recipient: b.Recipient, Mailbox: b.Mailbox, Ground: b.Ground, About: b.About, SecretUntil: b.SecretUntil}
	if err := dossier.Disclose(ctx, u, d); err != nil {
		return answer{}, err
	}
	e := u.Note(audit.Disclose, b.ContactID, audit.Item{Kind: record.Disclosures.Name, ID: d.ID})
	e.Recipient, e.Reason, e.SecretUntil = b.Recipient, b.Ground, b.SecretUntil
	return answer{status: http.StatusOK, body: d}, nil
}

func (f *function) acknowledgeDisclosure(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b struct {
		Request string `json:"request"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	d, err := work.Load(ctx, u, record.Disclosures, id)
	if err != nil {
		return answer{}, err
	}
	if !slices.ContainsFunc(d.Told, func(t model.Telling) bool { return t.Request == b.Request }) {
		return answer{}, newProblem("not_found", "")
	}
	if d.Acknowledge(b.Request, u.Now()) {
		work.Save(u, record.Disclosures, d)
		e := u.Note(audit.Change, d.ContactID, audit.Item{Kind: record.Disclosures.Name, ID: id, Fields: []string{"told"}})
		e.Case, e.SecretUntil = b.Request, d.SecretUntil
	}
	return answer{body: d}, nil
}

func (f *function) addConsent(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		ContactID string    `json:"contact_id"`
		Purpose   string    `json:"purpose"`
		Text      string    `json:"text"`
		Version   string    `json:"version"`
		Language  string    `json:"language"`
		Channel   string    `json:"channel"`
		How       model.How `json:"how"`
		Explicit  bool      `json:"explicit"`
		MessageID string    `json:"message_id"`
		GivenAt   time.Time `json:"given_at"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.ContactID) {
		return answer{}, newProblem("invalid", "contact_id must be an id")
	}
	if _, err := work.Load(ctx, u, record.Contacts, b.ContactID); err != nil {
		return answer{}, err
	}
	if b.GivenAt.IsZero() {
		b.GivenAt = u.Now()
	}
	id, err := u.NewID(ctx, "consent")
	if err != nil {
		return answer{}, err
	}
	rec := &model.Consent{
		ID: id, ContactID: b.ContactID, Purpose: b.Purpose, Text: b.Text, Version: b.Version, Language: b.Language, Channel: b.Channel,
		How: b.How, Explicit: b.Explicit, MessageID: b.MessageID, GivenAt: b.GivenAt.UTC(), By: c.who.Subject,
	}
	if err := rec.Validate(); err != nil || rec.GivenAt.After(u.Now()) {
		return answer{}, newProblem("invalid", model.ErrConsent.Error())
	}
	work.Save(u, record.Consents, rec)
	u.Note(audit.Collect, b.ContactID, audit.Item{Kind: record.Consents.Name, ID: id})
	return answer{body: rec}, nil
}

func (f *function) withdrawConsent(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	var b struct {
		ReceivedAt time.Time `json:"received_at"`
		Channel    string    `json:"channel"`
		How        model.How `json:"how"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	rec, err := work.Load(ctx, u, record.Consents, id)
	if err != nil {
		return answer{}, err
	}
	if c.who.Role == access.Subject && rec.ContactID != c.who.Subject {
		return answer{}, newProblem("not_found", "")
	}
	if b.ReceivedAt.IsZero() || c.who.Role == access.Subject || b.ReceivedAt.After(u.Now()) {
		b.ReceivedAt = u.Now()
	}
	if b.How == "" {
		b.How = model.Tick
	}
	if b.How.Validate() != nil {
		return answer{}, newProblem("invalid", "how is none of the ways in which consent is withdrawn")
	}
	if rec.Withdraw(model.Withdrawal{At: b.ReceivedAt.UTC(), Channel: cmpOr(b.Channel, "portal"), How: b.How}) {
		work.Save(u, record.Consents, rec)
		u.Note(audit.Change, rec.ContactID, audit.Item{Kind: record.Consents.Name, ID: id, Fields: []string{"withdrawn"}})
	}
	return answer{body: rec}, nil
}
