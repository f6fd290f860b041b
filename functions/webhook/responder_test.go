package webhook

import (
	"context"
	"testing"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/outage"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

func TestCallersAreToldWhileThePlatformIsDown(t *testing.T) {
	w := worktest.New(t)
	f := &function{env: &host.Env{Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}, Log: obs.Discard()}}
	set := func(change func(*outage.Outage)) {
		o := &outage.Outage{ID: "o1", Kind: outage.Platform}
		change(o)
		s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Operation}
		if _, err := w.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
			state, _, err := work.Find(ctx, u, record.Fallbacks, outage.FallbackID)
			state.Set(o, u.Now())
			work.Save(u, record.Fallbacks, state)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	usual := f.say("ekc")(promptText, "sl-SI")
	set(func(*outage.Outage) {})
	if down := f.say("ekc")(promptText, "sl-SI"); down == usual || down == "" {
		t.Errorf("callers hear %q", down)
	}
	set(func(o *outage.Outage) { o.Close("lead", w.Clock.Now()) })
	if again := f.say("ekc")(promptText, "sl-SI"); again != usual {
		t.Errorf("after it is over, callers hear %q", again)
	}
}
