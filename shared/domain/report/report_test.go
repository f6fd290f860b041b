package report

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
)

// tally gathers so many tickets of a service, each of another person.
func tally(sizes map[string]int) *Tally {
	t := New(ByService)
	for service, n := range sizes {
		for i := range n {
			t.Add(&ticket.Ticket{Service: service, ContactID: fmt.Sprint(service, i), State: ticket.Closed, Minutes: 10, Cost: 100, Currency: "EUR"})
		}
	}
	return t
}

// TestSmallGroupsHide: neither a row nor what is left of the total tells of fewer
// than five.
func TestSmallGroupsHide(t *testing.T) {
	for name, c := range map[string]struct {
		sizes map[string]int
		shown string
		total bool
	}{
		"nothing at all":                        {nil, "", true},
		"all large enough":                      {map[string]int{"a": 5, "b": 6}, "a b ", true},
		"one is too small: the next goes too":   {map[string]int{"a": 4, "b": 6, "c": 9}, "c ", true},
		"of two, both go":                       {map[string]int{"a": 1, "b": 50}, "", true},
		"alone, and its total":                  {map[string]int{"a": 4}, "", false},
		"alone and large":                       {map[string]int{"a": 5}, "a ", true},
		"two small ones that hide each other":   {map[string]int{"a": 2, "b": 3, "c": 9}, "c ", true},
		"two small ones that are too few":       {map[string]int{"a": 1, "b": 1, "c": 9, "d": 10}, "d ", true},
		"all of them are too few":               {map[string]int{"a": 1, "b": 1}, "", false},
		"no service yet is a group like others": {map[string]int{"": 2, "b": 9, "c": 10}, "c ", true},
	} {
		t.Run(name, func(t *testing.T) {
			table := tally(c.sizes).Table(5)
			shown := ""
			for _, g := range table.Groups {
				if g.Counts != nil {
					shown += g.Name + " "
				}
			}
			if shown != c.shown || (table.Total != nil) != c.total || len(table.Groups) != len(c.sizes) {
				t.Fatalf("%+v", table)
			}
		})
	}
}

// TestASmallGroupIsOfPersons: five tickets of one person are one to hide; what is
// anonymous counts for one each.
func TestASmallGroupIsOfPersons(t *testing.T) {
	for contact, shown := range map[string]bool{"ana": false, retention.Anonymous: true} {
		x := New(ByKind)
		for range 5 {
			x.Add(&ticket.Ticket{Kind: ticket.Incident, ContactID: contact})
		}
		if table := x.Table(5); (table.Groups[0].Counts != nil) != shown || (table.Total != nil) != shown {
			t.Errorf("%s: %+v", contact, table)
		}
	}
}

// TestNothingSmallIsLeft: whatever the groups, what is unsaid is of no group, or of
// two at least and of enough persons, unless the total is unsaid, too; and what is
// said adds up.
func TestNothingSmallIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.MapOfN(rapid.StringMatching("[a-d][a-d]"), rapid.IntRange(1, 12), 0, 8).Draw(t, "sizes")
		smallest := rapid.IntRange(2, 8).Draw(t, "smallest")
		table := tally(sizes).Table(smallest)
		said, unsaid, rows := 0, 0, 0
		for _, g := range table.Groups {
			switch {
			case g.Counts == nil:
				unsaid, rows = unsaid+sizes[g.Name], rows+1
			case g.Counts.Tickets < smallest || g.Counts.Tickets != sizes[g.Name] || g.Counts.Cost["EUR"] != int64(100*sizes[g.Name]):
				t.Fatalf("%s tells of %+v", g.Name, g.Counts)
			default:
				said += g.Counts.Tickets
			}
		}
		if rows != table.Suppressed {
			t.Fatal(rows)
		}
		if table.Total == nil {
			if said > 0 {
				t.Fatal("the total might be told")
			}
			return
		}
		if table.Total.Tickets != said+unsaid || rows == 1 || rows > 0 && unsaid < smallest {
			t.Fatalf("%d of %d rows are left of the total", unsaid, rows)
		}
	})
}

// TestAMonthIsTold once it is over, in local time.
func TestAMonthIsTold(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)
	if _, _, ok := Month("2026-10", zone, end.Add(-time.Second)); ok {
		t.Error("a second before its end")
	}
	from, to, ok := Month("2026-10", zone, end)
	if !ok || !to.Equal(end) || !from.Equal(time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC)) {
		t.Error(from, to, ok)
	}
	for _, bad := range []string{"", "2026-13", "2026-1", "2026-10-01"} {
		if _, _, ok := Month(bad, zone, end); ok {
			t.Error(bad)
		}
	}
}
