package notice

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	domain "github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/notice"
	"github.com/okence/okence/shared/obs"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
	"github.com/okence/okence/shared/work/worktest"
)

type world struct {
	*worktest.World
	t   *testing.T
	env *host.Env
	fn  *host.Function
	n   int
}

func newWorld(t *testing.T) *world {
	w := &world{World: worktest.New(t), t: t}
	w.env = &host.Env{Work: w.Env, Tenants: map[string]bool{"ekc": true}, Log: obs.Discard()}
	fn, err := New(w.env)
	if err != nil {
		t.Fatal(err)
	}
	w.fn = fn
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

// send queues a notice that is to be confirmed within an hour, with one more
// contact to be told.
func (w *world) send() (id string) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) error {
		n, err := notice.Queue(ctx, u, w.env, notice.Letter{
			Template: "reply.bare", Language: "sl", Values: map[string]string{"reference": "R-1"}, About: deadline.Ref{Kind: "outage", ID: "o1"},
			To: notice.To{Party: "a", Mailbox: "a@a.example"}, ConfirmBy: u.Now().Add(time.Hour),
			Otherwise: []notice.Recipient{{Party: "b", Mailbox: "b@b.example"}},
			Files:     []notice.File{{Name: "a.pdf", Mime: "application/pdf", Bytes: []byte("%PDF")}},
		})
		id = n.ID
		return err
	})
	return id
}

func (w *world) notice(id string) (n *domain.Notice, l *deadline.Limit, m *message.Message) {
	w.t.Helper()
	w.do(func(ctx context.Context, u *work.Unit) (err error) {
		if n, err = work.Load(ctx, u, record.Notices, id); err != nil {
			return err
		}
		if m, err = work.Load(ctx, u, record.Messages, n.MessageID); err != nil {
			return err
		}
		l, err = work.Load(ctx, u, record.Limits, "notice."+id+".notice.confirm")
		return err
	})
	return n, l, m
}

// over tells that the time of a notice is over.
func (w *world) over(id, event string) {
	w.t.Helper()
	now := w.Clock.Now()
	e, err := events.New(id, &events.DeadlineReached{
		Limit: "notice." + id + ".notice.confirm", AboutKind: domain.Kind, AboutID: id, Name: domain.Confirm, Stage: deadline.Due, StageAt: now, EndAt: now,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	e.ID, e.Source, e.Tenant, e.Time = event, "/functions/deadline", "ekc", now
	if _, err := w.fn.Deliver(w.t.Context(), w.env, e, 1); err != nil {
		w.t.Fatal(err)
	}
}

func TestTheNextContactIsToldInTheSameWordsAndThenAnAlarmIsRaised(t *testing.T) {
	w := newWorld(t)
	id := w.send()
	_, _, first := w.notice(id)
	w.Clock.Add(time.Hour)
	w.over(id, "e1")
	w.over(id, "e1-again")
	n, l, _ := w.notice(id)
	if n.Next == "" || l.State != deadline.Withdrawn {
		t.Fatalf("%+v %+v", n, l)
	}
	next, limit, m := w.notice(n.Next)
	if next.Party != "b" || next.After != id || m.Recipients[0].Address != "b@b.example" || !strings.Contains(m.Text, strings.TrimSpace(first.Text)) ||
		!strings.Contains(m.Subject, "Nepotrjeno od 2026-11-02 09:00") || len(m.Files) != 1 {
		t.Errorf("%+v\n%+v", next, m)
	}
	if !limit.EndAt.Equal(w.Clock.Now().Add(time.Hour)) || limit.State != deadline.Running {
		t.Errorf("%+v", limit)
	}
	alarms := func() uint64 { return obs.Value("okence_alarm_total", "alarm", "notice_unconfirmed", "tenant", "ekc") }
	before := alarms()
	w.Clock.Add(time.Hour)
	w.over(n.Next, "e2")
	if _, limit, _ := w.notice(n.Next); alarms() != before+1 || !limit.Overdue(w.Clock.Now()) {
		t.Errorf("nobody is left: %d alarms, %+v", alarms()-before, limit)
	}
}

func TestAnAnswerConfirmsAndAMachineDoesNot(t *testing.T) {
	for name, c := range map[string]struct {
		automatic bool
		confirmed bool
	}{
		"a person answered":                {false, true},
		"an out-of-office message came in": {true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.send()
			n, _, _ := w.notice(id)
			w.Clock.Add(10 * time.Minute)
			at := w.Clock.Now()
			w.do(func(_ context.Context, u *work.Unit) error {
				work.Save(u, record.Messages, &message.Message{
					ID: "in", ConversationID: n.ConversationID, ContactID: n.ContactID, Channel: message.Email, Provider: "mime", Kind: message.Said, Direction: message.In,
					ReceivedAt: u.Now(), ProviderID: "<in@x>", Text: "Prejeto.", Automatic: c.automatic, Sender: message.Party{Scheme: message.Mailto, Address: "a@a.example"},
				})
				return nil
			})
			w.Clock.Add(50 * time.Minute)
			w.over(id, "e1")
			n, l, _ := w.notice(id)
			if n.Confirmed() != c.confirmed || (n.Next == "") != c.confirmed {
				t.Fatalf("%+v", n)
			}
			if c.confirmed && (!n.ConfirmedAt.Equal(at) || n.How != "answer" || l.State != deadline.Met || l.Late) {
				t.Errorf("confirmed as of when it came: %+v %+v", n, l)
			}
		})
	}
}
