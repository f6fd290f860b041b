package portal

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("POST /v1/breaches", breachReporters...)
	_ = may("GET /v1/breaches", breachReaders...)
	_ = may("GET /v1/breaches/{id}", breachReaders...)
	_ = may("POST /v1/breaches/{id}/facts", access.Supervisor, access.Officer, access.DPO)
	_ = may("POST /v1/breaches/{id}/instants", access.Supervisor, access.Officer, access.DPO)
	_ = may("POST /v1/breaches/{id}/decisions", access.Officer)
	_ = may("POST /v1/breaches/{id}/advice", access.DPO)
	_ = may("POST /v1/breaches/{id}/assessment", access.Supervisor, access.Officer, access.DPO)
	_ = may("GET /v1/breaches/{id}/assessment", breachReaders...)
	_ = may("POST /v1/breaches/{id}/notices", access.Officer)
	_ = may("GET /v1/breaches/{id}/notices", breachReaders...)
	_ = may("GET /v1/breaches/{id}/notices/{index}", breachReaders...)
	_ = may("POST /v1/breaches/{id}/scopes", access.Supervisor, access.Officer, access.DPO)
	_ = may("GET /v1/breaches/{id}/scopes", breachReaders...)
	_ = may("GET /v1/breaches/{id}/campaigns", breachReaders...)
	_ = may("POST /v1/breaches/{id}/notices/{index}/campaign", access.Officer)
	_ = may("POST /v1/breaches/{id}/close", access.Officer)
)

// breachOf stores a case of ekc under packs, aware now.
func (w *world) breachOf(id string, packs ...string) {
	w.t.Helper()
	r := breach.Report{
		ID: id, Source: breach.FromPortal, By: breach.Person{ID: "x", Role: "reporter"}, ReceivedAt: w.Clock.Now(),
		Facts: breach.Facts{
			Nature: "a mailbox was read", PersonCategories: []string{"customers"}, Persons: 120, DataCategories: []string{"e-mail"}, Records: 300,
			Consequences: "unwanted mail", Measures: "password changed", PersonsText: "Somebody read our mailbox.",
		},
	}
	for _, p := range packs {
		rel, err := breachfile.Relate(w.env.Policy, p, "", w.Clock.Now())
		if err != nil {
			w.t.Fatal(err)
		}
		r.Relations = append(r.Relations, rel)
	}
	c, err := breach.New(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		_, err := breachfile.Save(ctx, u, w.env.Policy, c)
		return err
	})
}

func TestAnAdviserFlagsAConversation(t *testing.T) {
	w := newWorld(t)
	var out []events.Event
	w.Published = func(_ context.Context, _ string, es []events.Event) { out = append(out, es...) }
	var taken reportedView
	w.ask("POST", "/v1/breaches", `{"conversation_ids":["c1"],"facts":{"nature":"Kličoči je poznal podatke druge osebe."}}`).want(202, "").schema("BreachTaken").into(&taken)
	if len(out) != 1 || out[0].Type != events.BreachReportedType || strings.Contains(string(out[0].Data), "Kličoči") {
		t.Fatalf("%+v", out)
	}
	d, err := events.As[events.BreachReported](out[0])
	if err != nil || d.Source != breach.FromAdviser || d.BreachID != taken.ID || d.Intake == "" {
		t.Errorf("%+v, %v", d, err)
	}
	w.ask("GET", "/v1/breaches", "", w.as("ekc", access.Adviser)).want(403, "forbidden")
	w.ask("POST", "/v1/breaches", `{"aware_at":"2100-01-01T00:00:00Z"}`).want(422, "instant_ahead")
	w.ask("POST", "/v1/breaches", `{"packs":["nobody"]}`).want(400, "invalid")
}

func TestACaseShowsItsClocksAndTheRegisterListsIt(t *testing.T) {
	w := newWorld(t)
	w.breachOf("b1", "ekc", "2mobile", "laboss")
	var v breachView
	w.ask("GET", "/v1/breaches/b1", "", w.as("ekc", access.Officer)).want(200, "").schema("Breach").into(&v)
	if len(v.Clocks) != 5 || len(v.Recipients) != 4 {
		t.Errorf("%d clocks, %d recipients", len(v.Clocks), len(v.Recipients))
	}
	w.ask("GET", "/v1/breaches", "", w.as("ekc", access.Auditor)).want(200, "").schema("BreachList")
	var limits list[deadlineView]
	w.ask("GET", "/v1/deadlines", "", w.as("ekc", access.Officer)).want(200, "").into(&limits)
	if len(limits.Items) != 5 {
		t.Errorf("%d limits, want one for each clock", len(limits.Items))
	}
}

func TestAwarenessEnteredLaterMovesTheLimitByDecisionOnly(t *testing.T) {
	w := newWorld(t)
	w.breachOf("b1", "ekc")
	officer := w.as("ekc", access.Officer)
	end := func() time.Time {
		t.Helper()
		var v breachView
		w.ask("GET", "/v1/breaches/b1", "", officer).want(200, "").into(&v)
		for _, k := range v.Clocks {
			if k.Name == "breach.authority.ekc" {
				return k.EndAt
			}
		}
		t.Fatal("no clock")
		return time.Time{}
	}
	first := end()
	w.Clock.Add(3 * time.Hour)
	at, _ := json.Marshal(w.Clock.Now().Add(-time.Hour))
	w.ask("POST", "/v1/breaches/b1/instants", `{"kind":"aware","at":`+string(at)+`}`, officer).want(422, "reason_missing")
	w.ask("POST", "/v1/breaches/b1/instants", `{"kind":"aware","at":`+string(at)+`,"reason":"certain only then"}`, officer).want(200, "").schema("Breach")
	if !end().Equal(first) {
		t.Fatal("the limit moved by itself")
	}
	w.ask("POST", "/v1/breaches/b1/decisions", `{"kind":"instant","value":"accepted","instant":2,"reason":"the log shows it"}`, officer).want(200, "").schema("Breach")
	if got := end(); !got.Equal(first.Add(2 * time.Hour)) {
		t.Errorf("ends %s, began as %s", got, first)
	}
	var limits list[deadlineView]
	w.ask("GET", "/v1/deadlines?about=b1", "", officer).want(200, "").into(&limits)
	for _, l := range limits.Items {
		if l.Name == "breach.authority.ekc" && !l.EndAt.Equal(first.Add(2*time.Hour)) {
			t.Errorf("its limit ends %s", l.EndAt)
		}
	}
}

func TestOnlyTheOfficerAfterTheAdviceEndsTheClock(t *testing.T) {
	w := newWorld(t)
	w.breachOf("b1", "ekc")
	officer, dpo := w.as("ekc", access.Officer), w.as("ekc", access.DPO)
	const score = `{"input":{"data":[{"category":"simple"}],"ei":"negligible","confidentiality":"none","integrity":"none","availability":"none"},"reasons":{"data":"a","ei":"a","confidentiality":"a","integrity":"a","availability":"a"}}`
	w.ask("POST", "/v1/breaches/b1/assessment", score, officer).want(200, "").schema("BreachAssessment")
	w.ask("GET", "/v1/breaches/b1/assessment", "", dpo).want(200, "").schema("BreachAssessmentList")
	w.ask("POST", "/v1/breaches/b1/assessment", strings.Replace(score, `"ei":"a",`, "", 1), officer).want(422, "reason_missing")
	w.ask("POST", "/v1/breaches/b1/decisions", `{"kind":"risk","value":"unlikely","reason":"low"}`, officer).want(409, "advice_missing")
	w.ask("POST", "/v1/breaches/b1/advice", `{"text":"unlikely"}`, dpo).want(200, "").schema("Breach")
	w.ask("POST", "/v1/breaches/b1/decisions", `{"kind":"risk","value":"unlikely","reason":"low"}`, officer).want(200, "").schema("Breach")
	var limits list[deadlineView]
	w.ask("GET", "/v1/deadlines", "", officer).want(200, "").into(&limits)
	for _, l := range limits.Items {
		if l.Name == "breach.authority.ekc" {
			t.Errorf("still runs: %+v", l)
		}
	}
	w.ask("POST", "/v1/breaches/b1/decisions", `{"kind":"nonsense","value":"x","reason":"low"}`, officer).want(422, "not_in_case")
	w.ask("POST", "/v1/breaches/b1/close", `{"reason":"done"}`, officer).want(409, "tasks_open")
}

func TestANoticeIsRefusedWithTheListOrGoesInPhases(t *testing.T) {
	w := newWorld(t)
	w.breachOf("b1", "ekc", "2mobile")
	var out []events.Event
	w.Published = func(_ context.Context, _ string, es []events.Event) { out = append(out, es...) }
	officer := w.as("ekc", access.Officer)
	w.ask("POST", "/v1/breaches/b1/facts", `{"nature":"a mailbox was read","person_categories":["customers"],"data_categories":["e-mail"],"measures":"password changed"}`, officer).want(200, "")
	r := w.ask("POST", "/v1/breaches/b1/notices", `{"to":"controller","relation":"2mobile","language":"sl","reason":"due"}`, officer).want(422, "notice_incomplete").schema("Problem")
	var p struct{ Missing []string }
	_ = json.Unmarshal(r.body, &p)
	if got := strings.Join(p.Missing, " "); got != "persons records contact consequences mailbox" {
		t.Errorf("missing: %s", got)
	}
	w.ask("POST", "/v1/breaches/b1/decisions", `{"kind":"role","relation":"2mobile","value":"processor","contact":{"name":"DPO","email":"dpo@controller.example"},"reason":"named in the contract"}`, officer).want(200, "")
	at, _ := json.Marshal(w.Clock.Now().Add(48 * time.Hour))
	body := `{"to":"controller","relation":"2mobile","language":"sl","reason":"due","contact":{"name":"Ana","email":"dpo@2mobile.example"},"phased":true,"follow_up_at":` + string(at) + `}`
	var n breachNoticeView
	w.ask("POST", "/v1/breaches/b1/notices", body, officer).want(200, "").schema("BreachNotice").into(&n)
	if !n.Phased || n.No != 1 || n.Mailbox != "dpo@controller.example" || len(out) != 1 || out[0].Type != events.BreachNoticeReleasedType {
		t.Fatalf("%+v, %d events", n, len(out))
	}
	var limits list[deadlineView]
	w.ask("GET", "/v1/deadlines?about=b1", "", officer).want(200, "").into(&limits)
	states := map[string]string{}
	for _, l := range limits.Items {
		states[l.Name] = string(l.State)
	}
	if states["breach.controller.2mobile"] != "met" || states["breach.follow_up.1"] != "running" {
		t.Errorf("%v", states)
	}
	w.ask("GET", "/v1/breaches/b1/notices", "", officer).want(200, "").schema("BreachNoticeList")
	for _, format := range []string{"json", "html", "pdf"} {
		r := w.ask("GET", "/v1/breaches/b1/notices/1?format="+format, "", officer).want(200, "")
		if len(r.body) < 200 {
			t.Errorf("%s: %d bytes", format, len(r.body))
		}
	}
	w.ask("GET", "/v1/breaches/b1/notices/2", "", officer).want(404, "not_found")
	w.ask("POST", "/v1/breaches/b1/notices", `{"to":"authority","relation":"2mobile","language":"sl","reason":"due"}`, officer).want(422, "not_our_role")
	w.ask("POST", "/v1/breaches/b1/notices", `{"to":"authority","relation":"ekc","language":"sl","reason":"due"}`, officer).want(409, "tell_other_first")
	w.ask("POST", "/v1/breaches/b1/notices", `{"to":"persons","language":"sl","reason":"due","scope":1}`, officer).want(422, "not_in_case")
}

func TestAScopeIsAskedForAndNamesWhatItLooksFor(t *testing.T) {
	w := newWorld(t)
	w.breachOf("b1", "ekc")
	w.ask("POST", "/v1/breaches/b1/scopes", `{}`, w.as("ekc", access.Officer)).want(400, "invalid")
	w.ask("POST", "/v1/breaches/b1/scopes", `{"actors":["adviser-1"]}`, w.as("ekc", access.Officer)).want(202, "").schema("BreachScope")
	w.ask("GET", "/v1/breaches/b1/scopes", "", w.as("ekc", access.Officer)).want(200, "").schema("BreachScopeList")
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		_, err := work.Peek(ctx, u, record.BreachScopes, breach.ScopeID("b1", 1))
		return err
	})
}

func TestAReportFromOutsideIsSealedAtTheEdge(t *testing.T) {
	w := newWorld(t)
	var out []events.Event
	w.Published = func(_ context.Context, _ string, es []events.Event) { out = append(out, es...) }
	body := `{"specversion":"1.0","id":"p-1","source":"/processor","type":"` + events.BreachReportedType + `","tenant":"ekc","subject":"theirs","data":{"source":"processor","content":{"nature":"Ukraden prenosnik."}}}`
	w.ask("POST", "/events", body, w.as("ekc", access.Producer), with("Content-Type", "application/cloudevents+json")).want(202, "")
	if len(out) != 1 || strings.Contains(string(out[0].Data), "Ukraden") {
		t.Fatalf("%+v", out)
	}
	if d, err := events.As[events.BreachReported](out[0]); err != nil || d.Intake == "" {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestANoticeToPersonsStartsACampaignThatCanBeFollowed(t *testing.T) {
	w := newWorld(t)
	w.breachOf("b1", "ekc")
	var out []events.Event
	w.Published = func(_ context.Context, _ string, es []events.Event) { out = append(out, es...) }
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Breaches, "b1")
		if err != nil {
			return err
		}
		c.Scopes = 1
		work.Save(u, record.Breaches, c)
		work.Save(u, record.BreachScopes, &breach.Scope{ID: breach.ScopeID("b1", 1), BreachID: "b1", No: 1, DoneAt: u.Now(), Evidence: []byte(`{"persons":["p1","p2"],"records":[]}`)})
		return nil
	})
	officer := w.as("ekc", access.Officer)
	w.ask("POST", "/v1/breaches/b1/decisions", `{"kind":"risk","value":"high","reason":"many"}`, officer).want(200, "")
	w.ask("POST", "/v1/breaches/b1/facts", `{"nature":"x","persons_text":"Nekdo je videl vašo diagnozo.","consequences":"x","measures":"x","person_categories":["a"],"data_categories":["b"],"persons":2,"records":2}`, officer).want(200, "")
	if r := w.ask("POST", "/v1/breaches/b1/notices", `{"to":"persons","language":"sl","reason":"art. 34","scope":1}`, officer); !strings.Contains(string(r.body), "diagnozo") {
		t.Errorf("the officer is not told which words: %s", r.body)
	} else {
		r.want(422, "special_detail")
	}
	w.ask("POST", "/v1/breaches/b1/notices", `{"to":"persons","language":"sl","reason":"art. 34","scope":1,"special_read":true,"contact":{"name":"DPO","email":"dpo@mdp.example"}}`, officer).want(200, "").schema("BreachNotice")
	var got list[campaignView]
	w.ask("GET", "/v1/breaches/b1/campaigns", "", w.as("ekc", access.DPO)).want(200, "").schema("BreachCampaignList").into(&got)
	if len(got.Items) != 1 || got.Items[0].Total != 2 || got.Items[0].Left != 2 || got.Items[0].State != breach.Sending {
		t.Errorf("%+v", got)
	}
	if len(out) == 0 || out[len(out)-1].Type != events.BreachCampaignSteppedType {
		t.Errorf("%+v", out)
	}

	steer := func(state, reason string, status int, problem string) reply {
		t.Helper()
		r := w.ask("POST", "/v1/breaches/b1/notices/1/campaign", `{"state":"`+state+`","reason":"`+reason+`"}`, officer)
		r.want(status, problem)
		return r
	}
	steer("suspended", "", 422, "reason_missing")
	steer("done", "x", 422, "not_in_case")
	steer("suspended", "wrong day", 200, "").schema("BreachCampaign")
	steer("suspended", "wrong day", 200, "") // twice is once
	count := len(out)
	steer("running", "mended", 200, "")
	if len(out) == count || out[len(out)-1].Type != events.BreachCampaignSteppedType {
		t.Errorf("nothing lets it go on: %+v", out[count:])
	}
	w.ask("POST", "/v1/breaches/b1/notices/2/campaign", `{"state":"running","reason":"x"}`, officer).want(404, "not_found")
	var seen breachView
	w.ask("GET", "/v1/breaches/b1", "", officer).want(200, "").into(&seen)
	var steps []string
	for _, h := range seen.History {
		if strings.HasPrefix(h.What, "campaign_") {
			steps = append(steps, h.What)
		}
	}
	if !slices.Equal(steps, []string{"campaign_suspended", "campaign_running"}) {
		t.Errorf("the case tells of %v", steps)
	}
}
