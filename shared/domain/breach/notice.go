package breach

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Notice is one version of one notice: what it says, and what became of it. A
// notice that was released is never changed; what is learned later is a further
// one.
type Notice struct {
	_          struct{}  `data:"owner=~breach class=breach purpose=proof"`
	ID         string    `json:"id" data:"technical"`
	BreachID   string    `json:"breach_id" data:"technical"`
	No         int       `json:"no" data:"technical"` // in the case, from 1: its version
	To         Addressee `json:"to" data:"technical"`
	Relation   string    `json:"relation,omitempty" data:"technical"`
	Task       string    `json:"task" data:"technical"` // name of the clock that it serves
	Language   string    `json:"language" data:"technical"`
	Phased     bool      `json:"phased,omitempty" data:"technical"`
	Missing    []string  `json:"missing,omitempty" data:"technical"` // what follows in a later phase
	Drill      bool      `json:"drill,omitempty" data:"technical"`   // nothing is sent
	ReleasedAt time.Time `json:"released_at" data:"technical"`
	SHA256     string    `json:"sha256" data:"technical"`              // hex, of HTML: stands in the processing log
	PDFSHA256  string    `json:"pdf_sha256" data:"technical"`          // hex
	LetterID   string    `json:"letter_id,omitempty" data:"technical"` // of the register of notices sent: the proof

	ReleasedBy Person `json:"released_by" data:"personal activity"`
	Mailbox    string `json:"mailbox,omitempty" data:"personal address"`
	Form       Form   `json:"form" data:"personal content"`
	HTML       []byte `json:"-" data:"personal content file"`
	PDF        []byte `json:"-" data:"personal content file"`
}

// FollowUp is what a phased notice leaves due (GDPR art. 33(4)).
type FollowUp struct {
	Name     string    `json:"name"` // of its clock
	To       Addressee `json:"to"`
	Relation string    `json:"relation,omitempty"`
	Notice   string    `json:"notice"`
	Missing  []string  `json:"missing"`
	Since    time.Time `json:"since"`
	DueAt    time.Time `json:"due_at"`
	Law      string    `json:"law"`
}

// Release is what an officer lets out.
type Release struct {
	To         Addressee
	Relation   string
	Joint      bool      // the notice to the authority is that of both joint controllers
	Phased     bool      // what is missing follows
	FollowUpAt time.Time // by when, as the officer says; after now
	Form       Form
	By         Person
	Reason     string // why now, and why so
	NoticeID   string
	No         int // of the notice, in the case

	SpecialRead bool // an officer has read the words of [SpecialWords], and they tell nothing of anybody
}

// Tasks of the addressees.
func (r Release) task() Task {
	switch r.To {
	case ToAuthority:
		if r.Joint {
			return JointNotice
		}
		return TellAuthority
	case ToController:
		return TellController
	case ToOther:
		return TellOther
	case ToPersons:
		return TellPersons
	case ToPublic:
		return PublicNotice
	}
	return ""
}

// name is that of the clock which the notice serves.
func (r Release) name() string {
	switch r.To {
	case ToPersons, ToPublic:
		return Name(r.task(), "")
	case ToPlan:
		return planned(r.Relation)
	}
	return Name(r.task(), r.Relation)
}

// Let is an officer's release of a notice. It returns what is missing: with
// ErrIncomplete the notice is refused for it; without an error it is phased and
// the rest is due as a follow-up. Where we are processor, the controller is told
// and nobody else; an authority is told only for what we are controller of.
// ErrSpecial: a text to persons may tell of a special category (art. 34(2) asks
// for no such detail). ErrTellFirst: K27, see [Case.Gate]. clocks are those of the case.
func (c *Case) Let(r Release, terms Terms, clocks []Clock, now time.Time) (missing []string, err error) {
	if err := r.To.Validate(); err != nil {
		return nil, err
	}
	if err := c.allowed(r); err != nil {
		return nil, err
	}
	if r.To == ToAuthority && !c.Gate(r.Relation, terms, clocks, now) {
		return nil, ErrTellFirst
	}
	if (r.To == ToPersons || r.To == ToPublic) && !r.SpecialRead && len(SpecialWords(r.Form.Told())) > 0 {
		return nil, ErrSpecial
	}
	name := r.name()
	i := slices.IndexFunc(clocks, func(k Clock) bool { return k.Name == name })
	late := i >= 0 && !clocks[i].AtOnce && !now.Before(clocks[i].EndAt)
	missing = r.Form.Missing(r.To, late)
	switch {
	case len(missing) > 0 && !r.Phased, !Phased(r.To, missing):
		return missing, ErrIncomplete
	case r.Phased && len(missing) > 0 && (r.FollowUpAt.IsZero() || !r.FollowUpAt.After(now)):
		return append(missing, "follow_up_at"), ErrIncomplete
	case r.Reason == "":
		return missing, ErrReason
	}
	if err := c.decide(r.By, "notice_released", r.NoticeID, now); err != nil {
		return missing, err
	}
	c.Decisions = append(c.Decisions, Decision{Kind: DecideRelease, Value: string(r.To), Relation: r.Relation, By: r.By, At: now.UTC(), Reason: r.Reason, Advice: len(c.Advices)})
	c.Finish(name, r.NoticeID, late, now)
	for _, f := range c.FollowUps { // it carries what earlier ones left due
		if f.To == r.To && f.Relation == r.Relation {
			c.Finish(f.Name, r.NoticeID, !now.Before(f.DueAt), now)
		}
	}
	if len(missing) > 0 {
		law := terms.FollowUp
		c.FollowUps = append(c.FollowUps, FollowUp{
			Name: Name(FurtherPhase, strconv.Itoa(r.No)), To: r.To, Relation: r.Relation, Notice: r.NoticeID,
			Missing: missing, Since: now.UTC(), DueAt: r.FollowUpAt.UTC(), Law: law,
		})
	}
	return missing, nil
}

// Told is all that persons read of a notice.
func (f Form) Told() string {
	return strings.Join([]string{f.Facts.PersonsText, f.Facts.Consequences, f.Facts.Measures}, "\n")
}

func (c *Case) allowed(r Release) error {
	if r.To == ToPersons || r.To == ToPublic {
		if !c.anyController() {
			return ErrNotOurs
		}
		return nil
	}
	rel := c.Relation(r.Relation)
	if rel == nil {
		return ErrUnknown
	}
	ok := map[Addressee]bool{
		ToAuthority:  rel.Role != Processor,
		ToController: rel.Role == Processor,
		ToOther:      rel.Role == Joint,
		ToPlan:       rel.Role == Joint,
	}[r.To]
	if !ok || (r.Joint && rel.Role != Joint) {
		return ErrNotOurs
	}
	return nil
}

// planned names the task of telling the other party when and why the authority
// will be contacted (K27). It has no clock; once it is done the gate is open.
func planned(pack string) string { return Name("plan", pack) }

// Gate reports whether the authority may be contacted under a relation: where
// the terms ask for it (K27) once the other party was told. It never holds up
// the notice itself: from the last warning before the limit on it stands open.
func (c *Case) Gate(pack string, terms Terms, clocks []Clock, now time.Time) bool {
	rel := c.Relation(pack)
	if rel == nil || rel.Role != Joint || terms.TellFirst == "" || c.done(planned(pack)) != nil {
		return true
	}
	for _, k := range clocks {
		if k.Name == Name(TellAuthority, pack) {
			return !now.Before(lastWarning(k))
		}
	}
	return true
}

// lastWarning is the instant of a clock's last warning, or of its end.
func lastWarning(k Clock) time.Time {
	if len(k.Warn) == 0 {
		return k.EndAt
	}
	return k.StartAt.Add(time.Duration(float64(k.EndAt.Sub(k.StartAt)) * k.Warn[len(k.Warn)-1]))
}

// Last reports whether an instant is at or after the clock's last warning.
func (k Clock) Last(at time.Time) bool { return !at.Before(lastWarning(k).Truncate(time.Millisecond)) }

// NoticeID is the id of a case's notice by its number.
func NoticeID(id string, no int) string { return fmt.Sprintf("%s.n%d", id, no) }

// ScopeID is the id of a case's scope by its number.
func ScopeID(id string, no int) string { return fmt.Sprintf("%s.s%d", id, no) }

// CampaignID is the id of the campaign that a notice to persons starts.
func CampaignID(notice string) string { return notice + ".c" }
