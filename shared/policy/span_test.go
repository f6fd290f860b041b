package policy

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestSpanReadsWhatItWrites(t *testing.T) {
	for _, s := range []string{"10min", "0h", "24h", "72h", "30d", "6m", "1y", "5y"} {
		p, err := ParseSpan(s)
		if err != nil || p.String() != s || p.IsZero() {
			t.Errorf("%s: %v, %v", s, p, err)
		}
	}
	for _, s := range []string{"", "h", "24", "024h", "-1d", "+1d", "1.5h", "1 h", "24H", "1w", "999999y", "1y6m", "٣d"} {
		if p, err := ParseSpan(s); err == nil {
			t.Errorf("%q is taken as %v", s, p)
		}
	}
	if (Span{}).String() != "" || !(Span{}).IsZero() {
		t.Error("the zero span")
	}
}

func TestSpanComparesWithTheCalendarInMind(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		exceeds    bool
	}{
		{"30 days exceed a month that begins on 1 February", "30d", "1m", true},
		{"29 days exceed it", "29d", "1m", true},
		{"28 days never exceed a month", "28d", "1m", false},
		{"a month exceeds 30 days", "1m", "30d", true},
		{"a month never exceeds 31 days", "1m", "31d", false},
		{"3 days exceed 72 hours in autumn", "3d", "72h", true},
		{"2 days never exceed 72 hours", "2d", "72h", false},
		{"72 hours do not exceed 72 hours", "72h", "72h", false},
		{"73 hours exceed 72", "73h", "72h", true},
		{"12 months are a year", "12m", "1y", false},
		{"13 months exceed a year", "13m", "1y", true},
		{"a year exceeds 365 days", "1y", "365d", true},
		{"a year never exceeds 366 days", "1y", "366d", false},
		{"1461 days never exceed four years", "1461d", "4y", false},
		{"1462 days exceed four years", "1462d", "4y", true},
		{"61 minutes exceed an hour", "61min", "1h", true},
	} {
		a, _ := ParseSpan(c.a)
		b, _ := ParseSpan(c.b)
		if a.Exceeds(b) != c.exceeds || b.Below(a) != c.exceeds {
			t.Errorf("%s: got %v", c.name, !c.exceeds)
		}
	}
}

// Against the calendar itself, with months clamped as Regulation 1182/71 has it.
func TestSpanBoundsHoldForEveryStart(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := Span{rapid.IntRange(0, 60).Draw(t, "n"), rapid.SampledFrom(units).Draw(t, "unit")}
		start := time.Date(1950, 1, 1+rapid.IntRange(0, 30_000).Draw(t, "day"), 0, 0, 0, 0, zone)
		var end time.Time
		if d, ok := s.Elapsed(); ok {
			end = start.Add(d)
		} else if s.Unit == Day {
			end = start.AddDate(0, 0, s.N)
		} else {
			months := s.N
			if s.Unit == Year {
				months *= 12
			}
			first := time.Date(start.Year(), start.Month()+time.Month(months), 1, 0, 0, 0, 0, zone)
			last := first.AddDate(0, 1, -1).Day()
			end = time.Date(first.Year(), first.Month(), min(start.Day(), last), 0, 0, 0, 0, zone)
		}
		if got := end.Sub(start); got < s.Shortest() || got > s.Longest() {
			t.Fatalf("%s from %s is %s, outside %s to %s", s, start, got, s.Shortest(), s.Longest())
		}
	})
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"24h", "10min", "0h", "", "h", "99999999999999999999d", "1y6m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseSpan(s)
		if err == nil && (p.String() != s || p.Unit.Validate() != nil) {
			t.Errorf("%q reads as %v", s, p)
		}
		if err != nil && !strings.Contains(err.Error(), "want a whole number") {
			t.Errorf("%q: %v", s, err)
		}
	})
}
