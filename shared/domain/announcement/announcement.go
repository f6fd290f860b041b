// Package announcement is what the centre tells its partners ahead of time, or as
// soon as it has come: planned maintenance (saopnet 6.2; S04), new terms (saopnet
// 13; S09), force majeure (ekc 5.1, saopnet 14.33; K06, S18).
//
//	drafted ──Release──▶ announced ──Close, or its end──▶ over
//	   └──────Withdraw──────┴──────────▶ withdrawn
//
// Pure: values in, values out, no clock and no I/O.
package announcement

import (
	"fmt"
	"slices"
	"time"
)

// RecordKind is the kind of record of an announcement, as limits and letters name
// it.
const RecordKind = "announcement"

// Kind is what is announced.
type Kind string

// Kinds.
const (
	Maintenance  Kind = "maintenance"   // planned work: at least six hours ahead (S04)
	Terms        Kind = "terms"         // new terms: by the day that the pack agrees (S09)
	ForceMajeure Kind = "force_majeure" // in writing within two days (S18), at once (K06)
)

// Validate reports whether k is one of the set.
func (k Kind) Validate() error {
	switch k {
	case Maintenance, Terms, ForceMajeure:
		return nil
	}
	return fmt.Errorf("announcement: unknown kind")
}

// State is where an announcement stands.
type State string

// States.
const (
	Drafted   State = "drafted"   // written down; nobody has been told
	Announced State = "announced" // the letters are out
	Withdrawn State = "withdrawn" // taken back, with a reason; whoever was told was told of that too
	Over      State = "over"      // it has been
)

// Validate reports whether s is one of the states above.
func (s State) Validate() error {
	switch s {
	case Drafted, Announced, Withdrawn, Over:
		return nil
	}
	return fmt.Errorf("announcement: unknown state")
}

// Ways are how a party is told that has no mailbox.
var Ways = []string{"phone", "mail", "post", "in_person"}

// Announcement is one matter, told to several parties.
type Announcement struct {
	_       struct{} `data:"owner=~announcement class=channel purpose=service"`
	ID      string   `json:"id" data:"technical"`
	Kind    Kind     `json:"kind" data:"technical"`
	State   State    `json:"state" data:"technical"`
	Service string   `json:"service,omitempty" data:"technical"` // id in the pack, whose technical specification names the contacts
	Parties []string `json:"parties" data:"technical"`           // ids in the pack

	At         time.Time     `json:"at" data:"technical"`                    // UTC: when it begins, takes effect, or came
	EndsAt     time.Time     `json:"ends_at,omitzero" data:"technical"`      // UTC: when it is over by itself; zero: when somebody says so
	WithdrawBy time.Time     `json:"withdraw_by,omitzero" data:"technical"`  // UTC, exclusive: until when a party may withdraw from new terms
	Confirm    time.Duration `json:"confirm_ns,omitempty" data:"technical"`  // how long each has to confirm; 0: nobody is asked to
	Late       bool          `json:"late,omitempty" data:"technical"`        // force majeure that was told after its limit
	DraftedAt  time.Time     `json:"drafted_at" data:"technical"`            // UTC
	DraftedBy  string        `json:"drafted_by" data:"technical"`            // opaque id
	ToldAt     time.Time     `json:"told_at,omitzero" data:"technical"`      // UTC: when the letters went on their way
	ToldBy     string        `json:"told_by,omitempty" data:"technical"`     // opaque id
	EndedAt    time.Time     `json:"ended_at,omitzero" data:"technical"`     // UTC: withdrawn, or said to be over
	EndedBy    string        `json:"ended_by,omitempty" data:"technical"`    // opaque id
	Unreached  []string      `json:"unreached,omitempty" data:"technical"`   // parties without a mailbox
	Notices    []string      `json:"notices,omitempty" data:"technical"`     // ids of the letters, as they went out
	Otherwise  []Contact     `json:"otherwise,omitempty" data:"technical"`   // how these were told
	What       string        `json:"what,omitempty" data:"personal content"` // in the words of who wrote it
	Until      string        `json:"until,omitempty" data:"personal content"`
	Text       string        `json:"text,omitempty" data:"personal content"`
	Reason     string        `json:"reason,omitempty" data:"personal content"` // of the withdrawal
}

// Contact is that a party without a mailbox was told another way.
type Contact struct {
	Party string    `json:"party"` // id in the pack
	How   string    `json:"how"`   // one of Ways
	By    string    `json:"by"`    // opaque id of who recorded it
	At    time.Time `json:"at"`    // UTC
}

// StateAt is the state at an instant: what was announced is over at its end.
func (a *Announcement) StateAt(now time.Time) State {
	if a.State == Announced && !a.EndsAt.IsZero() && !now.Before(a.EndsAt) {
		return Over
	}
	return a.State
}

// Release says that the letters go out. It reports whether that changed
// anything: only a draft is released.
func (a *Announcement) Release(by string, at time.Time) bool {
	if a.State != Drafted {
		return false
	}
	a.State, a.ToldBy, a.ToldAt = Announced, by, at.UTC()
	return true
}

// Withdraw takes it back, unless it is over. told reports whether anybody knows
// of it, and has to hear that too.
func (a *Announcement) Withdraw(by, reason string, at time.Time) (told, ok bool) {
	was := a.StateAt(at)
	if was != Drafted && was != Announced {
		return false, false
	}
	a.State, a.Reason = Withdrawn, reason
	a.EndedBy, a.EndedAt = by, at.UTC()
	return was == Announced, true
}

// Close says that what was announced is over, once.
func (a *Announcement) Close(by string, at time.Time) bool {
	if a.StateAt(at) != Announced {
		return false
	}
	a.State, a.EndedBy, a.EndedAt = Over, by, at.UTC()
	return true
}

// Tell notes that a party without a mailbox was told another way. It reports
// whether that changed anything: the party is one of those, and the first time.
func (a *Announcement) Tell(party, how, by string, at time.Time) bool {
	if !slices.Contains(a.Missing(), party) {
		return false
	}
	a.Otherwise = append(a.Otherwise, Contact{Party: party, How: how, By: by, At: at.UTC()})
	return true
}

// Missing are the parties that nobody has told yet.
func (a *Announcement) Missing() []string {
	return slices.DeleteFunc(slices.Clone(a.Unreached), func(p string) bool {
		return slices.ContainsFunc(a.Otherwise, func(c Contact) bool { return c.Party == p })
	})
}
