package retention

import (
	"encoding/json"
	"slices"
	"time"
)

// Certificate is what a sweep did (A7; L08: proof of erasure). It holds counts,
// hashes, ids and codes, and no personal data: the ids that it shows are of
// records that are still there, which nobody outside can open.
type Certificate struct {
	V            int          `json:"v"`
	Sweep        string       `json:"sweep"`
	Tenant       string       `json:"tenant"`
	AsOf         time.Time    `json:"as_of"` // what was due at this instant
	PlannedAt    time.Time    `json:"planned_at"`
	EndedAt      time.Time    `json:"ended_at"`
	Contract     string       `json:"contract,omitempty"`    // that has ended, and whose data these were
	ReleasedBy   string       `json:"released_by,omitempty"` // who started a frozen plan or released the brake
	PlanHash     Chain        `json:"plan_hash"`             // over every item planned, in order
	ExecutedHash Chain        `json:"executed_hash"`         // over every item done: the same as PlanHash where nothing differs
	Policies     []PolicyDone `json:"policies"`
	Differing    int          `json:"differing"`
	Differences  []Difference `json:"differences,omitempty"` // the first of them
	Persons      int          `json:"persons"`               // of whom nothing is left
	Keys         int          `json:"keys"`                  // destroyed
	Residue      Residue      `json:"residue"`
	Capped       bool         `json:"capped,omitempty"` // more was due than one run takes; the next one goes on
	Backups      string       `json:"backups"`
}

// PolicyDone counts what was done under one rule to one kind of record.
type PolicyDone struct {
	Rule    string          `json:"rule"`
	Clause  string          `json:"clause"`
	Kind    string          `json:"kind"`
	Planned int             `json:"planned"`
	Results map[Outcome]int `json:"results"`
	With    int             `json:"with"`
	Samples []string        `json:"samples,omitempty"` // ids of some that were planned
}

// Residue is what was looked for after the run and should be gone: records, what
// indexes still lead to, files.
type Residue struct {
	Searched int `json:"searched"` // places
	Found    int `json:"found"`
}

const certificateVersion = 1

// Backups says what becomes of copies.
const Backups = "Keys under which nothing is left were destroyed, which closes every copy. Where a key stays, a backup is opened only after the erasures have been replayed; key backups live seven days at most."

// Certify makes the body of the certificate. clause names a rule's clause.
func (s *Sweep) Certify(tenant string, clause func(rule string) string) ([]byte, error) {
	c := Certificate{
		V: certificateVersion, Sweep: s.ID, Tenant: tenant, AsOf: s.AsOf, PlannedAt: s.PlannedAt, EndedAt: s.EndedAt, Contract: s.Contract, ReleasedBy: s.ReleasedBy,
		PlanHash: s.PlanHash, ExecutedHash: s.ExecutedHash, Differing: s.Differing, Differences: s.Differences, Persons: s.People, Keys: s.Keys,
		Residue: Residue{Searched: s.Searched, Found: s.Residue}, Capped: s.Capped, Backups: Backups, Policies: s.Policies(clause),
	}
	for i := range c.Policies {
		c.Policies[i].Samples = nil // what is gone is not named
	}
	return json.Marshal(c)
}

// Policies counts what was planned and done under each rule, by kind.
func (s *Sweep) Policies(clause func(rule string) string) []PolicyDone {
	names := make([]string, 0, len(s.Tallies))
	for name := range s.Tallies {
		names = append(names, name)
	}
	slices.Sort(names)
	out := []PolicyDone{}
	for _, name := range names {
		t := s.Tallies[name]
		rule, kind := split(name)
		out = append(out, PolicyDone{rule, clause(rule), kind, t.Planned, t.Results, t.With, t.Samples})
	}
	return out
}

// split takes a tally's name apart.
func split(name string) (rule, kind string) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}
