package retention

import (
	"errors"
	"fmt"
	"time"
)

// SweepState is where a sweep stands.
type SweepState string

const (
	Planning SweepState = "planning" // pages of the plan are being written
	Frozen   SweepState = "frozen"   // a dry run: the plan stands, and may be executed
	Braked   SweepState = "braked"   // the plan is far larger than usual: an administrator releases it
	Running  SweepState = "running"  // its pages are being executed
	Certify  SweepState = "certify"  // done; the certificate waits for its place in the log
	Finished SweepState = "finished" // certified
)

// SweepStates is the closed set.
var SweepStates = []SweepState{Planning, Frozen, Braked, Running, Certify, Finished}

// Validate reports whether s is one of the set.
func (s SweepState) Validate() error {
	for _, known := range SweepStates {
		if s == known {
			return nil
		}
	}
	return fmt.Errorf("retention: unknown state of a sweep")
}

// Scale bounds a run and tells when one is out of the ordinary.
type Scale struct {
	Cap    int // records in one plan; the rest waits for the next run
	Least  int // a plan up to this size is never braked
	Factor int // times the usual size (mean of the runs before) from which the brake holds
}

// Standard is the scale of a deployment that sets none.
var Standard = Scale{Cap: 500_000, Least: 5_000, Factor: 5}

// Tally counts the items of a plan and their results.
type Tally struct {
	Planned int             `json:"planned"`
	Results map[Outcome]int `json:"results,omitempty"`
	With    int             `json:"with,omitempty"` // records that went along: files, aliases

	Warned  map[string]int `json:"warned,omitempty"` // by warning: treated although a ticket was open (A8)
	Samples []string       `json:"samples,omitempty"`
}

// MaxSamples is how many ids of each policy and kind a plan shows.
const MaxSamples = 5

// MaxDifferences bounds the differences that a certificate names one by one;
// all are counted.
const MaxDifferences = 500

// Difference is an item that was planned and not done.
type Difference struct {
	Kind    string  `json:"kind"`
	ID      string  `json:"id"`
	Rule    string  `json:"rule"`
	Outcome Outcome `json:"outcome"`
	Why     string  `json:"why,omitempty"`
}

// Sweep is a plan of what is due, and its run.
type Sweep struct {
	ID        string     `json:"id" data:"technical"`
	State     SweepState `json:"state" data:"technical"`
	DryRun    bool       `json:"dry_run,omitempty" data:"technical"`
	AsOf      time.Time  `json:"as_of" data:"technical"` // what is due at this instant, UTC
	StartedAt time.Time  `json:"started_at" data:"technical"`
	PlannedAt time.Time  `json:"planned_at,omitzero" data:"technical"`
	EndedAt   time.Time  `json:"ended_at,omitzero" data:"technical"`
	By        string     `json:"by" data:"technical"` // opaque id: the scheduler's function, or who asked

	// Contract: the sweep is of one contract that has ended, and of nothing else,
	// so that its certificate tells of that one alone (L08).
	Contract string `json:"contract,omitempty" data:"technical"`

	// The plan: Walk is how far planning has come.
	Walk     int              `json:"walk" data:"technical"`
	Token    string           `json:"token,omitempty" data:"technical"`
	Pages    int              `json:"pages" data:"technical"`
	Planned  int              `json:"planned" data:"technical"`
	Capped   bool             `json:"capped,omitempty" data:"technical"` // more is due than one run takes
	PlanHash Chain            `json:"plan_hash,omitempty" data:"technical"`
	Tallies  map[string]Tally `json:"tallies,omitempty" data:"technical"` // by rule/kind

	// The run.
	ReleasedBy   string       `json:"released_by,omitempty" data:"technical"` // who released the brake
	ReleasedAt   time.Time    `json:"released_at,omitzero" data:"technical"`
	Closed       int          `json:"closed" data:"technical"` // pages done with, from the first on
	Treated      int          `json:"treated" data:"technical"`
	ExecutedHash Chain        `json:"executed_hash,omitempty" data:"technical"`
	Differences  []Difference `json:"differences,omitempty" data:"technical"`
	Differing    int          `json:"differing,omitempty" data:"technical"`
	People       int          `json:"people,omitempty" data:"technical"`
	Keys         int          `json:"keys,omitempty" data:"technical"`
	Residue      int          `json:"residue,omitempty" data:"technical"`
	Searched     int          `json:"searched,omitempty" data:"technical"` // places in which residue was looked for
	Round        int          `json:"round" data:"technical"`              // of the events that carry it on

	Body []byte `json:"body,omitempty" data:"technical"` // of the certificate, as it was signed for
	Leaf int64  `json:"leaf,omitempty" data:"technical"` // of the log, that commits to it; from 0, valid once Finished
}

// NewSweep begins a sweep of what is due at an instant; zero is now.
func NewSweep(id string, dryRun bool, asOf time.Time, by string, now time.Time) (*Sweep, error) {
	if asOf.IsZero() {
		asOf = now
	}
	if asOf.After(now) && !dryRun {
		return nil, ErrAhead
	}
	return &Sweep{ID: id, State: Planning, DryRun: dryRun, AsOf: asOf.UTC(), StartedAt: now, By: by}, nil
}

// Plan takes a page of the plan into account.
func (s *Sweep) Plan(p *Page) {
	s.Pages, s.Planned, s.PlanHash = s.Pages+1, s.Planned+len(p.Items), s.PlanHash.Plan(p)
	for _, it := range p.Items {
		t := s.tally(it)
		t.Planned++
		if len(t.Samples) < MaxSamples {
			t.Samples = append(t.Samples, it.ID)
		}
		s.Tallies[it.Rule+"/"+it.Kind] = t
	}
}

func (s *Sweep) tally(it Item) Tally {
	if s.Tallies == nil {
		s.Tallies = map[string]Tally{}
	}
	t := s.Tallies[it.Rule+"/"+it.Kind]
	if t.Results == nil {
		t.Results = map[Outcome]int{}
	}
	return t
}

// Freeze ends the planning. The brake is for what nobody has looked at: that a
// contract's data go, somebody has decided. usual is the mean size of the plans before, 0 if
// there is none.
func (s *Sweep) Freeze(scale Scale, usual int, now time.Time) {
	s.PlannedAt = now
	switch {
	case s.DryRun:
		s.State = Frozen
	case s.Contract == "" && s.Planned > scale.Least && s.Planned > scale.Factor*usual:
		s.State = Braked
	default:
		s.State = Running
	}
}

// The reasons for which a step of a sweep is refused.
var (
	ErrNotFrozen = errors.New("only a plan that a dry run has frozen can be executed, once")
	ErrNotBraked = errors.New("the sweep is not held by its brake")
	ErrAhead     = errors.New("a time ahead of the clock can be planned for, and not executed")
	ErrStale     = errors.New("the plan is older than a week: make it anew")
)

// PlanLife is how long a frozen plan may be executed.
const PlanLife = 7 * 24 * time.Hour

// Execute starts the run of a frozen plan: each record is checked again then.
func (s *Sweep) Execute(by string, now time.Time) error {
	switch {
	case s.State != Frozen:
		return ErrNotFrozen
	case s.AsOf.After(now):
		return ErrAhead
	case now.Sub(s.PlannedAt) > PlanLife:
		return ErrStale
	}
	s.State, s.DryRun, s.ReleasedBy, s.ReleasedAt = Running, false, by, now
	return nil
}

// Release lets a braked sweep go on.
func (s *Sweep) Release(by string, now time.Time) error {
	if s.State != Braked {
		return ErrNotBraked
	}
	s.State, s.ReleasedBy, s.ReleasedAt = Running, by, now
	return nil
}

// Close takes the next closed page into account.
func (s *Sweep) Close(p *Page) {
	s.Closed, s.Treated = s.Closed+1, s.Treated+len(p.Results)
	s.People, s.Keys, s.Residue = s.People+p.People, s.Keys+p.Keys, s.Residue+p.Residue
	s.Searched += p.Searched
	s.ExecutedHash = s.ExecutedHash.Executed(p)
	for i, r := range p.Results {
		it := p.Items[i]
		t := s.tally(it)
		t.Results[r.Outcome]++
		t.With += r.With
		if r.Warning != "" {
			if t.Warned == nil {
				t.Warned = map[string]int{}
			}
			t.Warned[r.Warning]++
		}
		s.Tallies[it.Rule+"/"+it.Kind] = t
		if r.Outcome == Done {
			continue
		}
		s.Differing++
		if len(s.Differences) < MaxDifferences {
			s.Differences = append(s.Differences, Difference{it.Kind, it.ID, it.Rule, r.Outcome, r.Why})
		}
	}
}

// Active reports whether the sweep goes on by itself.
func (s *Sweep) Active() bool {
	return s.State == Planning || s.State == Running || s.State == Certify
}
