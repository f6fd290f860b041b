package policy

// Field is a kind of datum about a person, as clauses name them (K09, K18,
// S06, S22, laboss annex A).
type Field string

// Fields.
const (
	Name         Field = "name"
	EmailAddress Field = "email"
	Phone        Field = "phone"
	Employer     Field = "employer"
	Address      Field = "address"
	TaxNumber    Field = "tax_number"
	EMSO         Field = "emso"
	BirthNumber  Field = "birth_number" // rodné číslo, the Slovak general identifier
	BirthDate    Field = "birth_date"
	Sex          Field = "sex"

	Subject     Field = "subject" // of a message or ticket
	Details     Field = "details" // what a person wrote about the problem
	FreeText    Field = "free_text"
	Attachment  Field = "attachment"
	DeviceData  Field = "device" // equipment and software concerned
	CaseNumber  Field = "case_number"
	AccountName Field = "account_name"

	TreatedName  Field = "treated_name" // the person a ticket is about, when not the reporter
	TreatedEmail Field = "treated_email"
	TreatedPhone Field = "treated_phone"
	LogCreatedBy Field = "log_created_by"
	LogTo        Field = "log_to"
	Worker       Field = "worker"

	Certificate      Field = "certificate" // serial number and issuer
	CashierCode      Field = "cashier_code"
	TillPIN          Field = "till_pin"
	HasSITaxNumber   Field = "has_si_tax_number"
	MayLogIn         Field = "may_log_in"
	JobTitle         Field = "job_title"
	RegistrationNo   Field = "registration_number"
	PatientNumber    Field = "patient_number"
	HealthData       Field = "health"
	ScansPhotographs Field = "scans"
	UsageData        Field = "usage"
)

var fields = []Field{
	Name, EmailAddress, Phone, Employer, Address, TaxNumber, EMSO, BirthNumber, BirthDate, Sex,
	Subject, Details, FreeText, Attachment, DeviceData, CaseNumber, AccountName,
	TreatedName, TreatedEmail, TreatedPhone, LogCreatedBy, LogTo, Worker,
	Certificate, CashierCode, TillPIN, HasSITaxNumber, MayLogIn, JobTitle, RegistrationNo,
	PatientNumber, HealthData, ScansPhotographs, UsageData,
}

// Validate reports whether f is one of the fields above.
func (f Field) Validate() error { return inSet("field", f, fields) }

// TechnicalField is what stays of a record when it is anonymised (K17).
type TechnicalField string

// Technical fields.
const (
	RecordNumber TechnicalField = "record_number"
	RecordTime   TechnicalField = "record_time"
	ClosingTime  TechnicalField = "closing_time"
	RecordCount  TechnicalField = "record_count"
	LabourCost   TechnicalField = "labour_cost"
)

var technicalFields = []TechnicalField{RecordNumber, RecordTime, ClosingTime, RecordCount, LabourCost}

// Validate reports whether f is one of the technical fields above.
func (f TechnicalField) Validate() error { return inSet("technical field", f, technicalFields) }

// Module of the service desk (K18).
type Module string

// Modules.
const (
	Reporter        Module = "reporter" // K18 (a): data about the reporter, in every module
	ServiceRequests Module = "service_requests"
	ChangeRecords   Module = "changes"
	IncidentRecords Module = "incidents"
	WorkOrders      Module = "work_orders"
	Activities      Module = "activities"
)

var modules = []Module{Reporter, ServiceRequests, ChangeRecords, IncidentRecords, WorkOrders, Activities}

// Validate reports whether m is one of the modules above.
func (m Module) Validate() error { return inSet("module", m, modules) }

// Right of a data subject (GDPR arts. 13 to 22; K22).
type Right string

// Rights, lettered as in ekc 7.11.2; portability is not listed there.
const (
	Information   Right = "information"   // a
	Access        Right = "access"        // b
	Rectification Right = "rectification" // c
	Erasure       Right = "erasure"       // d
	Restriction   Right = "restriction"   // e
	NotifyOthers  Right = "notify_others" // f: art. 19
	Objection     Right = "objection"     // g
	NoAutomation  Right = "no_automation" // h: art. 22
	Portability   Right = "portability"   // art. 20
	Withdrawal    Right = "withdrawal"    // of consent, art. 7(3)
)

var rights = []Right{Information, Access, Rectification, Erasure, Restriction, NotifyOthers, Objection, NoAutomation, Portability, Withdrawal}

// Validate reports whether r is one of the rights above.
func (r Right) Validate() error { return inSet("right", r, rights) }

// Scope of data a request is about.
type Scope string

// Scopes: data under joint control, and the processing log about a person.
const (
	JointData  Scope = "data"
	AuditTrail Scope = "audit_trail"
)

var scopes = []Scope{JointData, AuditTrail}

// Validate reports whether s is one of the scopes above.
func (s Scope) Validate() error { return inSet("scope", s, scopes) }

// Outcome of a right over a scope of data.
type Outcome string

// Outcomes. Limited means as far as the method reaches (K22: access only over
// the channels the person uses); refused carries a reason text.
const (
	Granted Outcome = "granted"
	Limited Outcome = "limited"
	Refused Outcome = "refused"
)

var outcomes = []Outcome{Granted, Limited, Refused}

// Validate reports whether o is one of the outcomes above.
func (o Outcome) Validate() error { return inSet("outcome", o, outcomes) }

// Person is a role in the product (contract: roles), as far as a pack names one.
type Person string

// Persons.
const (
	Adviser       Person = "adviser"
	Supervisor    Person = "supervisor" // the centre's operational lead (A8, K05)
	Custodian     Person = "custodian"
	Officer       Person = "officer"
	DPO           Person = "dpo"
	Administrator Person = "administrator"
	Auditor       Person = "auditor"
	DataSubject   Person = "subject"
	Owner         Person = "owner" // who commissioned the processing: a controller's administrator
)

var persons = []Person{Adviser, Supervisor, Custodian, Officer, DPO, Administrator, Auditor, DataSubject, Owner}

// Validate reports whether p is one of the persons above.
func (p Person) Validate() error { return inSet("person", p, persons) }

// Action at the end of a retention period.
type Action string

// Actions.
const (
	Anonymise   Action = "anonymise"    // replace by generic terms, keep the technical fields (K17)
	Delete      Action = "delete"       // the record goes
	ReturnErase Action = "return_erase" // give back in a structured form, then erase every copy (L08)
)

var actions = []Action{Anonymise, Delete, ReturnErase}

// Validate reports whether a is one of the actions above.
func (a Action) Validate() error { return inSet("action", a, actions) }

// Trigger is the fact a retention period runs from.
type Trigger string

// Triggers.
const (
	InactiveSince    Trigger = "inactive_since"    // continuous; reactivation restarts (K13)
	ReportDate       Trigger = "report_date"       // of the single request (K14)
	Created          Trigger = "created"           // of the interaction; merging keeps each date (K15)
	Event            Trigger = "event"             // of the log entry
	EndOfYear        Trigger = "end_of_year"       // end of the calendar year of the entry (ZVOP-2 22)
	TicketEnd        Trigger = "ticket_end"        // ends with the record it is about
	ContractEnd      Trigger = "contract_end"      // of the processor's contract
	PurposeFulfilled Trigger = "purpose_fulfilled" // a flag the controller sets
	CaseClosed       Trigger = "case_closed"       // final answer sent, breach closed
	ConsentEnded     Trigger = "consent_ended"
	Received         Trigger = "received"
)

var triggers = []Trigger{InactiveSince, ReportDate, Created, Event, EndOfYear, TicketEnd, ContractEnd, PurposeFulfilled, CaseClosed, ConsentEnded, Received}

// Validate reports whether t is one of the triggers above.
func (t Trigger) Validate() error { return inSet("trigger", t, triggers) }

// Bound says on which side of the limit the action falls.
type Bound string

// Bounds.
const (
	After  Bound = "after"  // keep the whole period, act once it is exceeded
	Before Bound = "before" // a maximum: gone before the limit, not the day after (A8)
)

var bounds = []Bound{After, Before}

// Validate reports whether b is one of the bounds above.
func (b Bound) Validate() error { return inSet("bound", b, bounds) }

// TransferTool carries data to a third country (GDPR chapter V).
type TransferTool string

// Transfer tools.
const (
	Adequacy     TransferTool = "adequacy" // art. 45
	StandardSCC  TransferTool = "scc"      // art. 46(2)(c)
	BindingRules TransferTool = "bcr"      // art. 47
	Derogation   TransferTool = "derogation"
)

var transferTools = []TransferTool{Adequacy, StandardSCC, BindingRules, Derogation}

// Validate reports whether t is one of the tools above.
func (t TransferTool) Validate() error { return inSet("transfer tool", t, transferTools) }

// Measure says who keeps a rule that is recorded rather than computed.
type Measure string

// Measures.
const (
	Enforced       Measure = "enforced"       // the product computes or refuses
	Supported      Measure = "supported"      // the product prepares, a person decides
	Organisational Measure = "organisational" // people and premises; only evidence is kept
)

var measures = []Measure{Enforced, Supported, Organisational}

// Validate reports whether m is one of the measures above.
func (m Measure) Validate() error { return inSet("measure", m, measures) }
