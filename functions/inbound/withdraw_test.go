package inbound

import (
	"context"
	"testing"
	"time"

	"github.com/okence/okence/shared/access"
	model "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

func TestConsentEndsByAMessageFromItsReceipt(t *testing.T) {
	for text, ends := range map[string]bool{"ODJAVA!": true, " Stop. ": true, "Odvolávam súhlas": true, "Kje je odjava?": false, "stop, to ni prav": false} {
		t.Run(text, func(t *testing.T) {
			w := newWorld(t)
			w.deliver(w.event(said("wamid.1", "Živjo"), nil))
			who := w.message("wamid.1").ContactID
			s := work.Scope{Tenant: "ekc", Function: "test", Actor: access.FunctionActor("test"), Use: access.Intake}
			_, err := w.Run(context.Background(), s, func(_ context.Context, u *work.Unit) error {
				work.Save(u, record.Consents, &model.Consent{ID: "k1", ContactID: who, Purpose: "support", Text: "t", Version: "1", Channel: "whatsapp",
					How: model.Message, GivenAt: u.Now().Add(-time.Hour * 24 * 365), By: "a"})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			w.deliver(w.event(said("wamid.2", text), nil))
			c := load(w, record.Consents, "k1")
			if (c.Withdrawn != nil) != ends {
				t.Fatalf("%+v", c)
			}
			if at := w.message("wamid.2").ReceivedAt; ends && (c.Stands(at) || !c.Stands(at.Add(-time.Second))) {
				t.Errorf("it ends at %s, received %s", c.Withdrawn.At, at)
			}
		})
	}
}
