package breachfile

import (
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/policy"
)

// Ask is what an officer gives for a notice beside what the case knows.
type Ask struct {
	To         breach.Addressee `json:"to"`
	Relation   string           `json:"relation,omitempty"`
	Language   string           `json:"language"`
	Joint      bool             `json:"joint,omitempty"`
	Phased     bool             `json:"phased,omitempty"`
	FollowUpAt time.Time        `json:"follow_up_at,omitzero"`
	Reason     string           `json:"reason"`

	Contact        breach.Contact `json:"contact,omitzero"` // in place of the pack's data protection officer
	LateReasons    string         `json:"late_reasons,omitempty"`
	ContactPurpose string         `json:"contact_purpose,omitempty"` // K27
	ContactAt      time.Time      `json:"contact_at,omitzero"`       // K27

	PerMinute int `json:"per_minute,omitempty"` // of a notice to persons: how many at most
	Scope     int `json:"scope,omitempty"`      // of a notice to persons: number of the scope that lists them

	SpecialRead bool `json:"special_read,omitempty"` // the officer has read the words that look like a special category, and they tell nothing of anybody
}

// Compose fills the common template from the case, the pack and what the
// officer gives. The contact that the sources forget (art. 33(3)(b) GDPR) is the
// pack's data protection officer unless another is given.
func Compose(set *policy.Set, c *breach.Case, a Ask, r Recipient) (breach.Form, error) {
	f := breach.Form{
		Type: "new", Subtype: "complete", Reference: c.ID, Joint: a.Joint, Facts: c.Facts, Risk: c.Risk, Contact: a.Contact,
		AddresseeName: r.Name, Reporter: breach.OfficerRole, LateReasons: a.LateReasons, ContactPurpose: a.ContactPurpose, ContactAt: a.ContactAt.UTC(),
	}
	if a.ContactAt.IsZero() {
		f.ContactAt = time.Time{}
	}
	f.OccurredFrom, _ = c.At(breach.OccurredFrom)
	f.OccurredTo, _ = c.At(breach.OccurredTo)
	f.DetectedAt, _ = c.At(breach.Detected)
	f.AwareAt, _ = c.At(breach.Aware)
	if a.To == breach.ToController {
		if at, ok := c.At(breach.ProcessorAware); ok {
			f.AwareAt = at
		}
	}
	if c.Source == breach.FromProcessor || c.Source == breach.FromPartner {
		f.ToldByOtherAt = c.ReportedAt
	}
	if n := len(c.Assessments); n > 0 {
		f.Severity = string(c.Assessments[n-1].Result.Level)
	}
	switch d := c.Exemption(); {
	case d != breach.NotExempt:
		f.PersonsTold, f.PersonsGround = "no", string(d)
	case c.Risk == breach.HighRisk:
		f.PersonsTold = "planned"
	}
	for _, d := range c.Done {
		if d.Task == breach.Name(breach.TellPersons, "") || d.Task == breach.Name(breach.PublicNotice, "") {
			f.PersonsTold, f.PersonsToldAt = "yes", d.At
		}
	}
	rel := c.Relation(a.Relation)
	if rel == nil && len(c.Relations) > 0 { // to persons: as the controller that we are
		rel = &c.Relations[0]
		for i := range c.Relations {
			if c.Relations[i].Role != breach.Processor {
				rel = &c.Relations[i]
				break
			}
		}
	}
	if rel == nil {
		return f, nil
	}
	d, err := dated(set, *rel)
	if err != nil {
		return f, err
	}
	terms := d.At(f.AwareAt)
	us := terms.Parties[rel.We]
	f.Organisation, f.Address = us.Name, us.Address
	if f.Contact == (breach.Contact{}) && (us.DPO.Email != "" || us.DPO.Phone != "") {
		f.Contact, f.ContactIsDPO = breach.Contact{Name: us.DPO.Name, Email: us.DPO.Email, Phone: us.DPO.Phone}, true
		if f.Contact.Name == "" {
			f.Contact.Name = us.Name
		}
	}
	if p, ok := terms.Parties[rel.Other]; ok && a.To == breach.ToAuthority {
		f.OtherParties = []breach.Party{{Name: p.Name, Role: otherRole(terms, rel.Other)}}
	}
	f.Clauses = []string{clauseOf(d, a.To, f.AwareAt)}
	return f, nil
}

// paths of the pack under which the clause of a notice stands.
var paths = map[breach.Addressee]string{
	breach.ToAuthority: "breach.authority.within", breach.ToController: "breach.processor.within", breach.ToOther: "breach.joint.tell_other",
	breach.ToPlan: "breach.joint.tell_before_call", breach.ToPersons: "breach.persons.when", breach.ToPublic: "breach.persons.when",
}

func clauseOf(d policy.Dated, to breach.Addressee, at time.Time) string { return d.Cite(paths[to], at) }

// otherRole is what a party of the pack is, in the first processing that names it.
func otherRole(t *policy.Terms, party string) string {
	for _, name := range sortedNames(t.Processings) {
		if r, ok := t.Processings[name].Roles[party]; ok {
			return string(r)
		}
	}
	return ""
}

// Measures are those taken and those proposed, as one text.
func Measures(f breach.Form) string {
	return strings.Join(filled(f.Facts.Measures, f.Facts.Preventive), " ")
}

// ContactLine is the contact as one line.
func ContactLine(f breach.Form) string {
	return strings.Join(filled(f.Contact.Name, f.Contact.Email, f.Contact.Phone), ", ")
}
