package breach

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// Query says which part of the processing log a breach is looked for in.
type Query struct {
	From    time.Time `json:"from,omitzero"` // inclusive
	To      time.Time `json:"to,omitzero"`   // exclusive
	Actors  []string  `json:"actors,omitempty"`
	Sources []string  `json:"sources,omitempty"` // network addresses
	Acts    []string  `json:"acts,omitempty"`
	Kinds   []string  `json:"kinds,omitempty"`   // of record
	Records []string  `json:"records,omitempty"` // ids
	Class   string    `json:"class,omitempty"`   // of the log; "" is the platform's
}

// Empty reports whether a query names nothing to look for: everything is no scope.
func (q Query) Empty() bool {
	return len(q.Actors) == 0 && len(q.Sources) == 0 && len(q.Records) == 0 && len(q.Kinds) == 0 && (q.From.IsZero() || q.To.IsZero())
}

// Seen is an entry of the log as the tally takes it, under the entry's own names.
type Seen struct {
	Actor   string `json:"actor_id"`
	Source  string `json:"source"`
	Act     string `json:"act"`
	Subject string `json:"subject"`
	Items   []Item `json:"items"`
}

// Item is a record that an entry names.
type Item struct {
	Kind   string   `json:"kind"`
	ID     string   `json:"id"`
	Fields []string `json:"fields"`
}

// maxNeedles is how many values of one field are looked for in what is still
// JSON; more are cheaper to look up once it is decoded.
const maxNeedles = 8

// Sieve says, of an entry that is still JSON, whether it may be one that the
// query looks for: each field asked about has one of its values in it, written as
// encoding/json writes it. It may say yes to more, never no to one.
func (q Query) Sieve() func(entry []byte) bool {
	var needles [][][]byte
	for _, values := range [][]string{q.Records, q.Actors, q.Sources, q.Kinds, q.Acts} {
		if len(values) == 0 || len(values) > maxNeedles {
			continue
		}
		var of [][]byte
		for _, v := range values {
			b, err := json.Marshal(v)
			if err != nil {
				return func([]byte) bool { return true }
			}
			of = append(of, b)
		}
		needles = append(needles, of)
	}
	return func(entry []byte) bool {
		for _, of := range needles {
			if !slices.ContainsFunc(of, func(n []byte) bool { return bytes.Contains(entry, n) }) {
				return false
			}
		}
		return true
	}
}

// Scope is what a query found, kept as evidence. Running it again makes a
// further one.
type Scope struct {
	_        struct{}  `data:"owner=~breach class=breach purpose=proof"`
	ID       string    `json:"id" data:"technical"`
	BreachID string    `json:"breach_id" data:"technical"`
	No       int       `json:"no" data:"technical"`
	AskedAt  time.Time `json:"asked_at" data:"technical"`
	DoneAt   time.Time `json:"done_at,omitzero" data:"technical"` // zero: under way

	Entries    int64            `json:"entries" data:"technical"` // looked at
	Matched    int64            `json:"matched" data:"technical"`
	Persons    int64            `json:"persons" data:"technical"`
	Records    int64            `json:"records" data:"technical"`
	Categories map[string]int64 `json:"categories,omitempty" data:"technical"` // category of personal data -> records
	Kinds      map[string]int64 `json:"kinds,omitempty" data:"technical"`      // kind of record -> records
	SHA256     string           `json:"sha256,omitempty" data:"technical"`     // hex, of the evidence

	Query    Query  `json:"query" data:"personal activity"`
	By       Person `json:"by" data:"personal activity"`
	Evidence []byte `json:"-" data:"personal activity file"` // JSON: {"persons": […], "records": ["kind/id", …]}, sorted
}

// Tally counts what a query finds, entry by entry, in any order.
type Tally struct {
	query      Query
	actors     map[string]bool
	sources    map[string]bool
	acts       map[string]bool
	kinds      map[string]bool
	records    map[string]bool
	categories func(kind string, fields []string) []string

	Entries, Matched int64
	persons          map[string]bool
	found            map[[2]string]uint32 // kind and id -> categories, by bit
	names            []string             // of the bits
}

// NewTally makes a tally. categories says which categories of personal data the
// fields of a kind of record are tagged with; no fields means the whole record.
func NewTally(q Query, categories func(kind string, fields []string) []string) *Tally {
	return &Tally{
		query: q, actors: set(q.Actors), sources: set(q.Sources), acts: set(q.Acts), kinds: set(q.Kinds), records: set(q.Records),
		categories: categories, persons: map[string]bool{}, found: map[[2]string]uint32{},
	}
}

func set(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, s := range list {
		out[s] = true
	}
	return out
}

func wanted(s map[string]bool, v string) bool { return len(s) == 0 || s[v] }

// Look counts entries that were looked at.
func (t *Tally) Look(n int) { t.Entries += int64(n) }

// Add takes one entry of the log that was looked at, whose instant is within the
// query's.
func (t *Tally) Add(e Seen) {
	if !wanted(t.actors, e.Actor) || !wanted(t.sources, e.Source) || !wanted(t.acts, e.Act) {
		return
	}
	hit := false
	for _, i := range e.Items {
		if !wanted(t.kinds, i.Kind) || !wanted(t.records, i.ID) {
			continue
		}
		hit = true
		key := [2]string{i.Kind, i.ID}
		t.found[key] |= t.bits(i)
	}
	if !hit && (len(e.Items) > 0 || len(t.kinds)+len(t.records) > 0) {
		return
	}
	t.Matched++
	if e.Subject != "" {
		t.persons[e.Subject] = true
	}
}

func (t *Tally) bits(i Item) (mask uint32) {
	for _, name := range t.categories(i.Kind, i.Fields) {
		at := slices.Index(t.names, name)
		if at < 0 {
			at = len(t.names)
			t.names = append(t.names, name)
		}
		mask |= 1 << at
	}
	return mask
}

// Merge adds what another tally of the same query found.
func (t *Tally) Merge(o *Tally) {
	t.Entries, t.Matched = t.Entries+o.Entries, t.Matched+o.Matched
	for p := range o.persons {
		t.persons[p] = true
	}
	for key, mask := range o.found {
		var names []string
		for at, name := range o.names {
			if mask&(1<<at) != 0 {
				names = append(names, name)
			}
		}
		for _, name := range names {
			at := slices.Index(t.names, name)
			if at < 0 {
				at = len(t.names)
				t.names = append(t.names, name)
			}
			t.found[key] |= 1 << at
		}
		t.found[key] |= 0
	}
}

// Persons are the ids of whom the data are, sorted.
func (t *Tally) Persons() []string { return sorted(t.persons) }

// Fill puts the counts into a scope, and returns the evidence's records, sorted
// as "kind/id".
func (t *Tally) Fill(s *Scope) (records []string) {
	s.Entries, s.Matched = t.Entries, t.Matched
	s.Persons, s.Records = int64(len(t.persons)), int64(len(t.found))
	s.Categories, s.Kinds = map[string]int64{}, map[string]int64{}
	records = make([]string, 0, len(t.found))
	for key, mask := range t.found {
		s.Kinds[key[0]]++
		for at, name := range t.names {
			if mask&(1<<at) != 0 {
				s.Categories[name]++
			}
		}
		records = append(records, key[0]+"/"+key[1])
	}
	slices.Sort(records)
	return records
}

func sorted(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
