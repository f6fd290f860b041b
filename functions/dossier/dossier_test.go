package dossier

import (
	"cmp"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/memory"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

type world struct {
	*worktest.World
	t    *testing.T
	env  *host.Env
	fn   *host.Function
	told []events.Event
	n    int
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{Work: w.Env, Log: obs.Discard(), Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}}
	w.env.Ledger = &ledger.Log{Docs: w.Docs, Tree: memory.New(), Vault: w.World.Env.Vault, Now: w.Clock.Now}
	w.Env.Published = func(_ context.Context, _ string, es []events.Event) { w.told = append(w.told, es...) }
	var err error
	if w.fn, err = New(w.env); err != nil {
		t.Fatal(err)
	}
	w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
		for _, id := range []string{"p1", "p2"} {
			work.Save(u, record.Contacts, &contact.Contact{ID: id, CreatedAt: u.Now(), Name: "Oseba " + id, Addresses: []contact.Address{
				{Scheme: message.Mailto, Address: id + "@example.si", Channel: message.Email, SeenAt: u.Now()}}})
			work.Save(u, record.Conversations, &conversation.Conversation{ID: "c" + id, ContactID: id, Channel: message.Email, Provider: "mime",
				Class: conversation.Other, State: conversation.Open, OpenedAt: u.Now(), LastAt: u.Now()})
			work.Save(u, record.Messages, &message.Message{ID: "m" + id, ConversationID: "c" + id, ContactID: id, Channel: message.Email, Provider: "mime",
				Kind: message.Said, Direction: message.In, ReceivedAt: u.Now(), Text: "Prosim za pomoč", Sender: message.Party{Scheme: message.Mailto, Address: id + "@example.si"}})
		}
		work.Save(u, record.Consents, &model.Consent{ID: "k1", ContactID: "p1", Purpose: dossier.Marketing, Text: "t", Version: "1", Channel: "email", How: model.Tick, GivenAt: u.Now(), By: "a"})
		return nil
	})
	w.Clock.Add(time.Hour)
	return w
}

func (w *world) do(use access.Use, fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: use, Source: "/test", ID: fmt.Sprint(w.n)}
	if _, err := w.Run(context.Background(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// grant stores a request of p1 whose right an officer granted, and has it
// carried out. It returns the outcome that was told, "" while it waits.
func (w *world) grant(id string, right dsar.Right, change ...func(*dsar.Request)) dsar.Result {
	w.t.Helper()
	w.granted(id, right, change...)
	return w.deliver(id, &events.DsarGranted{Request: id, Right: right, Scope: dsar.Data})
}

// granted stores a request of p1 whose right an officer granted.
func (w *world) granted(id string, right dsar.Right, change ...func(*dsar.Request)) {
	w.t.Helper()
	w.do(access.Rights, func(_ context.Context, u *work.Unit) error {
		r := &dsar.Request{ID: id, ContactID: "p1", State: dsar.Carrying, ReceivedAt: u.Now(), Language: "sl", Text: "Zahteva",
			Items: []dsar.Item{{Key: dsar.Key{Right: right, Scope: dsar.Data}, State: dsar.ToDo, Decision: &dsar.Decision{By: "officer-1", At: u.Now(), Outcome: dsar.Granted}}},
		}
		r.Identity.Links = []dsar.Link{{ContactID: "p1", Means: dsar.ByToken, Confidence: 99}}
		for _, f := range change {
			f(r)
		}
		work.Save(u, record.Requests, r)
		return nil
	})
}

// deliver delivers an event, and what the function says to itself after it.
func (w *world) deliver(subject string, d events.Data) (outcome dsar.Result) {
	w.t.Helper()
	w.told = nil
	for waiting := []events.Event{w.event(subject, d)}; len(waiting) > 0; waiting = waiting[1:] {
		e := waiting[0]
		if got, err := w.fn.Deliver(context.Background(), w.env, e, 0); err != nil || got != host.Done {
			w.t.Fatalf("%s: %s %v", e.Type, got, err)
		}
		for _, e := range w.told {
			outcome = cmp.Or(outcome, w.outcome(e))
			if w.fn.Handlers[e.Type] != nil {
				waiting = append(waiting, e)
			}
		}
		w.told = nil
	}
	return outcome
}

// event is an event as functions/dsar sends it.
func (w *world) event(subject string, d events.Data) events.Event {
	w.t.Helper()
	e, err := events.New(subject, d)
	if err != nil {
		w.t.Fatal(err)
	}
	w.n++
	e.ID, e.Source, e.Tenant, e.Time = fmt.Sprint("e", w.n), "/functions/dsar", "ekc", w.Clock.Now()
	return e
}

// outcome is what an event says was carried out, "" for any other event.
func (w *world) outcome(e events.Event) dsar.Result {
	w.t.Helper()
	if e.Type != events.DsarCarriedOutType {
		return ""
	}
	d, err := events.As[events.DsarCarriedOut](e)
	if err != nil {
		w.t.Fatal(err)
	}
	return d.Outcome
}

func find[T any](w *world, k *record.Kind[T], id string) (rec *T, ok bool) {
	w.t.Helper()
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Rights}
	_, err := w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) (err error) {
		rec, ok, err = work.Find(ctx, u, k, id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return rec, ok
}

func TestAccessIsMadeSignedAndExpires(t *testing.T) {
	w := newWorld(t)
	if got := w.grant("r1", dsar.Access); got != dsar.Done {
		t.Fatalf("outcome %q", got)
	}
	p, ok := find(w, record.Packages, "r1.access")
	if !ok || p.State != model.Ready {
		t.Fatalf("%+v", p)
	}
	var archive []byte
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) (err error) {
		archive, err = work.OpenFile(ctx, u, record.Packages, p.ID, "Archive")
		return err
	})
	key, err := w.env.Ledger.PublicKey(context.Background(), "ekc")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dossier.Check(archive, key); err != nil {
		t.Error(err)
	}
	archive[len(archive)/2] ^= 1
	if _, err := dossier.Check(archive, key); !fault.Is(err, fault.Invalid) {
		t.Errorf("a changed archive: %v", err)
	}
	w.Clock.Add(model.Life - time.Second)
	w.deliver("dossier", &events.DossierDue{Now: w.Clock.Now()})
	if p, _ := find(w, record.Packages, p.ID); p.State != model.Ready {
		t.Error("gone a second too early")
	}
	w.Clock.Add(time.Second)
	w.deliver("dossier", &events.DossierDue{Now: w.Clock.Now()})
	if p, _ := find(w, record.Packages, p.ID); p.State != model.Expired {
		t.Error("it stays beyond its time")
	}
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Rights}
	_, err = w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
		_, err := work.OpenFile(ctx, u, record.Packages, p.ID, "Archive")
		return err
	})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("the content of an expired package: %v", err)
	}
}

func TestADoubtWaitsForAReviewer(t *testing.T) {
	w := newWorld(t)
	w.do(access.Intake, func(ctx context.Context, u *work.Unit) error {
		m, err := work.Load(ctx, u, record.Messages, "mp1")
		m.Text = "Moj EMŠO je 0101006500006"
		work.Save(u, record.Messages, m)
		return err
	})
	if got := w.grant("r1", dsar.Access); got != "" {
		t.Fatalf("outcome %q", got)
	}
	p, _ := find(w, record.Packages, "r1.access")
	if p.State != model.Review || p.Open != 1 {
		t.Fatalf("%+v", p)
	}
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) error {
		p, err := work.Load(ctx, u, record.Packages, "r1.access")
		if err != nil {
			return err
		}
		work.Save(u, record.Packages, p)
		return p.Judge(model.Verdict{Place: "message/mp1#text:13-26", Show: true, By: "officer-1", At: u.Now()})
	})
	if got := w.deliver("r1", &events.DossierReviewed{Package: "r1.access"}); got != dsar.Done {
		t.Errorf("outcome %q", got)
	}
}

func TestErasureTakesThePersonAndLeavesOthersAndProof(t *testing.T) {
	w := newWorld(t)
	if got := w.grant("r1", dsar.Erasure); got != dsar.Done {
		t.Fatalf("outcome %q", got)
	}
	if _, ok := find(w, record.Messages, "mp1"); ok {
		t.Error("the person's message is still there")
	}
	if _, ok := find(w, record.Conversations, "cp1"); ok {
		t.Error("the person's conversation is still there")
	}
	if _, ok := find(w, record.Messages, "mp2"); !ok {
		t.Error("another's message went")
	}
	for name, ok := range map[string]bool{"the request's file": has(w, record.Requests, "r1"), "proof of consent": has(w, record.Consents, "k1")} {
		if !ok {
			t.Errorf("%s went", name)
		}
	}
	e, ok := find(w, record.Erasures, "r1")
	if !ok || e.Certificate.Residue != 0 || e.Certificate.Planned == 0 || len(e.Certificate.Stays) == 0 {
		t.Fatalf("%+v", e)
	}
	if _, err := w.env.Ledger.Seal(context.Background(), "ekc"); err != nil {
		t.Fatal(err)
	}
	var proved dossier.Proved
	w.do(access.Rights, func(ctx context.Context, u *work.Unit) (err error) {
		proved, err = dossier.Proof(ctx, u, w.env.Ledger.Tree, e)
		return err
	})
	key, err := w.env.Ledger.PublicKey(context.Background(), "ekc")
	if err != nil {
		t.Fatal(err)
	}
	if err := dossier.CheckProved(proved, ledger.Keys{Log: key}); err != nil {
		t.Errorf("the certificate: %v", err)
	}
	proved.Certificate.Residue = 1
	if err := dossier.CheckProved(proved, ledger.Keys{Log: key}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a changed certificate: %v", err)
	}
}

func has[T any](w *world, k *record.Kind[T], id string) bool {
	_, ok := find(w, k, id)
	return ok
}

func TestRestrictionClosesTheGateAndObjectionEndsMarketing(t *testing.T) {
	w := newWorld(t)
	if got := w.grant("r1", dsar.Restriction); got != dsar.Done || !has(w, record.Restrictions, "p1") || has(w, record.Restrictions, "p2") {
		t.Fatalf("outcome %q", got)
	}
	for use, open := range map[access.Use]bool{access.Service: false, access.Escalation: false, access.Retention: false, access.Incident: false, access.Rights: true, access.Claims: true, access.Intake: true} {
		s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: use}
		_, err := w.Run(context.Background(), s, func(ctx context.Context, u *work.Unit) error {
			_, err := work.Load(ctx, u, record.Messages, "mp1")
			return err
		})
		if (err == nil) != open {
			t.Errorf("%s: %v, open %v", use, err, open)
		}
	}
	if got := w.grant("r2", dsar.Objection, func(r *dsar.Request) { r.Marketing = true }); got != dsar.Done {
		t.Errorf("outcome %q", got)
	}
	if c, _ := find(w, record.Consents, "k1"); c.Withdrawn == nil || c.Stands(w.Clock.Now()) {
		t.Errorf("%+v", c)
	}
}

func TestOtherRights(t *testing.T) {
	for name, c := range map[string]struct {
		right  dsar.Right
		change func(*dsar.Request)
		want   dsar.Result
	}{
		"a portable copy is made":                     {dsar.Portability, func(*dsar.Request) {}, dsar.Done},
		"a statement is kept beside what it corrects": {dsar.Rectification, func(r *dsar.Request) { r.Statement = "Ime je napačno" }, dsar.Done},
		"consents end":                                {dsar.Withdrawal, func(*dsar.Request) {}, dsar.Done},
		"no automated decision is made":               {dsar.NoAutomation, func(*dsar.Request) {}, dsar.Nothing},
		"nobody received anything":                    {dsar.NotifyOthers, func(*dsar.Request) {}, dsar.Nothing},
		"nobody proved to be the person":              {dsar.Access, func(r *dsar.Request) { r.Identity.Links = nil }, dsar.Impossible},
	} {
		t.Run(name, func(t *testing.T) {
			if got := newWorld(t).grant("r1", c.right, c.change); got != c.want {
				t.Errorf("outcome %q, want %q", got, c.want)
			}
		})
	}
}
