package dsar

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// code asks for a code to the address on file and returns what the letter says.
func (w *world) code(request string) string {
	w.t.Helper()
	w.sent = nil
	terms := dsar.CodeTerms{Life: time.Hour, Tries: 5, Rest: time.Hour}
	if err := w.change(request, events.StepChallenged, "ch1", func(r *dsar.Request) error { return r.Challenge("ch1", "", terms, w.Clock.Now()) }); err != nil {
		w.t.Fatal(err)
	}
	code := regexp.MustCompile(`\b\d{8}\b`).FindString(strings.Join(w.sent, "\n"))
	if code == "" {
		w.t.Fatalf("no code in %q", w.sent)
	}
	return code
}

// try returns a code, as the portal does.
func (w *world) try(request, code string) (right bool) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) error {
		r, err := work.Load(ctx, u, record.Requests, request)
		if err != nil {
			return err
		}
		hash, err := dsar.CodeHash(func(parts ...string) (string, error) { return u.Hash(ctx, dsar.CodeLabel, parts...) }, request, "ch1", code)
		if err != nil {
			return err
		}
		right = r.Try("ch1", hash, dsar.CodeTerms{Life: time.Hour, Tries: 5, Rest: time.Hour}, u.Now())
		work.Save(u, record.Requests, r)
		return u.Emit(ctx, request, &events.DsarStepTaken{Request: request, Step: events.StepProved, Ref: "ch1"})
	})
	w.settle()
	return right
}

// mailbox is the contact under which an address is found.
func (w *world) mailbox(address string) (id string) {
	w.t.Helper()
	w.must(func(ctx context.Context, u *work.Unit) error {
		lookup, err := locate.AddressID(ctx, u, message.Mailto, "", address)
		if err != nil {
			return err
		}
		l, _, err := work.Find(ctx, u, record.Lookups, lookup)
		id = l.ContactID
		return err
	})
	return id
}

func TestTheMailboxOfARequestIsThePersonsOnceACodeCameBackFromIt(t *testing.T) {
	w := newWorld(t, "ekc", "mdp")
	w.arrive(paper("r1", w.at(0)), ana)
	box := w.mailbox("ana@example.si")
	if r := w.request("r1"); box == "" || box == r.ContactID || len(r.Covered()) != 0 {
		t.Fatalf("%q, covers %v", box, r.Covered())
	}
	code := w.code("r1")
	if w.try("r1", "00000000") || len(w.request("r1").Covered()) != 0 {
		t.Fatal("a wrong code proves something")
	}
	if !w.try("r1", code) {
		t.Fatal("the right code is refused")
	}
	r := w.request("r1")
	covered := r.Covered()
	if len(covered) != 2 || !slices.Contains(covered, box) || !slices.Contains(covered, r.ContactID) {
		t.Fatalf("covers %v", covered)
	}
	way := func() (c *dsar.Covering, ok bool) {
		w.must(func(ctx context.Context, u *work.Unit) (err error) {
			c, ok, err = work.Find(ctx, u, record.Coverings, dsar.CoveringID("r1", box))
			return err
		})
		return c, ok
	}
	if c, ok := way(); !ok || c.ContactID != box || !c.At.Equal(r.ReceivedAt) {
		t.Errorf("no way from the mailbox to the request: %+v", c)
	}
	// Somebody else uses the mailbox too: it is not covered, and does not lead there.
	err := w.change("r1", events.StepProved, "", func(r *dsar.Request) error {
		return r.Link(dsar.Link{ContactID: box, Means: dsar.ByOfficer, Shared: true, By: "officer-1", At: w.Clock.Now()})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := way(); ok || slices.Contains(w.request("r1").Covered(), box) {
		t.Error("a shared mailbox leads to the request")
	}
}
