package portal

import (
	"context"
	"net/http"
	"testing"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// A request reaches subject-1 from another contact, once it is proved; one that only
// claims to does not.
func TestAPersonSeesTheRequestsThatReachThem(t *testing.T) {
	w := newWorld(t)
	w.do("ekc", func(_ context.Context, u *work.Unit) error {
		for id, r := range map[string]dsar.Request{
			"own":     {ContactID: "subject-1"},
			"covers":  {ContactID: "box", Identity: dsar.Identity{Links: []dsar.Link{{ContactID: "subject-1", Means: dsar.ByCode, Confidence: 95}}}},
			"claims":  {ContactID: "box", Identity: dsar.Identity{Links: []dsar.Link{{ContactID: "subject-1", Means: dsar.ByClaim, Confidence: 10}}}},
			"another": {ContactID: "box"},
		} {
			r.ID, r.State, r.ReceivedAt = id, dsar.Open, u.Now()
			r.Items = []dsar.Item{{Key: dsar.Key{Right: dsar.Access, Scope: dsar.Data}, State: dsar.Asked}}
			work.Save(u, record.Requests, &r)
			if id != "own" && id != "another" {
				work.Save(u, record.Coverings, &dsar.Covering{ID: dsar.CoveringID(id, "subject-1"), RequestID: id, ContactID: "subject-1", At: u.Now()})
			}
		}
		work.Save(u, record.Coverings, &dsar.Covering{ID: "gone.subject-1", RequestID: "gone", ContactID: "subject-1", At: u.Now()})
		return nil
	})
	subject := func(r *http.Request) { w.as("ekc", access.Subject)(r) }
	seen := map[string]bool{}
	for next, first := "", true; first || next != ""; first = false {
		var page list[requestView]
		w.ask("GET", "/v1/requests?limit=1&cursor="+next, "", subject).want(200, "").schema("RequestList").into(&page)
		for _, r := range page.Items {
			if seen[r.ID] {
				t.Errorf("%s is shown twice", r.ID)
			}
			seen[r.ID] = true
		}
		next = page.Next
	}
	if len(seen) != 2 || !seen["own"] || !seen["covers"] {
		t.Errorf("%v", seen)
	}
	w.ask("GET", "/v1/requests/covers", "", subject).want(200, "")
	w.ask("GET", "/v1/requests/claims", "", subject).want(404, "not_found")
}
