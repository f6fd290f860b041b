package erasure_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/exchange"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

func never(string) bool { return false }

// TestASharedConversationGoesToWhoIsLeft: of a conversation in which somebody else
// wrote, all that was its own person's goes; the other's words stay where they are.
func TestASharedConversationGoesToWhoIsLeft(t *testing.T) {
	w := newWorld(t)
	conv := w.talk("ana", "N33DLE", 40, then) // more than one commit takes
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "bor", CreatedAt: then, Name: "Bor"})
		return nil
	})
	w.say("bors", conv, "bor", "his own words", then.Add(50*time.Hour))
	r, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, never, "")
	if err != nil || len(r.Left) > 0 || r.Residue != 0 || r.Done["conversation"] != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if left := w.holds("N33DLE"); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, conv)
		if err != nil || c.ContactID != "bor" || c.Subject != "" || c.Thread != "" || c.State != conversation.Open {
			t.Errorf("%+v, %v", c, err)
		}
		if m, err := work.Load(ctx, u, record.Messages, "bors"); err != nil || m.Text != "his own words" {
			t.Errorf("%+v, %v", m, err)
		}
		if there, err := u.There(ctx, work.Of(record.Contacts, "ana")); there || err != nil {
			t.Errorf("her contact stays: %v", err)
		}
		return nil
	})
}

// TestWhatIsOnItsWayAboutATicketIsNotSent: hand-overs of the person's own tickets
// and answers about them; what is another's, or about a request, goes on.
func TestWhatIsOnItsWayAboutATicketIsNotSent(t *testing.T) {
	w := newWorld(t)
	w.e = erasure.New(w.Env, w.tombs, "test", access.Rights)
	w.talk("ana", "secret", 1, then)
	bodies := map[string]struct{ kind, subject string }{
		"goes-1": {events.TicketEscalationRequestedType, "hers"}, "goes-2": {events.TicketEscalationAnsweredType, "theirs"},
		"stays-1": {events.TicketEscalationRequestedType, "his"}, "stays-2": {events.DsarHandedOverType, "hers"},
	}
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Tickets, &ticket.Ticket{ID: "hers", ContactID: "ana", Class: conversation.Other, PeerTicket: "theirs", ReportAt: then})
		work.Save(u, record.Tickets, &ticket.Ticket{ID: "his", ContactID: "bor", TreatedID: "ana", Class: conversation.Other, ReportAt: then, Name: "Bor", TreatedName: "Ana"})
		for id, b := range bodies {
			s := exchange.New(id, "peer", u.Now())
			s.Type, s.Body = b.kind, fmt.Sprintf(`{"subject":%q,"data":{}}`, b.subject)
			work.Save(u, record.Sendings, s)
		}
		return nil
	})
	r, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, never, "")
	if err != nil || r.Done["sending"] != 2 || r.Residue != 0 || len(r.Left) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	left := w.kept(record.Sendings.Name)
	slices.Sort(left)
	if !slices.Equal(left, []string{"stays-1", "stays-2"}) {
		t.Errorf("left: %v", left)
	}
}

// TestAPackageWaitsUntilItIsTaken: granted access comes before the erasure of its
// copy, until its time is over, to the second.
func TestAPackageWaitsUntilItIsTaken(t *testing.T) {
	for name, c := range map[string]struct {
		fetched []dossier.Fetch
		after   time.Duration
		goes    bool
	}{
		"taken by the person":                {[]dossier.Fetch{{How: "portal"}}, 0, true},
		"taken by link":                      {[]dossier.Fetch{{How: "link"}}, 0, true},
		"looked at by an officer":            {[]dossier.Fetch{{How: "officer"}}, 0, false},
		"not taken":                          {nil, 0, false},
		"not taken, a second before its end": {nil, dossier.Life - time.Second, false},
		"not taken, at its end":              {nil, dossier.Life, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.e = erasure.New(w.Env, w.tombs, "test", access.Rights)
			w.talk("ana", "secret", 1, then)
			w.do(func(_ context.Context, u *work.Unit) error {
				p := &dossier.Package{ID: "r.access", RequestID: "r", ContactID: "ana", ContactIDs: []string{"ana"}, Form: dossier.Access, Fetched: c.fetched}
				p.Finish([]byte("N33DLE"), "d", u.Now())
				work.Save(u, record.Packages, p)
				return nil
			})
			w.Clock.Add(c.after)
			if _, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, never, ""); err != nil {
				t.Fatal(err)
			}
			if left := w.holds("N33DLE"); (len(left) == 0) != c.goes {
				t.Errorf("the content: %v", left)
			}
			w.do(func(ctx context.Context, u *work.Unit) error {
				p, err := work.Load(ctx, u, record.Packages, "r.access")
				if err != nil || (p.State == dossier.Expired) != c.goes || p.Digest != "d" {
					t.Errorf("%+v, %v", p, err)
				}
				waiting, err := erasure.Waiting(ctx, u, "ana")
				if err != nil || (len(waiting) == 0) != c.goes {
					t.Errorf("%d wait, %v", len(waiting), err)
				}
				return nil
			})
		})
	}
}
