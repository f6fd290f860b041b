package portal

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/collection"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

var contractReaders = []access.Role{access.Officer, access.Administrator, access.Auditor, access.DPO}

// contractRoutes are a processor's contracts with controllers: what is kept for
// each, and what becomes of it at the end (L08, S16, S22).
var contractRoutes = []*route{
	{
		pattern: "GET /v1/contracts", id: "listContracts", title: "Contracts with controllers, the newest first",
		roles: contractReaders, handle: (*function).listContracts,
		query: []string{"cursor", "limit"}, gives: "ContractList", problems: []string{"bad_cursor"},
	},
	{
		pattern: "POST /v1/contracts", id: "recordContract", title: "Record a contract",
		roles: []access.Role{access.Officer, access.Administrator}, use: access.Operation, noted: audit.Manage, handle: (*function).recordContract, status: http.StatusCreated,
		schema: "ContractRequest", gives: "Contract",
	},
	{
		pattern: "GET /v1/contracts/{id}", id: "getContract", title: "One contract, and how far its end has come",
		roles: contractReaders, about: "collectioncontract", handle: (*function).getContract,
		gives: "Contract", problems: []string{"not_found"},
	},
	{
		pattern: "POST /v1/contracts/{id}/end", id: "endContract", title: "Say from when a contract has ended",
		text: "Ahead or afterwards. From then on a limit runs, of 30 days unless the pack says otherwise: data are returned, then every copy is destroyed. " +
			"With erasure, the controller wants nothing back. Data that nobody has taken back are not destroyed by the limit: it stays overdue, and is loud.",
		roles: deciders, use: access.Rights, about: "collectioncontract", noted: audit.Manage, handle: (*function).endContract, status: http.StatusAccepted,
		schema: "ContractEnd", gives: "Contract", problems: []string{"not_found", "contract_state", "contract_span"},
	},
	{
		pattern: "POST /v1/contracts/{id}/statutory", id: "keepByStatute", title: "Name data under a longer statutory term",
		text:  "The controller names them: a class of person, or single items. They are returned like the others, and stay until the term is over.",
		roles: deciders, use: access.Rights, about: "collectioncontract", noted: audit.Manage, handle: (*function).keepByStatute,
		schema: "StatutoryTerm", gives: "Contract", problems: []string{"not_found", "contract_state", "statutory_term"},
	},
	{
		pattern: "POST /v1/contracts/{id}/data", id: "collectForContract", title: "Keep a person's data for a controller",
		text:  "With images, such as X-rays and 3D scans. Credentials are not taken here.",
		roles: machines, use: access.Intake, about: "collectioncontract", noted: audit.Collect, handle: (*function).collect, status: http.StatusCreated, limit: maxCollected,
		schema: "CollectedRequest", gives: "CollectedState", problems: []string{"not_found", "contract_state"},
	},
	{
		pattern: "POST /v1/contracts/{id}/fulfilled", id: "purposeFulfilled", title: "Say that the purpose of an item is fulfilled",
		text:  "The controller's flag (S22): where the pack says so, the item is destroyed at once.",
		roles: machines, use: access.Intake, about: "collectioncontract", noted: audit.Change, handle: (*function).fulfilled,
		schema: "PurposeFulfilled", gives: "CollectedState", problems: []string{"not_found"},
	},
	{
		pattern: "GET /v1/contracts/{id}/data", id: "takeContractData", title: "Take back what was kept for a controller",
		text: "Page by page, each item as one JSON object with its SHA-256 and those of its files. digest is that of all so far: the SHA-256 in hex of the digest before " +
			"and the item's SHA-256, both in hex. The first page begins anew. What a till knows of a PIN is never handed out.",
		roles: deciders, use: access.Rights, about: "collectioncontract", noted: audit.Disclose, handle: (*function).takeData,
		query: []string{"cursor"}, gives: "CollectedList", problems: []string{"not_found", "bad_cursor", "contract_state", "restricted", "gone"},
	},
	{
		pattern: "GET /v1/contracts/{id}/files/{file}", id: "takeContractFile", title: "One file of what was kept",
		roles: deciders, use: access.Rights, about: "collectioncontract", noted: audit.Disclose, handle: (*function).takeFile,
		problems: []string{"not_found", "contract_state", "restricted", "gone"},
	},
	{
		pattern: "POST /v1/contracts/{id}/return", id: "returnContractData", title: "Note that the controller has all its data back",
		text:  "With the digest that the controller has computed over what it took: it must be that of all. A sweep of this contract alone then destroys what is here.",
		roles: deciders, use: access.Rights, about: "collectioncontract", noted: audit.Disclose, handle: (*function).returnData, status: http.StatusAccepted,
		schema: "ContractReturn", gives: "Contract", problems: []string{"not_found", "contract_state", "return_incomplete"},
	},
	{
		pattern: "GET /v1/contracts/{id}/certificate", id: "getContractCertificate", title: "The certificate of what was destroyed at a contract's end",
		text:  "Of the sweep that destroyed it, to be checked offline (`okence certificate FILE`).",
		roles: contractReaders, about: "collectioncontract", handle: (*function).contractCertificate,
		gives: "Certificate", problems: []string{"not_found", "contract_state"},
	},
}

// contractView is a contract as it goes out (schema Contract).
type contractView struct {
	ID          string                 `json:"id"`
	Tenant      string                 `json:"tenant"`
	Controller  string                 `json:"controller"`
	Service     string                 `json:"service,omitempty"`
	BeganAt     time.Time              `json:"began_at"`
	EndedAt     time.Time              `json:"ended_at,omitzero"`
	Erasure     bool                   `json:"erasure"`
	DueAt       time.Time              `json:"due_at,omitzero"` // end of the limit, exclusive
	Law         string                 `json:"law,omitempty"`
	Overdue     bool                   `json:"overdue"`
	Statutory   []collection.Statutory `json:"statutory,omitempty"`
	Taken       int                    `json:"taken"`
	TakenAll    bool                   `json:"taken_all"`
	Digest      string                 `json:"digest,omitempty"`
	ReturnedAt  time.Time              `json:"returned_at,omitzero"`
	ReturnedTo  string                 `json:"returned_to,omitempty"`
	DestroyedAt time.Time              `json:"destroyed_at,omitzero"`
	Kept        int                    `json:"kept"`
	SweepID     string                 `json:"sweep_id,omitempty"`
}

func viewContract(ctx context.Context, u *work.Unit, k *collection.Contract) (contractView, error) {
	v := contractView{
		ID: k.ID, Tenant: u.Tenant(), Controller: k.Controller, Service: k.Service, BeganAt: k.BeganAt, EndedAt: k.EndedAt, Erasure: k.Erasure, Statutory: k.Statutory,
		Taken: k.Taken.Count, TakenAll: k.Taken.All, Digest: k.Taken.Digest, ReturnedAt: k.ReturnedAt, ReturnedTo: k.ReturnedTo,
		DestroyedAt: k.DestroyedAt, Kept: k.Kept, SweepID: k.SweepID,
	}
	l, ok, err := work.Find(ctx, u, record.Limits, deadline.ID(collection.About(k.ID), collection.ReturnLimit))
	if ok {
		v.DueAt, v.Law, v.Overdue = l.EndAt, l.Law, l.Overdue(u.Now())
	}
	return v, err
}

// contractAnswer answers with a contract, and notes who changed it.
func contractAnswer(ctx context.Context, u *work.Unit, k *collection.Contract, reason string) (answer, error) {
	u.Note(audit.Manage, "", audit.Item{Kind: record.Contracts.Name, ID: k.ID}).Reason = reason
	v, err := viewContract(ctx, u, k)
	return answer{body: v}, err
}

func (f *function) listContracts(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	q, _, err := c.cursor(store.Query{Index: record.ByTime, Partition: "contract", Desc: true})
	if err != nil {
		return answer{}, err
	}
	if q.Limit, err = c.limit(defaultLimit); err != nil {
		return answer{}, err
	}
	page, err := work.Scan(ctx, u, record.Contracts, q)
	if err != nil {
		return answer{}, err
	}
	out := list[contractView]{Items: []contractView{}, Next: page.Next}
	for _, k := range page.Items {
		v, err := viewContract(ctx, u, k)
		if err != nil {
			return answer{}, err
		}
		out.Items = append(out.Items, v)
	}
	return answer{body: out}, nil
}

func (f *function) recordContract(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Controller string    `json:"controller"`
		Service    string    `json:"service"`
		BeganAt    time.Time `json:"began_at"`
	}
	if err := decode(c.body, &b); err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.Controller) || b.Service != "" && !idShape.MatchString(b.Service) || b.BeganAt.IsZero() {
		return answer{}, newProblem("invalid", "controller is a party of the pack or an opaque id, began_at an instant")
	}
	id, err := u.NewID(ctx, "contract")
	if err != nil {
		return answer{}, err
	}
	k := &collection.Contract{ID: id, Controller: b.Controller, Service: b.Service, BeganAt: b.BeganAt.UTC()}
	work.Save(u, record.Contracts, k)
	return contractAnswer(ctx, u, k, "contract recorded")
}

func (f *function) getContract(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	k, err := work.Peek(ctx, u, record.Contracts, id)
	if err != nil {
		return answer{}, err
	}
	v, err := viewContract(ctx, u, k)
	return answer{body: v}, err
}

// contractOf loads the contract that a call is about, and reads the body.
func contractOf(ctx context.Context, u *work.Unit, c *call, body any) (*collection.Contract, error) {
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	if body != nil {
		if err := decode(c.body, body); err != nil {
			return nil, err
		}
	}
	return work.Load(ctx, u, record.Contracts, id)
}

// endContract decides on a copy; functions/retention does it, and sets the limit.
func (f *function) endContract(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		EndedAt time.Time `json:"ended_at"`
		Erasure bool      `json:"erasure"`
		Reason  string    `json:"reason"`
	}
	k, err := contractOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	if strings.TrimSpace(b.Reason) == "" || len(b.Reason) > 200 {
		return answer{}, newProblem("invalid", "a reason in at most 200 bytes must be given")
	}
	if err := k.End(b.EndedAt, b.Erasure, u.Actor().ID, u.Now()); err != nil {
		return answer{}, err
	}
	if err := u.Emit(ctx, k.ID, &events.ContractEnded{ContractID: k.ID, EndedAt: k.EndedAt, Erasure: b.Erasure}); err != nil {
		return answer{}, err
	}
	return contractAnswer(ctx, u, k, b.Reason)
}

// lawShape is a code of a law: no words about anybody.
var lawShape = regexp.MustCompile(`^[\p{L}0-9][\p{L}0-9 ./:()_-]{0,63}$`)

func (f *function) keepByStatute(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Of    string    `json:"of"`
		Items []string  `json:"items"`
		Law   string    `json:"law"`
		Until time.Time `json:"until"`
	}
	k, err := contractOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	for _, id := range append(b.Items, b.Of) {
		if id != "" && !idShape.MatchString(id) {
			return answer{}, newProblem("invalid", "of is a class of person, items are ids")
		}
	}
	if !lawShape.MatchString(b.Law) {
		return answer{}, newProblem("invalid", "law is the code of a law and its article")
	}
	if err := k.Keep(collection.Statutory{Of: b.Of, Items: b.Items, Law: b.Law, Until: b.Until, By: u.Actor().ID}, u.Now()); err != nil {
		return answer{}, err
	}
	work.Save(u, record.Contracts, k)
	return contractAnswer(ctx, u, k, "statutory term: "+b.Law)
}

func (f *function) returnData(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	var b struct {
		Digest string `json:"digest"`
		To     string `json:"to"`
	}
	k, err := contractOf(ctx, u, c, &b)
	if err != nil {
		return answer{}, err
	}
	if !idShape.MatchString(b.To) {
		return answer{}, newProblem("invalid", "to is the opaque id of who took the data")
	}
	if err := k.Receipt(b.To, b.Digest, u.Now()); err != nil {
		return answer{}, err
	}
	id, err := u.NewID(ctx, "sweep")
	if err != nil {
		return answer{}, err
	}
	k.SweepID = id
	work.Save(u, record.Contracts, k)
	work.Save(u, record.Sweeps, &retention.Sweep{
		ID: id, State: retention.Planning, AsOf: u.Now(), StartedAt: u.Now(), By: u.Actor().ID, Contract: k.ID,
	})
	e := u.Note(audit.Disclose, "", audit.Item{Kind: record.Contracts.Name, ID: k.ID, Fields: []string{k.SHA256}})
	e.Recipient, e.Reason = b.To, "returned at the end of the contract"
	if err := u.Emit(ctx, id, &events.RetentionSweepMoved{SweepID: id}); err != nil {
		return answer{}, err
	}
	v, err := viewContract(ctx, u, k)
	return answer{body: v}, err
}

func (f *function) contractCertificate(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	k, err := work.Peek(ctx, u, record.Contracts, id)
	if err != nil {
		return answer{}, err
	}
	if k.DestroyedAt.IsZero() {
		return answer{}, collection.ErrNotEnded
	}
	s, err := work.Peek(ctx, u, record.Sweeps, k.SweepID)
	if err != nil {
		return answer{}, err
	}
	if s.State != retention.Finished {
		return answer{}, collection.ErrNotEnded
	}
	cert, err := f.env.Ledger.Issue(ctx, u.Tenant(), s.Body, s.Leaf)
	return answer{body: cert}, err
}
