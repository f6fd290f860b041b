package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/ledger"
)

type shownList struct {
	Items []ledger.Shown
	Next  string
}

// asPerson asks with the token of a person, whose subject is their contact.
func (w *world) asPerson(id string) func(*http.Request) {
	text, err := w.issuer.Issue(access.Identity{Subject: id, Tenant: "ekc", Role: access.Subject}, false, w.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return with("Authorization", "Bearer "+text)
}

func TestPersonsSeeWhoSawTheirData(t *testing.T) {
	w := small(t)
	for range 3 {
		w.Clock.Add(time.Second)
		w.ask("GET", "/v1/contacts/p1", "").want(200, "")
	}
	if _, err := w.env.Ledger.Seal(t.Context(), "ekc"); err != nil {
		t.Fatal(err)
	}
	key, err := w.env.Ledger.PublicKey(t.Context(), "ekc")
	if err != nil {
		t.Fatal(err)
	}
	views, target := 0, "/v1/ledger/mine?limit=2"
	for target != "" {
		var l shownList
		r := w.ask("GET", target, "", w.asPerson("p1")).want(200, "").schema("LedgerEntryList")
		r.into(&l)
		if strings.Contains(string(r.body), "Novak") || strings.Contains(string(r.body), "adviser-1") {
			t.Fatalf("an adviser is named: %s", r.body)
		}
		for _, s := range l.Items {
			if s.Subject != "p1" {
				t.Fatal("another's entry")
			}
			if s.Act == audit.View && s.ActorRole == "adviser" {
				views++
			}
			if _, err := ledger.CheckShown(s, ledger.Keys{Log: key}); s.Proof != "" && err != nil {
				t.Error(err)
			}
		}
		if target = ""; l.Next != "" {
			target = "/v1/ledger/mine?limit=2&cursor=" + l.Next
		}
	}
	if views != 3 {
		t.Fatal(views, "views are shown")
	}
	var l shownList
	w.ask("GET", "/v1/ledger/mine", "", w.asPerson("nobody")).want(200, "").into(&l)
	if len(l.Items) != 0 {
		t.Fatal("of nobody:", l.Items)
	}
	w.ask("GET", "/v1/ledger/mine?cursor=x", "", w.asPerson("p1")).want(400, "invalid")
}

func TestTheLogIsReadForACase(t *testing.T) {
	w := small(t)
	w.Clock.Add(time.Second)
	w.ask("GET", "/v1/contacts/p1", "").want(200, "")
	admin, auditor, dpo, matter := w.as("ekc", access.Administrator), w.as("ekc", access.Auditor), w.as("ekc", access.DPO), with(caseHeader, "P-9")
	w.ask("GET", "/v1/ledger/entries", "", admin).want(400, "invalid")
	w.Clock.Add(time.Second)
	var l shownList
	w.ask("GET", "/v1/ledger/entries", "", admin, matter).want(200, "").schema("LedgerEntryList").into(&l)
	if len(l.Items) == 0 {
		t.Fatal("an empty log")
	}
	last := newest(w.entries("ekc"))
	if last.Reason != "log-query" || last.Case != "P-9" || last.ActorRole != "administrator" {
		t.Fatalf("the query is noted as %+v", last)
	}
	w.ask("GET", "/v1/ledger/entries?class=login_log", "", admin, matter).want(200, "")
	w.ask("GET", "/v1/ledger/entries?class=login_log", "", auditor, matter).want(403, "not_entitled")
	w.ask("GET", "/v1/ledger/entries?class=x", "", admin, matter).want(400, "invalid")
	w.ask("GET", "/v1/ledger/entries?from=x", "", admin, matter).want(400, "invalid")
	w.ask("GET", "/v1/ledger/entries?from=2026-11-02T09:00:00Z&to=2030-01-01T00:00:00Z", "", auditor, matter).want(200, "")

	w.ask("GET", "/v1/ledger/entries", "", dpo, matter).want(403, "not_entitled")
	body := func(person string, until time.Time) string {
		b, _ := json.Marshal(entitlementBody{Person: person, Until: until, Case: "P-9"})
		return string(b)
	}
	until := w.Clock.Now().Add(time.Hour)
	w.ask("POST", "/v1/ledger/entitlements", body("administrator-1", until), admin).want(403, "not_entitled")
	w.ask("POST", "/v1/ledger/entitlements", body("dpo-1", until.AddDate(2, 0, 0)), admin).want(400, "invalid")
	w.ask("POST", "/v1/ledger/entitlements", "{}", admin).want(400, "invalid")
	w.ask("POST", "/v1/ledger/entitlements", body("dpo-1", until), admin).want(200, "").schema("Entitlement")
	w.ask("GET", "/v1/ledger/entries", "", dpo, matter).want(200, "")
	w.ask("GET", "/v1/ledger/entries", "", dpo, with(caseHeader, "P-10")).want(403, "not_entitled")
	w.Clock.Add(time.Hour)
	w.ask("GET", "/v1/ledger/entries", "", w.as("ekc", access.DPO), matter).want(403, "not_entitled")
	// What was asked and refused is noted too.
	if last := newest(w.entries("ekc")); last.Result != audit.Refused || last.Reason != "not_entitled" {
		t.Fatalf("%+v", last)
	}
}
