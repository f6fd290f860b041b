package inbound

import (
	"context"
	"testing"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/domain/dsar"
	"github.com/okence/okence/shared/domain/message"
)

func TestARequestInAMessageIsToldWithIt(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		change func(*message.Inbound)
		want   int
	}{
		"a request":                     {"Prosim za izpis svojih osebnih podatkov.", nil, 1},
		"a question":                    {"Kdaj imate odprto?", nil, 0},
		"what a machine wrote":          {"Prosim za izpis svojih osebnih podatkov.", func(m *message.Inbound) { m.Automatic = true }, 0},
		"what our side wrote elsewhere": {"Prosim za izpis svojih osebnih podatkov.", func(m *message.Inbound) { m.Direction = message.Out }, 0},
		"only what is quoted":           {"Hvala!\n\n> Prosim za izpis svojih osebnih podatkov.\n", nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var told []*events.DsarRecognised
			w.Env.Published = func(_ context.Context, _ string, es []events.Event) {
				for _, e := range es {
					if d, err := events.As[events.DsarRecognised](e); err == nil {
						told = append(told, d)
					}
				}
			}
			m := said("wamid.1", c.text)
			if c.change != nil {
				c.change(&m)
			}
			e := w.event(m, nil)
			w.deliver(e)
			w.deliver(e)
			if len(told) != c.want {
				t.Fatalf("told %d times, want %d", len(told), c.want)
			}
			if c.want == 0 {
				return
			}
			got, d := w.message("wamid.1"), told[0]
			if d.MessageID != got.ID || d.ContactID != got.ContactID || !d.ReceivedAt.Equal(got.ReceivedAt) || d.Asks[0].Right != dsar.Access || d.Language != "sl" {
				t.Errorf("%+v", d)
			}
		})
	}
}
