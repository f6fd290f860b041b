package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("GET /v1/holds", access.Officer)
	_ = may("POST /v1/holds", access.Officer)
	_ = may("GET /v1/holds/{id}", access.Officer)
	_ = may("POST /v1/holds/{id}/confirmation", access.Officer)
	_ = may("POST /v1/holds/{id}/lifting", access.Officer)
	_ = may("GET /v1/sweeps", access.Administrator, access.Auditor, access.DPO)
	_ = may("POST /v1/sweeps", access.Administrator)
	_ = may("GET /v1/sweeps/{id}", access.Administrator, access.Auditor, access.DPO)
	_ = may("POST /v1/sweeps/{id}/release", access.Administrator)
	_ = may("GET /v1/sweeps/{id}/certificate", access.Administrator, access.Auditor, access.DPO)
)

// TestFourEyesOnAHold: one officer asks, another one sets it; the same to lift it.
func TestFourEyesOnAHold(t *testing.T) {
	w := newWorld(t)
	inForce := func() (in []retention.Active) {
		w.do("ekc", func(ctx context.Context, u *work.Unit) error {
			l, _, err := work.Find(ctx, u, record.HoldLists, retention.HoldListID)
			in = l.Holds
			return err
		})
		return in
	}
	other, err := w.issuer.Issue(access.Identity{Subject: "officer-2", Tenant: "ekc", Role: access.Officer}, true, w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	second := with("Authorization", "Bearer "+other)
	one := w.as("ekc", access.Officer)
	expires := w.Clock.Now().AddDate(0, 3, 0).Format(time.RFC3339)

	for body, problem := range map[string]string{
		`{"matter": "II P 1/26", "expires_at": "` + expires + `"}`:                                                               "hold_scope",
		`{"matter": "II P 1/26", "contacts": ["c1"], "expires_at": "2029-01-01T00:00:00Z"}`:                                      "hold_span",
		`{"matter": "II P 1/26", "contacts": ["c1"]}`:                                                                            "hold_span",
		`{"matter": "tožba, Ana Novak <x>", "contacts": ["c1"], "expires_at": "` + expires + `"}`:                                "invalid",
		`{"matter": "II P 1/26", "contacts": ["Ana Novak"], "expires_at": "` + expires + `"}`:                                    "invalid",
		`{"matter": "II P 1/26", "from": "2026-02-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "expires_at": "` + expires + `"}`: "hold_scope",
	} {
		if r := w.ask("POST", "/v1/holds", body, one, with("Idempotency-Key", fmt.Sprint("k-", len(body)))); r.status < 400 {
			t.Errorf("%s: %d", body, r.status)
		} else {
			r.want(r.status, problem)
		}
	}
	var h holdView
	w.ask("POST", "/v1/holds", `{"matter": "II P 1/26", "contacts": ["c1"], "expires_at": "`+expires+`"}`, one, with("Idempotency-Key", "k1")).want(201, "").schema("Hold").into(&h)
	if h.State != retention.HoldAsked || !h.InForce || !h.EndsAt.Equal(w.Clock.Now().Add(retention.AskedFor)) || len(inForce()) != 1 {
		t.Fatalf("%+v", h)
	}
	post := func(step, key string, who ...func(*http.Request)) reply {
		return w.ask("POST", "/v1/holds/"+h.ID+"/"+step, "", append(who, with("Idempotency-Key", key))...)
	}
	post("confirmation", "k2", one).want(403, "same_person")
	post("confirmation", "k3", second).want(200, "").schema("Hold").into(&h)
	if h.State != retention.HoldSet || h.EndsAt.Format(time.RFC3339) != expires {
		t.Fatalf("%+v", h)
	}
	post("confirmation", "k4", second).want(409, "hold_state")
	post("lifting", "k5", second).want(200, "").into(&h)
	if h.State != retention.HoldLifting || len(inForce()) != 1 {
		t.Fatalf("%+v", h)
	}
	post("lifting", "k6", second).want(403, "same_person")
	post("lifting", "k7", one).want(200, "").into(&h)
	if h.State != retention.HoldLifted || h.InForce || len(inForce()) != 0 {
		t.Fatalf("%+v", h)
	}
	var l list[holdView]
	w.ask("GET", "/v1/holds", "", one).want(200, "").schema("HoldList").into(&l)
	if len(l.Items) != 1 {
		t.Fatal(l)
	}
	w.ask("GET", "/v1/holds/"+h.ID, "", w.as("other", access.Officer)).want(404, "not_found")
	w.ask("GET", "/v1/holds", "", w.as("ekc", access.Adviser)).want(403, "forbidden")
}

func TestSweepsAreStartedShownAndCertified(t *testing.T) {
	w := newWorld(t)
	admin := w.as("ekc", access.Administrator)
	ahead := w.Clock.Now().AddDate(1, 0, 0).Format(time.RFC3339)
	var s sweepView
	w.ask("POST", "/v1/sweeps", `{"as_of": "`+ahead+`"}`, admin, with("Idempotency-Key", "k0")).want(422, "plan_ahead")
	w.ask("POST", "/v1/sweeps", `{"as_of": "`+ahead+`", "dry_run": true}`, admin, with("Idempotency-Key", "k1")).want(202, "").schema("Sweep").into(&s)
	if s.State != retention.Planning || !s.DryRun {
		t.Fatalf("%+v", s)
	}
	w.ask("POST", "/v1/sweeps", `{"plan": "`+s.ID+`"}`, admin, with("Idempotency-Key", "k2")).want(409, "plan_state")
	w.ask("POST", "/v1/sweeps", `{"plan": "nothing"}`, admin, with("Idempotency-Key", "k3")).want(404, "not_found")
	w.ask("POST", "/v1/sweeps", `{"plan": "`+s.ID+`", "dry_run": true}`, admin, with("Idempotency-Key", "k4")).want(400, "invalid")
	w.ask("POST", "/v1/sweeps/"+s.ID+"/release", "", admin, with("Idempotency-Key", "k5")).want(409, "not_braked")
	w.ask("GET", "/v1/sweeps/"+s.ID+"/certificate", "", admin).want(409, "plan_state")
	w.ask("POST", "/v1/sweeps", `{}`, w.as("ekc", access.Auditor), with("Idempotency-Key", "k6")).want(403, "forbidden")
	w.do("ekc", func(ctx context.Context, u *work.Unit) error { // as functions/retention leaves it
		rec, err := work.Load(ctx, u, record.Sweeps, s.ID)
		if err != nil {
			return err
		}
		if rec.Body, err = rec.Certify("ekc", func(string) string { return "" }); err != nil {
			return err
		}
		rec.State = retention.Finished
		rec.Leaf, err = w.env.Ledger.Certify(ctx, "ekc", rec.ID, rec.Body)
		work.Save(u, record.Sweeps, rec)
		return err
	})
	r := w.ask("GET", "/v1/sweeps/"+s.ID+"/certificate", "", w.as("ekc", access.Auditor)).want(200, "").schema("Certificate")
	var c ledger.Certificate
	if err := json.Unmarshal(r.body, &c); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Check(c.Key); err != nil {
		t.Fatal(err)
	}
	var all list[sweepView]
	w.ask("GET", "/v1/sweeps", "", w.as("ekc", access.DPO)).want(200, "").schema("SweepList").into(&all)
	if len(all.Items) != 1 {
		t.Fatal(all)
	}
	w.ask("GET", "/v1/sweeps/"+s.ID, "", w.as("other", access.Administrator)).want(404, "not_found")
}
