package portal

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

var (
	_ = may("POST /v1/announcements", access.Supervisor)
	_ = may("POST /v1/announcements/{id}/release", access.Supervisor)
	_ = may("POST /v1/announcements/{id}/withdrawal", access.Supervisor)
	_ = may("POST /v1/announcements/{id}/closure", access.Supervisor)
	_ = may("POST /v1/announcements/{id}/contacts", access.Supervisor)
	_ = takesBody("POST /v1/announcements/{id}/withdrawal", `{"reason": "x"}`)
	_ = takesBody("POST /v1/announcements/{id}/contacts", `{"party": "x", "how": "phone"}`)
)

// offset is how far an instant is from where the clock of a world begins.
func offset(text string) time.Duration {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return at.Sub(worktest.Start)
}

func TestForceMajeureRunsUntilAllAreToldAndConfirmationIsAskedFor(t *testing.T) {
	w := newWorld(t)
	w.env.Policy = policy.Builtin()
	for parties, state := range map[string]deadline.State{`["user-body"]`: deadline.Met, `["user-body", "desk-keeper"]`: deadline.Running} {
		body := fmt.Sprintf(`{"kind": "force_majeure", "what": "x", "at": %q, "parties": %s, "service": "residence", "confirm_within_hours": 4}`, w.Clock.Now().Format(time.RFC3339), parties)
		var v announcementView
		w.ask("POST", "/v1/announcements", body, w.as("ekc", access.Supervisor)).want(200, "").schema("Announcement").into(&v)
		w.do("ekc", func(ctx context.Context, u *work.Unit) error {
			l, err := work.Load(ctx, u, record.Limits, "announcement."+v.ID+"."+forceMajeure)
			if err != nil {
				return err
			}
			if l.State != state || l.Late || l.Rule != "FORCE_MAJEURE_2D" {
				t.Errorf("%s: %+v", parties, l)
			}
			n, err := work.Load(ctx, u, record.Notices, v.Notices[0])
			if err == nil && !n.ConfirmBy.Equal(u.Now().Add(4*time.Hour)) {
				t.Errorf("%+v", n)
			}
			return err
		})
	}
}

func TestAnnouncementsComeInTime(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		at         time.Duration // from now
		status     int
		late       bool
	}{
		{"maintenance six hours ahead", "maintenance", 6 * time.Hour, 200, false},
		{"maintenance a second later", "maintenance", 6*time.Hour - time.Second, 400, false},
		{"terms on the first instant of the third day after", "terms", offset("2026-11-05T00:00:00+01:00"), 200, false},
		{"terms a second earlier", "terms", offset("2026-11-04T23:59:59+01:00"), 400, false},
		{"force majeure at once", "force_majeure", 0, 200, false},
		{"force majeure that is yet to come", "force_majeure", time.Second, 400, false},
		{"force majeure of the day before yesterday, whose limit is tonight", "force_majeure", offset("2026-10-31T00:00:00+01:00"), 200, false},
		{"force majeure a second earlier: told all the same", "force_majeure", offset("2026-10-30T23:59:59+01:00"), 200, true},
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
