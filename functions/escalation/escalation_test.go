package escalation

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/desk"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

// world is the tenant ekc, with Ana, who wrote on WhatsApp and later by mail.
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
		Secrets: func(string, channel.Name) ([]channel.Secret, error) {
			return []channel.Secret{{"access_token": "t", "from": "ekc@gov.si", "host": "mail.example.si", "port": "25", "url": "smtp://mail.example.si", "smtp_url": "smtp://mail.example.si"}}, nil
		},
	}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.fn = fn
	w.do(func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Contacts, &contact.Contact{ID: "ana", CreatedAt: u.Now(), Name: "Ana"})
		for i, ch := range []message.Channel{message.Voice, message.WhatsApp} {
			id := fmt.Sprint("c", i)
			work.Save(u, record.Conversations, &conversation.Conversation{
				ID: id, ContactID: "ana", Channel: ch, Provider: []string{"event", "meta"}[i], Line: "l", Class: conversation.Other, State: conversation.Open,
				OpenedAt: u.Now(), LastAt: u.Now(), HeardAt: u.Now().Add(-time.Duration(i) * time.Minute),
			})
			work.Save(u, record.Messages, &message.Message{
				ID: "m" + id, ConversationID: id, ContactID: "ana", Channel: ch, Kind: message.Said, Direction: message.In, ReceivedAt: u.Now(),
				Sender: message.Party{Scheme: message.Tel, Address: "+38641123456"}, Text: "Dober dan, kje je moja vloga?", ProviderID: "p" + id,
			})
		}
		return nil
	})
	return w
}

func (w *world) do(fn func(context.Context, *work.Unit) error) {
	w.t.Helper()
	w.n++
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Escalation, Source: "/test", ID: fmt.Sprint(w.n)}
	if _, err := w.Run(w.t.Context(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}

// ticket opens a ticket of Ana's for a service.
func (w *world) ticket(service string) (t *ticket.Ticket) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		t = &ticket.Ticket{
			Kind: ticket.ServiceRequest, Class: conversation.Other, Origin: ticket.FromConversation, Service: service, ContactID: "ana", ConversationID: "c1",
			Name: "Ana", Email: "ana@example.org", Details: "piše ana@example.org",
		}
		return desk.Open(ctx, u, w.env, t)
	})
	return t
}

func (w *world) deliver(d events.Data, want host.Delivered) {
	w.t.Helper()
	w.n++
	e, err := events.New("x", d)
	if err != nil {
		w.t.Fatal(err)
	}
	e.ID, e.Source, e.Tenant, e.Time = fmt.Sprint("e", w.n), "/functions/portal", "ekc", w.Clock.Now()
	if got, err := w.fn.Deliver(w.t.Context(), w.env, e, 1); err != nil || got != want {
		w.t.Fatalf("%T: %s %v, want %s", d, got, err, want)
	}
}

func (w *world) now(id string) (t *ticket.Ticket, h *ticket.Handover) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		if t, err = work.Load(ctx, u, record.Tickets, id); err == nil {
			h, err = desk.Current(ctx, u, t)
		}
		return err
	})
	return t, h
}

// sent are the messages to Ana, by channel.
func (w *world) sent() (out []string) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		page, err := work.Scan(ctx, u, record.Messages, store.Query{Index: record.ByState, Partition: "delivery"})
		for _, m := range page.Items {
			out = append(out, string(m.Channel))
		}
		return err
	})
	return out
}

func TestATicketGoesToItsCustodianAndThePersonIsTold(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("residence")
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID, Level: 2}, host.Done)
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID, Level: 2}, host.Done) // asked twice: once
	got, h := w.now(x.ID)
	if got.State != ticket.Escalated || h.Queue != "RES-L2" || h.Party != "user-body" || len(h.Fields) != 4 || got.Hands != 1 {
		t.Errorf("%+v %+v", got, h)
	}
	if s := w.sent(); len(s) != 1 || s[0] != "whatsapp" {
		t.Errorf("sent on %v: a call can't be answered, so it goes where Ana wrote", s)
	}
	// Monday 9:00 UTC is 10:00 in Ljubljana: eight hours of working time.
	if want := worktest.Start.Add(8 * time.Hour); !h.AnswerBy.Equal(want) {
		t.Errorf("to be accepted by %s, want %s", h.AnswerBy, want)
	}
	disclosed := false
	s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Audit}
	_, err := w.Run(t.Context(), s, func(ctx context.Context, u *work.Unit) error {
		page, err := work.List(ctx, u, record.Entries, store.Query{Index: record.ByTicket, Partition: x.ID, Limit: store.MaxPage})
		for _, e := range page.Items {
			disclosed = disclosed || e.Act == audit.Disclose && e.Recipient == "user-body/RES-L2" && e.Retention == audit.DeskLog
		}
		return err
	})
	if err != nil || !disclosed {
		t.Error("no disclosure stands in the ticket's log", err)
	}
}

func TestWhatCantBeHandedOnIsADeadLetter(t *testing.T) {
	w := newWorld(t)
	for name, d := range map[string]*events.TicketEscalationRequested{
		"a ticket without a service": {TicketID: w.ticket("").ID},
		"beyond the last level":      {TicketID: w.ticket("residence").ID, Level: 3},
		"no such ticket":             {TicketID: "t9"},
	} {
		t.Run(name, func(t *testing.T) { w.deliver(d, host.Buried) })
	}
}

func TestAHandoverThatNobodyAccepts(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("residence")
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	_, h := w.now(x.ID)
	reached := func(stage string) *events.DeadlineReached {
		return &events.DeadlineReached{
			Limit: "l", AboutKind: "handover", AboutID: h.ID, Name: desk.HandoverLimit, Stage: stage, StageAt: w.Clock.Now(), EndAt: w.Clock.Now(),
		}
	}
	w.deliver(reached("warn_50"), host.Done)
	if got, _ := w.now(x.ID); got.Urgency != 3 {
		t.Error("urgent at a warning")
	}
	other := reached(deadline.Due)
	other.AboutKind = "breach"
	w.deliver(other, host.Done)
	w.deliver(reached(deadline.Due), host.Done)
	got, _ := w.now(x.ID)
	if got.Urgency != 1 || got.State != ticket.Escalated {
		t.Errorf("%+v", got)
	}
}

func TestNobodyAcceptsAndThereIsAFurtherLevel(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("workplace") // three levels
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	_, second := w.now(x.ID)
	w.deliver(&events.DeadlineReached{
		Limit: "l", AboutKind: "handover", AboutID: second.ID, Name: desk.HandoverLimit, Stage: deadline.Due, StageAt: w.Clock.Now(), EndAt: w.Clock.Now(),
	}, host.Done)
	got, h := w.now(x.ID)
	if got.Level != 3 || h.Queue != "WRK-L2-L3" || h.ID == second.ID {
		t.Errorf("%+v %+v", got, h)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		old, err := work.Load(ctx, u, record.Limits, deadline.ID(deadline.Ref{Kind: "handover", ID: second.ID}, desk.HandoverLimit))
		if err == nil && old.Open() {
			t.Error("the clock of the level before still runs")
		}
		return err
	})
}

func TestAnswersAreTold(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("residence")
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	take := func(a desk.Answer) {
		t.Helper()
		w.do(func(ctx context.Context, u *work.Unit) error {
			t, err := work.Load(ctx, u, record.Tickets, x.ID)
			if err != nil {
				return err
			}
			h, err := desk.Current(ctx, u, t)
			if err != nil {
				return err
			}
			return desk.Take(ctx, u, w.env, t, h, a)
		})
		w.deliver(&events.TicketEscalationAnswered{TicketID: x.ID, Answer: a.How}, host.Done)
	}
	take(desk.Answer{How: events.EscalationAccepted})
	if n := len(w.sent()); n != 1 {
		t.Errorf("%d messages after the acceptance, want 1", n)
	}
	take(desk.Answer{How: events.EscalationResolved, Text: "potrjeno"})
	if got, _ := w.now(x.ID); got.State != ticket.Resolved || len(w.sent()) != 2 {
		t.Errorf("%s, %d messages", got.State, len(w.sent()))
	}
}

func TestOurAnswerToAnotherOrganisationIsADisclosure(t *testing.T) {
	t.Setenv("OKENCE_PEER_EKC_BODY", `{"url":"https://body.example/peers/ekc/ekc","secrets":["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"]}`)
	w := newWorld(t)
	x := w.ticket("residence")
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	w.do(func(ctx context.Context, u *work.Unit) error { // the matter is theirs
		t, err := work.Load(ctx, u, record.Tickets, x.ID)
		t.Peer, t.PeerTicket = "body", "theirs-1"
		work.Save(u, record.Tickets, t)
		return err
	})
	before := w.lines()
	w.deliver(&events.TicketEscalationAnswered{TicketID: x.ID, Answer: events.EscalationAccepted}, host.Done)
	if got := w.lines()[len(before):]; len(got) != 1 || got[0].Recipient != "body" || got[0].Ground != register.Answer || got[0].About[0] != "ticket/"+x.ID {
		t.Errorf("%+v", got)
	}
}

// lines are Ana's in the disclosure register.
func (w *world) lines() (out []*register.Disclosure) {
	w.t.Helper()
	w.Clock.Add(time.Second)
	w.do(func(ctx context.Context, u *work.Unit) error {
		return dossier.DisclosuresOf(ctx, u, "ana", func(d *register.Disclosure) { out = append(out, d) })
	})
	return out
}

// outside is a ticket of Ana's that another organisation has, and how it answers.
func (w *world) outside() (x *ticket.Ticket, answer func(*events.TicketEscalationAnswered, host.Delivered)) {
	w.t.Helper()
	w.t.Setenv("OKENCE_PEER_EKC_USER_BODY", `{"url":"https://body.example/peers/ekc/ekc","secrets":["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"],"accepts":["org.okence.ticket.escalation.answered.v1"]}`)
	x = w.ticket("business-permits")
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	return x, func(d *events.TicketEscalationAnswered, want host.Delivered) {
		w.t.Helper()
		w.n++
		d.TicketID = x.ID
		e, err := events.New("x", d)
		if err != nil {
			w.t.Fatal(err)
		}
		e.ID, e.Source, e.Tenant, e.Time = fmt.Sprint("e", w.n), "/peers/user-body:/there", "ekc", w.Clock.Now()
		if got, _ := w.fn.Deliver(w.t.Context(), w.env, e, 1); got != want {
			w.t.Fatalf("%+v: %s, want %s", d, got, want)
		}
	}
}

func TestAnAnswerIsOfTheHandOverThatItNames(t *testing.T) {
	w := newWorld(t)
	x, answer := w.outside()
	_, first := w.now(x.ID)
	answer(&events.TicketEscalationAnswered{Handover: "nobody-knows", Answer: events.EscalationAccepted}, host.Buried)
	other := w.ticket("residence")
	w.deliver(&events.TicketEscalationRequested{TicketID: other.ID}, host.Done)
	_, ours := w.now(other.ID)
	answer(&events.TicketEscalationAnswered{Handover: ours.ID, Answer: events.EscalationAccepted}, host.Buried)
	answer(&events.TicketEscalationAnswered{Handover: first.ID, Answer: events.EscalationReturned}, host.Done)
	if got, _ := w.now(x.ID); got.State != ticket.InProgress || got.Hand != "" {
		t.Fatalf("returned: %s", got.State)
	}
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	_, second := w.now(x.ID)
	told, late := len(w.sent()), obs.Value("okence_late_answers_total", "tenant", "ekc", "peer", "user-body")
	for _, late := range []events.EscalationAnswer{events.EscalationAccepted, events.EscalationReturned, events.EscalationResolved} {
		answer(&events.TicketEscalationAnswered{Handover: first.ID, Answer: late}, host.Done)
	}
	if got, h := w.now(x.ID); got.State != ticket.Escalated || h.ID != second.ID || h.State != ticket.Handed || len(w.sent()) != told {
		t.Errorf("late answers made it %s, %s, and told %d", got.State, h.State, len(w.sent())-told)
	}
	if got := obs.Value("okence_late_answers_total", "tenant", "ekc", "peer", "user-body"); got != late+3 {
		t.Errorf("%v late answers were counted, want 3", got-late)
	}
	answer(&events.TicketEscalationAnswered{Handover: second.ID, Answer: events.EscalationResolved}, host.Done)
	if got, _ := w.now(x.ID); got.State != ticket.Resolved {
		t.Errorf("solved: %s", got.State)
	}
}

func TestAnAnswerComesFromWhoeverHasTheMatter(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("residence")
	w.deliver(&events.TicketEscalationRequested{TicketID: x.ID}, host.Done)
	_, h := w.now(x.ID)
	for _, hand := range []string{"", h.ID} {
		e, err := events.New("x", &events.TicketEscalationAnswered{TicketID: x.ID, Handover: hand, Answer: events.EscalationResolved})
		if err != nil {
			t.Fatal(err)
		}
		e.ID, e.Source, e.Tenant, e.Time = "foreign"+hand, "/peers/user-body:/there", "ekc", w.Clock.Now()
		if got, _ := w.fn.Deliver(t.Context(), w.env, e, 1); got != host.Buried {
			t.Errorf("naming %q: %s", hand, got)
		}
	}
	if got, _ := w.now(x.ID); got.State != ticket.Escalated {
		t.Errorf("%s", got.State)
	}
}

func TestAnOlderViewChangesNothing(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("residence")
	w.do(func(ctx context.Context, u *work.Unit) error {
		x, err := work.Load(ctx, u, record.Tickets, x.ID)
		if err != nil {
			return err
		}
		x.Peer, x.PeerTicket = "user-body", "theirs-1"
		for _, c := range []struct {
			revision int
			email    string
			taken    bool
			want     string
		}{{1, "first@example.si", true, "first@example.si"}, {3, "third@example.si", true, "third@example.si"}, {2, "second@example.si", false, "third@example.si"}, {3, "again@example.si", false, "third@example.si"}} {
			taken, err := desk.Receive(ctx, u, w.env, x, "hand-1", &events.TicketHandover{
				Number: "SR-1", Kind: "service_request", Service: "residence", Class: "other", ReportedAt: u.Now(), Revision: c.revision,
				Fields: []events.TicketField{{Name: "email", Value: c.email}},
			})
			if err != nil || taken != c.taken || x.Email != c.want {
				t.Errorf("revision %d: taken %v, %s, %v", c.revision, taken, x.Email, err)
			}
		}
		return nil
	})
}

func TestWhatIsShownForATimeIsErasedAtItsEnd(t *testing.T) {
	w := newWorld(t)
	x := w.ticket("residence")
	end := w.Clock.Now().Add(2 * time.Hour)
	w.do(func(ctx context.Context, u *work.Unit) error {
		x, err := work.Load(ctx, u, record.Tickets, x.ID)
		if err != nil {
			return err
		}
		x.Peer, x.PeerTicket = "user-body", "theirs-1"
		_, err = desk.Receive(ctx, u, w.env, x, "hand-1", &events.TicketHandover{
			Number: "SR-1", Kind: "service_request", Service: "residence", Class: "other", ReportedAt: u.Now(), Revision: 1,
			Fields: []events.TicketField{{Name: "name", Value: "Ana"}, {Name: "phone", Value: "041 123 456", Until: end}},
		})
		return err
	})
	got, h := w.now(x.ID)
	reach := func(at time.Time) *ticket.Ticket {
		w.Clock.Add(at.Sub(w.Clock.Now()))
		w.deliver(&events.DeadlineReached{
			Limit: "l", AboutKind: "handover", AboutID: h.ID, Name: desk.ViewLimit, Stage: deadline.Due, StageAt: at, EndAt: at,
		}, host.Done)
		got, _ := w.now(x.ID)
		return got
	}
	if got.Phone != "041 123 456" || got.Name != "Ana" {
		t.Fatalf("shown: %q %q", got.Name, got.Phone)
	}
	if got = reach(end.Add(-time.Second)); got.Phone == "" {
		t.Error("erased a second early")
	}
	if got = reach(end); got.Phone != "" || got.Name != "Ana" {
		t.Errorf("at the end it holds %q, and the name %q", got.Phone, got.Name)
	}
}
