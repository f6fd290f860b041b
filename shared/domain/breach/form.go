package breach

import (
	"slices"
	"time"
)

// Facts are what is known of a breach: the facts, effects and remedial action
// of the register (GDPR art. 33(5)) in the fields of the European Data
// Protection Board's common template (draft of 10 June 2026; rules C). It
// describes data and groups of persons, never a person.
type Facts struct {
	Nature          string   `json:"nature,omitempty"` // what happened: art. 33(3)(a)
	Confidentiality bool     `json:"confidentiality,omitempty"`
	Integrity       bool     `json:"integrity,omitempty"`
	Availability    bool     `json:"availability,omitempty"`
	Unintelligible  bool     `json:"unintelligible,omitempty"`
	Ongoing         bool     `json:"ongoing,omitempty"`
	Estimated       bool     `json:"estimated,omitempty"` // the period is
	IncidentKind    string   `json:"incident_kind,omitempty"`
	External        bool     `json:"external,omitempty"` // the cause lies outside
	Malicious       bool     `json:"malicious,omitempty"`
	Discovered      string   `json:"discovered,omitempty"` // how
	Systems         []string `json:"systems,omitempty"`

	PersonCategories []string `json:"person_categories,omitempty"`
	Persons          int64    `json:"persons,omitempty"` // approximate number; 0: not known
	PersonsExact     bool     `json:"persons_exact,omitempty"`
	DataCategories   []string `json:"data_categories,omitempty"`
	SpecialCategory  bool     `json:"special_category,omitempty"` // GDPR art. 9, 10
	Records          int64    `json:"records,omitempty"`          // approximate number; 0: not known
	RecordsExact     bool     `json:"records_exact,omitempty"`

	PriorMeasures []string `json:"prior_measures,omitempty"`
	Consequences  string   `json:"consequences,omitempty"` // art. 33(3)(c)
	Impacts       []string `json:"impacts,omitempty"`
	Measures      string   `json:"measures,omitempty"`   // taken: art. 33(3)(d)
	Preventive    string   `json:"preventive,omitempty"` // proposed
	Police        bool     `json:"police,omitempty"`
	OtherBodies   []string `json:"other_bodies,omitempty"` // other authorities told
	CrossBorder   []string `json:"cross_border,omitempty"` // states whose persons are concerned
	LeadAuthority string   `json:"lead_authority,omitempty"`

	// PersonsText is what persons are told of the nature, in plain language and
	// without any detail of a special category (art. 34(2)).
	PersonsText string `json:"persons_text,omitempty"`

	CompromisedChannels []string `json:"compromised_channels,omitempty"` // channels that a message to persons avoids
}

// Validate refuses numbers below zero.
func (f Facts) Validate() error {
	if f.Persons < 0 || f.Records < 0 {
		return ErrUnknown
	}
	return nil
}

// Contact is a person or office that can say more: art. 33(3)(b).
type Contact struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Party is an organisation in a notice.
type Party struct {
	Name string `json:"name"`
	Role string `json:"role"`
}

// Form is a notice as structured data, by the fields of the common template.
type Form struct {
	Type       string `json:"type"`                 // "new" or "follow_up"
	Subtype    string `json:"subtype"`              // "complete" or "incomplete"
	Incomplete string `json:"incomplete,omitempty"` // why, where it is
	Earlier    string `json:"earlier_id,omitempty"` // of the notice that it follows
	Reference  string `json:"reference"`            // id of the case
	Joint      bool   `json:"joint,omitempty"`      // of both joint controllers

	Organisation  string   `json:"organisation"` // ours
	Address       string   `json:"address,omitempty"`
	Reporter      string   `json:"reporter"` // function of who releases it
	Contact       Contact  `json:"contact"`
	ContactIsDPO  bool     `json:"contact_is_dpo"`
	OtherParties  []Party  `json:"other_parties,omitempty"`
	AddresseeName string   `json:"addressee"`
	Clauses       []string `json:"clauses"` // under which it is sent

	OccurredFrom   time.Time `json:"occurred_from,omitzero"`
	OccurredTo     time.Time `json:"occurred_to,omitzero"`
	DetectedAt     time.Time `json:"detected_at,omitzero"`
	AwareAt        time.Time `json:"aware_at,omitzero"`
	ToldByOtherAt  time.Time `json:"told_by_other_at,omitzero"`
	LateReasons    string    `json:"late_reasons,omitempty"`
	Facts          Facts     `json:"facts"`
	Severity       string    `json:"severity,omitempty"`
	Risk           Risk      `json:"risk,omitempty"`
	PersonsTold    string    `json:"persons_told,omitempty"` // "yes", "planned", "no"
	PersonsToldAt  time.Time `json:"persons_told_at,omitzero"`
	PersonsGround  string    `json:"persons_ground,omitempty"`  // art. 34(3)
	ContactPurpose string    `json:"contact_purpose,omitempty"` // K27: why the authority is contacted
	ContactAt      time.Time `json:"contact_at,omitzero"`       // K27: when
}

// Addressee says whom a notice is for.
type Addressee string

// Addressees.
const (
	ToAuthority  Addressee = "authority"
	ToController Addressee = "controller"
	ToOther      Addressee = "other"   // the other joint controller (K26)
	ToPlan       Addressee = "plan"    // the other party, before the authority is contacted (K27)
	ToPersons    Addressee = "persons" // art. 34, by a campaign
	ToPublic     Addressee = "public"  // art. 34(3)(c)
)

// Validate reports whether a is one of the addressees above.
func (a Addressee) Validate() error {
	return in("addressee", a, ToAuthority, ToController, ToOther, ToPlan, ToPersons, ToPublic)
}

// Missing lists what a notice lacks, by the names of the items: of art. 33(3)
// and, for the authority, reasons for being late; of art. 34(2) for persons. An
// empty list is a complete notice.
func (f Form) Missing(to Addressee, late bool) []string {
	var out []string
	need := func(ok bool, name string) {
		if !ok {
			out = append(out, name)
		}
	}
	switch to {
	case ToPlan:
		need(f.ContactPurpose != "", "contact_purpose")
		need(!f.ContactAt.IsZero(), "contact_at")
		return out
	case ToPersons, ToPublic:
		need(f.Facts.PersonsText != "", "persons_text")
	default:
		need(f.Facts.Nature != "", "nature")
		need(len(f.Facts.PersonCategories) > 0, "person_categories")
		need(f.Facts.Persons > 0, "persons")
		need(len(f.Facts.DataCategories) > 0, "data_categories")
		need(f.Facts.Records > 0, "records")
		need(!f.AwareAt.IsZero(), "aware_at")
	}
	need(f.Contact.Name != "" && (f.Contact.Email != "" || f.Contact.Phone != ""), "contact")
	need(f.Facts.Consequences != "", "consequences")
	need(f.Facts.Measures != "" || f.Facts.Preventive != "", "measures")
	need(!late || to != ToAuthority || f.LateReasons != "", "late_reasons")
	return out
}

// never are the items that no phase may leave out: who can say more, since when
// we know, and what is known of the nature (GDPR art. 33(4) lets the rest
// follow); why it is late, where it is.
var never = []string{"nature", "contact", "aware_at", "late_reasons", "contact_purpose", "contact_at"}

// Phased reports whether what is missing may follow in a later phase.
func Phased(to Addressee, missing []string) bool {
	if to == ToPersons || to == ToPublic { // art. 34 knows no phases
		return len(missing) == 0
	}
	return !slices.ContainsFunc(missing, func(m string) bool { return slices.Contains(never, m) })
}
