package policy

import (
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	i, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// K01: working days 08:00 to 22:00, end exclusive.
func TestServiceHoursOfThePack(t *testing.T) {
	hours, err := pack(t, "ekc").At(day("2026-11-23")).Open("service")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, at string
		open     bool
	}{
		{"a second before eight", "2026-11-23T07:59:59+01:00", false},
		{"at eight", "2026-11-23T08:00:00+01:00", true},
		{"a second before ten in the evening", "2026-11-23T21:59:59+01:00", true},
		{"at ten in the evening", "2026-11-23T22:00:00+01:00", false},
		{"on a Saturday", "2026-11-21T12:00:00+01:00", false},
		{"on Christmas Day", "2026-12-25T12:00:00+01:00", false},
		{"on a state holiday that is worked", "2026-11-23T12:00:00+01:00", true},
	} {
		if got := hours.IsOpen(instant(t, c.at)); got != c.open {
			t.Errorf("%s: open %v", c.name, got)
		}
	}
	if _, err := pack(t, "2mobile").At(day("2026-11-23")).Open("service"); err == nil {
		t.Error("2mobile has no service hours")
	}
}

func TestADayOfThePackIsOffAndAWorkedHolidayIsOn(t *testing.T) {
	data := breakPack(t, "ekc", "      conversation:\n        clause: \"ekc 3.1.1\"",
		"      holidays:\n        clause: ekc 2.1\n        rules: [K01]\n        2026-11-24: {name: moving, work_free: true, law: order}\n        2026-12-25: {name: worked, law: order}\n      conversation:\n        clause: \"ekc 3.1.1\"")
	set, _, err := Builtin().WithFile("ekc.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.Pack("ekc")
	hours, err := p.At(day("2026-11-23")).Open("service")
	if err != nil {
		t.Fatal(err)
	}
	if hours.IsOpen(instant(t, "2026-11-24T12:00:00+01:00")) || !hours.IsOpen(instant(t, "2026-12-25T12:00:00+01:00")) {
		t.Error("the pack's own days are not heard")
	}
}

func TestSpansBecomeTermsOfDomainPeriod(t *testing.T) {
	for _, c := range []struct {
		span string
		want period.Term
	}{
		{"72h", period.Hours(72)}, {"30d", period.Days(30)}, {"1m", period.Months(1)}, {"5y", period.Years(5)},
	} {
		s, _ := ParseSpan(c.span)
		if got, err := s.Term(); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", c.span, got, err)
		}
	}
	for _, s := range []string{"0h", "10min"} {
		p, _ := ParseSpan(s)
		if _, err := p.Term(); err == nil {
			t.Errorf("%s is a limit", s)
		}
	}
	if got, err := (Span{6, Hour}).Notice(); err != nil || got != period.Before(6, period.Hour) {
		t.Errorf("S04: %v, %v", got, err)
	}
}

func TestRetentionAndLogsBecomeTermsOfDomainPeriod(t *testing.T) {
	now := day("2026-11-23")
	ekc, laboss := pack(t, "ekc").At(now), pack(t, "laboss").At(now)
	for rule, want := range map[string]period.Term{"desk-servant": period.OlderThan(5, period.Year), "platform": period.OlderThan(1, period.Year), "intake": period.AtMost(30, period.Day)} {
		if got, atOnce, err := ekc.Retention[rule].Term(); err != nil || atOnce || got != want {
			t.Errorf("%s: %v, %v", rule, got, err)
		}
	}
	if _, atOnce, err := pack(t, "saopnet").At(now).Retention["cashiers"].Term(); !atOnce || err != nil {
		t.Error("S22: at once when the purpose is fulfilled")
	}
	if got, ends, err := ekc.Logs["desk-login"].Term(); err != nil || !ends || got != period.AtMost(6, period.Month) {
		t.Errorf("K16: %v, %v", got, err)
	}
	if _, ends, _ := ekc.Logs["desk-audit"].Term(); ends {
		t.Error("K12: the desk's audit ends with its ticket")
	}
	if got, ends, err := laboss.Logs["processing-log"].Term(); err != nil || !ends || got != period.YearsAfter(2) {
		t.Errorf("L11: %v, %v", got, err)
	}
}

func TestCiteNamesClauseAndLaw(t *testing.T) {
	p := pack(t, "ekc")
	if got := p.Cite("breach.authority.within", day("2026-11-23")); got != "ekc sec. 7.14; GDPR art. 33(1)" {
		t.Errorf("got %q", got)
	}
	a, _ := p.Agreement("business")
	if got := a.Cite("retention.platform.period", day("2026-11-23")); got != "spec sec. B.6; ekc sec. 7.8.1, 7.13.2" {
		t.Errorf("got %q", got)
	}
	if got := p.Cite("no.such", day("2026-11-23")); got != "" {
		t.Errorf("got %q", got)
	}
}
