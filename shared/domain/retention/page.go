package retention

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// PageSize is how many records one page of a plan names: small enough that its
// record is cheap to write anew with each commit that treats some of them.
const PageSize = 64

// Item is one record that a plan names.
type Item struct {
	Kind    string `json:"k"`
	ID      string `json:"i"`
	Subject string `json:"s,omitempty"` // of a record of several persons: whose part; "" is the whole record
	Act     string `json:"a"`
	Rule    string `json:"r,omitempty"` // id in the pack; "" of an erasure on request
}

// Outcome is what became of an item. The set is closed.
type Outcome string

const (
	Done     Outcome = "done"
	Absent   Outcome = "absent"   // it had gone before
	NotDue   Outcome = "not_due"  // its term runs on: the facts changed since the plan
	HeldBack Outcome = "held"     // Why names the causes
	Followed Outcome = "followed" // it stays, as records of others depend on it
)

// Outcomes is the closed set.
var Outcomes = []Outcome{Done, Absent, NotDue, HeldBack, Followed}

// Validate reports whether o is one of the set.
func (o Outcome) Validate() error {
	for _, known := range Outcomes {
		if o == known {
			return nil
		}
	}
	return fmt.Errorf("retention: unknown outcome")
}

// Result is the outcome of one item.
type Result struct {
	Outcome Outcome `json:"o"`
	Why     string  `json:"w,omitempty"` // causes, in order
	With    int     `json:"n,omitempty"` // records that went along
	Warning string  `json:"!,omitempty"` // what did not hold it back and is told: "open_ticket"
}

// PageState is how far a page has come. Each step is a commit of its own; all
// may be repeated.
type PageState string

const (
	PagePlanned PageState = "planned"
	PageTreated PageState = "treated" // every item has its result
	PageClosed  PageState = "closed"  // tombstones are written, keys destroyed, and what went was looked for
)

// Page is a bounded piece of a plan. Next and Results advance in the same
// commit as the records themselves, so that each is treated once, whoever dies
// and however many work at once.
type Page struct {
	ID      string    `json:"id" data:"technical"` // PageID
	Job     string    `json:"job" data:"technical"`
	Number  int       `json:"number" data:"technical"`
	State   PageState `json:"state" data:"technical"`
	Items   []Item    `json:"items" data:"technical"`
	Results []Result  `json:"results,omitempty" data:"technical"` // of the first items, in order
	Persons []string  `json:"persons,omitempty" data:"technical"` // who may have nothing left

	Files []string `json:"files,omitempty" data:"technical"` // names of those that went along: they are looked for at the end

	// Continues: what its first items belong to begins on the page before,
	// which is executed first: a conversation goes after its messages.
	Continues bool `json:"continues,omitempty" data:"technical"`

	At time.Time `json:"at" data:"technical"` // of the plan; of Closed once it is

	// What closing found.
	People  int `json:"people,omitempty" data:"technical"`  // persons of whom nothing is left
	Keys    int `json:"keys,omitempty" data:"technical"`    // destroyed
	Residue int `json:"residue,omitempty" data:"technical"` // records, index entries and files that should be gone and are not

	Searched int `json:"searched,omitempty" data:"technical"` // in how many places they were looked for
}

// PageID is the id of a job's nth page.
func PageID(job string, n int) string { return fmt.Sprintf("%s.%08d", job, n) }

// Next is the number of the first item without a result.
func (p *Page) Next() int { return len(p.Results) }

// Settle notes the result of the next item.
func (p *Page) Settle(r Result) {
	p.Results = append(p.Results, r)
	if len(p.Results) == len(p.Items) {
		p.State = PageTreated
	}
}

// Concerns notes a person whose key may have nothing left to open.
func (p *Page) Concerns(person string) {
	for _, known := range p.Persons {
		if known == person {
			return
		}
	}
	p.Persons = append(p.Persons, person)
}

// Chain is a hash over pages in order: SHA-256 of what was before, the number
// of items and each item's fields behind their lengths. It begins with "".
type Chain string

// Plan adds all items of a page.
func (c Chain) Plan(p *Page) Chain { return c.add(p, func(int) bool { return true }) }

// Executed adds the items of a page that were done.
func (c Chain) Executed(p *Page) Chain {
	return c.add(p, func(i int) bool { return i < len(p.Results) && p.Results[i].Outcome == Done })
}

func (c Chain) add(p *Page, in func(int) bool) Chain {
	h := sha256.New()
	write := func(s string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	write(string(c))
	for i, it := range p.Items {
		if !in(i) {
			continue
		}
		for _, s := range [...]string{it.Kind, it.ID, it.Subject, it.Act, it.Rule} {
			write(s)
		}
	}
	return Chain(hex.EncodeToString(h.Sum(nil)))
}
