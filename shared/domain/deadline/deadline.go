// Package deadline is a limit that runs: from a law, a contract or an agreement,
// with the stages at which somebody is told. What a limit's end is, computes
// shared/domain/period; what follows when a stage is reached, decides whoever the
// limit is about. functions/deadline finds stages by time and tells.
//
// Pure: values in, values out, no clock and no I/O.
package deadline

import (
	"fmt"
	"slices"
	"time"
)

// Ref names the record that a limit is about.
type Ref struct {
	Kind string `json:"kind"` // of record: "ticket", "breach", "request", "notice" ...
	ID   string `json:"id"`
}

// State is where a limit stands.
type State string

// EndSuffix ends the name of a limit at whose end something goes by itself: nobody
// has to meet it, and nobody is alarmed.
const EndSuffix = "_end"

// States. A limit whose end has passed stays Running: it is overdue, and loud,
// until it is met or withdrawn.
const (
	Running   State = "running"
	Paused    State = "paused"    // its time does not run: no stage is reached
	Met       State = "met"       // what it asks for was done; Late says whether in time
	Withdrawn State = "withdrawn" // it no longer applies, by a decision on record elsewhere
)

// Validate reports whether s is one of the states above.
func (s State) Validate() error {
	switch s {
	case Running, Paused, Met, Withdrawn:
		return nil
	}
	return fmt.Errorf("deadline: unknown state")
}

// Due is the name of the last stage, the end itself.
const Due = "due"

// Warning is the name of the stage at a share of the time.
func Warning(share float64) string { return fmt.Sprintf("warn_%.0f", share*100) }

// Stage is an instant of a limit at which somebody is told.
type Stage struct {
	Name string    `json:"name"` // "warn_50", "warn_90", Due
	At   time.Time `json:"at"`   // UTC
}

// Limit is one limit that runs. It holds no personal data.
type Limit struct {
	ID   string `json:"id" data:"technical"`   // ID(About, Name)
	Name string `json:"name" data:"technical"` // what must be done: "ticket.response", "breach.authority"

	About Ref    `json:"about" data:"technical"`
	Party string `json:"party,omitempty" data:"technical"` // who must do it: a party id of the pack, or a role
	Rule  string `json:"rule,omitempty" data:"technical"`  // code of rules B5, or rule id
	Law   string `json:"law,omitempty" data:"technical"`   // the clause or article, as policy.Cite and period.Step give it

	StartAt time.Time `json:"start_at" data:"technical"` // UTC: receipt, awareness ...
	EndAt   time.Time `json:"end_at" data:"technical"`   // UTC, exclusive: at this instant it is over

	// UnpausedAt is the end as it would be without any suspension (rules
	// B2.10); zero if there was none.
	UnpausedAt time.Time `json:"unpaused_at,omitzero" data:"technical"`
	PausedAt   time.Time `json:"paused_at,omitzero" data:"technical"` // while Paused

	Stages  []Stage   `json:"stages" data:"technical"` // rising; the last is Due
	Told    int       `json:"told" data:"technical"`   // how many of Stages have been told
	State   State     `json:"state" data:"technical"`
	EndedAt time.Time `json:"ended_at,omitzero" data:"technical"` // when met or withdrawn
	Late    bool      `json:"late,omitempty" data:"technical"`    // met at or after the end: stays on record
}

// ID is the id of the limit of a name about a record: there is one.
func ID(about Ref, name string) string { return about.Kind + "." + about.ID + "." + name }

// New is a limit that runs from start to end, with a stage at each share of the
// time between (rising, between 0 and 1: breach.warn of the pack) and at the end.
func New(about Ref, name string, start, end time.Time, warn ...float64) *Limit {
	l := &Limit{ID: ID(about, name), Name: name, About: about, StartAt: start.UTC(), State: Running}
	l.set(end, warn)
	return l
}

func (l *Limit) set(end time.Time, warn []float64) {
	l.EndAt, l.Stages, l.Told = end.UTC(), nil, 0
	for _, share := range warn {
		at := l.StartAt.Add(time.Duration(float64(l.EndAt.Sub(l.StartAt)) * share))
		l.Stages = append(l.Stages, Stage{Warning(share), at})
	}
	l.Stages = append(l.Stages, Stage{Due, l.EndAt})
}

// Next is the stage that is told next, if any.
func (l *Limit) Next() (Stage, bool) {
	if l.State != Running || l.Told >= len(l.Stages) {
		return Stage{}, false
	}
	return l.Stages[l.Told], true
}

// Reach marks as told the stages that are reached at an instant, and returns
// them. Doing it again returns none.
func (l *Limit) Reach(now time.Time) []Stage {
	var reached []Stage
	for {
		next, ok := l.Next()
		if !ok || now.Before(next.At) {
			return reached
		}
		reached, l.Told = append(reached, next), l.Told+1
	}
}

// Overdue reports whether the end has passed and nothing has been done.
func (l *Limit) Overdue(now time.Time) bool {
	return l.State == Running && !now.Before(l.EndAt)
}

// Open reports whether the limit still asks for something.
func (l *Limit) Open() bool { return l.State == Running || l.State == Paused }

// Meet says that what the limit asks for was done at an instant. It reports
// whether that changed anything.
func (l *Limit) Meet(at time.Time) bool {
	if !l.Open() {
		return false
	}
	l.State, l.EndedAt, l.Late = Met, at.UTC(), l.State == Running && !at.Before(l.EndAt)
	return true
}

// Withdraw ends a limit that no longer applies. It reports whether that changed
// anything.
func (l *Limit) Withdraw(at time.Time) bool {
	if !l.Open() {
		return false
	}
	l.State, l.EndedAt = Withdrawn, at.UTC()
	return true
}

// Pause stops a limit. It reports whether that changed anything.
func (l *Limit) Pause(at time.Time) bool {
	if l.State != Running {
		return false
	}
	l.State, l.PausedAt = Paused, at.UTC()
	return true
}

// Resume lets a paused limit run on to a new end, which the caller computes: in
// working time, or by whole days. Stages that were told and would come anew are
// told anew; those before now are not. It reports whether that changed anything.
func (l *Limit) Resume(now, end time.Time, warn ...float64) bool {
	if l.State != Paused {
		return false
	}
	l.State, l.PausedAt = Running, time.Time{}
	if l.UnpausedAt.IsZero() {
		l.UnpausedAt = l.EndAt
	}
	l.move(now, end, warn)
	return true
}

// Move gives an open limit another end, by a decision that is on record with
// what it is about. It reports whether that changed anything.
func (l *Limit) Move(now, end time.Time, warn ...float64) bool {
	if !l.Open() || l.EndAt.Equal(end) {
		return false
	}
	l.move(now, end, warn)
	return true
}

// Reopen lets a limit that was met or withdrawn run again, to a new end that the
// caller computes: what it asked for turned out not to be done. It reports whether
// that changed anything.
func (l *Limit) Reopen(now, end time.Time, warn ...float64) bool {
	if l.Open() {
		return false
	}
	if l.UnpausedAt.IsZero() {
		l.UnpausedAt = l.EndAt
	}
	l.State, l.EndedAt, l.Late = Running, time.Time{}, false
	l.move(now, end, warn)
	return true
}

// move sets a new end; warnings that lie in the past are left out, the end never.
func (l *Limit) move(now, end time.Time, warn []float64) {
	l.set(end, warn)
	l.Stages = slices.DeleteFunc(l.Stages, func(s Stage) bool { return s.Name != Due && !s.At.After(now) })
}
