package breach

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// State is where a case stands.
type State string

// States. A closed case opens again when more becomes known.
const (
	Open   State = "open"
	Closed State = "closed"
)

// Source is whence a report came.
type Source string

// Sources.
const (
	FromPortal    Source = "portal"    // an officer, a data protection officer or a supervisor
	FromProcessor Source = "processor" // its signed event: we are aware when told (EDPB 9/2022, II.A.4)
	FromPartner   Source = "partner"   // the other joint controller (K26)
	FromCustodian Source = "custodian"
	FromAdviser   Source = "adviser" // a flag on a conversation
)

// Validate reports whether s is one of the sources above.
func (s Source) Validate() error {
	return in("source", s, FromPortal, FromProcessor, FromPartner, FromCustodian, FromAdviser)
}

// Person is somebody who acts in a case: an opaque id and the role of the token.
type Person struct {
	ID   string `json:"id"`
	Role string `json:"role"`
}

// Roles that matter here (contract.md).
const (
	OfficerRole = "officer" // decides
	DPORole     = "dpo"     // advises (GDPR art. 39), never decides in the same case (art. 38(6))
)

// The refusals of this package. They wrap nothing and carry no content.
var (
	ErrClosed     = errors.New("breach: the case is closed")
	ErrOfficer    = errors.New("breach: only a named officer decides this")
	ErrDPO        = errors.New("breach: only the data protection officer advises")
	ErrBoth       = errors.New("breach: nobody is officer and data protection officer in one case (GDPR art. 38(6))")
	ErrReason     = errors.New("breach: a reason must be given")
	ErrAdvice     = errors.New("breach: the data protection officer's advice must be on record first (GDPR art. 39)")
	ErrFuture     = errors.New("breach: the instant has not come yet")
	ErrUnknown    = errors.New("breach: there is no such thing in this case")
	ErrNotOurs    = errors.New("breach: our role towards this party does not allow it")
	ErrIncomplete = errors.New("breach: the notice lacks what it must hold")
	ErrSpecial    = errors.New("breach: a text to persons may tell of a special category: read the words, and say that they don't")
	ErrTellFirst  = errors.New("breach: the other party must be told of purpose and time first (K27)")
	ErrOpenTasks  = errors.New("breach: something is still due")
)

// Case is one breach in the register. A drill has the same form and never
// enters the register.
type Case struct {
	_          struct{}  `data:"owner=~breach class=breach purpose=proof"`
	ID         string    `json:"id" data:"technical"`
	Drill      bool      `json:"drill,omitempty" data:"technical"`
	State      State     `json:"state" data:"technical"`
	Source     Source    `json:"source" data:"technical"`
	ReportedAt time.Time `json:"reported_at" data:"technical"` // when the report reached us
	ClosedAt   time.Time `json:"closed_at,omitzero" data:"technical"`
	Risk       Risk      `json:"risk,omitempty" data:"technical"` // as an officer decided
	NIS2       bool      `json:"nis2,omitempty" data:"technical"` // the clocks of NIS2 run too
	Notices    int       `json:"notices,omitempty" data:"technical"`
	Scopes     int       `json:"scopes,omitempty" data:"technical"`

	Facts       Facts        `json:"facts" data:"personal content"`
	Instants    []Instant    `json:"instants" data:"personal activity"`
	Relations   []Relation   `json:"relations" data:"personal address"`
	Links       []Link       `json:"links,omitempty" data:"technical"`
	Officers    []string     `json:"officers,omitempty" data:"personal activity"`
	DPOs        []string     `json:"dpos,omitempty" data:"personal activity"`
	Assessments []Assessment `json:"assessments,omitempty" data:"personal content"`
	Advices     []Advice     `json:"advices,omitempty" data:"personal content"`
	Decisions   []Decision   `json:"decisions,omitempty" data:"personal content"`
	Agreements  []Agreement  `json:"agreements,omitempty" data:"personal content"`
	Done        []Done       `json:"done,omitempty" data:"technical"`
	FollowUps   []FollowUp   `json:"follow_ups,omitempty" data:"technical"`
	Told        []Told       `json:"told,omitempty" data:"technical"` // warnings and missed ends: they stay
	History     []Step       `json:"history" data:"personal activity"`
}

// Link is something that a case is about: a ticket, a conversation, an incident.
type Link struct {
	Kind string `json:"kind"` // of record
	ID   string `json:"id"`
}

// Step is one line of what was done in the case.
type Step struct {
	At   time.Time `json:"at"`
	By   Person    `json:"by"`
	What string    `json:"what"` // a word of ours: "reported", "assessed" ...
	Ref  string    `json:"ref,omitempty"`
}

// Done says that a task of a clock was done.
type Done struct {
	Task string    `json:"task"` // name of the clock
	At   time.Time `json:"at"`
	Ref  string    `json:"ref,omitempty"` // the notice that did it
	Late bool      `json:"late,omitempty"`
}

// Told is a stage of a limit that was reached: a warning, or the end. It stays
// on record whatever is done afterwards.
type Told struct {
	Task  string    `json:"task"`
	Stage string    `json:"stage"`
	At    time.Time `json:"at"`
}

// Report is how a breach comes to us.
type Report struct {
	ID           string
	Source       Source
	By           Person
	ReceivedAt   time.Time // at our edge
	Drill        bool
	Facts        Facts
	OccurredFrom time.Time // zero: unknown
	OccurredTo   time.Time
	DetectedAt   time.Time
	ProcessorAt  time.Time // when a processor says that it became aware
	AwareAt      time.Time // when whoever reports says that we became aware
	Relations    []Relation
	Links        []Link
}

// New opens a case. Awareness that nobody has stated is taken to be the receipt
// of the report, at the latest: no clock waits for a person to decide when it
// began. A stated awareness counts as it is. ErrFuture: an instant is yet to
// come.
func New(r Report) (*Case, error) {
	if err := r.Source.Validate(); err != nil {
		return nil, err
	}
	c := &Case{ID: r.ID, Drill: r.Drill, State: Open, Source: r.Source, ReportedAt: r.ReceivedAt.UTC(), Facts: r.Facts, Links: r.Links}
	for _, rel := range r.Relations {
		if err := c.relate(rel); err != nil {
			return nil, err
		}
	}
	told := "as reported"
	if r.Source == FromProcessor || r.Source == FromPartner {
		told = "told by the other party"
		r.AwareAt = time.Time{} // what they know of us is no awareness of ours
	}
	for _, i := range []struct {
		kind InstantKind
		at   time.Time
	}{{OccurredFrom, r.OccurredFrom}, {OccurredTo, r.OccurredTo}, {Detected, r.DetectedAt}, {ProcessorAware, r.ProcessorAt}, {Aware, r.AwareAt}} {
		if i.at.IsZero() {
			continue
		}
		if _, err := c.Enter(i.kind, i.at, r.By, told, r.ReceivedAt); err != nil {
			return nil, err
		}
	}
	if _, ok := c.At(Aware); !ok {
		if _, err := c.Enter(Aware, r.ReceivedAt, r.By, "receipt of the report; taken until a person decides", r.ReceivedAt); err != nil {
			return nil, err
		}
	}
	c.History = append(c.History, Step{r.ReceivedAt.UTC(), r.By, "reported", ""})
	return c, nil
}

// act notes who does what, and holds that the case is open and that nobody is
// officer and data protection officer in it.
func (c *Case) act(by Person, what, ref string, now time.Time) error {
	if c.State != Open {
		return ErrClosed
	}
	switch by.Role {
	case OfficerRole:
		if slices.Contains(c.DPOs, by.ID) {
			return ErrBoth
		}
		if !slices.Contains(c.Officers, by.ID) {
			c.Officers = append(c.Officers, by.ID)
		}
	case DPORole:
		if slices.Contains(c.Officers, by.ID) {
			return ErrBoth
		}
		if !slices.Contains(c.DPOs, by.ID) {
			c.DPOs = append(c.DPOs, by.ID)
		}
	}
	c.History = append(c.History, Step{now.UTC(), by, what, ref})
	return nil
}

// decide is act for what only an officer does.
func (c *Case) decide(by Person, what, ref string, now time.Time) error {
	if by.Role != OfficerRole || by.ID == "" {
		return ErrOfficer
	}
	return c.act(by, what, ref, now)
}

// Describe replaces the facts: more has become known (GDPR art. 33(4)).
func (c *Case) Describe(f Facts, by Person, now time.Time) error {
	if err := f.Validate(); err != nil {
		return err
	}
	if err := c.act(by, "described", "", now); err != nil {
		return err
	}
	c.Facts = f
	return nil
}

// Join adds links. Those that are there already change nothing.
func (c *Case) Join(links []Link, by Person, now time.Time) error {
	for _, l := range links {
		if slices.Contains(c.Links, l) {
			continue
		}
		if err := c.act(by, "linked", l.ID, now); err != nil {
			return err
		}
		c.Links = append(c.Links, l)
	}
	return nil
}

// Finish marks a task as done by what was sent. Doing it again changes nothing.
func (c *Case) Finish(task, ref string, late bool, now time.Time) {
	if c.done(task) == nil {
		c.Done = append(c.Done, Done{task, now.UTC(), ref, late})
	}
}

func (c *Case) done(task string) *Done {
	for i := range c.Done {
		if c.Done[i].Task == task {
			return &c.Done[i]
		}
	}
	return nil
}

// Tell keeps a stage that was reached. It reports whether it is news.
func (c *Case) Tell(task, stage string, at time.Time) bool {
	t := Told{task, stage, at.UTC()}
	if slices.Contains(c.Told, t) {
		return false
	}
	c.Told = append(c.Told, t)
	return true
}

// Close ends a case: with an officer's reason, when nothing that the clocks ask
// for is open and a risk has been decided.
func (c *Case) Close(clocks []Clock, by Person, reason string, now time.Time) error {
	if reason == "" {
		return ErrReason
	}
	if c.Risk == "" && c.anyController() {
		return ErrOpenTasks
	}
	for _, k := range clocks {
		if k.State == Due {
			return ErrOpenTasks
		}
	}
	if err := c.decide(by, "closed", "", now); err != nil {
		return err
	}
	c.Decisions = append(c.Decisions, Decision{Kind: DecideClose, Value: string(Closed), By: by, At: now.UTC(), Reason: reason})
	c.State, c.ClosedAt = Closed, now.UTC()
	return nil
}

// Reopen opens a closed case: more has become known.
func (c *Case) Reopen(by Person, reason string, now time.Time) error {
	if reason == "" {
		return ErrReason
	}
	c.State, c.ClosedAt = Open, time.Time{}
	return c.act(by, "reopened", "", now)
}

func in[T ~string](what string, v T, set ...T) error {
	if slices.Contains(set, v) {
		return nil
	}
	return fmt.Errorf("breach: %s is not one of %v", what, set)
}
