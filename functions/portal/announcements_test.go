package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/policy"
)

var _ = may("POST /v1/announcements", access.Supervisor)

func TestAnnouncementsComeInTime(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		at         time.Duration // from now
		status     int
		late       bool
	}{
		{"maintenance six hours ahead", "maintenance", 6 * time.Hour, 200, false},
		{"maintenance a second later", "maintenance", 6*time.Hour - time.Second, 400, false},
		{"terms three days ahead", "terms", 72 * time.Hour, 200, false},
		{"terms a second later", "terms", 72*time.Hour - time.Second, 400, false},
		{"force majeure at once", "force_majeure", 0, 200, false},
		{"force majeure that is yet to come", "force_majeure", time.Second, 400, false},
		{"force majeure a second before two days", "force_majeure", -48*time.Hour + time.Second, 200, false},
		{"force majeure at two days: told all the same", "force_majeure", -48 * time.Hour, 200, true},
		{"something else", "party", 72 * time.Hour, 400, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.env.Policy = policy.Builtin()
			body := fmt.Sprintf(`{"kind": %q, "what": "x", "at": %q, "until": "y", "text": "z", "parties": ["user-body", "desk-keeper"], "service": "residence"}`, c.kind, w.Clock.Now().Add(c.at).Format(time.RFC3339))
			if c.status != 200 {
				w.ask("POST", "/v1/announcements", body, w.as("ekc", access.Supervisor)).want(c.status, "invalid")
				return
			}
			var v announcementView
			w.ask("POST", "/v1/announcements", body, w.as("ekc", access.Supervisor)).want(200, "").schema("Announcement").into(&v)
			if len(v.Notices) != 2 || len(v.Unreached) != 1 || v.Late != c.late {
				t.Errorf("%+v", v)
			}
		})
	}
}
