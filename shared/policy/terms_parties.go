package policy

import (
	"fmt"
	"time"
)

// Date is a local calendar date of the pack's zone, "2006-01-02".
type Date string

// Validate reports whether d is a date of the calendar.
func (d Date) Validate() error {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("date %q: want YYYY-MM-DD", string(d))
	}
	return nil
}

// In is the first instant of d in zone; the zero time for an invalid date.
func (d Date) In(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// ClockTime is a local time of day, "08:00"; "24:00" is the end of the day.
type ClockTime string

// Minutes since local midnight; -1 for an invalid time.
func (c ClockTime) Minutes() int {
	var h, m int
	if n, err := fmt.Sscanf(string(c), "%02d:%02d", &h, &m); n != 2 || err != nil || len(c) != 5 || m > 59 || h*60+m > 24*60 || h < 0 || m < 0 {
		return -1
	}
	return h*60 + m
}

// Country is an ISO 3166-1 alpha-2 code, or "EEA" where a set is meant.
type Country string

// Participant is an organisation that a pack names. What it is allowed to do follows
// from its role in a processing, not from being named here.
type Participant struct {
	Name         string   `json:"name"`
	Unit         string   `json:"unit,omitempty"` // directorate, department
	Address      string   `json:"address,omitempty"`
	Country      Country  `json:"country,omitempty"`
	Registration string   `json:"registration,omitempty"`
	TaxNo        string   `json:"tax_no,omitempty"`
	Website      string   `json:"website,omitempty"`
	Email        string   `json:"email,omitempty"`  // general
	Phone        string   `json:"phone,omitempty"`  // general
	Intake       []string `json:"intake,omitempty"` // addresses for data-subject requests
	DPO          Reach    `json:"dpo,omitzero"`     // data protection officer, or who stands in
	Custodian    Reach    `json:"custodian,omitzero"`
	Duty         Reach    `json:"duty,omitzero"` // who is told of incidents (K05)
}

// Reach is how an office is reached. A pack names offices, not people, where
// the source does; where it does not say, Where tells what it refers to.
type Reach struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
	Where string `json:"where,omitempty"` // "technical specification", "published at …"
}

// Authority is the supervisory authority competent for the pack.
type Authority struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	Email   string `json:"email,omitempty"`
	Form    string `json:"form,omitempty"`  // name of its breach form
	Court   string `json:"court,omitempty"` // for disputes between the parties
}

// Processing is one purpose carried out by some parties in some roles.
type Processing struct {
	Purpose    string          `json:"purpose"`
	Roles      map[string]Role `json:"roles"`              // party id -> role
	Basis      map[Class]Basis `json:"basis,omitempty"`    // per class of person (K07)
	Law        string          `json:"law,omitempty"`      // the statute behind the basis
	Subjects   []Class         `json:"subjects,omitempty"` // categories of persons (GDPR art. 30)
	Data       []Field         `json:"data,omitempty"`     // categories of data
	Special    bool            `json:"special,omitempty"`  // special categories (GDPR art. 9)
	Systematic bool            `json:"large,omitempty"`    // large scale, or regular systematic monitoring (ZVOP-2 22(1))
	Declared   *bool           `json:"log_law,omitempty"`  // whether the pack declares ZVOP-2 22 to apply to it
	Actions    []string        `json:"actions,omitempty"`  // what a processor may do (S22)
	Recipients []string        `json:"recipients,omitempty"`
	Reuses     string          `json:"reuses,omitempty"`   // processing whose data it uses for its own ends
	Active     *bool           `json:"active,omitempty"`   // false: recorded, not to be carried out
	Security   string          `json:"security,omitempty"` // summary (GDPR art. 30(1)(g), 30(2)(d))
}

// On reports whether the processing may be carried out.
func (p Processing) On() bool { return p.Active == nil || *p.Active }

// LogLaw reports whether the pack declares the statutory processing log
// (ZVOP-2 art. 22) to bind the processing.
func (p Processing) LogLaw() bool { return p.Declared != nil && *p.Declared }

// Storage says where personal data may lie.
type Storage struct {
	Countries []Country `json:"countries,omitempty"`  // EEA stands for its thirty states
	Transfers string    `json:"transfers,omitempty"`  // "never" or "on_instruction"
	TellFirst *bool     `json:"tell_first,omitempty"` // a legal duty to transfer or process is told to the controller first (S10, L05)
}

// Instructions is how a controller directs a processor (GDPR art. 28(3)(a); L01).
type Instructions struct {
	Documented   *bool    `json:"documented,omitempty"`
	Form         string   `json:"form,omitempty"`
	UnlawfulTell Span     `json:"unlawful_tell,omitzero"`  // "0h": at once
	Marketing    *bool    `json:"marketing,omitempty"`     // may the processor use the data for marketing (S10: no)
	PriorConsult *bool    `json:"prior_consult,omitempty"` // before new systems (S12)
	Helps        []string `json:"helps,omitempty"`         // assistance catalogue (L06)
}

// SubProcessing is the regime for engaging further processors (GDPR art. 28(2)).
type SubProcessing struct {
	Authorisation string   `json:"authorisation,omitempty"` // "prior_written" (S15) or "general" (L04)
	Notice        Span     `json:"notice,omitzero"`         // least time between notice and use
	Silence       string   `json:"silence,omitempty"`       // "approves" or "never" (A8)
	CopyOnRequest *bool    `json:"copy_on_request,omitempty"`
	FlowDown      []string `json:"flow_down,omitempty"` // what the contract with it must settle
}

// SubContract is one sub-processor.
type SubContract struct {
	Name        string       `json:"name"`
	Country     Country      `json:"country"`
	Inferred    *bool        `json:"inferred,omitempty"` // the country is ours, the source does not state it
	Service     string       `json:"service,omitempty"`
	Data        []Field      `json:"data,omitempty"`
	Approved    *bool        `json:"approved,omitempty"`    // named in the list the controller agreed to
	Usable      *bool        `json:"usable,omitempty"`      // false: no data may go there
	Instruction string       `json:"instruction,omitempty"` // document and date of the controller's instruction to transfer
	Tool        TransferTool `json:"tool,omitempty"`
}

// Disclosure is to whom outside the roles data may go (S08).
type Disclosure struct {
	Grounds  []string `json:"grounds,omitempty"`
	Register *bool    `json:"register,omitempty"`
	Export   []string `json:"export,omitempty"` // who may take data out, and how
}

// Audit is the controller's inspection of the processor (GDPR art. 28(3)(h)).
type Audit struct {
	Notice   Span   `json:"notice,omitzero"` // "0d": unannounced
	Auditor  string `json:"auditor,omitempty"`
	Hours    string `json:"hours,omitempty"` // name of the hours it falls in
	Costs    string `json:"costs,omitempty"`
	Mandate  *bool  `json:"mandate,omitempty"`  // written authority must be shown
	Contest  *bool  `json:"contest,omitempty"`  // scope and method may be contested
	Official string `json:"official,omitempty"` // how the authority is let in
}

// Reference is a cross-reference inside a source: where it stands, what it
// says, and what it must mean.
type Reference struct {
	At    string `json:"at"`
	Says  string `json:"says"`
	Means string `json:"means"`
}

// Citation is a statute that a source relies on.
type Citation struct {
	Law     string `json:"law"`
	Replace string `json:"replace,omitempty"` // law in force that is read instead
}
