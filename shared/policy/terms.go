package policy

// Terms are all values of a pack at one instant, with everything inherited:
// law, general terms, the versions in force, and an agreement where one
// covers the service. Terms are shared and read-only. Maps are keyed by ids
// of the pack; a missing entry means that the pack says nothing.
type Terms struct {
	Parties     map[string]Participant `json:"parties,omitempty"`     // who is named
	Authority   Authority              `json:"authority,omitzero"`    // supervisory authority
	Processings map[string]Processing  `json:"processings,omitempty"` // what is done, and in which roles

	Classes      ClassRules                   `json:"classes,omitzero"`      // which person is of which class
	Lines        map[string]Line              `json:"lines,omitempty"`       // addresses and accounts
	Services     map[string]Service           `json:"services,omitempty"`    // e-services that get first-level support
	Allowed      map[System]map[Class][]Field `json:"allowed,omitempty"`     // the most that terms may let a system hold (K09)
	Hours        map[string]Hours             `json:"hours,omitempty"`       // "service" is when people are answered
	Holidays     map[string]Holiday           `json:"holidays,omitempty"`    // by date, over the table of the law
	Conversation Conversation                 `json:"conversation,omitzero"` // idle time, merging
	Texts        map[string]Text              `json:"texts,omitempty"`       // notices and answers by key

	RetentionClasses map[RetentionClass]Keeping `json:"retention_classes,omitempty"`
	Retention        map[string]Retention       `json:"retention,omitempty"`
	Anonymisation    Anonymisation              `json:"anonymisation,omitzero"`
	LogStatute       LogStatute                 `json:"log_statute,omitzero"` // what the law asks of a declared log
	Logs             map[string]Log             `json:"logs,omitempty"`

	Breach    Breach    `json:"breach,omitzero"`
	Incidents Incidents `json:"incidents,omitzero"`

	Escalation Escalation         `json:"escalation,omitzero"` // to the next level of support
	Targets    Targets            `json:"targets,omitzero"`    // how soon tickets are begun and solved
	Openings   map[string]Opening `json:"openings,omitempty"`  // tickets that are opened automatically

	Requests Requests            `json:"requests,omitzero"` // data-subject requests
	Rights   map[string]Grounds  `json:"rights,omitempty"`  // grounds by name: erasure, erasure_refusal, restriction …
	Bases    map[Basis]BasisRule `json:"bases,omitempty"`
	Consent  ConsentRules        `json:"consent,omitzero"`

	Instructions  Instructions           `json:"instructions,omitzero"`
	Storage       Storage                `json:"storage,omitzero"` // allowed countries (K19)
	SubProcessing SubProcessing          `json:"subprocessing,omitzero"`
	SubProcessors map[string]SubContract `json:"subprocessors,omitempty"`
	Disclosure    Disclosure             `json:"disclosure,omitzero"`
	Audit         Audit                  `json:"audit,omitzero"`

	Access     AccessRules              `json:"access,omitzero"` // passwords, locks, second factor
	Changes    Changes                  `json:"changes,omitzero"`
	Ending     Ending                   `json:"ending,omitzero"`
	Operations Operations               `json:"operations,omitzero"`
	Evidence   map[string]Recurring     `json:"evidence,omitempty"` // evidence due regularly
	Measures   map[string]MeasureRecord `json:"measures,omitempty"` // rules recorded in words
	References map[string]Reference     `json:"references,omitempty"`
	Cites      map[string]Citation      `json:"cites,omitempty"`
	Repealed   map[string]Date          `json:"repealed,omitempty"` // law id -> first day it was no longer in force

	languages []Language // of the pack, preferred first
	dialCode  string     // of the pack's country
	country   Country
}
