package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is the tenant ekc with Ana and her conversations c1, and c2 merged into it.
type world struct {
	*worktest.World
	t   *testing.T
	env *host.Env
	fn  *host.Function
	n   int
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{
		Work: w.Env, Policy: policy.Builtin(), Tenants: map[string]bool{"ekc": true}, Log: obs.Discard(),
		Secrets: func(string, channel.Name) ([]channel.Secret, error) { return nil, nil },
	}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.fn = fn
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "ana", CreatedAt: u.Now(), Name: "Ana"})
		one := &conversation.Conversation{ID: "c1", ContactID: "ana", Channel: message.WhatsApp, Provider: "meta", Class: conversation.Other, State: conversation.Open, OpenedAt: u.Now(), LastAt: u.Now()}
		work.Save(u, record.Contacts, &contact.Contact{ID: "ben", CreatedAt: u.Now(), Name: "Ana, by mail"})
		two := &conversation.Conversation{ID: "c2", ContactID: "ben", Channel: message.Email, Provider: "mime", Class: conversation.Other, State: conversation.Open, OpenedAt: u.Now(), LastAt: u.Now()}
		if err := conversation.Join(one.Node(), two.Node(), "edge"); err != nil {
			return err
		}
		work.Save(u, record.Conversations, one)
		work.Save(u, record.Conversations, two)
		return nil
	})
	return w
}

func (w *world) do(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Service, Source: "/test", ID: fmt.Sprint(w.n)}
	if _, err := w.Run(w.t.Context(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// deliver delivers an event; more than once under one id changes nothing more.
func (w *world) deliver(id string, d events.Data) {
	w.t.Helper()
	e, err := events.New("x", d)
	if err != nil {
		w.t.Fatal(err)
	}
	e.ID, e.Source, e.Tenant, e.Time = id, "/functions/x", "ekc", w.Clock.Now()
	if got, err := w.fn.Deliver(w.t.Context(), w.env, e, 1); err != nil || got == host.Buried {
		w.t.Fatal(got, err)
	}
}

// load is a record, or an empty one.
func load[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], id string) *T {
	got, _, err := work.Find(ctx, u, k, id)
	if err != nil {
		panic(err)
	}
	return got
}

// tickets are all of Ana's, the oldest first.
func (w *world) tickets() (out []*ticket.Ticket) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		for _, s := range ticket.States {
			page, err := work.List(ctx, u, record.Tickets, store.Query{Index: record.ByState, Partition: record.TicketsOfState + string(s), Limit: store.MaxPage})
			if err != nil {
				return err
			}
			out = append(out, page.Items...)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b *ticket.Ticket) int { return a.ReportAt.Compare(b.ReportAt) })
	return out
}

// open opens a ticket of Ana's as an adviser does.
func (w *world) open(change func(*ticket.Ticket)) *ticket.Ticket {
	w.t.Helper()
	t := &ticket.Ticket{Kind: ticket.ServiceRequest, Service: "residence", Urgency: 3, ContactID: "ana", ConversationID: "c1", Class: conversation.Other, Origin: ticket.FromConversation}
	change(t)
	w.do(func(ctx context.Context, u *work.Unit) error { return desk.Open(ctx, u, w.env, t) })
	return t
}

// change changes a ticket as the portal does.
func (w *world) change(id string, do func(context.Context, *work.Unit, *ticket.Ticket) error) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		t, err := work.Load(ctx, u, record.Tickets, id)
		if err != nil {
			return err
		}
		if err := do(ctx, u, t); err != nil {
			return err
		}
		work.Save(u, record.Tickets, t)
		return desk.Settle(ctx, u, w.env, t)
	})
}

// letters are the subjects and mailboxes of what went out about a ticket since it
// was last asked.
func (w *world) letters(seen map[string]bool) (out []string) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		page, err := w.Docs.Query(ctx, store.Query{Tenant: "ekc", Index: record.ByTime, Partition: "conversation", Limit: store.MaxPage})
		if err != nil {
			return err
		}
		for _, d := range page.Docs {
			msgs, err := work.List(ctx, u, record.Messages, store.Query{Index: record.ByConversation, Partition: d.Key.ID, Limit: store.MaxPage})
			if err != nil {
				return err
			}
			for _, m := range msgs.Items {
				if m.Direction == message.Out && !seen[m.ID] {
					seen[m.ID] = true
					out = append(out, m.Recipients[0].Address+" "+strings.Split(m.Subject, ":")[0])
				}
			}
		}
		return nil
	})
	slices.Sort(out)
	return out
}

func matched(message, conversation string) *events.TicketMatched {
	return &events.TicketMatched{MessageID: message, ConversationID: conversation, Rule: "form-down", Service: "residence", Kind: "incident", Urgency: 2}
}

func TestARuleOpensOneTicketAConversation(t *testing.T) {
	w := newWorld(t)
	w.deliver("e1", matched("m1", "c1"))
	w.deliver("e1", matched("m1", "c1"))
	w.deliver("e2", matched("m2", "c1"))
	w.deliver("e3", matched("m3", "c2")) // merged with it
	all := w.tickets()
	if len(all) != 1 {
		t.Fatalf("%d tickets", len(all))
	}
	got := all[0]
	if got.Origin != ticket.FromPolicy || got.Rule != "form-down" || got.Kind != ticket.Incident || got.Urgency != 2 || got.Service != "residence" || got.ContactID != "ana" || got.Details != "" || !strings.HasPrefix(got.Number, "IN-") {
		t.Errorf("%+v", got)
	}
	w.deliver("e4", matched("m4", "gone"))
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, "c1")
		if err == nil && !slices.Equal(c.Services(), []string{"residence"}) {
			t.Errorf("the conversation is about %v", c.Services())
		}
		return err
	})
}

func TestAConversationWithATicketGetsNoneByARule(t *testing.T) {
	w := newWorld(t)
	w.open(func(*ticket.Ticket) {})
	w.deliver("e1", matched("m1", "c1"))
	w.deliver("e2", matched("m2", "c2"))
	if all := w.tickets(); len(all) != 1 || all[0].Origin != ticket.FromConversation {
		t.Errorf("%+v", all)
	}
}

func TestWhatThePersonWritesLetsAWaitingTicketGoOn(t *testing.T) {
	w := newWorld(t)
	tk := w.open(func(*ticket.Ticket) {})
	wait := func(ctx context.Context, u *work.Unit, t *ticket.Ticket) error {
		if _, err := t.Become(ticket.Waiting, u.Now()); err != nil {
			return err
		}
		return desk.Await(ctx, u, t)
	}
	w.change(tk.ID, wait)
	w.Clock.Add(time.Hour)
	w.do(func(ctx context.Context, u *work.Unit) error {
		for _, c := range []struct{ person, conv string }{{"ana", "c9"}, {"ben", "c1"}} { // c1: Ben's mail in c2, merged into hers
			ids, err := desk.Awaiting(ctx, u, load(ctx, u, record.Contacts, c.person), load(ctx, u, record.Conversations, c.conv))
			if err != nil || !slices.Equal(ids, []string{tk.ID}) {
				t.Errorf("%v: %v %v", c, ids, err)
			}
		}
		return nil
	})
	w.deliver("e2", &events.TicketPersonAnswered{TicketID: tk.ID, MessageID: "m1"})
	got := w.tickets()[0]
	if got.State != ticket.InProgress || len(got.Rests) != 1 || got.Rests[0].End.Sub(got.Rests[0].Start) != time.Hour {
		t.Fatalf("%+v", got)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		limits, err := desk.Targets(ctx, u, got)
		if err == nil && (len(limits) != 2 || limits[1].State != deadline.Running || !limits[1].EndAt.Equal(worktest.Start.Add(49*time.Hour))) {
			t.Errorf("the resolution runs on, an hour later: %+v", limits[1])
		}
		return err
	})
	w.change(tk.ID, func(_ context.Context, u *work.Unit, t *ticket.Ticket) error {
		_, err := t.Become(ticket.Resolved, u.Now())
		return err
	})
	w.deliver("e3", &events.TicketPersonAnswered{TicketID: tk.ID, MessageID: "m2"})
	w.deliver("e4", &events.TicketPersonAnswered{TicketID: "gone", MessageID: "m2"})
	w.do(func(ctx context.Context, u *work.Unit) error {
		if waits := load(ctx, u, record.Contacts, "ana").Waits; len(waits) != 0 {
			t.Errorf("%v", waits)
		}
		return nil
	})
	if got := w.tickets()[0]; got.State != ticket.Resolved {
		t.Errorf("thanks reopen nothing: %+v", got)
	}
}

// due tells that a stage of a target of a ticket has been reached.
func (w *world) due(tk *ticket.Ticket, name, stage string) {
	w.t.Helper()
	w.n++
	var end time.Time
	w.do(func(ctx context.Context, u *work.Unit) error {
		l, err := work.Load(ctx, u, record.Limits, "ticket."+tk.ID+"."+name)
		end = l.EndAt
		return err
	})
	w.deliver(fmt.Sprint("due", w.n), &events.DeadlineReached{
		Limit: "ticket." + tk.ID + "." + name, AboutKind: "ticket", AboutID: tk.ID, Name: name, Stage: stage, StageAt: end, EndAt: end,
	})
}

func TestWhoIsToldOfTargets(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	expect := func(what string, want ...string) {
		t.Helper()
		if got := w.letters(seen); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	tk := w.open(func(*ticket.Ticket) {})
	w.due(tk, desk.ResponseLimit, "warn_75")
	expect("a warning", "ekc@gov.si Nihče še ni začel")
	w.due(tk, desk.ResponseLimit, deadline.Due)
	expect("the end, at the first level", "ekc@gov.si Odzivni čas je potekel")
	w.change(tk.ID, func(ctx context.Context, u *work.Unit, t *ticket.Ticket) error {
		_, err := desk.HandOver(ctx, u, w.env, t, 0)
		return err
	})
	w.due(tk, desk.ResponseLimit, deadline.Due)
	expect("a target that was met meanwhile")
	w.due(tk, desk.ResolutionLimit, deadline.Due)
	expect("the end, at the second level", "ekc@gov.si Čas za rešitev je potekel", "incident@residence.example Čas za rešitev je potekel", "skrbnik@residence.example Čas za rešitev je potekel")
	hand := w.tickets()[0].Hand
	handover := func(stage string) {
		t.Helper()
		w.deliver("h"+stage, &events.DeadlineReached{
			Limit: "handover." + hand + "." + desk.HandoverLimit, AboutKind: "handover", AboutID: hand, Name: desk.HandoverLimit, Stage: stage, StageAt: w.Clock.Now(), EndAt: w.Clock.Now(),
		})
	}
	handover("warn_50")
	expect("nobody has accepted yet", "incident@residence.example Predana zadeva čaka na prevzem", "skrbnik@residence.example Predana zadeva čaka na prevzem")
	handover(deadline.Due)
	expect("nobody has accepted in time", "ekc@gov.si Predane zadeve nihče ni prevzel", "incident@residence.example Predane zadeve nihče ni prevzel", "skrbnik@residence.example Predane zadeve nihče ni prevzel")
	w.do(func(ctx context.Context, u *work.Unit) error {
		h, err := work.Load(ctx, u, record.Handovers, hand)
		h.State, h.AcceptedAt = ticket.Accepted, u.Now()
		work.Save(u, record.Handovers, h)
		return err
	})
	handover("warn_90")
	expect("accepted meanwhile")
	w.deliver("other", &events.DeadlineReached{Limit: "breach.b.x", AboutKind: "breach", AboutID: "b", Name: "x", Stage: deadline.Due, StageAt: w.Clock.Now(), EndAt: w.Clock.Now()})
	expect("what is not the desk's")
}
