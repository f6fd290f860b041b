// Package report counts what tickets tell of no person, in groups large enough to
// hide in: what has been made anonymous keeps its number, times and labour cost
// (K17), and a group of one or two would tell again whose it was. It is pure.
package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/domain/ticket"
)

// By is what tickets are grouped by. The set is closed: there is no report of one
// adviser's work (ekc 7.9).
type By string

// The groupings.
const (
	ByService By = "service"
	ByKind    By = "kind"
	ByClass   By = "class" // of person
)

// Groupings is the closed set.
var Groupings = []By{ByService, ByKind, ByClass}

// of is the group of a ticket; "" is none, such as no service yet.
func (b By) of(t *ticket.Ticket) string {
	switch b {
	case ByKind:
		return string(t.Kind)
	case ByClass:
		return string(t.Class)
	}
	return t.Service
}

// Counts are those of one group of tickets.
type Counts struct {
	Tickets  int              `json:"tickets"`
	Closed   int              `json:"closed"` // over: resolved, closed or cancelled
	Reopened int              `json:"reopened"`
	Minutes  int              `json:"minutes"` // spent
	Cost     map[string]int64 `json:"cost"`    // of labour, in hundredths, by currency
}

// Group is one row. Counts is nil where the row is suppressed.
type Group struct {
	Name   string  `json:"name"`
	Counts *Counts `json:"counts,omitempty"`
}

// Table is a report: its rows by name, and all together. Total is nil where it
// would tell what a suppressed row holds.
type Table struct {
	Groups     []Group `json:"groups"`
	Total      *Counts `json:"total,omitempty"`
	Suppressed int     `json:"suppressed"` // rows
}

// Tally gathers tickets.
type Tally struct {
	by   By
	rows map[string]*row
}

type row struct {
	Counts
	people    map[string]bool
	anonymous int
}

// size is how many persons a row may be of: those known, and as nobody can tell
// any more, each anonymous ticket for one.
func (r *row) size() int { return len(r.people) + r.anonymous }

// New begins a report.
func New(by By) *Tally { return &Tally{by, map[string]*row{}} }

// Add takes a ticket in. Its sealed parts need not be open.
func (t *Tally) Add(x *ticket.Ticket) {
	name := t.by.of(x)
	r := t.rows[name]
	if r == nil {
		r = &row{people: map[string]bool{}}
		r.Cost = map[string]int64{}
		t.rows[name] = r
	}
	if x.ContactID == retention.Anonymous {
		r.anonymous++
	} else {
		r.people[x.ContactID] = true
	}
	r.add(x)
}

func (c *Counts) add(x *ticket.Ticket) {
	c.Tickets++
	if !x.State.Open() {
		c.Closed++
	}
	c.Reopened += x.Reopened
	c.Minutes += x.Minutes
	if x.Cost != 0 {
		c.Cost[x.Currency] += x.Cost
	}
}

func (c *Counts) join(o *Counts) {
	c.Tickets, c.Closed, c.Reopened, c.Minutes = c.Tickets+o.Tickets, c.Closed+o.Closed, c.Reopened+o.Reopened, c.Minutes+o.Minutes
	for currency, cost := range o.Cost {
		c.Cost[currency] += cost
	}
}

// Table is the report, in which no row of fewer persons than smallest stands, and
// none that could be computed as what the others leave of the total: the next
// larger rows go with it until what is left unsaid is of two rows at least, and of
// smallest persons.
func (t *Tally) Table(smallest int) Table {
	names := make([]string, 0, len(t.rows))
	for name := range t.rows {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.rows[a].size(), t.rows[b].size()), cmp.Compare(a, b))
	})
	hidden, unsaid := map[string]bool{}, 0
	for _, name := range names {
		size := t.rows[name].size()
		if size >= smallest && (len(hidden) == 0 || len(hidden) > 1 && unsaid >= smallest) {
			break
		}
		hidden[name], unsaid = true, unsaid+size
	}
	out := Table{Groups: []Group{}, Suppressed: len(hidden)}
	slices.Sort(names)
	total := &Counts{Cost: map[string]int64{}}
	for _, name := range names {
		r := t.rows[name]
		total.join(&r.Counts)
		g := Group{Name: name}
		if !hidden[name] {
			g.Counts = &r.Counts
		}
		out.Groups = append(out.Groups, g)
	}
	if len(hidden) == 0 || len(hidden) > 1 && unsaid >= smallest {
		out.Total = total
	}
	return out
}

// Month is a month of reports, from its first instant to the first of the next,
// UTC. Only one that is over is told: from two reports of one that grows, one
// could tell what came between them.
func Month(text string, zone *time.Location, now time.Time) (from, to time.Time, ok bool) {
	from, err := time.ParseInLocation("2006-01", text, zone)
	if err != nil {
		return from, to, false
	}
	to = from.AddDate(0, 1, 0)
	return from.UTC(), to.UTC(), !now.Before(to)
}
