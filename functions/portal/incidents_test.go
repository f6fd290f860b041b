package portal

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/outage"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

var (
	_ = may("POST /v1/incidents", access.Adviser, access.Supervisor, access.Custodian)
	_ = may("POST /v1/incidents/{id}/rating", access.Supervisor)
	_ = may("POST /v1/incidents/{id}/closure", access.Supervisor)
	_ = takesBody("POST /v1/incidents/{id}/rating", `{"urgency": "high"}`)
)

// told are the mailboxes that the letters of an incident went to.
func (w *world) told(v incidentView) (to []string) {
	w.t.Helper()
	w.do("ekc", func(ctx context.Context, u *work.Unit) error {
		for _, id := range v.Notices {
			n, err := work.Load(ctx, u, record.Notices, id)
			if err != nil {
				return err
			}
			m, err := work.Load(ctx, u, record.Messages, n.MessageID)
			if err != nil {
				return err
			}
			if m.State != message.Queued || !m.Automatic || n.About != (deadline.Ref{Kind: "outage", ID: v.ID}) {
				w.t.Errorf("%+v", n)
			}
			to = append(to, m.Recipients[0].Address)
		}
		return nil
	})
	slices.Sort(to)
	return to
}

func TestAnIncidentIsRatedByTheLeadAndTellsEveryContact(t *testing.T) {
	w := newWorld(t)
	w.env.Policy = policy.Builtin()
	lead := w.as("ekc", access.Supervisor)
	var v incidentView
	w.ask("POST", "/v1/incidents", `{"kind": "service", "service": "residence", "summary": "Obrazec se ne odpre."}`).want(200, "").schema("Incident").into(&v)
	if len(v.Notices) != 0 || v.Urgency != "" {
		t.Fatalf("told before it was rated: %+v", v)
	}
	path := "/v1/incidents/" + v.ID
	w.ask("POST", path+"/rating", `{"urgency": "high"}`).want(403, "forbidden")
	w.ask("POST", path+"/rating", `{"urgency": "soon"}`, lead).want(400, "invalid")
	w.ask("POST", path+"/rating", `{"urgency": "high"}`, lead).want(200, "").schema("Incident").into(&v)
	want := []string{"ekc@gov.si", "incident@residence.example", "skrbnik@residence.example"}
	if got := w.told(v); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	var limits list[deadlineView]
	w.ask("GET", "/v1/deadlines?before="+w.Clock.Now().Add(time.Hour+time.Second).Format(time.RFC3339), "", lead).want(200, "").into(&limits)
	if len(limits.Items) != 3 || limits.Items[0].Name != "notice.confirm" {
		t.Errorf("each is to be confirmed within the hour: %+v", limits)
	}
	w.ask("POST", path+"/rating", `{"urgency": "high"}`, lead).want(200, "").into(&v)
	if len(v.Notices) != 3 {
		t.Error("told again without a change")
	}
	w.ask("POST", path+"/closure", ``, lead).want(200, "").into(&v)
	if len(v.Notices) != 6 || v.ClosedAt.IsZero() {
		t.Errorf("%+v", v)
	}
	for _, bad := range []string{`{"kind": "service", "summary": "x"}`, `{"kind": "service", "service": "none", "summary": "x"}`, `{"kind": "own", "service": "residence", "summary": "x"}`, `{"kind": "fire", "summary": "x"}`, `{"kind": "own", "summary": " "}`} {
		w.ask("POST", "/v1/incidents", bad).want(400, "invalid")
	}
}

func TestWhatACustodianFindsAndWhatIsOursIsToldAtOnce(t *testing.T) {
	w := newWorld(t)
	w.env.Policy = policy.Builtin()
	var v incidentView
	w.ask("POST", "/v1/incidents", `{"kind": "service", "service": "business", "by_custodian": true, "summary": "x"}`).want(200, "").into(&v)
	if got := w.told(v); !slices.Contains(got, "ekc@gov.si") || !slices.Contains(got, "skrbnik@business.example") || v.Urgency != "high" {
		t.Errorf("told %v", got)
	}
	w.ask("POST", "/v1/incidents", `{"kind": "own", "summary": "x"}`).want(200, "").into(&v)
	if got := w.told(v); !slices.Equal(got, []string{"ekc@gov.si"}) || !slices.Equal(v.Unreached, []string{"platform-keeper", "desk-keeper"}) {
		t.Errorf("told %v; the pack has no mailbox of %v", got, v.Unreached)
	}
}

func TestACustodianRecordsAnIncidentAndAllRelatedCustodiansHear(t *testing.T) {
	w := newWorld(t)
	w.env.Policy = policy.Builtin()
	keeper := w.as("ekc", access.Custodian)
	var v incidentView
	w.ask("POST", "/v1/incidents", `{"kind": "service", "service": "business", "summary": "x"}`, keeper).want(200, "").schema("Incident").into(&v)
	if got := w.told(v); !v.ByCustodian || v.Urgency != "high" || !slices.Contains(got, "ekc@gov.si") || !slices.Contains(got, "skrbnik@business.example") {
		t.Errorf("told %v: %+v", got, v)
	}
	w.ask("POST", "/v1/incidents/"+v.ID+"/rating", `{"urgency": "low"}`, keeper).want(403, "forbidden")
	w.ask("POST", "/v1/incidents/"+v.ID+"/closure", ``, keeper).want(403, "forbidden")
}

func TestAFallbackIsOnWhileSomethingNeedsIt(t *testing.T) {
	w := newWorld(t)
	w.env.Policy = policy.Builtin()
	lead := w.as("ekc", access.Supervisor)
	state := func() (f outage.Fallback) {
		w.do("ekc", func(ctx context.Context, u *work.Unit) error {
			got, _, err := work.Find(ctx, u, record.Fallbacks, outage.FallbackID)
			f = *got
			return err
		})
		return f
	}
	var a, b, n incidentView
	w.ask("POST", "/v1/incidents", `{"kind": "platform", "summary": "x"}`).want(200, "").into(&a)
	w.ask("POST", "/v1/incidents", `{"kind": "platform", "summary": "y"}`).want(200, "").into(&b)
	if f := state(); !f.Responder() || f.Outside() {
		t.Errorf("%+v", f)
	}
	w.ask("POST", "/v1/incidents", `{"kind": "network", "summary": "z"}`).want(200, "").into(&n)
	w.ask("POST", "/v1/incidents/"+a.ID+"/closure", ``, lead).want(200, "")
	if f := state(); !f.Responder() || !f.Outside() {
		t.Errorf("the second still needs it: %+v", f)
	}
	w.ask("POST", "/v1/incidents/"+b.ID+"/closure", ``, lead).want(200, "")
	w.ask("POST", "/v1/incidents/"+n.ID+"/closure", ``, lead).want(200, "")
	if f := state(); f.Responder() || f.Outside() {
		t.Errorf("all is well: %+v", f)
	}
}
