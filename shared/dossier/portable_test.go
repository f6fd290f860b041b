package dossier_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/deadline"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/domain/ticket"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// What the person supplied is in a portable copy (art. 20(1) GDPR; P18); what we
// wrote, sent and noted is in an access package alone.
func TestAPortableCopyIsOfWhatThePersonSupplied(t *testing.T) {
	w := newWorld(t)
	ana := person{"contact1", "Ana Horvat", "ana@example.si", "+38641123456"}
	w.person(ana)
	w.talk("conv", ana, "Prijava")
	media := func(m *message.Message) { m.Media = []message.Media{{Name: "a.txt", Mime: "text/plain"}} }
	w.say("conv", "in", ana, "jabolko17", media)
	w.say("conv", "out", ana, "hruska23", media, func(m *message.Message) { m.Direction = message.Out })
	w.say("conv", "robot", ana, "odsotna31", func(m *message.Message) { m.Automatic = true })
	w.do(access.Intake, func(_ context.Context, u *work.Unit) error {
		work.Save(u, record.Notices, &notice.Notice{ID: "n1", ContactID: ana.id, ConversationID: "conv", MessageID: "out", About: deadline.Ref{Kind: "request", ID: "r1"}, Template: "dsar.received", QueuedAt: u.Now()})
		work.Save(u, record.WorkLogs, &ticket.Entry{ID: "e1", ContactID: ana.id, TicketID: "t1", At: u.Now(), Kind: ticket.Note, Text: "sliva73"})
		return nil
	})
	all, text := w.build(model.Access, nil, ana.id)
	for _, want := range []string{"jabolko17", "hruska23", "odsotna31", "sliva73"} {
		if !strings.Contains(text, want) {
			t.Errorf("the access package lacks %s", want)
		}
	}
	for _, i := range all.Information { // every item of art. 15(1) and P08 has its answer
		if len(i.Text) == 0 || i.Title == "" {
			t.Errorf("nothing is said about %s", i.Name)
		}
	}
	got, text := w.build(model.Portability, nil, ana.id)
	for want, is := range map[string]bool{"jabolko17": true, "hruska23": false, "odsotna31": false, "sliva73": false, ana.mail: true, ana.phone: true} {
		if strings.Contains(text, want) != is {
			t.Errorf("the portable copy holds %s: %v", want, !is)
		}
	}
	kinds := []string{}
	for _, r := range got.Records {
		kinds = append(kinds, r.Kind+"/"+r.ID)
	}
	slices.Sort(kinds)
	if want := "attachment/in-file-0 contact/contact1 conversation/conv message/in"; strings.Join(kinds, " ") != want {
		t.Errorf("of %d records it has %v", len(all.Records), kinds)
	}
}
