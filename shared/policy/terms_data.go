package policy

// Keeping bounds how long data of one retention class live.
type Keeping struct {
	Period  Span `json:"period,omitzero"`  // default
	Floor   Span `json:"floor,omitzero"`   // never shorter
	Ceiling Span `json:"ceiling,omitzero"` // never longer
}

// Retention is one row of the retention schedule (rules A7).
type Retention struct {
	Store   System         `json:"store"`
	Of      Class          `json:"of"` // class of person; "anyone" for all
	Class   RetentionClass `json:"class"`
	Trigger Trigger        `json:"trigger"`
	Period  Span           `json:"period"` // "0h": at once after the trigger
	Bound   Bound          `json:"bound"`
	Action  Action         `json:"action"`
	Runs    int            `json:"runs_per_month,omitempty"` // least number of checks
	Blocks  []string       `json:"blocks,omitempty"`         // what holds the action back
	Warns   []string       `json:"warns,omitempty"`          // what does not, but is reported
	Offer   Offer          `json:"offer,omitzero"`           // public archival material: to whom it is offered first
}

// Offer is to which archive public archival material is offered before it goes,
// and how long the archive has to answer; then silence is no (ZVDAGA; rules A8).
type Offer struct {
	To     string `json:"to,omitempty"` // party id
	Answer Span   `json:"answer,omitzero"`
}

// RetentionFor lists the ids of the rules for data of a class of person in a
// store, most specific first: those naming the class, then those for anyone.
func (t *Terms) RetentionFor(store System, of Class) []string {
	var own, all []string
	for _, id := range sortedKeys(t.Retention) {
		switch r := t.Retention[id]; {
		case r.Store != store:
		case r.Of == of:
			own = append(own, id)
		case r.Of == Anyone:
			all = append(all, id)
		}
	}
	return append(own, all...)
}

// Anonymisation replaces what identifies by one generic term per kind of
// datum, the same in every record (K17, K18).
type Anonymisation struct {
	Generic  map[Field]string   `json:"generic,omitempty"`
	Modules  map[Module][]Field `json:"modules,omitempty"`
	Keep     []TechnicalField   `json:"keep,omitempty"`
	Stores   []System           `json:"stores,omitempty"`         // where data are anonymised; elsewhere they are deleted
	AlsoAll  *bool              `json:"also_all,omitempty"`       // every identifying field, free text and attachment too (A8)
	Smallest int                `json:"smallest_group,omitempty"` // reports suppress groups below it
}

// LeastGroup is the size below which a pack that names none has reports suppress a
// group.
const LeastGroup = 5

// Least is the number of persons below which a report suppresses a group.
func (a Anonymisation) Least() int {
	if a.Smallest < 1 {
		return LeastGroup
	}
	return a.Smallest
}

// LogStatute is what the law asks of a processing log that a pack declares
// under it (ZVOP-2 art. 22). Minimum and Maximum run from the end of the
// calendar year of the entry.
type LogStatute struct {
	Minimum Span `json:"minimum,omitzero"`
	Maximum Span `json:"maximum,omitzero"` // on a risk analysis

	// Restricted runs from the end of a restriction (art. 18 GDPR): entries about
	// that person are kept so long, whatever their own term.
	Restricted Span `json:"restricted,omitzero"`

	Acts    []string `json:"acts,omitempty"`
	Content []string `json:"content,omitempty"`
}

// Log is one log kept about a processing, and who may read it.
type Log struct {
	Processing string         `json:"processing"` // id; decides whether the statute binds
	Store      System         `json:"store"`
	Class      RetentionClass `json:"class"`
	Trigger    Trigger        `json:"trigger"`
	Period     Span           `json:"period,omitzero"` // none with trigger ticket_end
	Bound      Bound          `json:"bound"`
	Readers    []Person       `json:"readers,omitempty"`
	Entitled   *bool          `json:"entitled,omitempty"`   // others with a recorded entitlement
	NamesCase  *bool          `json:"names_case,omitempty"` // each query names a case and is logged
	Records    []string       `json:"records,omitempty"`    // what an entry holds (K10)
	Acts       []string       `json:"acts,omitempty"`       // what is logged (K11, K12)
	Objects    []string       `json:"objects,omitempty"`
	Immutable  *bool          `json:"immutable,omitempty"`
}

// LogFor is the terms of log entries of a retention class. Where the pack keeps
// no such log, the period of the retention class counts from the entry; a
// change audit ends with its ticket.
func (t *Terms) LogFor(class RetentionClass) Log {
	for _, id := range sortedKeys(t.Logs) {
		if t.Logs[id].Class == class {
			return t.Logs[id]
		}
	}
	l := Log{Class: class, Trigger: Event, Period: t.RetentionClasses[class].Period, Bound: After, Readers: []Person{Administrator}}
	switch class {
	case LoginLog:
		l.Bound = Before
	case DeskLog:
		l.Trigger, l.Period = TicketEnd, Span{}
	}
	return l
}

// Breach is who is told of a personal data breach, what, and by when.
type Breach struct {
	Us        string         `json:"us,omitempty"` // party id of the organisation that lives under the pack: its role says which clocks run
	Authority AuthorityClock `json:"authority,omitzero"`
	Persons   PersonsNotice  `json:"persons,omitzero"`
	Processor ProcessorClock `json:"processor,omitzero"`
	Joint     JointBreach    `json:"joint,omitzero"`
	Content   NoticeContent  `json:"content,omitzero"`
	Warn      []float64      `json:"warn,omitempty"` // shares of a clock at which people are warned, rising, below 1
	Register  *bool          `json:"register,omitempty"`
	Severity  Severity       `json:"severity,omitzero"`
	NIS2      NIS2           `json:"nis2,omitzero"`
}

// AuthorityClock is a controller's clock to the authority (GDPR art. 33(1)).
// Hours are elapsed hours from awareness (rules B2.6).
type AuthorityClock struct {
	Within  Span   `json:"within,omitzero"`
	Code    string `json:"code,omitempty"` // rule code of rules B5
	Unless  string `json:"unless,omitempty"`
	Late    string `json:"late,omitempty"`
	EachOwn *bool  `json:"each_own,omitempty"` // joint controllers notify each for its part
}

// PersonsNotice is the notice to data subjects (GDPR art. 34).
type PersonsNotice struct {
	When    string   `json:"when,omitempty"`
	Within  Span     `json:"within,omitzero"` // none: without undue delay
	Content []string `json:"content,omitempty"`
	Not     []string `json:"not,omitempty"` // art. 34(3)
}

// ProcessorClock is a processor's clock to its controller (GDPR art. 33(2)).
type ProcessorClock struct {
	Within      Span     `json:"within,omitzero"`
	Code        string   `json:"code,omitempty"`
	Contractual *bool    `json:"contractual,omitempty"` // false: the terms give no hours
	Form        string   `json:"form,omitempty"`
	To          []string `json:"to,omitempty"` // in this order of preference (M09)
}

// JointBreach is how joint controllers share the duty (K26, K27).
type JointBreach struct {
	TellOther      Span   `json:"tell_other,omitzero"`
	Agree          Span   `json:"agree,omitzero"` // time to agree whose part it is in (A8)
	Otherwise      string `json:"otherwise,omitempty"`
	TellBeforeCall *bool  `json:"tell_before_call,omitempty"` // purpose and time, before contacting the authority (K27)
}

// NoticeContent lists the items of GDPR art. 33(3) by letter and name.
type NoticeContent struct {
	Items []string `json:"items,omitempty"`
}

// Severity maps an ENISA level to duties, as a proposal to a person.
type Severity struct {
	Authority []string `json:"authority,omitempty"` // levels that go to the authority
	Persons   []string `json:"persons,omitempty"`
	Override  *bool    `json:"override,omitempty"` // a named person may decide otherwise, with reasons
}

// NIS2 is the incident clocks of directive 2022/2555 art. 23(4), beside the
// breach clock, for those bound by it.
type NIS2 struct {
	Warning      Span `json:"warning,omitzero"`
	Notification Span `json:"notification,omitzero"`
	Final        Span `json:"final,omitzero"` // from the notification
}

// Incidents is who is told when something fails (K05, K06, S18).
type Incidents struct {
	Lead         Person   `json:"lead,omitempty"`
	Own          []string `json:"own,omitempty"`       // told of a fault of the centre itself
	Service      []string `json:"service,omitempty"`   // told of a fault of a supported service
	Custodian    []string `json:"custodian,omitempty"` // told by a custodian who finds one
	PlatformDown string   `json:"platform_down,omitempty"`
	NetworkDown  string   `json:"network_down,omitempty"`
	ForceMajeure Span     `json:"force_majeure,omitzero"` // "0h": at once
}
