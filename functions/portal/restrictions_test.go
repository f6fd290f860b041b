package portal

import (
	"context"
	"testing"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("GET /v1/restrictions", access.Officer, access.DPO)
	_ = may("GET /v1/restrictions/{id}", access.Officer, access.DPO)
	_ = may("POST /v1/restrictions/{id}/lifting", access.Officer)
	_ = takesBody("POST /v1/restrictions/{id}/lifting", `{"reason": "preverjeno"}`)
)

// TestALiftingIsAnOfficersDecisionWithAReason: nobody else's, once, and where no
// machine can write to the person, the officer hears that it goes by post.
func TestALiftingIsAnOfficersDecisionWithAReason(t *testing.T) {
	w := newWorld(t)
	w.person("ekc", "ana", "Ana")
	w.do("ekc", func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", SinceAt: u.Now(), Ground: "accuracy"})
		return nil
	})
	officer := w.as("ekc", access.Officer)
	lift := func(key, body string, who access.Role) reply {
		return w.ask("POST", "/v1/restrictions/ana/lifting", body, w.as("ekc", who), with("Idempotency-Key", key))
	}
	lift("k1", `{"reason": "preverjeno"}`, access.DPO).want(403, "")
	lift("k2", `{"reason": "  "}`, access.Officer).want(400, "invalid")
	lift("k3", `{}`, access.Officer).want(400, "invalid")
	w.ask("POST", "/v1/restrictions/nobody/lifting", `{"reason": "preverjeno"}`, officer, with("Idempotency-Key", "k4")).want(404, "not_found")
	var r restrictionView
	lift("k5", `{"reason": "Naslov je preverjen."}`, access.Officer).want(202, "").schema("Restriction").into(&r)
	if !r.ByPost || r.LiftBy == "" || !r.LiftUntil.After(r.LiftAt) {
		t.Errorf("%+v", r)
	}
	lift("k6", `{"reason": "Še enkrat."}`, access.Officer).want(409, "already_lifting")
	var l list[restrictionView]
	w.ask("GET", "/v1/restrictions", "", w.as("ekc", access.DPO)).want(200, "").schema("RestrictionList").into(&l)
	if len(l.Items) != 1 || l.Items[0].ContactID != "ana" || l.Items[0].LiftAt.IsZero() {
		t.Errorf("%+v", l)
	}
	w.ask("GET", "/v1/restrictions/ana", "", officer).want(200, "").schema("Restriction")
}
