package erasure_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/erasure"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store/storetest"
	"github.com/okence/okence/shared/vault"
	"github.com/okence/okence/shared/work"
)

var then = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func none(string) bool { return false }

func TestAPersonGoesWithAllThatBelongsToThem(t *testing.T) {
	w := newWorld(t)
	w.talk("ana", "NEEDLE-ANA", 3, then)
	w.talk("ana", "NEEDLE-ANA", 2, then.AddDate(0, 1, 0))
	other := w.talk("bor", "NEEDLE-BOR", 3, then)
	w.say("guest", other, "ana", "NEEDLE-ANA", then.Add(time.Minute)) // ana answers in bor's thread
	if len(w.holds("NEEDLE-ANA")) < 20 {
		t.Fatal("nothing was planted")
	}
	r, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, "")
	if err != nil {
		t.Fatal(err)
	}
	if r.Done["message"] != 6 || r.Done["conversation"] != 2 || r.With != 6*3 || r.Residue != 0 || r.Keys != 1 || len(r.Left) != 0 {
		t.Fatalf("%+v", r)
	}
	if left := w.holds("NEEDLE-ANA"); len(left) > 0 {
		t.Fatal("still there:", left)
	}
	if slices.Contains(w.kept("contact"), "ana") || slices.Contains(w.kept("lookup"), "look-ana") {
		t.Error("the contact or its address stays")
	}
	if got := len(w.holds("NEEDLE-BOR")); got < 10 {
		t.Errorf("another person's data went along: %d places left", got)
	}
	if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", "ana"); len(owners) != 0 {
		t.Error("keys live on:", owners)
	}
	if n := w.blobs(); n != 6 {
		t.Errorf("%d blobs are left, want bor's six", n)
	}
	again, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, "")
	if err != nil || again.Planned != 8 || again.Done["message"] != 6 {
		t.Fatalf("the same job again tells what it did: %+v, %v", again, err)
	}
}

func TestWhatStandsInTheWay(t *testing.T) {
	hold := func(s retention.Scope) func(context.Context, *work.Unit) error {
		return func(_ context.Context, u *work.Unit) error {
			l := &retention.HoldList{}
			h, err := retention.Ask("h", "M 1/26", s, u.Now().AddDate(0, 6, 0), "o1", u.Now())
			if err == nil {
				err = errors.Join(h.Set("o2", u.Now()), l.Update(h, u.Now()))
			}
			work.Save(u, record.HoldLists, l)
			return err
		}
	}
	for name, c := range map[string]struct {
		set  func(context.Context, *work.Unit) error
		left string // why; "" where nothing stays
	}{
		"nothing":              {func(context.Context, *work.Unit) error { return nil }, ""},
		"a hold on the person": {hold(retention.Scope{Subjects: []string{"ana"}}), "hold"},
		"a hold on another":    {hold(retention.Scope{Subjects: []string{"bor"}}), ""},
		"a hold on the time":   {hold(retention.Scope{From: then, To: then.Add(24 * time.Hour)}), "hold"},
		"a hold on the time that ends with the first instant": {hold(retention.Scope{To: then}), ""},
		"an open request": {func(ctx context.Context, u *work.Unit) error {
			return erasure.Keep(ctx, u, "ana", retention.Stay{Cause: retention.ByRequest, Ref: "other"})
		}, "request"},
		"the request that is granted": {func(ctx context.Context, u *work.Unit) error {
			return erasure.Keep(ctx, u, "ana", retention.Stay{Cause: retention.ByRequest, Ref: "this"})
		}, ""},
		"a longer statutory term": {func(ctx context.Context, u *work.Unit) error {
			return erasure.Keep(ctx, u, "ana", retention.Stay{Cause: retention.ByStatute, Ref: "ekc", Class: "channel", Until: u.Now().Add(time.Second)})
		}, "statutory"},
		"a statutory term that ends now": {func(ctx context.Context, u *work.Unit) error {
			return erasure.Keep(ctx, u, "ana", retention.Stay{Cause: retention.ByStatute, Ref: "ekc", Until: u.Now()})
		}, ""},
		"a term for another class": {func(ctx context.Context, u *work.Unit) error {
			return erasure.Keep(ctx, u, "ana", retention.Stay{Cause: retention.ByStatute, Ref: "ekc", Class: "case"})
		}, ""},
		"a reason that was taken away": {func(ctx context.Context, u *work.Unit) error {
			s := retention.Stay{Cause: retention.ByRequest, Ref: "other"}
			return errors.Join(erasure.Keep(ctx, u, "ana", s), erasure.Free(ctx, u, "ana", s.Cause, s.Ref, ""))
		}, ""},
		"a restriction": {func(ctx context.Context, u *work.Unit) error {
			work.Save(u, record.Restrictions, &contact.Restriction{ID: "ana", Ground: "claims"})
			return nil
		}, "restriction"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.talk("ana", "NEEDLE", 2, then)
			before := len(w.holds("NEEDLE"))
			w.do(c.set)
			r, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, "this")
			if err != nil {
				t.Fatal(err)
			}
			after := len(w.holds("NEEDLE"))
			switch {
			case c.left == "" && after != 0:
				t.Errorf("%d places left: %+v", after, r)
			case c.left != "" && (after != before || len(r.Left) != 4 || r.Left[3].Kind != record.Contacts.Name):
				t.Errorf("%d places of %d left: %+v", after, before, r)
			case c.left != "" && r.Left[0].Why != string(causeOf(c.left)):
				t.Errorf("why: %+v", r.Left)
			}
		})
	}
}

func causeOf(name string) retention.Cause {
	if name == "statutory" {
		return retention.ByStatute
	}
	return retention.Cause(name)
}

func TestAContactWithANewConversationStays(t *testing.T) {
	w := newWorld(t)
	w.talk("ana", "OLD", 1, then)
	w.talk("ana", "NEW", 1, then.AddDate(0, 2, 0))
	w.do(func(ctx context.Context, u *work.Unit) error {
		_, err := erasure.Lay(ctx, u, "job", 0, []retention.Item{
			{Kind: "message", ID: "conv-ana20260301-0", Act: retention.Delete}, {Kind: "conversation", ID: "conv-ana20260301", Act: retention.Delete},
		})
		return err
	})
	due := func(_ context.Context, _ *work.Unit, it retention.Item, _ retention.Life) (retention.Verdict, error) {
		return retention.Verdict{Act: it.Act}, nil
	}
	page := retention.PageID("job", 0)
	if err := w.e.Execute(t.Context(), "ekc", page, nil, due); err != nil {
		t.Fatal(err)
	}
	p, err := w.e.Close(t.Context(), "ekc", page, "")
	if err != nil || p.People != 0 || p.Keys != 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	if got := w.kept("contact"); len(got) != 1 {
		t.Fatal("the contact went although it has a conversation")
	}
	if len(w.holds("NEW")) == 0 {
		t.Fatal("what is new went along")
	}
}

func TestAConversationStaysWhileMessagesAreLeftInIt(t *testing.T) {
	w := newWorld(t)
	conv := w.talk("ana", "NEEDLE", 3, then)
	r, err := w.e.Erase(t.Context(), "ekc", "job", []retention.Item{
		{Kind: "message", ID: conv + "-0", Act: retention.Delete}, {Kind: "conversation", ID: conv, Act: retention.Delete},
	}, nil, "")
	if err != nil || r.Count[retention.Followed] != 1 || r.Done["message"] != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, conv)
		if err == nil && c.Subject != "" {
			t.Error("the subject is that of the first message, which is gone")
		}
		if err == nil && c.Thread == "" {
			t.Error("without its thread the conversation can't go on")
		}
		return err
	})
}

func TestMergedConversationsPartWhenOneGoes(t *testing.T) {
	w := newWorld(t)
	into, from := w.talk("ana", "A", 1, then), w.talk("bor", "B", 1, then)
	w.do(func(ctx context.Context, u *work.Unit) error {
		a, err := work.Load(ctx, u, record.Conversations, into)
		if err != nil {
			return err
		}
		b, err := work.Load(ctx, u, record.Conversations, from)
		if err != nil {
			return err
		}
		work.Save(u, record.Conversations, a)
		work.Save(u, record.Conversations, b)
		work.Save(u, record.Merges, &conversation.Merge{ID: "edge", Of: conversation.OfConversations, Into: into, From: from})
		return conversation.Join(a.Node(), b.Node(), "edge")
	})
	if _, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, ""); err != nil {
		t.Fatal(err)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		b, err := work.Load(ctx, u, record.Conversations, from)
		if err == nil && (b.Into != "" || b.Merge != "" || b.Subject != "B") {
			t.Errorf("%+v", b)
		}
		return err
	})
	if len(w.kept("merge")) != 0 {
		t.Error("the edge stays")
	}
}

func TestAliasesOfSeveralMessages(t *testing.T) {
	w := newWorld(t)
	w.talk("ana", "A", 1, then)
	w.talk("bor", "B", 1, then)
	w.do(func(ctx context.Context, u *work.Unit) error {
		a := &message.Alias{ID: "shared"}
		for _, id := range []string{"conv-ana20260301-0", "conv-bor20260301-0"} {
			m, err := work.Load(ctx, u, record.Messages, id)
			if err != nil {
				return err
			}
			a.Lead(m)
			work.Save(u, record.Messages, m)
		}
		work.Save(u, record.Aliases, a)
		return nil
	})
	if _, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, ""); err != nil {
		t.Fatal(err)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		a, err := work.Load(ctx, u, record.Aliases, "shared")
		if err == nil && !slices.Equal(a.MessageIDs, []string{"conv-bor20260301-0"}) {
			t.Error(a.MessageIDs)
		}
		return err
	})
}

// TestEveryCrashIsMended cuts the work off at each call of the stores, before and
// after it took effect, and repeats it.
func TestEveryCrashIsMended(t *testing.T) {
	for _, moment := range []storetest.Moment{storetest.Before, storetest.After} {
		for n := 1; ; n++ {
			w := newWorld(t)
			w.talk("ana", "NEEDLE", 4, then)
			w.Docs.Reset()
			w.Docs.Fail(storetest.Plan{Nth: n, Moment: moment})
			_, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, "")
			failed := w.Docs.Failed() > 0
			w.Docs.Reset()
			if failed {
				if _, err2 := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, ""); err2 != nil {
					t.Fatal(n, moment, err, err2)
				}
			}
			if left := w.holds("NEEDLE"); len(left) > 0 || len(w.kept("contact")) > 0 {
				t.Fatal(n, moment, left, w.kept("contact"))
			}
			if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", "ana"); len(owners) != 0 {
				t.Fatal(n, moment, "keys live on")
			}
			if !failed {
				break
			}
		}
	}
}

func TestABackupForgetsAgain(t *testing.T) {
	w := newWorld(t)
	w.talk("ana", "NEEDLE", 3, then)
	backup := w.copyAll()
	if _, err := w.e.Person(t.Context(), "ekc", "job", "ana", nil, none, ""); err != nil {
		t.Fatal(err)
	}
	w.bringBack(backup)
	if got := len(w.kept("message")); got != 3 {
		t.Fatal("the backup did not come back:", got)
	}
	if len(w.holds("NEEDLE")) != 0 {
		t.Fatal("the key was destroyed, and yet the backup opens")
	}
	out, err := w.e.Replay(t.Context(), "ekc", nil, nil)
	if err != nil || out.Tombstones != 1 || out.Again != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, kind := range []string{"message", "conversation", "contact", "lookup", "attachment", "alias"} {
		if got := w.kept(kind); len(got) > 0 {
			t.Error(kind, got)
		}
	}
	if out, err = w.e.Replay(t.Context(), "ekc", nil, nil); err != nil || out.Again != 0 {
		t.Fatalf("again: %+v, %v", out, err)
	}
}

func TestAKeyThatIsStillNeededStays(t *testing.T) {
	w := newWorld(t)
	w.talk("ana", "A", 1, then)
	if _, err := w.Env.Vault.Keys(t.Context(), "ekc", vault.Owner{Subject: "ana", Class: "case"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.e.Erase(t.Context(), "ekc", "job", []retention.Item{{Kind: "message", ID: "conv-ana20260301-0", Act: retention.Delete}}, nil, ""); err != nil {
		t.Fatal(err)
	}
	if owners, _ := w.Env.Vault.Owners(t.Context(), "ekc", "ana"); len(owners) != 2 {
		t.Fatal(owners)
	}
}
