// Package access says who may do what: roles, purposes of use, and which
// purpose opens which sealed part. Tokens are in token.go.
package access

import (
	"fmt"
	"slices"

	"github.com/okence/okence/shared/record"
)

// Role is what somebody is to the contact centre (contract.md, Roles).
type Role string

const (
	Adviser       Role = "adviser"
	Supervisor    Role = "supervisor"
	Custodian     Role = "custodian"
	Officer       Role = "officer"
	DPO           Role = "dpo"
	Administrator Role = "administrator"
	Auditor       Role = "auditor"
	Producer      Role = "producer"
	Subject       Role = "subject"

	// Function is our own code, acting on an event. No token carries it.
	Function Role = "function"
)

// Roles are those that a token can carry.
var Roles = []Role{Adviser, Supervisor, Custodian, Officer, DPO, Administrator, Auditor, Producer, Subject}

// Validate reports whether r is one that a token can carry.
func (r Role) Validate() error {
	if slices.Contains(Roles, r) {
		return nil
	}
	return fmt.Errorf("access: unknown role; one of %v", Roles)
}

// NeedsSecondFactor reports whether a token of this role must prove a second
// factor (K28): every one but machines and the persons themselves.
func (r Role) NeedsSecondFactor() bool { return r != Producer && r != Subject && r != Function }

// Use is the purpose for which a unit of work touches personal data (art.
// 5(1)(b), 6 GDPR). A unit has exactly one.
type Use string

const (
	Intake     Use = "intake"     // storing what people send; no person looks
	Service    Use = "service"    // answering people
	Escalation Use = "escalation" // the second level, by its minimised view
	Rights     Use = "rights"     // data-subject requests
	Claims     Use = "claims"     // legal claims
	Incident   Use = "incident"   // assessing and notifying a breach
	Retention  Use = "retention"  // deleting and anonymising
	Audit      Use = "audit"      // reading the processing log
	Report     Use = "report"     // reporting a breach; opens nothing
	Register   Use = "register"   // reading the registers that the law asks for
	Operation  Use = "operation"  // running the system; opens nothing personal
)

// uses says which role may act for which purpose. A role that is not listed for
// a purpose is refused, and the refusal is noted.
var uses = map[Role][]Use{
	Adviser:       {Service, Report},
	Supervisor:    {Service, Operation, Incident, Report, Register},
	Custodian:     {Escalation, Report},
	Officer:       {Rights, Claims, Incident, Operation, Report, Register},
	DPO:           {Rights, Incident, Audit, Operation, Report, Register},
	Administrator: {Operation, Audit},
	Auditor:       {Audit, Operation, Register},
	Producer:      {Intake, Operation},
	Subject:       {Rights},
	Function:      {Intake, Service, Escalation, Rights, Claims, Incident, Retention, Audit, Operation},
}

// opens says which sealed parts a purpose opens, by the purpose they were
// collected for.
var opens = map[Use][]record.Purpose{
	Intake:     {record.ForService},
	Service:    {record.ForService},
	Escalation: {record.ForService},
	Rights:     {record.ForService, record.ForProof},
	Claims:     {record.ForService, record.ForProof},
	Incident:   {record.ForService, record.ForProof},
	Retention:  {record.ForService},
	Audit:      {record.ForProof},
	Report:     {},
	Register:   {record.ForProof},
	Operation:  {},
}

// May reports whether a role may act for a purpose.
func May(r Role, u Use) bool { return slices.Contains(uses[r], u) }

// UseOf is the purpose that a role acts for first of all, or "": where somebody
// was refused something else, this is what they came for.
func UseOf(r Role) Use {
	if len(uses[r]) == 0 {
		return ""
	}
	return uses[r][0]
}

// Opens reports whether a purpose of use opens data collected for p.
func Opens(u Use, p record.Purpose) bool { return slices.Contains(opens[u], p) }

// UnderRestriction reports whether a purpose stays open while the person's data
// is restricted: storage, legal claims and the person's own requests (art. 18(2)
// GDPR; P17, K22e). Retention may not delete what is restricted.
func UnderRestriction(u Use) bool { return u == Intake || u == Rights || u == Claims }

// Actor is who acts.
type Actor struct {
	ID   string // opaque: token subject, or function name
	Name string // as in the token; sealed in the log, nowhere else
	Role Role
	From string // network address of the request, for people (K10)
	Case string // the matter that the actor named for this access
}

// FunctionActor is our own code of the given function.
func FunctionActor(function string) Actor { return Actor{ID: function, Role: Function} }
