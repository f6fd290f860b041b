package inbound

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/policy"
	"github.com/okence/okence/shared/record"
)

// local is an instant by the clocks of Ljubljana.
func local(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWhoIsToldThatNobodyIsThere(t *testing.T) {
	p, err := policy.Builtin().ForTenant("ekc")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, now, told, opens string }{
		{"a second before closing", "2026-11-23 21:59:59", "", ""},
		{"at closing", "2026-11-23 22:00:00", "", "2026-11-24 08:00:00"},
		{"a second before opening", "2026-11-24 07:59:59", "", "2026-11-24 08:00:00"},
		{"at opening", "2026-11-24 08:00:00", "", ""},
		{"on a Friday night", "2026-11-27 22:30:00", "", "2026-11-30 08:00:00"},
		{"on a holiday", "2026-12-25 10:00:00", "", "2026-12-28 08:00:00"},
		{"on the Sunday of the spring change", "2026-03-29 03:30:00", "", "2026-03-30 08:00:00"},
		{"on the Sunday of the autumn change", "2026-10-25 02:30:00", "", "2026-10-26 08:00:00"},
		{"told this day already", "2026-11-28 23:59:59", "2026-11-28 00:00:00", ""},
		{"told the day before", "2026-11-29 00:00:00", "2026-11-28 23:59:59", "2026-11-30 08:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			person := &contact.Contact{}
			if c.told != "" {
				person.AwayAt = local(t, c.told).UTC()
			}
			now := local(t, c.now).UTC()
			got := away(p.At(now), person, now)
			if c.opens == "" && !got.IsZero() || c.opens != "" && !got.Equal(local(t, c.opens)) {
				t.Errorf("opens %s", got)
			}
		})
	}
}

func TestTheAnswerOutsideServiceHours(t *testing.T) {
	w, asked := sends(t)
	w.receive(said("1", "Kje dobim potrdilo?"))
	w.Clock.Add(13*time.Hour - time.Minute) // 22:59, by the clock here
	text := func() string {
		t.Helper()
		m := load(w, record.Messages, (*asked)[len(*asked)-1])
		if !m.Automatic || strings.Contains(m.Text, "{") {
			t.Errorf("%+v", m)
		}
		return m.Text
	}
	for n := range 3 {
		w.receive(said(fmt.Sprint("night", n), "Prosim, kje je moja vloga?"))
	}
	if len(*asked) != 2 || !strings.Contains(text(), "pon.–pet. 08:00–22:00") || !strings.Contains(text(), "3. 11. 2026, 08:00") {
		t.Fatalf("%d answers, the last: %s", len(*asked), text())
	}
	w.Clock.Add(2 * time.Hour) // the next day
	w.receive(said("machine", "x", func(in *message.Inbound) { in.Automatic = true }))
	if len(*asked) != 2 {
		t.Fatal("a machine was answered")
	}
	w.receive(said("next", "Hello, where is my application?"))
	if len(*asked) != 3 || !strings.HasPrefix(text(), "Hello") || !strings.Contains(text(), "Mon–Fri 08:00–22:00") || !strings.Contains(text(), "3 November 2026, 08:00") {
		t.Fatalf("%d answers, the last: %s", len(*asked), text())
	}
	w.receive(mail("<new@a>", "Dobrý deň, prosím o potvrdenie", func(in *message.Inbound) { in.Text = "Dobrý deň, prosím o potvrdenie, ďakujem." }))
	if len(*asked) != 4 || !strings.Contains(text(), "po–pi 08:00–22:00") || !strings.Contains(text(), "\n\n") {
		t.Fatalf("a first message at night is answered once, with both: %s", text())
	}
}
