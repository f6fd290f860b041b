package dossier

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// disclose puts lines into the register of p1, one each second.
func (w *world) disclose(lines ...model.Disclosure) {
	w.do(access.Claims, func(ctx context.Context, u *work.Unit) error {
		for i := range lines {
			lines[i].ContactID = "p1"
			if lines[i].At.IsZero() {
				lines[i].At = u.Now().Add(time.Duration(i) * time.Second)
			}
			if err := dossier.Disclose(ctx, u, &lines[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestRecipientsAreWrittenTo(t *testing.T) {
	for _, right := range []dsar.Right{dsar.Erasure, dsar.Rectification, dsar.Restriction, dsar.NotifyOthers} {
		t.Run(string(right), func(t *testing.T) {
			w := newWorld(t)
			w.disclose(
				model.Disclosure{ID: "d1", Recipient: "Zavod", Mailbox: "zavod@example.si", Ground: "written_request", About: []string{"ticket/t1"}},
				model.Disclosure{ID: "d2", Recipient: "Zavod", Mailbox: "zavod@example.si", Ground: "written_request", About: []string{"ticket/t2"}},
				model.Disclosure{ID: "d3", Recipient: "of-no-mailbox", Ground: model.Escalation, About: []string{"ticket/t3"}},
				model.Disclosure{ID: "d4", Recipient: "link", Ground: model.ToPerson},
				model.Disclosure{ID: "d5", Recipient: "Sodnik", Ground: "court_order"},
			)
			w.grant("r1", right)
			notices := map[string]bool{}
			for id, letter := range map[string]bool{"d1": true, "d2": true, "d3": false, "d5": false} {
				d, _ := find(w, record.Disclosures, id)
				if len(d.Told) != 1 || d.Told[0].Right != string(right) || (d.Told[0].Notice != "") != letter {
					t.Errorf("%s: %+v", id, d.Told)
					continue
				}
				if letter {
					notices[d.Told[0].Notice] = true
				}
			}
			if d, _ := find(w, record.Disclosures, "d4"); len(d.Told) != 0 {
				t.Error("the person was told as a recipient")
			}
			if len(notices) != 1 {
				t.Fatalf("%d letters, want one for each mailbox", len(notices))
			}
			d, _ := find(w, record.Disclosures, "d1")
			n, ok := find(w, record.Notices, d.Told[0].Notice)
			if !ok || n.Template != "dossier.recipient" || n.About.ID != "r1" {
				t.Fatalf("%+v", n)
			}
			if m, ok := find(w, record.Messages, n.MessageID); !ok || !strings.Contains(m.Text, "ticket/t1") || !strings.Contains(m.Text, "ticket/t2") || m.Recipients[0].Address != "zavod@example.si" {
				t.Errorf("%+v", m)
			}
		})
	}
}
