package dsar

import (
	"context"
	"testing"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/work"
)

// blocked lists what stands in the way of erasing a contact's data.
func (w *world) blocked(contact, except string) (out []retention.Blocked) {
	w.t.Helper()
	if err := w.run(access.Officer, access.Rights, func(ctx context.Context, u *work.Unit) (err error) {
		out, err = erasure.Blocked(ctx, u, retention.Item{}, retention.Life{Subject: contact, Class: "channel"}, except, nil)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestAnOpenRequestKeepsThePersonsDataUntilItIsClosed(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	w.arrive(paper("r1", w.at(0)), ana)
	contact := w.request("r1").ContactID
	if b := w.blocked(contact, ""); len(b) != 1 || b[0].Cause != retention.ByRequest || b[0].Ref != "r1" {
		t.Fatalf("before the proof: %+v", b)
	}
	if b := w.blocked(contact, "r1"); len(b) != 0 {
		t.Fatalf("it stands in its own way: %+v", b)
	}
	k := dsar.Key{Right: dsar.Access, Scope: dsar.Data}
	if err := w.change("r1", events.StepDecided, k.String(), func(r *dsar.Request) error {
		return r.Decide(k, dsar.Decision{By: "officer-1", At: w.Clock.Now(), Outcome: dsar.Refused, Reason: "reason_others_rights"}, dsar.Choice{})
	}); err != nil {
		t.Fatal(err)
	}
	if r := w.request("r1"); r.State != dsar.Answered {
		t.Fatalf("%+v", r)
	}
	if b := w.blocked(contact, ""); len(b) != 0 {
		t.Errorf("after the answer: %+v", b)
	}
}
