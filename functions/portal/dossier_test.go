package portal

import (
	"context"
	"strings"
	"testing"

	"github.com/okence/okence/shared/access"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("GET /v1/requests/{id}/package", access.Officer, access.Subject)
	_ = may("GET /v1/requests/{id}/package/review", access.Officer)
	_ = may("POST /v1/requests/{id}/package/review", access.Officer)
	_ = may("POST /v1/requests/{id}/package/link", access.Officer)
	_ = may("GET /v1/requests/{id}/certificate", access.Officer, access.DPO, access.Subject)
	_ = may("GET /v1/registers/processing", access.Auditor, access.DPO, access.Administrator)
	_ = may("GET /v1/registers/subprocessors", access.Auditor, access.DPO, access.Administrator)
	_ = may("GET /v1/registers/disclosures", access.Auditor, access.DPO, access.Administrator)
	_ = may("POST /v1/registers/disclosures", access.Officer)
	_ = may("POST /v1/registers/disclosures/{id}/acknowledgement", access.Officer)
	_ = may("GET /v1/registers/consents", access.Auditor, access.DPO, access.Administrator)
	_ = may("POST /v1/registers/consents/{id}/withdrawal", access.Officer, access.Subject)

	_ = takesBody("POST /v1/requests/{id}/package/review", `{"verdicts":[{"place":"message/m1#text:0-3","show":false}]}`)
	_ = takesBody("POST /v1/registers/disclosures", `{"contact_id":"p1","recipient":"Sodišče","ground":"court_order"}`)
)

// ready stores a package of p1 that can be fetched.
func (w *world) ready(request string) {
	w.do("ekc", func(_ context.Context, u *work.Unit) error {
		p := &model.Package{ID: model.ID(request, model.Access), RequestID: request, ContactID: "p1", ContactIDs: []string{"p1"}, Form: model.Access, Language: "sl", CreatedAt: u.Now()}
		p.Finish([]byte("PK zip"), "d1", u.Now())
		work.Save(u, record.Packages, p)
		work.Save(u, record.Requests, &dsar.Request{ID: request, ContactID: "p1", State: dsar.Answered, Identity: dsar.Identity{Links: []dsar.Link{{ContactID: "p1", Means: dsar.BySight, Confidence: 97}}}})
		return nil
	})
}

func TestAPackageIsForItsPersonAndNobodyElse(t *testing.T) {
	w := small(t)
	w.ready("r1")
	w.ask("GET", "/v1/requests/r1/package", "", w.as("ekc", access.Subject)).want(404, "not_found")
	own, err := w.issuer.Issue(access.Identity{Subject: "p1", Tenant: "ekc", Role: access.Subject}, false, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	got := w.ask("GET", "/v1/requests/r1/package", "", with("Authorization", "Bearer "+own)).want(200, "")
	if string(got.body) != "PK zip" || !strings.Contains(got.header.Get("Content-Disposition"), "r1.access.zip") {
		t.Errorf("%q %v", got.body, got.header)
	}
	w.do("ekc", func(ctx context.Context, u *work.Unit) error { // it holds somebody else's data since a merge was taken back
		p, err := work.Load(ctx, u, record.Packages, "r1.access")
		if err != nil {
			return err
		}
		p.ContactIDs = append(p.ContactIDs, "p2")
		work.Save(u, record.Packages, p)
		return nil
	})
	w.ask("GET", "/v1/requests/r1/package", "", with("Authorization", "Bearer "+own)).want(409, "package_in_review")
	w.ask("POST", "/v1/requests/r1/package/link", `{"form":"access"}`, w.as("ekc", access.Officer)).want(409, "package_in_review")
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		p, err := work.Load(ctx, u, record.Packages, "r1.access")
		if err != nil {
			return err
		}
		p.ContactIDs = []string{"p1"}
		work.Save(u, record.Packages, p)
		return nil
	})
	w.Clock.Add(model.Life)
	w.ask("GET", "/v1/requests/r1/package", "", with("Authorization", "Bearer "+own)).want(401, string(access.Expired))
	w.ask("GET", "/v1/requests/r1/package", "", w.as("ekc", access.Officer)).want(410, "package_expired")
}

func TestRegisters(t *testing.T) {
	w := small(t)
	var err error
	if w.env.Policy, err = policy.Builtin(), nil; err != nil {
		t.Fatal(err)
	}
	auditor := w.as("ekc", access.Auditor)
	w.ask("GET", "/v1/registers/processing", "", auditor).want(200, "").schema("ProcessingRegister")
	w.ask("GET", "/v1/registers/subprocessors", "", auditor).want(200, "").schema("SubprocessorRegister")

	var given model.Consent
	w.ask("POST", "/v1/registers/consents", `{"contact_id":"p1","purpose":"support","text":"first_answer","version":"1","channel":"whatsapp","how":"message"}`).want(200, "").schema("Consent").into(&given)
	w.ask("POST", "/v1/registers/consents", `{"contact_id":"p1","purpose":"support","text":"first_answer","version":"1","channel":"whatsapp","how":"silence"}`).want(400, "invalid")
	own, err := w.issuer.Issue(access.Identity{Subject: "p2", Tenant: "ekc", Role: access.Subject}, false, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	path := "/v1/registers/consents/" + given.ID + "/withdrawal"
	w.ask("POST", path, `{}`, with("Authorization", "Bearer "+own)).want(404, "not_found")
	var ended model.Consent
	w.ask("POST", path, `{}`, w.as("ekc", access.Officer)).want(200, "").schema("Consent").into(&ended)
	if ended.Withdrawn == nil || ended.Stands(w.Clock.Now()) {
		t.Errorf("%+v", ended)
	}
	w.ask("GET", "/v1/registers/consents", "", auditor).want(200, "").schema("ConsentList")
}

func TestADisclosureUnderSecrecyLeavesNoTraceForThePerson(t *testing.T) {
	w := small(t)
	until := w.Clock.Now().Add(1000 * 3600e9).UTC().Format("2006-01-02T15:04:05Z")
	w.ask("POST", "/v1/registers/disclosures", `{"contact_id":"p1","recipient":"Policija","ground":"court_order","secret_until":"`+until+`"}`, w.as("ekc", access.Officer)).want(200, "").schema("Disclosure")
	w.ask("GET", "/v1/registers/disclosures", "", w.as("ekc", access.Auditor)).want(200, "").schema("DisclosureList")
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Rights}
	_, err := w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
		list, _, err := ledger.Reader{Unit: u, Tree: w.env.Ledger.Tree, Naming: ledger.ByPseudonym}.Mine(ctx, "p1", "", 100)
		for _, e := range list {
			if e.Act == "disclose" || e.Recipient != "" {
				t.Errorf("the person sees %+v", e)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
