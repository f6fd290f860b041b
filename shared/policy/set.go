package policy

import (
	"fmt"
	"slices"
	"strings"
)

// inSet is the one way a closed set is checked. The value is a key of a pack,
// never personal data, so the error may name it.
func inSet[T ~string](what string, v T, set []T) error {
	if slices.Contains(set, v) {
		return nil
	}
	return fmt.Errorf("%s %q: want one of %s", what, string(v), list(set))
}

func list[T ~string](set []T) string { return strings.Join(stringList(set), ", ") }

func stringList[T ~string](set []T) []string {
	s := make([]string, len(set))
	for i, v := range set {
		s[i] = string(v)
	}
	return s
}

// Kind says what a pack is.
type Kind string

// Kinds of packs.
const (
	Law   Kind = "law"   // what a union or a state demands of everybody
	Party Kind = "party" // what a controller or processor and its partners agreed
)

var kinds = []Kind{Law, Party}

// Validate reports whether k is one of the kinds above.
func (k Kind) Validate() error { return inSet("kind", k, kinds) }

// Language of a text, by ISO 639-1.
type Language string

// Languages that notices and answers are written in.
const (
	Slovenian Language = "sl"
	English   Language = "en"
	Slovak    Language = "sk"
)

var languages = []Language{Slovenian, English, Slovak}

// Validate reports whether l is one of the languages above.
func (l Language) Validate() error { return inSet("language", l, languages) }

// Class is the class of person that decides line, legal basis, retention and
// access (K02). It belongs to a conversation or ticket, not to a contact (A8).
type Class string

// Classes of persons.
const (
	Anyone   Class = "anyone"   // every class; only in rules, never of a person
	Servant  Class = "servant"  // public servant (ekc 1.2(3))
	Other    Class = "other"    // citizen, foreigner, business (ekc 1.2(3))
	User     Class = "user"     // user of a processor's product
	Cashier  Class = "cashier"  // saopnet 1.2
	Customer Class = "customer" // customer of the controller that a processor serves
	Patient  Class = "patient"  // laboss annex A
	Partner  Class = "partner"  // contact person of a business partner
	Employee Class = "employee" // of the controller
	Visitor  Class = "visitor"
)

var classes = []Class{Anyone, Servant, Other, User, Cashier, Customer, Patient, Partner, Employee, Visitor}

// Validate reports whether c is one of the classes above.
func (c Class) Validate() error { return inSet("class", c, classes) }

// Channel is a way to reach or be reached.
type Channel string

// Channels: the six of ekc 3.1.1, the desk's self-service, post and in person.
const (
	Voice       Channel = "voice"
	Email       Channel = "email"
	Viber       Channel = "viber"
	WhatsApp    Channel = "whatsapp"
	SMS         Channel = "sms"
	LiveChat    Channel = "livechat"
	SelfService Channel = "selfservice"
	Post        Channel = "post"
	InPerson    Channel = "in_person"
	Web         Channel = "web"
)

var channels = []Channel{Voice, Email, Viber, WhatsApp, SMS, LiveChat, SelfService, Post, InPerson, Web}

// Validate reports whether c is one of the channels above.
func (c Channel) Validate() error { return inSet("channel", c, channels) }

// Role of a party in one processing (GDPR arts. 4(7), 4(8), 26, 28). It
// attaches to the processing, never to the party (A8).
type Role string

// Roles.
const (
	Controller      Role = "controller"
	JointController Role = "joint_controller"
	Processor       Role = "processor"
	SubProcessor    Role = "subprocessor"
)

var roles = []Role{Controller, JointController, Processor, SubProcessor}

// Validate reports whether r is one of the roles above.
func (r Role) Validate() error { return inSet("role", r, roles) }

// Basis is a lawful basis (GDPR art. 6(1); P01).
type Basis string

// The six bases.
const (
	Consent             Basis = "consent"
	Contract            Basis = "contract"
	LegalObligation     Basis = "legal_obligation"
	VitalInterests      Basis = "vital_interests"
	PublicTask          Basis = "public_task"
	LegitimateInterests Basis = "legitimate_interests"
)

var bases = []Basis{Consent, Contract, LegalObligation, VitalInterests, PublicTask, LegitimateInterests}

// Validate reports whether b is one of the bases above.
func (b Basis) Validate() error { return inSet("basis", b, bases) }

// System is where data are kept.
type System string

// Systems: the omnichannel platform, the service desk, and processors' products.
const (
	Platform System = "platform"
	Desk     System = "desk"
	Product  System = "product"
)

var systems = []System{Platform, Desk, Product}

// Validate reports whether s is one of the systems above.
func (s System) Validate() error { return inSet("system", s, systems) }

// RetentionClass groups data that live equally long; one key per person and
// retention class seals them (design, decision 5).
type RetentionClass string

// Retention classes.
const (
	ChannelData RetentionClass = "channel"   // messages, calls, recordings, transcripts
	CaseData    RetentionClass = "case"      // tickets and their logs
	AccountData RetentionClass = "account"   // users of a product, advisers
	ProductData RetentionClass = "product"   // what a controller keeps in a processor's product
	LogData     RetentionClass = "log"       // processing log of the platform
	LoginLog    RetentionClass = "login_log" // log-ins to the service desk
	DeskLog     RetentionClass = "desk_log"  // change audit of the service desk
	RequestFile RetentionClass = "request"   // data-subject requests and their answers
	BreachFile  RetentionClass = "breach"    // breach register (GDPR art. 33(5))
	ConsentFile RetentionClass = "consent"   // proof of consent (GDPR art. 7(1))
	IntakeData  RetentionClass = "intake"    // sealed at the edge, not yet handled
)

var retentionClasses = []RetentionClass{ChannelData, CaseData, AccountData, ProductData, LogData, LoginLog, DeskLog, RequestFile, BreachFile, ConsentFile, IntakeData}

// Validate reports whether c is one of the retention classes above.
func (c RetentionClass) Validate() error { return inSet("retention class", c, retentionClasses) }
