package dossier

import (
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/redact"
	"github.com/okence/okence/shared/ledger"
)

// Every code that the page may show has words in every language of a package.
func TestThePageHasWordsForEveryCode(t *testing.T) {
	var keys []string
	for _, r := range redact.Reasons {
		keys = append(keys, "reason_"+string(r))
	}
	for _, a := range []audit.Act{audit.Collect, audit.Change, audit.View, audit.Disclose, audit.Erase, audit.Merge, audit.Unmerge, audit.Login, audit.Logout, audit.Manage} {
		keys = append(keys, "act_"+string(a))
	}
	for _, u := range []access.Use{access.Intake, access.Service, access.Escalation, access.Rights, access.Claims, access.Incident, access.Retention, access.Audit, access.Report, access.Register, access.Operation} {
		keys = append(keys, "use_"+string(u))
	}
	for _, r := range []access.Role{access.Adviser, access.Supervisor, access.Custodian, access.Officer, access.DPO, access.Administrator, access.Auditor, access.Producer, access.Subject, access.Function} {
		keys = append(keys, "role_"+string(r))
	}
	for _, k := range []string{"contact", "conversation", "message", "attachment", "notice", "disclosure", "consent", "statement", "request", "ticket", "worklog", "handover", "restriction", "package", "posting", "collected"} {
		keys = append(keys, "kind_"+k)
	}
	for set, codes := range map[string]string{
		"part": "controller joint_controller processor subprocessor", "basis": "consent contract legal_obligation vital_interests public_task legitimate_interests",
		"action": "anonymise delete return_erase", "span": "y m d h",
		"trigger":  "inactive_since report_date created event end_of_year ticket_end contract_end purpose_fulfilled case_closed consent_ended received",
		"category": "identity address content place identifier activity credential health",
	} {
		for _, c := range strings.Fields(codes) {
			keys = append(keys, set+"_"+c)
		}
	}
	for _, k := range keys {
		for _, l := range []string{"sl", "en", "sk"} {
			if words()[k][l] == "" {
				t.Errorf("no words for %s in %s", k, l)
			}
		}
	}
}

func TestThePageSpeaksThePersonsLanguage(t *testing.T) {
	d := Document{Language: "sk", Request: "r1", Confirmation: true,
		Records:    []Record{{Kind: "message", ID: "m1", Fields: map[string]any{"text": "<b>Ahoj</b>"}, Files: []File{{Withheld: redact.UnseenFile}}}, {Kind: "new", ID: "n1"}},
		Log:        []ledger.Shown{{At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Act: audit.View, Use: string(access.Service), ActorRole: string(access.Adviser)}},
		Redactions: []Cut{{Place: "message/m1#text:1-2", Reason: redact.OtherName}},
	}
	page, err := d.Page()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Správa <small>m1", "new <small>n1", "meno inej osoby", "nepriložené (súbor", "nahliadnutie (odpovedanie)", "poradca", "&lt;b&gt;Ahoj", "<html lang=\"sk\">"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
}
