package policy

// Requests is how data-subject requests are received, routed and answered.
type Requests struct {
	Answer       Answer                         `json:"answer,omitzero"`
	Extension    Extension                      `json:"extension,omitzero"`
	Suspend      *bool                          `json:"suspend,omitempty"` // doubt about identity stops the clock
	Indirect     Span                           `json:"indirect,omitzero"` // art. 14(3)(a) notice
	IndirectAlso []string                       `json:"indirect_also,omitempty"`
	Free         *bool                          `json:"free,omitempty"`
	Intake       Intake                         `json:"intake,omitzero"`
	Routing      Routing                        `json:"routing,omitzero"`
	Competence   map[Scope]map[Right]Competence `json:"competence,omitempty"`
	Verify       Verification                   `json:"verify,omitzero"`
	Package      AccessPackage                  `json:"package,omitzero"`
	Notices      InformationNotice              `json:"notices,omitzero"`
	Decides      []Person                       `json:"decides,omitempty"`    // a named person decides (A8)
	Advises      []Person                       `json:"advises,omitempty"`    // never both in one case (GDPR art. 38(6))
	OwnCopies    []string                       `json:"own_copies,omitempty"` // what erasure never reaches (A8)

	// EraseAfter bounds how long a granted erasure waits for its own answer to
	// leave: the address that it goes to is erased too. A restriction that is to
	// be lifted waits as long for the notice to the person (P17).
	EraseAfter Span `json:"erase_after,omitzero"`
}

// Answer is when the final answer must be with the person. With both spans
// given the earlier end counts (rules B2.9).
type Answer struct {
	Within Span     `json:"within,omitzero"`
	Days   Span     `json:"days,omitzero"`
	Codes  []string `json:"codes,omitempty"` // rule codes of rules B5
}

// Extension of the answer, counted from receipt in one step (rules B2.3).
type Extension struct {
	Total      Span     `json:"total,omitzero"`
	TellWithin Span     `json:"tell_within,omitzero"` // the person has the reasons by then
	Delivered  *bool    `json:"delivered,omitempty"`  // delivered, not sent, by then (P20)
	Grounds    []string `json:"grounds,omitempty"`
}

// Intake is where and how requests may come in (K24).
type Intake struct {
	Channels  []Channel `json:"channels,omitempty"`
	Addresses []string  `json:"addresses,omitempty"`
	Complaint string    `json:"complaint,omitempty"` // procedure for complaints
}

// Routing is what the first receiver does (K20). Texts are keys of Texts.
type Routing struct {
	NotJoint    string `json:"not_joint,omitempty"`
	OtherParty  string `json:"other_party,omitempty"`
	Unclear     string `json:"unclear,omitempty"`
	Forward     Span   `json:"forward,omitzero"` // "0h": at once
	Confirm     Span   `json:"confirm,omitzero"` // by the party it was handed to
	Disagree    string `json:"disagree,omitempty"`
	FinalAnswer string `json:"final_answer,omitempty"`
	Meeting     Span   `json:"meeting,omitzero"` // of joint controllers that do not agree
}

// Competence is who answers a right over a scope of data, and how far.
type Competence struct {
	By      string  `json:"by"` // party id, or "granter": whoever granted the right (K22 f)
	Outcome Outcome `json:"outcome"`
	Method  string  `json:"method,omitempty"`
	Reason  string  `json:"reason,omitempty"` // key of a text; required when refused
}

// Verification is how a requester's identity is checked (P10, P11).
type Verification struct {
	When       []string `json:"when,omitempty"`
	Not        []string `json:"not,omitempty"`
	Methods    []string `json:"methods,omitempty"`
	Doubt      []string `json:"doubt,omitempty"`
	CopiesOfID *bool    `json:"copies_of_id,omitempty"` // identity documents copied for identification alone (A8: never)

	AskWithin Span `json:"ask_within,omitzero"`  // doubt raised later does not stop the clock
	Wait      Span `json:"wait,omitzero"`        // how long the person has to answer before an officer decides without
	CodeLife  Span `json:"code_life,omitzero"`   // of a one-time code
	CodeTries int  `json:"code_tries,omitempty"` // wrong codes until a request is locked
	CodeRest  Span `json:"code_rest,omitzero"`   // how long it stays locked
}

// AccessPackage is what an access answer holds (GDPR art. 15; P08, P09).
type AccessPackage struct {
	Items       []string `json:"items,omitempty"`
	OthersData  string   `json:"others_data,omitempty"` // "redacted"
	Delivery    []string `json:"delivery,omitempty"`
	Portability []string `json:"portability,omitempty"` // what a portable copy leaves out (P18)
}

// InformationNotice is what arts. 13 and 14 notices hold (P06) and where they stand.
type InformationNotice struct {
	Direct   []string `json:"direct,omitempty"`
	Indirect []string `json:"indirect,omitempty"` // besides the direct items
	Where    string   `json:"where,omitempty"`
	Version  string   `json:"version,omitempty"` // of the notice that first answers refer to
}

// Grounds is a closed list in the words of the source, with what goes with it.
type Grounds struct {
	Items   []string `json:"items"`
	Needs   []string `json:"needs,omitempty"`   // what must be shown besides
	Effect  string   `json:"effect,omitempty"`  // what follows
	Decides Person   `json:"decides,omitempty"` // who decides
}

// BasisRule bounds the use of a lawful basis (P01, P05).
type BasisRule struct {
	Special *bool  `json:"special,omitempty"` // may carry special categories
	Only    string `json:"only,omitempty"`
}

// ConsentRules is what counts as consent (P02, P03; GDPR arts. 4(11), 7).
type ConsentRules struct {
	Given       []string `json:"given,omitempty"`   // acts that give it
	Never       []string `json:"never,omitempty"`   // acts that do not
	Bundled     *bool    `json:"bundled,omitempty"` // part of accepting terms
	Proof       []string `json:"proof,omitempty"`
	InformedOf  []string `json:"informed_of,omitempty"`
	Withdraw    []string `json:"withdraw,omitempty"`
	OptOut      *bool    `json:"opt_out,omitempty"`     // in every mail based on consent
	Retroactive *bool    `json:"retroactive,omitempty"` // withdrawal reaches back
	Explicit    []Field  `json:"explicit,omitempty"`    // fields that need explicit consent (P04)
	NeverPublic []Field  `json:"never_public,omitempty"`
}
