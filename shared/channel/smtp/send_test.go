package smtp_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/channeltest"
	"github.com/okence/okence/shared/channel/mime"
	"github.com/okence/okence/shared/channel/smtp"
	"github.com/okence/okence/shared/domain/message"
)

func secret(s *channeltest.MailServer) channel.Secret {
	return channel.Secret{"smtp_host": s.Host, "smtp_port": s.Port, "smtp_tls": "none", "from": "ekc@ekc.example.si", "smtp_username": "u", "smtp_password": "p"}
}

func letter() channel.Outgoing {
	return channel.Outgoing{
		ID: "0abc", To: message.Party{Scheme: message.Mailto, Address: "ana@example.si", Name: "Ana Horvat"}, From: "Kontaktni center",
		Subject: "Re: Vloga za zdravstveno varstvo\r\nBcc: eva@example.si", Text: "Dober dan.\n.\nVlogo smo prejeli: čšž.\n", MessageID: "<0abc@ekc.example.si>",
		ReplyTo: "ekc+0conv.abcdef@ekc.example.si", Thread: []string{"<1@a>", "<2@a>"}, Automatic: true, At: channeltest.At,
		Files: []channel.File{{Name: "račun.pdf", Mime: "application/pdf", Bytes: []byte("%PDF-1.7")}},
	}
}

func TestAMailGoesOutAsItWasWritten(t *testing.T) {
	s := channeltest.NewMailServer(t)
	sent, err := smtp.Send(t.Context(), secret(s), letter())
	if err != nil || sent.ProviderID != "<0abc@ekc.example.si>" || len(s.Mails()) != 1 {
		t.Fatal(sent, err)
	}
	m := s.Mails()[0]
	if !strings.HasPrefix(m.From, "FROM:<ekc@ekc.example.si>") || len(m.To) != 1 || m.To[0] != "TO:<ana@example.si>" {
		t.Errorf("envelope %q %q", m.From, m.To)
	}
	items := mime.Read(channel.Name{Channel: message.Email, Provider: "mime"}, []byte(m.Data))
	got := items[0].Message
	if got.ProviderID != "<0abc@ekc.example.si>" || got.ReplyTo != "<2@a>" || len(got.References) != 1 || got.References[0] != "<1@a>" ||
		got.Text != "Dober dan.\n.\nVlogo smo prejeli: čšž." || !got.Automatic || !got.SentAt.Equal(channeltest.At) ||
		got.Sender.Name != "Kontaktni center" || len(got.Media) != 1 || got.Media[0].Name != "račun.pdf" {
		t.Errorf("%+v", got)
	}
	if strings.Contains(m.Data, "\r\nBcc:") {
		t.Error("a header was injected")
	}
	for _, want := range []string{"Auto-Submitted: auto-replied", "Reply-To: <ekc+0conv.abcdef@ekc.example.si>", "In-Reply-To: <2@a>"} {
		if !strings.Contains("\r\n"+m.Data, "\r\n"+want+"\r\n") {
			t.Errorf("no %q in\n%s", want, m.Data)
		}
	}
}

func TestALetterThatAnswersNothingIsGeneratedNotReplied(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*channel.Outgoing)
		want   string
	}{
		"an answer of a machine":                 {func(*channel.Outgoing) {}, "Auto-Submitted: auto-replied\r\n"},
		"a letter of a machine":                  {func(o *channel.Outgoing) { o.Thread = nil }, "Auto-Submitted: auto-generated\r\n"},
		"one that names what it answers, unread": {func(o *channel.Outgoing) { o.Thread, o.Answers = nil, "<2@a>" }, "Auto-Submitted: auto-replied\r\n"},
		"what a person wrote":                    {func(o *channel.Outgoing) { o.Automatic = false }, ""},
	} {
		out := letter()
		c.change(&out)
		raw, bad := smtp.Letter(channel.Secret{"from": "EKC <ekc@ekc.example.si>"}, out)
		if bad != nil {
			t.Fatal(bad)
		}
		if got := string(raw); c.want == "" && strings.Contains(got, "Auto-Submitted") || !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in\n%s", name, c.want, got)
		}
	}
}

func TestWhatAnswersOfAMailServerMean(t *testing.T) {
	for _, c := range []struct {
		name, verb, answer string
		class              channel.Class
		taken              int
	}{
		{"the recipient is unknown", "RCPT", "550 5.1.1 no such user", channel.Final, 0},
		{"the recipient is to be tried later", "RCPT", "450 4.2.0 greylisted", channel.Retry, 0},
		{"the sender is not ours to use", "MAIL", "553 5.7.1 not owned by user", channel.Blocked, 0},
		{"the password is wrong", "AUTH", "535 5.7.8 no", channel.Blocked, 0},
		{"not now", "", "421 4.3.2 not now", channel.Retry, 0},
		{"the mail is refused after its data", ".", "554 5.6.0 content", channel.Final, 0},
		{"the mail is to come later, after its data", ".", "451 4.3.0 later", channel.Retry, 0},
		{"the line breaks before the data", "DATA", "close", channel.Retry, 0},
		{"the line breaks after the data", ".", "close", channel.Lost, 1},
		{"nothing is said after the data", ".", "", channel.Lost, 1},
		{"nothing is said before it", "RCPT", "", channel.Retry, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := channeltest.NewMailServer(t)
			s.Answer(c.verb, c.answer)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := smtp.Send(ctx, secret(s), letter())
			var e *channel.SendError
			if !errors.As(err, &e) || e.Class != c.class || len(s.Mails()) != c.taken {
				t.Errorf("got %v with %d taken, want %s with %d", err, len(s.Mails()), c.class, c.taken)
			}
		})
	}
	t.Run("no server at all", func(t *testing.T) {
		_, err := smtp.Send(t.Context(), channel.Secret{"smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_tls": "none", "from": "a@b.si"}, letter())
		if e := new(channel.SendError); !errors.As(err, &e) || e.Class != channel.Retry {
			t.Error(err)
		}
	})
}

func TestPasswordsGoNowhereInTheClear(t *testing.T) {
	s := channeltest.NewMailServer(t) // knows no STARTTLS
	for name, change := range map[string]func(channel.Secret){
		"a server without STARTTLS":      func(x channel.Secret) { delete(x, "smtp_tls") },
		"no encryption to another host":  func(x channel.Secret) { x["smtp_host"] = "mail.example.si" },
		"a word that nobody knows":       func(x channel.Secret) { x["smtp_tls"] = "maybe" },
		"a port that is none":            func(x channel.Secret) { x["smtp_port"] = "70000" },
		"an address of ours that is not": func(x channel.Secret) { x["from"] = "nobody" },
	} {
		x := secret(s)
		change(x)
		_, err := smtp.Send(t.Context(), x, letter())
		if e := new(channel.SendError); !errors.As(err, &e) || e.Class != channel.Blocked || len(s.Mails()) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
