package notice

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

const content = "Potrdilo je pripravljeno; oznaka vloge je 7."

func TestAReplyAnswersWhatWasSaidLast(t *testing.T) {
	w := newWorld(t)
	w.talk("mail", message.Email, "postmark", anasMail)
	s, err := w.reply(Answer{ConversationID: "mail", Text: content, Files: []File{{"potrdilo.pdf", "application/pdf", []byte("%PDF")}}})
	if err != nil {
		t.Fatal(err)
	}
	m := s.Message
	if s.Bare != nil || m.Subject != "Re: Potrdilo" || m.ReplyTo != "<m-mail@x>" || m.Thread[0] != "<m-mail@x>" || m.Recipients[0] != anasMail ||
		m.State != message.Queued || m.Automatic || m.ContactID != "p-mail" || m.Files[0].State != message.Unscanned {
		t.Errorf("%+v", m)
	}
	if !slices.Equal(w.asked, []string{m.ID}) {
		t.Errorf("asked to send %v", w.asked)
	}
}

func TestContentGoesOnlyWhereItBelongs(t *testing.T) {
	verified := func(at time.Duration) func(w *world, mergedAt time.Time) {
		return func(w *world, mergedAt time.Time) {
			w.must(func(ctx context.Context, u *work.Unit) error {
				c, err := work.Load(ctx, u, record.Contacts, "p-mail")
				if err != nil {
					return err
				}
				c.Addresses = []contact.Address{{Scheme: message.Mailto, Address: "ANA@example.org", VerifiedAt: mergedAt.Add(at), VerifiedBy: "adviser-1", How: "call_back"}}
				work.Save(u, record.Contacts, c)
				return nil
			})
		}
	}
	for name, c := range map[string]struct {
		before func(*world)            // before the merge
		after  func(*world, time.Time) // after it
		answer Answer
		want   string // where content went; "bare" where it was kept back
	}{
		"merged, heard last by mail, which was never seen in the first conversation": {answer: Answer{ConversationID: "chat"}, want: "bare"},
		"the same, answered in the part it came from":                                {answer: Answer{ConversationID: "mail"}, want: "mail"},
		"the same, told to go out where it was asked":                                {answer: Answer{ConversationID: "chat", Part: "chat"}, want: "chat"},
		"asked in the mail, told to go to the chat":                                  {answer: Answer{ConversationID: "mail", Part: "chat"}, want: "bare"},
		"the address was verified at the merge":                                      {after: verified(0), answer: Answer{ConversationID: "chat"}, want: "mail"},
		"the address was verified a second before the merge":                         {after: verified(-time.Second), answer: Answer{ConversationID: "chat"}, want: "bare"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.talk("chat", message.WhatsApp, "meta", anasPhone)
			w.talk("mail", message.Email, "postmark", anasMail)
			mergedAt := w.Clock.Now()
			w.merge("chat", "mail")
			if c.after != nil {
				c.after(w, mergedAt)
			}
			c.answer.Text = content
			s, err := w.reply(c.answer)
			if err != nil {
				t.Fatal(err)
			}
			if c.want != "bare" {
				if s.Bare != nil || s.Message.ConversationID != c.want || s.Message.State != message.Queued || s.Message.Text != content {
					t.Errorf("%+v", s.Message)
				}
				return
			}
			if s.Message.State != message.Failed || s.Message.Code != CodeUnproven || s.Message.ConversationID != c.answer.ConversationID || len(s.Message.Recipients) != 0 {
				t.Errorf("the content is kept where it was written: %+v", s.Message)
			}
			if s.Bare == nil || !s.Bare.Automatic || strings.Contains(s.Bare.Text, "oznaka vloge") || s.Bare.ConversationID == c.answer.ConversationID {
				t.Fatalf("no bare notice: %+v", s.Bare)
			}
			if !strings.Contains(s.Bare.Text+s.Bare.Subject, "odgovor") {
				t.Errorf("not in the person's language: %s", s.Bare.Text)
			}
			if !slices.Equal(w.asked, []string{s.Bare.ID}) {
				t.Errorf("asked to send %v", w.asked)
			}
		})
	}
}

func TestRepliesThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		answer Answer
		want   error
	}{
		"a file where only text goes": {Answer{ConversationID: "chat", Text: "x", Files: []File{{"a", "text/plain", []byte("a")}}}, ErrFiles},
		"a part of somebody else":     {Answer{ConversationID: "chat", Text: "x", Part: "mail"}, ErrNoPart},
		"a phone call":                {Answer{ConversationID: "call", Text: "x"}, ErrNoChannel},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.talk("chat", message.WhatsApp, "meta", anasPhone)
			w.talk("mail", message.Email, "postmark", anasMail)
			w.talk("call", message.Voice, "event", anasPhone)
			if _, err := w.reply(c.answer); err != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
			if len(w.asked) != 0 {
				t.Error("and yet something is sent")
			}
		})
	}
	w := newWorld(t)
	if _, err := w.reply(Answer{ConversationID: "none", Text: "x"}); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}
