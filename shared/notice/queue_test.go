package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/deadline"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

func (w *world) queue(l Letter) (n *notice.Notice, m *message.Message) {
	w.t.Helper()
	if l.Template == "" {
		l.Template, l.Language, l.Values = bare, "sl", map[string]string{"reference": "R"}
	}
	w.must(func(ctx context.Context, u *work.Unit) (err error) {
		if n, err = Queue(ctx, u, w.env, l); err != nil {
			return err
		}
		m, err = work.Load(ctx, u, record.Messages, n.MessageID)
		return err
	})
	return n, m
}

var desk = To{Party: "user-body", Mailbox: "incident@business.example", Name: "duty desk"}

func TestAnOrganisationGetsMailInAConversationOfTheMatter(t *testing.T) {
	w := newWorld(t)
	about := deadline.Ref{Kind: "outage", ID: "o1"}
	n, m := w.queue(Letter{To: desk, About: about})
	if m.Channel != message.Email || m.Provider != "postmark" || m.Recipients[0].Address != desk.Mailbox || !m.Automatic || m.State != message.Queued {
		t.Errorf("%+v", m)
	}
	sum := sha256.Sum256([]byte(m.Subject + "\n" + m.Text))
	if n.SHA256 != hex.EncodeToString(sum[:]) || n.Party != "user-body" || n.Template != bare || n.Version == "" || n.Language != "sl" {
		t.Errorf("%+v", n)
	}
	w.must(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Conversations, n.ConversationID)
		if err != nil {
			return err
		}
		if c.Class != "partner" || c.Line != "ekc@gov.si" {
			t.Errorf("%+v", c)
		}
		who, err := work.Load(ctx, u, record.Contacts, c.ContactID)
		if err == nil && who.Party != "user-body" {
			t.Errorf("%+v", who)
		}
		return err
	})
	again, _ := w.queue(Letter{To: desk, About: about})
	other, _ := w.queue(Letter{To: desk, About: deadline.Ref{Kind: "outage", ID: "o2"}})
	if again.ConversationID != n.ConversationID || other.ConversationID == n.ConversationID || other.ContactID != n.ContactID {
		t.Error("one contact, and one conversation for each matter")
	}
	if len(w.asked) != 3 {
		t.Errorf("asked to send %v", w.asked)
	}
}

func TestAPersonIsWrittenToWhereTheyWereHeardLast(t *testing.T) {
	w := newWorld(t)
	w.talk("chat", message.WhatsApp, "meta", anasPhone)
	n, m := w.queue(Letter{To: To{ContactID: "p-chat"}, About: deadline.Ref{Kind: "request", ID: "r1"}})
	if m.Channel != message.WhatsApp || m.Recipients[0] != anasPhone || n.Party != "" || n.Withheld {
		t.Errorf("%+v", m)
	}
	if err := w.do(func(ctx context.Context, u *work.Unit) error {
		_, err := Queue(ctx, u, w.env, Letter{Template: bare, Values: map[string]string{"reference": "R"}, To: To{ContactID: "nobody"}})
		return err
	}); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody who never wrote: %v", err)
	}
}

// Bor wrote in Ana's conversation after her, and many times: what is for her goes to
// her, what is for him to him, and neither is a message of the other's.
func TestALetterReachesItsPersonInAThreadOfSeveral(t *testing.T) {
	w := newWorld(t)
	ana := message.Party{Scheme: message.Mailto, Address: "ana@example.si"}
	bor := message.Party{Scheme: message.Mailto, Address: "bor@primer.example"}
	w.talk("thread", message.Email, "postmark", ana)
	w.Clock.Add(time.Hour)
	w.must(func(_ context.Context, u *work.Unit) error {
		for i := range looked + 5 {
			work.Save(u, record.Messages, &message.Message{
				ID: fmt.Sprint("b", i), ConversationID: "thread", ContactID: "p-bor", Channel: message.Email, Provider: "postmark", Kind: message.Said,
				Direction: message.In, ReceivedAt: u.Now(), ProviderID: fmt.Sprint("<b", i, "@x>"), Sender: bor, Text: "Tudi jaz.",
			})
		}
		return nil
	})
	for _, c := range []struct {
		contact string
		want    message.Party
	}{{"p-thread", ana}, {"p-bor", bor}} {
		_, m := w.queue(Letter{To: To{ContactID: c.contact, ConversationID: "thread"}, About: deadline.Ref{Kind: "request", ID: "r1"}})
		if len(m.Recipients) != 1 || m.Recipients[0] != c.want || m.ContactID != c.contact {
			t.Errorf("for %s: to %v, a message of %s", c.contact, m.Recipients, m.ContactID)
		}
	}
	if err := w.do(func(ctx context.Context, u *work.Unit) error {
		_, err := Queue(ctx, u, w.env, Letter{Template: bare, Values: map[string]string{"reference": "R"}, To: To{ContactID: "p-cene", ConversationID: "thread"}})
		return err
	}); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody who never wrote in it: %v", err)
	}
}

func TestASecretIsInNoTextThatIsKept(t *testing.T) {
	w := newWorld(t)
	w.talk("sms", message.SMS, "twilio", anasPhone)
	values := map[string]string{"code": "48151623", "until": "1. 12. 2026"}
	n, m := w.queue(Letter{Template: "dossier.code", Language: "sl", Values: values, To: To{ContactID: "p-sms"}, About: deadline.Ref{Kind: "request", ID: "r1"}})
	if strings.Contains(m.Text, "48151623") || !strings.Contains(m.Text, message.Mask("code")) || !strings.Contains(m.Revealed(), "48151623") {
		t.Errorf("%q, revealed %q", m.Text, m.Revealed())
	}
	text, err := Render("dossier.code", "sl", map[string]string{"code": "00000000", "until": "1. 12. 2026"})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text.Subject + "\n" + text.Body))
	if n.SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("the hash of a letter depends on its code, which could be tried until it fits")
	}
}

func TestALetterGoesWhereItCanBeReadNow(t *testing.T) {
	w := newWorld(t)
	w.talk("sms", message.SMS, "twilio", anasPhone)
	w.talk("chat", message.WhatsApp, "meta", anasPhone)
	w.must(func(ctx context.Context, u *work.Unit) error { // one person
		c, err := work.Load(ctx, u, record.Conversations, "sms")
		c.ContactID = "p-chat"
		work.Save(u, record.Conversations, c)
		if err != nil {
			return err
		}
		m, err := work.Load(ctx, u, record.Messages, "m-sms")
		m.ContactID = "p-chat"
		work.Save(u, record.Messages, m)
		return err
	})
	to := To{ContactID: "p-chat", ConversationID: "chat"}
	w.Clock.Add(message.Window - 2*time.Minute) // talk took one: a minute before it closes
	if _, m := w.queue(Letter{To: to, About: deadline.Ref{Kind: "request", ID: "r1"}}); m.Channel != message.WhatsApp {
		t.Errorf("within a day of what was heard: %s", m.Channel)
	}
	w.Clock.Add(time.Minute)
	if _, m := w.queue(Letter{To: to, About: deadline.Ref{Kind: "request", ID: "r1"}}); m.Channel != message.SMS {
		t.Errorf("a day after it: %s", m.Channel)
	}
	w.must(func(ctx context.Context, u *work.Unit) error {
		for than, want := range map[string]bool{"chat": true, "sms": false} { // WhatsApp takes nothing now
			if c, ok, err := Elsewhere(ctx, u, []string{"p-chat"}, than); err != nil || ok != want {
				t.Errorf("elsewhere than %s: %+v %v", than, c, err)
			}
		}
		return nil
	})
}

func TestAConfirmationMeetsItsLimitOnce(t *testing.T) {
	w := newWorld(t)
	by := w.Clock.Now().Add(2 * time.Hour)
	n, _ := w.queue(Letter{To: desk, About: deadline.Ref{Kind: "outage", ID: "o1"}, ConfirmBy: by})
	limit := func() (l *deadline.Limit) {
		w.must(func(ctx context.Context, u *work.Unit) (err error) {
			l, err = work.Load(ctx, u, record.Limits, "notice."+n.ID+".notice.confirm")
			return err
		})
		return l
	}
	if l := limit(); l.State != deadline.Running || !l.EndAt.Equal(by) || l.Party != "user-body" {
		t.Fatalf("%+v", l)
	}
	for _, who := range []string{"first", "second"} {
		w.must(func(ctx context.Context, u *work.Unit) error {
			n, err := work.Load(ctx, u, record.Notices, n.ID)
			if err != nil {
				return err
			}
			if err := Confirm(ctx, u, n, who, "phone", u.Now()); err != nil {
				return err
			}
			if n.ConfirmedBy != "first" {
				t.Errorf("confirmed by %s", n.ConfirmedBy)
			}
			return nil
		})
	}
	if l := limit(); l.State != deadline.Met || l.Late {
		t.Errorf("%+v", l)
	}
}
